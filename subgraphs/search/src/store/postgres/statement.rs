//! One statement for a whole search: the hits, their number and the facets, as rows of several kinds.
//!
//! What the words find is looked up once and read by all parts. Without words there is nothing to share: every
//! part reads the documents by the index that fits it.

use kernel::{CursorError, Fault};
use sqlx::{Postgres, QueryBuilder};

use super::{Prepared, facets, filter, hits};
use crate::domain::{Kind, MAX_COUNTED, MAX_RANKED, SearchRequest, Sort};

/// What a part needs to know of a document.
const COLUMNS: &str = "d.product_id, d.category_id, d.min_price, d.created_at, d.city, d.province, d.rating, \
     d.rating_count, d.stock, d.sold";

/// The statement that answers `request`; its rows are [`super::Row`]s.
///
/// # Errors
/// `BAD_USER_INPUT` for a place in a list of another order.
pub(super) fn build(
    prepared: &Prepared<'_>,
    request: &SearchRequest,
) -> Result<QueryBuilder<Postgres>, Fault> {
    let is_ranked = request.sort == Sort::Relevance && prepared.text.is_some();
    let mut sql = QueryBuilder::new("");
    let mut joint = "with ";
    if let Some((query, _)) = &prepared.text
        && (is_ranked || request.count || request.facets)
    {
        let most = if is_ranked || request.facets {
            MAX_COUNTED + 1
        } else {
            MAX_RANKED + 1
        };
        let conditions = filter::push_all;
        found(sql.push(joint), prepared, query, MET, conditions, most);
        joint = ", ";
        // Apart from the first, which would else be cut out of what was cut.
        if request.facets && prepared.filter.kinds().next().is_some() {
            let (conditions, most) = (filter::push_nearly_all, MAX_COUNTED + 1);
            found(sql.push(joint), prepared, query, NEARLY, conditions, most);
        }
    }
    if request.facets {
        for kind in [None].into_iter().chain(prepared.filter.kinds().map(Some)) {
            sql.push(joint)
                .push(facets::group(kind))
                .push(" as materialized (");
            part(
                &mut sql,
                prepared,
                facets::columns(kind),
                kind,
                MAX_COUNTED + 1,
            );
            sql.push(")");
            joint = ", ";
        }
    }
    sql.push(" select 'hit' as kind, null as key, null as second_key, row_number() over () as count, hit.* from (");
    if is_ranked {
        hits::by_relevance(&mut sql, prepared, request.after)?;
    } else {
        hits::by_column(&mut sql, prepared, request)?;
    }
    sql.push(" limit ")
        .push_bind(i64::try_from(request.limit).unwrap_or(i64::MAX))
        .push(") hit");
    if request.facets {
        facets::count(&mut sql, prepared);
    } else if request.count {
        sql.push(" union all select 'all', null, null, count(*)")
            .push(facets::NO_HIT)
            .push("from (");
        part(&mut sql, prepared, "d.product_id", None, MAX_RANKED + 1);
        sql.push(") counted");
    }
    Ok(sql)
}

/// What the words find and what meets all conditions.
pub(super) const MET: &str = "met";
/// What the words find and what meets all conditions but those of one kind at most: what facets look at.
pub(super) const NEARLY: &str = "nearly";

/// Appends what the words find and what meets the conditions, under that name and at most so many, with the place
/// of its texts. Document by document (`offset 0`), since the planner would rather read all of them, and ends at
/// the limit.
fn found(
    sql: &mut QueryBuilder<Postgres>,
    prepared: &Prepared<'_>,
    query: &str,
    name: &'static str,
    conditions: fn(&mut QueryBuilder<Postgres>, &Prepared<'_>),
    most: i64,
) {
    sql.push(name).push(
        " as materialized (select d.*, t.ctid as place from document_texts t cross join lateral (select ",
    );
    sql.push(COLUMNS)
        .push(" from documents d where d.product_id = t.product_id and d.is_searchable");
    conditions(sql, prepared);
    sql.push(" offset 0) d where t.lexemes @@ ")
        .push_bind(query.to_owned())
        .push("::tsquery limit ")
        .push_bind(most)
        .push(")");
}

/// Appends what meets all conditions but those of one kind, at most so many.
fn part(
    sql: &mut QueryBuilder<Postgres>,
    prepared: &Prepared<'_>,
    columns: &'static str,
    except: Option<Kind>,
    most: i64,
) {
    sql.push("select ").push(columns).push(" from ");
    match (&prepared.text, except) {
        (Some(_), None) => drop(sql.push(MET).push(" d")),
        (Some(_), Some(_)) => {
            sql.push(NEARLY).push(" d where true");
            filter::push_others(sql, prepared, except);
        }
        (None, _) => {
            sql.push("documents d where d.is_searchable");
            filter::push_others(sql, prepared, except);
        }
    }
    sql.push(" limit ").push_bind(most);
}

/// A place in a list of another order.
pub(super) fn other_list() -> Fault {
    CursorError::Malformed.into()
}
