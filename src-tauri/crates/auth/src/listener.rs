//! The return address on this computer: one port, both address families, ours alone. Deliberately absent: what is said
//! over it.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    task::Poll,
    time::Duration,
};

use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// The ports whose return addresses a user's app registers, in the order they are tried.
pub const PORTS: [u16; 3] = [14117, 21117, 28117];

const BACKLOG: u32 = 128;
const KNOCK: Duration = Duration::from_millis(500);

/// A port held on 127.0.0.1 and, where IPv6 exists, on `::1`: browsers resolve `localhost` either way.
pub struct Listener {
    port: u16,
    sockets: Vec<TcpListener>,
}

/// A port that cannot be had, and who has it, where the system tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortTaken {
    pub port: u16,
    pub by: Option<PortHolder>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortHolder {
    pub name: String,
    pub pid: u32,
}

impl fmt::Display for PortTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.by {
            Some(PortHolder { name, pid }) => write!(f, "{}: {name}, pid {pid}", self.port),
            None => write!(f, "{}: unknown", self.port),
        }
    }
}

impl Listener {
    /// Takes the first port of the list that is free on both families. 0 takes any free port.
    pub async fn bind(ports: &[u16]) -> Result<Listener, Vec<PortTaken>> {
        let mut taken = Vec::new();
        for &port in ports {
            match both_families(port).await {
                Ok(listener) => return Ok(listener),
                Err(error) => {
                    tracing::debug!(port, %error, "a return port is not free");
                    taken.push(PortTaken { port, by: holder(port).await });
                }
            }
        }
        Err(taken)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub(crate) async fn accept(&self) -> io::Result<TcpStream> {
        std::future::poll_fn(|context| {
            for socket in &self.sockets {
                if let Poll::Ready(accepted) = socket.poll_accept(context) {
                    return Poll::Ready(accepted.map(|(stream, _)| stream));
                }
            }
            Poll::Pending
        })
        .await
    }
}

async fn both_families(port: u16) -> io::Result<Listener> {
    let mut tries = 0;
    loop {
        let first = alone(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)).await?;
        let got = first.local_addr()?.port();
        match alone(SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), got)).await {
            Ok(second) => return Ok(Listener { port: got, sockets: vec![first, second] }),
            Err(error) if has_no_ipv6(&error) => return Ok(Listener { port: got, sockets: vec![first] }),
            // Any port was asked for, and this one is only half free.
            Err(_) if port == 0 && tries < 20 => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

fn has_no_ipv6(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
        // "Address family not supported", which has no kind: Linux, macOS, Windows.
        || matches!(error.raw_os_error(), Some(97 | 47 | 10047))
}

/// Binds without address reuse, so that a port that anybody listens on is taken, whatever the options of the other.
async fn alone(address: SocketAddr) -> io::Result<TcpListener> {
    match listen(address, false) {
        // Connections of an attempt that ended a moment ago keep the port, too, though nobody listens any more.
        Err(error)
            if cfg!(unix) && error.kind() == io::ErrorKind::AddrInUse && !somebody_answers(address).await =>
        {
            listen(address, true)
        }
        done => done,
    }
}

fn listen(address: SocketAddr, reuse: bool) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if reuse {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    if cfg!(unix) {
        // Ours alone by now; this only frees the port at once when our last connections are waiting to be forgotten.
        socket.set_reuseaddr(true)?;
    }
    socket.listen(BACKLOG)
}

async fn somebody_answers(address: SocketAddr) -> bool {
    match tokio::time::timeout(KNOCK, TcpStream::connect(address)).await {
        Ok(connected) => connected.is_ok(),
        // A full queue of a busy listener.
        Err(_) => true,
    }
}

async fn holder(port: u16) -> Option<PortHolder> {
    let look = move || listeners::get_process_by_port(port, listeners::Protocol::TCP).ok();
    let process = tokio::task::spawn_blocking(look).await.ok()??;
    Some(PortHolder { name: process.name, pid: process.pid })
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listener({}, {} families)", self.port, self.sockets.len())
    }
}
