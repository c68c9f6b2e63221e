-- why: reviews of products, what people think of them, and exact rating summaries (T-REV-1..7, T-REV-R, L-REV-E)
create table reviews (
    id uuid constraint reviews_id_pkey primary key,
    product_id uuid not null,
    seller_id uuid not null,
    author_id uuid not null,
    rating smallint not null constraint reviews_rating_check check (rating between 1 and 5),
    title text,
    body text not null,
    status text not null constraint reviews_status_check
        check (status in ('PUBLISHED', 'PENDING', 'REJECTED')),
    -- Why it waits for a moderator, and since when.
    hold_reasons text[] not null,
    held_at timestamptz,
    decision_reason text,
    open_report_count integer not null default 0,
    helpful_count integer not null default 0 constraint reviews_helpful_count_check check (helpful_count >= 0),
    unhelpful_count integer not null default 0
        constraint reviews_unhelpful_count_check check (unhelpful_count >= 0),
    -- Lower bound of the share of helpful votes at 95 % confidence (Wilson), in millionths: a whole number,
    -- so that cursors carry it exactly. Ten of twelve votes outrank one of one.
    helpfulness integer not null generated always as (
        case when helpful_count + unhelpful_count = 0 then 0
        else round(1000000 * (
            helpful_count + 1.9208
            - 1.96 * sqrt(helpful_count::float8 * unhelpful_count / (helpful_count + unhelpful_count) + 0.9604)
        ) / (helpful_count + unhelpful_count + 3.8416))::integer
        end
    ) stored,
    response_body text,
    response_created_at timestamptz,
    response_updated_at timestamptz,
    edited_at timestamptz,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint reviews_author_id_product_id_key unique (author_id, product_id),
    constraint reviews_held_at_check check ((status = 'PENDING') = (held_at is not null)),
    constraint reviews_response_check
        check ((response_body is null) = (response_created_at is null)
            and (response_body is null) = (response_updated_at is null))
);

-- One index per order of a product's and a shop's list; -rating lets every order end with the newest first.
create index reviews_product_id_newest_idx on reviews (product_id, created_at desc, id desc)
    where status = 'PUBLISHED';
create index reviews_product_id_most_helpful_idx
    on reviews (product_id, helpfulness desc, created_at desc, id desc) where status = 'PUBLISHED';
create index reviews_product_id_highest_idx on reviews (product_id, rating desc, created_at desc, id desc)
    where status = 'PUBLISHED';
create index reviews_product_id_lowest_idx on reviews (product_id, (-rating) desc, created_at desc, id desc)
    where status = 'PUBLISHED';
create index reviews_seller_id_newest_idx on reviews (seller_id, created_at desc, id desc)
    where status = 'PUBLISHED';
create index reviews_seller_id_most_helpful_idx
    on reviews (seller_id, helpfulness desc, created_at desc, id desc) where status = 'PUBLISHED';
create index reviews_seller_id_highest_idx on reviews (seller_id, rating desc, created_at desc, id desc)
    where status = 'PUBLISHED';
create index reviews_seller_id_lowest_idx on reviews (seller_id, (-rating) desc, created_at desc, id desc)
    where status = 'PUBLISHED';
create index reviews_author_id_newest_idx on reviews (author_id, created_at desc, id desc);
create index reviews_held_at_id_idx on reviews (held_at, id) where status = 'PENDING';

create table review_votes (
    review_id uuid not null
        constraint review_votes_review_id_fkey references reviews (id) on delete cascade,
    user_id uuid not null,
    is_helpful boolean not null,
    created_at timestamptz not null,
    constraint review_votes_review_id_user_id_pkey primary key (review_id, user_id)
);

create table review_reports (
    review_id uuid not null
        constraint review_reports_review_id_fkey references reviews (id) on delete cascade,
    reporter_id uuid not null,
    reason text not null constraint review_reports_reason_check
        check (reason in ('SPAM', 'OFFENSIVE', 'UNTRUE', 'IRRELEVANT', 'PRIVATE_DATA', 'OTHER')),
    comment text,
    created_at timestamptz not null,
    constraint review_reports_review_id_reporter_id_pkey primary key (review_id, reporter_id)
);

-- Published reviews by star, kept by addition in the transaction that changes a review.
-- Locked after the review's row, the product's before the shop's: one order, no deadlock.
create table product_ratings (
    product_id uuid constraint product_ratings_product_id_pkey primary key,
    one integer not null,
    two integer not null,
    three integer not null,
    four integer not null,
    five integer not null,
    constraint product_ratings_stars_check check (least(one, two, three, four, five) >= 0)
);

create table seller_ratings (
    seller_id uuid constraint seller_ratings_seller_id_pkey primary key,
    one integer not null,
    two integer not null,
    three integer not null,
    four integer not null,
    five integer not null,
    constraint seller_ratings_stars_check check (least(one, two, three, four, five) >= 0)
);
