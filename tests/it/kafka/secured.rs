//! A broker that wants to know who comes (SASL/PLAIN).

use harness::parts;
use infra::Part;
use service::bus::{
    Bus,
    kafka::{KafkaBus, KafkaSettings},
};

use super::{next, record};

fn bus(brokers: &str, user: &str, password: &str) -> Bus {
    let properties = [
        ("security_protocol", "sasl_plaintext"),
        ("sasl_mechanisms", "PLAIN"),
        ("sasl_username", user),
        ("sasl_password", password),
    ];
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let settings = KafkaSettings {
        properties: properties.map(owned).into(),
        ..KafkaSettings::new(brokers)
    };
    Bus::Kafka(KafkaBus::new(settings).unwrap())
}

// Names and passwords are properties of librdkafka. A wrong one is told as such, and not by its value.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_asks_for_a_password_is_used_and_a_wrong_one_is_told() {
    let Some(broker) = parts::own(Part::Kafka) else {
        return;
    };
    let (brokers, user, password) = broker.secured();
    let records = [record("shop.thing", "one", 0)];

    let stranger = bus(&brokers, user, "salah-sandi");
    let (published, joined, lag) = tokio::join!(
        stranger.publish(&records),
        stranger.join("g", &["shop.thing"]),
        stranger.lag("g", &["shop.thing"])
    );
    for fault in [published.err(), joined.err(), lag.err()] {
        let fault = fault.unwrap();
        let told = fault.chain();
        assert_eq!(fault.kind().code(), "UNAVAILABLE", "{told}");
        assert!(told.contains("Kafka refuses us"), "{told}");
        assert!(told.contains("Authentication failed"), "{told}");
        assert!(!told.contains("salah-sandi"), "{told}");
    }

    let known = bus(&brokers, user, password);
    known.publish(&records).await.unwrap();
    let mut member = known.join("g", &["shop.thing"]).await.unwrap();
    let batch = next(&mut member).await;
    assert_eq!(batch.records[0].record, records[0]);
    member.commit(&batch.partition, 1);
    member.leave().await;
    let lag = known.lag("g", &["shop.thing"]).await.unwrap();
    assert!(lag.iter().all(|lag| lag.records == 0), "{lag:?}");
    known.close().await;
}
