//! Points in time, to the millisecond, as HubSpot writes them.

use std::{fmt, str::FromStr, time::Duration};

/// A text that is not a time; holds what was read, cut to 40 characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a time: {0:?}")]
pub struct BadTimestamp(pub String);

/// Milliseconds since 1970-01-01T00:00:00Z. Written as ISO-8601 UTC with three digits of fraction, so that texts
/// sort as times do (years 0000 to 9999).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

const DAY: i64 = 86_400_000;

impl Timestamp {
    pub fn from_millis(millis: i64) -> Timestamp {
        Timestamp(millis)
    }

    pub fn millis(self) -> i64 {
        self.0
    }

    /// The time of a system clock reading; before 1970 counts as 1970.
    pub fn from_system(time: std::time::SystemTime) -> Timestamp {
        let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    #[must_use]
    pub fn plus(self, span: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    #[must_use]
    pub fn minus(self, span: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY));
        let (year, month, day) = civil(days);
        let (hour, minute, second, milli) =
            (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }
}

impl FromStr for Timestamp {
    type Err = BadTimestamp;

    /// Reads `2026-03-12T10:00:00Z`, any length of fraction (cut to milliseconds), an offset instead of `Z`, a bare
    /// date (midnight UTC), or epoch milliseconds as digits.
    fn from_str(text: &str) -> Result<Timestamp, BadTimestamp> {
        parse(text).ok_or_else(|| BadTimestamp(text.chars().take(40).collect()))
    }
}

fn parse(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    if bytes.len() >= 8 && bytes.iter().all(u8::is_ascii_digit) {
        return text.parse().ok().map(Timestamp);
    }
    let digits = |from: usize, to: usize| -> Option<i64> {
        let part = bytes.get(from..to)?;
        part.iter()
            .all(u8::is_ascii_digit)
            .then(|| part.iter().fold(0, |sum, b| sum * 10 + i64::from(b - b'0')))
    };
    let is = |at: usize, byte: u8| bytes.get(at) == Some(&byte);
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    if !is(4, b'-') || !is(7, b'-') || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let date = days(year, month, day) * DAY;
    if bytes.len() == 10 {
        return Some(Timestamp(date));
    }
    let (hour, minute, second) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
    if !(is(10, b'T') || is(10, b' '))
        || !is(13, b':')
        || !is(16, b':')
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    let (milli, at) = if is(19, b'.') {
        let length = bytes[20..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let kept = length.min(3);
        let scale = [0, 100, 10, 1][kept];
        (digits(20, 20 + kept)? * scale, 20 + length)
    } else {
        (0, 19)
    };
    let offset = match bytes.get(at..)? {
        b"Z" | b"" => 0,
        [sign @ (b'+' | b'-'), ..] => {
            let minutes = digits(at + 1, at + 3)? * 60
                + digits(at + if is(at + 3, b':') { 4 } else { 3 }, bytes.len())?;
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    Some(Timestamp(date + (hour * 3600 + minute * 60 + second) * 1000 + milli - offset * 60_000))
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a number of days since 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hubspots_ways_to_write_a_time_are_read_and_written_one_way() {
        let cases = [
            ("2026-03-12T10:00:00Z", "2026-03-12T10:00:00.000Z"),
            ("2026-03-12T10:00:00.5Z", "2026-03-12T10:00:00.500Z"),
            ("2026-03-12T10:00:00.123456Z", "2026-03-12T10:00:00.123Z"),
            ("2026-03-12T10:00:00.123+01:30", "2026-03-12T08:30:00.123Z"),
            ("2024-02-29", "2024-02-29T00:00:00.000Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
            ("1762000000000", "2025-11-01T12:26:40.000Z"),
        ];
        for (sent, written) in cases {
            assert_eq!(
                sent.parse::<Timestamp>().map(|time| time.to_string()),
                Ok(written.to_owned()),
                "{sent}"
            );
        }
        for bad in ["", "yesterday", "2026-13-01", "2026-03-12T25:00:00Z", "2026-03-12T10:00:00 maybe", "12"]
        {
            assert!(bad.parse::<Timestamp>().is_err(), "{bad:?} was read as a time");
        }
    }

    #[test]
    fn every_day_of_four_centuries_survives_the_calendar() {
        for day in -30_000..120_000 {
            let (year, month, date) = civil(day);
            assert_eq!(days(year, month, date), day);
        }
    }
}
