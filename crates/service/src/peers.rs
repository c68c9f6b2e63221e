//! Calls to other subgraphs: internal operations that only a part of Pasar may use. In one process
//! they are function calls, else HTTP; the caller cannot tell.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use kernel::{CallContext, Fault, GraphqlCall, Principal};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Ctx, Execute};

/// How long one subgraph waits for another.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The other subgraphs, as one subgraph sees them.
#[derive(Clone)]
pub struct Peers {
    own_name: &'static str,
    // Filled once all subgraphs of the process have started: they may know each other both ways.
    others: Arc<OnceLock<HashMap<String, Execute>>>,
}

#[derive(Deserialize)]
struct Answer {
    data: Option<Value>,
    #[serde(default)]
    errors: Vec<Value>,
}

impl Peers {
    /// The peers of `own_name`, to be filled by whoever holds `others`.
    #[must_use]
    pub const fn new(
        own_name: &'static str,
        others: Arc<OnceLock<HashMap<String, Execute>>>,
    ) -> Self {
        Self { own_name, others }
    }

    /// Runs `query` at the subgraph `name` and gives its `data`.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the subgraph is unknown, does not answer in 5 s or answers with errors.
    pub async fn call<T: DeserializeOwned>(
        &self,
        ctx: &Ctx,
        name: &str,
        query: &'static str,
        variables: Value,
    ) -> Result<T, Fault> {
        let Some(execute) = self.others.get().and_then(|others| others.get(name)) else {
            return Err(Fault::unavailable(format!(
                "no peer `{name}` is configured"
            )));
        };
        let Value::Object(variables) = variables else {
            return Err(Fault::internal(
                "the variables of a peer call must be an object",
            ));
        };
        let call = GraphqlCall {
            query: query.into(),
            operation_name: None,
            variables,
            context: CallContext {
                principal: Arc::new(Principal::service(self.own_name)),
                request_id: Arc::clone(&ctx.request_id),
                traceparent: ctx.traceparent.clone(),
                deadline: Some(Instant::now() + TIMEOUT),
            },
        };
        let text = tokio::time::timeout(TIMEOUT, execute(call))
            .await
            .map_err(|_| Fault::unavailable(format!("`{name}` did not answer in {TIMEOUT:?}")))??;
        // The errors of serde are not shown: they repeat values, which may be addresses or tokens.
        let answer: Answer = serde_json::from_slice(&text)
            .map_err(|_| Fault::unavailable(format!("`{name}` answered no GraphQL")))?;
        if !answer.errors.is_empty() {
            let errors = Value::Array(answer.errors);
            return Err(Fault::unavailable(format!(
                "`{name}` answered with errors: {errors}"
            )));
        }
        serde_json::from_value(answer.data.unwrap_or_default())
            .map_err(|_| Fault::unavailable(format!("`{name}` answered data of another shape")))
    }
}
