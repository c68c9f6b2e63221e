//! Frames that no client would send.

use proptest::prelude::*;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{Listening, listening_with};

/// README.md lists them.
const DOCUMENTED: [u16; 14] = [
    1002, 1007, 1009, 1012, 4400, 4401, 4403, 4406, 4408, 4409, 4429, 4430, 4500, 4503,
];

/// Opens a WebSocket by hand, writes `bytes`, and gives the code and reason with which it is closed; nothing
/// when the router waits for more, which it gets no chance to: this side then ends.
pub(super) async fn close_of(
    router: &Listening,
    headers: &[(&str, &str)],
    bytes: &[u8],
) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(router.address).await.unwrap();
    let mut head = format!(
        "GET /graphql HTTP/1.1\r\nhost: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        router.address
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    assert!(
        answer.starts_with(b"HTTP/1.1 101"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    // The router may have closed before it has read everything.
    drop(stream.write_all(bytes).await);
    drop(stream.shutdown().await);
    let mut received = Vec::new();
    let mut buffer = [0; 4_096];
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        received.extend_from_slice(&buffer[..read]);
    }
    close_frame(&received)
}

/// Walks through unmasked frames to the close frame.
fn close_frame(mut bytes: &[u8]) -> Option<(u16, String)> {
    while let [first, second, rest @ ..] = bytes {
        let (length, rest) = match second {
            126 => (
                usize::from(u16::from_be_bytes([rest[0], rest[1]])),
                &rest[2..],
            ),
            127 => panic!("nothing here is that long"),
            short => (usize::from(*short), rest),
        };
        let payload = rest.get(..length)?;
        if first & 0x0f == 8 {
            let code = u16::from_be_bytes([payload[0], payload[1]]);
            return Some((code, String::from_utf8(payload[2..].to_vec()).unwrap()));
        }
        bytes = &rest[length..];
    }
    None
}

/// A frame as clients send them, masked with zeros, or with one thing wrong.
fn frame(opcode: u8, is_final: bool, reserved: u8, masked: bool, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![u8::from(is_final) << 7 | reserved << 4 | opcode];
    let mask = u8::from(masked) << 7;
    match payload.len() {
        length @ 0..=125 => frame.push(mask | u8::try_from(length).unwrap()),
        length => {
            frame.push(mask | 126);
            frame.extend_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
        }
    }
    if masked {
        frame.extend_from_slice(&[0; 4]);
    }
    frame.extend_from_slice(payload);
    frame
}

fn text(payload: &[u8]) -> Vec<u8> {
    frame(1, true, 0, true, payload)
}

const OURS: [(&str, &str); 1] = [("sec-websocket-protocol", "graphql-transport-ws")];

#[tokio::test]
async fn frames_that_break_the_protocol_have_the_codes_of_the_standard() {
    let router = listening_with(|_| {}).await;
    for (what, bytes, code) in [
        ("a reserved bit", frame(1, true, 4, true, b"{}"), 1002),
        ("no mask", frame(1, true, 0, false, b"{}"), 1002),
        ("an unknown opcode", frame(3, true, 0, true, b""), 1002),
        (
            "a continuation of nothing",
            frame(0, true, 0, true, b""),
            1002,
        ),
        ("a ping in parts", frame(9, false, 0, true, b""), 1002),
        ("a long ping", frame(9, true, 0, true, &[0; 126]), 1002),
        ("no UTF-8", text(b"\xff\xfe"), 1007),
    ] {
        let close = close_of(&router, &OURS, &bytes).await;
        assert_eq!(close.map(|(code, _)| code), Some(code), "{what}");
    }
    let mut parts = frame(1, false, 0, true, br#"{"type":"#);
    parts.extend(frame(9, true, 0, true, b"between"));
    parts.extend(frame(0, true, 0, true, br#""connection_init"}"#));
    parts.extend(text(br#"{"type":"connection_init"}"#));
    let close = close_of(&router, &OURS, &parts).await;
    assert_eq!(
        close.map(|(code, _)| code),
        Some(4429),
        "two parts are one message"
    );
}

fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    let message =
        prop_oneof![
        Just(json!({"type": "connection_init"}).to_string().into_bytes()),
        Just(json!({"type": "ping"}).to_string().into_bytes()),
        Just(
            json!({"type": "subscribe", "id": "1", "payload": {"query": "subscription { ticks }"}})
                .to_string()
                .into_bytes()
        ),
        Just(json!({"type": "complete", "id": "1"}).to_string().into_bytes()),
        prop::collection::vec(any::<u8>(), 0..300),
    ];
    // Not 8: the code of a close is then the client's own.
    let odd = (
        prop_oneof![0..8_u8, 9..16_u8],
        any::<bool>(),
        0..8_u8,
        any::<bool>(),
    );
    (message, odd, 0..4_u8).prop_map(|(payload, (opcode, is_final, reserved, masked), odd)| {
        if odd == 0 {
            frame(opcode, is_final, reserved, masked, &payload)
        } else {
            text(&payload)
        }
    })
}

#[test]
fn whatever_comes_the_connection_ends_with_a_documented_code_and_the_router_lives() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let router = runtime.block_on(listening_with(|_| {}));
    proptest!(ProptestConfig::with_cases(200), |(frames in prop::collection::vec(any_frame(), 0..12))| {
        let bytes = frames.concat();
        let close = runtime.block_on(close_of(&router, &OURS, &bytes));
        if let Some((code, reason)) = close {
            prop_assert!(DOCUMENTED.contains(&code), "{} {}", code, reason);
            prop_assert!(code != 4500, "a defect");
        }
    });
    runtime.block_on(async {
        let mut socket = router.connect().await;
        socket.subscribe("1", "{ hello }").await;
        assert_eq!(socket.receive().await["type"], "next");
    });
}
