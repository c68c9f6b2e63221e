-- why: warehouses, what lies in them, the ledger of every change, and alerts (T-INV, L-WH-E, L-WH-D)
create table warehouses (
    id uuid constraint warehouses_id_pkey primary key,
    seller_id uuid not null,
    name text not null,
    code text not null,
    city text not null,
    province text not null,
    is_active boolean not null,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint warehouses_seller_id_code_key unique (seller_id, code)
);

create table stock_levels (
    id uuid constraint stock_levels_id_pkey primary key,
    variant_id uuid not null,
    -- What catalog said when the level was opened; a variant never changes its product or shop.
    product_id uuid not null,
    seller_id uuid not null,
    warehouse_id uuid not null constraint stock_levels_warehouse_id_fkey references warehouses (id),
    quantity integer not null constraint stock_levels_quantity_check check (quantity between 0 and 1000000),
    low_stock_threshold integer not null constraint stock_levels_low_stock_threshold_check
        check (low_stock_threshold between 0 and 1000000),
    -- The number of the last movement.
    movement_seq integer not null constraint stock_levels_movement_seq_check check (movement_seq >= 0),
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint stock_levels_variant_id_warehouse_id_key unique (variant_id, warehouse_id)
);
create index stock_levels_product_id_idx on stock_levels (product_id);
create index stock_levels_seller_id_idx on stock_levels (seller_id);
create index stock_levels_warehouse_id_idx on stock_levels (warehouse_id);

create table stock_movements (
    id uuid constraint stock_movements_id_pkey primary key,
    stock_level_id uuid not null constraint stock_movements_stock_level_id_fkey references stock_levels (id),
    seq integer not null constraint stock_movements_seq_check check (seq > 0),
    kind text not null constraint stock_movements_kind_check check (kind in ('INITIAL', 'ADJUSTMENT_INCREASE',
        'ADJUSTMENT_DECREASE', 'DAMAGE', 'RECEIPT', 'RETURN', 'TRANSFER_IN', 'TRANSFER_OUT')),
    delta integer not null constraint stock_movements_delta_check check (delta <> 0 or kind = 'INITIAL'),
    resulting_quantity integer not null constraint stock_movements_resulting_quantity_check
        check (resulting_quantity between 0 and 1000000),
    reason text constraint stock_movements_reason_check
        check (reason in ('CORRECTION', 'COUNT', 'DAMAGE', 'LOSS', 'RECEIPT', 'RETURN')),
    note text,
    actor text not null,
    created_at timestamptz not null,
    constraint stock_movements_stock_level_id_seq_key unique (stock_level_id, seq)
);

-- The ledger is only ever added to: every stock number can be computed again from it.
create function stock_movements_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'stock_movements is append-only';
end
$$;
create trigger stock_movements_append_only before update or delete or truncate on stock_movements
    for each statement execute function stock_movements_refuse_change();

create table stock_alerts (
    id uuid constraint stock_alerts_id_pkey primary key,
    stock_level_id uuid not null constraint stock_alerts_stock_level_id_fkey references stock_levels (id),
    seller_id uuid not null,
    kind text not null constraint stock_alerts_kind_check check (kind in ('LOW_STOCK', 'OUT_OF_STOCK')),
    status text not null constraint stock_alerts_status_check
        check (status in ('OPEN', 'ACKNOWLEDGED', 'RESOLVED')),
    quantity integer not null,
    low_stock_threshold integer not null,
    created_at timestamptz not null,
    acknowledged_at timestamptz,
    resolved_at timestamptz,
    constraint stock_alerts_resolved_at_check check ((status = 'RESOLVED') = (resolved_at is not null))
);
create unique index stock_alerts_stock_level_id_key on stock_alerts (stock_level_id) where status <> 'RESOLVED';
create index stock_alerts_stock_level_id_idx on stock_alerts (stock_level_id);
create index stock_alerts_seller_id_created_at_id_idx on stock_alerts (seller_id, created_at desc, id desc);
