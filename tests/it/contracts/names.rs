//! Names of closed lists: the databases know the same ones as the rules.

use harness::database::Database;
use kernel::Named;

use super::migrations::found;

/// The check of a column and the names that it takes, sorted.
type Check = (&'static str, Vec<&'static str>);

fn check<T: Named>(name: &'static str) -> Check {
    let values: Vec<_> = T::all().collect();
    let mut names = T::names(&values);
    names.sort_unstable();
    (name, names)
}

/// Every check of a closed list there is.
fn checks() -> Vec<Check> {
    vec![
        check::<catalog::domain::AttributeKind>("attributes_kind_check"),
        check::<catalog::domain::ProductKind>("products_kind_check"),
        check::<catalog::domain::ProductStatus>("products_status_check"),
        check::<catalog::domain::Unit>("products_unit_check"),
        check::<identity::domain::Gender>("users_gender_check"),
        check::<identity::domain::Locale>("users_locale_check"),
        check::<identity::domain::Purpose>("verifications_purpose_check"),
        check::<identity::domain::RevocationReason>("sessions_revocation_reason_check"),
        check::<identity::domain::UserStatus>("users_status_check"),
        check::<inventory::domain::AlertKind>("stock_alerts_kind_check"),
        check::<inventory::domain::AlertStatus>("stock_alerts_status_check"),
        check::<inventory::domain::MovementKind>("stock_movements_kind_check"),
        check::<inventory::domain::Reason>("stock_movements_reason_check"),
        check::<notifications::domain::DeliveryStatus>("deliveries_status_check"),
        check::<notifications::domain::Locale>("people_locale_check"),
        check::<notifications::domain::Platform>("devices_platform_check"),
        check::<notifications::domain::WatchKind>("product_watches_kind_check"),
        check::<reviews::domain::ReportReason>("review_reports_reason_check"),
        check::<reviews::domain::ReviewStatus>("reviews_status_check"),
        check::<search::domain::ReindexStatus>("reindexes_status_check"),
        check::<sellers::domain::MemberRole>("seller_members_role_check"),
        check::<sellers::domain::SellerStatus>("sellers_status_check"),
        // No closed list of the rules: the currencies have digits, the scopes are words of SQL only.
        (
            "pending_refreshes_scope_check",
            vec!["CATEGORY", "SELLER", "WAREHOUSE"],
        ),
        ("users_currency_check", vec!["IDR", "USD"]),
    ]
}

// A variant with another name is another value: rows that have the old one could not be read any more.
#[tokio::test]
async fn columns_with_closed_lists_take_the_names_that_the_rules_have() {
    let sql = "select concat_ws(' ', conname, array_to_string(array(select name[1] \
        from regexp_matches(pg_get_constraintdef(oid), '''(\\w+)''', 'g') name order by name[1] collate \"C\"), ' ')) \
        from pg_constraint where contype = 'c' and pg_get_constraintdef(oid) ~ '= ANY \\(ARRAY\\['";
    let line = |(check, names): Check| format!("{check} {}", names.join(" "));
    let mut expected: Vec<String> = checks().into_iter().map(line).collect();
    expected.sort_unstable();
    let mut there = Vec::new();
    for subgraph in pasar::subgraphs::ALL {
        let database = Database::create(subgraph).await;
        there.extend(found(database.pool(), sql).await);
    }
    there.sort_unstable();
    assert_eq!(there, expected);
}
