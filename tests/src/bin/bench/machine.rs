//! What the figures were measured on.

use std::fs;

/// CPU, cores, memory, build.
pub(crate) fn describe() -> String {
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_default();
        line.split(':')
            .nth(1)
            .unwrap_or("unknown")
            .trim()
            .to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let build = if cfg!(debug_assertions) {
        "DEBUG BUILD: figures mean nothing"
    } else {
        "optimised build"
    };
    format!(
        "machine: {}, {cores} cores, {} memory; {build}",
        field("/proc/cpuinfo", "model name"),
        field("/proc/meminfo", "MemTotal"),
    )
}

/// CPU time that a process has used so far, in microseconds.
pub(crate) fn cpu_micros(pid: u32) -> u64 {
    // Fields 14 and 15 of proc(5) stat, in ticks of 10 ms; the name in field 2 may hold spaces.
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |index: usize| {
        fields
            .get(index)
            .and_then(|field| field.parse::<u64>().ok())
            .unwrap_or(0)
    };
    (ticks(11) + ticks(12)) * 10_000
}
