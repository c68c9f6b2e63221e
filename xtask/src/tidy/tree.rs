//! The files of the repository, in memory.

use std::collections::{BTreeMap, BTreeSet};

use crate::shell::{output, root};

/// Every file by its path from the root; only files of text have a content.
pub(super) struct Tree {
    files: BTreeMap<String, Option<String>>,
}

impl Tree {
    /// Everything that git knows or would add.
    pub(super) fn of_repository() -> Result<Self, String> {
        let words = [
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ];
        let mut files = BTreeMap::new();
        for path in output("git", &words)?.split('\0') {
            // A file that was removed but not committed is still listed.
            if let Ok(bytes) = std::fs::read(root().join(path)) {
                files.insert(path.to_owned(), String::from_utf8(bytes).ok());
            }
        }
        Ok(Self { files })
    }

    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let own = |(path, text): &(&str, &str)| ((*path).to_owned(), Some((*text).to_owned()));
        Self {
            files: files.iter().map(own).collect(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// The files of text with their contents.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// Those below a folder, which ends in `/`.
    pub(super) fn texts_in<'a>(
        &'a self,
        folder: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts()
            .filter(move |(path, _)| path.starts_with(folder))
    }

    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Whether there is such a file or folder.
    pub(super) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        self.files.contains_key(path) || self.files.keys().any(|file| file.starts_with(&folder))
    }

    /// The names directly below a folder, which ends in `/`.
    pub(super) fn children(&self, folder: &str) -> BTreeSet<&str> {
        self.files
            .keys()
            .filter_map(|path| path.strip_prefix(folder)?.split('/').next())
            .collect()
    }

    /// The names of all subgraphs.
    pub(super) fn subgraphs(&self) -> BTreeSet<&str> {
        self.children("subgraphs/")
    }
}
