//! A database that is away for a while, and what is written down meanwhile and otherwise.

use harness::{database::Database, http::HttpClient, server::admin_url, wait::found};
use http::StatusCode;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::{ADMIN, BUYER, assert_no_internals, codes, product_page, shop};

async fn administer(sql: String) {
    let mut admin = PgConnection::connect(admin_url()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut admin)
        .await
        .unwrap();
}

/// What `/health/ready` says as soon as it answers with `status`.
async fn turns(process: &HttpClient, status: StatusCode) -> Value {
    found(&format!("it answers {status}"), async || {
        let reply = process.get("/health/ready").await;
        if reply.status == status {
            return Ok(reply.json());
        }
        Err(reply.status)
    })
    .await
}

#[tokio::test]
async fn a_database_that_is_away_costs_the_fields_of_its_subgraph_until_it_is_back() {
    let shop = shop().await;
    let reviews = pasar::subgraphs::ALL
        .into_iter()
        .find(|known| known.name == "reviews");
    let database = Database::create(reviews.unwrap()).await;
    let url = database.url();
    let (_, name) = url.rsplit_once('/').unwrap();
    let own = [("PASAR__SUBGRAPHS__REVIEWS__DATABASE_URL", url.as_str())];
    let reviews = shop.split.another_subgraph("reviews", &own);
    let address = format!("{}/reviews/graphql", reviews.url);
    let router = shop.split.another_router("reviews", &address, &[]);
    let client = HttpClient::new(&router.url);
    let whole = product_page(&client, 3).await;
    assert_eq!(
        whole["data"]["products"]["nodes"][0]["rating"]["count"], 0,
        "{whole}"
    );

    administer(format!("alter database {name} allow_connections false")).await;
    administer(format!(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
    ))
    .await;
    let page = product_page(&client, 3).await;
    let mut expected = whole["data"].clone();
    for node in expected["products"]["nodes"].as_array_mut().unwrap() {
        node["rating"] = Value::Null;
        node["reviews"] = Value::Null;
    }
    assert_eq!(page["data"], expected, "{page}");
    assert!(
        codes(&page).iter().all(|code| *code == "UNAVAILABLE"),
        "{page}"
    );
    assert_no_internals(&page["errors"].to_string());
    // The cause is in the log of the subgraph, under the id that the client was told.
    let id = page["errors"][0]["extensions"]["requestId"]
        .as_str()
        .unwrap();
    let log = reviews.log();
    let told = log
        .lines()
        .find(|line| line.contains("ERROR") && line.contains(id));
    // By the connection it had, or by the new one it asked for.
    let causes = [
        "terminating connection due to administrator command",
        "is not currently accepting connections",
    ];
    assert!(
        told.is_some_and(|line| causes.iter().any(|cause| line.contains(cause))),
        "{log}"
    );

    let probe = HttpClient::new(&reviews.url);
    let not_ready = turns(&probe, StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(
        not_ready["reasons"],
        json!({ "database": "it does not answer" })
    );

    administer(format!("alter database {name} allow_connections true")).await;
    assert_eq!(
        product_page(&client, 3).await,
        whole,
        "it goes on by itself"
    );
    turns(&probe, StatusCode::OK).await;
}

#[tokio::test]
async fn what_is_logged_holds_no_password_token_or_secret() {
    let shop = shop().await;
    let admin = shop.split.login(ADMIN).await;
    let wrong = json!({ "input": { "email": BUYER, "password": "Salah-Sekali-99!" } });
    let login = "mutation($input: LoginInput!) { login(input: $input) { refreshToken userErrors { code } } }";
    let refused = shop.split.client().graphql(login, wrong).await;
    assert_eq!(
        refused["data"]["login"]["userErrors"][0]["code"],
        "INVALID_CREDENTIALS"
    );
    let right = json!({ "input": { "email": ADMIN, "password": pasar::seed::DEMO_PASSWORD } });
    let tokens = shop.split.client().graphql(login, right).await;
    let refresh = tokens["data"]["login"]["refreshToken"].as_str().unwrap();
    product_page(&admin, 1).await;
    admin
        .clone()
        .with_token("not-a-token-at-all")
        .graphql("{ __typename }", json!({}))
        .await;

    let signing_key: Vec<&str> = harness::deployment::signing_key().lines().collect();
    // The log of the statements is on in this deployment.
    let log = shop.split.subgraph("identity").log();
    assert!(log.contains("sqlx::query"), "{log}");
    for process in &shop.split.processes {
        let log = process.log();
        for secret in [
            pasar::seed::DEMO_PASSWORD,
            "Salah-Sekali-99!",
            admin.token().unwrap(),
            refresh,
            "not-a-token-at-all",
            harness::deployment::INTERNAL_SECRET,
            signing_key[1],
            BUYER,
        ] {
            assert!(!log.contains(secret), "{secret} in the log of {process}");
        }
    }
}
