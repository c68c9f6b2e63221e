//! Free ports, outside the range from which the system takes ports for outgoing connections: a server that
//! is killed and started again must find its port free.

use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below Linux's ephemeral ports (32768 and up).
const ANY: Range<u16> = 20_000..32_000;
/// The launcher of search nodes takes no port above.
const SEARCH: Range<u16> = 9_200..9_299;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A port for any server; nobody else's as long as the listener is held.
pub(crate) fn any() -> Option<TcpListener> {
    free_in(ANY)
}

/// A port for the HTTP listener of a search node, likewise.
pub(crate) fn search() -> Option<TcpListener> {
    free_in(SEARCH)
}

/// A free port of `range`; processes that ask at the same time begin at different ones.
fn free_in(range: Range<u16>) -> Option<TcpListener> {
    let length = u32::from(range.end - range.start);
    let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
    let first = std::process::id().wrapping_mul(37).wrapping_add(step) % length;
    (0..length)
        .filter_map(|offset| u16::try_from((first + offset) % length).ok())
        .map(|offset| range.start + offset)
        .find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(listener: &TcpListener) -> u16 {
        listener.local_addr().unwrap().port()
    }

    #[test]
    fn a_taken_port_is_not_given() {
        let held = any().unwrap();
        let given = port(&held);
        let next = free_in(given..given + 50).unwrap();
        assert_ne!(port(&next), given);
        assert!(free_in(given..given + 1).is_none());
    }
}
