-- why: what a closed shop sells is hidden; told by events of sellers, so the newest version wins
create table seller_suspensions (
    seller_id uuid constraint seller_suspensions_seller_id_pkey primary key,
    -- Kept when the shop opens again: an old event must not close it.
    is_suspended boolean not null,
    version integer not null
);
