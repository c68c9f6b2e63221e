//! Tables `roles`, `role_permissions` and `user_roles`.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, UserId};
use service::OnConstraint;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::{Error, Rejection, Role, role::ADMIN};

/// All roles with what they allow, by name.
pub(crate) async fn list(db: &PgPool) -> Result<Vec<Role>, Fault> {
    let rows: Vec<(String, Vec<String>)> = sqlx::query_as(
        "select r.name, coalesce(array_agg(p.permission order by p.permission) \
             filter (where p.permission is not null), '{}') \
         from roles r left join role_permissions p on p.role = r.name \
         group by r.name order by r.name",
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(name, permissions)| Role { name, permissions })
        .collect())
}

/// The roles of one account with what they allow, by name.
pub(crate) async fn of_user(db: &mut PgConnection, user_id: UserId) -> Result<Vec<Role>, Fault> {
    let rows: Vec<(String, Vec<String>)> = sqlx::query_as(
        "select u.role, coalesce(array_agg(p.permission order by p.permission) \
             filter (where p.permission is not null), '{}') \
         from user_roles u left join role_permissions p on p.role = u.role \
         where u.user_id = $1 group by u.role order by u.role",
    )
    .bind(user_id.uuid())
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(name, permissions)| Role { name, permissions })
        .collect())
}

/// The roles of many accounts, in one statement, by name.
pub(crate) async fn load_by_user(
    db: &PgPool,
    ids: &[UserId],
) -> Result<Vec<(UserId, Role)>, Fault> {
    let rows: Vec<(Uuid, String, Vec<String>)> = sqlx::query_as(
        "select u.user_id, u.role, coalesce(array_agg(p.permission order by p.permission) \
             filter (where p.permission is not null), '{}') \
         from user_roles u left join role_permissions p on p.role = u.role \
         where u.user_id = any($1) group by u.user_id, u.role order by u.role",
    )
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, name, permissions)| (Id::from_uuid(id), Role { name, permissions }))
        .collect())
}

/// Gives a role. Tells whether the account did not have it.
pub(crate) async fn grant(
    db: &mut PgConnection,
    user_id: UserId,
    role: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let granted = sqlx::query(
        "insert into user_roles (user_id, role, granted_at) values ($1, $2, $3) \
         on conflict (user_id, role) do nothing",
    )
    .bind(user_id.uuid())
    .bind(role)
    .bind(now)
    .execute(db)
    .await
    .on_constraint("user_roles_role_fkey", || Rejection::RoleNotFound)?;
    Ok(granted.rows_affected() == 1)
}

/// Takes a role. Tells whether the account had it.
pub(crate) async fn revoke(
    db: &mut PgConnection,
    user_id: UserId,
    role: &str,
) -> Result<bool, Fault> {
    let revoked = sqlx::query("delete from user_roles where user_id = $1 and role = $2")
        .bind(user_id.uuid())
        .bind(role)
        .execute(db)
        .await?;
    Ok(revoked.rows_affected() == 1)
}

/// Takes all roles.
pub(crate) async fn revoke_all(db: &mut PgConnection, user_id: UserId) -> Result<(), Fault> {
    sqlx::query("delete from user_roles where user_id = $1")
        .bind(user_id.uuid())
        .execute(db)
        .await?;
    Ok(())
}

/// Whether there is such a role.
pub(crate) async fn exists(db: &mut PgConnection, role: &str) -> Result<bool, Fault> {
    let exists = sqlx::query_scalar("select exists (select 1 from roles where name = $1)")
        .bind(role)
        .fetch_one(db)
        .await?;
    Ok(exists)
}

/// Whether an account has a role.
pub(crate) async fn has(db: &mut PgConnection, user_id: UserId, role: &str) -> Result<bool, Fault> {
    let has = sqlx::query_scalar(
        "select exists (select 1 from user_roles where user_id = $1 and role = $2)",
    )
    .bind(user_id.uuid())
    .bind(role)
    .fetch_one(db)
    .await?;
    Ok(has)
}

/// How many administrators other than this one can log in. Until the end of the transaction nobody
/// else counts: whoever loses the race counts what the winner has left.
pub(crate) async fn count_other_admins(
    db: &mut PgConnection,
    user_id: UserId,
) -> Result<i64, Fault> {
    sqlx::query("select name from roles where name = $1 for no key update")
        .bind(ADMIN)
        .execute(&mut *db)
        .await?;
    let count = sqlx::query_scalar(
        "select count(*) from user_roles r join users u on u.id = r.user_id \
         where r.role = $1 and r.user_id <> $2 and u.status in ('ACTIVE', 'PENDING_DELETION')",
    )
    .bind(ADMIN)
    .bind(user_id.uuid())
    .fetch_one(db)
    .await?;
    Ok(count)
}

/// How many accounts have each role, by name.
pub(crate) async fn count_by_role(db: &PgPool) -> Result<Vec<(String, i64)>, Fault> {
    let rows = sqlx::query_as(
        "select r.name, count(u.user_id) from roles r left join user_roles u on u.role = r.name \
         group by r.name order by r.name",
    )
    .fetch_all(db)
    .await?;
    Ok(rows)
}
