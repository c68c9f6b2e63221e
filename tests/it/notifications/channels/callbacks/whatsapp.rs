use axum::body::Body;
use harness::{
    Subgraph,
    simulators::{Callback, Whatsapp, whatsapp},
};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use kernel::DeliveryId;
use notifications::{
    channels::{Address, ChannelKind, Channels},
    commands::own_context,
};
use serde_json::json;
use tower::ServiceExt as _;

use super::{
    super::{channels, message},
    is, post, state, taken,
};

struct WhatsappWorld {
    app: Subgraph,
    channels: Channels,
    whatsapp: Whatsapp,
    id: DeliveryId,
}

async fn whatsapp_world() -> WhatsappWorld {
    let whatsapp = Whatsapp::start().await;
    whatsapp.approve("pasar_order_shipped", 2);
    let (app, channels) = channels("whatsapp", whatsapp.settings()).await;
    let message = message(
        ChannelKind::Whatsapp,
        Address::Phone("+6281234567890".to_owned()),
    );
    channels.send(&message).await;
    taken(&app, &message, "whatsapp", "wamid.1").await;
    WhatsappWorld {
        id: message.delivery_id,
        app,
        channels,
        whatsapp,
    }
}

impl WhatsappWorld {
    fn callback(&self, statuses: &[&str]) -> Callback {
        let (request, now) = (&self.whatsapp.received()[0], self.app.clock.now());
        let statuses: Vec<_> = statuses
            .iter()
            .map(|status| self.whatsapp.status(request, status, now))
            .collect();
        self.whatsapp.callback(&statuses)
    }
}

#[tokio::test]
async fn whatsapp_reports_what_became_of_a_message() {
    let world = whatsapp_world().await;
    for (statuses, expected) in [
        (&["sent"][..], is("SENT", None)),
        (&["delivered", "sent"], is("DELIVERED", None)),
        (&["read"], is("READ", None)),
    ] {
        let callback = world.callback(statuses);
        assert_eq!(
            post(&world.app, &world.channels, &callback).await,
            StatusCode::OK
        );
        assert_eq!(state(&world.app, world.id).await, expected, "{statuses:?}");
    }
    let world = whatsapp_world().await;
    let callback = world.callback(&["failed"]);
    assert_eq!(
        post(&world.app, &world.channels, &callback).await,
        StatusCode::OK
    );
    let expected = is("FAILED", Some("whatsapp reported failed (131026)"));
    assert_eq!(state(&world.app, world.id).await, expected);
}

#[tokio::test]
async fn what_meta_has_not_signed_changes_nothing_and_what_people_write_is_not_read() {
    const SIGNATURE: &str = "x-hub-signature-256";
    let world = whatsapp_world().await;
    let genuine = world.callback(&["delivered"]);
    let bare = genuine.headers[1].1.replace("sha256=", "");
    for (name, callback) in [
        ("no signature", genuine.clone().without_header(SIGNATURE)),
        ("no prefix", genuine.clone().with_header(SIGNATURE, &bare)),
        (
            "no hex",
            genuine.clone().with_header(SIGNATURE, "sha256=siti"),
        ),
        ("short", genuine.clone().with_header(SIGNATURE, "sha256=00")),
        (
            "another body",
            genuine.clone().with_body(world.callback(&["read"]).body),
        ),
    ] {
        let status = post(&world.app, &world.channels, &callback).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{name}");
    }
    let malformed = whatsapp::sign("no json");
    let status = post(&world.app, &world.channels, &malformed).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let incoming = json!({ "entry": [{ "changes": [{ "value": { "messages": [{ "text": { "body": "halo" } }] } }] }] });
    for harmless in ["{}", "[]", "null", &incoming.to_string()] {
        let callback = whatsapp::sign(harmless);
        assert_eq!(
            post(&world.app, &world.channels, &callback).await,
            StatusCode::OK
        );
    }
    assert_eq!(state(&world.app, world.id).await, is("SENT", None));
}

#[tokio::test]
async fn meta_learns_whether_the_address_is_ours() {
    let world = whatsapp_world().await;
    let routes = world.channels.routes(&own_context(&world.app.deps));
    let ask = async |path: String| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = routes.clone().oneshot(request).await.unwrap();
        let (status, kind) = (
            response.status(),
            response.headers().get("content-type").cloned(),
        );
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (
            status,
            kind.map(|kind| kind.to_str().unwrap().to_owned()),
            body,
        )
    };
    let (status, kind, body) = ask(whatsapp::handshake(
        "subscribe",
        whatsapp::VERIFY_TOKEN,
        "1158201444",
    ))
    .await;
    assert_eq!(
        (status, kind.as_deref(), &body[..]),
        (StatusCode::OK, Some("text/plain"), &b"1158201444"[..])
    );
    for path in [
        whatsapp::handshake("subscribe", "another", "1"),
        whatsapp::handshake("subscribe", "", "1"),
        whatsapp::handshake("unsubscribe", whatsapp::VERIFY_TOKEN, "1"),
        whatsapp::handshake("subscribe", whatsapp::VERIFY_TOKEN, &"1".repeat(257)),
        "/notifications/callbacks/whatsapp".to_owned(),
    ] {
        let (status, _, body) = ask(path).await;
        assert_eq!((status, body.len()), (StatusCode::FORBIDDEN, 0));
    }
}
