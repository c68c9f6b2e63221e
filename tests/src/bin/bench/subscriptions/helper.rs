//! Helper processes, and what the system says of them.

use std::{fs, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

/// A tick of the processor times in `/proc` is 10 ms on every Linux.
const TICK_MS: u64 = 10;

/// A child process that is talked to line by line.
pub(super) struct Helper {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Helper {
    pub(super) fn start(arguments: &[&str]) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            child,
            input,
            output,
        }
    }

    pub(super) async fn tell(&mut self, line: &str) {
        let line = format!("{line}\n");
        self.input.write_all(line.as_bytes()).await.unwrap();
    }

    /// What follows `word` in the next line that begins with it.
    pub(super) async fn hear(&mut self, word: &str) -> String {
        while let Some(line) = self.output.next_line().await.unwrap() {
            if let Some(rest) = line.strip_prefix(word) {
                return rest.trim().to_owned();
            }
        }
        panic!("a helper ended before it said `{word}`");
    }

    /// What of it is in memory.
    pub(super) fn resident_kib(&self) -> usize {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let text = line.and_then(|rest| rest.split_whitespace().next());
        text.unwrap().parse().unwrap()
    }

    /// Processor time it has taken so far, its own and the system's on its behalf.
    pub(super) fn cpu_ms(&self) -> u64 {
        let stat = self.proc("stat");
        // The second field is the program's name in brackets and may hold anything.
        let fields: Vec<&str> = stat
            .rsplit_once(')')
            .unwrap()
            .1
            .split_whitespace()
            .collect();
        let ticks = |index: usize| fields[index].parse::<u64>().unwrap();
        (ticks(11) + ticks(12)) * TICK_MS
    }

    fn proc(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.child.id().unwrap())).unwrap()
    }
}
