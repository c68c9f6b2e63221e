//! The people and shops, and sending commands in their name.

use std::sync::Arc;

use anyhow::Context as _;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kernel::{CallContext, GraphqlCall, Id, Principal, SellerId, UserId};
use serde_json::{Value, json};

use super::PARALLEL;
use crate::{
    launch::Launched,
    seed::{DEMO_PASSWORD, DemoGender, DemoPlan, DemoSeller, DemoUser},
};

/// A shop that is there.
pub(super) struct Shop {
    pub(super) id: SellerId,
    pub(super) owner: Principal,
    /// Ids, in the order of the plan.
    pub(super) warehouses: Vec<String>,
}

/// Everybody who acts.
pub(super) struct Actors<'a> {
    launched: &'a Launched,
    pub(super) admin: Principal,
    pub(super) buyers: Vec<Principal>,
    pub(super) shops: Vec<Shop>,
}

/// What became of a command.
pub(super) enum Outcome {
    /// Its payload.
    Done(Value),
    /// The thing was there already.
    Exists,
    /// The thing has changed since the version that was named.
    Changed,
}

const BOOTSTRAP: &str = "mutation($input: UserBootstrapInput!) { userBootstrap(input: $input) {
    user { id } userErrors { code message path } } }";
const REGISTER: &str = "mutation($input: UserRegisterInput!) { userRegister(input: $input) {
    user { id } userErrors { code message path } } }";
const FIND: &str = "query($email: String!) { users(first: 100, where: { emailContains: $email }) {
    nodes { id email version } } }";
const PROFILE: &str = "mutation($input: ProfileUpdateInput!) { profileUpdate(input: $input) {
    user { id } userErrors { code message path } } }";
const OPEN: &str = "mutation($input: SellerRegisterInput!) { sellerRegister(input: $input) {
    seller { id version } userErrors { code message path } } }";
const SUBMIT: &str =
    "mutation($input: SellerVerificationSubmitInput!) { sellerVerificationSubmit(input: $input) {
    seller { version } userErrors { code message path } } }";
const VERIFY: &str =
    "mutation($input: SellerVerificationDecideInput!) { sellerVerificationDecide(input: $input) {
    seller { version } userErrors { code message path } } }";
const SHOP: &str = "query($id: ID!) { seller(id: $id) { version status } }";
const WAREHOUSE: &str = "mutation($input: WarehouseCreateInput!) { warehouseCreate(input: $input) {
    warehouse { id } userErrors { code message path } } }";

impl<'a> Actors<'a> {
    /// Registers everybody and opens the shops.
    pub(super) async fn register(launched: &'a Launched, plan: &DemoPlan) -> anyhow::Result<Self> {
        let admin = Principal {
            permissions: vec![kernel::principal::EVERYTHING.to_owned()],
            ..Principal::service("seed")
        };
        let mut actors = Self {
            launched,
            admin,
            buyers: Vec::new(),
            shops: Vec::new(),
        };
        let admin_id = actors.person(&plan.admin, true).await?;
        actors.admin = Principal {
            permissions: vec![kernel::principal::EVERYTHING.to_owned()],
            ..person(admin_id)
        };
        actors.buyers = stream::iter(&plan.buyers)
            .map(|buyer| actors.person(buyer, false))
            .buffered(PARALLEL)
            .map_ok(person)
            .try_collect()
            .await?;
        actors.shops = stream::iter(plan.sellers.iter().enumerate())
            .map(|(index, seller)| actors.shop(index, seller))
            .buffered(PARALLEL)
            .try_collect()
            .await?;
        Ok(actors)
    }

    async fn person(&self, user: &DemoUser, is_admin: bool) -> anyhow::Result<UserId> {
        let mut input = json!({ "email": user.email, "password": DEMO_PASSWORD,
            "firstName": user.first_name, "lastName": user.last_name });
        let outcome = if is_admin {
            input["roles"] = json!(["admin"]);
            self.change("identity", &Principal::service("seed"), BOOTSTRAP, input)
                .await?
        } else {
            self.change("identity", &Principal::anonymous(), REGISTER, input)
                .await?
        };
        let id: UserId = match outcome {
            Outcome::Done(payload) => id(&payload["user"]["id"])?,
            Outcome::Exists | Outcome::Changed => {
                let account = self.account(&user.email).await?;
                let id = id(&account["id"])?;
                // An earlier run may have come to the profile.
                if account["version"] != 1 {
                    return Ok(id);
                }
                id
            }
        };
        let gender = match user.gender {
            DemoGender::Male => "MALE",
            DemoGender::Female => "FEMALE",
        };
        let input = json!({ "expectedVersion": 1, "gender": gender,
            "dateOfBirth": user.birth_date });
        self.done("identity", &person(id), PROFILE, input).await?;
        Ok(id)
    }

    /// The account of an earlier run. Registration has no idempotency key.
    async fn account(&self, email: &str) -> anyhow::Result<Value> {
        let found = self
            .ask("identity", FIND, json!({ "email": email }))
            .await?;
        let mut accounts = found["users"]["nodes"].as_array().into_iter().flatten();
        // `rani@…` contains `ani@…`.
        let account = accounts.find(|account| account["email"] == email);
        account.cloned().context("a taken address is somebody's")
    }

    async fn shop(&self, index: usize, seller: &DemoSeller) -> anyhow::Result<Shop> {
        let owner = person(self.person(&seller.owner, false).await?);
        let input = json!({ "slug": seller.slug, "shopName": seller.shop_name,
            "description": seller.description, "city": seller.city, "province": seller.province,
            "idempotencyKey": "demo-shop" });
        let payload = self.done("sellers", &owner, OPEN, input).await?;
        let id: SellerId = id(&payload["seller"]["id"])?;
        if seller.verified {
            let legal_name = format!("CV {}", seller.shop_name);
            let number = format!("{:013}", 9_120_000_000_000_u64 + index as u64);
            let input = json!({ "sellerId": id, "expectedVersion": payload["seller"]["version"],
                "legalName": legal_name, "businessNumber": number });
            self.verify(&owner, id, input).await?;
        }
        let mut warehouses = Vec::new();
        for warehouse in &seller.warehouses {
            let input = json!({ "sellerId": id, "code": warehouse.code, "name": warehouse.name,
                "city": warehouse.city, "province": warehouse.province,
                "idempotencyKey": format!("demo-{}", warehouse.code) });
            let payload = self.done("inventory", &owner, WAREHOUSE, input).await?;
            warehouses.push(text(&payload["warehouse"]["id"])?);
        }
        Ok(Shop {
            id,
            owner,
            warehouses,
        })
    }

    /// Submits the documents of a shop and approves them.
    async fn verify(
        &self,
        owner: &Principal,
        id: SellerId,
        documents: Value,
    ) -> anyhow::Result<()> {
        let submitted = self.change("sellers", owner, SUBMIT, documents).await?;
        let version = match submitted {
            Outcome::Done(mut payload) => payload["seller"]["version"].take(),
            Outcome::Exists | Outcome::Changed => {
                let mut found = self.ask("sellers", SHOP, json!({ "id": id })).await?;
                // An earlier run may also have come to the end.
                if found["seller"]["status"] != "IN_REVIEW" {
                    return Ok(());
                }
                found["seller"]["version"].take()
            }
        };
        let input = json!({ "sellerId": id, "expectedVersion": version });
        self.done("sellers", &self.admin, VERIFY, input).await?;
        Ok(())
    }

    /// Runs a mutation of one field that must succeed; gives its payload.
    pub(super) async fn done(
        &self,
        subgraph: &str,
        principal: &Principal,
        mutation: &str,
        input: Value,
    ) -> anyhow::Result<Value> {
        match self
            .change(subgraph, principal, mutation, input.clone())
            .await?
        {
            Outcome::Done(payload) => Ok(payload),
            Outcome::Exists => anyhow::bail!("{subgraph} has it already: {input}"),
            Outcome::Changed => anyhow::bail!("{subgraph} has changed it: {input}"),
        }
    }

    /// Runs a mutation of one field.
    pub(super) async fn change(
        &self,
        subgraph: &str,
        principal: &Principal,
        mutation: &str,
        input: Value,
    ) -> anyhow::Result<Outcome> {
        let mut data = self
            .run(subgraph, principal, mutation, json!({ "input": input }))
            .await?;
        let payload = data
            .as_object_mut()
            .and_then(|fields| fields.values_mut().next());
        let payload = payload.map(Value::take).unwrap_or_default();
        match payload["userErrors"][0]["code"].as_str() {
            None => Ok(Outcome::Done(payload)),
            Some("ALREADY_EXISTS") => Ok(Outcome::Exists),
            Some("VERSION_CONFLICT") => Ok(Outcome::Changed),
            Some(_) => anyhow::bail!("{subgraph} refused: {}: {input}", payload["userErrors"]),
        }
    }

    /// Runs a query as the administrator.
    pub(super) async fn ask(
        &self,
        subgraph: &str,
        query: &str,
        variables: Value,
    ) -> anyhow::Result<Value> {
        self.run(subgraph, &self.admin, query, variables).await
    }

    async fn run(
        &self,
        subgraph: &str,
        principal: &Principal,
        query: &str,
        variables: Value,
    ) -> anyhow::Result<Value> {
        let execute = self
            .launched
            .execute(subgraph)
            .context("every subgraph runs here")?;
        let Value::Object(variables) = variables else {
            anyhow::bail!("variables are an object")
        };
        let call = GraphqlCall {
            query: query.into(),
            operation_name: None,
            variables: variables.clone(),
            context: CallContext {
                principal: Arc::new(principal.clone()),
                request_id: "seed".into(),
                traceparent: None,
                deadline: None,
            },
        };
        let answer = execute(call)
            .await
            .map_err(|fault| anyhow::anyhow!(fault.chain()))?;
        let mut answer: Value = serde_json::from_slice(&answer)?;
        if !answer["errors"].is_null() {
            anyhow::bail!(
                "{subgraph} failed: {}: {}",
                answer["errors"],
                Value::Object(variables)
            );
        }
        Ok(answer["data"].take())
    }
}

fn person(id: UserId) -> Principal {
    let session = Id::from_uuid(id.uuid());
    Principal::user(id, session, vec!["customer".to_owned()], Vec::new())
}

/// A text of an answer.
pub(super) fn text(value: &Value) -> anyhow::Result<String> {
    value
        .as_str()
        .map(str::to_owned)
        .context("the answer lacks a text")
}

fn id<E: kernel::Entity>(value: &Value) -> anyhow::Result<Id<E>> {
    Ok(text(value)?.parse()?)
}
