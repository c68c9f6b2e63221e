//! What a search finds, by looking at every document: slow, and plain enough to be believed.

use std::{cmp::Reverse, collections::BTreeMap};

use kernel::ProductId;
use search::domain::{
    CategoryCount, Document, Facets, Filter, LocationCount, PRICE_BUCKETS, PriceCount, RatingCount,
    Sort, text::words,
};

/// The kinds of conditions.
const KINDS: [&str; 5] = ["category", "price", "rating", "location", "stock"];

fn meets(document: &Document, filter: &Filter, kind: &str) -> bool {
    let seller = &document.seller;
    match kind {
        "category" => filter
            .category
            .is_none_or(|id| document.category.path.contains(&id)),
        "price" => {
            filter.price_min.is_none_or(|min| document.min_price >= min)
                && filter.price_max.is_none_or(|max| document.min_price <= max)
        }
        "rating" => filter
            .min_rating
            .is_none_or(|rating| document.rating >= rating),
        "location" => {
            (filter.cities.is_empty() && filter.provinces.is_empty())
                || filter.cities.contains(&seller.city)
                || filter.provinces.contains(&seller.province)
        }
        _ => !filter.in_stock || document.stock > 0,
    }
}

/// Whether a document has the word, unstemmed, where engines look.
pub(crate) fn says(document: &Document, word: &str) -> bool {
    let texts = [&document.name, &document.brand, &document.description].into_iter();
    let texts = texts
        .chain(&document.features)
        .chain(document.attributes.values());
    let mut texts = texts.chain(&document.category.names);
    texts.any(|text| words(text).iter().any(|known| known == word))
}

/// The documents that meet all conditions.
pub(crate) fn filtered<'a>(documents: &'a [Document], filter: &Filter) -> Vec<&'a Document> {
    let fits = |document: &&Document| KINDS.iter().all(|kind| meets(document, filter, kind));
    documents.iter().filter(fits).collect()
}

/// Their products in the order of `sort`, which is not relevance.
pub(crate) fn sorted(mut found: Vec<&Document>, sort: Sort) -> Vec<ProductId> {
    match sort {
        Sort::Relevance => panic!("engines differ about relevance"),
        Sort::PriceAsc => found.sort_by_key(|one| (one.min_price, one.product_id)),
        Sort::PriceDesc => found.sort_by_key(|one| Reverse((one.min_price, one.product_id))),
        Sort::Newest => found.sort_by_key(|one| Reverse((one.created_at, one.product_id))),
        Sort::BestSelling => {
            found.sort_by_key(|one| Reverse((one.sold, one.rating_count, one.product_id)));
        }
    }
    found.into_iter().map(|one| one.product_id).collect()
}

/// The facets of `documents`, which are what the text finds.
pub(crate) fn facets(documents: &[&Document], filter: &Filter) -> Facets {
    let of = |kind: &str| -> Vec<&Document> {
        let others = |document: &&&Document| {
            let mut others = KINDS.iter().filter(|other| **other != kind);
            others.all(|other| meets(document, filter, other))
        };
        documents.iter().filter(others).copied().collect()
    };
    let count = |found: &[&Document], fits: &dyn Fn(&Document) -> bool| -> i64 {
        i64::try_from(found.iter().filter(|one| fits(one)).count()).unwrap()
    };
    let mut categories: BTreeMap<_, i64> = BTreeMap::new();
    for document in of("category") {
        for id in &document.category.path {
            *categories.entry(*id).or_default() += 1;
        }
    }
    let mut categories: Vec<_> = categories
        .into_iter()
        .map(|(category_id, count)| CategoryCount { category_id, count })
        .collect();
    categories.sort_by_key(|one| (Reverse(one.count), one.category_id));
    let mut locations: BTreeMap<_, i64> = BTreeMap::new();
    for document in of("location") {
        let seller = &document.seller;
        let place = (seller.province.clone(), seller.city.clone());
        *locations.entry(place).or_default() += 1;
    }
    let mut locations: Vec<_> = locations.into_iter().collect();
    locations.sort_by_key(|(place, count)| (Reverse(*count), place.clone()));
    let (priced, rated, stocked) = (of("price"), of("rating"), of("stock"));
    let ends = PRICE_BUCKETS
        .iter()
        .skip(1)
        .copied()
        .map(Some)
        .chain([None]);
    Facets {
        categories,
        prices: PRICE_BUCKETS
            .iter()
            .zip(ends)
            .map(|(min, below)| PriceCount {
                min: *min,
                below,
                count: count(&priced, &|one| {
                    one.min_price >= *min && below.is_none_or(|below| one.min_price < below)
                }),
            })
            .collect(),
        ratings: [4, 3, 2, 1]
            .into_iter()
            .map(|stars| RatingCount {
                stars,
                count: count(&rated, &|one| one.rating >= 100 * stars),
            })
            .collect(),
        locations: locations
            .into_iter()
            .map(|((province, city), count)| LocationCount {
                city,
                province,
                count,
            })
            .collect(),
        in_stock: count(&stocked, &|one| one.stock > 0),
        is_exact: true,
    }
}
