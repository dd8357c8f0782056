//! A person's wish that a command end. Deliberately absent: what each command then does.

#[cfg(unix)]
use std::{future::poll_fn, task::Poll};

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ctrl-C, or a polite request of the system to end. Listened for from this call on, not only once it is awaited.
#[cfg(unix)]
pub(crate) fn interrupted() -> impl Future<Output = ()> {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
    // Without a handler the default holds, which ends the process: nothing is lost then either.
    let mut signals: Vec<Signal> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    poll_fn(move |context| {
        let came = signals.iter_mut().any(|signal| signal.poll_recv(context) == Poll::Ready(Some(())));
        if came { Poll::Ready(()) } else { Poll::Pending }
    })
}

/// Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn interrupted() {
    // Without a handler the default holds, which ends the process: nothing is lost then either.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
