-- why: a phone number belongs to the account that proved it; until then several may state it (T-USR-10, T-USR-11)
alter table users
    drop constraint users_phone_key,
    add constraint users_phone_phone_verified_at_check check (phone_verified_at is null or phone is not null);
create unique index users_phone_key on users (phone) where phone_verified_at is not null;
-- Who else states a number that somebody has proved.
create index users_phone_idx on users (phone) where phone is not null;
