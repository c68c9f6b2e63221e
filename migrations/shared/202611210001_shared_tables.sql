-- why: every subgraph writes what happened and what was answered in its own transactions (identical in each folder)
create table outbox (
    position bigint generated always as identity primary key,
    event_id uuid not null constraint outbox_event_id_key unique,
    event_type text not null,
    event_time timestamptz not null,
    aggregate_type text not null,
    aggregate_id text not null,
    version integer not null,
    payload jsonb not null,
    actor text not null,
    traceparent text
);

create table idempotency_keys (
    caller text not null,
    operation text not null,
    key text not null,
    request_hash bytea not null,
    answer jsonb,
    created_at timestamptz not null,
    constraint idempotency_keys_caller_operation_key_pkey primary key (caller, operation, key)
);
create index idempotency_keys_created_at_idx on idempotency_keys (created_at);
