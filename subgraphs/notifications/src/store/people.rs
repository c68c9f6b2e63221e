//! Tables `people` and `preferences`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Named, UserId};
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

use crate::domain::{ChannelKind, Locale, Matrix, NotificationType, Person, QuietHours, Zone};

const COLUMNS: &str = "user_id, last_seq, locale, has_marketing_consent, is_closed, is_erased, \
     quiet_from, quiet_until, quiet_zone";

#[derive(FromRow)]
struct Row {
    user_id: Uuid,
    last_seq: i64,
    locale: String,
    has_marketing_consent: bool,
    is_closed: bool,
    is_erased: bool,
    quiet_from: Option<i16>,
    quiet_until: Option<i16>,
    quiet_zone: Option<String>,
}

impl TryFrom<Row> for Person {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let quiet = match (row.quiet_from, row.quiet_until, row.quiet_zone) {
            (Some(from), Some(until), Some(zone)) => Some(QuietHours {
                from: from.try_into()?,
                until: until.try_into()?,
                zone: Zone::from_name(&zone)
                    .ok_or_else(|| Fault::unknown_value("people.quiet_zone", &zone))?,
            }),
            _ => None,
        };
        Ok(Self {
            user_id: Id::from_uuid(row.user_id),
            last_seq: row.last_seq,
            locale: Named::from_column("people.locale", &row.locale)?,
            has_marketing_consent: row.has_marketing_consent,
            is_closed: row.is_closed,
            is_erased: row.is_erased,
            quiet,
        })
    }
}

/// Makes the rows of people that are not known yet.
pub(crate) async fn ensure(
    db: &mut PgConnection,
    ids: &[UserId],
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    sqlx::query(
        "insert into people (user_id, created_at) select id, $2 from unnest($1::uuid[]) as p (id) \
         order by id on conflict (user_id) do nothing",
    )
    .bind(Id::uuids(ids))
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Reads people and locks their rows, always in the order of their ids so that two cannot wait for each
/// other.
pub(crate) async fn lock(db: &mut PgConnection, ids: &[UserId]) -> Result<Vec<Person>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from people where user_id = any($1) order by user_id for update"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Person::try_from).collect()
}

/// Makes the row of a person if it is not there, and locks it.
pub(crate) async fn lock_one(
    db: &mut PgConnection,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<Person, Fault> {
    ensure(&mut *db, &[id], now).await?;
    let found = lock(db, &[id]).await?.into_iter().next();
    found.ok_or_else(|| Fault::internal("a row that was just made is gone"))
}

/// Reads people.
pub(crate) async fn load(
    db: impl PgExecutor<'_>,
    ids: &[UserId],
) -> Result<HashMap<UserId, Person>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from people where user_id = any($1)"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| Person::try_from(row).map(|person| (person.user_id, person)))
        .collect()
}

/// Writes how far people's notifications are counted. The caller holds their row locks.
pub(crate) async fn set_last_seq(
    db: &mut PgConnection,
    counters: &[(UserId, i64)],
) -> Result<(), Fault> {
    let (ids, seqs): (Vec<_>, Vec<_>) = counters.iter().map(|(id, seq)| (id.uuid(), *seq)).unzip();
    sqlx::query(
        "update people set last_seq = c.seq from unnest($1::uuid[], $2::bigint[]) as c (id, seq) \
         where user_id = c.id",
    )
    .bind(ids)
    .bind(seqs)
    .execute(db)
    .await?;
    Ok(())
}

/// What identity says of an account.
pub(crate) enum AccountChange {
    /// Language and consent.
    Profile {
        /// The language.
        locale: Locale,
        /// Whether advertising is welcome.
        has_marketing_consent: bool,
    },
    /// Closed or opened by the marketplace.
    Closed(bool),
}

/// Takes over what identity says of an account, unless something newer is known.
pub(crate) async fn change_account(
    db: &mut PgConnection,
    user_id: UserId,
    version: i32,
    change: &AccountChange,
) -> Result<(), Fault> {
    let (locale, consent, closed) = match change {
        AccountChange::Profile {
            locale,
            has_marketing_consent,
        } => (Some(locale.name()), Some(*has_marketing_consent), None),
        AccountChange::Closed(is_closed) => (None, None, Some(*is_closed)),
    };
    sqlx::query(
        "update people set locale = coalesce($3, locale), \
         has_marketing_consent = coalesce($4, has_marketing_consent), \
         is_closed = coalesce($5, is_closed), account_version = $2 \
         where user_id = $1 and account_version < $2 and not is_erased",
    )
    .bind(user_id.uuid())
    .bind(version)
    .bind(locale)
    .bind(consent)
    .bind(closed)
    .execute(db)
    .await?;
    Ok(())
}

/// Writes or removes the time at which a person is left in peace.
pub(crate) async fn set_quiet_hours(
    db: &mut PgConnection,
    user_id: UserId,
    quiet: Option<QuietHours>,
) -> Result<(), Fault> {
    let minute = |minute: u16| i16::try_from(minute).unwrap_or_default();
    sqlx::query(
        "update people set quiet_from = $2, quiet_until = $3, quiet_zone = $4 where user_id = $1",
    )
    .bind(user_id.uuid())
    .bind(quiet.map(|quiet| minute(quiet.from)))
    .bind(quiet.map(|quiet| minute(quiet.until)))
    .bind(quiet.map(|quiet| quiet.zone.name()))
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets everything about a person but that they are gone. The caller has removed what hangs on them.
pub(crate) async fn erase(db: &mut PgConnection, user_id: UserId) -> Result<(), Fault> {
    sqlx::query(
        "update people set is_erased = true, last_seq = 0, locale = 'ID', has_marketing_consent = false, \
         is_closed = false, quiet_from = null, quiet_until = null, quiet_zone = null where user_id = $1",
    )
    .bind(user_id.uuid())
    .execute(db)
    .await?;
    Ok(())
}

/// What people have switched, of one type or of all.
pub(crate) async fn load_matrices(
    db: impl PgExecutor<'_>,
    ids: &[UserId],
    kind: Option<NotificationType>,
) -> Result<HashMap<UserId, Matrix>, Fault> {
    let rows: Vec<(Uuid, String, String, bool)> = sqlx::query_as(
        "select user_id, type, channel, is_enabled from preferences \
         where user_id = any($1) and ($2::text is null or type = $2)",
    )
    .bind(Id::uuids(ids))
    .bind(kind.map(NotificationType::name))
    .fetch_all(db)
    .await?;
    let mut matrices: HashMap<UserId, Matrix> = HashMap::new();
    for (user_id, kind, channel, is_enabled) in rows {
        matrices.entry(Id::from_uuid(user_id)).or_default().set(
            Named::from_column("preferences.type", &kind)?,
            Named::from_column("preferences.channel", &channel)?,
            is_enabled,
        );
    }
    Ok(matrices)
}

/// Writes what a person has switched.
pub(crate) async fn set_switches(
    db: &mut PgConnection,
    user_id: UserId,
    switches: &[(NotificationType, ChannelKind, bool)],
) -> Result<(), Fault> {
    let kinds: Vec<_> = switches.iter().map(|(kind, ..)| kind.name()).collect();
    let channels: Vec<_> = switches
        .iter()
        .map(|(_, channel, _)| channel.name())
        .collect();
    let values: Vec<_> = switches
        .iter()
        .map(|(.., is_enabled)| *is_enabled)
        .collect();
    sqlx::query(
        "insert into preferences (user_id, type, channel, is_enabled) \
         select $1, type, channel, is_enabled \
         from unnest($2::text[], $3::text[], $4::boolean[]) as s (type, channel, is_enabled) \
         on conflict (user_id, type, channel) do update set is_enabled = excluded.is_enabled",
    )
    .bind(user_id.uuid())
    .bind(kinds)
    .bind(channels)
    .bind(values)
    .execute(db)
    .await?;
    Ok(())
}

/// Removes what a person has switched.
pub(crate) async fn delete_switches(db: &mut PgConnection, user_id: UserId) -> Result<(), Fault> {
    sqlx::query("delete from preferences where user_id = $1")
        .bind(user_id.uuid())
        .execute(db)
        .await?;
    Ok(())
}
