//! The smallest HTTP client that can tell a cut answer from a whole one.
//!
//! Deliberately absent: keeping connections, retries, redirects.

use std::collections::HashMap;
use std::io;

use serde_json::Value;
use simulator::{Config, Simulator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        let json = self.json();
        let results = json["results"].as_array().expect("results").iter();
        results.map(|r| r["id"].as_str().expect("an id").parse().expect("a number")).collect()
    }

    /// The cursor of the next page, if there is one.
    pub(crate) fn after(&self) -> Option<String> {
        self.json()["paging"]["next"]["after"].as_str().map(str::to_owned)
    }
}

pub(crate) struct Portal {
    pub(crate) simulator: Simulator,
}

pub(crate) async fn portal(config: Config) -> Portal {
    Portal { simulator: Simulator::start(config).await.expect("a free port") }
}

/// A portal with so many contacts and the defaults.
pub(crate) async fn small(contacts: u64) -> Portal {
    portal(Config { contacts, ..Config::default() }).await
}

impl Portal {
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call("GET", path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call("POST", path, &body.to_string()).await
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: &str) -> Reply {
        let token = format!("Authorization: Bearer {}\r\n", self.simulator.token());
        self.raw(method, path, &token, body).await.expect("a whole answer")
    }

    /// Sends a request with these header lines and reads the answer to its end.
    pub(crate) async fn raw(&self, method: &str, path: &str, headers: &str, body: &str) -> io::Result<Reply> {
        let host = if headers.contains("Host:") { "" } else { "Host: 127.0.0.1\r\n" };
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(self.simulator.address()).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        parse(&bytes).ok_or_else(|| io::Error::new(io::ErrorKind::UnexpectedEof, "the answer was cut"))
    }
}

fn parse(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: HashMap<String, String> =
        lines.filter_map(|l| l.split_once(": ")).map(|(k, v)| (k.to_lowercase(), v.to_owned())).collect();
    let body = &bytes[end + 4..];
    let body = match headers.get("content-length").map(|l| l.parse::<usize>()) {
        Some(Ok(length)) if body.len() < length => return None,
        None if headers.contains_key("transfer-encoding") => unchunk(body)?,
        _ => String::from_utf8(body.to_vec()).ok()?,
    };
    Some(Reply { status, headers, body })
}

fn unchunk(mut body: &[u8]) -> Option<String> {
    let mut out = Vec::new();
    loop {
        let end = body.windows(2).position(|w| w == b"\r\n")?;
        let len = usize::from_str_radix(std::str::from_utf8(&body[..end]).ok()?, 16).ok()?;
        body = &body[end + 2..];
        if len == 0 {
            return String::from_utf8(out).ok();
        }
        out.extend_from_slice(body.get(..len)?);
        body = body.get(len + 2..)?;
    }
}
