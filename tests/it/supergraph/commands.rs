//! The commands of the binary that end by themselves.

use std::{
    fs::File,
    process::{Command, Stdio},
};

use harness::{
    child::{self, Environment},
    deployment::{Databases, Deployment, INTERNAL_SECRET, signing_key, test_environment},
    parts,
};
use sqlx::PgPool;

use super::shop;

fn environment(extra: &[(&str, &str)]) -> Environment {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    test_environment()
        .into_iter()
        .chain(extra.iter().map(owned))
        .collect()
}

/// The error text of a command that must fail.
#[track_caller]
fn failure(arguments: &[&str], extra: &[(&str, &str)]) -> String {
    let outcome = child::run(arguments, &environment(extra));
    assert_ne!(
        outcome.code, 0,
        "{arguments:?} succeeded: {}",
        outcome.output
    );
    assert!(!outcome.errors.contains("panicked"), "{}", outcome.errors);
    outcome.errors
}

/// What a command says to a [`full_disk`].
const FULL: &str =
    "error: standard output cannot be written: No space left on device (os error 28)\n";

fn full_disk() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

/// How `command` ends whose output goes to `output`: its exit code and standard error.
fn end(mut command: Command, output: impl Into<Stdio>) -> (Option<i32>, String) {
    let piped = command.stdout(output).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    drop(child.stdout.take());
    let outcome = child.wait_with_output().unwrap();
    let errors = String::from_utf8(outcome.stderr).unwrap();
    (outcome.status.code(), errors)
}

#[tokio::test]
async fn whoever_stops_reading_ends_nothing() {
    // As `pasar compose | head` does.
    let composing = child::command(&["compose"], &environment(&[]));
    assert_eq!(end(composing, Stdio::piped()), (Some(0), String::new()));
}

// Else a file is cut off and taken for whole.
#[tokio::test]
async fn what_cannot_be_written_is_an_error() {
    for arguments in [
        vec!["compose"],
        vec!["compose", "--format", "json"],
        vec!["compose", "--against", "schema/api.graphql"],
        vec!["config"],
        vec!["doctor"],
    ] {
        let ended = end(child::command(&arguments, &environment(&[])), full_disk());
        assert_eq!(ended, (Some(1), FULL.to_owned()), "{arguments:?}");
    }
}

#[tokio::test]
async fn work_is_done_to_its_end_when_nobody_can_be_told() {
    let databases = Databases::create().await;
    let mut environment = environment(&[]);
    environment.extend(databases.environment());
    let db = |name: &str| databases.get(name).pool();
    let run = |arguments: &[&str]| end(child::command(arguments, &environment), full_disk());

    // Letters that fail again, of two consumers.
    let consumers = [
        ("catalog", "catalog.shops"),
        ("search", "search.projection"),
    ];
    for (name, consumer) in consumers {
        let letter = "insert into dead_letters (consumer, event_id, topic, aggregate_id, event, is_parked, attempts, \
             error, failed_at) values ($1, gen_random_uuid(), 'sellers.seller', 'x', '{}', false, 1, 'x', now())";
        let letter = sqlx::query(letter).bind(consumer);
        letter.execute(db(name)).await.unwrap();
    }
    let (code, errors) = run(&["events", "replay"]);
    assert!(code == Some(1) && errors.ends_with(FULL), "{errors}");
    for (name, _) in consumers {
        let attempts = sqlx::query_scalar("select attempts from dead_letters");
        let attempts: i32 = attempts.fetch_one(db(name)).await.unwrap();
        assert_eq!(attempts, 2, "{name}");
    }

    // Neither the first nor the last to be migrated.
    forget_migrations(db("reviews")).await;
    assert_eq!(run(&["migrate"]), (Some(1), FULL.to_owned()));
    let check = child::run(&["migrate", "--check"], &environment);
    assert_eq!(check.code, 0, "{}", check.output);
}

#[tokio::test]
async fn the_settings_are_shown_without_secrets() {
    let url = "postgres://someone:hunter2@db.example/postgres";
    let outcome = child::run(&["config"], &environment(&[("PASAR__POSTGRES__URL", url)]));
    assert_eq!(outcome.code, 0, "{}", outcome.errors);
    let key: Vec<&str> = signing_key().lines().collect();
    for secret in ["hunter2", INTERNAL_SECRET, key[1]] {
        assert!(
            !outcome.output.contains(secret),
            "{secret} in {}",
            outcome.output
        );
    }
    for shown in [
        "[router.engine.limits]",
        "depth = 12",
        "revoked_sessions_interval = \"100ms\"",
    ] {
        assert!(
            outcome.output.contains(shown),
            "{shown} is missing in {}",
            outcome.output
        );
    }
}

#[tokio::test]
async fn the_checked_in_schemas_are_up_to_date() {
    for arguments in [["schema", "--check"], ["compose", "--check"]] {
        let outcome = child::run(&arguments, &environment(&[]));
        assert_eq!(outcome.code, 0, "{arguments:?}: {}", outcome.errors);
    }
}

#[tokio::test]
async fn the_doctor_tells_what_is_well_and_what_is_not() {
    let shop = shop().await;
    let healthy = child::run(&["doctor"], shop.split.environment());
    assert_eq!(healthy.code, 0, "{}", healthy.output);
    assert!(!healthy.output.contains("FAIL"), "{}", healthy.output);
    for subgraph in pasar::subgraphs::ALL {
        let line = format!("database {}", subgraph.name);
        assert!(healthy.output.contains(&line), "{}", healthy.output);
    }

    let mut broken = shop.split.environment().clone();
    for (name, value) in [
        ("PASAR__INTERNAL__SECRET", "short"),
        (
            "PASAR__SUBGRAPHS__REVIEWS__DATABASE_URL",
            "postgres://x:secret-word@127.0.0.1:1/x",
        ),
    ] {
        broken.push((name.to_owned(), value.to_owned()));
    }
    let sick = child::run(&["doctor"], &broken);
    assert_eq!(sick.code, 1, "{}", sick.output);
    let failed: Vec<&str> = sick
        .output
        .lines()
        .filter(|line| line.starts_with("FAIL"))
        .collect();
    assert_eq!(failed.len(), 2, "{failed:?}");
    assert!(
        failed[0].contains("internal.secret must have at least 32 bytes"),
        "{failed:?}"
    );
    assert!(failed[1].contains("database reviews"), "{failed:?}");
    assert!(!sick.output.contains("secret-word"), "{}", sick.output);
}

#[tokio::test]
async fn the_doctor_asks_redis_and_the_search_node() {
    let away = [
        ("PASAR__REDIS__URL", "redis://:secret-word@127.0.0.1:1"),
        (
            "PASAR__SEARCH__ELASTICSEARCH_URL",
            "http://someone:secret-word@127.0.0.1:1",
        ),
    ];
    let said = child::run(&["doctor"], &environment(&away)).output;
    for line in [
        "FAIL redis                  Redis at 127.0.0.1:1: ",
        "FAIL search node            the node at 127.0.0.1:1: ",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert!(!said.contains("secret-word"), "{said}");

    let none = child::run(&["doctor"], &environment(&[])).output;
    assert!(!none.contains("redis") && !none.contains("node"), "{none}");

    let (Some(redis), Some(node)) = (parts::redis(), parts::opensearch()) else {
        return;
    };
    let there = [
        ("PASAR__REDIS__URL", redis),
        ("PASAR__SEARCH__ELASTICSEARCH_URL", node),
    ];
    let said = child::run(&["doctor"], &environment(&there)).output;
    let address = |url: &'static str| url.split_once("//").unwrap().1;
    for line in [
        format!(
            "ok   redis                  Redis at {}, answers",
            address(redis)
        ),
        format!(
            "ok   search node            the node at {}, answers",
            address(node)
        ),
    ] {
        assert!(said.contains(&line), "{said}");
    }
}

/// As if all migrations of a database had been added just now.
async fn forget_migrations(db: &PgPool) {
    sqlx::raw_sql("drop schema public cascade; create schema public")
        .execute(db)
        .await
        .unwrap();
}

#[tokio::test]
async fn pending_migrations_are_reported_then_applied_then_gone() {
    let databases = Databases::create().await;
    let started = Deployment::split(&databases, &[]);
    let environment = started.environment().clone();
    drop(started);
    let check = child::run(&["migrate", "--check"], &environment);
    assert_eq!(check.code, 0, "{}", check.errors);

    forget_migrations(databases.get("reviews").pool()).await;
    let check = child::run(&["migrate", "--check"], &environment);
    assert_eq!(check.code, 1, "{}", check.output);
    let reviews = |output: &str| {
        let line = output.lines().find(|line| line.starts_with("reviews: "));
        line.unwrap().to_owned()
    };
    let subgraph = pasar::subgraphs::ALL
        .into_iter()
        .find(|known| known.name == "reviews");
    let total = (subgraph.unwrap().migrations)().iter().count();
    assert_eq!(reviews(&check.output), format!("reviews: {total} pending"));
    assert!(
        check.output.contains("catalog: 0 pending"),
        "{}",
        check.output
    );

    let refused = child::run(&["serve", "--subgraph", "reviews"], &environment);
    assert_eq!(refused.code, 1);
    let expected =
        format!("the database of `reviews` lacks {total} migrations: run `pasar migrate`");
    assert!(refused.errors.contains(&expected), "{}", refused.errors);

    let applied = child::run(&["migrate", "--subgraph", "reviews"], &environment);
    assert_eq!(applied.code, 0, "{}", applied.errors);
    assert_eq!(
        reviews(&applied.output),
        format!("reviews: {total} applied")
    );
    let again = child::run(&["migrate"], &environment);
    assert_eq!(reviews(&again.output), "reviews: 0 applied");
    assert_eq!(child::run(&["migrate", "--check"], &environment).code, 0);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn whatever_is_wrong_is_named() {
    for (arguments, extra, named) in [
        (
            vec!["config"],
            vec![("PASAR__ROUTER__BODY_LIMITT", "1KiB")],
            "PASAR__ROUTER__BODY_LIMITT",
        ),
        (
            vec!["config"],
            vec![("PASAR__ROUTER__TIMEOUT", "soon")],
            "PASAR__ROUTER__TIMEOUT",
        ),
        (
            vec!["config"],
            vec![("PASAR__SUBGRAPHS__RIVIEWS__URL", "http://x")],
            "`riviews`",
        ),
        (
            vec!["config", "--config", "no-such-file.toml"],
            vec![],
            "no-such-file.toml",
        ),
        (
            vec!["serve", "--subgraph", "riviews"],
            vec![],
            "there is no subgraph `riviews`",
        ),
        (
            vec!["migrate", "--subgraph", "riviews"],
            vec![],
            "there is no subgraph `riviews`",
        ),
        (
            vec!["router", "--supergraph", "no-such.yaml"],
            vec![],
            "no-such.yaml",
        ),
        (
            vec!["router", "--supergraph", "README.md"],
            vec![],
            "not valid GraphQL",
        ),
        (
            vec!["compose", "--input", "no-such.yaml"],
            vec![],
            "no-such.yaml",
        ),
        (
            vec!["serve", "--all"],
            vec![("PASAR__INTERNAL__SECRET", "short")],
            "internal.secret",
        ),
        (vec!["migrate"], vec![], "postgres.url"),
        (vec!["seed"], vec![], "postgres.url"),
    ] {
        let errors = failure(&arguments, &extra);
        assert!(
            errors.contains(named),
            "{arguments:?} {extra:?} says: {errors}"
        );
    }
    // A taken address names the address and the way out, for clients and operators.
    let address = shop().await.up.url().strip_prefix("http://").unwrap();
    let errors = failure(&["up", "--listen", address], &[]);
    assert!(
        errors.contains(address) && errors.contains("--listen"),
        "{errors}"
    );
    let errors = failure(&["up"], &[("PASAR__HTTP__ADMIN_LISTEN", address)]);
    assert!(
        errors.contains(address) && errors.contains("http.admin_listen"),
        "{errors}"
    );
}

#[tokio::test]
async fn the_health_check_of_containers_follows_the_process() {
    let address = shop().await.up.admin_url().strip_prefix("http://").unwrap();
    let alive = child::run(
        &["healthcheck"],
        &environment(&[("PASAR__HTTP__ADMIN_LISTEN", address)]),
    );
    assert_eq!(alive.code, 0, "{}", alive.errors);
    let errors = failure(
        &["healthcheck"],
        &[("PASAR__HTTP__ADMIN_LISTEN", "127.0.0.1:1")],
    );
    assert!(errors.contains("127.0.0.1:1 does not answer"), "{errors}");
}
