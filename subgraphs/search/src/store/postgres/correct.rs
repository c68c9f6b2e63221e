//! Mistyped words and words that are not finished yet.

use std::collections::HashSet;

use kernel::{Fault, Id};
use sqlx::PgPool;
use uuid::Uuid;

use crate::domain::{
    Completion, CompletionKind,
    text::{strokes, tolerance, words as cut},
};

/// How many similar words are compared with a mistyped one.
const NEIGHBOURS: i32 = 40;
/// How many products are looked at to complete a beginning, at most.
const CANDIDATES: i32 = 2_000;

/// See [`crate::store::Engine::correct`].
pub(super) async fn words(
    db: &PgPool,
    words: &[String],
    limit: usize,
) -> Result<Vec<Vec<String>>, Fault> {
    // The nearest by trigrams come out of the index in order; strokes are counted here.
    let near: Vec<(i64, String)> = sqlx::query_as(
        "select w.position, near.term from unnest($1::text[]) with ordinality w (word, position) \
         cross join lateral (select term from terms order by term <-> w.word limit $2) near \
         where not exists (select from terms where term = w.word)",
    )
    .bind(words)
    .bind(NEIGHBOURS)
    .fetch_all(db)
    .await?;
    let mut found: Vec<Vec<(usize, String)>> = vec![Vec::new(); words.len()];
    for (position, term) in near {
        let index = usize::try_from(position - 1)?;
        let Some(word) = words.get(index) else {
            continue;
        };
        let wrong = strokes(word, &term);
        if wrong <= tolerance(word) {
            found[index].push((wrong, term));
        }
    }
    let all: Vec<&str> = found.iter().flatten().map(|(_, t)| t.as_str()).collect();
    let used = use_of(db, &all).await?;
    let uses = |term: &str| used.iter().find(|(t, _)| t == term).map_or(0, |(_, n)| *n);
    Ok(found
        .into_iter()
        .map(|mut terms| {
            terms.retain(|(_, term)| uses(term) > 0);
            terms.sort_by(|(a, s), (b, t)| {
                a.cmp(b)
                    .then_with(|| uses(t).cmp(&uses(s)))
                    .then_with(|| s.cmp(t))
            });
            terms.into_iter().map(|(_, t)| t).take(limit).collect()
        })
        .collect())
}

/// How many products use each of the words, up to a hundred.
async fn use_of(db: &PgPool, terms: &[&str]) -> Result<Vec<(String, i64)>, Fault> {
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_as(
        "select term, (select count(*) from ( \
           select from document_texts t join documents d using (product_id) \
           where t.lexemes @@ plainto_tsquery('simple', term) and d.is_searchable limit 100 \
         ) uses) from unnest($1::text[]) term",
    )
    .bind(terms)
    .fetch_all(db)
    .await?)
}

/// See [`crate::store::Engine::complete`].
pub(super) async fn complete(
    db: &PgPool,
    prefix: &str,
    limit: usize,
) -> Result<Vec<Completion>, Fault> {
    let words = cut(prefix);
    let Some((last, whole)) = words.split_last() else {
        return Ok(Vec::new());
    };
    // Words are letters and digits only, so that nothing in them means anything in a query.
    let mut query: Vec<String> = whole.iter().map(|word| format!("'{word}'")).collect();
    query.push(format!("'{last}':*"));
    let rows: Vec<(Uuid, String, String)> = sqlx::query_as(
        "select product_id, name, brand from ( \
           select d.product_id, t.name, t.brand, d.sold, d.rating_count \
           from document_texts t join documents d using (product_id) \
           where t.name_words @@ $1::tsquery and d.is_searchable limit $2 \
         ) candidates order by sold desc, rating_count desc, product_id limit 100",
    )
    .bind(query.join(" & "))
    .bind(CANDIDATES)
    .persistent(false)
    .fetch_all(db)
    .await?;
    let beginning = words.join(" ");
    let brands = rows.iter().map(|(_, _, brand)| brand).filter(|brand| {
        let brand = cut(brand).join(" ");
        !brand.is_empty() && brand.starts_with(&beginning)
    });
    let brands = brands.map(|brand| Completion {
        text: brand.clone(),
        kind: CompletionKind::Brand,
    });
    let names = rows.iter().map(|(id, name, _)| Completion {
        text: name.clone(),
        kind: CompletionKind::Product(Id::from_uuid(*id)),
    });
    let mut seen = HashSet::new();
    Ok(brands
        .chain(names)
        .filter(|completion| seen.insert(completion.text.to_lowercase()))
        .take(limit)
        .collect())
}
