//! Keyset paging: a cursor is the sort key of the last row, made opaque.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

/// How many rows a page holds when the caller does not say.
pub const DEFAULT_PAGE_SIZE: u32 = 20;
/// How many rows a page holds at most.
pub const MAX_PAGE_SIZE: u32 = 100;

/// The place in a list after which a page begins. Opaque to callers; inside it is the JSON of the
/// list's sort key, which always ends with the id, so that no row is skipped or shown twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(String);

/// Why a request for a page is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    /// Not a cursor of this list with this sort order.
    #[error("`after` is not a cursor of this list and order: use `endCursor` of the page before")]
    Malformed,
    /// A page of that size is not given.
    #[error("`first` must be between 1 and {MAX_PAGE_SIZE}")]
    PageSize,
}

impl Cursor {
    /// The cursor of the row that has this sort key.
    #[must_use]
    pub fn encode<K: Serialize>(key: &K) -> Self {
        let json = serde_json::to_vec(key).expect("sort keys are plain data");
        Self(URL_SAFE_NO_PAD.encode(json))
    }

    /// The sort key inside.
    ///
    /// # Errors
    /// [`CursorError::Malformed`] when it is not a key of this shape.
    pub fn decode<K: DeserializeOwned>(&self) -> Result<K, CursorError> {
        let json = URL_SAFE_NO_PAD
            .decode(&self.0)
            .map_err(|_| CursorError::Malformed)?;
        serde_json::from_slice(&json).map_err(|_| CursorError::Malformed)
    }

    /// Takes what a caller sent; it is looked at by [`Cursor::decode`].
    #[must_use]
    pub const fn from_text(text: String) -> Self {
        Self(text)
    }

    /// What the caller sees.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which page of a list: at most `first` rows after `after`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageRequest {
    first: u32,
    after: Option<Cursor>,
}

impl PageRequest {
    /// Checks what the caller sent.
    ///
    /// # Errors
    /// [`CursorError::PageSize`] when `first` is outside 1 to [`MAX_PAGE_SIZE`].
    pub fn new(first: Option<i32>, after: Option<String>) -> Result<Self, CursorError> {
        let first = match first {
            None => DEFAULT_PAGE_SIZE,
            Some(first) => u32::try_from(first).map_err(|_| CursorError::PageSize)?,
        };
        if first == 0 || first > MAX_PAGE_SIZE {
            return Err(CursorError::PageSize);
        }
        Ok(Self {
            first,
            after: after.map(Cursor::from_text),
        })
    }

    /// How many rows to read: one more than the page, to know whether another page follows.
    #[must_use]
    pub fn limit(&self) -> i64 {
        i64::from(self.first) + 1
    }

    /// The sort key after which the page begins.
    ///
    /// # Errors
    /// [`CursorError::Malformed`] when the cursor is not one of this list.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, CursorError> {
        self.after.as_ref().map(Cursor::decode).transpose()
    }

    /// Makes the page out of up to [`PageRequest::limit`] rows in order.
    #[must_use]
    pub fn page<T, K: Serialize>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Page<T> {
        let has_next = rows.len() > self.first as usize;
        rows.truncate(self.first as usize);
        let rows = rows
            .into_iter()
            .map(|row| {
                let cursor = Cursor::encode(&key(&row));
                (cursor, row)
            })
            .collect();
        Page {
            rows,
            has_next,
            has_previous: self.after.is_some(),
        }
    }
}

/// One page of a list, in order.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows, each with its cursor.
    pub rows: Vec<(Cursor, T)>,
    /// Whether more rows follow.
    pub has_next: bool,
    /// Whether rows came before.
    pub has_previous: bool,
}

impl<T> Page<T> {
    /// A page without rows.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            rows: Vec::new(),
            has_next: false,
            has_previous: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_whether_another_follows() {
        let request = PageRequest::new(Some(2), None).unwrap();
        let page = request.page(vec![1, 2, 3], |row| *row);
        assert_eq!(
            page.rows.iter().map(|(_, row)| *row).collect::<Vec<_>>(),
            [1, 2]
        );
        assert!(page.has_next && !page.has_previous);

        let after = page.rows.last().unwrap().0.as_str().to_owned();
        let request = PageRequest::new(Some(2), Some(after)).unwrap();
        assert_eq!(request.after::<i32>(), Ok(Some(2)));
        let page = request.page(vec![3], |row| *row);
        assert!(!page.has_next && page.has_previous);
    }

    #[test]
    fn page_sizes_and_cursors_out_of_range_are_refused() {
        for first in [0, -1, 101, i32::MAX, i32::MIN] {
            assert_eq!(
                PageRequest::new(Some(first), None),
                Err(CursorError::PageSize)
            );
        }
        for cursor in ["", "nonsense", "e30", "💥"] {
            let request = PageRequest::new(None, Some(cursor.to_owned())).unwrap();
            assert_eq!(
                request.after::<(i64, String)>(),
                Err(CursorError::Malformed)
            );
        }
    }
}
