use futures_util::stream::{AbortHandle, AbortRegistration};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

fn say(session: &mut Session, message: &Json) -> Result<Step, Close> {
    let text = Bytes::from(message.to_string());
    session.receive(text).map(|(_, step)| step)
}

fn introduced() -> Session {
    let mut session = Session::default();
    say(&mut session, &json!({"type": "connection_init"})).unwrap();
    session
}

fn subscribe(id: &str) -> Json {
    json!({"type": "subscribe", "id": id, "payload": {"query": "{ a }"}})
}

#[test]
fn the_token_is_found_wherever_clients_put_it() {
    for payload in [
        json!({"authorization": "Bearer x"}),
        json!({"Authorization": "Bearer x"}),
        json!({"headers": {"Authorization": "Bearer x"}}),
        json!({"Headers": {"AUTHORIZATION": "Bearer x"}, "other": 1}),
    ] {
        let message = json!({"type": "connection_init", "payload": payload});
        let step = say(&mut Session::default(), &message).unwrap();
        assert!(
            matches!(&step, Step::Introduce(Some(value)) if value == "Bearer x"),
            "{message}"
        );
    }
    for payload in [
        json!({}),
        json!({"authorization": null}),
        json!({"headers": "x"}),
    ] {
        let message = json!({"type": "connection_init", "payload": payload});
        let step = say(&mut Session::default(), &message).unwrap();
        assert!(matches!(step, Step::Introduce(None)), "{message}");
    }
    let message = json!({"type": "connection_init", "payload": {"authorization": 1}});
    let close = say(&mut Session::default(), &message).unwrap_err();
    assert_eq!(close.code(), 4400);
}

#[test]
fn an_id_is_taken_until_its_operation_ends_on_either_side() {
    let mut session = introduced();
    let start = |session: &mut Session| -> (u64, AbortRegistration) {
        let step = say(session, &subscribe("1")).unwrap();
        assert!(matches!(step, Step::Start(..)), "{step:?}");
        let (abort, registration) = AbortHandle::new_pair();
        (session.started("1".into(), abort), registration)
    };
    let (first, registration) = start(&mut session);
    assert_eq!(say(&mut session, &subscribe("1")).unwrap_err().code(), 4409);
    say(&mut session, &json!({"type": "complete", "id": "1"})).unwrap();
    assert!(registration.handle().is_aborted());
    // Twice, and late: the other side has ended it meanwhile.
    say(&mut session, &json!({"type": "complete", "id": "1"})).unwrap();
    assert!(session.ended(first).is_none(), "it must not be told again");

    let (second, _registration) = start(&mut session);
    assert_ne!(first, second);
    assert!(session.ended(first).is_none(), "a late end of the first");
    assert_eq!(session.id(second).as_deref(), Some("1"));
    assert_eq!(session.ended(second).as_deref(), Some("1"));
    assert_eq!(session.running(), 0);
}

#[test]
fn only_what_is_not_a_subscription_is_unfinished() {
    let mut session = introduced();
    let (abort, _registration) = AbortHandle::new_pair();
    let key = session.started("1".into(), abort);
    assert!(session.has_unfinished());
    session.begun(key, 1);
    assert!(!session.has_unfinished());
}

#[test]
fn a_stored_document_is_an_error_of_its_operation_and_no_document_one_of_the_message() {
    let mut session = introduced();
    let payload = json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "x"}}});
    let message = json!({"type": "subscribe", "id": "1", "payload": payload});
    let step = say(&mut session, &message).unwrap();
    assert!(matches!(step, Step::Refuse(..)), "{step:?}");
    for payload in [
        json!({}),
        json!({"query": 1}),
        json!({"query": "{ a }", "variables": []}),
        json!({"query": "{ a }", "operationName": 1}),
    ] {
        let message = json!({"type": "subscribe", "id": "1", "payload": payload});
        assert_eq!(say(&mut session, &message).unwrap_err().code(), 4400);
    }
}

/// Messages as they are, and with something wrong.
fn message() -> impl Strategy<Value = Json> {
    let kind = prop_oneof![
        Just(json!("connection_init")),
        Just(json!("ping")),
        Just(json!("pong")),
        Just(json!("subscribe")),
        Just(json!("complete")),
        Just(json!("next")),
        Just(json!(null)),
        ".{0,4}".prop_map(Json::from),
    ];
    let id = prop_oneof![
        Just(json!("1")),
        Just(json!("2")),
        Just(json!("")),
        Just(json!(1)),
        Just(json!(null)),
        "\\PC{0,300}".prop_map(Json::from),
    ];
    let payload = prop_oneof![
        Just(json!(null)),
        Just(json!({})),
        Just(json!([])),
        Just(json!({"query": "{ a }"})),
        Just(json!({"query": 1})),
        Just(json!({"authorization": "Bearer x", "headers": {}})),
        Just(json!({"authorization": {}})),
        Just(json!({"query": "{ a }", "variables": {"a": 1}, "extensions": []})),
    ];
    (kind, id, payload)
        .prop_map(|(kind, id, payload)| json!({"type": kind, "id": id, "payload": payload}))
}

const DOCUMENTED: [u16; 4] = [4400, 4401, 4409, 4429];

proptest! {
    #[test]
    fn any_sequence_of_messages_is_served_or_closed_with_a_documented_code(
        messages in prop::collection::vec(message(), 0..30),
    ) {
        let mut session = Session::default();
        let mut running = std::collections::HashSet::new();
        for message in messages {
            match say(&mut session, &message) {
                Ok(Step::Start(id, _)) => {
                    prop_assert!(session.is_introduced());
                    prop_assert!(running.insert(Arc::clone(&id)), "{} twice", id);
                    session.started(id, AbortHandle::new_pair().0);
                }
                Ok(_) => {
                    if message["type"] == "complete" {
                        running.remove(message["id"].as_str().unwrap());
                    }
                }
                Err(close) => {
                    prop_assert!(DOCUMENTED.contains(&close.code()), "{:?}", close);
                    prop_assert!(close.frame().reason.len() <= 123);
                    break;
                }
            }
            prop_assert_eq!(session.running(), running.len());
        }
    }
}
