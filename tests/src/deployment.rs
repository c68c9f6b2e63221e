//! Whole deployments as their operators run them: child processes of the real binary, on databases of
//! their own. `up` is one process; `split` is a process per subgraph and one for the router.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use pasar::subgraphs;
use serde_json::{Value, json};

use crate::{
    child::{Environment, Process, start, start_all},
    database::Database,
    http::HttpClient,
    server::{admin_url, target_dir},
    things::EVENTS,
};

/// A database per subgraph and one for the event log, removed when dropped.
pub struct Databases(Vec<(&'static str, Database)>);

impl Databases {
    /// Migrated, empty databases.
    pub async fn create() -> Self {
        let mut databases = Vec::new();
        for subgraph in subgraphs::ALL {
            databases.push((subgraph.name, Database::create(subgraph).await));
        }
        databases.push((EVENTS.name, Database::create(&EVENTS).await));
        Self(databases)
    }

    /// The database of one subgraph, or that of the event log, `events`.
    #[must_use]
    pub fn get(&self, name: &str) -> &Database {
        &self.0.iter().find(|(known, _)| *known == name).unwrap().1
    }

    /// The variables that say where they are.
    #[must_use]
    pub fn environment(&self) -> Environment {
        let variable = |name: &str| match name {
            "events" => "PASAR__EVENTS__DATABASE_URL".to_owned(),
            _ => format!("PASAR__SUBGRAPHS__{}__DATABASE_URL", name.to_uppercase()),
        };
        self.0
            .iter()
            .map(|(name, database)| (variable(name), database.url()))
            .collect()
    }
}

/// A deployment that answers.
pub struct Deployment {
    /// The processes; the last one is what clients reach.
    pub processes: Vec<Process>,
    /// What they were started with.
    environment: Environment,
}

impl Deployment {
    /// `pasar up` on `databases`, filled with the small demo marketplace when `seed` says so.
    #[must_use]
    pub fn up(databases: &Databases, seed: &str, extra: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        let mut environment = databases.environment();
        environment.extend(test_environment());
        environment.push(("PASAR__POSTGRES__URL".to_owned(), admin_url().to_owned()));
        extend(&mut environment, extra);
        let process = start(&["up", "--seed", seed, "--data", data], &environment);
        // Secrets are set and the seed is done: nothing in the folder is needed any more.
        Self {
            processes: vec![process],
            environment,
        }
    }

    /// A process per subgraph and a router on `databases`.
    #[must_use]
    pub fn split(databases: &Databases, extra: &[(&str, &str)]) -> Self {
        Self::split_on(databases.environment(), extra)
    }

    /// Another split deployment on the databases of this one.
    #[must_use]
    pub fn split_beside(&self, extra: &[(&str, &str)]) -> Self {
        let mut databases = self.environment.clone();
        databases.retain(|(name, _)| name.ends_with("__DATABASE_URL"));
        Self::split_on(databases, extra)
    }

    fn split_on(databases: Environment, extra: &[(&str, &str)]) -> Self {
        let mut environment = databases;
        environment.extend(test_environment());
        // Peers need each other's addresses before they start: reserve ports.
        let addresses: Vec<String> = subgraphs::ALL.iter().map(|_| free_address()).collect();
        for (subgraph, address) in subgraphs::ALL.iter().zip(&addresses) {
            let url = format!("http://{address}/{}/graphql", subgraph.name);
            environment.extend(addresses_of(subgraph.name, &url));
            if subgraph.name == "identity" {
                let keys = format!("http://{address}/.well-known/jwks.json");
                environment.push(("PASAR__AUTH__JWKS_URL".to_owned(), keys));
                environment.push(("PASAR__AUTH__REVOKED_SESSIONS_URL".to_owned(), url));
            }
        }
        extend(&mut environment, extra);
        let commands: Vec<Vec<&str>> = subgraphs::ALL
            .iter()
            .zip(&addresses)
            .map(|(subgraph, address)| {
                vec!["serve", "--subgraph", subgraph.name, "--listen", address]
            })
            .collect();
        let mut processes = start_all(&commands, &environment);
        processes.push(start(&router_arguments(), &environment));
        Self {
            processes,
            environment,
        }
    }

    /// Another process of one subgraph of a split deployment.
    #[must_use]
    pub fn another_subgraph(&self, name: &str, extra: &[(&str, &str)]) -> Process {
        let mut environment = self.environment.clone();
        extend(&mut environment, extra);
        let address = free_address();
        let arguments = ["serve", "--subgraph", name, "--listen", &address];
        start(&arguments, &environment)
    }

    /// Another router over the subgraphs of a split deployment, with the subgraph `name` at `url`.
    #[must_use]
    pub fn another_router(&self, name: &str, url: &str, extra: &[(&str, &str)]) -> Process {
        let mut environment = self.environment.clone();
        environment.extend(addresses_of(name, url));
        extend(&mut environment, extra);
        start(&router_arguments(), &environment)
    }

    /// The process of a subgraph of a split deployment.
    #[must_use]
    pub fn subgraph(&self, name: &str) -> &Process {
        let found = subgraphs::ALL.iter().position(|known| known.name == name);
        &self.processes[found.unwrap()]
    }

    /// What the processes were started with.
    #[must_use]
    pub const fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Where clients connect.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.processes.last().unwrap().url
    }

    /// Where operators connect.
    #[must_use]
    pub fn admin_url(&self) -> &str {
        &self.processes.last().unwrap().admin_url
    }

    /// An anonymous client.
    #[must_use]
    pub fn client(&self) -> HttpClient {
        HttpClient::new(self.url())
    }

    /// A client that has logged in with the password of the demo people.
    pub async fn login(&self, email: &str) -> HttpClient {
        login(&self.client(), email, pasar::seed::DEMO_PASSWORD).await
    }
}

/// The same client, logged in.
pub async fn login(client: &HttpClient, email: &str, password: &str) -> HttpClient {
    const LOGIN: &str = "mutation($input: LoginInput!) { login(input: $input) {
        accessToken userErrors { code message } } }";
    let input = json!({ "input": { "email": email, "password": password } });
    let reply = client.graphql(LOGIN, input).await;
    let token = reply["data"]["login"]["accessToken"].as_str();
    let token = token.unwrap_or_else(|| panic!("{email} cannot log in: {reply}"));
    client.clone().with_token(token)
}

/// The folder of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// The secret that all processes of the tests share.
pub const INTERNAL_SECRET: &str = "a secret of at least thirty-two bytes, for tests";

/// The key with which all deployments of this test process sign access tokens, as PKCS#8 PEM.
#[must_use]
pub fn signing_key() -> &'static str {
    static SIGNING_KEY: OnceLock<String> = OnceLock::new();
    SIGNING_KEY.get_or_init(|| identity::keys::generate_pem().unwrap())
}

/// What all processes of the tests are told, whatever database they work on.
#[must_use]
pub fn test_environment() -> Environment {
    [
        ("PASAR__HTTP__LISTEN", "127.0.0.1:0"),
        ("PASAR__HTTP__ADMIN_LISTEN", "127.0.0.1:0"),
        ("PASAR__INTERNAL__SECRET", INTERNAL_SECRET),
        ("PASAR__IDENTITY__SIGNING_KEY", signing_key()),
        ("PASAR__AUTH__REVOKED_SESSIONS_INTERVAL", "100ms"),
        ("PASAR__TELEMETRY__LEVEL", "warn"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

fn extend(environment: &mut Environment, extra: &[(&str, &str)]) {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    environment.extend(extra.iter().map(owned));
}

/// The variables that say where a subgraph is: to its peers, and in `supergraph.yaml`.
fn addresses_of(name: &str, url: &str) -> [(String, String); 2] {
    let upper = name.to_uppercase();
    [
        (format!("PASAR__SUBGRAPHS__{upper}__URL"), url.to_owned()),
        (format!("PASAR_{upper}_URL"), url.to_owned()),
    ]
}

// Relative to the repository, in which the processes run.
const fn router_arguments() -> [&'static str; 3] {
    ["router", "--supergraph", "supergraph.yaml"]
}

/// The binary of this build, built when it is missing or old.
#[must_use]
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        // Together with the tests' own package, so that the libraries have the features that these
        // tests were built with and nothing is compiled twice.
        let mut arguments = vec![
            "build",
            "--quiet",
            "-p",
            "pasar",
            "-p",
            "tests",
            "--bin=pasar",
        ];
        let profile = if cfg!(debug_assertions) {
            "debug"
        } else {
            arguments.push("--release");
            "release"
        };
        let mut build = Command::new(env!("CARGO"));
        build.args(arguments).current_dir(repository());
        // Cargo describes the tests' package in the environment, and build scripts (ring's) that ask
        // for such variables would run again, with all that depends on them.
        clear(&mut build, &["CARGO_PKG_", "CARGO_MANIFEST_"]);
        assert!(
            build.status().unwrap().success(),
            "the binary does not build"
        );
        target_dir().join(profile).join("pasar")
    })
}

/// Keeps variables whose names begin so from `command`.
pub(crate) fn clear(command: &mut Command, beginnings: &[&str]) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if beginnings
            .iter()
            .any(|beginning| text.starts_with(beginning))
        {
            command.env_remove(&name);
        }
    }
}

fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// Values without what differs between two runs of the same journey: ids, times, tokens.
#[must_use]
pub fn without_identity(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without_identity).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), without_identity(value)))
            .collect(),
        Value::String(text) if is_identity(text) => json!("…"),
        other => other.clone(),
    }
}

fn is_identity(text: &str) -> bool {
    let is_id = text
        .rsplit_once('_')
        .is_some_and(|(_, suffix)| suffix.len() == 26);
    is_id || text.starts_with("202") && text.contains('T') && text.contains(':')
}
