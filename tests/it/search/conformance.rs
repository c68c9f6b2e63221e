//! One suite for every engine: the same documents, the same answers.

#![expect(clippy::print_stdout, reason = "the counts are the result")]

use std::collections::BTreeSet;

use harness::{Subgraph, parts};
use kernel::ProductId;
use search::{
    domain::{
        Change, Completion, CompletionKind, Document, Filter, SearchRequest, Sort, TextQuery, Word,
    },
    store::{Engine, elastic::Elastic, postgres::Postgres},
};

use super::{
    oracle,
    shelf::{self, category_id, number, product_id},
};

/// Every engine of this machine with the shelf in it. The subgraph holds PostgreSQL's.
pub(crate) async fn engines(app: &Subgraph) -> Vec<(&'static str, Engine)> {
    shelf::fill(app).await;
    let mut all = vec![("postgres", Engine::Postgres(Postgres::new(app.db.clone())))];
    for (name, url) in [
        ("elasticsearch", parts::elasticsearch()),
        ("opensearch", parts::opensearch()),
    ] {
        if let Some(url) = url {
            all.push((name, Engine::Elastic(filled(url).await)));
        }
    }
    all
}

/// A node with the shelf under an alias of its own, beside products that cannot be found any more.
pub(crate) async fn filled(url: &str) -> Elastic {
    let alias = parts::unique("shelf");
    let node = Elastic::new(url, &alias).unwrap();
    let index = format!("{alias}-1");
    node.create_index(&index).await.unwrap();
    let gone = (30_001..=30_020).map(|number| Change::Delete {
        product_id: product_id(number),
        version: 1,
    });
    let puts = shelf::documents().into_iter().map(put);
    let changes: Vec<Change> = puts.chain(gone).collect();
    node.push(Some(&index), &changes).await.unwrap();
    node.swap_alias(&index).await.unwrap();
    node
}

pub(crate) fn put(document: Document) -> Change {
    Change::Put(Box::new(document))
}

async fn start() -> (Subgraph, Vec<(&'static str, Engine)>) {
    let app = Subgraph::start(&search::SUBGRAPH).await;
    let engines = engines(&app).await;
    (app, engines)
}

fn ask(text: Option<&str>, filter: &Filter) -> SearchRequest {
    SearchRequest {
        text: text.and_then(TextQuery::parse),
        filter: filter.clone(),
        sort: Sort::Newest,
        facets: true,
        count: true,
        limit: 200,
        after: None,
    }
}

/// Filters alone and together.
#[expect(clippy::too_many_lines, reason = "a table")]
fn filters() -> Vec<Filter> {
    let none = Filter::default;
    let texts = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    vec![
        none(),
        Filter {
            category: Some(category_id("fesyen")),
            ..none()
        },
        Filter {
            category: Some(category_id("sepatu")),
            ..none()
        },
        Filter {
            price_min: Some(100_000),
            ..none()
        },
        Filter {
            price_max: Some(149_000),
            ..none()
        },
        Filter {
            price_min: Some(149_000),
            price_max: Some(149_000),
            ..none()
        },
        Filter {
            price_min: Some(2),
            price_max: Some(1),
            ..none()
        },
        Filter {
            min_rating: Some(480),
            ..none()
        },
        Filter {
            cities: texts(&["Kota Bandung"]),
            ..none()
        },
        Filter {
            provinces: texts(&["DI Yogyakarta"]),
            ..none()
        },
        Filter {
            cities: texts(&["Kota Surabaya"]),
            provinces: texts(&["Aceh", "Nirgendwo"]),
            ..none()
        },
        Filter {
            cities: texts(&["kota bandung"]),
            ..none()
        },
        Filter {
            in_stock: true,
            ..none()
        },
        Filter {
            category: Some(category_id("elektronik")),
            price_min: Some(100_000),
            price_max: Some(15_000_000),
            min_rating: Some(450),
            provinces: texts(&["DKI Jakarta", "Jawa Timur"]),
            in_stock: true,
            ..none()
        },
        Filter {
            category: Some(category_id("sayur")),
            cities: texts(&["Kabupaten Bandung Barat"]),
            in_stock: true,
            ..none()
        },
    ]
}

// T-SRC-F: filters, disjunctive facets with counts, totals
#[tokio::test(flavor = "multi_thread")]
async fn filters_totals_and_facets_are_what_a_look_at_every_document_gives() {
    let (_app, engines) = start().await;
    let documents = shelf::documents();
    let mut asked = 0;
    for filter in filters() {
        for text in [None, Some("samsung"), Some("katun"), Some("xyzzy")] {
            let said: Vec<Document> = documents
                .iter()
                .filter(|document| text.is_none_or(|word| oracle::says(document, word)))
                .cloned()
                .collect();
            let found = oracle::filtered(&said, &filter);
            let expected = oracle::sorted(found, Sort::Newest);
            let facets = oracle::facets(&said.iter().collect::<Vec<_>>(), &filter);
            for (name, engine) in &engines {
                let answer = engine.search(&ask(text, &filter)).await.unwrap();
                let hits: Vec<_> = answer.hits.iter().map(|hit| hit.product_id).collect();
                assert_eq!(hits, expected, "{name} {text:?} {filter:?}");
                let total = answer.total.unwrap();
                assert_eq!(
                    total.value,
                    i64::try_from(expected.len()).unwrap(),
                    "{name} {filter:?}"
                );
                assert!(total.is_exact);
                assert_eq!(answer.facets.unwrap(), facets, "{name} {text:?} {filter:?}");
                asked += 1;
            }
        }
    }
    println!("{asked} answers compared");
}

// T-SRC-F: every order, walked in pages
#[tokio::test(flavor = "multi_thread")]
async fn pages_in_every_order_give_each_hit_once_in_its_place() {
    let (_app, engines) = start().await;
    let documents = shelf::documents();
    let filter = Filter {
        price_max: Some(700_000),
        ..Filter::default()
    };
    for sort in [
        Sort::PriceAsc,
        Sort::PriceDesc,
        Sort::Newest,
        Sort::BestSelling,
    ] {
        let expected = oracle::sorted(oracle::filtered(&documents, &filter), sort);
        assert!(expected.len() > 50);
        for (name, engine) in &engines {
            let mut request = ask(None, &filter);
            (request.sort, request.limit) = (sort, 7);
            (request.facets, request.count) = (false, false);
            let walked = walk(engine, request).await;
            assert_eq!(walked, expected, "{name} {sort:?}");
        }
    }
}

/// All hits, page by page.
async fn walk(engine: &Engine, mut request: SearchRequest) -> Vec<ProductId> {
    let mut walked = Vec::new();
    loop {
        let answer = engine.search(&request).await.unwrap();
        assert!(answer.hits.len() <= request.limit);
        assert_eq!(
            (answer.total, &answer.facets),
            (None, &None),
            "nobody asked"
        );
        let Some(last) = answer.hits.last() else {
            return walked;
        };
        request.after = Some(last.place);
        walked.extend(answer.hits.iter().map(|hit| hit.product_id));
        assert!(walked.len() <= 500, "pages without end");
    }
}

// T-SRC-1: the best first
#[tokio::test(flavor = "multi_thread")]
async fn pages_by_relevance_give_the_same_hits_as_one_long_page() {
    let (_app, engines) = start().await;
    for text in ["sepatu", "kopi", "laptop"] {
        let mut sets = BTreeSet::new();
        for (name, engine) in &engines {
            let mut request = ask(Some(text), &Filter::default());
            (request.sort, request.facets, request.count) = (Sort::Relevance, false, false);
            let whole = engine.search(&request).await.unwrap();
            let scores: Vec<f64> = whole.hits.iter().map(|hit| hit.score.unwrap()).collect();
            assert!(scores.is_sorted_by(|a, b| a >= b), "{name} {scores:?}");
            let ids: Vec<_> = whole.hits.iter().map(|hit| hit.product_id).collect();
            request.limit = 2;
            assert_eq!(walk(engine, request).await, ids, "{name} {text}");
            sets.insert(ids.into_iter().collect::<BTreeSet<_>>());
        }
        assert_eq!(sets.len(), 1, "{text}: every engine finds the same");
        assert!(sets.first().unwrap().len() > 3);
    }
}

fn numbers(answer: &search::domain::Answer) -> BTreeSet<usize> {
    let ids = answer
        .hits
        .iter()
        .map(|hit| hit.product_id.uuid().as_u128());
    ids.map(|id| usize::try_from(id - product_id(0).uuid().as_u128()).unwrap())
        .collect()
}

fn keys(keys: &str) -> BTreeSet<usize> {
    keys.split_whitespace().map(number).collect()
}

// T-SRC-F, C30: every word in one of its forms; a synonym of several words needs all of them
#[tokio::test(flavor = "multi_thread")]
async fn every_word_must_be_met_by_itself_or_a_synonym() {
    let (_app, engines) = start().await;
    let word = |text: &str, synonyms: &[&str]| Word {
        text: text.to_owned(),
        synonyms: synonyms.iter().map(|one| (*one).to_owned()).collect(),
    };
    let cases = [
        (vec![word("sepatu", &[]), word("lari", &[])], "p42 p43"),
        (vec![word("galaxy", &[])], "p1 p2 p7 p68"),
        (vec![word("galaxy", &[]), word("genggam", &[])], ""),
        (vec![word("xyzzy", &["telepon genggam"])], "p4"),
        (vec![word("xyzzy", &["telepon tulis"])], ""),
        (
            vec![word("xyzzy", &["thinkpad", "macbook", "telepon genggam"])],
            "p4 p14 p16",
        ),
        (vec![word("xyzzy", &["laptop"]), word("rtx", &[])], "p12"),
        (
            vec![
                word("GALAXY".to_lowercase().as_str(), &[]),
                word("ultra", &["xyzzy"]),
            ],
            "p2",
        ),
    ];
    for (words, expected) in cases {
        for (name, engine) in &engines {
            let mut request = ask(None, &Filter::default());
            request.text = Some(TextQuery {
                words: words.clone(),
            });
            for sort in [Sort::Relevance, Sort::PriceAsc] {
                request.sort = sort;
                let answer = engine.search(&request).await.unwrap();
                assert_eq!(numbers(&answer), keys(expected), "{name} {words:?}");
            }
        }
    }
}

// What people type is never a command to an engine.
#[tokio::test(flavor = "multi_thread")]
async fn no_text_breaks_an_engine() {
    let (_app, engines) = start().await;
    let long = "sangatpanjang".repeat(40);
    let many = "kata ".repeat(500);
    let texts = [
        "*:*",
        "name:(samsung OR laptop)",
        "samsung AND NOT galaxy",
        "\"samsung",
        "sam*",
        "{\"match_all\":{}}",
        "' or 1=1 --",
        "a & | ! b",
        "<->",
        "\\",
        "和服",
        "😀 samsung",
        "é̂",
        "%_%",
        "the",
        "yang",
        &long,
        &many,
    ];
    for text in texts {
        for (name, engine) in &engines {
            for sort in [Sort::Relevance, Sort::BestSelling] {
                let mut request = ask(Some(text), &Filter::default());
                request.sort = if request.text.is_some() {
                    sort
                } else {
                    Sort::BestSelling
                };
                let answer = engine.search(&request).await;
                assert!(answer.is_ok(), "{name} {text}: {answer:?}");
            }
            let words = search::domain::text::words(text);
            let corrected = engine.correct(&words, 3).await;
            assert!(corrected.is_ok(), "{name} {text}: {corrected:?}");
            let completed = engine.complete(&text.to_lowercase(), 3).await;
            assert!(completed.is_ok(), "{name} {text}: {completed:?}");
        }
    }
}

// T-SRC-2: typing mistakes
#[tokio::test(flavor = "multi_thread")]
async fn mistyped_words_are_corrected_and_known_ones_are_not() {
    let (_app, engines) = start().await;
    let cases = [
        ("samsnug", Some("samsung")),
        ("lapotp", Some("laptop")),
        ("kangkng", Some("kangkung")),
        ("batk", Some("batik")),
        ("iphnoe", Some("iphone")),
        ("spetau", Some("sepatu")),
        ("samsung", None),
        ("sepatu", None),
        ("qqqqqqqqqq", None),
        ("zz", None),
    ];
    let words: Vec<String> = cases.iter().map(|(word, _)| (*word).to_owned()).collect();
    for (name, engine) in &engines {
        let corrected = engine.correct(&words, 3).await.unwrap();
        assert_eq!(corrected.len(), words.len());
        for ((word, expected), found) in cases.iter().zip(corrected) {
            assert_eq!(
                found.first().map(String::as_str),
                *expected,
                "{name} {word} {found:?}"
            );
        }
        assert!(engine.correct(&[], 3).await.unwrap().is_empty());
    }
}

// T-SRC-3: words that are not finished
#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_typed_is_completed_by_brands_and_names() {
    let (_app, engines) = start().await;
    let cases = [
        ("mamyp", vec!["MamyPoko"]),
        ("kangk", vec!["Kangkung Segar 1 Ikat"]),
        ("rice c", vec!["Rice Cooker 1,8 Liter"]),
        (
            "lari s",
            vec!["Sepatu Lari Pria Air Zoom", "Sepatu Lari Wanita Duramo"],
        ),
        ("xyzzy", vec![]),
        ("samsung xyz", vec![]),
    ];
    for (name, engine) in &engines {
        for (prefix, expected) in &cases {
            let found = engine.complete(prefix, 10).await.unwrap();
            let texts: BTreeSet<_> = found.iter().map(|one| one.text.as_str()).collect();
            let expected: BTreeSet<_> = expected.iter().copied().collect();
            assert!(texts.is_superset(&expected), "{name} {prefix}: {texts:?}");
            assert!(
                !expected.is_empty() || texts.is_empty(),
                "{name} {prefix}: {texts:?}"
            );
            assert_eq!(texts.len(), found.len(), "{name} {prefix}: no repetitions");
        }
        let found = engine.complete("sepatu", 3).await.unwrap();
        assert_eq!(found.len(), 3, "{name}");
        let brand = engine.complete("mamyp", 1).await.unwrap();
        let expected = Completion {
            text: "MamyPoko".to_owned(),
            kind: CompletionKind::Brand,
        };
        assert_eq!(brand, [expected], "{name}");
        assert_eq!(engine.count().await.unwrap(), 114, "{name}");
    }
}
