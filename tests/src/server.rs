//! The PostgreSQL server of the tests: `PASAR__POSTGRES__URL` when set, else the private cluster that
//! `cargo xtask test` keeps under `target/`.

use std::{path::PathBuf, sync::OnceLock};

/// Where build products and the tests' cluster lie.
#[must_use]
pub fn target_dir() -> PathBuf {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap().join("target")
}

/// Administrator URL of the server. Fails the test with a clear text when there is none.
#[must_use]
pub fn admin_url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| {
        #[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
        if let Ok(url) = std::env::var("PASAR__POSTGRES__URL") {
            return url;
        }
        // Runs on its own thread: the caller is inside a runtime already.
        std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(crate::database::start_cluster())
        })
        .join()
        .unwrap()
    })
}
