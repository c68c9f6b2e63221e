//! `searchSynonymSet` and `searchSynonymDelete`. They write no event: synonyms concern nobody else.

use service::Ctx;

use crate::{
    access::MANAGE_SEARCH,
    domain::{Error, Rejection, SynonymSet, text::words},
    store,
};

/// A set as somebody wants it.
pub struct SetSynonym {
    /// One word.
    pub term: String,
    /// What meets it as well.
    pub alternatives: Vec<String>,
    /// What switches it off.
    pub unless: Vec<String>,
    /// The version that was read; `None` for a new one.
    pub expected_version: Option<i32>,
}

/// Writes what a word may also mean, from the next search on.
///
/// # Errors
/// [`Error`]: a value that breaks a rule, stale version, not there or already there; without `manage:search`.
pub async fn set_synonym(ctx: &Ctx, input: SetSynonym) -> Result<SynonymSet, Error> {
    ctx.require(MANAGE_SEARCH)?;
    let version = input.expected_version.unwrap_or(0);
    let (alternatives, unless) = (&input.alternatives, &input.unless);
    let new = version.saturating_add(1);
    let set = SynonymSet::new(&input.term, alternatives, unless, new, ctx.now())?;
    let mut tx = ctx.begin().await?;
    expect_version(&mut tx, &set.term, version).await?;
    if !store::synonyms::put(&mut tx, &set).await? {
        // Two began with none: the other was first.
        return Err(Rejection::VersionConflict { current: 1 }.into());
    }
    tx.commit().await?;
    Ok(set)
}

/// Removes what a word may also mean.
///
/// # Errors
/// [`Error`]: not there, stale version; without `manage:search`.
pub async fn delete_synonym(ctx: &Ctx, term: &str, expected_version: i32) -> Result<(), Error> {
    ctx.require(MANAGE_SEARCH)?;
    let term = words(term).join(" ");
    let mut tx = ctx.begin().await?;
    expect_version(&mut tx, &term, expected_version.max(1)).await?;
    store::synonyms::delete(&mut tx, &term).await?;
    tx.commit().await?;
    Ok(())
}

async fn expect_version(
    tx: &mut service::Transaction,
    term: &str,
    expected: i32,
) -> Result<(), Error> {
    let current = store::synonyms::find_for_update(tx, term).await?;
    match current.map_or(0, |set| set.version) {
        current if current == expected => Ok(()),
        0 => Err(Rejection::SynonymNotFound.into()),
        current => Err(Rejection::VersionConflict { current }.into()),
    }
}
