//! What follows an attempt: the whole policy, with no clock, no network and no chance. Jitter is added by the caller,
//! and which pool has to wait is decided in `pool`.

use std::time::Duration;

/// How patient the client is with failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The first pause after a failure; it doubles with each further one.
    pub pause_base: Duration,
    /// How often a call is tried before its failure is the answer. Waiting for a limit does not count.
    pub attempts_max: u32,
}

impl Default for RetryPolicy {
    fn default() -> RetryPolicy {
        RetryPolicy { pause_base: Duration::from_secs(1), attempts_max: 6 }
    }
}

impl RetryPolicy {
    /// How long a call that is not answered is tried, in all its pauses.
    pub fn patience(&self) -> Duration {
        (1..self.attempts_max.min(100)).map(|attempt| doubled(self.pause_base, attempt - 1)).sum()
    }
}

/// The longest single pause after a failure.
pub const PAUSE_MAX: Duration = Duration::from_secs(30);
/// How long one call waits for limits, in all.
pub const LIMIT_PATIENCE: Duration = Duration::from_mins(10);
/// How long one call waits for an account that is being moved, in all.
pub const MOVE_PATIENCE: Duration = Duration::from_mins(1);
/// An answer that was not JSON is asked for again this often: it is rarely a truncation that nobody noticed.
pub const MALFORMED_RETRIES: u32 = 2;
/// A call outlives this many expiries of good tokens: more than there can be while it waits for its limits.
pub const EXPIRIES_MAX: u32 = 40;
/// And this many fresh tokens in a row that have expired before anybody could use them.
pub const STILLBORN_MAX: u32 = 4;
const LOCKED_PAUSE: Duration = Duration::from_secs(2);

/// Which limit a 429 speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// So many calls in ten seconds, rolling.
    TenSecondly,
    /// So many calls in one second.
    Secondly,
    Daily,
    /// The answer does not say.
    Unnamed,
}

impl Limit {
    /// HubSpot's own client knows the search limit by its text alone, so the text counts as well.
    pub fn read(policy_name: Option<&str>, message: Option<&str>) -> Limit {
        let policy = policy_name.unwrap_or_default().to_ascii_uppercase();
        let message = message.unwrap_or_default().to_ascii_lowercase();
        if policy.contains("DAILY") || message.contains("daily limit") {
            Limit::Daily
        } else if policy.contains("TEN_SECONDLY") || message.contains("ten_secondly") {
            Limit::TenSecondly
        } else if policy.contains("SECONDLY") || message.contains("secondly limit") {
            Limit::Secondly
        } else {
            Limit::Unnamed
        }
    }
}

/// How an attempt ended, if it did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Status {
        code: u16,
        retry_after: Option<Duration>,
        limit: Limit,
    },
    /// 401. `worked`: the token has been good before, so that it has expired since; `expired`: HubSpot says so.
    Rejected {
        worked: bool,
        expired: bool,
    },
    /// No answer, or only a part of one.
    Lost,
    /// The other side could not prove who it is: it will not be able to in a second either.
    Untrusted,
    /// A whole answer that could not be read.
    Malformed,
}

impl Answer {
    /// Whether HubSpot was well enough to read the request: it refused it, or wants it later.
    pub fn is_healthy(&self) -> bool {
        match *self {
            Answer::Status { code, .. } => code < 500 && code != 408,
            Answer::Rejected { .. } => true,
            Answer::Lost | Answer::Untrusted | Answer::Malformed => false,
        }
    }
}

/// What one call has been through so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tried {
    pub failures: u32,
    pub malformed: u32,
    pub refusals_429: u32,
    pub waited_for_limits: Duration,
    pub waited_for_move: Duration,
    /// Fresh tokens asked for because one had expired.
    pub expiries: u32,
    /// Fresh tokens asked for because one was refused that had never been good.
    pub rejections: u32,
    /// No call of this kind has been answered for longer than one is tried.
    pub silent: bool,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Get a fresh token, then try once more.
    Refresh,
    /// Pause, then try again.
    Pause(Duration),
    /// Wait for the limit at least this long, then try again. Not a failure.
    WaitForLimit(Duration),
    WaitForMove(Duration),
    GiveUp,
}

pub fn after(tried: &Tried, answer: &Answer, policy: &RetryPolicy) -> Next {
    match *answer {
        Answer::Rejected { worked: true, .. } if tried.expiries < EXPIRIES_MAX => Next::Refresh,
        Answer::Rejected { worked: false, expired } if tried.rejections < patience_with(expired) => {
            Next::Refresh
        }
        Answer::Status { code: 429, limit: Limit::Daily, .. } => Next::GiveUp,
        Answer::Status { code: 429, retry_after, .. } => for_limit(tried, retry_after),
        Answer::Status { code: 477, retry_after, .. } => for_move(tried, retry_after),
        Answer::Status { code: 423, retry_after, .. } => {
            failure(tried, policy, retry_after.unwrap_or_default().max(LOCKED_PAUSE))
        }
        // HubSpot's edge answers 530 to a token that it cannot read: once more, in case the edge itself was ill.
        Answer::Status { code: 530, .. } if tried.failures >= 1 => Next::GiveUp,
        Answer::Status { code: 408 | 500.., retry_after, .. } => {
            failure(tried, policy, retry_after.unwrap_or_default())
        }
        Answer::Status { .. } | Answer::Rejected { .. } | Answer::Untrusted => Next::GiveUp,
        Answer::Lost => failure(tried, policy, Duration::ZERO),
        Answer::Malformed if tried.malformed >= MALFORMED_RETRIES => Next::GiveUp,
        Answer::Malformed => Next::Pause(doubled(policy.pause_base, tried.malformed)),
    }
}

/// A pause that grows with each failure, at least as long as was asked for.
fn failure(tried: &Tried, policy: &RetryPolicy, at_least: Duration) -> Next {
    if tried.silent || tried.failures + 1 >= policy.attempts_max || at_least > MOVE_PATIENCE {
        return Next::GiveUp;
    }
    let base = policy.pause_base.max(at_least.min(LOCKED_PAUSE));
    Next::Pause(doubled(base, tried.failures).max(at_least))
}

/// A fresh token that is refused as no token at all will not be better next time.
fn patience_with(expired: bool) -> u32 {
    if expired { STILLBORN_MAX } else { 1 }
}

fn for_limit(tried: &Tried, retry_after: Option<Duration>) -> Next {
    // Where a window rules, the pool itself waits until the oldest call has left it; this is the least.
    let wait = retry_after.unwrap_or(Duration::from_secs(1) * (tried.refusals_429 + 1).min(10));
    if tried.waited_for_limits + wait > LIMIT_PATIENCE { Next::GiveUp } else { Next::WaitForLimit(wait) }
}

fn for_move(tried: &Tried, retry_after: Option<Duration>) -> Next {
    let wait = retry_after.unwrap_or(Duration::from_secs(10)).max(Duration::from_secs(1));
    if tried.waited_for_move + wait > MOVE_PATIENCE { Next::GiveUp } else { Next::WaitForMove(wait) }
}

fn doubled(base: Duration, times: u32) -> Duration {
    base.saturating_mul(2_u32.saturating_pow(times.min(10))).min(PAUSE_MAX.max(base))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy { pause_base: Duration::from_millis(100), attempts_max: 4 };

    fn status(code: u16) -> Answer {
        Answer::Status { code, retry_after: None, limit: Limit::Unnamed }
    }

    fn limited(limit: Limit, retry_after: Option<u64>) -> Answer {
        Answer::Status { code: 429, retry_after: retry_after.map(Duration::from_secs), limit }
    }

    fn failed(failures: u32) -> Tried {
        Tried { failures, ..Tried::default() }
    }

    #[test]
    fn each_answer_has_one_consequence() {
        let fresh = Tried::default();
        let silent = Tried { silent: true, ..fresh };
        let refreshed = |rejections| Tried { rejections, ..fresh };
        let rejected = |worked, expired| Answer::Rejected { worked, expired };
        let seconds = Duration::from_secs;
        let pause = |millis| Next::Pause(Duration::from_millis(millis));
        let moving =
            |after| Answer::Status { code: 477, retry_after: Some(seconds(after)), limit: Limit::Unnamed };
        let told =
            |code, after| Answer::Status { code, retry_after: Some(seconds(after)), limit: Limit::Unnamed };
        let rows: &[(&str, Tried, Answer, Next)] = &[
            ("a 401 asks for a fresh token", fresh, rejected(false, false), Next::Refresh),
            ("one to the fresh token is final", refreshed(1), rejected(false, false), Next::GiveUp),
            ("unless it says expired", refreshed(1), rejected(false, true), Next::Refresh),
            ("a few times", refreshed(STILLBORN_MAX), rejected(false, true), Next::GiveUp),
            ("a token that worked has expired", refreshed(1), rejected(true, false), Next::Refresh),
            (
                "which happens again and again",
                Tried { expiries: EXPIRIES_MAX - 1, ..fresh },
                rejected(true, true),
                Next::Refresh,
            ),
            (
                "though not for ever",
                Tried { expiries: EXPIRIES_MAX, ..fresh },
                rejected(true, true),
                Next::GiveUp,
            ),
            ("of a silent kind one failure is enough", silent, status(503), Next::GiveUp),
            ("also one without an answer", silent, Answer::Lost, Next::GiveUp),
            ("403 is final", fresh, status(403), Next::GiveUp),
            ("404 is final", fresh, status(404), Next::GiveUp),
            ("409 is final", fresh, status(409), Next::GiveUp),
            ("414 is final", fresh, status(414), Next::GiveUp),
            ("400 is final", fresh, status(400), Next::GiveUp),
            ("a redirect is final", fresh, status(302), Next::GiveUp),
            ("a 500 pauses", fresh, status(500), pause(100)),
            ("a second 502 pauses twice as long", failed(1), status(502), pause(200)),
            ("a third 524 four times", failed(2), status(524), pause(400)),
            ("the last attempt's 503 is final", failed(3), status(503), Next::GiveUp),
            ("a 503 that names its pause gets it", fresh, told(503, 5), Next::Pause(seconds(5))),
            ("a 503 that names an hour is final", fresh, told(503, 3600), Next::GiveUp),
            ("408 pauses", fresh, status(408), pause(100)),
            ("a cut connection pauses", fresh, Answer::Lost, pause(100)),
            ("the last attempt's cut is final", failed(3), Answer::Lost, Next::GiveUp),
            ("a bad certificate is final", fresh, Answer::Untrusted, Next::GiveUp),
            ("a locked record waits two seconds", fresh, status(423), Next::Pause(seconds(2))),
            ("then four", failed(1), status(423), Next::Pause(seconds(4))),
            ("an unreadable token is tried once more", fresh, status(530), pause(100)),
            ("and no more", failed(1), status(530), Next::GiveUp),
            ("a malformed answer is asked for again", fresh, Answer::Malformed, pause(100)),
            ("twice", Tried { malformed: 1, ..fresh }, Answer::Malformed, pause(200)),
            ("not three times", Tried { malformed: 2, ..fresh }, Answer::Malformed, Next::GiveUp),
            ("the daily limit ends the call", fresh, limited(Limit::Daily, None), Next::GiveUp),
            ("even when it names a pause", fresh, limited(Limit::Daily, Some(5)), Next::GiveUp),
            ("a burst limit waits", fresh, limited(Limit::TenSecondly, None), Next::WaitForLimit(seconds(1))),
            (
                "Retry-After is obeyed",
                fresh,
                limited(Limit::Unnamed, Some(7)),
                Next::WaitForLimit(seconds(7)),
            ),
            (
                "the search limit waits a second for each refusal",
                Tried { refusals_429: 2, ..fresh },
                limited(Limit::Secondly, None),
                Next::WaitForLimit(seconds(3)),
            ),
            (
                "waiting does not use up attempts",
                Tried { failures: 3, refusals_429: 50, ..fresh },
                limited(Limit::TenSecondly, Some(1)),
                Next::WaitForLimit(seconds(1)),
            ),
            (
                "but patience ends",
                Tried { waited_for_limits: LIMIT_PATIENCE, ..fresh },
                limited(Limit::TenSecondly, None),
                Next::GiveUp,
            ),
            ("a move is waited for", fresh, moving(20), Next::WaitForMove(seconds(20))),
            ("up to a minute", fresh, moving(61), Next::GiveUp),
            ("in all", Tried { waited_for_move: seconds(50), ..fresh }, moving(20), Next::GiveUp),
        ];
        for (name, tried, answer, next) in rows {
            assert_eq!(after(tried, answer, &POLICY), *next, "{name}");
        }
    }

    #[test]
    fn no_pause_grows_beyond_its_bound() {
        let patient = RetryPolicy { pause_base: Duration::from_secs(1), attempts_max: u32::MAX };
        for failures in [5, 10, 100, 1_000_000] {
            assert_eq!(after(&failed(failures), &Answer::Lost, &patient), Next::Pause(PAUSE_MAX));
        }
    }

    #[test]
    fn a_limit_is_known_by_its_policy_or_by_its_text() {
        let rows = [
            (Some("DAILY"), None, Limit::Daily),
            (None, Some("You have reached your daily limit."), Limit::Daily),
            (Some("TEN_SECONDLY_ROLLING"), None, Limit::TenSecondly),
            (None, Some("You have reached your ten_secondly_rolling limit."), Limit::TenSecondly),
            (Some("SECONDLY"), None, Limit::Secondly),
            (None, Some("You have reached your secondly limit."), Limit::Secondly),
            (None, Some("slow down"), Limit::Unnamed),
            (None, None, Limit::Unnamed),
        ];
        for (policy, message, limit) in rows {
            assert_eq!(Limit::read(policy, message), limit, "{policy:?} {message:?}");
        }
    }
}
