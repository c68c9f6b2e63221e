-- why: the roles of the marketplace and what they allow (T-RBAC, C8)
insert into roles (name) values
    ('customer'), ('seller'), ('brand_manager'), ('warehouse'), ('support'), ('finance'), ('admin');

-- `all:customer` of the seeds is the role `customer` itself, which everybody has. Rights inside one shop come
-- from membership in it (sellers), not from here. brand_manager and finance get theirs with brands and payments.
insert into role_permissions (role, permission) values
    ('seller', 'create:products'),
    ('seller', 'update:own_products'),
    ('seller', 'read:own_orders'),
    ('seller', 'update:order_status'),
    ('warehouse', 'manage:stock'),
    ('support', 'moderate:reviews'),
    ('support', 'read:users'),
    ('admin', 'all:*');
