//! HubSpot's clock, read from Date headers. Deliberately absent: this computer's clock, which may be wrong.

use std::time::{Duration, Instant};

use crm::Timestamp;

/// The newest Date header, and when it came.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ServerClock(Option<(Timestamp, Instant)>);

/// Date headers count whole seconds, and answers overtake each other.
const GRAIN: Duration = Duration::from_secs(2);

impl ServerClock {
    pub(crate) fn heard(&mut self, date: Timestamp, now: Instant) {
        // A header that merely confirms the running clock must not set it back by a fraction of a second.
        let confirms = self.at(now).is_some_and(|ours| date <= ours && date >= ours.minus(GRAIN));
        if !confirms {
            self.0 = Some((date, now));
        }
    }

    pub(crate) fn at(&self, now: Instant) -> Option<Timestamp> {
        self.0.map(|(date, heard)| date.plus(now.saturating_duration_since(heard)))
    }
}

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, the one form HTTP servers write.
pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.trim().split_once(", ")?;
    let parts: Vec<&str> = rest.split(' ').collect();
    let [day, month, year, time, "GMT"] = parts[..] else { return None };
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    format!("{year}-{month:02}-{day}T{time}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_dates_are_read_and_nothing_else() {
        let read = |text| http_date(text).map(|time| time.to_string());
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT").as_deref(), Some("1994-11-06T08:49:37.000Z"));
        assert_eq!(read("Sat, 21 Nov 2026 00:00:00 GMT").as_deref(), Some("2026-11-21T00:00:00.000Z"));
        for bad in
            ["", "yesterday", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 6 Foo 1994 08:49:37 GMT", "1994-11-06"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_clock_runs_on_between_answers_and_is_not_set_back_by_rounding() {
        let start = Instant::now();
        let seconds = Duration::from_secs;
        let date = |s: i64| Timestamp::from_millis(1_800_000_000_000 + s * 1000);
        let mut clock = ServerClock::default();
        assert_eq!(clock.at(start), None);
        clock.heard(date(0), start);
        assert_eq!(clock.at(start + seconds(10)), Some(date(10)));
        clock.heard(date(9), start + seconds(10));
        assert_eq!(clock.at(start + seconds(10)), Some(date(10)));
        clock.heard(date(30), start + seconds(10));
        assert_eq!(clock.at(start + seconds(11)), Some(date(31)));
        clock.heard(date(5), start + seconds(12));
        assert_eq!(clock.at(start + seconds(12)), Some(date(5)), "a clock that was wrong is corrected");
    }
}
