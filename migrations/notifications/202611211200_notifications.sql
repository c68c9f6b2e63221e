-- why: what people are told, by which way, and what became of it (T-NOT, L-NOT)

-- A person as far as they are told things. The row outlives the account without data of the person, so that
-- events that come late find nobody.
create table people (
    user_id uuid not null,
    last_seq bigint not null default 0,
    locale text not null default 'ID',
    has_marketing_consent boolean not null default false,
    is_closed boolean not null default false,
    is_erased boolean not null default false,
    account_version integer not null default 0,
    quiet_from smallint,
    quiet_until smallint,
    quiet_zone text,
    created_at timestamptz not null,
    constraint people_user_id_pkey primary key (user_id),
    constraint people_last_seq_check check (last_seq >= 0),
    constraint people_locale_check check (locale in ('ID', 'EN')),
    constraint people_quiet_check check (
        (quiet_from is null and quiet_until is null and quiet_zone is null)
        or (quiet_from between 0 and 1439 and quiet_until between 0 and 1439
            and quiet_from <> quiet_until and quiet_zone is not null)
    )
);

-- Only what differs from the default of the type.
create table preferences (
    user_id uuid not null,
    type text not null,
    channel text not null,
    is_enabled boolean not null,
    constraint preferences_user_id_type_channel_pkey primary key (user_id, type, channel),
    constraint preferences_user_id_fkey foreign key (user_id) references people (user_id)
);

-- What is to be told, before it is known to whom exactly. One row per event and type; it is gone when all
-- have been told. Written by consumers, worked off in batches.
create table announcements (
    id uuid not null,
    event_id uuid not null,
    type text not null,
    audience text not null,
    user_id uuid,
    seller_id uuid,
    product_id uuid,
    review_id uuid,
    subject_key text not null,
    variables jsonb not null,
    occurred_at timestamptz not null,
    reached uuid,
    attempts integer not null default 0,
    next_attempt_at timestamptz,
    failure text,
    created_at timestamptz not null,
    constraint announcements_id_pkey primary key (id),
    constraint announcements_event_id_type_key unique (event_id, type),
    constraint announcements_audience_check check (
        (audience = 'USER' and user_id is not null)
        or (audience = 'SHOP' and seller_id is not null)
        or (audience = 'WATCHERS' and product_id is not null)
    )
);
create index announcements_next_attempt_at_idx on announcements (next_attempt_at) where next_attempt_at is not null;
create index announcements_user_id_idx on announcements (user_id) where user_id is not null;

-- `seq` counts what the person sees in the app, without a gap; null when it is told in other ways only.
create table notifications (
    id uuid not null,
    user_id uuid not null,
    seq bigint,
    type text not null,
    subject_key text not null,
    variables jsonb not null,
    product_id uuid,
    seller_id uuid,
    review_id uuid,
    occurred_at timestamptz not null,
    read_at timestamptz,
    version integer not null default 0,
    created_at timestamptz not null,
    constraint notifications_id_pkey primary key (id),
    constraint notifications_user_id_fkey foreign key (user_id) references people (user_id),
    constraint notifications_user_id_seq_key unique (user_id, seq),
    constraint notifications_user_id_type_subject_key_key unique (user_id, type, subject_key)
);
create index notifications_unread_idx on notifications (user_id, seq) where seq is not null and read_at is null;
create index notifications_created_at_idx on notifications (created_at);

create table devices (
    id uuid not null,
    user_id uuid not null,
    token text not null,
    platform text not null,
    name text not null,
    created_at timestamptz not null,
    seen_at timestamptz not null,
    constraint devices_id_pkey primary key (id),
    constraint devices_token_key unique (token),
    constraint devices_user_id_fkey foreign key (user_id) references people (user_id),
    constraint devices_platform_check check (platform in ('ANDROID', 'IOS', 'WEB'))
);
create index devices_user_id_seen_at_idx on devices (user_id, seen_at);

-- An attempt to reach a person over one channel. `next_attempt_at` is also the lease of the worker that has
-- claimed it, `attempts` its fence; null when nothing more is to be done.
create table deliveries (
    id uuid not null,
    notification_id uuid not null,
    user_id uuid not null,
    type text not null,
    channel text not null,
    device_id uuid,
    status text not null,
    attempts integer not null default 0,
    next_attempt_at timestamptz,
    provider text,
    provider_id text,
    reason text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    sent_at timestamptz,
    constraint deliveries_id_pkey primary key (id),
    constraint deliveries_notification_id_fkey foreign key (notification_id)
        references notifications (id) on delete cascade,
    constraint deliveries_status_check check (status in
        ('QUEUED', 'SENT', 'DELIVERED', 'READ', 'FAILED', 'CANCELLED'))
);
create index deliveries_next_attempt_at_idx on deliveries (next_attempt_at) where next_attempt_at is not null;
create index deliveries_notification_id_idx on deliveries (notification_id);
create index deliveries_created_at_id_idx on deliveries (created_at, id);
create index deliveries_user_id_idx on deliveries (user_id);
create index deliveries_provider_provider_id_idx on deliveries (provider, provider_id) where provider_id is not null;

create table product_watches (
    id uuid not null,
    user_id uuid not null,
    product_id uuid not null,
    kind text not null,
    created_at timestamptz not null,
    constraint product_watches_id_pkey primary key (id),
    constraint product_watches_product_id_kind_user_id_key unique (product_id, kind, user_id),
    constraint product_watches_user_id_fkey foreign key (user_id) references people (user_id),
    constraint product_watches_kind_check check (kind in ('PRICE_DROP', 'BACK_IN_STOCK'))
);
create index product_watches_user_id_created_at_idx on product_watches (user_id, created_at);

-- What catalog said last of each product: its name for messages, its price to see it fall.
create table products (
    product_id uuid not null,
    seller_id uuid not null,
    name text not null,
    status text not null,
    min_price bigint not null,
    currency text not null,
    version integer not null,
    constraint products_product_id_pkey primary key (product_id)
);

-- Wordings that differ from those compiled in. A wording that was taken back keeps its version.
create table templates (
    id uuid not null,
    type text not null,
    channel text not null,
    locale text not null,
    subject text not null,
    body text not null,
    html text,
    is_reset boolean not null,
    version integer not null,
    updated_at timestamptz not null,
    updated_by text not null,
    constraint templates_id_pkey primary key (id),
    constraint templates_type_channel_locale_key unique (type, channel, locale)
);

-- What would have been sent over channels that have no provider.
create table mailbox (
    id uuid not null,
    user_id uuid not null,
    channel text not null,
    address text not null,
    subject text not null,
    body text not null,
    html text,
    created_at timestamptz not null,
    constraint mailbox_id_pkey primary key (id)
);
create index mailbox_created_at_id_idx on mailbox (created_at, id);
create index mailbox_user_id_idx on mailbox (user_id);
