//! Password hashes: Argon2id is made, bcrypt of earlier systems is understood.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::SaltString,
};
use kernel::{Fault, FaultKind};
use rand::{TryRngCore, rngs::OsRng};
use tokio::sync::Semaphore;

/// OWASP's minimum for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// How many passwords are hashed at the same time. More would let a few logins starve everything else.
const AT_ONCE: usize = 2;
/// How many may wait for that, about six seconds of work. More are turned away at once.
const WAITING: usize = 256;
/// No accepted password is longer; a longer text is wrong without hashing it.
const MAX_BYTES: usize = 4 * 128;

/// A hash of no password, to spend the same time when there is no account.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ibw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What came of checking a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is another one.
    Wrong,
    /// It is the one.
    Right,
    /// It is the one, but its hash is of an older kind: store a new one.
    RightButOld,
}

/// Hashes and checks passwords, a few at a time.
pub(crate) struct Passwords {
    working: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self {
            working: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Semaphore::new(AT_ONCE + WAITING),
        }
    }

    /// A fresh hash of `password` as a PHC string.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, Fault> {
        let password = password.to_owned();
        self.work(move || hash(&password)).await?
    }

    /// Checks `password` against `hash`; without a hash it takes as long and is wrong.
    pub(crate) async fn verify(
        &self,
        password: &str,
        hash: Option<&str>,
    ) -> Result<Verdict, Fault> {
        let password = password.to_owned();
        let hash = hash.unwrap_or(NOBODY).to_owned();
        self.work(move || verify(&password, &hash)).await?
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let Ok(_seat) = self.waiting.try_acquire() else {
            let text = "too many people log in at this moment: try again in a few seconds";
            return Err(Fault::told(FaultKind::RateLimited, text));
        };
        let permit = Arc::clone(&self.working).acquire_owned().await?;
        // The permit goes along: a request that is given up does not stop the hashing.
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        Ok(work.await?)
    }
}

fn argon2() -> Result<Argon2<'static>, Fault> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(hashing_failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<String, Fault> {
    let mut salt = [0_u8; 16];
    OsRng.try_fill_bytes(&mut salt)?;
    let salt = SaltString::encode_b64(&salt).map_err(hashing_failed)?;
    let hash = argon2()?
        .hash_password(password.as_bytes(), &salt)
        .map_err(hashing_failed)?;
    Ok(hash.to_string())
}

fn verify(password: &str, hash: &str) -> Result<Verdict, Fault> {
    // Wrong by its length, but it takes as long as any other wrong one.
    let (password, hash) = if password.len() > MAX_BYTES {
        ("", NOBODY)
    } else {
        (password, hash)
    };
    if hash.starts_with("$2") {
        return Ok(match bcrypt::verify(password, hash)? {
            true => Verdict::RightButOld,
            false => Verdict::Wrong,
        });
    }
    let parsed = PasswordHash::new(hash).map_err(hashing_failed)?;
    match argon2()?.verify_password(password.as_bytes(), &parsed) {
        Ok(()) if is_current(&parsed) => Ok(Verdict::Right),
        Ok(()) => Ok(Verdict::RightButOld),
        Err(argon2::password_hash::Error::Password) => Ok(Verdict::Wrong),
        Err(error) => Err(hashing_failed(error)),
    }
}

fn is_current(hash: &PasswordHash<'_>) -> bool {
    Params::try_from(hash).is_ok_and(|params| {
        (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES)
    }) && hash.algorithm == argon2::ARGON2ID_IDENT
}

/// Their errors are no `std::error::Error` without a further feature; the text is enough.
fn hashing_failed(error: impl std::fmt::Display) -> Fault {
    Fault::internal(format!("password hashing failed: {error}"))
}
