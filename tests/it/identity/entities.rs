use harness::{Role, Subgraph, entities};
use serde_json::json;

use super::start;

/// Accounts without passwords: hashing fifty takes long.
async fn fifty(app: &Subgraph) -> Vec<String> {
    let ids: Vec<_> = (1..=50_u128).map(uuid::Uuid::from_u128).collect();
    sqlx::query(
        "with made as (insert into users (id, email, first_name, last_name, locale, currency, status, \
         version, created_at, updated_at) select id, id || '@x.id', 'Siti', 'Rahmawati', 'ID', 'IDR', \
         'ACTIVE', 1, now(), now() from unnest($1::uuid[]) id returning id) \
         insert into user_roles (user_id, role, granted_at) select id, 'customer', now() from made",
    )
    .bind(&ids)
    .execute(&app.db)
    .await
    .unwrap();
    ids.into_iter()
        .map(|id| kernel::UserId::from_uuid(id).to_string())
        .collect()
}

// design.md 5: entities resolve in batches
#[tokio::test]
async fn one_and_fifty_entities_take_the_same_statements() {
    let app = start().await;
    let ids = fifty(&app).await;
    let anybody = app.client(Role::Anonymous);
    let (query, one) = entities("User", "id displayName joinedAt", &ids[..1]);
    let (_, many) = entities("User", "id displayName joinedAt", &ids);
    let (_, for_one) = app.statements(anybody.run(&query, one)).await;
    let (reply, for_many) = app.statements(anybody.run(&query, many)).await;
    let found = reply["data"]["_entities"].as_array().unwrap();
    assert!(
        found.iter().all(|user| user["displayName"] == "Siti R."),
        "{reply}"
    );
    assert_eq!((found.len(), for_one, for_many), (50, 1, 1));
}

#[tokio::test]
async fn nested_lists_of_many_accounts_take_one_statement_each() {
    let app = start().await;
    let ids = fifty(&app).await;
    let admin = app.client(Role::Admin);
    let selection = "email roles permissions sessions { id }";
    let (query, one) = entities("User", selection, &ids[..1]);
    let (_, many) = entities("User", selection, &ids);
    let (_, for_one) = app.statements(admin.run(&query, one)).await;
    let (reply, for_many) = app.statements(admin.run(&query, many)).await;
    assert_eq!(reply["data"]["_entities"][49]["roles"], json!(["customer"]));
    assert_eq!(
        (for_one, for_many),
        (3, 3),
        "accounts, their roles, their sessions"
    );

    let list = "{ users(first: 50) { nodes { id roles sessions { id } } } }";
    let (_, for_list) = app.statements(admin.run(list, json!({}))).await;
    assert_eq!(for_list, 3);
}

#[tokio::test]
async fn a_missing_entity_is_null_and_its_neighbours_arrive() {
    let app = start().await;
    let mut ids = fifty(&app).await[..2].to_vec();
    ids.insert(1, "user_7zzzzzzzzzzzzzzzzzzzzzzzzz".to_owned());
    let (query, variables) = entities("User", "displayName", &ids);
    let reply = app.client(Role::Anonymous).run(&query, variables).await;
    let user = json!({ "__typename": "User", "displayName": "Siti R." });
    assert_eq!(reply["data"]["_entities"], json!([user, null, user]));
}

#[tokio::test]
async fn a_private_field_of_an_entity_is_null_with_an_error_and_the_public_ones_arrive() {
    let app = start().await;
    let ids = fifty(&app).await;
    let (query, variables) = entities("User", "displayName email", &ids[..1]);
    let reply = app.client(Role::Buyer).run(&query, variables).await;
    assert_eq!(
        reply["data"]["_entities"],
        json!([{ "__typename": "User", "displayName": "Siti R.", "email": null }])
    );
    assert_eq!(
        reply["errors"],
        json!([{ "message": "this needs the permission `manage:users`",
                 "locations": reply["errors"][0]["locations"], "path": ["_entities", "email"],
                 "extensions": { "code": "FORBIDDEN" } }])
    );

    let query = format!("{{ user(id: \"{}\") {{ email roles }} }}", ids[0]);
    let reply = app.client(Role::Buyer).run(&query, json!({})).await;
    assert_eq!(
        reply["data"],
        json!({ "user": { "email": null, "roles": null } })
    );
    assert_eq!(reply["errors"][1]["path"], json!(["user", "roles"]));
}

#[tokio::test]
async fn an_id_of_another_kind_is_refused_by_its_prefix() {
    let app = start().await;
    let query = "{ user(id: \"seller_00000000000000000000000001\") { id } }";
    let reply = app.client(Role::Buyer).run(query, json!({})).await;
    let error = &reply["errors"][0];
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("begins with `user_`"),
        "{error}"
    );
}
