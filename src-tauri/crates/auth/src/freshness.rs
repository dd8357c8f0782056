//! How old a token is, and what follows from that: the whole rule, with no clock of its own. A computer's wall clock may
//! be set and its other clock stands still while it sleeps, so the larger of both spans counts; where they contradict
//! each other, nothing is known, and a new token costs little.

use std::time::Duration;

use crm::Timestamp;

use crate::Clock;

/// A tenth of a token's life before its end it is replaced, and not earlier than this.
const MARGIN_MAX: Duration = Duration::from_mins(3);
/// Small corrections of a wall clock are everyday.
const WALL_TOLERANCE: Duration = Duration::from_secs(30);

/// A moment, on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) wall: Timestamp,
    pub(crate) monotonic: Duration,
}

impl Moment {
    pub(crate) fn now(clock: &dyn Clock) -> Moment {
        Moment { wall: clock.wall(), monotonic: clock.monotonic() }
    }
}

/// A token's life: how old it was when it came here, when that was, and how old it gets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Life {
    /// `None`: it says that it is from the future.
    age: Option<Duration>,
    here: Moment,
    whole: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Fresh,
    /// To be replaced, good until then.
    Due,
    /// Nobody knows; it may be good.
    Unknown,
    Expired,
}

impl Standing {
    pub(crate) fn may_be_good(self) -> bool {
        self != Standing::Expired
    }
}

impl Life {
    pub(crate) fn begun(now: Moment, whole: Duration) -> Life {
        Life { age: Some(Duration::ZERO), here: now, whole }
    }

    /// Of a token that was obtained by another process, or before this one was started.
    pub(crate) fn remembered(obtained: Timestamp, now: Moment, whole: Duration) -> Life {
        let age = now.wall.millis() - obtained.millis();
        let age = u64::try_from(age).ok().map(Duration::from_millis);
        Life { age, here: now, whole }
    }

    pub(crate) fn standing(&self, now: Moment) -> Standing {
        let Some(age) = self.age else { return Standing::Unknown };
        let ran = now.monotonic.saturating_sub(self.here.monotonic);
        let wall = now.wall.millis() - self.here.wall.millis();
        let walked = u64::try_from(wall).map_or(Duration::ZERO, Duration::from_millis);
        let elapsed = age + ran.max(walked);
        let Some(left) = self.whole.checked_sub(elapsed).filter(|left| !left.is_zero()) else {
            return Standing::Expired;
        };
        let set_back = walked + WALL_TOLERANCE < ran || wall < 0 && walked + WALL_TOLERANCE < millis(-wall);
        if set_back {
            Standing::Unknown
        } else if left <= (self.whole / 10).min(MARGIN_MAX) {
            Standing::Due
        } else {
            Standing::Fresh
        }
    }
}

fn millis(count: i64) -> Duration {
    Duration::from_millis(u64::try_from(count).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF_HOUR: Duration = Duration::from_mins(30);

    fn at(wall: i64, monotonic: u64) -> Moment {
        Moment {
            wall: Timestamp::from_millis(1_800_000_000_000 + wall * 1000),
            monotonic: Duration::from_secs(monotonic),
        }
    }

    #[test]
    fn a_token_is_due_when_a_tenth_of_its_life_is_left_at_most_three_minutes() {
        for (life, due, expired) in [(1800, 1620, 1800), (36000, 35820, 36000), (60, 54, 60), (10, 9, 10)] {
            let token = Life::begun(at(0, 0), Duration::from_secs(life));
            let stands = |second: u64| token.standing(at(second.cast_signed(), second));
            assert_eq!(stands(0), Standing::Fresh);
            assert_eq!(stands(due - 1), Standing::Fresh, "{life}");
            assert_eq!(stands(due), Standing::Due, "{life}");
            assert_eq!(stands(expired - 1), Standing::Due, "{life}");
            assert_eq!(stands(expired), Standing::Expired, "{life}");
        }
    }

    #[test]
    fn sleep_counts_though_one_clock_stood_still() {
        let token = Life::begun(at(0, 0), HALF_HOUR);
        assert_eq!(token.standing(at(8 * 3600, 5)), Standing::Expired);
        assert_eq!(token.standing(at(1700, 5)), Standing::Due);
    }

    #[test]
    fn a_clock_set_forward_only_costs_a_refresh() {
        assert_eq!(Life::begun(at(0, 0), HALF_HOUR).standing(at(86_400, 1)), Standing::Expired);
    }

    #[test]
    fn a_clock_set_back_makes_the_age_unknown_and_never_younger() {
        let token = Life::begun(at(0, 0), HALF_HOUR);
        assert_eq!(token.standing(at(-3600, 10)), Standing::Unknown);
        assert_eq!(token.standing(at(0, 600)), Standing::Unknown);
        assert_eq!(token.standing(at(-3600, 1800)), Standing::Expired);
        assert_eq!(token.standing(at(-5, 10)), Standing::Fresh, "a small correction");
    }

    #[test]
    fn a_remembered_token_is_as_old_as_it_says_unless_it_says_tomorrow() {
        let obtained = |ago: i64| at(-ago, 0).wall;
        let remembered = |ago| Life::remembered(obtained(ago), at(0, 7), HALF_HOUR);
        assert_eq!(remembered(10).standing(at(0, 7)), Standing::Fresh);
        assert_eq!(remembered(1000).standing(at(620, 627)), Standing::Due);
        assert_eq!(remembered(1801).standing(at(0, 7)), Standing::Expired);
        assert_eq!(remembered(-60).standing(at(0, 7)), Standing::Unknown);
        assert_eq!(remembered(-60).standing(at(9000, 9007)), Standing::Unknown);
    }
}
