//! The portal's day: how many of its calls Portside has made, and whether its share of them is used up. Counted from
//! what HubSpot's answers say where they say it, by our own count where not.

use crm::Timestamp;

use crate::{Daily, Pool};

#[derive(Debug, Default)]
pub(crate) struct Day {
    /// When it is over, by HubSpot's clock; none while nobody knows.
    ends: Option<Timestamp>,
    /// Calls of all apps, as the newest answer that says so had it.
    told: Option<Daily>,
    /// Our calls of today before these clients began, as kept runs have it; none while nobody told.
    before: Option<u64>,
    /// The most that they can have been, as the first answer had it.
    before_at_most: u64,
    /// Our calls since.
    ours: u64,
    /// Those of them that read or changed associations, which have a limit of their own.
    associations: u64,
}

/// A used-up share: so many of our calls, of so many that the day has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spent {
    pub(crate) used: u64,
    pub(crate) limit: u64,
}

/// Association calls of a day, by what ten seconds allow (API.md 5.1); none is published for the smallest plan.
fn associations_of_a_day(ten_secondly: Option<u32>) -> Option<u64> {
    match ten_secondly {
        Some(200..) => Some(1_000_000),
        Some(150..) => Some(500_000),
        _ => None,
    }
}

impl Day {
    /// Our calls of today until now, as kept runs have it; they may be some that were counted here.
    pub(crate) fn began_with(&mut self, calls: u64) {
        let before = calls.saturating_sub(self.ours);
        self.before = Some(self.before.map_or(before, |known| known.max(before)));
    }

    /// A call goes. `ends` is the portal's next midnight after `now`.
    pub(crate) fn sent(&mut self, pool: Pool, now: Option<Timestamp>, ends: Option<Timestamp>) {
        self.turn_over(now, ends);
        self.ours += 1;
        self.associations += u64::from(pool == Pool::Associations);
    }

    /// An answer told of the day.
    pub(crate) fn told(&mut self, daily: Daily) {
        // The count only falls at midnight; answers that overtake each other differ by a few calls.
        if self.told.is_some_and(|before| daily.used + 100 < before.used) {
            self.begin();
        }
        // What was used before we first looked may have been ours.
        if self.told.is_none() {
            self.before_at_most = daily.used.saturating_sub(self.ours);
        }
        self.told = Some(daily);
    }

    /// Whether the end of this day is known and still to come.
    pub(crate) fn has_end(&self, now: Option<Timestamp>) -> bool {
        self.ends.is_some_and(|end| now.is_none_or(|now| now < end))
    }

    pub(crate) fn as_told(&self) -> Option<Daily> {
        self.told
    }

    /// Our calls of today.
    pub(crate) fn used(&self) -> u64 {
        self.before.unwrap_or(self.before_at_most) + self.ours
    }

    /// Whether `share` (0 to 1) of the day is used up for calls of this pool. `associations` is what ten seconds allow.
    pub(crate) fn spent(
        &mut self,
        pool: Pool,
        share: f64,
        associations: Option<u32>,
        now: Option<Timestamp>,
    ) -> Option<Spent> {
        self.turn_over(now, None);
        let general = self.told.map(|daily| (self.used(), daily.limit));
        let linked = associations_of_a_day(associations).filter(|_| pool == Pool::Associations);
        let linked = linked.map(|limit| (self.associations, limit));
        let over = |(used, limit): (u64, u64)| {
            (used as f64 >= limit as f64 * share).then_some(Spent { used, limit })
        };
        general.and_then(over).or_else(|| linked.and_then(over))
    }

    fn turn_over(&mut self, now: Option<Timestamp>, ends: Option<Timestamp>) {
        if let (Some(now), Some(end)) = (now, self.ends)
            && now >= end
        {
            self.begin();
            self.ends = None;
        }
        if self.ends.is_none() {
            self.ends = ends;
        }
    }

    fn begin(&mut self) {
        *self = Day { ends: self.ends, before: Some(0), ..Day::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_795_262_400_000);
    const MIDNIGHT: Timestamp = Timestamp(NOON.0 + 12 * 3_600_000);

    fn daily(used: u64) -> Daily {
        Daily { used, limit: 1_000 }
    }

    fn send(day: &mut Day, calls: u64, at: Timestamp) {
        for _ in 0..calls {
            let days = (at.0 - MIDNIGHT.0).div_euclid(86_400_000) + 1;
            day.sent(Pool::General, Some(at), Some(Timestamp(MIDNIGHT.0 + days * 86_400_000)));
        }
    }

    fn is_spent(day: &mut Day, share: f64) -> bool {
        day.spent(Pool::General, share, None, Some(NOON)).is_some()
    }

    #[test]
    fn what_others_use_is_not_ours() {
        let mut day = Day::default();
        send(&mut day, 1, NOON);
        day.told(daily(1));
        send(&mut day, 399, NOON);
        day.told(daily(900));
        assert_eq!(day.used(), 400);
        assert!(!is_spent(&mut day, 0.5));
        send(&mut day, 100, NOON);
        assert_eq!(day.spent(Pool::General, 0.5, None, Some(NOON)), Some(Spent { used: 500, limit: 1_000 }));
        assert!(!is_spent(&mut day, 0.51));
    }

    #[test]
    fn what_was_used_before_we_looked_counts_as_ours_unless_kept_runs_say_otherwise() {
        let mut day = Day::default();
        send(&mut day, 1, NOON);
        day.told(daily(801));
        assert_eq!(day.used(), 801);
        let mut day = Day::default();
        day.began_with(20);
        send(&mut day, 1, NOON);
        day.told(daily(801));
        assert_eq!(day.used(), 21);
    }

    #[test]
    fn no_share_is_used_up_of_a_day_that_nobody_counts() {
        let mut day = Day::default();
        send(&mut day, 5_000, NOON);
        assert!(!is_spent(&mut day, 0.1));
    }

    #[test]
    fn the_day_begins_anew_at_midnight_and_when_hubspots_count_falls() {
        let mut day = Day::default();
        day.told(daily(900));
        send(&mut day, 10, NOON);
        assert!(is_spent(&mut day, 0.9));
        assert_eq!(day.spent(Pool::General, 0.9, None, Some(MIDNIGHT)), None);
        assert_eq!(day.used(), 0);
        day.told(daily(950));
        send(&mut day, 920, MIDNIGHT);
        assert!(day.spent(Pool::General, 0.9, None, Some(MIDNIGHT)).is_some());
        day.told(daily(3));
        assert_eq!(day.used(), 0);
    }

    #[test]
    fn associations_have_a_day_of_their_own_by_our_own_count() {
        let mut day = Day::default();
        for _ in 0..450_000 {
            day.sent(Pool::Associations, Some(NOON), Some(MIDNIGHT));
        }
        let mut spent =
            |pool, ten_secondly| day.spent(pool, 0.9, ten_secondly, Some(NOON)).map(|spent| spent.limit);
        assert_eq!(spent(Pool::Associations, Some(150)), Some(500_000));
        assert_eq!(spent(Pool::General, Some(150)), None);
        assert_eq!(spent(Pool::Associations, Some(200)), None);
        assert_eq!(spent(Pool::Associations, Some(100)), None);
    }

    #[test]
    fn nothing_of_the_day_is_ours_at_a_share_of_nothing() {
        let mut day = Day::default();
        day.began_with(0);
        day.told(daily(1));
        assert!(is_spent(&mut day, 0.0));
    }
}
