-- why: events leave through the outbox and take effect once; what cannot take effect waits for an operator (identical in each folder)
alter table outbox add column published_at timestamptz;
create index outbox_position_idx on outbox (position) where published_at is null;
create index outbox_published_at_idx on outbox (published_at) where published_at is not null;

create table inbox (
    consumer text not null,
    event_id uuid not null,
    processed_at timestamptz not null,
    constraint inbox_consumer_event_id_pkey primary key (consumer, event_id)
);
create index inbox_processed_at_idx on inbox (processed_at);

-- is_parked: the event itself is sound but an earlier one of its aggregate waits here.
create table dead_letters (
    position bigint generated always as identity primary key,
    consumer text not null,
    event_id uuid not null,
    topic text not null,
    aggregate_id text not null,
    event jsonb not null,
    is_parked boolean not null,
    attempts integer not null,
    error text not null,
    failed_at timestamptz not null,
    constraint dead_letters_consumer_event_id_key unique (consumer, event_id)
);
create index dead_letters_consumer_aggregate_id_idx on dead_letters (consumer, aggregate_id);
