//! A client that reads every list page of contacts and drops it: what the pretend portal and the loopback alone take.

use std::time::Instant;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::Failure;

pub(crate) struct Dropped {
    pub(crate) records: f64,
    pub(crate) bytes: f64,
    pub(crate) seconds: f64,
}

/// Reads all contacts; with many properties as Portside does, ids first and then the records by batch.
pub(crate) async fn list(base: &str, token: &str, in_url: bool) -> Result<Dropped, Failure> {
    let address = base.trim_start_matches("http://").to_owned();
    let mut wire = Wire {
        stream: TcpStream::connect(&address).await?,
        address,
        token: token.to_owned(),
        body: Vec::new(),
    };
    wire.ask("GET", "/crm/properties/2026-03/contacts", "").await?;
    let definitions: serde_json::Value = serde_json::from_slice(&wire.body)?;
    let names: Vec<&str> = definitions["results"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|property| property["name"].as_str())
        .collect();
    let started = Instant::now();
    let mut dropped = Dropped { records: 0.0, bytes: 0.0, seconds: 0.0 };
    let mut after = String::new();
    loop {
        let asked = if in_url { names.join(",") } else { String::new() };
        wire.ask("GET", &format!("/crm/objects/2026-03/contacts?limit=100&properties={asked}{after}"), "")
            .await?;
        let next = next_of(&wire.body);
        let listed = count(&wire.body, b"\"archived\":");
        dropped.records += listed;
        if !in_url {
            let ids = ids_of(&wire.body);
            let inputs: Vec<String> = ids.iter().map(|id| format!("{{\"id\":\"{id}\"}}")).collect();
            let body = format!(
                "{{\"inputs\":[{}],\"properties\":{}}}",
                inputs.join(","),
                serde_json::to_string(&names)?
            );
            wire.ask("POST", "/crm/objects/2026-03/contacts/batch/read", &body).await?;
        }
        dropped.bytes += wire.body.len() as f64;
        let Some(next) = next else { break };
        after = format!("&after={next}");
    }
    dropped.seconds = started.elapsed().as_secs_f64();
    Ok(dropped)
}

struct Wire {
    stream: TcpStream,
    address: String,
    token: String,
    body: Vec<u8>,
}

impl Wire {
    /// One request on the kept connection; the answer's body is left in `body`.
    async fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<(), Failure> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.address,
            self.token,
            body.len()
        );
        self.stream.write_all(head.as_bytes()).await?;
        self.stream.write_all(body.as_bytes()).await?;
        self.body.clear();
        let end = loop {
            if self.stream.read_buf(&mut self.body).await? == 0 {
                return Err("the portal hung up".into());
            }
            if let Some(at) = self.body.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head = String::from_utf8_lossy(&self.body[..end]).to_ascii_lowercase();
        if !head.starts_with("http/1.1 200") && !head.starts_with("http/1.1 207") {
            return Err(format!("{path}: {}", head.lines().next().unwrap_or_default()).into());
        }
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
            .ok_or("the portal did not say how long its answer is")?;
        self.body.drain(..end);
        self.body.reserve(length);
        while self.body.len() < length {
            if self.stream.read_buf(&mut self.body).await? == 0 {
                return Err("the portal hung up".into());
            }
        }
        Ok(())
    }
}

fn next_of(body: &[u8]) -> Option<String> {
    let tail = String::from_utf8_lossy(&body[body.len().saturating_sub(600)..]).into_owned();
    let at = tail.rfind("\"after\":\"")? + 9;
    tail[at..].split('"').next().map(str::to_owned)
}

fn ids_of(body: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(body);
    text.split("{\"id\":\"").skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect()
}

fn count(body: &[u8], what: &[u8]) -> f64 {
    body.windows(what.len()).filter(|window| *window == what).count() as f64
}
