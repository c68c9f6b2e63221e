//! People: names as they are given across the archipelago, and e-mail addresses in reserved domains.

use std::collections::HashSet;

use super::content::{Content, NameStyle};
use super::plan::{DEMO_ADMIN_EMAIL, DEMO_BUYER_EMAIL, DEMO_SELLER_EMAIL, DemoGender, DemoUser};
use super::random::Random;
use super::template::{alternatives, slug};

/// Buyers' mail domains; `.example` can never be delivered to.
const BUYER_DOMAINS: [&str; 4] = [
    "pembeli.example",
    "surel.example",
    "kotakpos.example",
    "pembeli.example",
];

/// Addresses given out so far.
#[derive(Default)]
pub(super) struct Emails(HashSet<String>);

impl Emails {
    /// An address made of the name that nobody else has.
    fn unique(&mut self, random: &mut Random, name: (&str, Option<&str>), domain: &str) -> String {
        let first = slug(name.0).replace('-', "");
        let last = name
            .1
            .map(|last| slug(last).replace('-', ""))
            .unwrap_or_default();
        let year = random.between(70, 99);
        let local = match (last.is_empty(), random.between(0, 5)) {
            (true, 0..=2) => first,
            (true, _) => format!("{first}{year}"),
            (false, 0 | 1) => format!("{first}.{last}"),
            (false, 2) => format!("{first}{last}"),
            (false, 3) => format!("{last}.{first}"),
            (false, 4) => format!("{first}.{last}{year}"),
            (false, _) => format!("{first}_{last}"),
        };
        let mut email = format!("{local}@{domain}");
        let mut number = 2;
        while !self.0.insert(email.clone()) {
            email = format!("{local}{number}@{domain}");
            number += 1;
        }
        email
    }
}

/// The administrator.
pub(super) fn admin(emails: &mut Emails) -> DemoUser {
    known(
        emails,
        ("Admin", "Pasar"),
        DEMO_ADMIN_EMAIL,
        DemoGender::Female,
    )
}

/// The owner of the first shop.
pub(super) fn demo_seller(emails: &mut Emails) -> DemoUser {
    known(
        emails,
        ("Budi", "Santoso"),
        DEMO_SELLER_EMAIL,
        DemoGender::Male,
    )
}

fn known(emails: &mut Emails, name: (&str, &str), email: &str, gender: DemoGender) -> DemoUser {
    emails.0.insert(email.to_owned());
    DemoUser {
        first_name: name.0.to_owned(),
        last_name: Some(name.1.to_owned()),
        email: email.to_owned(),
        gender,
        birth_date: "1990-04-21".to_owned(),
    }
}

/// Customers, named as in the cities by their size; the first is the demo buyer.
pub(super) fn buyers(
    seed: u64,
    count: usize,
    content: &Content,
    emails: &mut Emails,
) -> Vec<DemoUser> {
    let siti = known(
        emails,
        ("Siti", "Rahmawati"),
        DEMO_BUYER_EMAIL,
        DemoGender::Female,
    );
    let shares: Vec<u32> = content.cities.iter().map(|city| city.share).collect();
    let mut names = HashSet::from([siti.full_name()]);
    let mut buyers = vec![siti];
    let mut number = 0;
    while buyers.len() < count {
        number += 1;
        let mut random = Random::new(seed, "buyer", number);
        let city = &content.cities[random.weighted(&shares)];
        let style = random.pick(&city.styles).clone();
        let domain = *random.pick(&BUYER_DOMAINS);
        let user = person(&mut random, content, &style, domain, emails);
        // Namesakes exist, but two of them in one list of reviews would look like a mistake.
        if names.insert(user.full_name()) || number > count * 4 {
            buyers.push(user);
        }
    }
    buyers.truncate(count);
    buyers
}

/// Somebody named in this style.
pub(super) fn person(
    random: &mut Random,
    content: &Content,
    style: &str,
    domain: &str,
    emails: &mut Emails,
) -> DemoUser {
    let style = content
        .names
        .iter()
        .find(|entry| entry.slug == style)
        .unwrap_or(&content.names[0]);
    let gender = if random.percent(46) {
        DemoGender::Male
    } else {
        DemoGender::Female
    };
    let (first_name, last_name) = name(random, style, gender);
    let email = emails.unique(random, (&first_name, last_name.as_deref()), domain);
    let birth_date = format!(
        "{}-{:02}-{:02}",
        random.between(1962, 2005),
        random.between(1, 12),
        random.between(1, 28)
    );
    DemoUser {
        first_name,
        last_name,
        email,
        gender,
        birth_date,
    }
}

fn name(random: &mut Random, style: &NameStyle, gender: DemoGender) -> (String, Option<String>) {
    let (first, last) = match gender {
        DemoGender::Male => (&style.male, &style.last_male),
        DemoGender::Female if style.last_female.is_empty() => (&style.female, &style.last_male),
        DemoGender::Female => (&style.female, &style.last_female),
    };
    let first = random.pick(&alternatives(first)).to_string();
    if random.percent(style.single) {
        return (first, None);
    }
    let last = random.pick(&alternatives(last)).to_string();
    if last == first {
        return (first, None);
    }
    (first, Some(last))
}
