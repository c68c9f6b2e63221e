//! The state machine against a model that is written otherwise.

use catalog::domain::{
    Details, Listing, NewListing, ProductKind, ProductStatus, Unit, VariantDetails,
};
use chrono::{DateTime, Duration, Utc};
use kernel::{Id, Money};
use proptest::prelude::*;
use uuid::Uuid;

#[derive(Debug, Clone, Copy)]
enum Step {
    Edit,
    Publish,
    Unpublish,
    Archive,
    Suspend,
    Reinstate,
    AddVariant { has_weight: bool, price: i64 },
    RemoveVariant { index: usize },
    Price { index: usize, price: i64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        Just(Step::Edit),
        Just(Step::Publish),
        Just(Step::Unpublish),
        Just(Step::Archive),
        Just(Step::Suspend),
        Just(Step::Reinstate),
        (any::<bool>(), 1_i64..100)
            .prop_map(|(has_weight, price)| Step::AddVariant { has_weight, price }),
        (0_usize..4).prop_map(|index| Step::RemoveVariant { index }),
        (0_usize..4, 1_i64..100).prop_map(|(index, price)| Step::Price { index, price }),
    ];
    prop::collection::vec(step, 0..40)
}

fn start_time() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn variant(number: u128, price: i64, has_weight: bool) -> VariantDetails {
    VariantDetails {
        sku: format!("sku-{number}"),
        name: "x".to_owned(),
        option_values: vec![catalog::domain::OptionValue {
            name: "n".to_owned(),
            value: number.to_string(),
        }],
        price: Money::rupiah(price),
        compare_at_price: None,
        weight_grams: has_weight.then_some(1),
        dimensions: None,
    }
}

fn draft(has_weight: bool) -> Listing {
    let new = NewListing {
        id: Id::from_uuid(Uuid::from_u128(1)),
        seller_id: Id::from_uuid(Uuid::from_u128(2)),
        slug: "kangkung".to_owned(),
        kind: ProductKind::Physical,
        details: Details {
            category_id: Id::from_uuid(Uuid::from_u128(3)),
            name: "Kangkung".to_owned(),
            description: String::new(),
            unit: Unit::Bunch,
            is_perishable: true,
            features: Vec::new(),
            attributes: std::collections::BTreeMap::new(),
        },
        variants: vec![(
            Id::from_uuid(Uuid::from_u128(100)),
            variant(100, 10, has_weight),
        )],
    };
    Listing::create(new, start_time()).unwrap()
}

/// What we believe of a product: its state, whether it was ever on the shelf, and its variants as
/// (number, price, has a weight).
#[derive(Debug, Clone, PartialEq)]
struct Model {
    status: ProductStatus,
    was_published: bool,
    variants: Vec<(u128, i64, bool)>,
    version: i32,
}

impl Model {
    /// Does the step in words of its own; gives whether it was possible.
    fn apply(&mut self, step: Step, fresh: u128) -> bool {
        use ProductStatus::{Active, Archived, Draft, Suspended};
        let before = self.clone();
        let possible = match step {
            Step::Publish => self.status == Draft,
            Step::Unpublish => matches!(self.status, Active | Archived),
            Step::Archive => matches!(self.status, Draft | Active),
            Step::Suspend => self.status != Suspended,
            Step::Reinstate => self.status == Suspended,
            Step::RemoveVariant { index } => {
                self.status != Archived && index < self.variants.len() && self.variants.len() > 1
            }
            Step::Price { index, .. } => self.status != Archived && index < self.variants.len(),
            Step::Edit | Step::AddVariant { .. } => self.status != Archived,
        };
        match step {
            _ if !possible => {}
            Step::Publish => (self.status, self.was_published) = (Active, true),
            Step::Unpublish | Step::Reinstate => self.status = Draft,
            Step::Archive => self.status = Archived,
            Step::Suspend => self.status = Suspended,
            Step::Edit => {}
            Step::AddVariant { has_weight, price } => {
                self.variants.push((fresh, price, has_weight));
            }
            Step::RemoveVariant { index } => drop(self.variants.remove(index)),
            Step::Price { index, price } => self.variants[index].1 = price,
        }
        let fits_the_shelf =
            self.status != Active || self.variants.iter().all(|(_, _, weight)| *weight);
        if !possible || !fits_the_shelf {
            *self = before;
            return false;
        }
        self.version += 1;
        true
    }
}

fn perform(listing: &mut Listing, step: Step, fresh: u128, now: DateTime<Utc>) -> bool {
    let mut changed = listing.clone();
    let id_at = |index: usize| {
        let variant = listing.variants.get(index);
        variant.map_or_else(|| Id::from_uuid(Uuid::nil()), |variant| variant.id)
    };
    let outcome = match step {
        Step::Edit => changed.edit(listing.product.details.clone(), &[], now),
        Step::Publish => changed.publish(&[], now),
        Step::Unpublish => changed.unpublish(now),
        Step::Archive => changed.archive(now),
        Step::Suspend => changed.suspend("melanggar".to_owned(), now),
        Step::Reinstate => changed.reinstate("diperbaiki", now),
        Step::AddVariant { has_weight, price } => changed.add_variant(
            Id::from_uuid(Uuid::from_u128(fresh)),
            variant(fresh, price, has_weight),
            now,
        ),
        Step::RemoveVariant { index } => changed.remove_variant(id_at(index), now).map(drop),
        Step::Price { index, price } => {
            let details = listing
                .variants
                .get(index)
                .map(|variant| variant.details.clone());
            let mut details = details.unwrap_or_else(|| variant(0, 1, true));
            details.price = Money::rupiah(price);
            changed.update_variant(id_at(index), details, now).map(drop)
        }
    };
    // As in a command: what is refused is not saved.
    if outcome.is_ok() {
        *listing = changed;
    }
    outcome.is_ok()
}

proptest! {
    // T-PRD-9: the table of transitions, prices and versions
    #[test]
    fn any_sequence_of_steps_leaves_the_product_as_the_model_says(
        has_weight: bool, steps in steps(),
    ) {
        let mut listing = draft(has_weight);
        let mut model = Model {
            status: ProductStatus::Draft,
            was_published: false,
            variants: vec![(100, 10, has_weight)],
            version: 1,
        };
        for (number, step) in (0_u32..).zip(steps) {
            let fresh = 1_000 + u128::from(number);
            let now = start_time() + Duration::seconds(i64::from(number));
            let done = perform(&mut listing, step, fresh, now);
            prop_assert_eq!(done, model.apply(step, fresh), "{:?} at {:?}", step, model);
            let product = &listing.product;
            let variants: Vec<_> = listing.variants.iter().map(|variant| {
                let details = &variant.details;
                (variant.id.uuid().as_u128(), details.price.minor_units(), details.weight_grams.is_some())
            }).collect();
            let seen = Model {
                status: product.status,
                was_published: product.published_at.is_some(),
                variants,
                version: product.version,
            };
            prop_assert_eq!(&seen, &model);
            let prices = model.variants.iter().map(|(_, price, _)| *price);
            prop_assert_eq!(product.min_price.minor_units(), prices.clone().min().unwrap());
            prop_assert_eq!(product.max_price.minor_units(), prices.max().unwrap());
            let positions: Vec<_> = listing.variants.iter().map(|variant| variant.position).collect();
            prop_assert!(positions.is_sorted_by(|a, b| a < b));
            prop_assert_eq!(product.suspension_reason.is_some(), product.status == ProductStatus::Suspended);
            prop_assert_eq!(
                listing.check_deletable().is_ok(),
                model.status == ProductStatus::Draft && !model.was_published
            );
        }
    }

    // T-CAT-9: a value that was accepted is accepted again, unchanged
    #[test]
    fn canonical_values_stay_as_they_are(text in ".{0,40}", number: f64) {
        use catalog::domain::{Attribute, AttributeKind, Definition};
        for kind in [AttributeKind::Text, AttributeKind::Number, AttributeKind::Boolean] {
            let definition = Definition {
                label: "x".to_owned(), unit: None, options: Vec::new(), is_required: false,
            };
            let id = Id::from_uuid(Uuid::nil());
            let attribute = Attribute::create(id, "x".to_owned(), kind, definition, start_time()).unwrap();
            for value in [&text, &number.to_string()] {
                if let Ok(canonical) = attribute.canonical(value) {
                    prop_assert_eq!(attribute.canonical(&canonical), Ok(canonical));
                }
            }
        }
    }

    #[test]
    fn a_slug_made_from_any_name_is_a_slug(name in ".*") {
        use catalog::domain::text::{is_slug, slug_from};
        let slug = slug_from(&name, "product");
        prop_assert!(is_slug(&slug) && slug.len() <= 88, "{slug}");
    }
}
