-- why: shops, the people in them, and their verification (T-SEL, L-SEL-E)
create table sellers (
    id uuid constraint sellers_id_pkey primary key,
    slug text not null constraint sellers_slug_key unique,
    shop_name text not null,
    description text not null,
    city text not null,
    province text not null,
    status text not null constraint sellers_status_check
        check (status in ('UNVERIFIED', 'IN_REVIEW', 'VERIFIED', 'REJECTED', 'SUSPENDED')),
    legal_name text,
    business_number text,
    decision_reason text,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index sellers_created_at_id_idx on sellers (created_at desc, id desc);
create index sellers_shop_name_id_idx on sellers (shop_name, id);

create table seller_members (
    id uuid constraint seller_members_id_pkey primary key,
    seller_id uuid not null constraint seller_members_seller_id_fkey references sellers (id),
    -- A person works in one shop: User.seller is a single field.
    user_id uuid not null constraint seller_members_user_id_key unique,
    role text not null constraint seller_members_role_check check (role in ('OWNER', 'MANAGER', 'STAFF')),
    created_at timestamptz not null
);
create index seller_members_seller_id_idx on seller_members (seller_id);
create unique index seller_members_owner_key on seller_members (seller_id) where role = 'OWNER';
