//! A server between the copy and the portal, which changes answers on their way: for what no switch of the simulator
//! makes wrong.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, StatusCode, body::Incoming, server, service::service_fn};
use hyper_util::rt::TokioIo;
use simulator::Simulator;
use tokio::net::TcpListener;

use super::http;

/// An answer that may be changed before it is passed on.
pub(crate) struct Passing<'a> {
    pub(crate) path: &'a str,
    /// What came with the request.
    pub(crate) asked: &'a str,
    pub(crate) status: u16,
    pub(crate) body: String,
    /// Where the answer sends whoever asked.
    pub(crate) location: Option<String>,
}

type Change = dyn Fn(&mut Passing<'_>) + Send + Sync;

pub(crate) struct Proxy {
    address: SocketAddr,
    accepting: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// Passes everything on, with every answer changed first.
    pub(crate) async fn before(
        portal: &Simulator,
        change: impl Fn(&mut Passing<'_>) + Send + Sync + 'static,
    ) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let (behind, change): (_, Arc<Change>) = (portal.address(), Arc::new(change));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let change = Arc::clone(&change);
                let service = service_fn(move |request| pass(request, behind, Arc::clone(&change)));
                tokio::spawn(
                    server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Proxy { address, accepting }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn pass(
    request: Request<Incoming>,
    behind: SocketAddr,
    change: Arc<Change>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let (asking, asked) = request.into_parts();
    // Whoever goes away in the middle of a request asked nothing.
    let asked = asked.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let request = Request::from_parts(asking, Full::new(asked.clone()));
    let (parts, body) = http::send(behind, request).await.into_parts();
    let asked = String::from_utf8_lossy(&asked);
    let status = parts.status.as_u16();
    let mut passing = Passing { path: &path, asked: &asked, status, body, location: None };
    change(&mut passing);
    let location = passing.location.and_then(|address| address.parse().ok());
    let mut response = Response::new(Full::new(Bytes::from(passing.body)));
    *response.status_mut() = StatusCode::from_u16(passing.status).expect("a status");
    for (name, value) in parts.headers.iter().filter(|(name, _)| *name != "content-length") {
        response.headers_mut().insert(name, value.clone());
    }
    if let Some(location) = location {
        response.headers_mut().insert("location", location);
    }
    Ok(response)
}
