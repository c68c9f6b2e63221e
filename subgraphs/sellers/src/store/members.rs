//! Table `seller_members`.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Named as _, SellerId, SellerMemberId, UserId};
use service::OnConstraint;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::{Error, Member, MemberRole, Rejection};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    seller_id: Uuid,
    user_id: Uuid,
    role: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Member {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let role = MemberRole::from_column("seller_members.role", &row.role)?;
        Ok(Self {
            id: Id::from_uuid(row.id),
            seller_id: Id::from_uuid(row.seller_id),
            user_id: Id::from_uuid(row.user_id),
            role,
            created_at: row.created_at,
        })
    }
}

/// Writes a new member.
pub(crate) async fn insert(db: &mut PgConnection, member: &Member) -> Result<(), Error> {
    sqlx::query(
        "insert into seller_members (id, seller_id, user_id, role, created_at) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind(member.id.uuid())
    .bind(member.seller_id.uuid())
    .bind(member.user_id.uuid())
    .bind(member.role.name())
    .bind(member.created_at)
    .execute(db)
    .await
    .on_constraint("seller_members_user_id_key", || Rejection::AlreadyMember)?;
    Ok(())
}

/// Removes a member.
pub(crate) async fn delete(db: &mut PgConnection, id: SellerMemberId) -> Result<(), Fault> {
    sqlx::query("delete from seller_members where id = $1")
        .bind(id.uuid())
        .execute(db)
        .await?;
    Ok(())
}

/// The members of one shop, the first first.
pub(crate) async fn of_seller(
    db: &mut PgConnection,
    seller_id: SellerId,
) -> Result<Vec<Member>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(
        "select id, seller_id, user_id, role, created_at from seller_members \
         where seller_id = $1 order by created_at, id",
    )
    .bind(seller_id.uuid())
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Member::try_from).collect()
}

/// The members of many shops, in one statement, the first first.
pub(crate) async fn load_by_seller(db: &PgPool, ids: &[SellerId]) -> Result<Vec<Member>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(
        "select id, seller_id, user_id, role, created_at from seller_members \
         where seller_id = any($1) order by created_at, id",
    )
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Member::try_from).collect()
}

/// Where people work, in one statement.
pub(crate) async fn load_by_user(db: &PgPool, ids: &[UserId]) -> Result<Vec<Member>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(
        "select id, seller_id, user_id, role, created_at from seller_members \
         where user_id = any($1)",
    )
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Member::try_from).collect()
}
