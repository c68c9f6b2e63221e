//! `cargo xtask services`: the real servers that tests use, shared by everybody who works in this checkout.

use infra::shared::{self, Started, Until};
use infra::{Failure, Part};

use crate::shell::{Outcome, target_dir};

fn home() -> std::path::PathBuf {
    target_dir().join("services")
}

fn say(text: &str) {
    println!("services: {text}");
}

/// The named parts; all when none is named.
fn chosen(names: &[&str]) -> Result<Vec<Part>, String> {
    if names.is_empty() {
        return Ok(Part::ALL.to_vec());
    }
    let known = Part::ALL.map(Part::name).join(", ");
    names
        .iter()
        .map(|name| {
            Part::named(name).ok_or_else(|| match *name {
                "postgres" | "postgresql" => "tests run a private PostgreSQL of their own \
                    (target/test-postgres), and `pasar up` another: it is none of the services"
                    .to_owned(),
                _ => format!("no service is called {name}: {known}"),
            })
        })
        .collect()
}

/// Starts what does not run, and leaves it running.
pub(crate) fn up(names: &[&str]) -> Outcome {
    for part in chosen(names)? {
        let started = shared::up(&home(), part, Until::Down, &say).map_err(explain(part))?;
        show(part, &started.address());
    }
    Ok(())
}

/// Stops what runs and removes its data.
pub(crate) fn down(names: &[&str]) -> Outcome {
    for part in chosen(names)? {
        let ran = shared::down(&home(), part).map_err(explain(part))?;
        let what = if ran { "stopped" } else { "did not run" };
        println!("{:<14} {what}", part.name());
    }
    Ok(())
}

/// Shows what runs.
pub(crate) fn status(names: &[&str]) -> Outcome {
    for part in chosen(names)? {
        match (shared::running(&home(), part), shared::pid(&home(), part)) {
            (Some(address), _) => show(part, &address),
            (None, Some(pid)) => println!("{:<14} process {pid} does not answer", part.name()),
            (None, None) => println!("{:<14} not running", part.name()),
        }
    }
    Ok(())
}

/// Starts for one test run what does not run yet. They end when the list is dropped, or with this process.
/// What this machine cannot have is said here; its tests say so again, each.
pub(crate) fn for_tests() -> Result<Vec<Started>, String> {
    let mut all = Vec::new();
    for part in Part::ALL {
        match shared::up(&home(), part, Until::ThisProcessEnds, &say) {
            Ok(started) => {
                show(part, &started.address());
                all.push(started);
            }
            Err(Failure::NotHere(why)) => {
                println!("{:<14} not on this machine: {why}", part.name());
            }
            Err(failure) => return Err(explain(part)(failure)),
        }
    }
    Ok(all)
}

fn show(part: Part, address: &str) {
    println!(
        "{:<14} {address:<28} {}",
        part.name(),
        part.setting(address)
    );
}

fn explain(part: Part) -> impl FnOnce(Failure) -> String {
    move |failure| format!("{}: {failure}", part.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_named_and_postgresql_is_explained() {
        assert_eq!(chosen(&[]).unwrap().len(), 4);
        assert_eq!(chosen(&["kafka"]).unwrap(), [Part::Kafka]);
        assert!(chosen(&["postgres"]).unwrap_err().contains("of their own"));
        assert!(chosen(&["minio"]).unwrap_err().contains("redis, kafka"));
    }
}
