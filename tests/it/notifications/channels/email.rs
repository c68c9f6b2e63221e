use harness::{
    Subgraph,
    simulators::{
        SmtpSink,
        smtp::{Protection, SmtpFault, Stage},
    },
};
use notifications::channels::{Address, ChannelKind, Channels, Message, Outcome};
use serde_json::json;

use super::{accepted, channels, delivery_id, email, failure, gone, message, refusal};

pub(super) async fn start() -> (Subgraph, SmtpSink, Channels) {
    let sink = SmtpSink::start(Protection::None).await;
    let (app, channels) = channels("smtp", sink.settings()).await;
    (app, sink, channels)
}

/// The delivery's id, by which SMTP calls a message.
pub(super) fn taken(number: u128) -> Outcome {
    accepted(&delivery_id(number).to_string())
}

// T-NOT-C, M-NOT
#[tokio::test]
async fn an_e_mail_is_text_and_html_with_the_headers_of_a_machine() {
    let (_app, sink, channels) = start().await;
    assert_eq!(channels.provider(ChannelKind::Email), "smtp");
    assert_eq!(
        channels
            .send(&email("siti@example.com", "Siti Nurhaliza"))
            .await,
        taken(1)
    );
    let [mail] = &sink.mails()[..] else {
        panic!("one mail");
    };
    assert_eq!(
        (mail.from.as_str(), &mail.to[..]),
        ("no-reply@pasar.test", &["siti@example.com".to_owned()][..])
    );
    let id = delivery_id(1);
    let expected = [
        "From: Pasar <no-reply@pasar.test>",
        "To: \"Siti Nurhaliza\" <siti@example.com>",
        "Subject: Pesanan dikirim",
        &format!("Message-ID: <{id}@pasar.test>"),
        "Date: Thu, 01 Jan 2026 00:00:00 +0000",
        "Auto-Submitted: auto-generated",
        "Reply-To: help@pasar.test",
        "MIME-Version: 1.0",
        "Content-Type: multipart/alternative;",
        &format!(" boundary=\"=_{id}\""),
        "",
        &format!("--=_{id}"),
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 7bit",
        "",
        "Pesanan Anda dikirim.",
        &format!("--=_{id}"),
        "Content-Type: text/html; charset=utf-8",
        "Content-Transfer-Encoding: 7bit",
        "",
        "<p>Pesanan Anda <b>dikirim</b>.</p>",
        &format!("--=_{id}--"),
        "",
        "",
    ];
    assert_eq!(mail.data.split("\r\n").collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_letter_that_is_sent_again_is_the_same_letter() {
    let (_app, sink, channels) = start().await;
    sink.fail(Stage::Message, SmtpFault::Lost);
    let message = email("siti@example.com", "Siti");
    let lost = failure("the mail server broke the connection");
    assert_eq!(channels.send(&message).await, lost);
    assert_eq!(channels.send(&message).await, taken(1));
    let mails = sink.mails();
    assert_eq!(mails.len(), 2, "the first was taken, and nobody knew");
    assert_eq!(mails[0].data, mails[1].data);
}

#[tokio::test]
async fn line_breaks_in_names_and_subjects_begin_no_header() {
    let (_app, sink, channels) = start().await;
    let message = Message {
        subject: "Halo\r\nBcc: all@example.com\r\n\r\nbody".to_owned(),
        ..email("siti@example.com", "Siti\r\nBcc: all@example.com")
    };
    assert_eq!(channels.send(&message).await, taken(1));
    let mail = &sink.mails()[0];
    assert_eq!(mail.to, ["siti@example.com"]);
    assert_eq!(
        mail.header_names(),
        [
            "From",
            "To",
            "Subject",
            "Message-ID",
            "Date",
            "Auto-Submitted",
            "Reply-To",
            "MIME-Version",
            "Content-Type"
        ]
    );
    for address in [
        "siti@example.com\r\nRCPT TO:<all@example.com>",
        "siti@example.com>, <all@example.com",
        "siti",
        "",
        "a@b\0c.com",
    ] {
        let outcome = channels.send(&email(address, "")).await;
        assert_eq!(
            outcome,
            refusal("the e-mail address is none"),
            "{address:?}"
        );
    }
    let phone = message_to_phone();
    assert_eq!(
        channels.send(&phone).await,
        refusal("an e-mail needs an e-mail address")
    );
    assert_eq!(sink.mails().len(), 1);
}

fn message_to_phone() -> Message {
    message(
        ChannelKind::Email,
        Address::Phone("+6281234567890".to_owned()),
    )
}

/// How a mail server may fail, and what each comes to.
fn server_faults() -> Vec<(Stage, SmtpFault, Outcome)> {
    use SmtpFault::{Answer, Close, Hang, Lost};
    let is = |what: &str| failure(&format!("the mail server {what}"));
    let refused = |what: &str| refusal(&format!("the mail server {what}"));
    vec![
        (
            Stage::Greeting,
            Answer("421 4.3.2 busy"),
            is("refuses us with 421"),
        ),
        (
            Stage::Greeting,
            Answer("554 5.7.1 no service"),
            is("refuses us with 554"),
        ),
        (Stage::Greeting, Close, is("is not reached")),
        (Stage::Greeting, Hang, is("did not answer in time")),
        (
            Stage::Mail,
            Answer("452 4.3.1 full"),
            is("answered 452 4.3.1"),
        ),
        (
            Stage::Mail,
            Answer("530 5.7.0 log in"),
            is("answered 530 5.7.0"),
        ),
        (Stage::Mail, Hang, is("did not answer in time")),
        (
            Stage::Recipient,
            Answer("450 4.2.1 later"),
            is("answered 450 4.2.1"),
        ),
        (
            Stage::Recipient,
            Answer("550 no relaying"),
            refused("answered 550"),
        ),
        (
            Stage::Recipient,
            Answer("550 5.7.1 policy"),
            refused("answered 550 5.7.1"),
        ),
        (
            Stage::Recipient,
            Answer("550 5.1.1 <siti@example.com> no such user"),
            gone("the mail server answered 550 5.1.1"),
        ),
        (Stage::Recipient, Close, is("broke the connection")),
        (
            Stage::Message,
            Answer("451 4.7.1 greylisted"),
            is("answered 451 4.7.1"),
        ),
        (
            Stage::Message,
            Answer("552 5.3.4 too big"),
            refused("answered 552 5.3.4"),
        ),
        (
            Stage::Message,
            Answer("554 5.6.0 nonsense"),
            refused("answered 554 5.6.0"),
        ),
        (Stage::Message, Hang, is("did not answer in time")),
        (Stage::Message, Lost, is("broke the connection")),
    ]
}

#[tokio::test]
async fn every_fault_of_a_mail_server_is_told_apart() {
    let (_app, sink, channels) = start().await;
    let message = email("siti@example.com", "Siti");
    for (stage, fault, expected) in server_faults() {
        // A kept connection would not be greeted.
        let channels = match stage {
            Stage::Greeting => super::channels("smtp", sink.settings()).await.1,
            _ => channels.clone(),
        };
        let name = format!("{stage:?} {fault:?}");
        sink.fail(stage, fault);
        assert_eq!(channels.send(&message).await, expected, "{name}");
    }
    let mut nowhere = sink.settings();
    nowhere["port"] = json!(1);
    let (_app, channels) = super::channels("smtp", nowhere).await;
    assert_eq!(
        channels.send(&message).await,
        failure("the mail server is not reached")
    );
}

#[tokio::test]
async fn a_connection_is_kept_and_one_that_was_closed_is_replaced() {
    let (_app, sink, channels) = start().await;
    for _ in 0..3 {
        assert_eq!(
            channels.send(&email("siti@example.com", "")).await,
            taken(1)
        );
    }
    assert_eq!(sink.connections(), 1);
    sink.fail(
        Stage::Message,
        SmtpFault::Answer("250 2.0.0 taken\r\n421 4.3.2 closing"),
    );
    assert_eq!(
        channels.send(&email("siti@example.com", "")).await,
        taken(1)
    );
    assert_eq!(
        channels.send(&email("siti@example.com", "")).await,
        taken(1)
    );
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_not_taken_for_the_next_message() {
    let (_app, sink, channels) = start().await;
    sink.fail(Stage::Message, SmtpFault::Late);
    let first = channels.send(&email("siti@example.com", "")).await;
    assert_eq!(first, failure("the mail server did not answer in time"));
    sink.answer_late();
    sink.fail(Stage::Message, SmtpFault::Answer("550 5.7.1 policy"));
    let second = channels.send(&email("budi@example.com", "")).await;
    assert_eq!(second, refusal("the mail server answered 550 5.7.1"));
    assert_eq!(sink.connections(), 2);
}

#[tokio::test]
async fn no_more_connections_than_allowed_are_open_and_nothing_is_lost() {
    let sink = SmtpSink::start(Protection::None).await;
    let mut section = sink.settings();
    section["max_connections"] = json!(2);
    section["timeout"] = json!("30s");
    let (_app, channels) = channels("smtp", section).await;
    let sends = (0..20).map(|_| {
        let channels = channels.clone();
        tokio::spawn(async move { channels.send(&email("siti@example.com", "")).await })
    });
    for send in sends.collect::<Vec<_>>() {
        assert_eq!(send.await.unwrap(), taken(1));
    }
    assert_eq!(sink.mails().len(), 20);
    assert!(sink.connections() <= 2, "{}", sink.connections());
}

#[tokio::test]
async fn the_connection_is_encrypted_before_anybody_logs_in() {
    for protection in [Protection::StartTls, Protection::Implicit] {
        let sink = SmtpSink::start(protection).await;
        let (_app, secured) = channels("smtp", sink.settings()).await;
        assert_eq!(
            secured.send(&email("siti@example.com", "")).await,
            taken(1),
            "{protection:?}"
        );
        let mail = &sink.mails()[0];
        assert!(mail.was_encrypted);
        assert_eq!(mail.user.as_deref(), Some("pasar"));

        let mut wrong = sink.settings();
        wrong["password"] = json!("another");
        let (_app, secured) = channels("smtp", wrong).await;
        let outcome = secured.send(&email("siti@example.com", "")).await;
        assert_eq!(outcome, failure("the mail server refuses us with 535"));

        let mut stranger = sink.settings();
        stranger["ca_certificate"] = json!(null);
        let (_app, secured) = channels("smtp", stranger).await;
        let outcome = secured.send(&email("siti@example.com", "")).await;
        assert_eq!(
            outcome,
            failure("the mail server has no certificate that we trust")
        );
    }
}

#[tokio::test]
async fn a_server_without_encryption_gets_neither_password_nor_mail() {
    let sink = SmtpSink::start(Protection::None).await;
    let mut section = sink.settings();
    section["tls"] = json!("starttls");
    section["username"] = json!("pasar");
    section["password"] = json!("secret");
    let (_app, channels) = channels("smtp", section).await;
    let outcome = channels.send(&email("siti@example.com", "")).await;
    let expected = "the mail server does not offer the log-in or the encryption that is set";
    assert_eq!(outcome, failure(expected));
    assert!(sink.mails().is_empty());
}
