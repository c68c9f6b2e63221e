//! Migrations: they apply, once, and name what they make.

use harness::database::Database;
use sqlx::{AssertSqlSafe, PgPool, Row as _, migrate::Migrator};

/// A subgraph without anything, to have an empty database.
const EMPTY: service::Subgraph = service::Subgraph {
    name: "empty",
    migrations: || Migrator::DEFAULT,
    sdl: String::new,
    events: Vec::new,
    start: pasar::subgraphs::ALL[0].start,
};

/// The rows of a query that looks for what should not be; each as one text.
pub(super) async fn found(db: &PgPool, sql: &str) -> Vec<String> {
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
fn every_migration_says_why_and_comes_in_order_after_what_it_needs() {
    for subgraph in pasar::subgraphs::ALL {
        let migrator = (subgraph.migrations)();
        for migration in migrator.iter() {
            let first = migration.sql.as_str().lines().next().unwrap_or_default();
            assert!(
                first.starts_with("-- why: "),
                "{} {}",
                subgraph.name,
                migration.version
            );
        }
        let versions: Vec<_> = migrator.iter().map(|it| it.version).collect();
        let in_order = versions.windows(2).all(|pair| pair[0] < pair[1]);
        assert!(in_order, "{}: {versions:?}", subgraph.name);
        for shared in service::migrations::shared().iter() {
            assert!(versions.contains(&shared.version), "{}", subgraph.name);
        }
    }
}

// Databases know what they have by number and checksum: these had one copy per subgraph once.
#[test]
fn shared_migrations_that_have_landed_are_as_they_were() {
    let landed = [
        (202_611_210_001, "d548231c8770ebdf"),
        (202_611_211_100, "3494c2832333624e"),
    ];
    let migrator = service::migrations::shared();
    for ((version, checksum), migration) in landed.into_iter().zip(migrator.iter()) {
        let known = hex::encode(&migration.checksum[..8]);
        assert_eq!((migration.version, known.as_str()), (version, checksum));
    }
}

// A shared migration is written when subgraphs have later ones of their own already.
#[tokio::test]
async fn a_shared_migration_reaches_a_database_that_is_ahead_of_it() {
    let last = service::migrations::shared().iter().last().unwrap().version;
    for subgraph in pasar::subgraphs::ALL {
        let full = (subgraph.migrations)();
        let before = full.iter().filter(|it| it.version != last).cloned();
        let database = Database::create(&EMPTY).await;
        let db = database.pool();
        Migrator::with_migrations(before.collect())
            .run(db)
            .await
            .unwrap();
        assert!(!shape(db).await.contains("dead_letters"));
        full.run(db).await.unwrap();
        let fresh = Database::create(subgraph).await;
        assert_eq!(shape(db).await, shape(fresh.pool()).await);
    }
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
