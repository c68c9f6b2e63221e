-- why: proof of a phone number by a code in an SMS (T-USR-10)
alter table users add column phone_verified_at timestamptz;

alter table verifications
    -- What it proves: an e-mail address, or a phone number.
    alter column email drop not null,
    add column phone text,
    add constraint verifications_email_phone_check check (num_nonnulls(email, phone) = 1),
    -- Codes are short, so wrong ones are counted.
    add column wrong_codes integer not null default 0,
    drop constraint verifications_purpose_check,
    add constraint verifications_purpose_check
        check (purpose in ('EMAIL_VERIFICATION', 'PASSWORD_RESET', 'PHONE_VERIFICATION'));
