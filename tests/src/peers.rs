//! The other subgraphs, as a test wants them to answer.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, OnceLock},
};

use futures_util::FutureExt;
use kernel::{Fault, GraphqlCall};
use serde_json::{Value, json};
use service::Execute;

type Answer = Arc<dyn Fn(&GraphqlCall) -> Result<Value, Fault> + Send + Sync>;
type Answers = Arc<Mutex<HashMap<String, Answer>>>;

/// Stands in for the other subgraphs of one subgraph under test.
#[derive(Clone, Default)]
pub struct StubPeers {
    answers: Answers,
    hanging: Arc<Mutex<HashSet<String>>>,
    calls: Arc<Mutex<Vec<(String, Value)>>>,
}

impl StubPeers {
    /// From now on `name` answers every call with `data`.
    pub fn answer(&self, name: &str, data: Value) {
        self.answer_with(name, move |_| data.clone());
    }

    /// From now on `name` answers with what `answer` makes of the call.
    pub fn answer_with(
        &self,
        name: &str,
        answer: impl Fn(&GraphqlCall) -> Value + Send + Sync + 'static,
    ) {
        let answer: Answer = Arc::new(move |call| Ok(answer(call)));
        self.answers.lock().unwrap().insert(name.to_owned(), answer);
    }

    /// From now on `name` does not answer.
    pub fn fail(&self, name: &str) {
        let answer: Answer = Arc::new(|_| Err(Fault::unavailable("switched off by the test")));
        self.answers.lock().unwrap().insert(name.to_owned(), answer);
    }

    /// From now on a call to `name` is never answered.
    pub fn hang(&self, name: &str) {
        self.hanging.lock().unwrap().insert(name.to_owned());
    }

    /// The calls so far: peer and variables.
    #[must_use]
    pub fn calls(&self) -> Vec<(String, Value)> {
        self.calls.lock().unwrap().clone()
    }

    /// The peers to give to the subgraph.
    pub(crate) fn wire(&self) -> Arc<OnceLock<HashMap<String, Execute>>> {
        let names = ["catalog", "identity", "inventory", "reviews", "sellers"];
        let all: HashMap<String, Execute> = names
            .iter()
            .map(|name| ((*name).to_owned(), self.execute(name)))
            .collect();
        let cell = OnceLock::new();
        assert!(cell.set(all).is_ok(), "a fresh cell is empty");
        Arc::new(cell)
    }

    fn execute(&self, name: &str) -> Execute {
        let (stub, name) = (self.clone(), name.to_owned());
        Arc::new(move |call| {
            let variables = Value::Object(call.variables.clone());
            stub.calls.lock().unwrap().push((name.clone(), variables));
            if stub.hanging.lock().unwrap().contains(&name) {
                return std::future::pending().boxed();
            }
            let answer = stub.answers.lock().unwrap().get(&name).cloned();
            let reply = match answer {
                Some(answer) => answer(&call).map(|data| json!({ "data": data })),
                None => panic!("the test has not said what `{name}` answers: app.peers.answer(…)"),
            };
            async move { Ok(serde_json::to_vec(&reply?)?.into()) }.boxed()
        })
    }
}
