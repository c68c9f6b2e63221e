//! Filters as conditions.

use sqlx::{Postgres, QueryBuilder};

use super::Prepared;

/// What a filter is about. A facet ignores the conditions of its own kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Category,
    Price,
    Rating,
    Location,
    Stock,
}

impl Kind {
    /// All of them, in the order of the facets' columns.
    pub(super) const ALL: [Self; 5] = [
        Self::Category,
        Self::Price,
        Self::Rating,
        Self::Location,
        Self::Stock,
    ];
}

/// Appends the condition of one kind on the document `d`: `true` when the filter has none.
pub(super) fn push(sql: &mut QueryBuilder<Postgres>, prepared: &Prepared<'_>, kind: Kind) {
    let filter = prepared.filter;
    match kind {
        Kind::Category => match &prepared.categories {
            Some(categories) => {
                sql.push("d.category_id = any(")
                    .push_bind(categories.clone())
                    .push(")");
            }
            None => drop(sql.push("true")),
        },
        Kind::Price => match (filter.price_min, filter.price_max) {
            (None, None) => drop(sql.push("true")),
            (min, max) => {
                sql.push("d.min_price between ")
                    .push_bind(min.unwrap_or(0))
                    .push(" and ")
                    .push_bind(max.unwrap_or(i64::MAX));
            }
        },
        Kind::Rating => match filter.min_rating {
            Some(rating) => {
                sql.push("d.rating_count > 0 and d.rating >= ")
                    .push_bind(rating);
            }
            None => drop(sql.push("true")),
        },
        Kind::Location => {
            if filter.cities.is_empty() && filter.provinces.is_empty() {
                sql.push("true");
            } else {
                sql.push("(d.city = any(")
                    .push_bind(filter.cities.clone())
                    .push(") or d.province = any(")
                    .push_bind(filter.provinces.clone())
                    .push("))");
            }
        }
        Kind::Stock => drop(sql.push(if filter.in_stock {
            "d.stock > 0"
        } else {
            "true"
        })),
    }
}

/// Appends what finds documents: the table, what they say, and all filters. Conditions may follow.
pub(super) fn push_from(sql: &mut QueryBuilder<Postgres>, prepared: &Prepared<'_>) {
    push_texts(sql, prepared);
    for kind in Kind::ALL {
        sql.push(" and ");
        push(sql, prepared, kind);
    }
}

/// Appends what finds documents, without filters.
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
