-- why: the event bus that needs nothing but PostgreSQL: topics in partitions, what was published, who reads it and how far
create table topics (
    name text constraint topics_name_pkey primary key,
    created_at timestamptz not null default now()
);

create table partitions (
    topic text not null constraint partitions_topic_fkey references topics (name),
    number integer not null,
    -- Of the next record. Publishers take turns at this row until their commit, so that positions have no
    -- gaps and become visible in their order: a reader that has seen one has missed none before it.
    next_position bigint not null default 0,
    constraint partitions_topic_number_pkey primary key (topic, number)
);

create table log (
    topic text not null,
    partition integer not null,
    position bigint not null,
    key text not null,
    event_type text not null,
    -- As it was published, whatever it is.
    event bytea not null,
    traceparent text,
    appended_at timestamptz not null default now(),
    constraint log_topic_partition_position_pkey primary key (topic, partition, position)
);
create index log_appended_at_idx on log using brin (appended_at);

-- A member that has not reported before it expires is dead.
create table members (
    id uuid constraint members_id_pkey primary key,
    consumer_group text not null,
    topics text[] not null,
    expires_at timestamptz not null
);
create index members_consumer_group_idx on members (consumer_group);

create table leases (
    consumer_group text not null,
    topic text not null,
    partition integer not null,
    -- The position after the last record that the group is done with.
    committed bigint not null default 0,
    member uuid,
    constraint leases_consumer_group_topic_partition_pkey primary key (consumer_group, topic, partition)
);
