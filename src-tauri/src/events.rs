//! Core events as window events. The page hears what changed and asks again; no data travels this way.

use operations::wire::CoreEvent;
use tauri::{AppHandle, Emitter};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// The one event the page listens to.
const EVENT: &str = "core";

/// Passes events on until the core is gone.
pub(crate) async fn forward(mut events: Receiver<CoreEvent>, app: AppHandle) {
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            // What was missed is unknown, so the page asks for everything again.
            Err(RecvError::Lagged(_)) => CoreEvent::ConnectionsChanged,
            Err(RecvError::Closed) => return,
        };
        if let Err(error) = app.emit(EVENT, event) {
            tracing::warn!(%error, "an event did not reach the window");
        }
    }
}
