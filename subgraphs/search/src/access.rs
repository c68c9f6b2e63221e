//! Who may do what. Searching is for everybody.

/// Permission to rebuild and check the index, to read the query log's statistics and to change synonyms.
pub(crate) const MANAGE_SEARCH: &str = "manage:search";
