//! The one place that reads the clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// Now, in UTC, as migrations are numbered: `YYYYMMDDHHMM`.
pub(crate) fn stamp() -> Result<String, String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a tool outside the product; it has no kernel::Clock"
    )]
    let now = SystemTime::now();
    let since = now
        .duration_since(UNIX_EPOCH)
        .map_err(|error| format!("the clock is before 1970: {error}"))?;
    Ok(stamp_of(since.as_secs()))
}

fn stamp_of(seconds: u64) -> String {
    let minutes = seconds / 60;
    let (minute, hour) = (minutes % 60, minutes / 60 % 24);
    let (year, month, day) = date_of(minutes / 60 / 24);
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}")
}

/// The calendar date of a day counted from 1970.
fn date_of(mut days: u64) -> (u64, u64, u64) {
    let mut year = 1970;
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        if days < length {
            break;
        }
        days -= length;
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use super::stamp_of;

    #[test]
    fn seconds_since_1970_become_a_calendar_minute() {
        assert_eq!(stamp_of(0), "197001010000");
        assert_eq!(stamp_of(951_782_399), "200002282359");
        assert_eq!(stamp_of(951_782_400), "200002290000");
        assert_eq!(stamp_of(1_795_247_999), "202611210759");
    }
}
