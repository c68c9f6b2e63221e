-- why: what a person waits for must not stand behind what many are told

-- Types whose messages somebody sits and waits for leave by a queue of their own.
alter table deliveries add column is_awaited boolean not null default false;
drop index deliveries_next_attempt_at_idx;
create index deliveries_is_awaited_next_attempt_at_idx on deliveries (is_awaited, next_attempt_at)
    where next_attempt_at is not null;

-- Announcements to one person, to a shop and to those who watch a product are told side by side.
drop index announcements_next_attempt_at_idx;
create index announcements_audience_next_attempt_at_idx on announcements (audience, next_attempt_at)
    where next_attempt_at is not null;
