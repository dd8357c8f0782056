//! The server behind the return address: takes connections while an attempt lasts, judges each request, and answers.
//! Deliberately absent: exchanging anything.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, header::HOST, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::TcpStream,
    sync::{oneshot, watch},
    task::{AbortHandle, JoinSet},
};

use crate::{
    attempt::{Phase, Progress},
    listener::Listener,
    page::{Tab, answer},
    verdict::{Code, Expected, Verdict, verdict},
};

/// A request's head must be there within this time; browsers send it at once.
const HEAD_PATIENCE: Duration = Duration::from_secs(5);
const HEAD_MAX: usize = 32 * 1024;
const HEADERS_MAX: usize = 100;
/// More connections than a browser opens; a newer one pushes out the oldest that has said nothing of ours yet.
const CONNECTIONS_MAX: usize = 32;
/// How long connections may take to end once the attempt has.
const FAREWELL: Duration = Duration::from_secs(1);

/// HubSpot's answer to the attempt, come by the browser or by hand.
#[derive(Debug)]
pub(crate) enum Called {
    Approved(Code),
    Denied { error: String, description: Option<String> },
}

/// What the server, the attempt and its handles share.
pub(crate) struct Shared {
    pub(crate) expected: Expected,
    /// Taken by the first good callback: there is one use.
    called: Mutex<Option<oneshot::Sender<Called>>>,
    pub(crate) progress: watch::Sender<Progress>,
    /// What the tab says, once the attempt has ended.
    pub(crate) ended: watch::Sender<Option<Arc<Tab>>>,
    pub(crate) cancelled: tokio::sync::Notify,
    tab_patience: Mutex<Duration>,
}

impl Shared {
    pub(crate) fn new(
        expected: Expected,
        tab_patience: Duration,
    ) -> (Arc<Shared>, oneshot::Receiver<Called>) {
        let (called, receiver) = oneshot::channel();
        let shared = Shared {
            expected,
            called: Mutex::new(Some(called)),
            progress: watch::Sender::default(),
            ended: watch::Sender::default(),
            cancelled: tokio::sync::Notify::new(),
            tab_patience: Mutex::new(tab_patience),
        };
        (Arc::new(shared), receiver)
    }

    /// Hands HubSpot's answer to the attempt; `false` when it already has one, or is over.
    pub(crate) fn call(&self, called: Called) -> bool {
        let sender = self.called.lock().unwrap_or_else(PoisonError::into_inner).take();
        sender.is_some_and(|sender| sender.send(called).is_ok())
    }

    /// No answer is taken any more.
    pub(crate) fn close(&self) {
        self.called.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    pub(crate) fn set_tab_patience(&self, patience: Duration) {
        *self.tab_patience.lock().unwrap_or_else(PoisonError::into_inner) = patience;
    }

    pub(crate) fn phase(&self, phase: Phase) {
        self.progress.send_modify(|progress| progress.phase = phase);
    }

    fn note(&self, verdict: &Verdict) {
        self.progress.send_modify(|progress| match verdict {
            Verdict::Approved(_) | Verdict::Denied { .. } => {}
            Verdict::OlderAttempt => progress.older_attempts += 1,
            Verdict::UnprovenDenial => progress.unproven_denials += 1,
            _ => progress.turned_away += 1,
        });
    }
}

/// Serves until the attempt has ended and its last answer is out; then nothing is open any more.
pub(crate) async fn serve(listener: Listener, shared: Arc<Shared>) {
    let mut ended = shared.ended.subscribe();
    let mut connections = JoinSet::new();
    let mut quiet: VecDeque<(AbortHandle, Arc<AtomicBool>)> = VecDeque::new();
    loop {
        tokio::select! {
            biased;
            () = over(&mut ended) => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok(stream) => {
                    make_room(&mut quiet);
                    let ours = Arc::new(AtomicBool::new(false));
                    let handle = connections.spawn(converse(stream, shared.clone(), ours.clone()));
                    quiet.push_back((handle, ours));
                }
                // Out of file descriptors, say: not a reason to stop, but one not to spin.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, all).await.is_err() {
        connections.shutdown().await;
    }
}

/// Waits for the end, without holding on to what is said at it: that would tie the waiting to one thread.
async fn over(ended: &mut watch::Receiver<Option<Arc<Tab>>>) {
    let _ = ended.wait_for(Option::is_some).await.map(drop);
}

fn make_room(quiet: &mut VecDeque<(AbortHandle, Arc<AtomicBool>)>) {
    quiet.retain(|(handle, _)| !handle.is_finished());
    if quiet.len() < CONNECTIONS_MAX {
        return;
    }
    if let Some(at) = quiet.iter().position(|(_, ours)| !ours.load(Relaxed))
        && let Some((handle, _)) = quiet.remove(at)
    {
        handle.abort();
    }
}

async fn converse(stream: TcpStream, shared: Arc<Shared>, ours: Arc<AtomicBool>) {
    let mut ended = shared.ended.subscribe();
    let asked_well = ours.clone();
    let service = service_fn(move |request| respond(request, shared.clone(), ours.clone()));
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(HEAD_MAX)
        .max_headers(HEADERS_MAX)
        .keep_alive(false);
    let mut connection = std::pin::pin!(server.serve_connection(TokioIo::new(stream), service));
    // How a connection ends is the caller's business.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = over(&mut ended) => {}
    }
    // Only whoever brought the answer is told how it ended.
    if asked_well.load(Relaxed) {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

async fn respond(
    request: Request<Incoming>,
    shared: Arc<Shared>,
    ours: Arc<AtomicBool>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok()).filter(|_| hosts.next().is_none());
    let target = request.uri().to_string();
    let verdict = verdict(request.method().as_str(), host, &target, &shared.expected);
    shared.note(&verdict);
    let status = verdict.status();
    let called = match verdict {
        Verdict::Approved(code) => Called::Approved(code),
        Verdict::Denied { error, description } => Called::Denied { error, description },
        other => return Ok(answer(status, &Tab::of_verdict(&other))),
    };
    ours.store(true, Relaxed);
    if !shared.call(called) {
        return Ok(answer(409, &Tab::used()));
    }
    let mut ended = shared.ended.subscribe();
    let told = ended.wait_for(Option::is_some);
    let patience = *shared.tab_patience.lock().unwrap_or_else(PoisonError::into_inner);
    let tab = match tokio::time::timeout(patience, told).await {
        Ok(Ok(tab)) => tab.as_deref().cloned(),
        _ => None,
    };
    Ok(answer(status, &tab.unwrap_or_else(Tab::still_finishing)))
}
