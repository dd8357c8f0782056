//! Points in time as HubSpot writes them: milliseconds since 1970 inside, ISO-8601 on the wire.
//!
//! Deliberately absent: the current time; that is `clock`'s.

pub(crate) const SECOND: i64 = 1_000;
pub(crate) const HOUR: i64 = 3_600 * SECOND;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Year, month and day of a number of days since 1970-01-01 (proleptic Gregorian).
pub(crate) fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

/// Days since 1970-01-01 of a calendar date.
pub(crate) fn days(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + (yoe * 365 + yoe / 4 - yoe / 100 + doy) - 719_468
}

fn two(out: &mut Vec<u8>, n: i64) {
    let n = u8::try_from(n.rem_euclid(100)).expect("below 100");
    out.extend_from_slice(&[b'0' + n / 10, b'0' + n % 10]);
}

/// `2026-03-12`.
pub(crate) fn date(out: &mut Vec<u8>, millis: i64) {
    let (y, m, d) = civil(millis.div_euclid(DAY));
    two(out, y / 100);
    two(out, y);
    out.push(b'-');
    two(out, m);
    out.push(b'-');
    two(out, d);
}

/// `2026-03-12T10:00:00Z`, `2026-03-12T10:00:00.52Z`: trailing zeros of the milliseconds are dropped, as seen live.
pub(crate) fn iso(out: &mut Vec<u8>, millis: i64) {
    date(out, millis);
    let in_day = millis.rem_euclid(DAY);
    out.push(b'T');
    two(out, in_day / HOUR);
    out.push(b':');
    two(out, in_day / 60_000 % 60);
    out.push(b':');
    two(out, in_day / 1_000 % 60);
    let fraction = in_day % 1_000;
    if fraction != 0 {
        let digits = [fraction / 100, fraction / 10 % 10, fraction % 10];
        let len = if digits[2] != 0 { 3 } else { 1 + usize::from(digits[1] != 0) };
        out.push(b'.');
        out.extend(digits[..len].iter().map(|&d| b'0' + u8::try_from(d).expect("one digit")));
    }
    out.push(b'Z');
}

pub(crate) fn iso_text(millis: i64) -> String {
    let mut out = Vec::with_capacity(24);
    iso(&mut out, millis);
    String::from_utf8(out).expect("digits and punctuation")
}

/// `Sat, 21 Nov 2026 23:04:09 GMT`, as the `Date` header wants it.
pub(crate) fn http_date(millis: i64) -> String {
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let day = millis.div_euclid(DAY);
    let (y, m, d) = civil(day);
    let s = millis.rem_euclid(DAY) / SECOND;
    let weekday = WEEKDAYS[usize::try_from(day.rem_euclid(7)).expect("below 7")];
    let month = MONTHS[usize::try_from(m - 1).expect("months count from 1")];
    format!("{weekday}, {d:02} {month} {y:04} {:02}:{:02}:{:02} GMT", s / 3_600, s / 60 % 60, s % 60)
}

/// Reads milliseconds (digits), an ISO date, or an ISO instant with any fraction and `Z` or a numeric offset.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    if text.as_bytes().get(4) != Some(&b'-') || text.as_bytes().get(7) != Some(&b'-') {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let midnight = days(year, month, day) * DAY;
    if text.len() == 10 {
        return Some(midnight);
    }
    let (hour, minute) = (number(11, 13)?, number(14, 16)?);
    let mut rest = text.get(16..)?;
    let mut millis = midnight + hour * HOUR + minute * 60_000;
    if let Some(after) = rest.strip_prefix(':') {
        millis += after.get(..2)?.parse::<i64>().ok()? * SECOND;
        rest = &after[2..];
    }
    if let Some(after) = rest.strip_prefix('.') {
        let len = after.bytes().take_while(u8::is_ascii_digit).count();
        let padded = format!("{:0<3}", &after[..len]);
        millis += padded.get(..3)?.parse::<i64>().ok()?;
        rest = &after[len..];
    }
    match rest {
        "" | "Z" | "z" => Some(millis),
        offset => {
            let sign = if offset.starts_with('-') { -1 } else { 1 };
            let plain: String = offset[1..].chars().filter(char::is_ascii_digit).collect();
            let hours: i64 = plain.get(..2)?.parse().ok()?;
            let minutes: i64 = plain.get(2..4).unwrap_or("00").parse().ok()?;
            Some(millis - sign * (hours * HOUR + minutes * 60_000))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_written_and_read_back() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-03-12T10:00:00Z", 1_773_309_600_000),
            ("2026-03-12T10:00:00.52Z", 1_773_309_600_520),
            ("2026-03-12T10:00:00.007Z", 1_773_309_600_007),
            ("2024-02-29T23:59:59.9Z", 1_709_251_199_900),
        ] {
            assert_eq!(iso_text(millis), text);
            assert_eq!(parse(text), Some(millis));
        }
        assert_eq!(parse("2026-03-12"), Some(1_773_273_600_000));
        assert_eq!(parse("2026-03-12T12:00:00.000+02:00"), Some(1_773_309_600_000));
        assert_eq!(parse("1773309600000"), Some(1_773_309_600_000));
        assert_eq!(parse("yesterday"), None);
        assert_eq!(http_date(1_773_309_600_000), "Thu, 12 Mar 2026 10:00:00 GMT");
    }
}
