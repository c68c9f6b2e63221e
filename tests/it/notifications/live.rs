use std::sync::Arc;

use futures_util::{FutureExt as _, StreamExt as _, stream::BoxStream};
use harness::{Role, Subgraph};
use kernel::{CallContext, GraphqlCall};
use serde_json::{Value, json};
use service::Live;

use super::{about, consume, fan_out, fan_out_as, start, worker};

const RECEIVED: &str =
    "subscription($after: Int64) { notificationReceived(afterSeq: $after) { seq type title } }";

/// A subscription of that role.
fn listen(app: &Subgraph, role: Role, after: Option<&str>) -> BoxStream<'static, Value> {
    let Value::Object(variables) = json!({ "after": after }) else {
        unreachable!()
    };
    let call = GraphqlCall {
        query: RECEIVED.into(),
        operation_name: None,
        variables,
        context: CallContext {
            principal: Arc::new(role.principal()),
            request_id: "test".into(),
            traceparent: None,
            deadline: None,
        },
    };
    let subscribe = app.running().subscribe.clone().unwrap();
    subscribe(call)
        .map(|bytes| serde_json::from_slice(&bytes).unwrap())
        .boxed()
}

async fn seq(stream: &mut BoxStream<'static, Value>) -> Value {
    let item = stream.next().await.unwrap();
    assert_eq!(item["errors"], Value::Null, "{item}");
    item["data"]["notificationReceived"]["seq"].clone()
}

async fn tell(app: &Subgraph, role: Role) {
    consume(app, &about("user.password_changed", role)).await;
    fan_out(app).await;
}

// P-NOT: what comes is seen as it comes, by the person it is for.
#[tokio::test]
async fn what_a_person_is_told_arrives_and_nothing_of_others() {
    let app = start().await;
    tell(&app, Role::Buyer).await;
    let mut stream = listen(&app, Role::Buyer, None);
    assert!(
        stream.next().now_or_never().is_none(),
        "it has to be asked for once to begin"
    );
    let mut first = Box::pin(stream.next());
    tokio::select! {
        biased;
        item = &mut first => panic!("what was told before is not repeated: {item:?}"),
        () = begun(&app) => {}
    }
    tell(&app, Role::Buyer2).await;
    tell(&app, Role::Buyer).await;
    let item = first.await.unwrap();
    let expected =
        json!({ "seq": "2", "type": "SECURITY_ALERT", "title": "Peringatan keamanan akun" });
    assert_eq!(item["data"]["notificationReceived"], expected);
}

/// Gives a subscription that is polled beside it the time to begin: it asks the database itself.
async fn begun(app: &Subgraph) {
    for _ in 0..20 {
        sqlx::query("select 1").execute(&app.db).await.unwrap();
        tokio::task::yield_now().await;
    }
}

// Resume without a gap: everything after the number seen last, then what comes.
#[tokio::test]
async fn who_comes_back_misses_nothing() {
    let app = start().await;
    for _ in 0..3 {
        tell(&app, Role::Buyer).await;
    }
    let mut stream = listen(&app, Role::Buyer, Some("1"));
    assert_eq!(seq(&mut stream).await, "2");
    assert_eq!(seq(&mut stream).await, "3");
    tell(&app, Role::Buyer).await;
    assert_eq!(seq(&mut stream).await, "4");
    drop(stream);
    for _ in 0..2 {
        tell(&app, Role::Buyer).await;
    }
    let mut stream = listen(&app, Role::Buyer, Some("4"));
    assert_eq!(seq(&mut stream).await, "5");
    assert_eq!(seq(&mut stream).await, "6");
    // More than is read at a time.
    let mut all = listen(&app, Role::Buyer, Some("0"));
    for number in 1..=6 {
        assert_eq!(seq(&mut all).await, number.to_string());
    }
}

// While a person is told things from all sides, a subscription that is cut again and again sees each number
// once and in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn cutting_a_subscription_again_and_again_loses_nothing() {
    const COUNT: i64 = 120;
    let app = start().await;
    let writer = {
        let ctx = worker(&app);
        for _ in 0..COUNT {
            consume(&app, &about("user.password_changed", Role::Buyer)).await;
        }
        tokio::spawn(async move { fan_out_as(&ctx).await })
    };
    let (mut last, mut rounds) = (0_i64, 0);
    while last < COUNT {
        let mut stream = listen(&app, Role::Buyer, Some(&last.to_string()));
        for _ in 0..=(rounds % 7) {
            if last < COUNT {
                assert_eq!(seq(&mut stream).await, (last + 1).to_string());
                last += 1;
            }
        }
        rounds += 1;
    }
    writer.await.unwrap();
    assert!(rounds > 10, "{rounds}");
}

// A wake-up that is lost (here: written by another process without a common line) delays only: whatever wakes
// next brings all there is.
#[tokio::test]
async fn a_lost_wake_up_loses_nothing() {
    let app = start().await;
    let mut stream = listen(&app, Role::Buyer, Some("0"));
    let waiting = tokio::spawn(async move { [seq(&mut stream).await, seq(&mut stream).await] });
    begun(&app).await;
    let mut deaf = worker(&app);
    deaf.live = Live::local();
    consume(&app, &about("user.password_changed", Role::Buyer)).await;
    fan_out_as(&deaf).await;
    begun(&app).await;
    assert!(!waiting.is_finished(), "nobody has woken it");
    tell(&app, Role::Buyer).await;
    assert_eq!(waiting.await.unwrap(), ["1", "2"]);
}

#[tokio::test]
async fn a_subscription_needs_a_login_and_an_open_account() {
    let app = start().await;
    for role in [Role::Anonymous, Role::Service] {
        let item = listen(&app, role, Some("0")).next().await.unwrap();
        assert_eq!(
            item["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
            "{role:?}: {item}"
        );
    }
    for _ in 0..2 {
        tell(&app, Role::Buyer).await;
    }
    let mut stream = listen(&app, Role::Buyer, Some("0"));
    assert_eq!(seq(&mut stream).await, "1");
    let mut closed = about("user.disabled", Role::Buyer);
    closed.version = 2;
    consume(&app, &closed).await;
    let item = stream.next().await.unwrap();
    assert_eq!(
        item["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
        "{item}"
    );
    assert!(stream.next().await.is_none(), "it has ended");
    let item = listen(&app, Role::Buyer, Some("0")).next().await.unwrap();
    assert_eq!(
        item["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
        "{item}"
    );
}
