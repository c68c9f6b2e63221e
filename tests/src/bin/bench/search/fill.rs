//! The products that are searched.

use std::time::Instant;

use harness::Subgraph;

/// 3 trees of categories with 3 levels each and 1,000 shops in 40 cities.
const GROUND: [&str; 2] = [
    "insert into categories (category_id, version, parent_id, name, name_en, is_deleted, path) \
     select lpad(to_hex(n), 32, '0')::uuid, 1, \
       case when n <= 3 then null else lpad(to_hex((n + 2) / 3 - 1), 32, '0')::uuid end, \
       'Kategori ' || n, 'Category ' || n, false, \
       case when n <= 3 then array[lpad(to_hex(n), 32, '0')::uuid] \
         when n <= 12 then array[lpad(to_hex((n + 2) / 3 - 1), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid] \
         else array[lpad(to_hex(((n + 2) / 3 + 1) / 3 - 1), 32, '0')::uuid, \
           lpad(to_hex((n + 2) / 3 - 1), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid] end \
     from generate_series(1, 39) n",
    "insert into sellers (seller_id, version, name, city, province, status) \
     select lpad(to_hex(n), 32, '0')::uuid, 1, 'Toko ' || n, 'Kota ' || n % 40, 'Provinsi ' || n % 10, 'VERIFIED' \
     from generate_series(1, 1000) n",
];

/// Products `$1` to `$2`, whose names, prices, ratings and stock follow from their numbers.
const PRODUCTS: [&str; 2] = [
    "insert into documents (product_id, product_version, status, seller_id, category_id, min_price, max_price, \
       created_at, city, province, rating, rating_count, stock, is_searchable, version, indexed_version, changed_at) \
     select lpad(to_hex(n), 32, '0')::uuid, 1, 'ACTIVE', lpad(to_hex(n % 1000 + 1), 32, '0')::uuid, \
       lpad(to_hex(n % 27 + 13), 32, '0')::uuid, price, price, timestamptz '2026-01-01' + n * interval '1 second', \
       'Kota ' || (n % 1000 + 1) % 40, 'Provinsi ' || (n % 1000 + 1) % 10, \
       case when n % 7 = 0 then 0 else 100 + (n * 37) % 401 end, \
       case when n % 7 = 0 then 0 else n % 900 + 1 end, case when n % 5 = 0 then 0 else n % 300 end, true, n, n, now() \
     from (select n, (1000 + (n * 7919) % 9000000)::bigint as price from generate_series($1::bigint, $2::bigint) n) numbers",
    "insert into document_texts (product_id, name, brand, description, features, attributes, keywords, \
       category_text) \
     select lpad(to_hex(n), 32, '0')::uuid, \
       kinds[n % 40 + 1] || ' ' || traits[(n / 40) % 30 + 1] || ' ' || brands[(n * 31) % 50 + 1] || ' ' || n % 5000, \
       brands[(n * 31) % 50 + 1], 'Barang ' || traits[(n * 3) % 30 + 1] || ' untuk ' || kinds[(n * 11) % 40 + 1], \
       array[traits[(n * 7) % 30 + 1]], '{}', traits[(n * 7) % 30 + 1], 'Kategori ' || n % 27 + 13 \
     from generate_series($1::bigint, $2::bigint) n, \
       (select array(select 'barang' || chr(97 + i / 10) || chr(97 + i % 10) || 'u' from generate_series(0, 39) i) \
          as kinds, \
        array(select 'sifat' || chr(97 + i / 10) || chr(97 + i % 10) || 'o' from generate_series(0, 29) i) as traits, \
        array(select 'Merek' || chr(97 + i / 10) || chr(97 + i % 10) || 'x' from generate_series(0, 49) i) as brands \
       ) words",
];

/// Into how many parts the products are cut, which are written side by side.
const PARTS: i64 = 4;

/// Fills the projection with so many products, all of them as if a search node had them.
pub(super) async fn fill(app: &Subgraph, products: i64) {
    let begun = Instant::now();
    // Indexes are built at the end: a third of the time.
    let indexes: Vec<(String, String)> = sqlx::query_as(
        "select indexname, indexdef from pg_indexes where tablename in ('documents', 'document_texts') \
         and indexname not like '%pkey'",
    )
    .fetch_all(&app.db)
    .await
    .unwrap();
    for (name, _) in &indexes {
        run(app, format!("drop index {name}")).await;
    }
    for sql in GROUND {
        run(app, sql.to_owned()).await;
    }
    for sql in PRODUCTS {
        let parts = (0..PARTS).map(|part| {
            let (from, to) = (part * products / PARTS + 1, (part + 1) * products / PARTS);
            sqlx::query(sql).bind(from).bind(to).execute(&app.db)
        });
        for written in futures_util::future::join_all(parts).await {
            written.unwrap();
        }
    }
    run(
        app,
        format!("select setval('document_versions', {products})"),
    )
    .await;
    let parts = indexes.into_iter().map(|(_, sql)| run(app, sql));
    futures_util::future::join_all(parts).await;
    run(app, "vacuum analyze".to_owned()).await;
    println!(
        "filled PostgreSQL in {:.0} s",
        begun.elapsed().as_secs_f64()
    );
}

async fn run(app: &Subgraph, sql: String) {
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .execute(&app.db)
        .await
        .unwrap();
}
