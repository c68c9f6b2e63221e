//! Reviews: ratings that follow a product's quality, and texts that follow the rating.

use std::collections::HashSet;

use super::content::{Content, Delivery, Flavour, Kind, ReviewWords};
use super::goods::{Goods, Story};
use super::plan::{DemoProduct, DemoReview, DemoSeller, DemoUser};
use super::random::Random;
use super::template::{Slots, alternatives, choose};
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
            let buyer = author;
            reviews.push(DemoReview {
                product,
                buyer,
                rating,
                title,
                body,
                response,
                helpful_by,
            });
        }
    }
    Random::new(seed, "order of reviews", 0).shuffle(&mut reviews);
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
    let marks = alternatives(&delivery.marks).into_iter();
    slots.extend(marks.map(|mark| (mark.to_owned(), String::new())));
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
    let wanted = !terse && random.percent(58);
    let title = if wanted {
        by_rating(random, &topic.words.titles, topic)
    } else {
        None
    };
    (
        title.map(|title| voice.apply(random, &title, &topic.words.casual)),
        body,
    )
}

/// An entry for this rating.
fn by_rating(random: &mut Random, lists: &Slots, topic: &Topic<'_>) -> Option<String> {
    let list = lists.get(RATINGS[usize::from(topic.rating) - 1])?;
    choose(random, list, &topic.slots)
}

fn short(random: &mut Random, topic: &Topic<'_>) -> String {
    by_rating(random, &topic.words.shorts, topic).unwrap_or_default()
}

/// What a sentence of a review says.
#[derive(Debug, Clone, Copy)]
enum Say {
    Opening,
    Good,
    Fair,
    Bad,
    ArrivedWell,
    ArrivedBadly,
    Closing,
}

/// One to four different sentences.
fn long(random: &mut Random, topic: &Topic<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    for say in outline(random, topic.rating) {
        match sentence(random, topic, say) {
            Some(sentence) if !parts.contains(&sentence) => parts.push(sentence),
            _ => {}
        }
    }
    parts.join(" ")
}

/// The course of a review.
fn outline(random: &mut Random, rating: u8) -> Vec<Say> {
    let candidates: &[(Say, u32)] = match rating {
        5 => &[
            (Say::Opening, 28),
            (Say::Good, 100),
            (Say::Good, 42),
            (Say::ArrivedWell, 42),
            (Say::Closing, 34),
        ],
        4 => &[
            (Say::Opening, 28),
            (Say::Good, 100),
            (Say::Good, 25),
            (Say::Fair, 66),
            (Say::ArrivedWell, 34),
            (Say::Closing, 26),
        ],
        3 => &[
            (Say::Opening, 45),
            (Say::Good, 45),
            (Say::Fair, 100),
            (Say::ArrivedBadly, 28),
            (Say::Closing, 36),
        ],
        _ => &[
            (Say::Opening, 45),
            (Say::Bad, 100),
            (Say::Bad, 36),
            (Say::ArrivedBadly, 34),
            (Say::Closing, 40),
        ],
    };
    let said = candidates
        .iter()
        .filter(|(_, chance)| random.percent(*chance));
    said.map(|(say, _)| *say).collect()
}

/// A sentence; about half of what is said of the goods is special to their kind.
fn sentence(random: &mut Random, topic: &Topic<'_>, say: Say) -> Option<String> {
    let words = topic.words;
    let special = random.percent(52);
    let (own, common) = match say {
        Say::Opening => return by_rating(random, &words.openings, topic),
        Say::Closing => return by_rating(random, &words.closings, topic),
        Say::ArrivedWell => return choose(random, &topic.delivery.good, &topic.slots),
        Say::ArrivedBadly => return choose(random, &topic.delivery.bad, &topic.slots),
        Say::Fair => return choose(random, &topic.flavour.fair, &topic.slots),
        Say::Good => (&topic.kind.good, &topic.flavour.good),
        Say::Bad => (&topic.kind.bad, &topic.flavour.bad),
    };
    let own = if special {
        choose(random, own, &topic.slots)
    } else {
        None
    };
    own.or_else(|| choose(random, common, &topic.slots))
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
    slots.insert("nama".to_owned(), calling_name(buyer).to_owned());
    slots.insert("toko".to_owned(), seller.shop_name.clone());
    let list = topic
        .words
        .responses
        .get(RATINGS[usize::from(topic.rating) - 1])?;
    choose(random, list, &slots)
}

/// The name one is called by: `Made` of `I Made`, `Rosmini` of `Hj. Rosmini`.
fn calling_name(user: &DemoUser) -> &str {
    let first = user.first_name.split(' ').next_back().unwrap_or_default();
    match &user.last_name {
        Some(last) if first.ends_with('.') => last,
        _ => first,
    }
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
