//! A node of the category tree.

use chrono::{DateTime, Utc};
use kernel::CategoryId;
use serde::{Deserialize, Serialize};

use super::{
    Rejection,
    text::{check_length, check_slug},
};

/// How many levels the tree may have.
pub const MAX_DEPTH: usize = 6;
/// How many categories may be directly under one, or at the top.
pub const MAX_CHILDREN: usize = 100;

/// How a category is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryNames {
    /// Unique name in addresses.
    pub slug: String,
    /// Indonesian name.
    pub name: String,
    /// English name.
    pub name_en: String,
}

/// A node of the category tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Id.
    pub id: CategoryId,
    /// The category above; `None` at the top.
    pub parent_id: Option<CategoryId>,
    /// How it is called.
    pub names: CategoryNames,
    /// Grows with every change.
    pub version: i32,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// The place under which a category is to hang.
pub struct Place<'a> {
    /// From the top down to the new parent; empty for the top.
    pub path: &'a [CategoryId],
    /// How many categories are directly there already.
    pub children: usize,
}

impl CategoryNames {
    /// Checks every field.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] naming the first field that breaks its rule.
    pub fn check(&self) -> Result<(), Rejection> {
        check_slug(&self.slug)?;
        check_length("name", &self.name, 2..=80)?;
        check_length("nameEn", &self.name_en, 2..=80)
    }
}

impl Place<'_> {
    /// Checks that a category with `levels` levels (itself and what is below) fits here.
    fn check(&self, levels: usize) -> Result<(), Rejection> {
        if self.path.len() + levels > MAX_DEPTH {
            return Err(Rejection::state("the category tree has at most 6 levels"));
        }
        if self.children >= MAX_CHILDREN {
            return Err(Rejection::TooMany {
                rule: "a category has at most 100 categories directly below it",
            });
        }
        Ok(())
    }
}

impl Category {
    /// A new category at `place`.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] for a bad name, [`Rejection::InvalidState`] or [`Rejection::TooMany`] when
    /// the place is too deep or full.
    pub fn create(
        id: CategoryId,
        names: CategoryNames,
        place: &Place<'_>,
        now: DateTime<Utc>,
    ) -> Result<Self, Rejection> {
        names.check()?;
        place.check(1)?;
        Ok(Self {
            id,
            parent_id: place.path.last().copied(),
            names,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// Changes how it is called.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] for a bad name.
    pub fn rename(&mut self, names: CategoryNames, now: DateTime<Utc>) -> Result<(), Rejection> {
        names.check()?;
        self.names = names;
        self.touch(now);
        Ok(())
    }

    /// Hangs it, with the `levels` levels that it and its descendants have, under another place.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] when that place is inside itself, too deep or where it is already,
    /// [`Rejection::TooMany`] when it is full.
    pub fn relocate(
        &mut self,
        place: &Place<'_>,
        levels: usize,
        now: DateTime<Utc>,
    ) -> Result<(), Rejection> {
        if place.path.contains(&self.id) {
            let rule = "a category cannot be moved below itself";
            return Err(Rejection::state(rule));
        }
        if place.path.last().copied() == self.parent_id {
            return Err(Rejection::state("the category is there already"));
        }
        place.check(levels)?;
        self.parent_id = place.path.last().copied();
        self.touch(now);
        Ok(())
    }

    /// Counts a change of its attributes as a change of the category.
    pub fn attributes_changed(&mut self, now: DateTime<Utc>) {
        self.touch(now);
    }

    fn touch(&mut self, now: DateTime<Utc>) {
        self.version = self.version.saturating_add(1);
        self.updated_at = now;
    }
}
