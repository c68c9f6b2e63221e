//! Names of closed lists: the databases know the same ones as the rules.

use std::collections::BTreeMap;

use harness::database::Database;
use kernel::Named;

use super::migrations::found;

/// The check of a column and the list that is kept in it.
type List = (&'static str, Vec<&'static str>);

fn list<T: Named>(check: &'static str) -> List {
    let values: Vec<_> = T::all().collect();
    let mut names = T::names(&values);
    names.sort_unstable();
    (check, names)
}

fn lists() -> BTreeMap<&'static str, Vec<&'static str>> {
    [
        list::<catalog::domain::AttributeKind>("attributes_kind_check"),
        list::<catalog::domain::ProductKind>("products_kind_check"),
        list::<catalog::domain::ProductStatus>("products_status_check"),
        list::<catalog::domain::Unit>("products_unit_check"),
        list::<identity::domain::Gender>("users_gender_check"),
        list::<identity::domain::Locale>("users_locale_check"),
        list::<identity::domain::Purpose>("verifications_purpose_check"),
        list::<identity::domain::RevocationReason>("sessions_revocation_reason_check"),
        list::<identity::domain::UserStatus>("users_status_check"),
        list::<inventory::domain::AlertKind>("stock_alerts_kind_check"),
        list::<inventory::domain::AlertStatus>("stock_alerts_status_check"),
        list::<inventory::domain::MovementKind>("stock_movements_kind_check"),
        list::<inventory::domain::Reason>("stock_movements_reason_check"),
        list::<notifications::domain::DeliveryStatus>("deliveries_status_check"),
        list::<notifications::domain::Locale>("people_locale_check"),
        list::<notifications::domain::Platform>("devices_platform_check"),
        list::<notifications::domain::WatchKind>("product_watches_kind_check"),
        list::<reviews::domain::ReportReason>("review_reports_reason_check"),
        list::<reviews::domain::ReviewStatus>("reviews_status_check"),
        list::<search::domain::ReindexStatus>("reindexes_status_check"),
        list::<sellers::domain::MemberRole>("seller_members_role_check"),
        list::<sellers::domain::SellerStatus>("sellers_status_check"),
        // No closed list of the rules: the currencies have digits, the scopes are words of SQL only.
        (
            "pending_refreshes_scope_check",
            vec!["CATEGORY", "SELLER", "WAREHOUSE"],
        ),
        ("users_currency_check", vec!["IDR", "USD"]),
    ]
    .into()
}

// A variant with another name is another value: rows that have the old one could not be read any more.
#[tokio::test]
async fn columns_with_closed_lists_take_the_names_that_the_rules_have() {
    let sql = "select concat_ws(' ', conname, array_to_string(array(select name[1] \
        from regexp_matches(pg_get_constraintdef(oid), '''(\\w+)''', 'g') name order by name[1] collate \"C\"), ' ')) \
        from pg_constraint where contype = 'c' and pg_get_constraintdef(oid) ~ '= ANY \\(ARRAY\\['";
    let mut expected: Vec<String> = Vec::new();
    for (check, names) in lists() {
        expected.push(format!("{check} {}", names.join(" ")));
    }
    let mut checks = Vec::new();
    for subgraph in pasar::subgraphs::ALL {
        let database = Database::create(subgraph).await;
        checks.extend(found(database.pool(), sql).await);
    }
    checks.sort_unstable();
    assert_eq!(checks, expected);
}
