//! What must hold for the written content: a misspelt slot or a forgotten city would silence a text for good.

use super::super::DemoCategory;
use super::super::content::{self, Content, Kind, rows};
use super::super::template::{Slots, alternatives, fill};

#[test]
fn content_refers_to_what_exists() {
    let content = content::load();
    let city = |name: &str| content.cities.iter().any(|city| city.name == name);
    let style = |slug: &str| content.names.iter().any(|style| style.slug == slug);
    let category = |slug: &str| {
        content
            .categories
            .iter()
            .any(|category| category.slug == slug)
    };
    for seller in &content.sellers {
        assert!(city(&seller.city), "{}", seller.city);
        assert!(
            alternatives(&seller.warehouses).into_iter().all(city),
            "{}",
            seller.name
        );
        assert!(
            alternatives(&seller.sells).into_iter().all(category),
            "{}",
            seller.name
        );
        assert!(style(&seller.owner), "{}", seller.owner);
    }
    assert!(
        content
            .cities
            .iter()
            .flat_map(|city| &city.styles)
            .all(|slug| style(slug))
    );
    let sold = |leaf: &DemoCategory| content.kinds.iter().any(|k| k.category == leaf.slug);
    let leaves = content.categories.iter().filter(|entry| {
        !content
            .categories
            .iter()
            .any(|other| other.parent_slug.as_ref() == Some(&entry.slug))
    });
    assert!(leaves.into_iter().all(sold), "a category without any kind");
}

#[test]
fn kinds_refer_to_what_exists() {
    let content = content::load();
    let city = |name: &str| content.cities.iter().any(|city| city.name == name);
    let category = |slug: &str| {
        content
            .categories
            .iter()
            .any(|category| category.slug == slug)
    };
    for kind in &content.kinds {
        let parent = |entry: &DemoCategory| entry.parent_slug.as_ref() == Some(&kind.category);
        assert!(
            category(&kind.category) && !content.categories.iter().any(parent),
            "{kind:?}"
        );
        assert!(
            alternatives(&kind.origin).into_iter().all(city),
            "{}",
            kind.origin
        );
        assert!(
            alternatives(&kind.except).into_iter().all(city),
            "{}",
            kind.except
        );
        let flavour = content
            .reviews
            .flavour
            .iter()
            .find(|flavour| flavour.slug == kind.review);
        let delivery = &flavour.expect(&kind.review).delivery;
        assert!(
            content
                .reviews
                .delivery
                .iter()
                .any(|entry| entry.slug == *delivery),
            "{delivery}"
        );
        kind_is_sound(&content, kind);
    }
}

#[test]
fn every_text_of_reviews_can_be_used() {
    let words = content::load().reviews;
    let known =
        "barang | toko | kota | sapa | nama | ukuran | warna | rasa | motif | fisik | awet | oleh";
    let known = alternatives(known).into_iter();
    let slots: Slots = known
        .map(|slot| (slot.to_owned(), "x".to_owned()))
        .collect();
    let ratings = ["five", "four", "one", "three", "two"];
    let mut texts = Vec::new();
    for lists in [
        &words.titles,
        &words.shorts,
        &words.openings,
        &words.closings,
        &words.responses,
    ] {
        assert!(lists.keys().eq(ratings), "{:?}", lists.keys());
        texts.extend(lists.values());
    }
    texts.extend(
        words
            .delivery
            .iter()
            .flat_map(|entry| [&entry.good, &entry.bad]),
    );
    texts.extend(
        words
            .flavour
            .iter()
            .flat_map(|entry| [&entry.good, &entry.fair, &entry.bad]),
    );
    for template in texts.into_iter().flat_map(|text| alternatives(text)) {
        assert!(fill(template, &slots).is_some(), "{template}");
    }
}

/// Every template of the kind fits at least once: a slot that is misspelt would silence it for good.
fn kind_is_sound(content: &Content, kind: &Kind) {
    let columns = alternatives(&kind.columns).len();
    let lines = kind.rows.lines().filter(|line| !line.trim().is_empty());
    for line in lines {
        assert_eq!(
            line.split('|').count(),
            columns,
            "{}: {line}",
            kind.category
        );
    }
    let mut sets = rows(kind);
    if sets.is_empty() {
        sets.push(Slots::new());
    }
    for set in &mut sets {
        for (slot, values) in &kind.slots {
            set.insert(slot.clone(), alternatives(values)[0].to_owned());
        }
        for slot in ["kota", "toko", "barang"] {
            set.insert(slot.to_owned(), "x".to_owned());
        }
    }
    let priced = kind.price[0] > 0 && kind.price[0] < kind.price[1];
    assert!(
        priced || sets.iter().all(|set| set.contains_key("harga")),
        "{}",
        kind.names
    );
    assert!(kind.local.is_empty() || sets.iter().all(|set| set.contains_key(&kind.local)));
    let fits =
        |template: &str, sets: &[Slots]| sets.iter().any(|set| fill(template, set).is_some());
    let texts = kind
        .text
        .iter()
        .chain([&kind.names, &kind.noun, &kind.closing]);
    for template in texts
        .chain(kind.attributes.values())
        .flat_map(|text| alternatives(text))
    {
        assert!(fits(template, &sets), "{}: {template}", kind.category);
    }
    for code in kind.attributes.keys() {
        assert!(
            content.attributes.iter().any(|entry| entry.code == *code),
            "{code}"
        );
    }
    for option in &kind.options {
        let (head, _) = option.split_once(':').expect("an option has a name");
        let name = head
            .split('?')
            .next()
            .unwrap_or_default()
            .to_lowercase()
            .replace(' ', "_");
        sets.iter_mut()
            .for_each(|set| drop(set.insert(name.clone(), "x".to_owned())));
    }
    for template in [&kind.good, &kind.bad]
        .into_iter()
        .flat_map(|text| alternatives(text))
    {
        assert!(fits(template, &sets), "{}: {template}", kind.category);
    }
}
