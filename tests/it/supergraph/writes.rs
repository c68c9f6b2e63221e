//! What people do, in both deployments: the same steps give the same answers, but for ids and times.

use std::time::Duration;

use harness::{
    deployment::{Deployment, login, without_identity},
    http::HttpClient,
    wait::found_within,
};
use serde_json::{Value, json};

use super::{SELLER, codes, shop};

pub(super) const PASSWORD: &str = "Kopi-Pahit-77!";

/// Runs `journey` in both deployments; what it answered must be the same. Names that must be unique
/// hold `tag`, which is taken out of the answers.
async fn same_in_both(journey: impl AsyncFn(&Deployment, &str) -> Vec<Value>) {
    let mut answers = Vec::new();
    for (deployment, started) in shop().await.both() {
        let tag = format!("uji-{deployment}");
        let steps = journey(started, &tag).await;
        let steps = without_identity(&Value::Array(steps));
        answers.push(format!("{steps:#}").replace(&tag, "uji"));
    }
    assert_eq!(answers[0], answers[1]);
}

/// Runs a step that must succeed.
pub(super) async fn step(client: &HttpClient, query: &str, variables: Value) -> Value {
    let answer = client.graphql(query, variables).await;
    assert_eq!(answer.get("errors"), None, "{query}: {answer}");
    let fields = answer["data"].as_object().unwrap();
    for payload in fields.values() {
        let refused = payload
            .get("userErrors")
            .is_some_and(|errors| *errors != json!([]));
        assert!(!refused, "{query}: {answer}");
    }
    answer
}

pub(super) async fn register(client: &HttpClient, email: &str) -> Value {
    let query = "mutation($input: UserRegisterInput!) { userRegister(input: $input) {
        user { id email displayName version } userErrors { code } } }";
    let input =
        json!({ "email": email, "password": PASSWORD, "firstName": "Rani", "lastName": "Wijaya" });
    step(client, query, json!({ "input": input })).await
}

// T-AUT-1..3, T-AUT-9, T-USR-1
#[tokio::test]
async fn a_login_works_until_the_logout_and_not_longer() {
    const ME: &str = "{ me { email version sessions { isCurrent deviceName } } }";
    const UPDATE: &str = "mutation($input: ProfileUpdateInput!) { profileUpdate(input: $input) {
        user { firstName version } userErrors { code } } }";
    same_in_both(async |started, tag| {
        let email = format!("masuk-{tag}@pasar.example");
        let nobody = started.client();
        let mut steps = vec![register(&nobody, &email).await];
        let twice = json!({ "email": email, "password": PASSWORD, "firstName": "Rani" });
        let again = "mutation($input: UserRegisterInput!) { userRegister(input: $input) { userErrors { code path } } }";
        steps.push(nobody.graphql(again, json!({ "input": twice })).await);

        let tokens = step(
            &nobody,
            "mutation($input: LoginInput!) { login(input: $input) { accessToken refreshToken userErrors { code } } }",
            json!({ "input": { "email": email, "password": PASSWORD, "deviceName": "Ponsel" } }),
        )
        .await;
        let user = nobody.clone().with_token(tokens["data"]["login"]["accessToken"].as_str().unwrap());
        steps.push(step(&user, ME, json!({})).await);
        let change = json!({ "input": { "expectedVersion": 1, "firstName": "Rani Ayu" } });
        steps.push(nobody.graphql("mutation { accountDeletionCancel { user { id } } }", json!({})).await["data"].take());
        steps.push(step(&user, UPDATE, change.clone()).await);
        // What was changed meanwhile is not overwritten.
        steps.push(user.graphql(UPDATE, change).await);
        steps.push(step(&user, "mutation { logout { session { isCurrent } userErrors { code } } }", json!({})).await);
        until_refused(&user).await;
        let refresh = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) { userErrors { code } } }";
        let token = &tokens["data"]["login"]["refreshToken"];
        steps.push(nobody.graphql(refresh, json!({ "input": { "refreshToken": token } })).await);
        steps
    })
    .await;
}

/// How long the token of an ended session may go on working: the router asks for such sessions every 100 ms.
const REVOCATION_LIMIT: Duration = Duration::from_secs(5);

/// Waits until the token of a session that was ended is refused; the router learns of it in moments.
async fn until_refused(client: &HttpClient) {
    let what = "the token of an ended session is refused";
    let refused = found_within(REVOCATION_LIMIT, what, async || {
        let reply = client
            .post("/graphql", r#"{"query":"{ me { email } }"}"#)
            .await;
        if reply.status == 401 {
            Ok(reply.json())
        } else {
            Err(reply.status)
        }
    })
    .await;
    assert_eq!(
        refused["errors"][0]["message"],
        "the session of the access token has been revoked"
    );
}

#[tokio::test]
async fn a_stolen_refresh_token_ends_the_session_everywhere() {
    same_in_both(async |started, tag| {
        let email = format!("curi-{tag}@pasar.example");
        register(&started.client(), &email).await;
        let user = login(&started.client(), &email, PASSWORD).await;
        let sessions = step(&user, "{ me { sessions { id isCurrent } } }", json!({})).await;
        let id = &sessions["data"]["me"]["sessions"][0]["id"];
        let other = login(&started.client(), &email, PASSWORD).await;
        let revoke = "mutation($input: SessionRevokeInput!) { sessionRevoke(input: $input) { session { id } userErrors { code } } }";
        let steps = vec![step(&other, revoke, json!({ "input": { "sessionId": id } })).await];
        until_refused(&user).await;
        let still = step(&other, "{ me { email } }", json!({})).await;
        [steps, vec![still]].concat()
    })
    .await;
}

/// A product like one that the seller has, so that it fits its category.
pub(super) async fn product_input(seller: &HttpClient, tag: &str) -> Value {
    let query =
        "query($where: ProductWhere) { products(first: 1, sort: NAME, where: $where) { nodes {
        kind unit category { id } attributes { attribute { code } value } } } }";
    let shop =
        step(seller, "{ me { seller { id } } }", json!({})).await["data"]["me"]["seller"]["id"]
            .take();
    let filter = json!({ "where": { "sellerId": shop, "kind": "PHYSICAL" } });
    let like = step(seller, query, filter).await["data"]["products"]["nodes"][0].take();
    let attributes: Vec<Value> = like["attributes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attribute| json!({ "code": attribute["attribute"]["code"], "value": attribute["value"] }))
        .collect();
    json!({
        "sellerId": shop, "slug": format!("kopi-{tag}"), "name": "Zz Kopi Gayo Uji", "description": "Biji pilihan.",
        "categoryId": like["category"]["id"], "kind": "PHYSICAL", "unit": like["unit"], "attributes": attributes,
        "variants": [{
            "sku": tag.to_uppercase(), "name": "250 g", "weightGrams": 250,
            "price": { "minorUnits": "65000", "currency": "IDR" },
        }],
        "idempotencyKey": format!("kopi-{tag}"),
    })
}

pub(super) const CREATE: &str =
    "mutation($input: ProductCreateInput!) { productCreate(input: $input) {
    product { id version status variants { id } } userErrors { code path } } }";
pub(super) const PUBLISH: &str =
    "mutation($input: ProductStatusInput!) { productPublish(input: $input) {
    product { version status } userErrors { code path } } }";
const SHOWN: &str = "query($slug: String!) { productBySlug(slug: $slug) {
    id name slug status priceRange { min { amount currency } } availability { status quantity }
    rating { average count } reviews(first: 5, sort: NEWEST) { nodes { rating title body author { displayName } } }
    seller { shopName } } }";

// T-PRD-1, T-INV-1, T-REV-1: from the seller's desk to the buyer's opinion.
#[tokio::test]
async fn a_product_is_created_stocked_published_bought_into_view_and_reviewed() {
    same_in_both(async |started, tag| {
        let (seller, nobody) = (started.login(SELLER).await, started.client());
        let slug = json!({ "slug": format!("kopi-{tag}") });
        let input = json!({ "input": product_input(&seller, tag).await });
        let created = step(&seller, CREATE, input.clone()).await;
        let product = &created["data"]["productCreate"]["product"];
        // Sent twice, done once.
        assert_eq!(step(&seller, CREATE, input).await, created);
        let mut steps = vec![created.clone(), step(&nobody, SHOWN, slug.clone()).await];

        steps.push(set_stock(&seller, &product["variants"][0]["id"]).await);
        let publish = json!({ "input": { "productId": product["id"], "expectedVersion": product["version"] } });
        steps.push(step(&seller, PUBLISH, publish.clone()).await);
        steps.push(seller.graphql(PUBLISH, publish).await);
        steps.push(step(&nobody, SHOWN, slug.clone()).await);

        steps.extend(review(started, tag, &product["id"]).await);
        let shown = step(&nobody, SHOWN, slug).await;
        let product = &shown["data"]["productBySlug"];
        assert_eq!(product["rating"], json!({ "average": product["rating"]["average"], "count": 1 }));
        assert_eq!(product["reviews"]["nodes"][0]["author"], json!({ "displayName": "Rani W." }));
        assert_eq!(product["availability"]["quantity"], 12);
        steps.push(shown);
        steps
    })
    .await;
}

/// Puts 12 pieces into the first warehouse of the seller's shop.
async fn set_stock(seller: &HttpClient, variant: &Value) -> Value {
    let query = "{ me { seller { warehouses { id } } } }";
    let found = step(seller, query, json!({})).await;
    let warehouse = &found["data"]["me"]["seller"]["warehouses"][0]["id"];
    let set = "mutation($input: StockSetInput!) { stockSet(input: $input) {
        stockLevel { quantity version } userErrors { code path } } }";
    let input = json!({
        "variantId": variant, "warehouseId": warehouse, "quantity": 12, "reason": "RECEIPT",
        "idempotencyKey": variant,
    });
    step(seller, set, json!({ "input": input })).await
}

/// Somebody who has just registered gives four stars, and cannot give more.
pub(super) async fn review(started: &Deployment, tag: &str, product: &Value) -> Vec<Value> {
    const CREATE: &str = "mutation($input: ReviewCreateInput!) { reviewCreate(input: $input) {
        review { rating body status author { displayName } product { name rating { average count } } }
        userErrors { code path } } }";
    let email = format!("ulasan-{tag}@pasar.example");
    register(&started.client(), &email).await;
    let buyer = login(&started.client(), &email, PASSWORD).await;
    let input = |key: &str| {
        json!({ "input": {
            "productId": product, "rating": 4, "title": "Harum", "body": "Aromanya enak sekali, akan beli lagi.",
            "idempotencyKey": format!("{key}-{tag}"),
        } })
    };
    let first = step(&buyer, CREATE, input("satu")).await;
    assert_eq!(
        step(&buyer, CREATE, input("satu")).await,
        first,
        "sent twice, done once"
    );
    let second = buyer.graphql(CREATE, input("dua")).await;
    let seller = started.login(SELLER).await;
    let own = seller.graphql(CREATE, input("tiga")).await;
    let nobody = started.client().graphql(CREATE, input("empat")).await;
    assert_eq!(codes(&nobody), ["UNAUTHENTICATED"]);
    vec![first, second, own]
}
