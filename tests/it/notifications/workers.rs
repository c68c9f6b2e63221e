use chrono::Duration;
use futures_util::future::join;
use harness::{Role, wait};
use kernel::Named as _;
use metrics::set_default_local_recorder;
use notifications::{commands, domain::AudienceKind};
use tokio_util::sync::CancellationToken;

use super::{about, consume, deliveries, letters, measured::Measured, start, told, work, worker};

// The tasks as a worker runs them: from the event to the message without a hand, and they end when told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tasks_tell_and_send_until_they_are_stopped() {
    let app = start().await;
    let stop = CancellationToken::new();
    let tasks = &app.running().tasks;
    let names: Vec<_> = tasks.iter().map(|task| task.name).collect();
    assert_eq!(
        names,
        [
            "notifications.announce",
            "notifications.deliver",
            "notifications.measure",
            "notifications.sweep"
        ]
    );
    let running: Vec<_> = tasks
        .iter()
        .map(|task| tokio::spawn((task.run)(worker(&app), stop.clone())))
        .collect();
    consume(&app, &about("user.registered", Role::Buyer)).await;
    wait::eventually("the letter is there", async || {
        !letters(&app, "id").await.is_empty()
    })
    .await;
    assert_eq!(told(&app, Role::Buyer).await, ["WELCOME"]);
    stop.cancel();
    for task in running {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn what_is_old_is_removed_and_numbers_go_on() {
    let app = start().await;
    consume(&app, &about("user.password_changed", Role::Buyer)).await;
    work(&app).await;
    app.clock.advance(Duration::days(8));
    assert_eq!(commands::sweep(&worker(&app)).await.unwrap(), 1);
    assert_eq!(letters(&app, "id").await.len(), 0);
    assert_eq!(told(&app, Role::Buyer).await.len(), 1);
    app.clock.advance(Duration::days(173));
    assert_eq!(commands::sweep(&worker(&app)).await.unwrap(), 1);
    assert_eq!(deliveries(&app, "id").await.len(), 0);
    let mut next = about("user.password_changed", Role::Buyer);
    next.event_time = app.clock.now();
    consume(&app, &next).await;
    work(&app).await;
    let user = super::own(&app, Role::Buyer, "notifications { nodes { seq } }").await;
    assert_eq!(
        user["notifications"]["nodes"],
        serde_json::json!([{ "seq": "2" }])
    );
    assert_eq!(commands::sweep(&worker(&app)).await.unwrap(), 0);
}

// A queue that cannot be counted is not an empty one: its gauge stays as it was.
#[tokio::test]
async fn a_count_that_failed_is_not_shown() {
    let app = start().await;
    sqlx::query("alter table deliveries rename to away")
        .execute(&app.db)
        .await
        .unwrap();
    let measured = Measured::default();
    let _listening = set_default_local_recorder(&measured);
    let stop = CancellationToken::new();
    let mut tasks = app.running().tasks.iter();
    let task = tasks
        .find(|task| task.name == "notifications.measure")
        .unwrap();
    let counted = async {
        // These are counted last.
        wait::eventually("announcements are counted", async || {
            measured.gauges("pasar_notifications_waiting_announcements")
                == AudienceKind::all().count()
        })
        .await;
        stop.cancel();
    };
    join((task.run)(worker(&app), stop.clone()), counted).await;
    assert_eq!(measured.gauges("pasar_notifications_due_deliveries"), 0);
}
