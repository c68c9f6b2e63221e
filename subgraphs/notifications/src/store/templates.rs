//! Table `templates`: wordings that differ from those compiled in.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Named};
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

use crate::domain::{ChannelKind, Locale, NotificationType, Template, Wording, default_wording};

const COLUMNS: &str =
    "id, type as kind, channel, locale, subject, body, html, is_reset, version, updated_at";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    kind: String,
    channel: String,
    locale: String,
    subject: String,
    body: String,
    html: Option<String>,
    is_reset: bool,
    version: i32,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Template {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let (kind, channel, locale) = (
            Named::from_column("templates.type", &row.kind)?,
            Named::from_column("templates.channel", &row.channel)?,
            Named::from_column("templates.locale", &row.locale)?,
        );
        let wording = if row.is_reset {
            default_wording(kind, channel, locale)
        } else {
            Wording {
                subject: row.subject,
                text: row.body,
                html: row.html,
            }
        };
        Ok(Self {
            id: Some(Id::from_uuid(row.id)),
            kind,
            channel,
            locale,
            wording,
            is_default: row.is_reset,
            version: row.version,
            updated_at: Some(row.updated_at),
        })
    }
}

/// The changed wordings among these types, channels and languages. Empty lists mean all.
pub(crate) async fn load(
    db: impl PgExecutor<'_>,
    kinds: &[NotificationType],
    channels: &[ChannelKind],
    locales: &[Locale],
) -> Result<Vec<Template>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from templates where (cardinality($1::text[]) = 0 or type = any($1)) \
         and (cardinality($2::text[]) = 0 or channel = any($2)) \
         and (cardinality($3::text[]) = 0 or locale = any($3))"
    )))
    .bind(NotificationType::names(kinds))
    .bind(ChannelKind::names(channels))
    .bind(Locale::names(locales))
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Template::try_from).collect()
}

/// Takes a lock on this wording until the end of the transaction, whether it has a row or not.
pub(crate) async fn lock(
    db: &mut PgConnection,
    kind: NotificationType,
    channel: ChannelKind,
    locale: Locale,
) -> Result<(), Fault> {
    let name = format!("{}/{}/{}", kind.name(), channel.name(), locale.name());
    sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(name)
        .execute(db)
        .await?;
    Ok(())
}

/// Writes a wording.
pub(crate) async fn upsert(
    db: &mut PgConnection,
    template: &Template,
    now: DateTime<Utc>,
    actor: &str,
) -> Result<(), Fault> {
    sqlx::query(
        "insert into templates (id, type, channel, locale, subject, body, html, is_reset, version, \
         updated_at, updated_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         on conflict (type, channel, locale) do update set subject = excluded.subject, \
         body = excluded.body, html = excluded.html, is_reset = excluded.is_reset, \
         version = excluded.version, updated_at = excluded.updated_at, updated_by = excluded.updated_by",
    )
    .bind(template.id.map(Id::uuid))
    .bind(template.kind.name())
    .bind(template.channel.name())
    .bind(template.locale.name())
    .bind(&template.wording.subject)
    .bind(&template.wording.text)
    .bind(&template.wording.html)
    .bind(template.is_default)
    .bind(template.version)
    .bind(now)
    .bind(actor)
    .execute(db)
    .await?;
    Ok(())
}
