//! Wordings without a wire: the rules are pure.

use kernel::Named as _;
use notifications::domain::{
    ChannelKind, Locale, NotificationType, Template, VariableValue, Variables, Wording,
    default_wording, kind::MAX_OPTIONAL, wording::samples,
};
use proptest::prelude::*;

// T-NOT-T, T-NOT-Q: every type has its wordings, in both languages, for each channel it takes.
#[test]
fn every_wording_that_is_compiled_in_keeps_the_rules_and_shows_its_values() {
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    for kind in NotificationType::all() {
        for (channel, _) in kind.rule().channels {
            for locale in Locale::all() {
                let wording = default_wording(kind, *channel, locale);
                let what = format!("{kind:?} {channel:?} {locale:?}");
                assert_eq!(wording.check(kind, *channel), Ok(()), "{what}");
                for values in [samples(kind, *channel, now), Variables::new()] {
                    let rendered = wording
                        .render(kind, *channel, locale, &values)
                        .expect(&what);
                    assert!(
                        !rendered.text.is_empty() && !rendered.text.contains(['{', '}']),
                        "{what}"
                    );
                    assert_eq!(
                        rendered.html.is_some(),
                        *channel == ChannelKind::Email,
                        "{what}"
                    );
                }
                if locale == Locale::En {
                    assert_ne!(
                        wording,
                        default_wording(kind, *channel, Locale::Id),
                        "{what} is not translated"
                    );
                }
            }
        }
    }
}

// Each combination of what may be missing is tried with a wording: that stays quick.
#[test]
fn few_values_of_a_type_may_be_missing() {
    for kind in NotificationType::all() {
        for (channel, _) in kind.rule().channels {
            let variables = kind.variables(*channel);
            let optional = variables.iter().filter(|variable| !variable.is_required);
            assert!(optional.count() <= MAX_OPTIONAL, "{kind:?} {channel:?}");
        }
    }
}

// A seller's product or a stranger's message must not put links of their own into mails of Pasar.
#[test]
fn only_addresses_of_the_website_become_links_in_mails() {
    let text = |text: &str| VariableValue::Text(text.to_owned());
    let wording = Wording {
        subject: "{{ product_name }}".to_owned(),
        text: "{{ product_name }} {{ new_price }}\n{{ site }}\n{{ link }}".to_owned(),
        html: None,
    };
    let values = Variables::from([
        (
            "product_name".to_owned(),
            text("https://evil.example/x https://pasar.test.evil.example <b>"),
        ),
        (
            "new_price".to_owned(),
            VariableValue::Amount(kernel::Money::rupiah(9_000)),
        ),
        ("site".to_owned(), text("https://pasar.test")),
        (
            "link".to_owned(),
            text("https://pasar.test/products/1?a=b&c"),
        ),
    ]);
    let (kind, channel) = (NotificationType::PriceDrop, ChannelKind::Email);
    let html = wording
        .render(kind, channel, Locale::Id, &values)
        .unwrap()
        .html
        .unwrap();
    let links: Vec<_> = html
        .split("<a href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let slash = |text: &str| text.replace('/', "&#x2f;");
    let expected = [
        slash("https://pasar.test"),
        slash("https://pasar.test/products/1?a=b&amp;c"),
    ];
    assert_eq!(links, expected, "{html}");
    assert!(html.contains("&lt;b&gt;"), "{html}");
}

fn any_value() -> impl Strategy<Value = VariableValue> {
    prop_oneof![
        ".{0,40}".prop_map(VariableValue::Text),
        any::<i64>().prop_map(VariableValue::Count),
        any::<i64>().prop_map(|amount| VariableValue::Amount(kernel::Money::rupiah(amount))),
    ]
}

fn piece() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "product_name",
        "new_price",
        "old_price",
        "name",
        "link",
        "site",
        "nobody",
    ]);
    prop_oneof![
        "[a-z {}%#|]{0,8}",
        name.clone().prop_map(|name| format!("{{{{ {name} }}}}")),
        name.clone().prop_map(|name| format!("{{% if {name} %}}")),
        name.clone().prop_map(|name| format!(
            "{{% if {name} %}}-{{% else %}}{{{{ new_price }}}}{{% endif %}}"
        )),
        name.prop_map(|name| format!("{{% elif not {name} %}}")),
        Just("{% else %}".to_owned()),
        Just("{% endif %}".to_owned()),
        Just("{% raw %}".to_owned()),
        Just("{# x #}".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    // Whatever was accepted is rendered with whatever values, and shows what it must.
    #[test]
    fn a_wording_that_was_accepted_never_fails(
        pieces in prop::collection::vec(piece(), 0..10),
        tail in prop::sample::select(vec!["{{ product_name }}{{ new_price }}", "{{ new_price }}", ""]),
        values in prop::collection::btree_map(
            prop::sample::select(vec!["product_name", "old_price", "name", "link", "odd"]), any_value(), 0..6,
        ),
    ) {
        let text = format!("{}{tail}", pieces.concat());
        let html = format!("{text}{{{{ product_name }}}}");
        let wording = Wording { subject: "{{ product_name }}".to_owned(), text, html: Some(html) };
        let (kind, channel) = (NotificationType::PriceDrop, ChannelKind::Email);
        let accepted = wording.check(kind, channel).is_ok();
        let mut variables: Variables = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        variables.insert("new_price".to_owned(), VariableValue::Text("THE-PRICE".to_owned()));
        let rendered = wording.render(kind, channel, Locale::Id, &variables);
        if accepted {
            let rendered = rendered.expect("accepted");
            prop_assert!(!rendered.subject.contains(['\n', '\r']));
            prop_assert!(rendered.text.contains("THE-PRICE"), "{}", wording.text);
            prop_assert!(rendered.html.unwrap().contains("THE-PRICE"), "{}", wording.text);
        }
    }

    #[test]
    fn a_template_knows_its_version(version: i32, expected: i32) {
        let mut template = Template::compiled_in(NotificationType::Welcome, ChannelKind::Email, Locale::Id);
        template.version = version;
        prop_assert_eq!(template.expect_version(expected).is_ok(), version == expected);
    }
}
