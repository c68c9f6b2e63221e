use super::*;

fn parsed(pieces: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Vec<Event> {
    let mut parser = Parser::new(1_000);
    let mut events = Vec::new();
    for piece in pieces {
        parser.unread.extend_from_slice(piece.as_ref());
        while let Some(event) = parser.event().unwrap() {
            events.push(event);
        }
    }
    events
}

fn next(text: &'static str) -> Event {
    Event::Next(Bytes::from_static(text.as_bytes()))
}

const STREAM: &str = ": keepalive\n\nevent: next\ndata: {\"a\":1}\n\nevent:next\nid: 7\ndata:{\ndata: }\nretry\n\n\
    event: other\ndata: x\n\ndata: nameless\n\n:\nevent: next\ndata: \u{e9}\n\nevent: complete\ndata: \n\n";

#[test]
fn events_are_the_same_wherever_pieces_end_and_however_lines_end() {
    let expected = [
        next("{\"a\":1}"),
        next("{\n}"),
        next("\u{e9}"),
        Event::Complete,
    ];
    for line_end in ["\n", "\r\n", "\r"] {
        let text = STREAM.replace('\n', line_end);
        let marked = format!("\u{feff}{text}");
        for text in [&text, &marked] {
            for size in [1, 2, 3, 7, 10_000] {
                assert_eq!(
                    parsed(text.as_bytes().chunks(size)),
                    expected,
                    "{line_end:?} {size}"
                );
            }
        }
    }
}

#[test]
fn a_mark_of_the_byte_order_counts_at_the_very_beginning_only() {
    assert_eq!(
        parsed(["\nevent: next\n\u{feff}data: 1\ndata: 2\n\n"]),
        [next("2")]
    );
}

#[test]
fn an_event_without_data_is_malformed_but_complete_needs_none() {
    let mut parser = Parser::new(1_000);
    parser.unread.extend_from_slice(b"event: next\n\n");
    assert!(matches!(parser.event(), Err(TransportError::Malformed(_))));
    assert_eq!(parsed(["event: complete\n\n"]), [Event::Complete]);
}

#[test]
fn neither_a_line_nor_many_lines_nor_a_comment_may_grow_without_end() {
    let many = format!("event: next\n{}", "data: 0123456789\n".repeat(100));
    let line = format!("data: {}", "x".repeat(1_000));
    let comment = format!(":{}", "x".repeat(1_001));
    for text in [many, line, comment] {
        for size in [1, 100, 10_000] {
            let mut parser = Parser::new(1_000);
            let mut outcome = Ok(None);
            for piece in text.as_bytes().chunks(size) {
                parser.unread.extend_from_slice(piece);
                outcome = parser.event();
                if outcome.is_err() {
                    break;
                }
            }
            assert!(
                matches!(outcome, Err(TransportError::BodyTooLarge)),
                "{size}"
            );
        }
    }
    // Comments between events are forgotten.
    assert_eq!(parsed(std::iter::repeat_n(": keepalive\n\n", 1_000)), []);
}
