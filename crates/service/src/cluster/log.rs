//! The log of the private server.

use std::{fs::File, io::Read as _, path::Path};

use super::ClusterError;

const LOG_LIMIT_BYTES: u64 = 10 * 1024 * 1024;

pub(super) fn rotate(log: &Path) -> Result<(), ClusterError> {
    let too_long = std::fs::metadata(log).is_ok_and(|file| file.len() > LOG_LIMIT_BYTES);
    if too_long {
        std::fs::rename(log, log.with_extension("log.1"))
            .map_err(ClusterError::io(format!("renaming {}", log.display())))?;
    }
    Ok(())
}

/// What the server wrote since `start`.
pub(super) fn written_since(log: &Path, start: u64) -> String {
    let mut text = Vec::new();
    let read = File::open(log).and_then(|mut file| {
        std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(start))?;
        file.read_to_end(&mut text)
    });
    match read {
        Ok(_) => String::from_utf8_lossy(&text).into_owned(),
        Err(error) => format!("its log cannot be read: {error}"),
    }
}

/// Whether a start failed for something that goes away. Processes that a killed server left behind write to
/// the same log, so the reason need not be the last thing in it.
pub(super) fn may_pass(written: &str) -> bool {
    [
        "Address already in use",
        "still in use",
        "is being used by another",
    ]
    .iter()
    .any(|reason| written.contains(reason))
}

/// Its end, for people.
pub(super) fn last_words(written: &str) -> String {
    let lines: Vec<&str> = written.lines().rev().take(5).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_that_passes_is_seen_among_the_words_of_left_over_processes() {
        let written = "FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use\n\
            HINT:  Terminate any old server processes associated with data directory \"d\".\n\
            LOG:  database system is shut down\n\
            LOG:  could not open file \"./postmaster.pid\": No such file or directory\n\
            LOG:  database system was not properly shut down; automatic recovery in progress\n\
            LOG:  redo starts at 0/1501128\n";
        assert!(may_pass(written));
        assert_eq!(last_words(written).lines().count(), 5);
        assert!(!may_pass(
            "FATAL:  data directory \"d\" has wrong ownership\n"
        ));
    }
}
