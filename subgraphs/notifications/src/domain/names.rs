//! Closed lists and their names in databases, events and wordings.

/// A closed list of values with names.
pub trait Named: Copy + PartialEq + Sized + 'static {
    /// Every value with its name, in the order of the list.
    const NAMES: &'static [(Self, &'static str)];

    /// The name.
    #[must_use]
    fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(value, _)| *value == self);
        found.map_or("", |(_, name)| name)
    }

    /// The value of that name.
    #[must_use]
    fn from_name(name: &str) -> Option<Self> {
        let found = Self::NAMES.iter().find(|(_, known)| *known == name);
        found.map(|(value, _)| *value)
    }

    /// Every value.
    fn all() -> impl Iterator<Item = Self> {
        Self::NAMES.iter().map(|(value, _)| *value)
    }
}
