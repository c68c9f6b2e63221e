//! Where and when a person wants to be told things.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Timelike as _, Utc};

use super::{ChannelKind, Class, NotificationType, Rejection};

/// Minutes of a day.
const DAY: u16 = 1_440;
/// The farthest offset from UTC that is in use.
const FARTHEST_OFFSET: i16 = 14 * 60;

/// What a person has switched on and off, where it differs from the defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matrix {
    switches: BTreeMap<(NotificationType, ChannelKind), bool>,
}

impl Matrix {
    /// Takes a switch as it was stored.
    pub fn set(&mut self, kind: NotificationType, channel: ChannelKind, is_enabled: bool) {
        self.switches.insert((kind, channel), is_enabled);
    }

    /// Whether the person is told `kind` over `channel`. What a type never takes stays off, what is
    /// transactional stays on where it is on by default, and advertising needs consent.
    #[must_use]
    pub fn is_enabled(
        &self,
        kind: NotificationType,
        channel: ChannelKind,
        has_marketing_consent: bool,
    ) -> bool {
        let Some(is_default) = kind.default_of(channel) else {
            return false;
        };
        let chosen = self.switches.get(&(kind, channel)).copied();
        match kind.rule().class {
            Class::Transactional => is_default || chosen.unwrap_or(false),
            Class::Informational => chosen.unwrap_or(is_default),
            Class::Marketing => has_marketing_consent && chosen.unwrap_or(is_default),
        }
    }
}

/// Whether a person may set that switch.
///
/// # Errors
/// [`Rejection::Invalid`] when the type never takes the channel, or cannot be muted there.
pub fn check_switch(
    kind: NotificationType,
    channel: ChannelKind,
    is_enabled: bool,
) -> Result<(), Rejection> {
    let Some(is_default) = kind.default_of(channel) else {
        return Err(Rejection::invalid(
            "switches",
            "must name a channel that the type takes: see `notificationPreferences`",
        ));
    };
    if !is_enabled && is_default && kind.rule().class == Class::Transactional {
        return Err(Rejection::invalid(
            "switches",
            "must leave on what belongs to orders, shop and safety of the account: it cannot be muted",
        ));
    }
    Ok(())
}

/// A time zone without changes of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone {
    offset_minutes: i16,
}

impl Zone {
    const NAMES: [(&'static str, i16); 3] = [("WIB", 420), ("WITA", 480), ("WIT", 540)];

    /// Reads `WIB`, `WITA`, `WIT` or an offset from UTC such as `+07:00`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if let Some((_, offset_minutes)) = Self::NAMES.iter().find(|(known, _)| *known == name) {
            return Some(Self {
                offset_minutes: *offset_minutes,
            });
        }
        let (sign, rest) = match (name.strip_prefix('+'), name.strip_prefix('-')) {
            (Some(rest), _) => (1, rest),
            (None, Some(rest)) => (-1, rest),
            (None, None) => return None,
        };
        let (hours, minutes) = rest.split_once(':')?;
        let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
        let offset = i16::try_from(hours * 60 + minutes).ok()?;
        (minutes < 60 && offset <= FARTHEST_OFFSET).then_some(Self {
            offset_minutes: sign * offset,
        })
    }

    /// The name, as it is stored and shown.
    #[must_use]
    pub fn name(self) -> String {
        let offset = self.offset_minutes;
        if let Some((name, _)) = Self::NAMES.iter().find(|(_, known)| *known == offset) {
            return (*name).to_owned();
        }
        let sign = if offset < 0 { '-' } else { '+' };
        let offset = offset.unsigned_abs();
        format!("{sign}{:02}:{:02}", offset / 60, offset % 60)
    }
}

/// A time of every day at which the person is left in peace. It may pass midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// The first minute of the day, 0 to 1439.
    pub from: u16,
    /// The first minute after it, 0 to 1439.
    pub until: u16,
    /// Whose day.
    pub zone: Zone,
}

impl QuietHours {
    /// Reads `22:00`, `07:00` and a zone.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] for a time or zone that is not one, or an empty time.
    pub fn new(from: &str, until: &str, zone: &str) -> Result<Self, Rejection> {
        let time = |text: &str, field| {
            minute_of_day(text)
                .ok_or_else(|| Rejection::invalid(field, "must hold times of day such as 22:00"))
        };
        let quiet = Self {
            from: time(from, "quietHours")?,
            until: time(until, "quietHours")?,
            zone: Zone::from_name(zone).ok_or_else(|| {
                Rejection::invalid(
                    "quietHours",
                    "must hold the time zone WIB, WITA, WIT or an offset from UTC such as +07:00",
                )
            })?,
        };
        if quiet.from == quiet.until {
            return Err(Rejection::invalid(
                "quietHours",
                "must end at another time than they begin",
            ));
        }
        Ok(quiet)
    }

    /// When they end, if `now` is in them.
    #[must_use]
    pub fn end(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = now + Duration::minutes(i64::from(self.zone.offset_minutes));
        let minute = u16::try_from(local.hour() * 60 + local.minute()).ok()?;
        let since_from = (minute + DAY - self.from) % DAY;
        let length = (self.until + DAY - self.from) % DAY;
        if since_from >= length {
            return None;
        }
        let whole = now.with_second(0)?.with_nanosecond(0)?;
        Some(whole + Duration::minutes(i64::from(length - since_from)))
    }
}

/// When a message of that type may leave over that channel: `None` means at once.
#[must_use]
pub fn waits_until(
    kind: NotificationType,
    channel: ChannelKind,
    quiet: Option<QuietHours>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    if kind.rule().class == Class::Transactional || channel == ChannelKind::InApp {
        return None;
    }
    quiet.and_then(|quiet| quiet.end(now))
}

fn minute_of_day(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// A number of exactly two digits; a parser would also take a sign.
fn two_digits(text: &str) -> Option<u16> {
    let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// A minute of the day as it is written.
#[must_use]
pub fn time_of_day(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
