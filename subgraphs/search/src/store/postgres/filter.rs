//! Filters as conditions on a document `d`.

use sqlx::{Postgres, QueryBuilder};

use super::Prepared;
use crate::domain::Kind;

/// Appends all conditions, each after *and*.
pub(super) fn push_all(sql: &mut QueryBuilder<Postgres>, prepared: &Prepared<'_>) {
    push_others(sql, prepared, None);
}

/// Appends the conditions of all kinds but `except`, each after *and*.
pub(super) fn push_others(
    sql: &mut QueryBuilder<Postgres>,
    prepared: &Prepared<'_>,
    except: Option<Kind>,
) {
    for kind in prepared.filter.kinds() {
        if Some(kind) != except {
            sql.push(" and ");
            push(sql, prepared, kind);
        }
    }
}

/// Appends that a document meets all conditions but those of one kind at most: the others are in no list and
/// in no facet.
pub(super) fn push_nearly_all(sql: &mut QueryBuilder<Postgres>, prepared: &Prepared<'_>) {
    for (number, kind) in prepared.filter.kinds().enumerate() {
        sql.push(if number == 0 { " and (" } else { " + " });
        sql.push("case when ");
        push(sql, prepared, kind);
        sql.push(" then 0 else 1 end");
    }
    if prepared.filter.kinds().next().is_some() {
        sql.push(") <= 1");
    }
}

/// Appends the condition of a kind that has one.
fn push(sql: &mut QueryBuilder<Postgres>, prepared: &Prepared<'_>, kind: Kind) {
    let filter = prepared.filter;
    match kind {
        Kind::Category => {
            sql.push("d.category_id = any(")
                .push_bind(prepared.categories.clone())
                .push(")");
        }
        Kind::Price => {
            sql.push("d.min_price between ")
                .push_bind(filter.price_min.unwrap_or(0))
                .push(" and ")
                .push_bind(filter.price_max.unwrap_or(i64::MAX));
        }
        Kind::Rating => {
            sql.push("(d.rating_count > 0 and d.rating >= ")
                .push_bind(filter.min_rating)
                .push(")");
        }
        Kind::Location => {
            sql.push("(d.city = any(")
                .push_bind(filter.cities.clone())
                .push(") or d.province = any(")
                .push_bind(filter.provinces.clone())
                .push("))");
        }
        Kind::Stock => drop(sql.push("d.stock > 0")),
    }
}

/// Appends the documents that say the words, if there are any; conditions may follow.
pub(super) fn push_texts(sql: &mut QueryBuilder<Postgres>, prepared: &Prepared<'_>) {
    sql.push(" from documents d");
    match &prepared.text {
        Some((query, _)) => {
            sql.push(
                " join document_texts t on t.product_id = d.product_id \
                 where d.is_searchable and t.lexemes @@ ",
            )
            .push_bind(query.clone())
            .push("::tsquery");
        }
        None => drop(sql.push(" where d.is_searchable")),
    }
}
