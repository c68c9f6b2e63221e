//! The real servers of the tests: they are found, and they survive what fault tests do to them.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use harness::parts;
use infra::Part;

fn ask(address: &str, request: &[u8]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(request)?;
    let mut answer = [0; 512];
    let length = stream.read(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
}

// Issue 4, item 2.
#[test]
fn shared_servers_answer_each_in_its_protocol() {
    if let Some(url) = parts::redis() {
        let address = url.strip_prefix("redis://").unwrap();
        assert_eq!(ask(address, b"PING\r\n").unwrap(), "+PONG\r\n");
    }
    let nodes = [
        (parts::elasticsearch(), "7.10.2", "You Know, for Search"),
        (parts::opensearch(), "2.19.1", "The OpenSearch Project"),
    ];
    for (url, version, tagline) in nodes {
        let Some(url) = url else { continue };
        let address = url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains(version), "{answer}");
        assert!(answer.contains(tagline), "{answer}");
    }
}

#[test]
fn a_server_of_ones_own_is_killed_and_comes_back_at_its_address() {
    let Some(mut own) = parts::own(Part::Redis) else {
        return;
    };
    let url = own.address();
    let address = url.strip_prefix("redis://").unwrap();
    assert_ne!(parts::redis(), Some(url.as_str()), "nobody else's");
    own.kill();
    assert!(ask(address, b"PING\r\n").is_err());
    own.start_again();
    assert_eq!(ask(address, b"PING\r\n").unwrap(), "+PONG\r\n");
    own.stop();
    assert!(ask(address, b"PING\r\n").is_err());
}

// A broker that was killed recovers its log and serves again.
#[test]
fn a_broker_of_ones_own_comes_back_from_a_kill() {
    let Some(mut own) = parts::own(Part::Kafka) else {
        return;
    };
    let address = own.address();
    own.kill();
    assert!(TcpStream::connect(&address).is_err());
    // Waits for an answer to a metadata request that names a broker.
    own.start_again();
    assert_eq!(own.address(), address);
}
