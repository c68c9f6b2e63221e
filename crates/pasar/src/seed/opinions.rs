//! Reviews: ratings that follow a product's quality, and texts that follow the rating.

use std::collections::HashSet;

use super::content::{Content, Delivery, Flavour, Kind, ReviewWords};
use super::goods::{Goods, Story};
use super::plan::{DemoProduct, DemoReview, DemoSeller, DemoUser};
use super::random::Random;
use super::template::{Slots, fitting};
use super::wording::Voice;

/// Names of the ratings in `reviews.toml`.
const RATINGS: [&str; 5] = ["one", "two", "three", "four", "five"];

/// Texts already written.
#[derive(Default)]
struct Written {
    /// By product: never twice.
    here: HashSet<(usize, String)>,
    /// Anywhere: only when nothing else comes to mind.
    anywhere: HashSet<String>,
}

/// What a text is about.
struct Topic<'a> {
    words: &'a ReviewWords,
    kind: &'a Kind,
    flavour: &'a Flavour,
    delivery: &'a Delivery,
    slots: Slots,
    rating: u8,
}

/// About `count` reviews, oldest first.
pub(super) fn reviews(
    seed: u64,
    count: usize,
    content: &Content,
    goods: &Goods,
    buyers: &[DemoUser],
    sellers: &[DemoSeller],
) -> Vec<DemoReview> {
    let voices: Vec<Voice> = (0..buyers.len())
        .map(|buyer| Voice::of(seed, buyer))
        .collect();
    let mut written = Written::default();
    let mut reviews = Vec::with_capacity(count);
    for (product, number) in counts(count, &goods.stories, buyers.len() / 2) {
        let mut random = Random::new(seed, "reviews", product);
        let mut authors = authors(&mut random, buyers.len(), number);
        authors.sort_unstable();
        for author in authors {
            let (listing, story) = (&goods.products[product], &goods.stories[product]);
            let rating = rating(&mut random, story.quality);
            let topic = topic(
                &mut random,
                content,
                (listing, story),
                &voices[author],
                rating,
            );
            let (title, body) = texts(&mut random, &topic, &voices[author], product, &mut written);
            let seller = &sellers[listing.seller];
            let care = content.sellers[listing.seller].care;
            let response = response(&mut random, &topic, (&buyers[author], seller), care);
            let helpful_by = helpful(&mut random, buyers.len(), author, body.len());
            let days_ago = random.between(1, listing.days_ago - 10);
            let buyer = author;
            reviews.push(DemoReview {
                product,
                buyer,
                rating,
                title,
                body,
                response,
                helpful_by,
                days_ago,
            });
        }
    }
    reviews.sort_by_key(|review| std::cmp::Reverse(review.days_ago));
    reviews
}

/// How many reviews each product gets, by its popularity, at most `limit`.
fn counts(count: usize, stories: &[Story], limit: usize) -> Vec<(usize, usize)> {
    let mut numbers = vec![0_usize; stories.len()];
    let total: u64 = stories
        .iter()
        .map(|story| u64::from(story.popularity))
        .sum();
    let mut left = count;
    // What does not fit below the limit is spread again; small sizes need a few rounds.
    for _ in 0..8 {
        let (mut sum, mut before, round) = (0, 0, left);
        for (story, number) in stories.iter().zip(&mut numbers) {
            sum += u64::from(story.popularity);
            let until = usize::try_from(sum * round as u64 / total.max(1)).unwrap_or(round);
            let more = (until - before).min(limit - *number);
            before = until;
            *number += more;
            left -= more;
        }
    }
    numbers
        .into_iter()
        .enumerate()
        .filter(|(_, number)| *number > 0)
        .collect()
}

/// Different buyers; the first buyers of the list, the demo buyer among them, review more often.
fn authors(random: &mut Random, buyers: usize, count: usize) -> Vec<usize> {
    let mut chosen = HashSet::new();
    while chosen.len() < count {
        let one = random.below(buyers);
        chosen.insert(if random.percent(35) {
            random.below(one + 1)
        } else {
            one
        });
    }
    chosen.into_iter().collect()
}

/// J-shaped: mostly five stars, then four; one star is more common than two.
fn rating(random: &mut Random, quality: u32) -> u8 {
    let weights = [
        15 - quality * 13 / 100,
        7 - quality * 5 / 100,
        13 - quality * 9 / 100,
        25 - quality / 12,
        38 + quality * 6 / 10,
    ];
    let star = random.weighted(&weights) + 1;
    u8::try_from(star).expect("there are five stars")
}

fn topic<'a>(
    random: &mut Random,
    content: &'a Content,
    (listing, story): (&DemoProduct, &Story),
    voice: &Voice,
    rating: u8,
) -> Topic<'a> {
    let words = &content.reviews;
    let kind = &content.kinds[story.kind];
    let flavour = words.flavour.iter().find(|entry| entry.slug == kind.review);
    let flavour = flavour.expect("every flavour a kind names exists, the tests see to it");
    let delivery = words
        .delivery
        .iter()
        .find(|entry| entry.slug == flavour.delivery);
    let delivery = delivery.expect("every delivery a flavour names exists, the tests see to it");
    let mut slots = story.slots.clone();
    let variant = random.pick(&listing.variants);
    for (name, value) in listing.option_names.iter().zip(&variant.options) {
        slots.insert(name.to_lowercase().replace(' ', "_"), value.clone());
    }
    slots.insert("sapa".to_owned(), voice.address.clone());
    Topic {
        words,
        kind,
        flavour,
        delivery,
        slots,
        rating,
    }
}

/// Title and body that this product does not have yet.
fn texts(
    random: &mut Random,
    topic: &Topic<'_>,
    voice: &Voice,
    product: usize,
    written: &mut Written,
) -> (Option<String>, String) {
    let terse = random.percent(voice.terse);
    let mut body = String::new();
    for attempt in 0..24 {
        body = if terse && attempt < 6 {
            short(random, topic)
        } else {
            long(random, topic)
        };
        body = voice.apply(random, &body, &topic.words.casual);
        let common = body.len() < 30;
        let new_here = !written.here.contains(&(product, body.clone()));
        let new_anywhere = common || attempt > 12 || !written.anywhere.contains(&body);
        if new_here && new_anywhere {
            break;
        }
    }
    written.here.insert((product, body.clone()));
    written.anywhere.insert(body.clone());
    let titles = pool(&topic.words.titles, topic);
    let wanted = !terse && random.percent(58) && !titles.is_empty();
    let title = wanted.then(|| random.pick(&titles).clone());
    (
        title.map(|title| voice.apply(random, &title, &topic.words.casual)),
        body,
    )
}

/// The entries for this rating that fit.
fn pool(lists: &Slots, topic: &Topic<'_>) -> Vec<String> {
    let list = lists.get(RATINGS[usize::from(topic.rating) - 1]);
    list.map(|list| fitting(list, &topic.slots))
        .unwrap_or_default()
}

fn short(random: &mut Random, topic: &Topic<'_>) -> String {
    random.pick(&pool(&topic.words.shorts, topic)).clone()
}

/// One to four sentences.
fn long(random: &mut Random, topic: &Topic<'_>) -> String {
    let slots = &topic.slots;
    let good = || {
        (
            fitting(&topic.kind.good, slots),
            fitting(&topic.flavour.good, slots),
        )
    };
    let bad = || {
        (
            fitting(&topic.kind.bad, slots),
            fitting(&topic.flavour.bad, slots),
        )
    };
    let fair = || (Vec::new(), fitting(&topic.flavour.fair, slots));
    let mut parts: Vec<String> = Vec::new();
    let mut say = |random: &mut Random, (own, common): (Vec<String>, Vec<String>)| {
        let from = if own.is_empty() || (random.percent(45) && !common.is_empty()) {
            &common
        } else {
            &own
        };
        if let Some(sentence) = (!from.is_empty()).then(|| random.pick(from).clone())
            && !parts.contains(&sentence)
        {
            parts.push(sentence);
        }
    };
    let arrival = |text: &str| (Vec::new(), fitting(text, slots));
    let opening = || (Vec::new(), pool(&topic.words.openings, topic));
    let closing = || (Vec::new(), pool(&topic.words.closings, topic));
    let (delivery, chance) = (topic.delivery, random.between(0, 99));
    match topic.rating {
        5 | 4 => {
            if random.percent(28) {
                say(random, opening());
            }
            say(random, good());
            if chance < 40 {
                say(random, good());
            }
            if topic.rating == 4 && chance > 30 {
                say(random, fair());
            }
            if random.percent(42) {
                say(random, arrival(&delivery.good));
            }
        }
        3 => {
            if random.percent(45) {
                say(random, opening());
            }
            if chance < 45 {
                say(random, good());
            }
            say(random, fair());
            if chance > 70 {
                say(random, arrival(&delivery.bad));
            }
        }
        _ => {
            if random.percent(45) {
                say(random, opening());
            }
            say(random, bad());
            if chance < 35 {
                say(random, bad());
            }
            if chance > 62 {
                say(random, arrival(&delivery.bad));
            }
        }
    }
    if random.percent(34) {
        say(random, closing());
    }
    parts.join(" ")
}

fn response(
    random: &mut Random,
    topic: &Topic<'_>,
    (buyer, seller): (&DemoUser, &DemoSeller),
    care: u32,
) -> Option<String> {
    let eager = if topic.rating <= 3 { 9 } else { 4 };
    if !random.percent(care * eager) {
        return None;
    }
    let mut slots = topic.slots.clone();
    slots.insert("nama".to_owned(), buyer.first_name.clone());
    slots.insert("toko".to_owned(), seller.shop_name.clone());
    let list = topic
        .words
        .responses
        .get(RATINGS[usize::from(topic.rating) - 1])?;
    let responses = fitting(list, &slots);
    (!responses.is_empty()).then(|| random.pick(&responses).clone())
}

/// Voters: mostly none, more for longer texts.
fn helpful(random: &mut Random, buyers: usize, author: usize, length: usize) -> Vec<usize> {
    let chance = match length {
        0..40 => 6,
        40..120 => 22,
        _ => 42,
    };
    if !random.percent(chance) {
        return Vec::new();
    }
    let count = if random.percent(12) {
        random.between(6, 14)
    } else {
        random.between(1, 5)
    };
    let mut voters: Vec<usize> = (0..count).map(|_| random.below(buyers)).collect();
    voters.sort_unstable();
    voters.dedup();
    voters.retain(|voter| *voter != author);
    voters
}
