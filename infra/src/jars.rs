//! Programs in Java: Maven resolves the jars that a `pom.xml` names, once per content of that file.

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, OpenOptions};
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Failure, Part, Progress, broken};

const PLUGIN: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
/// The oldest Java that Kafka 4 runs on.
const JAVA: u32 = 17;

/// The class path of `part`, fetched into a folder below `home` unless it is there.
pub(crate) fn class_path(
    home: &Path,
    part: Part,
    progress: Progress<'_>,
) -> Result<String, Failure> {
    check_java()?;
    let pom = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(part.name())
        .join("pom.xml");
    let text = fs::read(&pom).map_err(broken(format!("reading {}", pom.display())))?;
    let mut hash = DefaultHasher::new();
    text.hash(&mut hash);
    let jars = home.join("jars");
    let folder = jars.join(format!("{}-{:016x}", part.name(), hash.finish()));
    fs::create_dir_all(&jars).map_err(broken(format!("creating {}", jars.display())))?;
    // Processes that want the same jars fetch them once: the others wait.
    let path = jars.join("lock");
    let what = format!("locking {}", path.display());
    let lock = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .and_then(|lock| lock.lock().map(|()| lock))
        .map_err(broken(what))?;
    if !folder.is_dir() {
        progress(&format!(
            "fetching {} from Maven Central (about 50 MB, once)",
            part.name()
        ));
        fetch(&pom, &folder)?;
    }
    drop(lock);
    Ok(format!("{}/*", folder.display()))
}

/// Fetches beside the final place and moves it there whole: an interrupted run leaves nothing that looks
/// complete.
fn fetch(pom: &Path, folder: &Path) -> Result<(), Failure> {
    let incoming = incoming(folder);
    if incoming.exists() {
        fs::remove_dir_all(&incoming)
            .map_err(broken(format!("removing {}", incoming.display())))?;
    }
    let output = Command::new("mvn")
        .args(["-q", "-B", "-ntp", "-f"])
        .arg(pom)
        .args([PLUGIN, "-DincludeScope=runtime"])
        .arg(format!("-DoutputDirectory={}", incoming.display()))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::NotHere(format!("no Maven (package maven): {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let first = said
            .lines()
            .find(|line| line.contains("ERROR"))
            .unwrap_or_default();
        return Err(Failure::NotHere(format!(
            "Maven cannot fetch {}: {first}",
            pom.display()
        )));
    }
    fs::rename(&incoming, folder).map_err(broken(format!("making {}", folder.display())))
}

fn incoming(folder: &Path) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(".incoming");
    PathBuf::from(name)
}

fn check_java() -> Result<(), Failure> {
    let install = "install Java 17 or newer (package openjdk-17-jdk-headless)";
    let output = Command::new("java")
        .arg("-version")
        .output()
        .map_err(|error| Failure::NotHere(format!("no Java: {error}; {install}")))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    match major(&said) {
        Some(found) if found >= JAVA => Ok(()),
        _ => Err(Failure::NotHere(format!(
            "`java -version` says {:?}; {install}",
            said.lines().next().unwrap_or_default()
        ))),
    }
}

/// The major version in `openjdk version "17.0.15" 2025-04-15`; Java 8 calls itself 1.8.
fn major(said: &str) -> Option<u32> {
    let version = said.split('"').nth(1)?;
    version.split(['.', '-', '+']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read_from_what_java_prints() {
        assert_eq!(
            major("openjdk version \"17.0.15\" 2025-04-15\nmore"),
            Some(17)
        );
        assert_eq!(major("openjdk version \"21-ea\" 2023-09-19"), Some(21));
        assert_eq!(major("java version \"1.8.0_292\""), Some(1));
        assert_eq!(major("not found"), None);
    }
}
