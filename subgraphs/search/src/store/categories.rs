//! Table `categories`, read by who searches.

use kernel::{CategoryId, Fault, Id};
use sqlx::PgPool;
use uuid::Uuid;

/// Names along the path of a category, in both languages, as one text.
pub(crate) async fn path_names(db: &PgPool, id: CategoryId) -> Result<String, Fault> {
    let names: Option<String> = sqlx::query_scalar(
        "select string_agg(c.name || ' ' || c.name_en, ' ') from categories leaf \
         join categories c on c.category_id = any(leaf.path) where leaf.category_id = $1",
    )
    .bind(id.uuid())
    .fetch_one(db)
    .await?;
    Ok(names.unwrap_or_default())
}

/// The category whose name is most like one of the words, or all of them together.
pub(crate) async fn find_similar(
    db: &PgPool,
    words: &[String],
) -> Result<Option<CategoryId>, Fault> {
    let mut texts = words.to_vec();
    texts.push(words.join(" "));
    let id: Option<Uuid> = sqlx::query_scalar(
        "select category_id from categories cross join unnest($1::text[]) text \
         cross join lateral (select greatest(similarity(name, text), similarity(name_en, text), \
           word_similarity(text, name), word_similarity(text, name_en)) as likeness) likenesses \
         where not is_deleted and likeness >= 0.6 and length(text) >= 3 \
         order by likeness desc, length(text) desc, cardinality(path), category_id limit 1",
    )
    .bind(texts)
    .fetch_optional(db)
    .await?;
    Ok(id.map(Id::from_uuid))
}

/// Categories of which a word of the name, in either language, begins so; the highest first.
pub(crate) async fn begin_with(
    db: &PgPool,
    prefix: &str,
    limit: i64,
) -> Result<Vec<(CategoryId, String)>, Fault> {
    let rows: Vec<(Uuid, String)> = sqlx::query_as(
        "select category_id, case when ' ' || lower(name) like $1 then name else name_en end \
         from categories where not is_deleted \
         and (' ' || lower(name) like $1 or ' ' || lower(name_en) like $1) \
         order by cardinality(path), name collate \"C\", category_id limit $2",
    )
    .bind(format!("% {prefix}%"))
    .bind(limit)
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, name)| (Id::from_uuid(id), name))
        .collect())
}
