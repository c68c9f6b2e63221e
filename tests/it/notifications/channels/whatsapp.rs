use harness::simulators::{Answer, Fault, Whatsapp};
use notifications::channels::{Address, ChannelKind, Locale, Message};
use serde_json::json;

use super::{
    accepted, channels, delivery_id, failure, failure_for, general_faults, gone, message, refusal,
};

fn whatsapp_message(number: &str) -> Message {
    message(ChannelKind::Whatsapp, Address::Phone(number.to_owned()))
}

// T-NOT-C, L18
#[tokio::test]
async fn a_whatsapp_message_is_the_request_that_meta_documents() {
    let whatsapp = Whatsapp::start().await;
    whatsapp.approve("pasar_order_shipped", 2);
    let (_app, channels) = channels("whatsapp", whatsapp.settings()).await;
    assert_eq!(channels.provider(ChannelKind::Whatsapp), "whatsapp");
    assert_eq!(
        channels.send(&whatsapp_message("081234567890")).await,
        accepted("wamid.1")
    );
    let [request] = &whatsapp.received()[..] else {
        panic!("one request");
    };
    let path = "/v23.0/106540352242922/messages";
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", path)
    );
    assert_eq!(
        request.header("authorization"),
        "Bearer EAA-token-of-the-tests"
    );
    assert_eq!(
        request.json(),
        json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "+6281234567890",
            "type": "template",
            "template": {
                "name": "pasar_order_shipped",
                "language": { "code": "id" },
                "components": [{
                    "type": "body",
                    "parameters": [
                        { "type": "text", "text": "Siti" },
                        { "type": "text", "text": "ORD-1" },
                    ],
                }],
            },
            "biz_opaque_callback_data": delivery_id(1),
        })
    );
}

#[tokio::test]
async fn variables_are_made_to_fit_and_templates_must_be_approved() {
    let whatsapp = Whatsapp::start().await;
    let (_app, channels) = channels("whatsapp", whatsapp.settings()).await;
    let mut message = whatsapp_message("+6281234567890");
    let not_approved = |code| {
        refusal(&format!(
            "whatsapp answered {code} (the template is not approved as we use it)"
        ))
    };
    assert_eq!(channels.send(&message).await, not_approved(132_001));
    whatsapp.approve("pasar_order_shipped", 3);
    assert_eq!(channels.send(&message).await, not_approved(132_000));
    whatsapp.approve("pasar_order_shipped", 2);
    message.locale = Locale::En;
    message.template.variables = vec!["Siti\n\tNurhaliza     (rumah)".to_owned(), "x".repeat(3000)];
    assert_eq!(channels.send(&message).await, accepted("wamid.1"));
    let body = whatsapp.received()[2].json();
    let template = &body["template"];
    assert_eq!(template["language"]["code"], "en");
    let parameters = &template["components"][0]["parameters"];
    assert_eq!(parameters[0]["text"], "Siti Nurhaliza (rumah)");
    assert_eq!(parameters[1]["text"], "x".repeat(1024));
}

#[tokio::test]
async fn every_fault_of_whatsapp_is_told_apart() {
    let whatsapp = Whatsapp::start().await;
    whatsapp.approve("pasar_order_shipped", 2);
    let (_app, channels) = channels("whatsapp", whatsapp.settings()).await;
    let message = whatsapp_message("+6281234567890");
    for (fault, expected) in general_faults("whatsapp") {
        let name = format!("{fault:?}");
        whatsapp.fail(fault);
        assert_eq!(channels.send(&message).await, expected, "{name}");
    }
    let not_set_up = |code| {
        failure(&format!(
            "whatsapp answered {code} (the account is not set up for it)"
        ))
    };
    for (status, code, expected) in [
        (
            400,
            131_026,
            gone("whatsapp answered 131026 (no number that takes WhatsApp messages)"),
        ),
        (
            400,
            131_030,
            gone("whatsapp answered 131030 (no number that takes WhatsApp messages)"),
        ),
        (
            400,
            131_050,
            refusal("whatsapp answered 131050 (the person does not want it)"),
        ),
        (400, 130_429, failure("whatsapp answered 130429 (not now)")),
        (500, 131_000, failure("whatsapp answered 131000 (not now)")),
        (401, 190, not_set_up(190)),
        (403, 10, not_set_up(10)),
        (400, 131_042, not_set_up(131_042)),
        (400, 131_009, refusal("whatsapp answered 400 (131009)")),
        (400, 100, refusal("whatsapp answered 400 (100)")),
    ] {
        whatsapp.refuse(status, code);
        assert_eq!(channels.send(&message).await, expected, "{code}");
    }
    let limited = json!({ "error": { "code": 80_007, "message": "Rate limit issues" } });
    whatsapp.fail(Fault::Answer(
        Answer::json(429, &limited).with("retry-after", "5"),
    ));
    assert_eq!(
        channels.send(&message).await,
        failure_for("whatsapp answered 80007 (not now)", 5)
    );
    whatsapp.fail(Fault::Answer(Answer::status(200)));
    assert_eq!(
        channels.send(&message).await,
        failure("whatsapp answered without an id")
    );
    assert_eq!(
        channels.send(&whatsapp_message("siti")).await,
        refusal("the phone number is none")
    );
}
