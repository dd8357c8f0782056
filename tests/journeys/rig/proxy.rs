//! A server between the copy and the portal, which changes answers on their way: for what no switch of the simulator
//! makes wrong.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, StatusCode, body::Incoming, server, service::service_fn};
use hyper_util::rt::TokioIo;
use simulator::Simulator;
use tokio::net::TcpListener;

use super::http;

/// An answer that may be changed before it is passed on.
pub(crate) struct Passing<'a> {
    pub(crate) path: &'a str,
    pub(crate) status: u16,
    pub(crate) body: String,
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
    let (parts, body) = http::send(behind, request).await.into_parts();
    let mut passing = Passing { path: &path, status: parts.status.as_u16(), body };
    change(&mut passing);
    let mut response = Response::new(Full::new(Bytes::from(passing.body)));
    *response.status_mut() = StatusCode::from_u16(passing.status).expect("a status");
    for (name, value) in parts.headers.iter().filter(|(name, _)| *name != "content-length") {
        response.headers_mut().insert(name, value.clone());
    }
    Ok(response)
}
