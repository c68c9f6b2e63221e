-- why: accounts with their logins, roles and sessions (T-USR-11, T-AUT-3, T-AUT-9, T-AUT-13, T-RBAC)
create table users (
    id uuid constraint users_id_pkey primary key,
    -- Null once the account is deleted: the row stays so that reviews and orders keep their author.
    email text constraint users_email_key unique,
    phone text constraint users_phone_key unique,
    first_name text not null,
    last_name text,
    date_of_birth date,
    gender text constraint users_gender_check check (gender in ('FEMALE', 'MALE', 'OTHER')),
    avatar_url text,
    locale text not null constraint users_locale_check check (locale in ('ID', 'EN')),
    currency text not null constraint users_currency_check check (currency in ('IDR', 'USD')),
    marketing_consent_at timestamptz,
    status text not null constraint users_status_check
        check (status in ('ACTIVE', 'DISABLED', 'PENDING_DELETION', 'DELETED')),
    deletion_confirm_before timestamptz,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint users_email_lower_check check (email = lower(email)),
    constraint users_status_email_check check ((status = 'DELETED') = (email is null)),
    constraint users_status_deletion_check
        check ((status = 'PENDING_DELETION') = (deletion_confirm_before is not null))
);
create index users_created_at_id_idx on users (created_at desc, id desc);

-- Apart from the account, so that no query for a person ever carries a hash.
create table credentials (
    user_id uuid constraint credentials_user_id_pkey primary key
        constraint credentials_user_id_fkey references users (id),
    password_hash text not null
);

-- By the hash of the address as it was typed, so that known and unknown addresses look alike.
create table login_attempts (
    email_hash bytea constraint login_attempts_email_hash_pkey primary key,
    failures integer not null,
    last_failed_at timestamptz not null
);
create index login_attempts_last_failed_at_idx on login_attempts (last_failed_at);

create table roles (
    name text constraint roles_name_pkey primary key
);

create table role_permissions (
    role text not null constraint role_permissions_role_fkey references roles (name),
    permission text not null,
    constraint role_permissions_role_permission_pkey primary key (role, permission)
);

create table user_roles (
    user_id uuid not null constraint user_roles_user_id_fkey references users (id),
    role text not null constraint user_roles_role_fkey references roles (name),
    granted_at timestamptz not null,
    constraint user_roles_user_id_role_pkey primary key (user_id, role)
);
create index user_roles_role_user_id_idx on user_roles (role, user_id);

create table sessions (
    id uuid constraint sessions_id_pkey primary key,
    user_id uuid not null constraint sessions_user_id_fkey references users (id),
    device_name text,
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    revocation_reason text constraint sessions_revocation_reason_check
        check (revocation_reason in ('LOGOUT', 'REVOKED', 'PASSWORD_CHANGED', 'TOKEN_REUSED',
            'TOO_MANY_SESSIONS', 'ACCOUNT_DISABLED', 'ACCOUNT_DELETED')),
    version integer not null,
    constraint sessions_revoked_check check ((revoked_at is null) = (revocation_reason is null))
);
create index sessions_user_id_created_at_idx on sessions (user_id, created_at);
create index sessions_revoked_at_idx on sessions (revoked_at) where revoked_at is not null;

-- A session's tokens, each usable once. Used ones are kept: one that comes back has been stolen.
create table refresh_tokens (
    token_hash bytea constraint refresh_tokens_token_hash_pkey primary key,
    session_id uuid not null constraint refresh_tokens_session_id_fkey
        references sessions (id) on delete cascade,
    expires_at timestamptz not null,
    used_at timestamptz,
    -- The next token, readable only with this one; for an answer that was lost on its way.
    sealed_successor bytea
);
create index refresh_tokens_session_id_idx on refresh_tokens (session_id);
