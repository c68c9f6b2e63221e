//! Whether a server answers in its own protocol; an open port alone says little.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::Part;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether the server of that kind on `port` is ready for work. `name` is what a search node calls its cluster.
pub(crate) fn is_ready(part: Part, port: u16, name: &str) -> bool {
    match part {
        Part::Redis => redis(port),
        Part::Kafka => kafka(port),
        Part::Elasticsearch | Part::Opensearch => search(port, name),
    }
    .unwrap_or(false)
}

fn connect(port: u16) -> io::Result<TcpStream> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn redis(port: u16) -> io::Result<bool> {
    let mut stream = connect(port)?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 7];
    stream.read_exact(&mut answer)?;
    Ok(&answer == b"+PONG\r\n")
}

/// Asks for the metadata of all topics (key 3, version 0) and wants a broker in the answer. A broker that
/// has not registered with the controller yet leaves itself out.
fn kafka(port: u16) -> io::Result<bool> {
    const CORRELATION: [u8; 4] = [0, 0, 0, 7];
    let mut body = vec![0, 3, 0, 0];
    body.extend(CORRELATION);
    // Client id of length 5, then no topic names: all.
    body.extend(b"\0\x05infra\0\0\0\0");
    let mut stream = connect(port)?;
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    stream.write_all(&length.to_be_bytes())?;
    stream.write_all(&body)?;
    // Length, correlation id, number of brokers.
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    let [_, _, _, _, correlation @ .., a, b, c, d] = answer;
    Ok(correlation == CORRELATION && i32::from_be_bytes([a, b, c, d]) > 0)
}

fn search(port: u16, name: &str) -> io::Result<bool> {
    let mut stream = connect(port)?;
    // Version 1.0: the answer ends where the connection ends.
    stream.write_all(
        b"GET /_cluster/health?wait_for_status=yellow&timeout=1s HTTP/1.0\r\nHost: localhost\r\n\r\n",
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(is_healthy(&answer, name))
}

fn is_healthy(answer: &str, name: &str) -> bool {
    let status = answer.split(' ').nth(1);
    status == Some("200") && answer.contains(&format!("\"cluster_name\":\"{name}\""))
}

#[cfg(test)]
mod tests {
    use super::is_healthy;

    #[test]
    fn only_the_healthy_node_of_that_name_counts() {
        let answer = "HTTP/1.0 200 OK\r\n\r\n{\"cluster_name\":\"pasar-1\",\"status\":\"green\"}";
        assert!(is_healthy(answer, "pasar-1"));
        assert!(!is_healthy(answer, "pasar-2"), "somebody else's");
        assert!(!is_healthy(
            &answer.replace("200 OK", "408 Timeout"),
            "pasar-1"
        ));
        assert!(!is_healthy("", "pasar-1"));
    }
}
