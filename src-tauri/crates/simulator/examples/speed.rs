//! Measures what the simulator costs: start, memory, records a second for both record shapes.
//!
//! Prints figures and asserts nothing; run it with `--release`. Deliberately absent: parsing. The reader drops what it
//! gets.

#![expect(clippy::print_stdout, reason = "figures are what it is for")]

use std::time::Instant;

use simulator::{Config, Simulator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let contacts = args.next().and_then(|a| a.parse().ok()).unwrap_or(100_000);
    let readers = args.next().and_then(|a| a.parse().ok()).unwrap_or(4);
    for only_filled in [true, false] {
        let began = Instant::now();
        let simulator = Simulator::start(Config { contacts, only_filled, ..Config::default() }).await?;
        println!(
            "{contacts} contacts, only filled: {only_filled}; started in {:?}, {}",
            began.elapsed(),
            memory()
        );
        let names = names(&simulator, only_filled).await?;
        let began = Instant::now();
        let mut tasks = Vec::new();
        let ids = first_ids(&simulator, contacts, readers);
        for (from, to) in ids {
            let (address, token) = (simulator.address(), simulator.token().to_owned());
            let names = names.clone();
            tasks.push(tokio::spawn(async move { read(address, &token, &names, from, to).await }));
        }
        let (mut pages, mut bytes) = (0, 0);
        for task in tasks {
            let (p, b) = task.await.expect("a reader ends")?;
            pages += p;
            bytes += b;
        }
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "  {} asked: {:.0} records/s, {:.0} MB/s, {} bytes a record, {pages} pages, {}",
            names.split(',').count(),
            contacts as f64 / seconds,
            bytes as f64 / seconds / 1e6,
            bytes / contacts,
            memory(),
        );
        simulator.stop().await;
    }
    Ok(())
}

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |key: &str| status.lines().find(|l| l.starts_with(key)).unwrap_or_default().replace('\t', " ");
    format!("{} {}", line("VmRSS"), line("VmHWM"))
}

/// Spans of ids of about the same number of contacts.
fn first_ids(simulator: &Simulator, contacts: u64, readers: u64) -> Vec<(u64, u64)> {
    let mut ids = Vec::new();
    simulator.truth().ids("contacts", |id| ids.push(id));
    let step = usize::try_from(contacts.div_ceil(readers)).expect("fits");
    let starts: Vec<u64> = ids.iter().copied().step_by(step).collect();
    (0..starts.len()).map(|i| (starts[i], starts.get(i + 1).copied().unwrap_or(u64::MAX))).collect()
}

async fn names(simulator: &Simulator, lean: bool) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(simulator.address()).await?;
    let mut body = Vec::new();
    get(&mut stream, simulator.token(), "/crm/v3/properties/contacts", &mut body).await?;
    let text = String::from_utf8_lossy(&body).into_owned();
    let all: Vec<&str> = text
        .split("\"name\":\"")
        .skip(1)
        .filter_map(|part| part.split('"').next())
        .take(if lean { 60 } else { 400 })
        .collect();
    Ok(all.join(","))
}

async fn read(
    address: std::net::SocketAddr,
    token: &str,
    names: &str,
    from: u64,
    to: u64,
) -> std::io::Result<(u64, u64)> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut after = from.to_string();
    let (mut pages, mut bytes) = (0, 0);
    let mut body = Vec::new();
    loop {
        let path = format!("/crm/v3/objects/contacts?limit=100&properties={names}&after={after}");
        get(&mut stream, token, &path, &mut body).await?;
        pages += 1;
        bytes += body.len() as u64;
        let tail = &body[body.len().saturating_sub(names.len() + 400)..];
        let tail = String::from_utf8_lossy(tail);
        let next = tail.split("\"after\":\"").nth(1).and_then(|t| t.split('"').next());
        match next {
            Some(next) if next.parse::<u64>().is_ok_and(|n| n < to) => next.clone_into(&mut after),
            _ => return Ok((pages, bytes)),
        }
    }
}

async fn get(stream: &mut TcpStream, token: &str, path: &str, body: &mut Vec<u8>) -> std::io::Result<()> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    body.clear();
    body.reserve(2 << 20);
    let mut head = None;
    loop {
        stream.read_buf(body).await?;
        if head.is_none() {
            head = body.windows(4).position(|w| w == b"\r\n\r\n").map(|at| {
                let text = String::from_utf8_lossy(&body[..at]).to_lowercase();
                let length = text.split("content-length: ").nth(1).and_then(|t| t.split("\r\n").next());
                (at + 4, length.and_then(|l| l.parse::<usize>().ok()).unwrap_or(0))
            });
        }
        if let Some((start, length)) = head
            && body.len() >= start + length
        {
            body.drain(..start);
            return Ok(());
        }
    }
}
