//! What stands before a portal in a company: TLS with an authority of its own, and a proxy that has to be asked.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use simulator::Simulator;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// The name under which the portal can be reached through a proxy only.
pub(crate) const FAR: &str = "portal.example";

/// A server that does one thing with every connection, as long as it lives.
pub(crate) struct Front {
    pub(crate) address: SocketAddr,
    accepting: tokio::task::JoinHandle<()>,
}

impl Front {
    async fn of<F>(converse: impl Fn(TcpStream) -> F + Send + 'static) -> Front
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream));
            }
        });
        Front { address, accepting }
    }

    /// TLS before a portal, for `localhost` and for [`FAR`]; the authority's certificate is written to that file.
    pub(crate) async fn tls(portal: &Simulator, ca_file: &Path) -> Front {
        let (acceptor, behind) = (TlsAcceptor::from(certified(ca_file)), portal.address());
        Front::of(move |stream| {
            let acceptor = acceptor.clone();
            async move {
                // A client that does not trust us goes away.
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                join(&mut stream, behind).await;
            }
        })
        .await
    }

    /// Counts who comes, and says nothing.
    pub(crate) async fn silent(seen: Arc<Mutex<Vec<String>>>) -> Front {
        Front::of(move |_| {
            note(&seen, "a connection");
            async {}
        })
        .await
    }

    /// A proxy that leads every CONNECT to `behind`, or refuses it.
    pub(crate) async fn proxy(behind: Option<SocketAddr>, seen: Arc<Mutex<Vec<String>>>) -> Front {
        Front::of(move |mut stream| {
            let seen = Arc::clone(&seen);
            async move {
                let Some(head) = head(&mut stream).await else { return };
                note(&seen, head.lines().next().unwrap_or_default());
                let answer = match behind {
                    Some(_) => "HTTP/1.1 200 Connection established\r\n\r\n",
                    None => "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
                };
                if stream.write_all(answer.as_bytes()).await.is_ok()
                    && let Some(behind) = behind
                {
                    join(&mut stream, behind).await;
                }
            }
        })
        .await
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn note(seen: &Mutex<Vec<String>>, what: &str) {
    seen.lock().expect("nothing panics with this lock held").push(what.to_owned());
}

/// All that was seen since the last look.
pub(crate) fn take(seen: &Mutex<Vec<String>>) -> Vec<String> {
    std::mem::take(&mut *seen.lock().expect("nothing panics with this lock held"))
}

async fn join(stream: &mut (impl AsyncRead + tokio::io::AsyncWrite + Unpin), behind: SocketAddr) {
    if let Ok(mut portal) = TcpStream::connect(behind).await {
        // How a connection ends is its two ends' business.
        let _ = copy_bidirectional(stream, &mut portal).await;
    }
}

/// The head of a request, to its last byte and no further.
async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

fn certified(ca_file: &Path) -> Arc<ServerConfig> {
    // One that is there already serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    fs::write(ca_file, authority.self_signed(&key).expect("a certificate").pem()).expect("it is written");
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().expect("a key");
    let names = vec!["localhost".to_owned(), FAR.to_owned()];
    let leaf = CertificateParams::new(names).expect("parameters").signed_by(&key, &issuer);
    let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let chain = vec![leaf.expect("a certificate").der().clone()];
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, secret);
    Arc::new(config.expect("key and certificate belong together"))
}
