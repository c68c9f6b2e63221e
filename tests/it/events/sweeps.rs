//! What keeps outbox, inbox and keys small, however much has gathered.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use harness::things::{TestBus, Things};
use kernel::{CallContext, Principal};
use service::{Ctx, consumer, idempotency};

/// More than one statement deletes.
const OLD: u64 = 12_000;
const OLD_ROWS: &str = "
    insert into outbox (event_id, event_type, event_time, aggregate_type, aggregate_id, version, payload, actor, published_at)
        select gen_random_uuid(), 't', now(), 't', 't', 1, '{}', 't', now() - interval '8 days' from generate_series(1, 12000);
    insert into inbox select 'it.effects', gen_random_uuid(), now() - interval '8 days' from generate_series(1, 12000);
    insert into idempotency_keys (caller, operation, key, request_hash, created_at)
        select 'c', 'o', n::text, '', now() - interval '8 days' from generate_series(1, 12000) as n;
    insert into outbox (event_id, event_type, event_time, aggregate_type, aggregate_id, version, payload, actor, published_at)
        values (gen_random_uuid(), 't', now() - interval '8 days', 't', 'waits', 1, '{}', 't', null),
            (gen_random_uuid(), 't', now() - interval '8 days', 't', 'new', 1, '{}', 't', now());
    insert into inbox values ('it.effects', gen_random_uuid(), now());
    insert into idempotency_keys (caller, operation, key, request_hash, created_at) values ('c', 'o', 'new', '', now())";

#[tokio::test]
async fn old_rows_go_in_slices_and_the_rest_stays() {
    let (things, on) = (Things::create().await, TestBus::log().await);
    sqlx::raw_sql(OLD_ROWS).execute(things.db()).await.unwrap();
    let call = CallContext {
        principal: Arc::new(Principal::service("it")),
        request_id: "test".into(),
        traceparent: None,
        deadline: None,
    };
    let ctx = Ctx::new(&things.deps(), &call);
    let week: DateTime<Utc> = ctx.now() - Duration::from_secs(7 * 24 * 3_600);
    let relay = things.relay(on.connect().await);
    for (swept, left) in [(OLD, 1), (0, 1)] {
        assert_eq!(relay.sweep(week).await.unwrap(), swept);
        assert_eq!(consumer::sweep(&ctx, week).await.unwrap(), swept);
        assert_eq!(idempotency::sweep(&ctx).await.unwrap(), swept);
        assert_eq!(things.number("select count(*) from outbox").await, left + 1);
        assert_eq!(things.number("select count(*) from inbox").await, left);
        assert_eq!(
            things.number("select count(*) from idempotency_keys").await,
            left
        );
    }
}
