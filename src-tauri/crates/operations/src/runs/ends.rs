//! What a run's end means for its connection: its state, its last error, when the daily limit is lifted, and the troubles
//! that stay until they are over.

use std::sync::Arc;

use crm::ConnectionId;
use store::{Connection, ConnectionState};
use sync::{Outcome, Stop, StreamReport, StreamState};

use crate::{
    core::{Core, clock},
    errors, scopes,
    wire::{Code, WireError},
};

/// Keeps what came of a run.
pub(crate) async fn settle(core: &Core, id: &ConnectionId, outcome: &Arc<Outcome>) {
    let (wanted, outcome) = (id.clone(), Arc::clone(outcome));
    let settled = core.blocking(move |core| kept(core, &wanted, &outcome)).await;
    if let Err(error) = settled {
        tracing::error!(connection = %id, code = ?error.code, detail = error.technical, "a run's end could not be kept");
    }
}

fn kept(core: &Core, id: &ConnectionId, outcome: &Outcome) -> Result<(), WireError> {
    let app = &core.0.app;
    let Some(mut connection) = app.connection(id).map_err(|error| errors::store(&error))? else {
        return Ok(());
    };
    if connection.state == ConnectionState::Inactive {
        return Ok(());
    }
    let error = match &outcome.stop {
        None => None,
        Some(Stop::Cancelled) => return Ok(()),
        Some(Stop::DailyLimit { share, .. }) => Some(super::day_used_up(*share)),
        Some(Stop::Failed(error)) => Some(errors::sync(error)),
    };
    match &error {
        None => connection.state = ConnectionState::Active,
        Some(error) if ends_connection(error.code) => connection.state = ConnectionState::Revoked,
        Some(_) => {}
    }
    connection.last_error = error.as_ref().map(errors::kept);
    app.put_connection(&connection).map_err(|error| errors::store(&error))?;
    let resumes_at = match &outcome.stop {
        Some(Stop::DailyLimit { resumes_at, .. }) => *resumes_at,
        _ => None,
    };
    app.put_resumes_at(id, resumes_at).map_err(|error| errors::store(&error))?;
    match &error {
        Some(error) => keep(core, id, "", error)?,
        None => app.resolve_errors(id, "", None, clock()).map_err(|error| errors::store(&error))?,
    }
    outcome.streams.iter().try_for_each(|stream| of_stream(core, &connection, stream))
}

/// Only somebody who reconnects can end this.
fn ends_connection(code: Code) -> bool {
    matches!(
        code,
        Code::AuthExpired
            | Code::TokenFormat
            | Code::AppUninstalled
            | Code::AccountGone
            | Code::ClientSecretChanged
    )
}

/// One type's trouble stays its own, and is over when the type is copied.
fn of_stream(core: &Core, connection: &Connection, stream: &StreamReport) -> Result<(), WireError> {
    let object = stream.object.as_str();
    let code = match stream.state {
        // Nobody waits for it any more.
        _ if stream.left_out => {
            let resolved = core.0.app.resolve_errors(&connection.id, object, None, clock());
            return resolved.map_err(|error| errors::store(&error));
        }
        StreamState::Skipped => Code::MissingScope,
        StreamState::Failed => Code::HubspotTrouble,
        StreamState::Done => {
            let resolved = core.0.app.resolve_errors(&connection.id, object, None, clock());
            return resolved.map_err(|error| errors::store(&error));
        }
        _ => return Ok(()),
    };
    let reason = scopes::why_skipped(connection, &stream.missing_scopes).or_else(|| stream.reason.clone());
    let mut error = errors::say(code, object);
    error.text = reason.unwrap_or_default();
    error.title = match code {
        Code::MissingScope => format!("{object} are skipped."),
        _ => format!("{object} stopped."),
    };
    keep(core, &connection.id, object, &error)?;
    let resolved =
        core.0.app.resolve_errors(&connection.id, object, errors::code_name(code).as_deref(), clock());
    resolved.map_err(|error| errors::store(&error))
}

fn keep(core: &Core, id: &ConnectionId, subject: &str, error: &WireError) -> Result<(), WireError> {
    let kept = errors::kept(error);
    let done = core.0.app.keep_error(id, &kept.code, subject, &kept.message, kept.at);
    done.map_err(|error| errors::store(&error))
}

/// Keeps a trouble of the whole connection: a run could not even begin.
pub(crate) async fn keep_trouble(core: &Core, id: &ConnectionId, error: &WireError) {
    let (wanted, error) = (id.clone(), error.clone());
    if let Err(error) = core.blocking(move |core| keep(core, &wanted, "", &error)).await {
        tracing::error!(connection = %id, code = ?error.code, "a trouble could not be kept");
    }
}
