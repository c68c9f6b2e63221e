//! Table `users`.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{Fault, Id, Named as _, Page, PageRequest, UserId};
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::domain::{Error, Gender, Locale, Preferences, Profile, Rejection, User, UserStatus};

const COLUMNS: &str = "id, email, email_verified_at, phone, phone_verified_at, first_name, last_name, date_of_birth, gender, avatar_url, \
     locale, currency, marketing_consent_at, status, deletion_confirm_before, version, created_at, \
     updated_at";
/// From how many accounts a number is taken at once that somebody has proved; from others it need not be taken,
/// they cannot do anything with it.
const MAX_STATED: i64 = 100;

#[derive(FromRow)]
struct Row {
    id: Uuid,
    email: Option<String>,
    email_verified_at: Option<DateTime<Utc>>,
    phone: Option<String>,
    phone_verified_at: Option<DateTime<Utc>>,
    first_name: String,
    last_name: Option<String>,
    date_of_birth: Option<NaiveDate>,
    gender: Option<String>,
    avatar_url: Option<String>,
    locale: String,
    currency: String,
    marketing_consent_at: Option<DateTime<Utc>>,
    status: String,
    deletion_confirm_before: Option<DateTime<Utc>>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for User {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let status = UserStatus::from_column("users.status", &row.status)?;
        let locale = Locale::from_column("users.locale", &row.locale)?;
        let currency = row
            .currency
            .parse()
            .map_err(|_| Fault::unknown_value("users.currency", &row.currency))?;
        let gender = row.gender.as_deref();
        let gender = gender
            .map(|name| Gender::from_column("users.gender", name))
            .transpose()?;
        Ok(Self {
            id: Id::from_uuid(row.id),
            email: row.email,
            email_verified_at: row.email_verified_at,
            phone_verified_at: row.phone_verified_at,
            profile: Profile {
                first_name: row.first_name,
                last_name: row.last_name,
                phone: row.phone,
                date_of_birth: row.date_of_birth,
                gender,
                avatar_url: row.avatar_url,
            },
            preferences: Preferences {
                locale,
                currency,
                marketing_consent_at: row.marketing_consent_at,
            },
            status,
            deletion_confirm_before: row.deletion_confirm_before,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Writes a new account.
pub(crate) async fn insert(db: &mut PgConnection, user: &User) -> Result<(), Error> {
    sqlx::query(
        "insert into users (id, email, phone, first_name, last_name, locale, currency, status, \
         version, created_at, updated_at, email_verified_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(user.id.uuid())
    .bind(&user.email)
    .bind(&user.profile.phone)
    .bind(&user.profile.first_name)
    .bind(&user.profile.last_name)
    .bind(user.preferences.locale.name())
    .bind(user.preferences.currency.code())
    .bind(user.status.name())
    .bind(user.version)
    .bind(user.created_at)
    .bind(user.updated_at)
    .bind(user.email_verified_at)
    .execute(db)
    .await
    .or_else(taken)
    .map(|_| ())
}

/// Writes a changed account. The caller holds its row lock.
pub(crate) async fn update(db: &mut PgConnection, user: &User) -> Result<(), Error> {
    sqlx::query(
        "update users set email = $2, phone = $3, first_name = $4, last_name = $5, \
         date_of_birth = $6, gender = $7, avatar_url = $8, locale = $9, currency = $10, \
         marketing_consent_at = $11, status = $12, deletion_confirm_before = $13, version = $14, \
         updated_at = $15, email_verified_at = $16, phone_verified_at = $17 where id = $1",
    )
    .bind(user.id.uuid())
    .bind(&user.email)
    .bind(&user.profile.phone)
    .bind(&user.profile.first_name)
    .bind(&user.profile.last_name)
    .bind(user.profile.date_of_birth)
    .bind(user.profile.gender.map(Gender::name))
    .bind(&user.profile.avatar_url)
    .bind(user.preferences.locale.name())
    .bind(user.preferences.currency.code())
    .bind(user.preferences.marketing_consent_at)
    .bind(user.status.name())
    .bind(user.deletion_confirm_before)
    .bind(user.version)
    .bind(user.updated_at)
    .bind(user.email_verified_at)
    .bind(user.phone_verified_at)
    .execute(db)
    .await
    .or_else(taken)
    .map(|_| ())
}

/// Two constraints can refuse one statement, so both are looked for.
fn taken<T>(error: sqlx::Error) -> Result<T, Error> {
    let constraint = error.as_database_error().and_then(|e| e.constraint());
    Err(match constraint {
        Some("users_email_key") => Rejection::EmailTaken.into(),
        Some("users_phone_key") => Rejection::PhoneTaken { field: None }.into(),
        _ => error.into(),
    })
}

/// Reads an account and locks its row until the end of the transaction.
pub(crate) async fn find_for_update(
    db: &mut PgConnection,
    id: UserId,
) -> Result<Option<User>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from users where id = $1 for no key update"
    )))
    .bind(id.uuid())
    .fetch_optional(db)
    .await?;
    row.map(User::try_from).transpose()
}

/// Reads an account.
pub(crate) async fn find(db: &mut PgConnection, id: UserId) -> Result<Option<User>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from users where id = $1"
    )))
    .bind(id.uuid())
    .fetch_optional(db)
    .await?;
    row.map(User::try_from).transpose()
}

/// The address of an account that has not been deleted.
pub(crate) async fn find_email(db: &PgPool, id: UserId) -> Result<Option<String>, Fault> {
    let email: Option<Option<String>> = sqlx::query_scalar("select email from users where id = $1")
        .bind(id.uuid())
        .fetch_optional(db)
        .await?;
    Ok(email.flatten())
}

/// The account with that address.
pub(crate) async fn find_id_by_email(db: &PgPool, email: &str) -> Result<Option<UserId>, Fault> {
    let id: Option<Uuid> = sqlx::query_scalar("select id from users where email = $1")
        .bind(email)
        .fetch_optional(db)
        .await?;
    Ok(id.map(Id::from_uuid))
}

/// Reads accounts by id, in one statement.
pub(crate) async fn load(db: &PgPool, ids: &[UserId]) -> Result<Vec<User>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from users where id = any($1)"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    rows.into_iter().map(User::try_from).collect()
}

/// Which accounts to list.
pub(crate) struct Filter<'a> {
    pub(crate) status: Option<UserStatus>,
    pub(crate) role: Option<&'a str>,
    pub(crate) email_contains: Option<&'a str>,
}

/// Lists accounts, the newest first.
pub(crate) async fn list(
    db: &PgPool,
    filter: Filter<'_>,
    page: &PageRequest,
) -> Result<Page<User>, Fault> {
    let after: Option<(DateTime<Utc>, UserId)> = page.after()?;
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from users \
         where ($1::text is null or status = $1) \
         and ($2::text is null or exists (select 1 from user_roles r \
             where r.user_id = users.id and r.role = $2)) \
         and ($3::text is null or position($3 in email) > 0) \
         and ($4::timestamptz is null or (created_at, id) < ($4, $5)) \
         order by created_at desc, id desc limit $6"
    )))
    .bind(filter.status.map(UserStatus::name))
    .bind(filter.role)
    .bind(filter.email_contains)
    .bind(after.map(|(created_at, _)| created_at))
    .bind(after.map(|(_, id)| id.uuid()))
    .bind(page.limit())
    .fetch_all(db)
    .await?;
    let users = rows
        .into_iter()
        .map(User::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(page.page(users, |user| (user.created_at, user.id)))
}

/// Whether an account other than `than` has proved to have the number.
pub(crate) async fn is_phone_verified_by_other(
    db: impl PgExecutor<'_>,
    phone: &str,
    than: UserId,
) -> Result<bool, Fault> {
    let found = sqlx::query_scalar(
        "select exists (select from users where phone = $1 and phone_verified_at is not null and id <> $2)",
    )
    .bind(phone)
    .bind(than.uuid())
    .fetch_one(db)
    .await?;
    Ok(found)
}

/// Reads some accounts other than `than` that state the number without having proved it, and locks their rows
/// until the end of the transaction. Those that somebody else has locked are left out: nobody is waited for.
pub(crate) async fn list_unverified_by_phone_for_update(
    db: &mut PgConnection,
    phone: &str,
    than: UserId,
) -> Result<Vec<User>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from users where phone = $1 and phone_verified_at is null and id <> $2 \
         order by id limit $3 for no key update skip locked"
    )))
    .bind(phone)
    .bind(than.uuid())
    .bind(MAX_STATED)
    .fetch_all(db)
    .await?;
    rows.into_iter().map(User::try_from).collect()
}

/// How many accounts have each status.
pub(crate) async fn count_by_status(db: &PgPool) -> Result<Vec<(UserStatus, i64)>, Fault> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("select status, count(*) from users group by status order by status")
            .fetch_all(db)
            .await?;
    rows.into_iter()
        .map(|(name, count)| {
            let status = UserStatus::from_column("users.status", &name)?;
            Ok((status, count))
        })
        .collect()
}

/// How many accounts were registered since `since`.
pub(crate) async fn count_since(db: &PgPool, since: DateTime<Utc>) -> Result<i64, Fault> {
    let count = sqlx::query_scalar("select count(*) from users where created_at >= $1")
        .bind(since)
        .fetch_one(db)
        .await?;
    Ok(count)
}
