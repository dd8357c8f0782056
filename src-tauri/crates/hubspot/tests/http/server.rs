//! A server that answers what it was told to, in order, byte for byte, and remembers what it was asked.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use hubspot::{Client, ClientOptions, Origin, RetryPolicy, StaticToken, Token, TokenSource};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

pub(crate) const KEY: &str = "pat-na1-11111111-2222-3333-4444-555555553f9c";
pub(crate) const ACCOUNT: &str = r#"{"portalId":7}"#;

/// One answer of the script.
#[derive(Clone)]
pub(crate) enum Step {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// A head that promises more than comes.
    CutAfter(&'static str),
    /// Some bytes, then a reset.
    ResetAfter(&'static str),
    /// Nothing, for ever.
    Silence,
}

pub(crate) fn answer(status: u16, body: &str) -> Step {
    Step::Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
}

impl Step {
    pub(crate) fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Step {
        if let Step::Answer { headers, .. } = &mut self {
            headers.push((name, value.to_string()));
        }
        self
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

#[derive(Default)]
struct Shared {
    script: Mutex<Vec<Step>>,
    asked: Mutex<Vec<Asked>>,
    busy: AtomicUsize,
    busiest: AtomicUsize,
    arrived: Notify,
}

/// A server on a port of its own, gone with this value.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Server {
    /// Answers the steps in order; the last one is answered again and again.
    pub(crate) async fn start(script: Vec<Step>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared { script: Mutex::new(script), ..Shared::default() });
        let served = shared.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, served.clone()));
            }
        });
        Server { address, shared, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().expect("no panic").clone()
    }

    pub(crate) fn calls(&self) -> usize {
        self.asked().len()
    }

    /// Most requests that were being answered at once.
    pub(crate) fn busiest(&self) -> usize {
        self.shared.busiest.load(Ordering::SeqCst)
    }

    /// Waits until so many requests have arrived.
    pub(crate) async fn has_been_asked(&self, times: usize) {
        loop {
            let arrived = self.shared.arrived.notified();
            if self.calls() >= times {
                return;
            }
            arrived.await;
        }
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(key(), quick())
    }

    pub(crate) fn client_with(&self, tokens: Arc<dyn TokenSource>, options: ClientOptions) -> Client {
        let origin = Origin::parse(&self.url(), false).expect("an origin");
        Client::new(origin, tokens, options).expect("a client")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn key() -> Arc<StaticToken> {
    Arc::new(StaticToken(Token::new(KEY.to_owned())))
}

/// Options with pauses too short to notice.
pub(crate) fn quick() -> ClientOptions {
    ClientOptions {
        retry: RetryPolicy { pause_base: Duration::from_millis(1), attempts_max: 4 },
        timeout: Duration::from_secs(20),
        ..ClientOptions::default()
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    while let Some(asked) = read(&mut stream).await {
        let busy = shared.busy.fetch_add(1, Ordering::SeqCst) + 1;
        shared.busiest.fetch_max(busy, Ordering::SeqCst);
        shared.asked.lock().expect("no panic").push(asked);
        shared.arrived.notify_waiters();
        let step = {
            let mut script = shared.script.lock().expect("no panic");
            if script.len() > 1 { script.remove(0) } else { script[0].clone() }
        };
        // Others may arrive while this one is being answered.
        tokio::task::yield_now().await;
        let goes_on = play(&mut stream, step).await;
        shared.busy.fetch_sub(1, Ordering::SeqCst);
        if !goes_on {
            return;
        }
    }
}

/// Whether the connection is still good.
async fn play(stream: &mut TcpStream, step: Step) -> bool {
    match step {
        Step::Answer { status, headers, body } => {
            let mut head = format!("HTTP/1.1 {status} Scripted\r\nContent-Length: {}\r\n", body.len());
            for (name, value) in headers {
                head.extend([name, ": ", &value, "\r\n"]);
            }
            head.push_str("\r\n");
            let mut bytes = head.into_bytes();
            bytes.extend(body);
            stream.write_all(&bytes).await.is_ok()
        }
        Step::CutAfter(body) => {
            let _ = stream
                .write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{body}").as_bytes())
                .await;
            let _ = stream.shutdown().await;
            false
        }
        Step::ResetAfter(body) => {
            let _ = stream
                .write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{body}").as_bytes())
                .await;
            stream.set_zero_linger().expect("a reset");
            false
        }
        Step::Silence => std::future::pending().await,
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(length) => bytes.extend_from_slice(&chunk[..length]),
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let (line, head) = text.split_once("\r\n").unwrap_or((&text, ""));
    let asked = Asked { line: line.to_owned(), head: head.to_owned(), body: String::new() };
    let length: usize = asked.header("content-length").map_or(0, |length| length.parse().expect("a length"));
    while bytes.len() < head_end + length {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(length) => bytes.extend_from_slice(&chunk[..length]),
        }
    }
    Some(Asked { body: String::from_utf8_lossy(&bytes[head_end..]).into_owned(), ..asked })
}
