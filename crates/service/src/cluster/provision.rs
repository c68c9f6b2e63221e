//! One database and one role per subgraph, on any PostgreSQL server.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

/// Any number that nothing else locks on: starts that overlap take turns.
const LOCK_KEY: i64 = 0x7061_7361_725f_6462;

/// PostgreSQL cuts identifiers at 63 bytes; the prefix takes six.
const NAME_LIMIT: usize = 57;

/// Why a database could not be provided.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// The name is not one that can name a database.
    #[error(
        "{0:?} cannot name a database: use lower-case letters, digits and underscores, beginning \
         with a letter, at most {NAME_LIMIT}"
    )]
    Name(String),
    /// The server refused or could not be reached.
    #[error("preparing the database pasar_{name}: {source}")]
    Database {
        /// The subgraph.
        name: String,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
}

/// Sees to it that the role and database `pasar_<name>` exist, that the role owns the database and
/// logs in with `password`, and that no other role may connect to it. Returns the role's URL.
///
/// Safe to call again and from several processes at once. `admin_url` names a role that may create
/// roles and databases; it need not be a superuser.
pub async fn ensure_database(
    admin_url: &str,
    name: &str,
    password: &str,
) -> Result<String, ProvisionError> {
    if !is_valid(name) {
        return Err(ProvisionError::Name(name.to_owned()));
    }
    let database = format!("pasar_{name}");
    ensure(admin_url, &database, password)
        .await
        .map_err(|source| ProvisionError::Database {
            name: name.to_owned(),
            source,
        })
}

/// The URL of the database that [`ensure_database`] made, without connecting.
pub fn database_url(admin_url: &str, name: &str, password: &str) -> Result<String, sqlx::Error> {
    let database = format!("pasar_{name}");
    let options: PgConnectOptions = admin_url.parse()?;
    Ok(role_url(options, &database, password))
}

fn role_url(options: PgConnectOptions, database: &str, password: &str) -> String {
    let options = options
        .username(database)
        .password(password)
        .database(database);
    options.to_url_lossy().into()
}

fn is_valid(name: &str) -> bool {
    let starts = name.starts_with(|first: char| first.is_ascii_lowercase());
    let rest = name
        .chars()
        .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    starts && rest && name.len() <= NAME_LIMIT
}

async fn ensure(admin_url: &str, database: &str, password: &str) -> Result<String, sqlx::Error> {
    let options: PgConnectOptions = admin_url.parse()?;
    let mut admin = PgConnection::connect_with(&options).await?;
    // Held by the session, so it is released even when this process is killed in between.
    sqlx::query("select pg_advisory_lock($1)")
        .bind(LOCK_KEY)
        .execute(&mut admin)
        .await?;
    ensure_role(&mut admin, database, password).await?;
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(database)
            .fetch_one(&mut admin)
            .await?;
    if !exists {
        let sql = "create database %1$I owner %1$I template template0 encoding 'UTF8'";
        run(&mut admin, sql, database, "").await?;
    }
    // Also for a database that a killed process had made just before this.
    run(
        &mut admin,
        "revoke connect on database %1$I from public",
        database,
        "",
    )
    .await?;
    admin.close().await?;
    Ok(role_url(options, database, password))
}

async fn ensure_role(
    admin: &mut PgConnection,
    role: &str,
    password: &str,
) -> Result<(), sqlx::Error> {
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)")
            .bind(role)
            .fetch_one(&mut *admin)
            .await?;
    let verb = if exists { "alter" } else { "create" };
    run(
        admin,
        &format!("{verb} role %1$I login password %2$L"),
        role,
        password,
    )
    .await?;
    // Whoever gives a database to a role must be a member of it; a superuser is one of every role.
    run(admin, "grant %1$I to current_user", role, "").await
}

/// Runs a statement that takes no parameters; the server itself quotes the name and the secret.
async fn run(
    admin: &mut PgConnection,
    template: &str,
    name: &str,
    secret: &str,
) -> Result<(), sqlx::Error> {
    let sql: String = sqlx::query_scalar("select format($1, $2, $3)")
        .bind(template)
        .bind(name)
        .bind(secret)
        .fetch_one(&mut *admin)
        .await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(admin).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_accepted() {
        assert!(is_valid("catalog"));
        assert!(is_valid("price_book2"));
        for bad in [
            "",
            "2nd",
            "Catalog",
            "a-b",
            "a b",
            "a\"; drop",
            "é",
            &"a".repeat(58),
        ] {
            assert!(!is_valid(bad), "{bad}");
        }
    }
}
