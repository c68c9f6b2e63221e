//! The programs of the machine that tests and checks use.

use crate::shell::{command, setting};

struct Tool {
    /// Any one of these will do.
    programs: &'static [&'static str],
    used_for: &'static str,
    package: &'static str,
    needed: bool,
}

const TOOLS: &[Tool] = &[
    Tool {
        programs: &["cc", "gcc", "clang"],
        used_for: "building dependencies written in C",
        package: "build-essential",
        needed: true,
    },
    Tool {
        programs: &["git"],
        used_for: "finding the files of the repository",
        package: "git",
        needed: true,
    },
    Tool {
        programs: &["postgres", "/usr/lib/postgresql"],
        used_for: "the tests of an installed PostgreSQL; others can fetch one",
        package: "postgresql",
        needed: false,
    },
    Tool {
        programs: &["redis-server"],
        used_for: "the tests of Redis",
        package: "redis-server",
        needed: false,
    },
    Tool {
        programs: &["java"],
        used_for: "the tests of Kafka, Elasticsearch and OpenSearch",
        package: "openjdk-17-jdk-headless",
        needed: false,
    },
    Tool {
        programs: &["mvn"],
        used_for: "fetching Kafka, Elasticsearch and OpenSearch",
        package: "maven",
        needed: false,
    },
    Tool {
        programs: &[
            "/usr/include/openssl/ssl.h",
            "/usr/local/include/openssl/ssl.h",
        ],
        used_for: "building the Kafka client with TLS",
        package: "libssl-dev",
        needed: false,
    },
    Tool {
        programs: &["node"],
        used_for: "`cargo xtask web` and `cargo xtask browser`",
        package: "nodejs",
        needed: false,
    },
    Tool {
        programs: &["chromium", "chromium-browser", "google-chrome"],
        used_for: "`cargo xtask browser`",
        package: "chromium",
        needed: false,
    },
    Tool {
        programs: &["docker-compose", "docker"],
        used_for: "checking docker-compose.yml",
        package: "docker-compose",
        needed: false,
    },
];

/// Prints what is missing and what for; an error when nothing can go on without it.
pub(crate) fn check() -> Result<(), String> {
    let mut missing = Vec::new();
    for tool in TOOLS {
        if tool.programs.iter().any(|program| is_there(program)) {
            continue;
        }
        let (name, package) = (tool.programs.first().unwrap_or(&""), tool.package);
        println!(
            "{name} is not installed: it serves {}; install the package {package}",
            tool.used_for
        );
        if tool.needed {
            missing.push(package);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!("install {} first", missing.join(", ")))
}

/// Whether a program of that name is on `PATH`, or that path exists.
pub(crate) fn is_there(program: &str) -> bool {
    if program.contains('/') {
        return std::path::Path::new(program).exists();
    }
    let path = setting("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

/// How to call Docker Compose here: the plugin, or the program of its own.
pub(crate) fn docker_compose() -> Option<(&'static str, &'static [&'static str])> {
    let plugin = command("", "docker", &["compose", "version"]).output();
    if plugin.is_ok_and(|output| output.status.success()) {
        return Some(("docker", &["compose"]));
    }
    is_there("docker-compose").then_some(("docker-compose", &[]))
}
