//! What only a search node has to promise: versions, rebuilding, and what happens when it is away.

use harness::parts;
use kernel::FaultKind;
use search::{
    domain::{Change, Document, Filter, SearchRequest, Sort},
    store::elastic::Elastic,
};

use super::{
    conformance::put,
    shelf::{self, product_id},
};

/// Each kind of node of this machine.
fn nodes() -> Vec<&'static str> {
    [parts::elasticsearch(), parts::opensearch()]
        .into_iter()
        .flatten()
        .collect()
}

async fn empty(url: &str) -> (Elastic, String) {
    let alias = parts::unique("node");
    let node = Elastic::new(url, &alias).unwrap();
    node.create_index(&format!("{alias}-1")).await.unwrap();
    node.swap_alias(&format!("{alias}-1")).await.unwrap();
    (node, alias)
}

fn everything() -> SearchRequest {
    SearchRequest {
        text: None,
        filter: Filter::default(),
        sort: Sort::PriceAsc,
        facets: false,
        count: true,
        limit: 10,
        after: None,
    }
}

fn version(number: i64, price: i64) -> Document {
    let mut document = shelf::documents().swap_remove(0);
    (document.version, document.min_price) = (number, price);
    document
}

/// The price of the one document of the index; `None` when it cannot be found.
async fn price(node: &Elastic) -> Option<i64> {
    node.refresh().await.unwrap();
    let mut request = everything();
    for price in 1..=9 {
        (request.filter.price_min, request.filter.price_max) = (Some(price), Some(price));
        if !node.search(&request).await.unwrap().hits.is_empty() {
            return Some(price);
        }
    }
    None
}

// Faults to survive: stale events never win
#[tokio::test(flavor = "multi_thread")]
async fn the_newest_version_wins_in_whatever_order_they_come() {
    let gone = |version| Change::Delete {
        product_id: product_id(1),
        version,
    };
    for url in nodes() {
        let (node, _) = empty(url).await;
        for (change, expected) in [
            (put(version(10, 1)), Some(1)),
            (put(version(12, 2)), Some(2)),
            (put(version(11, 3)), Some(2)),
            (put(version(12, 4)), Some(2)),
            (gone(11), Some(2)),
            (gone(14), None),
            (put(version(13, 5)), None),
            (gone(14), None),
            (put(version(15, 6)), Some(6)),
        ] {
            node.push(None, std::slice::from_ref(&change))
                .await
                .unwrap();
            assert_eq!(price(&node).await, expected, "{url} {change:?}");
        }
        let both = [put(version(17, 7)), put(version(16, 8))];
        node.push(None, &both).await.unwrap();
        assert_eq!(price(&node).await, Some(7), "within one request, too");
        assert_eq!(node.count().await.unwrap(), 1);
    }
}

// T-SRC-4: a new index takes the place of the old one in one step
#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_rebuilt_beside_the_one_that_is_searched() {
    for url in nodes() {
        let (node, alias) = empty(url).await;
        node.push(None, &[put(version(1, 1))]).await.unwrap();
        assert_eq!(price(&node).await, Some(1));
        let (old, new) = (format!("{alias}-1"), format!("{alias}-2"));
        for _ in 0..2 {
            node.create_index(&new).await.unwrap();
        }
        node.push(Some(&new), &[put(version(1, 2))]).await.unwrap();
        assert_eq!(price(&node).await, Some(1), "it is not searched yet");
        assert_eq!(node.current_index().await.unwrap(), Some(old.clone()));
        for _ in 0..2 {
            node.swap_alias(&new).await.unwrap();
            assert_eq!(price(&node).await, Some(2));
            assert_eq!(node.current_index().await.unwrap(), Some(new.clone()));
        }
        let gone = Elastic::new(url, &old).unwrap().count().await.unwrap_err();
        assert_eq!(
            gone.kind(),
            FaultKind::Unavailable,
            "the old index is deleted"
        );
        node.push(None, &[put(version(2, 3))]).await.unwrap();
        assert_eq!(price(&node).await, Some(3));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_index_nothing_is_found_or_made_by_accident() {
    for url in nodes() {
        let alias = parts::unique("none");
        let node = Elastic::new(url, &alias).unwrap();
        assert_eq!(node.current_index().await.unwrap(), None);
        let fault = node.push(None, &[put(version(1, 1))]).await.unwrap_err();
        assert_eq!(fault.kind(), FaultKind::Unavailable);
        let fault = node.search(&everything()).await.unwrap_err();
        assert_eq!(
            fault.kind(),
            FaultKind::Unavailable,
            "so that PostgreSQL is asked"
        );
        assert_eq!(node.current_index().await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_changes_at_once_are_all_kept() {
    for url in nodes() {
        let (node, _) = empty(url).await;
        let changes: Vec<Change> = (1..=1_234)
            .map(|number| {
                let mut document = version(1, 1);
                document.product_id = product_id(10_000 + number);
                put(document)
            })
            .collect();
        node.push(None, &changes).await.unwrap();
        node.push(None, &changes).await.unwrap();
        node.refresh().await.unwrap();
        assert_eq!(node.count().await.unwrap(), 1_234);
    }
}

#[tokio::test]
async fn a_node_that_is_away_is_unavailable_and_a_bad_name_is_refused() {
    // Nothing listens on the port of somebody who has just gone.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let node = Elastic::new(&url, "products").unwrap();
    let mut faults = vec![
        node.search(&everything()).await.unwrap_err(),
        node.correct(&["kata".to_owned()], 1).await.unwrap_err(),
        node.complete("kata", 1).await.unwrap_err(),
        node.push(None, &[put(version(1, 1))]).await.unwrap_err(),
        node.current_index().await.unwrap_err(),
        node.count().await.unwrap_err(),
    ];
    // One that accepts and says nothing sensible.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let answers = [
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n{",
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
            "nonsense",
        ];
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0_u8; 4_096];
            let _read = tokio::io::AsyncReadExt::read(&mut stream, &mut request).await;
            tokio::io::AsyncWriteExt::write_all(&mut stream, answer.as_bytes())
                .await
                .unwrap();
        }
    });
    let node = Elastic::new(&url, "products").unwrap();
    for _ in 0..5 {
        faults.push(node.search(&everything()).await.unwrap_err());
    }
    server.abort();
    for fault in faults {
        assert_eq!(fault.kind(), FaultKind::Unavailable, "{}", fault.chain());
    }
    for (url, alias) in [
        ("nonsense", "products"),
        ("http://127.0.0.1:1", ""),
        ("http://127.0.0.1:1", "Products"),
        ("http://127.0.0.1:1", "a/b"),
        ("http://127.0.0.1:1", "_all"),
        ("http://127.0.0.1:1", "*"),
    ] {
        assert!(Elastic::new(url, alias).is_err(), "{url} {alias}");
    }
}
