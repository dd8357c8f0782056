//! Words for how long something still takes, steady enough to be read. Pure.

use std::time::Duration;

/// The estimate that is shown now; it moves only when it has to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pace {
    shown: Option<(Duration, Duration)>,
}

/// Nothing is promised before this much has run, or below two percent.
const TRUSTED_AFTER: Duration = Duration::from_secs(20);
const REFRESHED_EVERY: Duration = Duration::from_secs(5);

impl Pace {
    /// `ran` is the time since the start; `left` units remain at `rate` units a second.
    pub(crate) fn left(
        &mut self,
        ran: Duration,
        left: u64,
        rate: Option<f64>,
        percent: u32,
    ) -> Option<Duration> {
        let rate = rate.filter(|rate| *rate > 0.0)?;
        if ran < TRUSTED_AFTER || percent < 2 || left == 0 {
            return None;
        }
        let fresh = Duration::from_secs_f64((left as f64 / rate).min(1e8));
        match self.shown {
            Some((at, shown)) => {
                let passed = ran.saturating_sub(at);
                let expected = shown.saturating_sub(passed);
                let moved = fresh.abs_diff(expected).as_secs_f64() > expected.as_secs_f64() * 0.1;
                if passed < REFRESHED_EVERY || !moved {
                    return Some(expected);
                }
                self.shown = Some((ran, fresh));
            }
            None => self.shown = Some((ran, fresh)),
        }
        Some(fresh)
    }
}

/// "less than a minute", "about 9 min" (1 to 10 by 1, to 60 by 5), "about 2 h 10 min".
pub(crate) fn about(left: Duration) -> String {
    let minutes = (left.as_secs() + 30) / 60;
    match minutes {
        0 => "less than a minute".to_owned(),
        1..=10 => format!("about {minutes} min"),
        11..=59 => format!("about {} min", (minutes + 2) / 5 * 5),
        _ => {
            let (hours, rest) = (minutes / 60, minutes % 60 / 10 * 10);
            if rest == 0 { format!("about {hours} h") } else { format!("about {hours} h {rest} min") }
        }
    }
}

/// "21 s", "4 min 10 s", "2 h 5 min".
pub(crate) fn took(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{} ms", time.as_millis()),
        1..60 => format!("{seconds} s"),
        60..3600 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// 1234567 as "1,234,567".
pub(crate) fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn durations_are_said_as_people_say_them() {
        let cases = [
            (10, "less than a minute"),
            (45, "about 1 min"),
            (560, "about 9 min"),
            (720, "about 10 min"),
            (2_000, "about 35 min"),
            (7_800, "about 2 h 10 min"),
            (7_260, "about 2 h"),
        ];
        for (left, said) in cases {
            assert_eq!(about(seconds(left)), said, "{left} s");
        }
        assert_eq!(
            (grouped(0), grouped(999), grouped(1_234_567)),
            ("0".into(), "999".into(), "1,234,567".into())
        );
        assert_eq!(
            (took(seconds(21)), took(seconds(250)), took(seconds(7_500))),
            ("21 s".into(), "4 min 10 s".into(), "2 h 5 min".into())
        );
    }

    #[test]
    fn an_estimate_waits_until_it_can_be_trusted_and_then_hardly_moves() {
        let mut pace = Pace::default();
        assert_eq!(pace.left(seconds(5), 1_000, Some(10.0), 50), None, "too early");
        assert_eq!(pace.left(seconds(30), 1_000, Some(10.0), 1), None, "too little done");
        assert_eq!(pace.left(seconds(30), 1_000, None, 50), None, "no rate");
        assert_eq!(pace.left(seconds(30), 1_000, Some(10.0), 50), Some(seconds(100)));
        assert_eq!(
            pace.left(seconds(31), 1_000, Some(5.0), 50),
            Some(seconds(99)),
            "not within five seconds"
        );
        assert_eq!(pace.left(seconds(40), 920, Some(10.0), 50), Some(seconds(90)), "not for two percent");
        assert_eq!(pace.left(seconds(41), 1_000, Some(5.0), 50), Some(seconds(200)), "for a real change");
    }
}
