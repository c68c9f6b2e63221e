//! Closed lists whose values have names in databases and events.

use strum::VariantArray;

use crate::Fault;

/// An enum without data whose values are kept and sent by name. Deriving is all it takes, so that no value
/// can be without a name:
///
/// ```ignore
/// #[derive(Clone, Copy, IntoStaticStr, VariantArray)]
/// #[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
/// ```
///
/// Whoever renames a variant renames what is stored, which takes a migration.
pub trait Named: Copy + Into<&'static str> + VariantArray {
    /// The name.
    #[must_use]
    fn name(self) -> &'static str {
        self.into()
    }

    /// The names of some values.
    #[must_use]
    fn names(values: &[Self]) -> Vec<&'static str> {
        values.iter().map(|value| value.name()).collect()
    }

    /// Every value, in the order of the enum.
    fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The value of that name.
    #[must_use]
    fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|value| value.name() == name)
    }

    /// The value whose name was read from `column`, written `table.column`.
    ///
    /// # Errors
    /// [`Fault::unknown_value`] when there is none.
    fn from_column(column: &str, name: &str) -> Result<Self, Fault> {
        Self::from_name(name).ok_or_else(|| Fault::unknown_value(column, name))
    }
}

impl<T: Copy + Into<&'static str> + VariantArray> Named for T {}

#[cfg(test)]
mod tests {
    use strum::IntoStaticStr;

    use super::*;
    use crate::FaultKind;

    #[derive(Debug, Clone, Copy, PartialEq, IntoStaticStr, VariantArray)]
    #[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
    enum Light {
        Red,
        AmberFlashing,
        Green,
    }

    #[test]
    fn every_value_has_a_name_of_its_own_that_leads_back() {
        let all: Vec<_> = Light::all().collect();
        assert_eq!(all, [Light::Red, Light::AmberFlashing, Light::Green]);
        assert_eq!(Light::names(&all), ["RED", "AMBER_FLASHING", "GREEN"]);
        for light in all {
            assert_eq!(Light::from_name(light.name()), Some(light));
        }
        for unknown in ["", "red", "AmberFlashing", "BLUE"] {
            assert_eq!(Light::from_name(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn an_unknown_name_in_a_column_is_a_defect_that_names_the_column() {
        let fault = Light::from_column("crossings.light", "BLUE").expect_err("no such light");
        assert_eq!(fault.kind(), FaultKind::Internal);
        let cause = "column `crossings.light` holds the unknown value `BLUE`";
        assert!(fault.chain().ends_with(cause), "{}", fault.chain());
        assert!(!fault.public().contains("BLUE"), "{}", fault.public());
    }
}
