//! Where a portal is, as far as its midnight goes.
//!
//! Deliberately absent: every other zone; these are the ones whose midnights differ in kind.

use crate::stamp::{DAY, HOUR, civil, days};

/// A time zone that a portal can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// UTC+1, and +2 in summer.
    Oslo,
    /// UTC−8, and −7 in summer.
    LosAngeles,
    /// UTC−7 all year.
    Phoenix,
    /// UTC+12, and +13 in the southern summer.
    Auckland,
    /// UTC+13 all year.
    Tongatapu,
}

/// When clocks are an hour ahead.
enum Summer {
    Never,
    /// From the last Sunday of March to that of October, at 1:00 UTC.
    European,
    /// From the second Sunday of March to the first of November, at 2:00 of the clocks.
    American,
    /// From the last Sunday of September to the first of April, at 2:00 of standard time.
    NewZealand,
}

impl Zone {
    /// Its name in the IANA data base.
    pub fn name(self) -> &'static str {
        match self {
            Zone::Oslo => "Europe/Oslo",
            Zone::LosAngeles => "America/Los_Angeles",
            Zone::Phoenix => "America/Phoenix",
            Zone::Auckland => "Pacific/Auckland",
            Zone::Tongatapu => "Pacific/Tongatapu",
        }
    }

    fn rule(self) -> (i64, Summer) {
        match self {
            Zone::Oslo => (HOUR, Summer::European),
            Zone::LosAngeles => (-8 * HOUR, Summer::American),
            Zone::Phoenix => (-7 * HOUR, Summer::Never),
            Zone::Auckland => (12 * HOUR, Summer::NewZealand),
            Zone::Tongatapu => (13 * HOUR, Summer::Never),
        }
    }

    /// Milliseconds that its clocks add to UTC at a moment.
    pub fn offset(self, millis: i64) -> i64 {
        let (standard, summer) = self.rule();
        let (year, ..) = civil((millis + standard).div_euclid(DAY));
        // Sundays, as days since 1970.
        let first = |month| {
            let day = days(year, month, 1);
            day + (3 - day).rem_euclid(7)
        };
        let last = |month, len| {
            let day = days(year, month, len);
            day - (day + 4).rem_euclid(7)
        };
        // The clocks' 2:00, in UTC, an hour earlier where they are ahead already.
        let two = |day: i64, ahead: i64| day * DAY + 2 * HOUR - standard - ahead;
        let is_summer = match summer {
            Summer::Never => false,
            Summer::European => (last(3, 31) * DAY + HOUR..last(10, 31) * DAY + HOUR).contains(&millis),
            Summer::American => (two(first(3) + 7, 0)..two(first(11), HOUR)).contains(&millis),
            Summer::NewZealand => !(two(first(4), 0)..two(last(9, 30), 0)).contains(&millis),
        };
        standard + if is_summer { HOUR } else { 0 }
    }

    /// The next midnight there, when the daily counters start again.
    pub fn next_midnight(self, millis: i64) -> i64 {
        let local = millis + self.offset(millis);
        let next = (local.div_euclid(DAY) + 1) * DAY;
        next - self.offset(next - self.offset(millis))
    }
}

/// `-07:00`, as the account's details tell an offset.
pub(crate) fn offset_text(offset: i64) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.abs() / 60_000;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stamp::{iso_text, parse};

    #[test]
    fn clocks_change_when_they_do_there() {
        for (zone, at, hours) in [
            (Zone::Oslo, "2026-03-29T00:59:59Z", 1),
            (Zone::Oslo, "2026-03-29T01:00:00Z", 2),
            (Zone::Oslo, "2026-10-25T00:59:59Z", 2),
            (Zone::Oslo, "2026-10-25T01:00:00Z", 1),
            (Zone::LosAngeles, "2026-03-08T09:59:59Z", -8),
            (Zone::LosAngeles, "2026-03-08T10:00:00Z", -7),
            (Zone::LosAngeles, "2026-11-01T08:59:59Z", -7),
            (Zone::LosAngeles, "2026-11-01T09:00:00Z", -8),
            (Zone::Phoenix, "2026-07-01T12:00:00Z", -7),
            (Zone::Auckland, "2026-04-04T13:59:59Z", 13),
            (Zone::Auckland, "2026-04-04T14:00:00Z", 12),
            (Zone::Auckland, "2026-09-26T13:59:59Z", 12),
            (Zone::Auckland, "2026-09-26T14:00:00Z", 13),
            (Zone::Auckland, "2026-12-31T12:00:00Z", 13),
            (Zone::Tongatapu, "2026-01-01T00:00:00Z", 13),
        ] {
            assert_eq!(zone.offset(parse(at).unwrap()), hours * HOUR, "{zone:?} at {at}");
        }
    }

    #[test]
    fn a_day_has_23_hours_and_another_25() {
        for (zone, at, midnight) in [
            (Zone::Oslo, "2026-11-21T12:00:00Z", "2026-11-21T23:00:00Z"),
            (Zone::LosAngeles, "2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z"),
            (Zone::LosAngeles, "2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z"),
            (Zone::Auckland, "2026-04-04T11:00:00Z", "2026-04-05T12:00:00Z"),
            (Zone::Auckland, "2026-09-26T12:00:00Z", "2026-09-27T11:00:00Z"),
            (Zone::Tongatapu, "2026-11-21T10:59:59Z", "2026-11-21T11:00:00Z"),
        ] {
            assert_eq!(iso_text(zone.next_midnight(parse(at).unwrap())), midnight, "{zone:?} at {at}");
        }
        assert_eq!(offset_text(-7 * HOUR), "-07:00");
        assert_eq!(offset_text(13 * HOUR), "+13:00");
    }
}
