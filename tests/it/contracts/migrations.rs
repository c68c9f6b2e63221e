//! Migrations: they apply, once, and name what they make.

use harness::database::Database;
use sqlx::{AssertSqlSafe, PgPool, Row as _};

/// A subgraph without anything, to have an empty database.
const EMPTY: service::Subgraph = service::Subgraph {
    name: "empty",
    migrations: || sqlx::migrate::Migrator::DEFAULT,
    sdl: String::new,
    events: Vec::new,
    start: pasar::subgraphs::ALL[0].start,
};

/// The rows of a query that looks for what should not be; each as one text.
async fn found(db: &PgPool, sql: &str) -> Vec<String> {
    let rows = sqlx::query(AssertSqlSafe(sql.to_owned()))
        .fetch_all(db)
        .await
        .unwrap();
    rows.iter().map(|row| row.get::<String, _>(0)).collect()
}

/// Everything that the migrations have made, as one text.
async fn shape(db: &PgPool) -> String {
    let sql = "select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
            from information_schema.columns where table_schema = 'public'
        union all select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
            from pg_constraint where connamespace = 'public'::regnamespace
        union all select indexdef from pg_indexes where schemaname = 'public' order by 1";
    found(db, sql).await.join("\n")
}

#[tokio::test]
async fn the_migrations_of_every_subgraph_apply_to_an_empty_database_once() {
    for subgraph in pasar::subgraphs::ALL {
        let database = Database::create(&EMPTY).await;
        let db = database.pool();
        let migrator = (subgraph.migrations)();
        migrator.run(db).await.unwrap();
        let first = shape(db).await;
        assert!(
            first.contains("outbox.event_id uuid NO"),
            "{}: {first}",
            subgraph.name
        );
        migrator.run(db).await.unwrap();
        assert_eq!(
            shape(db).await,
            first,
            "{} is changed by a second run",
            subgraph.name
        );
        let applied: i64 = sqlx::query_scalar("select count(*) from _sqlx_migrations")
            .fetch_one(db)
            .await
            .unwrap();
        assert_eq!(usize::try_from(applied).unwrap(), migrator.iter().count());
    }
}

#[test]
fn every_migration_says_why_and_what_all_share_is_the_same() {
    let mut shared = Vec::new();
    for subgraph in pasar::subgraphs::ALL {
        let migrator = (subgraph.migrations)();
        let mut versions = Vec::new();
        for migration in migrator.iter() {
            let first = migration.sql.as_str().lines().next().unwrap_or_default();
            assert!(
                first.starts_with("-- why: "),
                "{} {}",
                subgraph.name,
                migration.version
            );
            versions.push(migration.version);
        }
        assert!(versions.is_sorted(), "{}", subgraph.name);
        shared.push(migrator.iter().next().unwrap().sql.as_str().to_owned());
    }
    assert!(
        shared.windows(2).all(|pair| pair[0] == pair[1]),
        "shared_tables.sql differs"
    );
}

// docs/conventions.md: `<table>_<columns>_<pkey|key|fkey|check|idx>`; `on_constraint` matches by name.
#[tokio::test]
async fn everything_in_the_databases_is_named_keyed_and_indexed() {
    for (what, sql) in [
        (
            "constraints with other names",
            "select conname from pg_constraint where connamespace = 'public'::regnamespace
                and contype in ('p', 'u', 'f', 'c') and conname !~ ('^' || conrelid::regclass
                || '_(.+_)?' || case contype when 'p' then 'pkey' when 'u' then 'key' when 'f' then 'fkey'
                else 'check' end || '$')",
        ),
        (
            "indexes with other names",
            "select indexname from pg_indexes where schemaname = 'public'
                and indexname !~ ('^' || tablename || '_(.+_)?(pkey|key|idx)$')",
        ),
        (
            "tables without primary key",
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
                and not exists (select from pg_constraint where conrelid = pg_class.oid and contype = 'p')",
        ),
        (
            "foreign keys without index",
            "select conname from pg_constraint f where connamespace = 'public'::regnamespace and contype = 'f'
                and not exists (select from pg_index i where i.indrelid = f.conrelid and i.indpred is null
                    and (i.indkey::int2[])[0:cardinality(f.conkey) - 1] @> f.conkey)",
        ),
        (
            "times without time zone",
            "select table_name || '.' || column_name from information_schema.columns
                where table_schema = 'public' and data_type = 'timestamp without time zone'",
        ),
        (
            "money or other numbers as floats",
            "select table_name || '.' || column_name from information_schema.columns
                where table_schema = 'public' and data_type in ('real', 'money')",
        ),
    ] {
        for subgraph in pasar::subgraphs::ALL {
            let database = Database::create(subgraph).await;
            let mut wrong = found(database.pool(), sql).await;
            wrong.retain(|name| !name.starts_with("_sqlx_migrations"));
            assert_eq!(wrong, Vec::<String>::new(), "{what} in {}", subgraph.name);
        }
    }
}
