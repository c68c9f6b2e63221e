//! Signed statements of who asks, kept for a while: signing costs more than sending.

use std::sync::Arc;

use http::HeaderValue;
use kernel::{Clock, Principal};
use moka::sync::Cache;
use process::assertion::{self, AssertionKey};

/// Half of the lifetime, so that an assertion is never about to expire when it is sent.
const KEPT_SECONDS: i64 = assertion::LIFETIME / 2;
const MAX_KEPT: u64 = 10_000;

/// Signs principals for all transports of a router.
pub struct Assertions {
    key: AssertionKey,
    clock: Clock,
    /// By address. The entry holds on to its principal, so that the address stays taken.
    kept: Cache<usize, Kept>,
}

#[derive(Clone)]
struct Kept {
    principal: Arc<Principal>,
    header: HeaderValue,
    signed_at: i64,
}

impl Assertions {
    /// Signs with `key`.
    #[must_use]
    pub fn new(key: AssertionKey, clock: Clock) -> Self {
        Self {
            key,
            clock,
            kept: Cache::new(MAX_KEPT),
        }
    }

    /// The value of the header [`assertion::HEADER`] for a call on behalf of `principal`.
    #[must_use]
    pub fn header(&self, principal: &Arc<Principal>) -> Option<HeaderValue> {
        let address = Arc::as_ptr(principal).addr();
        let now = self.clock.now().timestamp();
        if let Some(kept) = self.kept.get(&address)
            && Arc::ptr_eq(&kept.principal, principal)
            && now - kept.signed_at < KEPT_SECONDS
        {
            return Some(kept.header);
        }
        let signed = assertion::sign(&self.key, principal, &self.clock)
            .inspect_err(|error| tracing::error!(%error, "a principal could not be signed"))
            .ok()?;
        let mut header = HeaderValue::from_str(&signed).ok()?;
        header.set_sensitive(true);
        let kept = Kept {
            principal: Arc::clone(principal),
            header: header.clone(),
            signed_at: now,
        };
        self.kept.insert(address, kept);
        Some(header)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};
    use process::config::Secret;

    use super::*;

    #[test]
    fn an_assertion_is_reused_for_its_principal_until_it_is_half_expired() {
        let key = AssertionKey::new(&Secret::new("0123456789abcdef0123456789abcdef")).unwrap();
        let clock = Clock::fixed(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let assertions = Assertions::new(key.clone(), clock.clone());
        let reviews = Arc::new(Principal::service("reviews"));
        let sellers = Arc::new(Principal::service("sellers"));

        let first = assertions.header(&reviews).unwrap();
        clock.advance(Duration::seconds(KEPT_SECONDS - 1));
        assert_eq!(assertions.header(&reviews).unwrap(), first);
        assert_ne!(assertions.header(&sellers).unwrap(), first);
        clock.advance(Duration::seconds(1));
        let second = assertions.header(&reviews).unwrap();
        assert_ne!(second, first);
        let read = assertion::verify(&key, second.to_str().unwrap(), &clock).unwrap();
        assert_eq!(read, *reviews);
    }
}
