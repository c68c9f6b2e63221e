-- why: the projection that is searched, a function of what the owners' events say and of nothing else
create extension if not exists pg_trgm;

-- The version of a document, whatever changed it: grows, and is the external version of an index.
create sequence document_versions;

create table categories (
    category_id uuid constraint categories_category_id_pkey primary key,
    version integer not null,
    parent_id uuid,
    name text not null,
    name_en text not null,
    is_deleted boolean not null,
    -- From the top of the tree down to it, as far as the tree is known.
    path uuid[] not null
);
create index categories_parent_id_idx on categories (parent_id);
create index categories_path_idx on categories using gin (path);

create table sellers (
    seller_id uuid constraint sellers_seller_id_pkey primary key,
    version integer not null,
    name text not null,
    city text not null,
    province text not null,
    status text not null
);

create table warehouses (
    warehouse_id uuid constraint warehouses_warehouse_id_pkey primary key,
    version integer not null,
    is_active boolean not null
);

create table stock_levels (
    stock_level_id uuid constraint stock_levels_stock_level_id_pkey primary key,
    version integer not null,
    product_id uuid not null,
    warehouse_id uuid not null,
    quantity integer not null
);
create index stock_levels_product_id_idx on stock_levels (product_id);
create index stock_levels_warehouse_id_product_id_idx on stock_levels (warehouse_id, product_id);

create table ratings (
    product_id uuid constraint ratings_product_id_pkey primary key,
    version integer not null,
    average_hundredths integer not null,
    count integer not null
);

-- What hits are filtered, sorted and counted by. Narrow, so that counting reads little; the texts are apart.
-- product_version 0: others have spoken of the product, the catalog has not yet.
create table documents (
    product_id uuid constraint documents_product_id_pkey primary key,
    product_version integer not null default 0,
    status text not null default 'UNKNOWN',
    seller_id uuid,
    category_id uuid,
    min_price bigint not null default 0,
    max_price bigint not null default 0,
    created_at timestamptz,
    city text not null default '',
    province text not null default '',
    rating integer not null default 0,
    rating_count integer not null default 0,
    stock bigint not null default 0,
    sold bigint not null default 0,
    is_searchable boolean not null default false,
    version bigint not null default nextval('document_versions'),
    indexed_version bigint not null default 0,
    changed_at timestamptz not null,
    constraint documents_is_searchable_check check (not is_searchable or (category_id is not null and created_at is not null))
);
create index documents_min_price_product_id_idx on documents (min_price, product_id) where is_searchable;
create index documents_created_at_product_id_idx on documents (created_at, product_id) where is_searchable;
create index documents_sold_rating_count_product_id_idx on documents (sold, rating_count, product_id) where is_searchable;
create index documents_category_id_idx on documents (category_id);
create index documents_seller_id_product_id_idx on documents (seller_id, product_id);
create index documents_province_city_idx on documents (province, city) where is_searchable;
create index documents_version_idx on documents (version);
create index documents_pending_idx on documents (version) where version > indexed_version;

-- Without punctuation, which PostgreSQL's parser would read as paths, hosts and signs: USB/HDMI is two words.
create function plain_text(text) returns text language sql immutable strict parallel safe as $$
    select translate($1, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32))
$$;

create table document_texts (
    product_id uuid constraint document_texts_product_id_pkey primary key
        constraint document_texts_product_id_fkey references documents,
    name text not null,
    brand text not null,
    description text not null,
    features text[] not null,
    attributes jsonb not null,
    -- Features and attribute values, and the names of the categories, each as one text to be searched.
    keywords text not null,
    category_text text not null default '',
    -- Stemmed for both languages; `simple` keeps names and brands as they are.
    lexemes tsvector not null generated always as (
        setweight(to_tsvector('indonesian', plain_text(name)) || to_tsvector('english', plain_text(name))
            || to_tsvector('simple', plain_text(name) || ' ' || plain_text(brand)), 'A')
        || setweight(to_tsvector('indonesian', plain_text(keywords))
            || to_tsvector('simple', plain_text(keywords)), 'B')
        || setweight(to_tsvector('indonesian', plain_text(category_text))
            || to_tsvector('english', plain_text(category_text))
            || to_tsvector('simple', plain_text(category_text)), 'C')
        || setweight(to_tsvector('indonesian', plain_text(description)), 'D')
    ) stored,
    -- Words of name and brand only, for completing what is being typed.
    name_words tsvector not null generated always as
        (to_tsvector('simple', plain_text(name) || ' ' || plain_text(brand))) stored
);
create index document_texts_lexemes_idx on document_texts using gin (lexemes);
create index document_texts_name_words_idx on document_texts using gin (name_words);

-- The words that names, brands and categories use: what a mistyped word is corrected to.
create table terms (term text constraint terms_term_pkey primary key);
create index terms_similar_idx on terms using gist (term gist_trgm_ops);

-- Changes that concern more products than one transaction should touch: a task does the rest.
create table pending_refreshes (
    scope text not null,
    scope_id uuid not null,
    after_product uuid not null,
    constraint pending_refreshes_scope_scope_id_pkey primary key (scope, scope_id),
    constraint pending_refreshes_scope_check check (scope in ('CATEGORY', 'SELLER', 'WAREHOUSE'))
);

-- What may meet a word of a query: the word itself or any of these forms (phrases), in any stemming.
create function form_query(forms text[]) returns tsquery language sql immutable strict parallel safe as $$
    select string_agg(distinct '(' || query::text || ')', ' | ')::tsquery
    from unnest(forms) form, unnest(array['simple', 'indonesian', 'english']::regconfig[]) config,
        plainto_tsquery(config, form) query
    where numnode(query) > 0
$$;
