//! How each kind of server is set up and started (docs/testing.md says what was tried).

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Failure, Part, Progress, Tuning, broken, jars, ports};

/// Any 16 bytes in base64: the broker's cluster.
const KAFKA_CLUSTER: &str = "MkU3OEVBNTcwNTJENDM2Qk";

/// Who may use the listener of Kafka that asks for a password (SASL/PLAIN).
pub(crate) const KAFKA_USER: (&str, &str) = ("pasar", "rahasia");

/// The ports of a server: what clients use, what it uses itself, and where Kafka asks for a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ports {
    pub(crate) client: u16,
    pub(crate) own: u16,
    pub(crate) secured: u16,
}

impl Ports {
    /// Free ones.
    pub(crate) fn free(part: Part) -> Result<Self, Failure> {
        let client = match part {
            Part::Redis | Part::Kafka => ports::any(),
            Part::Elasticsearch | Part::Opensearch => ports::search(),
        };
        // Held together, so that they differ.
        let listeners = [client, ports::any(), ports::any()];
        let number = |listener: &Option<TcpListener>| {
            let address = listener.as_ref()?.local_addr().ok()?;
            Some(address.port())
        };
        let [Some(client), Some(own), Some(secured)] = listeners.each_ref().map(number) else {
            return Err(Failure::Broken(format!(
                "no port is free for {}",
                part.name()
            )));
        };
        Ok(Self {
            client,
            own,
            secured,
        })
    }
}

/// How clients write the address of a server on `port`.
pub(crate) fn address(part: Part, port: u16) -> String {
    match part {
        Part::Redis => format!("redis://127.0.0.1:{port}"),
        Part::Kafka => format!("127.0.0.1:{port}"),
        Part::Elasticsearch | Part::Opensearch => format!("http://127.0.0.1:{port}"),
    }
}

/// What a search node calls its cluster: nobody takes it for another's.
pub(crate) fn cluster_name(ports: Ports) -> String {
    format!("pasar-{}-{}", ports.client, ports.own)
}

/// Writes what the server reads into `folder` and gives the command that runs it. Data of an earlier run
/// in the folder is kept.
pub(crate) fn prepare(
    part: Part,
    home: &Path,
    folder: &Path,
    ports: Ports,
    tuning: Tuning,
    progress: Progress<'_>,
) -> Result<Command, Failure> {
    fs::create_dir_all(folder).map_err(broken(format!("creating {}", folder.display())))?;
    match part {
        Part::Redis => redis(folder, ports),
        Part::Kafka => kafka(folder, ports, &jars::class_path(home, part, progress)?),
        Part::Elasticsearch | Part::Opensearch => search(
            part,
            folder,
            ports,
            tuning,
            &jars::class_path(home, part, progress)?,
        ),
    }
}

fn redis(folder: &Path, ports: Ports) -> Result<Command, Failure> {
    let there = Command::new("redis-server").arg("--version").output();
    there.map_err(|error| {
        Failure::NotHere(format!("no redis-server (package redis-server): {error}"))
    })?;
    let mut command = Command::new("redis-server");
    command
        .args(["--bind", "127.0.0.1", "--port", &ports.client.to_string()])
        .args(["--save", "", "--appendonly", "no", "--dir"])
        .arg(folder);
    Ok(command)
}

fn kafka(folder: &Path, ports: Ports, class_path: &str) -> Result<Command, Failure> {
    let properties = folder.join("server.properties");
    let text = include_str!("../kafka/server.properties")
        .replace("{broker}", &ports.client.to_string())
        .replace("{controller}", &ports.own.to_string())
        .replace("{secured}", &ports.secured.to_string())
        .replace("{user}", KAFKA_USER.0)
        .replace("{password}", KAFKA_USER.1)
        .replace("{data}", &folder.join("data").display().to_string());
    write(&properties, &text)?;
    let logging = folder.join("log4j2.properties");
    write(&logging, include_str!("../kafka/log4j2.properties"))?;
    if !folder.join("data/meta.properties").exists() {
        format_storage(folder, &properties, class_path)?;
    }
    let mut command = java(256, class_path);
    command
        .arg(format!("-Dlog4j2.configurationFile={}", logging.display()))
        .arg("kafka.Kafka")
        .arg(properties);
    Ok(command)
}

fn format_storage(folder: &Path, properties: &Path, class_path: &str) -> Result<(), Failure> {
    let log = folder.join("format.log");
    let file = File::create(&log).map_err(broken(format!("creating {}", log.display())))?;
    let errors = file.try_clone().map_err(broken("the log of the format"))?;
    let status = java(64, class_path)
        .args(["kafka.tools.StorageTool", "format", "--ignore-formatted"])
        .args(["-t", KAFKA_CLUSTER, "-c"])
        .arg(properties)
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(errors)
        .status()
        .map_err(broken("starting java"))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::Broken(format!(
        "Kafka's storage cannot be formatted: see {}",
        log.display()
    )))
}

fn search(
    part: Part,
    folder: &Path,
    ports: Ports,
    tuning: Tuning,
    class_path: &str,
) -> Result<Command, Failure> {
    let config = folder.join("config");
    fs::create_dir_all(&config).map_err(broken(format!("creating {}", config.display())))?;
    let (file, class) = if part == Part::Opensearch {
        (
            "opensearch.yml",
            "org.codelibs.opensearch.runner.OpenSearchRunner",
        )
    } else {
        (
            "elasticsearch.yml",
            "org.codelibs.elasticsearch.runner.ElasticsearchClusterRunner",
        )
    };
    let text = include_str!("../search-node.yml").replace("{transport}", &ports.own.to_string());
    write(&config.join(file), &text)?;
    let mut command = match tuning {
        Tuning::Start => java(512, class_path),
        Tuning::Speed => fast_java(1024, class_path),
    };
    command
        .args(["-Djna.nosys=true", class])
        .arg("-basePath")
        .arg(folder)
        .arg("-confPath")
        .arg(config)
        // The launcher adds the number of the node, 1.
        .args([
            "-numOfNode",
            "1",
            "-baseHttpPort",
            &(ports.client - 1).to_string(),
        ])
        .args(["-clusterName", &cluster_name(ports)]);
    Ok(command)
}

/// Java with a small heap, tuned to start fast.
fn java(heap_mb: u32, class_path: &str) -> Command {
    let mut command = Command::new("java");
    command
        .args(["-Xms64m", &format!("-Xmx{heap_mb}m")])
        .args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
    with_class_path(&mut command, class_path);
    command
}

/// Java as servers are run.
fn fast_java(heap_mb: u32, class_path: &str) -> Command {
    let mut command = Command::new("java");
    command
        .args([format!("-Xms{heap_mb}m"), format!("-Xmx{heap_mb}m")])
        .args(["-XX:+UseG1GC", "-XX:+AlwaysPreTouch"]);
    with_class_path(&mut command, class_path);
    command
}

fn with_class_path(command: &mut Command, class_path: &str) {
    command
        .arg("-XX:-UsePerfData")
        // Elasticsearch 7 looks into Java's own classes.
        .args(["--add-opens", "java.base/java.lang=ALL-UNNAMED"])
        .args(["-cp", class_path]);
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(broken(format!("writing {}", path.display())))
}
