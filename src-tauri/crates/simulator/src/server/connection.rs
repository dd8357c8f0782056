//! Accepting connections, and ending them all at once or one with a reset.
//!
//! Deliberately absent: what is said over them.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::serve;
use crate::portal::Portal;

/// Takes a port on 127.0.0.1, and the same on `[::1]` if asked for and the machine has it.
pub(super) async fn listen(port: u16, both_families: bool) -> io::Result<(Vec<TcpListener>, SocketAddr)> {
    let mut attempts = ATTEMPTS;
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        if !both_families {
            return Ok((vec![listener], address));
        }
        attempts -= 1;
        match TcpListener::bind((Ipv6Addr::LOCALHOST, address.port())).await {
            Ok(other) => return Ok((vec![listener, other], address)),
            // A free port of the one family may be taken in the other.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && port == 0 && attempts > 0 => {}
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            Err(_) => return Ok((vec![listener], address)),
        }
    }
}

const ATTEMPTS: u32 = 10;

pub(super) async fn accept_all(
    listeners: Vec<TcpListener>,
    portal: Arc<Portal>,
    stopped: watch::Receiver<bool>,
) {
    let mut accepting = JoinSet::new();
    for listener in listeners {
        accepting.spawn(accept(listener, Arc::clone(&portal), stopped.clone()));
    }
    accepting.join_all().await;
}

async fn accept(listener: TcpListener, portal: Arc<Portal>, mut stopped: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stopped.wait_for(|&stop| stop) => break,
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                // Small answers would otherwise wait for the caller's delayed acknowledgement.
                let _ = stream.set_nodelay(true);
                connections.spawn(converse(stream, Arc::clone(&portal)));
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
    connections.shutdown().await;
}

async fn converse(stream: TcpStream, portal: Arc<Portal>) {
    let reset = Arc::new(AtomicBool::new(false));
    let io = TokioIo::new(Wire { stream, reset: Arc::clone(&reset) });
    let service = service_fn(move |request| serve(Arc::clone(&portal), Arc::clone(&reset), request));
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).max_buf_size(1 << 20);
    // A connection that ends early is the caller's business, or a fault's.
    let _ = server.serve_connection(io, service).await;
}

/// A connection that can be made to end with a reset.
struct Wire {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // An orderly end first would hide the reset.
        if self.reset.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
