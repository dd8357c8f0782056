//! Progress on the way: JSON lines, one line that is rewritten on a terminal, or a few lines for a log file.

use std::time::{Duration, Instant};

use operations::{
    Core,
    wire::{ConnectionStatus, ConnectionStatusRequest, CoreEvent},
};
use serde_json::{Value, json};
use tokio::sync::broadcast::{self, error::RecvError};

use crate::{
    said::{self, Said, aside},
    status::{filled, grouped},
};

/// At most two lines a second.
const EVERY: Duration = Duration::from_millis(500);
/// With nothing new, a sign of life.
const AT_LEAST_EVERY: Duration = Duration::from_secs(2);
/// For a log file, where each line stays.
const SPARSELY: Duration = Duration::from_secs(15);

pub(crate) struct Progress<'a> {
    core: &'a Core,
    said: Said,
    connection: &'a str,
    events: broadcast::Receiver<CoreEvent>,
    told: Instant,
    rewrites: bool,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(core: &'a Core, said: Said, connection: &'a str) -> Progress<'a> {
        let rewrites = !said.json && said::is_watched();
        Progress { core, said, connection, events: core.events(), told: Instant::now(), rewrites }
    }

    /// Waits for something worth telling, and tells it. May be dropped at any time.
    pub(crate) async fn next(&mut self) {
        let pause = if self.said.json || self.rewrites { EVERY } else { SPARSELY };
        tokio::time::sleep(pause.saturating_sub(self.told.elapsed())).await;
        // Everything that happened meanwhile is one change.
        while self.events.try_recv().is_ok() {}
        let longest = AT_LEAST_EVERY.saturating_sub(self.told.elapsed());
        let _ = tokio::time::timeout(longest, self.changed()).await;
        let request = ConnectionStatusRequest { connection: self.connection.to_owned() };
        let status = operations::connection_status(self.core, request).await;
        self.told = Instant::now();
        // A status that cannot be told now is no reason to stop copying.
        if let Ok(status) = status
            && status.running
        {
            self.tell(&status);
        }
    }

    async fn changed(&mut self) {
        loop {
            match self.events.recv().await {
                Ok(CoreEvent::StatusChanged { connection }) if connection == self.connection => return,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    fn tell(&self, status: &ConnectionStatus) {
        if self.said.json {
            // Whoever stopped listening does not stop the copying.
            let _ = said::line(&in_json(status));
        } else if self.rewrites {
            aside(&format!("\r\x1b[2K{}", in_words(status)));
        } else {
            aside(&format!("{}\n", in_words(status)));
        }
    }

    /// Leaves a clean line for what follows.
    pub(crate) fn end(&self) {
        if self.rewrites {
            aside("\r\x1b[2K");
        }
    }
}

fn in_json(status: &ConnectionStatus) -> Value {
    let progress = &status.progress;
    let streams: Vec<Value> = status
        .objects
        .iter()
        .map(|row| json!({ "object": row.object, "found": row.found, "filled": row.filled, "state": row.state }))
        .collect();
    json!({
        "progress": {
            "connection": status.connection,
            "first_import": progress.first_import,
            "percent": progress.percent,
            "filled": filled(&status.objects),
            "to_go": progress.to_go,
            "rate": progress.rate,
            "left": progress.left,
            "streams": streams,
            "links": { "found": status.links.found, "filled": status.links.filled, "state": status.links.state },
        },
        "state": status.state,
        "error": null,
    })
}

fn in_words(status: &ConnectionStatus) -> String {
    let progress = &status.progress;
    let parts = [
        progress
            .to_go
            .map(|left| format!("{}{} to go", if left.exact { "" } else { "≈" }, grouped(left.value))),
        progress.percent.map(|percent| format!("{percent} %")),
        Some(format!("{} records", grouped(filled(&status.objects)))),
        progress.rate.map(|rate| format!("{}/s", grouped(rate))),
        progress.left.clone(),
        progress.silent_seconds.map(|seconds| format!("waiting for HubSpot ({seconds} s)")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("{} {}", status.sentence, parts.join(" · "))
}
