//! The state of a connection, by the names of the mission inventory (DIAG-02) and of the life cycle around them. Pure.

use std::time::Duration;

use store::ConnectionState;

use crate::wire::{Code, OperationalState};

/// What the state follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signs {
    pub(crate) life: ConnectionState,
    pub(crate) error: Option<Code>,
    /// The run that is under way.
    pub(crate) running: Option<Doing>,
    pub(crate) paused: bool,
    pub(crate) first_done: bool,
    /// A run was cut and is to go on.
    pub(crate) open: bool,
    pub(crate) cadence: Duration,
    /// Since the last run that copied everything it may.
    pub(crate) good_ago: Option<Duration>,
    /// Nothing holds the schedule back: no pause, no quiet hours, no limit.
    pub(crate) expected: bool,
    /// What could not be read so far.
    pub(crate) queued: u64,
    pub(crate) queued_ago: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Doing {
    pub(crate) first_import: bool,
    /// For a limit, for longer than filling it takes.
    pub(crate) waiting: bool,
    /// Every record is found; what is left is to read what waits.
    pub(crate) found_all: bool,
}

/// A copy that was not looked at for so many cadences is stale.
const STALE_CADENCES: u32 = 3;

/// The states that apply, of the eleven, most urgent first; never none.
pub(crate) fn applying(signs: &Signs) -> Vec<OperationalState> {
    let at_rest = signs.running.is_none();
    let running = |holds: fn(Doing) -> bool| signs.running.is_some_and(holds);
    let is_limit = |code| matches!(code, Code::DailyLimit | Code::DailyShare | Code::RateLimited);
    let old = signs.good_ago.is_none_or(|ago| ago > signs.cadence * STALE_CADENCES);
    let all = [
        (OperationalState::AuthError, signs.life == ConnectionState::Revoked),
        (OperationalState::SetupError, signs.life == ConnectionState::PendingSetup && signs.error.is_some()),
        (OperationalState::Error, at_rest && is_up(signs) && signs.error.is_some_and(|code| !is_limit(code))),
        (
            OperationalState::RateLimited,
            running(|doing| doing.waiting) || (at_rest && is_up(signs) && signs.error.is_some_and(is_limit)),
        ),
        (OperationalState::QueueBackedUp, signs.queued_ago.is_some_and(|ago| ago > signs.cadence)),
        (OperationalState::Backfilling, running(|doing| doing.first_import)),
        (
            OperationalState::DrainingQueue,
            signs.queued > 0 && (at_rest || running(|doing| doing.found_all && !doing.first_import)),
        ),
        (OperationalState::Syncing, running(|doing| !doing.first_import)),
        (
            OperationalState::Stale,
            at_rest
                && is_up(signs)
                && (!signs.first_done || signs.open && !signs.paused || old && signs.expected),
        ),
    ];
    let found: Vec<OperationalState> =
        all.into_iter().filter(|(_, applies)| *applies).map(|(state, _)| state).collect();
    if found.is_empty() { vec![OperationalState::Active] } else { found }
}

fn is_up(signs: &Signs) -> bool {
    signs.life == ConnectionState::Active
}

/// The one that is shown: the life cycle comes first, then a pause of what would be fine.
pub(crate) fn shown(signs: &Signs, applying: &[OperationalState]) -> OperationalState {
    let first = applying.first().copied().unwrap_or(OperationalState::Active);
    match signs.life {
        ConnectionState::Inactive => OperationalState::Inactive,
        ConnectionState::PendingSetup if signs.error.is_none() => OperationalState::PendingSetup,
        ConnectionState::Active
            if signs.paused
                && signs.running.is_none()
                && matches!(
                    first,
                    OperationalState::Active | OperationalState::Stale | OperationalState::DrainingQueue
                ) =>
        {
            OperationalState::Paused
        }
        _ => first,
    }
}

/// The same for the inventory, which knows no pause.
pub(crate) fn inventory(signs: &Signs, applying: &[OperationalState]) -> OperationalState {
    shown(&Signs { paused: false, ..*signs }, applying)
}

#[cfg(test)]
mod tests {
    use super::*;
    use OperationalState as S;

    const MINUTE: Duration = Duration::from_mins(1);

    /// Copied, looked at a minute ago, nothing under way.
    const FINE: Signs = Signs {
        life: ConnectionState::Active,
        error: None,
        running: None,
        paused: false,
        first_done: true,
        open: false,
        cadence: Duration::from_mins(15),
        good_ago: Some(MINUTE),
        expected: true,
        queued: 0,
        queued_ago: None,
    };
    const DOING: Doing = Doing { first_import: false, waiting: false, found_all: false };

    fn doing(change: fn(&mut Doing)) -> Doing {
        let mut doing = DOING;
        change(&mut doing);
        doing
    }

    #[test]
    fn every_state_has_its_signs_and_the_most_urgent_is_first() {
        let life = |life| Signs { life, ..FINE };
        let error = |code| Signs { error: Some(code), ..FINE };
        let old = Signs { good_ago: Some(46 * MINUTE), ..FINE };
        let cases: [(&str, Signs, &[S]); 22] = [
            ("fine", FINE, &[S::Active]),
            ("ended by HubSpot", life(ConnectionState::Revoked), &[S::AuthError]),
            (
                "setup failed",
                Signs { error: Some(Code::ExchangeFailed), ..life(ConnectionState::PendingSetup) },
                &[S::SetupError],
            ),
            ("stopped", error(Code::Offline), &[S::Error]),
            (
                "stopped long ago",
                Signs { good_ago: Some(46 * MINUTE), ..error(Code::Offline) },
                &[S::Error, S::Stale],
            ),
            ("daily limit", error(Code::DailyLimit), &[S::RateLimited]),
            ("asked to slow down", error(Code::RateLimited), &[S::RateLimited]),
            ("trying again", Signs { running: Some(DOING), ..error(Code::Offline) }, &[S::Syncing]),
            ("running", Signs { running: Some(DOING), ..FINE }, &[S::Syncing]),
            (
                "running, waiting",
                Signs { running: Some(doing(|doing| doing.waiting = true)), ..FINE },
                &[S::RateLimited, S::Syncing],
            ),
            (
                "first import",
                Signs {
                    running: Some(doing(|doing| doing.first_import = true)),
                    first_done: false,
                    good_ago: None,
                    ..FINE
                },
                &[S::Backfilling],
            ),
            (
                "first import, waiting",
                Signs {
                    running: Some(doing(|doing| (doing.first_import, doing.waiting) = (true, true))),
                    first_done: false,
                    ..FINE
                },
                &[S::RateLimited, S::Backfilling],
            ),
            (
                "first import cut",
                Signs { first_done: false, open: true, good_ago: None, ..FINE },
                &[S::Stale],
            ),
            ("a sync cut", Signs { open: true, ..FINE }, &[S::Stale]),
            ("old", old, &[S::Stale]),
            ("three cadences", Signs { good_ago: Some(45 * MINUTE), ..FINE }, &[S::Active]),
            ("old, but in quiet hours", Signs { expected: false, ..old }, &[S::Active]),
            ("some wait", Signs { queued: 3, queued_ago: Some(MINUTE), ..FINE }, &[S::DrainingQueue]),
            (
                "some wait for long",
                Signs { queued: 3, queued_ago: Some(16 * MINUTE), ..FINE },
                &[S::QueueBackedUp, S::DrainingQueue],
            ),
            (
                "some wait while it is looked for more",
                Signs { queued: 3, queued_ago: Some(MINUTE), running: Some(DOING), ..FINE },
                &[S::Syncing],
            ),
            (
                "only what waits is left",
                Signs {
                    queued: 3,
                    queued_ago: Some(MINUTE),
                    running: Some(doing(|doing| doing.found_all = true)),
                    ..FINE
                },
                &[S::DrainingQueue, S::Syncing],
            ),
            ("paused and old", Signs { paused: true, expected: false, ..old }, &[S::Active]),
        ];
        for (what, signs, expected) in cases {
            assert_eq!(applying(&signs), expected, "{what}");
        }
    }

    #[test]
    fn the_life_cycle_and_a_pause_are_shown_and_the_inventory_knows_no_pause() {
        let both = |signs: &Signs| {
            let applying = applying(signs);
            (shown(signs, &applying), inventory(signs, &applying))
        };
        let paused = Signs { paused: true, ..FINE };
        assert_eq!(both(&paused), (S::Paused, S::Active));
        assert_eq!(both(&Signs { first_done: false, open: true, ..paused }), (S::Paused, S::Stale));
        assert_eq!(both(&Signs { error: Some(Code::Offline), ..paused }), (S::Error, S::Error));
        assert_eq!(both(&Signs { life: ConnectionState::Revoked, ..paused }), (S::AuthError, S::AuthError));
        let inactive = Signs { life: ConnectionState::Inactive, good_ago: None, ..FINE };
        assert_eq!(both(&inactive), (S::Inactive, S::Inactive));
        let setup = Signs { life: ConnectionState::PendingSetup, ..FINE };
        assert_eq!(both(&setup), (S::PendingSetup, S::PendingSetup));
    }
}
