-- why: proof of an e-mail address and reset of a forgotten password (T-USR-9, T-AUT-4, T-AUT-5)
alter table users add column email_verified_at timestamptz;

-- The token of the letter is not here: it is derived from the row with a key of the server.
create table verifications (
    id uuid constraint verifications_id_pkey primary key,
    user_id uuid not null constraint verifications_user_id_fkey references users (id),
    purpose text not null constraint verifications_purpose_check
        check (purpose in ('EMAIL_VERIFICATION', 'PASSWORD_RESET')),
    -- The address that it proves.
    email text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
-- Only the newest counts.
create unique index verifications_user_id_purpose_key on verifications (user_id, purpose) where used_at is null;
create index verifications_user_id_idx on verifications (user_id);

-- By the hash of the address, so that known and unknown addresses look alike.
create table verification_requests (
    email_hash bytea not null,
    purpose text not null,
    requests integer not null,
    last_requested_at timestamptz not null,
    constraint verification_requests_email_hash_purpose_pkey primary key (email_hash, purpose)
);
create index verification_requests_last_requested_at_idx on verification_requests (last_requested_at);
