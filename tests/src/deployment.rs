//! Whole deployments as their operators run them: child processes of the real binary, on databases of
//! their own. `up` is one process; `split` is a process per subgraph and one for the router.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{OnceLock, mpsc},
    time::Duration,
};

use pasar::subgraphs;
use serde_json::{Value, json};

use crate::{
    database::Database,
    http::HttpClient,
    server::{admin_url, target_dir},
};

/// How long a process may take to say that it is ready; seeding included.
const START_LIMIT: Duration = Duration::from_secs(180);

/// Five databases, one per subgraph, removed when dropped.
pub struct Databases(Vec<(&'static str, Database)>);

impl Databases {
    /// Migrated, empty databases.
    pub async fn create() -> Self {
        let mut databases = Vec::new();
        for subgraph in subgraphs::ALL {
            databases.push((subgraph.name, Database::create(subgraph).await));
        }
        Self(databases)
    }

    /// The database of one subgraph.
    #[must_use]
    pub fn get(&self, name: &str) -> &Database {
        &self.0.iter().find(|(known, _)| *known == name).unwrap().1
    }

    fn environment(&self) -> Vec<(String, String)> {
        let variable =
            |name: &str| format!("PASAR__SUBGRAPHS__{}__DATABASE_URL", name.to_uppercase());
        self.0
            .iter()
            .map(|(name, database)| (variable(name), database.url()))
            .collect()
    }
}

/// A process of the binary; killed when dropped.
pub struct Process {
    child: Child,
    /// Where clients connect, as printed.
    pub url: String,
    /// Where operators connect, as printed.
    pub admin_url: String,
}

impl Process {
    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it without a chance to clean up.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, as an operator would, and waits; gives whether it ended well.
    pub fn terminate(&mut self) -> bool {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().success()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A deployment that answers.
pub struct Deployment {
    /// The processes; the last one is what clients reach.
    pub processes: Vec<Process>,
    /// Files of the processes, removed with the deployment.
    pub folder: tempfile::TempDir,
}

impl Deployment {
    /// `pasar up` on `databases`, filled with the small demo marketplace when `seed` says so.
    pub fn up(databases: &Databases, seed: &str, extra: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let arguments = ["up", "--seed", seed, "--data", data.to_str().unwrap()];
        let mut environment = shared_environment(databases);
        environment.push(("PASAR__POSTGRES__URL".to_owned(), admin_url().to_owned()));
        environment.extend(
            extra
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        Self {
            processes: vec![start(&arguments, &environment)],
            folder,
        }
    }

    /// A process per subgraph and a router on `databases`.
    pub fn split(databases: &Databases, extra: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut environment = shared_environment(databases);
        environment.extend(
            extra
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        // Peers need each other's addresses before they start: reserve ports.
        let ports: Vec<u16> = subgraphs::ALL.iter().map(|_| free_port()).collect();
        for (subgraph, port) in subgraphs::ALL.iter().zip(&ports) {
            let url = format!("http://127.0.0.1:{port}/{}/graphql", subgraph.name);
            let upper = subgraph.name.to_uppercase();
            environment.push((format!("PASAR__SUBGRAPHS__{upper}__URL"), url.clone()));
            environment.push((format!("PASAR_{upper}_URL"), url.clone()));
            if subgraph.name == "identity" {
                let keys = format!("http://127.0.0.1:{port}/.well-known/jwks.json");
                environment.push(("PASAR__AUTH__JWKS_URL".to_owned(), keys));
                environment.push(("PASAR__AUTH__REVOKED_SESSIONS_URL".to_owned(), url));
            }
        }
        let mut processes = Vec::new();
        for (subgraph, port) in subgraphs::ALL.iter().zip(&ports) {
            let listen = format!("127.0.0.1:{port}");
            let arguments = ["serve", "--subgraph", subgraph.name, "--listen", &listen];
            processes.push(start(&arguments, &environment));
        }
        let supergraph = repository().join("supergraph.yaml");
        let arguments = ["router", "--supergraph", supergraph.to_str().unwrap()];
        processes.push(start(&arguments, &environment));
        Self { processes, folder }
    }

    /// Where clients connect.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.processes.last().unwrap().url
    }

    /// An anonymous client.
    #[must_use]
    pub fn client(&self) -> HttpClient {
        HttpClient::new(self.url())
    }

    /// A client that has logged in with the password of the demo people.
    pub async fn login(&self, email: &str) -> HttpClient {
        const LOGIN: &str = "mutation($input: LoginInput!) { login(input: $input) {
            accessToken userErrors { code message } } }";
        let input = json!({ "input": { "email": email, "password": pasar::seed::DEMO_PASSWORD } });
        let reply = self.client().graphql(LOGIN, input).await;
        let token = reply["data"]["login"]["accessToken"].as_str();
        self.client()
            .with_token(token.unwrap_or_else(|| panic!("{email} cannot log in: {reply}")))
    }
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

fn shared_environment(databases: &Databases) -> Vec<(String, String)> {
    static SIGNING_KEY: OnceLock<String> = OnceLock::new();
    let signing_key = SIGNING_KEY.get_or_init(|| identity::keys::generate_pem().unwrap());
    let mut environment = databases.environment();
    for (name, value) in [
        ("PASAR__HTTP__LISTEN", "127.0.0.1:0"),
        ("PASAR__HTTP__ADMIN_LISTEN", "127.0.0.1:0"),
        ("PASAR__INTERNAL__SECRET", INTERNAL_SECRET),
        ("PASAR__IDENTITY__SIGNING_KEY", signing_key),
        ("PASAR__AUTH__REVOKED_SESSIONS_INTERVAL", "100ms"),
        ("PASAR__TELEMETRY__LEVEL", "warn"),
    ] {
        environment.push((name.to_owned(), value.to_owned()));
    }
    environment
}

/// The binary of this build, built when it is missing or old.
#[must_use]
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let mut arguments = vec!["build", "--quiet", "--package", "pasar", "--bin", "pasar"];
        let profile = if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        };
        if profile == "release" {
            arguments.push("--release");
        }
        let built = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(repository())
            .status();
        assert!(built.unwrap().success(), "the binary does not build");
        target_dir().join(profile).join("pasar")
    })
}

/// Starts the binary and waits until it says that it is ready.
#[must_use]
pub fn start(arguments: &[&str], environment: &[(String, String)]) -> Process {
    let mut child = Command::new(binary())
        .args(arguments)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .current_dir(repository())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (sender, receiver) = mpsc::channel();
    // Reads on after `ready`, so that the child never waits for a full pipe.
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            drop(sender.send(line));
        }
    });
    let mut process = Process {
        child,
        url: String::new(),
        admin_url: String::new(),
    };
    loop {
        let line = receiver
            .recv_timeout(START_LIMIT)
            .unwrap_or_else(|_| panic!("`pasar {}` did not become ready", arguments.join(" ")));
        if let Some(url) = line.strip_prefix("operators ") {
            process.admin_url = url.split('/').take(3).collect::<Vec<_>>().join("/");
        }
        if let Some(url) = line.strip_prefix("ready ") {
            process.url = url.to_owned();
            return process;
        }
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
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
    is_id || text.starts_with("202") && text.contains("T") && text.contains(':')
}
