use std::io::Write as _;

use serde::{Deserialize, Serialize};

use super::*;

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    http: Http,
    internal: Internal,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Http {
    port: u16,
    open: bool,
    timeout: DurationSetting,
    limit: ByteSize,
    origins: Vec<String>,
    name: String,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Internal {
    secret: Option<Secret>,
}

const BASE: &str = r#"
[http]
port = 80
open = false
timeout = "250ms"
limit = "100KiB"
origins = []
name = "pasar"
[internal]
"#;

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn loaded(env: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    load_over(BASE, &[], variables(env))
}

fn refused(env: &[(&str, &str)]) -> String {
    loaded(env).expect_err("must be refused").to_string()
}

fn file_with(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[test]
fn later_layers_win_and_variables_take_the_type_of_the_setting() {
    let file = file_with("[http]\nport = 81\ntimeout = \"2s\"\n");
    let settings: Settings = load_over(
        BASE,
        &[file.path().to_owned()],
        variables(&[
            ("PASAR__HTTP__PORT", "82"),
            ("PASAR__HTTP__OPEN", "true"),
            ("PASAR__HTTP__ORIGINS", r#"["https://a.example"]"#),
            ("PASAR__HTTP__NAME", "12345"),
            ("PASAR_TEST_REQUIRE", "all"),
            ("HOME", "somewhere"),
        ]),
    )
    .unwrap();
    assert_eq!(settings.http.port, 82);
    assert!(settings.http.open);
    assert_eq!(settings.http.timeout, DurationSetting::from_secs(2));
    assert_eq!(settings.http.limit.get(), 102_400);
    assert_eq!(settings.http.origins, ["https://a.example"]);
    assert_eq!(
        settings.http.name, "12345",
        "a number stays text where text is wanted"
    );
}

#[test]
fn an_unknown_key_is_named_with_its_origin_and_the_known_ones() {
    let message = refused(&[("PASAR__HTTP__PROT", "82")]);
    assert!(
        message.starts_with("http.prot (from PASAR__HTTP__PROT): unknown field `prot`"),
        "{message}"
    );
    assert!(message.contains("`port`"), "{message}");

    let file = file_with("[htpp]\nport = 81\n");
    let message = load_over::<Settings>(BASE, &[file.path().to_owned()], [])
        .expect_err("unknown section")
        .to_string();
    let origin = file.path().display().to_string();
    assert!(
        message.starts_with(&format!("htpp (from {origin})")),
        "{message}"
    );
}

#[test]
fn a_wrong_value_is_named_with_its_origin() {
    let message = refused(&[("PASAR__HTTP__PORT", "eighty")]);
    assert!(
        message.starts_with("http.port (from PASAR__HTTP__PORT): invalid type"),
        "{message}"
    );
    let message = refused(&[("PASAR__HTTP__TIMEOUT", "10")]);
    assert!(message.contains("`10` is not a duration"), "{message}");
    let message = refused(&[("PASAR__HTTP__LIMIT", "10MB")]);
    assert!(message.contains("`10MB` is not a size"), "{message}");
    let message = refused(&[("PASAR__HTTP", "x")]);
    assert!(message.contains("PASAR__SECTION__KEY"), "{message}");
    let message = refused(&[("PASAR__HTTP__PORT__X", "x")]);
    assert!(message.contains("PASAR__HTTP__PORT__X"), "{message}");
}

#[test]
fn a_missing_value_names_its_section() {
    let message = load_over::<Settings>("[http]\nport = 1\n[internal]\n", &[], [])
        .expect_err("incomplete")
        .to_string();
    assert!(
        message.starts_with("http (from config/default.toml): missing field"),
        "{message}"
    );
}

#[test]
fn a_secret_may_come_from_a_file_but_not_twice() {
    let file = file_with("hunter2\n");
    let path = file.path().display().to_string();
    let settings = loaded(&[("PASAR__INTERNAL__SECRET_FILE", &path)]).unwrap();
    assert_eq!(settings.internal.secret.unwrap().expose(), "hunter2");

    let message = refused(&[
        ("PASAR__INTERNAL__SECRET_FILE", &path),
        ("PASAR__INTERNAL__SECRET", "x"),
    ]);
    assert!(
        message.starts_with("internal.secret (from PASAR__INTERNAL__SECRET) and"),
        "{message}"
    );

    let message = refused(&[("PASAR__INTERNAL__SECRET_FILE", "no/such/file")]);
    assert!(message.contains("cannot read no/such/file"), "{message}");
}

#[test]
fn secrets_are_redacted_wherever_they_are_printed() {
    let settings = loaded(&[("PASAR__INTERNAL__SECRET", "hunter2")]).unwrap();
    let printed = print(&settings).unwrap();
    assert!(printed.contains("secret = \"[redacted]\""), "{printed}");
    assert!(printed.contains("timeout = \"250ms\""), "{printed}");
    assert!(printed.contains("limit = \"100KiB\""), "{printed}");
    assert!(!format!("{printed}{settings:?}").contains("hunter2"));
}

#[test]
fn all_missing_settings_are_named_at_once() {
    let mut missing = Missing::default();
    let absent: Option<String> = None;
    assert_eq!(missing.take("internal.secret", absent.as_ref()), None);
    assert_eq!(missing.take("http.port", Some(&80)), Some(80));
    assert_eq!(missing.take("auth.key", absent.as_ref()), None);
    let message = missing.finish().expect_err("two are missing").to_string();
    assert!(message.contains("PASAR__INTERNAL__SECRET"), "{message}");
    assert!(message.contains("PASAR__AUTH__KEY"), "{message}");
    assert!(!message.contains("PORT"), "{message}");
}

/// The sections of this crate, as they stand in `config/default.toml`.
#[derive(Deserialize)]
struct Sections {
    http: crate::http::HttpSettings,
    telemetry: crate::telemetry::TelemetrySettings,
    auth: crate::jwt::AuthSettings,
    internal: crate::assertion::InternalSettings,
}

#[test]
fn the_compiled_in_defaults_are_the_defaults_of_the_types() {
    let sections: Sections = load(&[], []).unwrap();
    let http = crate::http::HttpSettings::default();
    assert_eq!(print(&sections.http).unwrap(), print(&http).unwrap());
    let auth = crate::jwt::AuthSettings::default();
    assert_eq!(print(&sections.auth).unwrap(), print(&auth).unwrap());
    assert_eq!(sections.telemetry.level, "info");
    assert!(
        sections.internal.secret.is_none(),
        "no secret has a default"
    );
}

#[test]
fn units_are_read_and_written() {
    for text in ["250ms", "10s", "5m", "2h", "7d"] {
        assert_eq!(text.parse::<DurationSetting>().unwrap().to_string(), text);
    }
    for text in ["512B", "100KiB", "10MiB", "1GiB"] {
        assert_eq!(text.parse::<ByteSize>().unwrap().to_string(), text);
    }
    for text in ["", "s", "1.5s", "-1s", "99999999999999999999s", "1 week"] {
        assert!(text.parse::<DurationSetting>().is_err(), "{text}");
    }
    assert_eq!("0s".parse::<DurationSetting>().unwrap().to_string(), "0ms");
}
