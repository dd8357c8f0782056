//! The portal's midnight, at which its day of calls begins anew. Deliberately absent: clocks.

use crm::{Account, Timestamp};
use jiff::{Timestamp as Instant, tz::TimeZone};

/// The portal's next midnight: in its time zone, where this computer knows it; else by the offset that the portal was
/// read with, which a change to or from daylight saving puts out by an hour. None if the portal told neither.
pub fn midnight_after(now: Timestamp, account: &Account) -> Option<Timestamp> {
    let zoned = account.time_zone.as_deref().and_then(|zone| in_zone(now, zone));
    zoned.or_else(|| account.utc_offset_ms.map(|offset| by_offset(now, offset)))
}

fn in_zone(now: Timestamp, zone: &str) -> Option<Timestamp> {
    let zone = TimeZone::get(zone).ok()?;
    let today = zone.to_datetime(Instant::from_millisecond(now.millis()).ok()?).date();
    // Where midnight itself is skipped, the day begins an hour later.
    let midnight = today.tomorrow().ok()?.to_zoned(zone).ok()?;
    Some(Timestamp::from_millis(midnight.timestamp().as_millisecond()))
}

fn by_offset(now: Timestamp, utc_offset_ms: i64) -> Timestamp {
    const DAY: i64 = 86_400_000;
    let local = now.millis() + utc_offset_ms;
    Timestamp::from_millis((local.div_euclid(DAY) + 1) * DAY - utc_offset_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn midnight(now: &str, zone: Option<&str>, offset_hours: Option<i64>) -> Option<Timestamp> {
        let account = Account {
            portal: crm::PortalId(1),
            account_type: None,
            time_zone: zone.map(str::to_owned),
            currency: None,
            utc_offset_ms: offset_hours.map(|hours| hours * 3_600_000),
            ui_domain: None,
            region: None,
        };
        midnight_after(at(now), &account)
    }

    #[test]
    fn the_next_midnight_is_that_of_the_portals_zone_also_when_its_offset_changes() {
        // What was read from the portal is an hour out on purpose wherever the clocks change that day.
        for (now, zone, offset, expected) in [
            // UTC-7 and UTC-8: summer time ends on 2026-11-01 at 02:00, begins on 2027-03-14 at 02:00.
            ("2026-07-01T20:00:00Z", "America/Los_Angeles", -7, "2026-07-02T07:00:00Z"),
            ("2026-11-01T07:30:00Z", "America/Los_Angeles", -7, "2026-11-02T08:00:00Z"),
            ("2027-03-14T08:30:00Z", "America/Los_Angeles", -8, "2027-03-15T07:00:00Z"),
            ("2026-11-01T06:59:59Z", "America/Los_Angeles", -7, "2026-11-01T07:00:00Z"),
            // UTC+12 and UTC+13: summer time begins on 2026-09-27, ends on 2027-04-04.
            ("2026-09-26T12:30:00Z", "Pacific/Auckland", 12, "2026-09-27T11:00:00Z"),
            ("2027-04-03T12:00:00Z", "Pacific/Auckland", 13, "2027-04-04T12:00:00Z"),
            ("2027-01-10T10:59:59Z", "Pacific/Auckland", 13, "2027-01-10T11:00:00Z"),
            ("2026-11-27T10:59:59Z", "Pacific/Apia", 13, "2026-11-27T11:00:00Z"),
            ("2026-11-27T11:00:00Z", "Pacific/Apia", 13, "2026-11-28T11:00:00Z"),
            ("2026-11-27T01:00:00Z", "US/Eastern", -5, "2026-11-27T05:00:00Z"),
            // Half an hour of summer time, and an offset of three quarters.
            ("2026-10-03T14:00:00Z", "Australia/Lord_Howe", 10, "2026-10-04T13:00:00Z"),
            ("2026-11-27T01:00:00Z", "Asia/Kathmandu", 5, "2026-11-27T18:15:00Z"),
        ] {
            assert_eq!(midnight(now, Some(zone), Some(offset)), Some(at(expected)), "{now} in {zone}");
        }
    }

    #[test]
    fn where_midnight_is_skipped_the_day_begins_at_one() {
        // In Beirut the clocks go from 00:00 to 01:00 on 2027-03-28.
        assert_eq!(
            midnight("2027-03-27T12:00:00Z", Some("Asia/Beirut"), None),
            Some(at("2027-03-27T22:00:00Z"))
        );
    }

    #[test]
    fn without_a_known_zone_the_offset_serves() {
        for zone in [None, Some("Mars/Olympus_Mons"), Some("")] {
            let midnight = |offset| midnight("2026-11-21T02:30:00Z", zone, offset);
            assert_eq!(midnight(Some(0)), Some(at("2026-11-22T00:00:00Z")));
            assert_eq!(midnight(Some(-4)), Some(at("2026-11-21T04:00:00Z")));
            assert_eq!(midnight(Some(9)), Some(at("2026-11-21T15:00:00Z")));
            assert_eq!(midnight(None), None);
        }
    }
}
