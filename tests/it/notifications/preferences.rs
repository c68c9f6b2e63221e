use std::collections::HashMap;

use chrono::{Duration, Timelike as _};
use harness::Role;
use kernel::Named;
use notifications::domain::{
    ChannelKind, Class, Matrix, NotificationType, QuietHours,
    preferences::{check_switch, waits_until},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    about, change, consume, deliver, event, fan_out, letters, own, product, start, told, watch,
    work,
};

const SWITCHES: &str =
    "notificationPreferences { switches { type channel class isEnabled canBeMuted } }";

async fn update(app: &harness::Subgraph, input: Value) -> Value {
    let selection = "user { notificationPreferences { quietHours { from until timeZone } } }";
    change(
        &app.client(Role::Buyer),
        "notificationPreferencesUpdate",
        input,
        selection,
    )
    .await
}

/// What holds for a type and a channel: class, whether it is on, whether it can be muted.
async fn switch(app: &harness::Subgraph, kind: &str, channel: &str) -> Value {
    let user = own(app, Role::Buyer, SWITCHES).await;
    let all = user["notificationPreferences"]["switches"]
        .as_array()
        .unwrap()
        .clone();
    let found = all
        .iter()
        .find(|s| s["type"] == kind && s["channel"] == channel);
    found.map_or(Value::Null, |s| {
        json!([s["class"], s["isEnabled"], s["canBeMuted"]])
    })
}

// T-NOT-5, T-NOT-6, T-NOT-T
#[tokio::test]
async fn preferences_show_what_is_in_force_and_what_may_be_changed() {
    let app = start().await;
    assert_eq!(
        switch(&app, "SECURITY_ALERT", "EMAIL").await,
        json!(["TRANSACTIONAL", true, false])
    );
    assert_eq!(
        switch(&app, "SECURITY_ALERT", "SMS").await,
        json!(["TRANSACTIONAL", false, true])
    );
    assert_eq!(
        switch(&app, "PRICE_DROP", "EMAIL").await,
        json!(["INFORMATIONAL", true, true])
    );
    assert_eq!(switch(&app, "PASSWORD_RESET", "IN_APP").await, Value::Null);
    assert_eq!(
        switch(&app, "FLASH_SALE", "EMAIL").await,
        json!(["MARKETING", false, true])
    );
    let types = NotificationType::all().count();
    assert!(types >= 15, "T-NOT-T asks for 15 types, these are {types}");
    // Advertising comes with consent, which the profile holds.
    consume(&app, &about("user.profile_updated", Role::Buyer)).await;
    assert_eq!(
        switch(&app, "FLASH_SALE", "EMAIL").await,
        json!(["MARKETING", true, true])
    );
    let off = json!({ "switches": [
        { "type": "PRICE_DROP", "channel": "EMAIL", "isEnabled": true },
        { "type": "PRICE_DROP", "channel": "EMAIL", "isEnabled": false },
        { "type": "FLASH_SALE", "channel": "PUSH", "isEnabled": false },
    ] });
    assert_eq!(update(&app, off).await["userErrors"], json!([]));
    assert_eq!(
        switch(&app, "PRICE_DROP", "EMAIL").await,
        json!(["INFORMATIONAL", false, true])
    );
    assert_eq!(
        switch(&app, "FLASH_SALE", "PUSH").await,
        json!(["MARKETING", false, true])
    );
    assert_eq!(
        switch(&app, "FLASH_SALE", "EMAIL").await,
        json!(["MARKETING", true, true])
    );
}

#[tokio::test]
async fn what_is_transactional_cannot_be_muted_and_nothing_else_of_the_input_happens() {
    let app = start().await;
    for (kind, channel) in [
        ("SECURITY_ALERT", "EMAIL"),
        ("ORDER_CREATED", "IN_APP"),
        ("PASSWORD_RESET", "SMS"),
    ] {
        let input = json!({ "switches": [
            { "type": "PRICE_DROP", "channel": "EMAIL", "isEnabled": false },
            { "type": kind, "channel": channel, "isEnabled": false },
        ] });
        let payload = update(&app, input).await;
        assert_eq!(payload["user"], Value::Null);
        assert_eq!(
            payload["userErrors"][0]["code"], "INVALID_VALUE",
            "{kind} {channel}"
        );
    }
    assert_eq!(switch(&app, "PRICE_DROP", "EMAIL").await[1], true);
}

#[tokio::test]
async fn what_was_muted_is_neither_shown_nor_sent() {
    let app = start().await;
    let off = |channel: &str, is_enabled: bool| json!({ "switches": [{ "type": "WELCOME", "channel": channel, "isEnabled": is_enabled }] });
    update(&app, off("EMAIL", false)).await;
    consume(&app, &about("user.registered", Role::Buyer)).await;
    update(&app, off("IN_APP", false)).await;
    work(&app).await;
    assert_eq!(told(&app, Role::Buyer).await, Vec::<String>::new());
    assert_eq!(letters(&app, "id").await.len(), 0);

    // Muted between the decision and the sending.
    let app = start().await;
    consume(&app, &about("user.registered", Role::Buyer)).await;
    fan_out(&app).await;
    update(&app, off("EMAIL", false)).await;
    deliver(&app).await;
    assert_eq!(told(&app, Role::Buyer).await, ["WELCOME"]);
    assert_eq!(letters(&app, "id").await.len(), 0);
    let log = super::deliveries(&app, "status reason").await;
    let expected = json!([{ "status": "CANCELLED", "reason": "it was muted in the meantime" }]);
    assert_eq!(json!(log), expected);
}

// The clock stands at 07:00 in Jakarta.
#[tokio::test]
async fn quiet_hours_hold_back_what_can_wait_and_nothing_else() {
    let app = start().await;
    let product = product(&app).await;
    watch(&app, Role::Buyer, &product, json!(["BACK_IN_STOCK"])).await;
    let quiet = json!({ "quietHours": { "from": "22:00", "until": "09:30", "timeZone": "WIB" } });
    let payload = update(&app, quiet.clone()).await;
    assert_eq!(payload["user"]["notificationPreferences"], quiet);
    consume(
        &app,
        &event("inventory.restocked", json!({ "productId": product })),
    )
    .await;
    consume(&app, &about("user.password_changed", Role::Buyer)).await;
    work(&app).await;
    let mut both = told(&app, Role::Buyer).await;
    both.sort();
    assert_eq!(
        both,
        ["BACK_IN_STOCK", "SECURITY_ALERT"],
        "the app does not ring"
    );
    assert_eq!(subjects(&app).await, ["Security of your account"]);
    app.clock.advance(Duration::hours(2));
    work(&app).await;
    assert_eq!(subjects(&app).await.len(), 1, "it is 09:00");
    app.clock.advance(Duration::minutes(30));
    work(&app).await;
    assert_eq!(
        subjects(&app).await,
        ["Security of your account", "Kangkung Segar is back"]
    );
    let log = super::deliveries(&app, "type status attempts").await;
    assert!(
        log.iter().all(|one| one["attempts"] == 1),
        "waiting is no attempt: {log:?}"
    );
}

#[tokio::test]
async fn quiet_hours_that_are_set_later_hold_too_and_can_be_taken_back() {
    let app = start().await;
    consume(&app, &about("user.registered", Role::Buyer)).await;
    fan_out(&app).await;
    let quiet =
        json!({ "quietHours": { "from": "00:00", "until": "23:59", "timeZone": "+00:00" } });
    update(&app, quiet).await;
    deliver(&app).await;
    assert_eq!(subjects(&app).await.len(), 0);
    update(&app, json!({})).await;
    app.clock.advance(Duration::hours(23));
    deliver(&app).await;
    assert_eq!(
        subjects(&app).await.len(),
        0,
        "an update without the field leaves it"
    );
    let payload = update(&app, json!({ "quietHours": null })).await;
    assert_eq!(
        payload["user"]["notificationPreferences"]["quietHours"],
        Value::Null
    );
    app.clock.advance(Duration::minutes(59));
    deliver(&app).await;
    assert_eq!(subjects(&app).await.len(), 1);
}

async fn subjects(app: &harness::Subgraph) -> Vec<String> {
    let all = letters(app, "subject").await;
    all.iter()
        .map(|letter| letter["subject"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn quiet_hours_that_are_none_are_refused() {
    let app = start().await;
    for (from, until, zone) in [
        ("24:00", "07:00", "WIB"),
        ("22:60", "07:00", "WIB"),
        ("7:00", "08:00", "WIB"),
        ("+7:00", "08:00", "WIB"),
        ("07:00", "08:+5", "WIB"),
        ("22.00", "07:00", "WIB"),
        ("22:00", "22:00", "WIB"),
        ("22:00", "07:00", "Asia/Jakarta"),
        ("22:00", "07:00", "+15:00"),
        ("22:00", "07:00", "+7:00"),
        ("", "", ""),
    ] {
        let quiet = json!({ "quietHours": { "from": from, "until": until, "timeZone": zone } });
        let payload = update(&app, quiet).await;
        assert_eq!(
            payload["userErrors"][0]["code"], "INVALID_VALUE",
            "{from} {until} {zone}"
        );
        assert_eq!(
            payload["userErrors"][0]["path"],
            json!(["input", "quietHours"])
        );
    }
}

fn any_of<T: Named + std::fmt::Debug>() -> impl Strategy<Value = T> {
    proptest::sample::select(T::all().collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    // The matrix against a model: the last accepted switch wins, within what class and consent allow.
    #[test]
    fn the_matrix_does_what_the_model_says(
        switches in proptest::collection::vec((any_of::<NotificationType>(), any_of::<ChannelKind>(), any::<bool>()), 0..60),
        consent: bool,
    ) {
        let (mut matrix, mut model) = (Matrix::default(), HashMap::new());
        for (kind, channel, is_on) in switches {
            let default = kind.rule().channels.iter().find(|(c, _)| *c == channel).map(|(_, on)| *on);
            let transactional = kind.rule().class == Class::Transactional;
            let may = match default {
                None => false,
                Some(true) => is_on || !transactional,
                Some(false) => true,
            };
            prop_assert_eq!(check_switch(kind, channel, is_on).is_ok(), may);
            if may {
                matrix.set(kind, channel, is_on);
                model.insert((kind, channel), is_on);
            }
        }
        for kind in NotificationType::all() {
            for channel in ChannelKind::all() {
                let default = kind.rule().channels.iter().find(|(c, _)| *c == channel).map(|(_, on)| *on);
                let expected = default.is_some_and(|on| {
                    let chosen = *model.get(&(kind, channel)).unwrap_or(&on);
                    chosen && (consent || kind.rule().class != Class::Marketing)
                });
                prop_assert_eq!(matrix.is_enabled(kind, channel, consent), expected);
                if kind.rule().class == Class::Transactional && default == Some(true) {
                    prop_assert!(matrix.is_enabled(kind, channel, consent));
                }
            }
        }
    }

    // Quiet hours against a model that walks minute by minute.
    #[test]
    fn quiet_hours_end_where_the_model_says(
        from in 0_u16..1440, length in 1_u16..1440, offset in -840_i64..=840, second in 0_i64..200_000,
    ) {
        let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let sign = if offset < 0 { '-' } else { '+' };
        let zone = format!("{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60);
        let until = (from + length) % 1440;
        let quiet = QuietHours::new(&time(from), &time(until), &zone).unwrap();
        prop_assert_eq!(notifications::domain::Zone::from_name(&quiet.zone.name()), Some(quiet.zone));
        let start: chrono::DateTime<chrono::Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let now = start + Duration::seconds(second);
        let is_quiet = |at: chrono::DateTime<chrono::Utc>| {
            let local = at + Duration::minutes(offset);
            let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap();
            if from < until { (from..until).contains(&minute) } else { minute >= from || minute < until }
        };
        let mut end = now;
        while is_quiet(end) {
            end += Duration::minutes(1);
        }
        let expected = is_quiet(now).then(|| end.with_second(0).unwrap());
        prop_assert_eq!(quiet.end(now), expected);
        let informational = waits_until(NotificationType::PriceDrop, ChannelKind::Email, Some(quiet), now);
        prop_assert_eq!(informational, expected);
        let safety = waits_until(NotificationType::SecurityAlert, ChannelKind::Email, Some(quiet), now);
        prop_assert_eq!(safety, None);
        prop_assert_eq!(waits_until(NotificationType::PriceDrop, ChannelKind::InApp, Some(quiet), now), None);
    }
}
