//! What a letter is made of, whatever its texts are.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use harness::simulators::{SmtpSink, smtp::Protection};
use notifications::channels::{Channels, Message};
use proptest::prelude::*;

use super::{
    email,
    email::{start, taken},
    settings,
};

#[tokio::test]
async fn other_scripts_and_long_texts_arrive_as_they_were() {
    let (_app, sink, channels) = start().await;
    let body = format!(
        "Selamat pagi, Ibu Ñandú 🛒\n.\n..titik\n{}\n",
        "panjang ".repeat(300)
    );
    let message = Message {
        subject: "Diskon 50% — é 🛒".to_owned(),
        text: body.clone(),
        html: None,
        ..email("siti@example.com", "Ñandú \"Siti\" <a@b>")
    };
    assert_eq!(channels.send(&message).await, taken(1));
    let mail = &sink.mails()[0];
    assert!(mail.data.is_ascii(), "servers without 8BITMIME take it");
    let to = mail.header("To");
    assert!(
        to.starts_with("=?utf-8?b?") && to.ends_with("<siti@example.com>"),
        "{to}"
    );
    assert!(mail.header("Subject").contains("=?utf-8?b?"));
    let (_, encoded) = mail.data.split_once("\r\n\r\n").unwrap();
    let text = decode(&mail.header("Content-Transfer-Encoding"), encoded);
    assert_eq!(text.trim_end().replace("\r\n", "\n"), body.trim_end());
}

/// The text of a body, for the two encodings that are used.
fn decode(encoding: &str, body: &str) -> String {
    if encoding == "base64" {
        let joined: String = body.split_whitespace().collect();
        let bytes = STANDARD.decode(joined);
        return String::from_utf8(bytes.unwrap()).unwrap();
    }
    assert_eq!(encoding, "quoted-printable");
    let joined = body.replace("=\r\n", "");
    let (mut bytes, mut rest) = (Vec::new(), joined.as_bytes());
    while let [first, after @ ..] = rest {
        rest = after;
        if let (b'=', [high, low, after @ ..]) = (first, after) {
            let digits = std::str::from_utf8(&[*high, *low]).unwrap().to_owned();
            bytes.push(u8::from_str_radix(&digits, 16).unwrap());
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_texts_are_the_letter_has_the_same_headers(subject in any::<String>(), name in any::<String>(), text in any::<String>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (mail, outcome) = runtime.block_on(async {
            let sink = SmtpSink::start(Protection::None).await;
            let deps = super::offline_deps();
            let channels = Channels::new(settings("smtp", sink.settings()), &deps).unwrap();
            let message = Message { subject, text, ..email("siti@example.com", &name) };
            let outcome = channels.send(&message).await;
            (sink.mails().pop(), outcome)
        });
        prop_assert_eq!(outcome, taken(1));
        let mail = mail.unwrap();
        prop_assert_eq!(&mail.to, &["siti@example.com"]);
        prop_assert_eq!(
            mail.header_names(),
            ["From", "To", "Subject", "Message-ID", "Date", "Auto-Submitted", "Reply-To", "MIME-Version", "Content-Type"]
        );
    }
}
