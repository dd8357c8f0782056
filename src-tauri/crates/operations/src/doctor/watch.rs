//! Checks of what happens by itself: is the copy looked at as often as it should be, and does anything wait for long?

use crm::ConnectionId;

use super::Finding;
use crate::{
    core::Core,
    pace, status,
    wire::{BackfillStatus, OperationalState, QueueState, WireError},
};

/// How old the copy is, against how often it should be looked at.
pub(super) fn watermark(core: &Core, id: &ConnectionId) -> Result<Finding, WireError> {
    let status = status::of(core, id)?;
    if status.state == OperationalState::Inactive {
        return Ok(Finding::NotApplicable("Disconnected; nothing is fetched any more.".to_owned()));
    }
    if status.hubspot_backfill.status == BackfillStatus::NotStarted {
        return Ok(Finding::NotApplicable("Nothing is copied yet.".to_owned()));
    }
    let stale = [status.state].iter().chain(&status.also).any(|state| *state == OperationalState::Stale);
    Ok(if stale { Finding::Look(status.sentence, None) } else { Finding::Fine(status.schedule.sentence) })
}

/// What could not be read so far.
pub(super) fn queue(core: &Core, id: &ConnectionId) -> Result<Finding, WireError> {
    let diagnostics = status::of(core, id)?.hubspot_diagnostics;
    let waiting = format!("{} wait to be read", pace::grouped(u64::from(diagnostics.queue)));
    Ok(match (diagnostics.queue_state, diagnostics.queue_oldest_at) {
        (QueueState::Empty, _) => Finding::Fine("Nothing waits.".to_owned()),
        (QueueState::BackedUp, Some(since)) => {
            Finding::Look(format!("{waiting}, the oldest since {since}."), None)
        }
        (QueueState::BackedUp | QueueState::Draining, _) => {
            Finding::Fine(format!("{waiting}; they are asked for again."))
        }
    })
}
