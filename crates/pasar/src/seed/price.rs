//! Prices as shopkeepers write them, in whole numbers only.

use super::random::Random;

/// A number with at most three decimals in thousandths: `1.25` is 1250. None when it is not a number.
pub(super) fn thousandths(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: u32 = whole.parse().ok()?;
    let fraction: u32 = format!("{fraction:0<3}").parse().ok()?;
    whole.checked_mul(1_000)?.checked_add(fraction)
}

/// A price between two limits, more often near the lower one.
pub(super) fn base(random: &mut Random, limits: [u32; 2]) -> i64 {
    let span = i64::from(limits[1].saturating_sub(limits[0]));
    let position = i64::from(random.between(0, 1_000));
    i64::from(limits[0]) + span * position * (position + 400) / 1_400_000
}

/// How a shop likes its prices to end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ending {
    /// `24.500`, `150.000`.
    Round,
    /// `24.900`, `149.000`.
    Nine,
    /// `24.800`, `148.500`.
    Odd,
}

impl Ending {
    /// The habit for one product.
    pub(super) fn choose(random: &mut Random) -> Self {
        [Self::Round, Self::Nine, Self::Odd][random.weighted(&[45, 42, 13])]
    }

    /// The price near `amount` that ends in this way.
    pub(super) fn apply(self, amount: i64) -> i64 {
        let (step, nine, odd) = match amount {
            ..10_000 => (500, 100, 200),
            10_000..100_000 => (1_000, 100, 200),
            100_000..500_000 => (5_000, 1_000, 1_500),
            500_000..2_000_000 => (10_000, 1_000, 2_000),
            _ => (50_000, 1_000, 5_000),
        };
        let round = ((amount + step / 2) / step * step).max(step);
        match self {
            Self::Round => round,
            Self::Nine => round - nine,
            Self::Odd => round - odd,
        }
    }
}

/// `amount` times a factor in thousandths.
pub(super) fn times(amount: i64, thousandths: u32) -> i64 {
    amount * i64::from(thousandths) / 1_000
}
