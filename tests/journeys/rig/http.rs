//! A plain HTTP request, for what stands between copy and portal and for who edits the portal.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{Request, Response, body::Body, client};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// The whole answer, which must be one.
pub(crate) async fn send<B>(to: SocketAddr, request: Request<B>) -> Response<String>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let stream = TcpStream::connect(to).await.expect("a server is there");
    let (mut sender, connection) =
        client::conn::http1::handshake(TokioIo::new(stream)).await.expect("it speaks HTTP");
    tokio::spawn(connection);
    let (parts, body) = sender.send_request(request).await.expect("it answers").into_parts();
    let body = body.collect().await.expect("to the end").to_bytes();
    Response::from_parts(parts, String::from_utf8(body.to_vec()).expect("in UTF-8"))
}
