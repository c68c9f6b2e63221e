//! How good the first ten hits are, judged by hand: nDCG@10 of every engine, printed and kept from falling.

#![expect(clippy::print_stdout, reason = "the counts are the result")]

use std::collections::HashMap;

use harness::{Subgraph, parts};
use kernel::{CallContext, PageRequest, Principal, ProductId};
use search::{
    domain::Filter,
    queries::{SearchInput, search as find},
    store::{Engines, elastic::Elastic, postgres::Postgres},
};
use service::Ctx;

use super::{
    conformance::filled,
    shelf::{self, number, product_id, rows},
};

const QUERIES: &str = include_str!("data/queries.txt");
const FLOORS: &str = include_str!("data/floors.txt");
/// How many hits people look at.
const DEPTH: usize = 10;
/// Equal figures may be printed with another last digit.
const SLACK: f64 = 0.000_5;

/// A query with the grades of the products that are not 0.
struct Judged {
    language: &'static str,
    query: &'static str,
    grades: HashMap<ProductId, i32>,
}

fn judged() -> Vec<Judged> {
    let judge = |row: Vec<&'static str>| {
        let mut grades = HashMap::new();
        for group in row[2].split(';') {
            let (grade, keys) = group.split_once(':').unwrap();
            for key in keys.split_whitespace() {
                let known = grades.insert(product_id(number(key)), grade.trim().parse().unwrap());
                assert!(known.is_none(), "{key} is judged twice for `{}`", row[1]);
            }
        }
        Judged {
            language: row[0],
            query: row[1],
            grades,
        }
    };
    rows(QUERIES).into_iter().map(judge).collect()
}

/// Discounted cumulative gain: each grade's worth, less for every place further down.
fn gain(grades: impl Iterator<Item = i32>) -> f64 {
    let places = (2_u32..).map(|place| f64::from(place).log2());
    let worth = |grade| f64::from((1_i32 << grade) - 1);
    grades
        .take(DEPTH)
        .zip(places)
        .map(|(grade, discount)| worth(grade) / discount)
        .sum()
}

/// The gain of `hits` as a share of the best order's.
fn ndcg(judged: &Judged, hits: &[ProductId]) -> f64 {
    let grade = |id: &ProductId| judged.grades.get(id).copied().unwrap_or_default();
    let mut best: Vec<i32> = judged.grades.values().copied().collect();
    best.sort_unstable_by(|a, b| b.cmp(a));
    gain(hits.iter().map(grade)) / gain(best.into_iter())
}

async fn first_hits(ctx: &Ctx, engines: &Engines, query: &str) -> Vec<ProductId> {
    let input = SearchInput {
        query: Some(query.to_owned()),
        filter: Filter::default(),
        sort: None,
        page: PageRequest::new(Some(i32::try_from(DEPTH).unwrap()), None).unwrap(),
        count: false,
        facets: false,
    };
    let found = find(ctx, engines, input).await.unwrap();
    found
        .page
        .rows
        .into_iter()
        .map(|(_, hit)| hit.product_id)
        .collect()
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let count = u32::try_from(values.clone().count()).unwrap();
    values.sum::<f64>() / f64::from(count)
}

/// Judges one engine and holds it to its floor.
async fn judge(app: &Subgraph, name: &str, elastic: Option<Elastic>) {
    let call = CallContext {
        principal: Principal::anonymous().into(),
        request_id: "judge".into(),
        traceparent: None,
        deadline: None,
    };
    let ctx = Ctx::new(&app.deps, &call);
    let engines = Engines::new(Postgres::new(app.db.clone()), elastic);
    let mut figures: Vec<(Judged, f64)> = Vec::new();
    for judged in judged() {
        let hits = first_hits(&ctx, &engines, judged.query).await;
        let figure = ndcg(&judged, &hits);
        figures.push((judged, figure));
    }
    let of = |language: &'static str| {
        let figures = figures
            .iter()
            .filter(move |(judged, _)| judged.language == language);
        mean(figures.map(|(_, figure)| *figure))
    };
    let all = mean(figures.iter().map(|(_, figure)| *figure));
    let (indonesian, english) = (of("id"), of("en"));
    let mut weak: Vec<_> = figures.iter().filter(|(_, figure)| *figure < 0.8).collect();
    weak.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    let weak: Vec<_> = weak
        .iter()
        .map(|(judged, figure)| format!("{} {figure:.2}", judged.query))
        .collect();
    println!(
        "nDCG@10 {name}: {all:.4} over {} queries (Indonesian {indonesian:.4}, English {english:.4}); \
         below 0.8: {}",
        figures.len(),
        weak.join(", ")
    );
    let floor: f64 = rows(FLOORS).iter().find(|row| row[0] == name).unwrap()[1]
        .parse()
        .unwrap();
    assert!(
        all >= floor - SLACK,
        "{name} fell to {all:.4}; it was {floor:.4}"
    );
}

// Issue 4, item 3: one relevance suite for both adapters
#[tokio::test(flavor = "multi_thread")]
async fn the_first_hits_are_as_good_as_they_were() {
    let app = Subgraph::start(&search::SUBGRAPH).await;
    shelf::fill(&app).await;
    judge(&app, "postgres", None).await;
    for (name, url) in [
        ("elasticsearch", parts::elasticsearch()),
        ("opensearch", parts::opensearch()),
    ] {
        if let Some(url) = url {
            judge(&app, name, Some(filled(url).await)).await;
        }
    }
}

#[test]
fn the_measure_knows_good_from_bad_orders() {
    let grades = [(product_id(1), 3), (product_id(2), 2), (product_id(3), 1)];
    let judged = Judged {
        language: "id",
        query: "",
        grades: grades.into(),
    };
    let order =
        |numbers: &[usize]| -> Vec<ProductId> { numbers.iter().map(|n| product_id(*n)).collect() };
    assert!((ndcg(&judged, &order(&[1, 2, 3])) - 1.0).abs() < 1e-9);
    assert!(ndcg(&judged, &order(&[2, 1, 3])) < 1.0);
    assert!(ndcg(&judged, &order(&[3, 2, 1])) < ndcg(&judged, &order(&[2, 1, 3])));
    assert!(ndcg(&judged, &order(&[9, 8])).abs() < 1e-9);
    // (7/log2 3 + 3/log2 4) / (7/1 + 3/log2 3 + 1/log2 4)
    assert!((ndcg(&judged, &order(&[9, 1, 2])) - 0.6299).abs() < 0.001);
}

#[test]
fn the_judgements_are_about_products_that_exist() {
    let queries = judged();
    assert!(queries.len() >= 60);
    let known: Vec<_> = shelf::documents()
        .into_iter()
        .map(|document| document.product_id)
        .collect();
    for judged in queries {
        assert!(
            judged.grades.keys().all(|id| known.contains(id)),
            "{}",
            judged.query
        );
        assert!(judged.grades.values().all(|grade| (1..=3).contains(grade)));
        assert!(
            judged.grades.values().any(|grade| *grade == 3),
            "{}",
            judged.query
        );
    }
}
