-- why: the category tree with its typed attributes, and products with their variants (T-PRD, T-CAT, L-PRD-E, P-PRD, M-PRD)
create table attributes (
    id uuid constraint attributes_id_pkey primary key,
    code text collate "C" not null constraint attributes_code_key unique,
    kind text not null constraint attributes_kind_check check (kind in ('TEXT', 'NUMBER', 'BOOLEAN', 'ENUM')),
    label text not null,
    unit text,
    options text[] not null,
    is_required boolean not null,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create table categories (
    id uuid constraint categories_id_pkey primary key,
    parent_id uuid constraint categories_parent_id_fkey references categories (id),
    slug text not null constraint categories_slug_key unique,
    name text not null,
    name_en text not null,
    -- The same order on every machine, whatever its locale.
    sort_name text collate "C" not null generated always as (lower(name)) stored,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint categories_parent_id_check check (parent_id <> id)
);
create index categories_parent_id_idx on categories (parent_id);
create index categories_sort_name_id_idx on categories (sort_name, id);

create table category_attributes (
    category_id uuid not null constraint category_attributes_category_id_fkey references categories (id) on delete cascade,
    attribute_id uuid not null constraint category_attributes_attribute_id_fkey references attributes (id),
    constraint category_attributes_category_id_attribute_id_pkey primary key (category_id, attribute_id)
);
create index category_attributes_attribute_id_idx on category_attributes (attribute_id);

create table products (
    id uuid constraint products_id_pkey primary key,
    seller_id uuid not null,
    category_id uuid not null constraint products_category_id_fkey references categories (id),
    slug text not null constraint products_slug_key unique,
    name text not null,
    sort_name text collate "C" not null generated always as (lower(name)) stored,
    description text not null,
    kind text not null constraint products_kind_check check (kind in ('PHYSICAL', 'DIGITAL')),
    unit text not null constraint products_unit_check
        check (unit in ('PIECE', 'KILOGRAM', 'GRAM', 'BUNCH', 'LITER', 'METER', 'PACK', 'SET')),
    is_perishable boolean not null,
    features text[] not null,
    -- Canonical texts by attribute code; what each means is in attributes.kind.
    attributes jsonb not null,
    status text not null constraint products_status_check
        check (status in ('DRAFT', 'ACTIVE', 'ARCHIVED', 'SUSPENDED')),
    suspension_reason text,
    -- Rupiah; kept here so that lists sort and filter by price without their variants.
    min_price bigint not null constraint products_min_price_check check (min_price > 0),
    max_price bigint not null,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    published_at timestamptz,
    constraint products_min_price_max_price_check check (min_price <= max_price)
);
-- The shelf, in each order in which it can be walked.
create index products_active_created_at_id_idx on products (created_at desc, id desc) where status = 'ACTIVE';
create index products_active_min_price_id_idx on products (min_price, id) where status = 'ACTIVE';
create index products_active_sort_name_id_idx on products (sort_name, id) where status = 'ACTIVE';
create index products_active_category_id_created_at_id_idx
    on products (category_id, created_at desc, id desc) where status = 'ACTIVE';
create index products_active_category_id_min_price_id_idx
    on products (category_id, min_price, id) where status = 'ACTIVE';
create index products_active_attributes_idx on products using gin (attributes jsonb_path_ops) where status = 'ACTIVE';
create index products_seller_id_created_at_id_idx on products (seller_id, created_at desc, id desc);
create index products_category_id_idx on products (category_id);

create table product_variants (
    id uuid constraint product_variants_id_pkey primary key,
    product_id uuid not null constraint product_variants_product_id_fkey references products (id),
    -- The product's shop again: a SKU is unique in a shop.
    seller_id uuid not null,
    sku text not null,
    name text not null,
    position integer not null,
    option_values jsonb not null,
    price bigint not null constraint product_variants_price_check check (price between 1 and 100000000000),
    compare_at_price bigint,
    weight_grams integer constraint product_variants_weight_grams_check check (weight_grams > 0),
    length_mm integer,
    width_mm integer,
    height_mm integer,
    constraint product_variants_seller_id_sku_key unique (seller_id, sku),
    constraint product_variants_compare_at_price_check check (compare_at_price > price)
);
create index product_variants_product_id_position_id_idx on product_variants (product_id, position, id);

-- Drafts that were deleted, as they were: nobody asks for them, an operator may have to.
create table deleted_products (
    id uuid constraint deleted_products_id_pkey primary key,
    seller_id uuid not null,
    listing jsonb not null,
    deleted_by text not null,
    deleted_at timestamptz not null
);
