use chrono::Duration;
use harness::Role;
use notifications::commands;
use tokio_util::sync::CancellationToken;

use super::{about, consume, deliveries, letters, start, told, work, worker};

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
    while letters(&app, "id").await.is_empty() {
        tokio::task::yield_now().await;
    }
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
