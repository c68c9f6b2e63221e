//! What tests tell those who run them, above all that they need something this machine does not have.

use std::io::Write;

/// Says loudly that the calling test cannot run here, for `cargo xtask test` to count; the test then
/// returns. With `PASAR_TEST_REQUIRE=all`, which CI sets, that is a failure.
pub fn skip(reason: &str) {
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
    let required = std::env::var("PASAR_TEST_REQUIRE").is_ok_and(|value| value == "all");
    assert!(!required, "nothing may be skipped here: {reason}");
    tell(&format!("skipped: {reason}"));
}

/// Prints a line, such as what a fault test counted, also for tests that pass.
pub fn tell(line: &str) {
    // Straight to the stream: what the print macros write is hidden for tests that pass.
    let line = format!("{line}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
