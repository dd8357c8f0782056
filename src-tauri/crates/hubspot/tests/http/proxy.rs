//! Through a proxy that looks into TLS, as companies have them, with a certificate authority of its own. A proxy is named
//! in the environment, so each client is another process: this binary again, told by a variable that it is a child.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
};

use hubspot::{AccountDetails, Client, ClientOptions, Error, Forms, Origin, StaticToken, Token};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

use crate::server::{ACCOUNT, KEY, quick};

const CHILD: &str = "PORTSIDE_TEST_CA_FILE";
const TEST: &str = "proxy::a_company_proxy_is_used_and_trusted_only_with_its_certificate";

/// What came to the proxy: the hosts it was asked to connect to, and the heads of the requests inside.
#[derive(Default)]
struct Seen {
    connects: Vec<String>,
    inside: Vec<String>,
}

struct Proxy {
    port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl Proxy {
    /// Starts one, and writes its authority's certificate to a file.
    fn start(ca_file: &Path) -> Proxy {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        fs::write(ca_file, authority.self_signed(&key).expect("a certificate").pem()).expect("written");
        let issuer = Issuer::new(authority, key);
        let key = KeyPair::generate().expect("a key");
        let leaf = CertificateParams::new(vec!["api.hubapi.com".into()]).expect("parameters");
        let leaf = leaf.signed_by(&key, &issuer).expect("a certificate");
        let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder().with_no_client_auth();
        let config = Arc::new(config.with_single_cert(vec![leaf.der().clone()], secret).expect("a pair"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (config, ours) = (config, Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, seen) = (Arc::clone(&config), Arc::clone(&ours));
                std::thread::spawn(move || tunnel(stream, config, &seen));
            }
        });
        Proxy { port, seen }
    }

    fn take(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock().expect("whole"))
    }
}

/// Takes CONNECT, then is itself what stands at the other end.
fn tunnel(mut stream: TcpStream, config: Arc<ServerConfig>, seen: &Mutex<Seen>) {
    let Some(connect) = head(&mut stream) else { return };
    seen.lock().expect("whole").connects.push(connect.lines().next().unwrap_or_default().to_owned());
    if stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").is_err() {
        return;
    }
    let connection = ServerConnection::new(config).expect("a connection");
    let mut tls = StreamOwned::new(connection, stream);
    while let Some(asked) = head(&mut tls) {
        // Whatever is asked, a body is read to its end by its length.
        let length = asked.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let _ = Read::by_ref(&mut tls).take(length.unwrap_or(0)).read_to_end(&mut Vec::new());
        seen.lock().expect("whole").inside.push(asked);
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{ACCOUNT}", ACCOUNT.len());
        if tls.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn head(stream: &mut impl Read) -> Option<String> {
    let mut head = String::new();
    // A byte at a time: what follows the head is not ours to take.
    let mut reader = BufReader::with_capacity(1, stream);
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

/// One call and one form to HubSpot's own address, and how they ended.
fn child(ca_file: &str) {
    let ca_file = (!ca_file.is_empty()).then(|| ca_file.into());
    let options = ClientOptions { ca_file, retry: quick().retry, ..ClientOptions::default() };
    let tokens = Arc::new(StaticToken(Token::new(KEY.into())));
    let client = Client::new(Origin::hubspot(), tokens, options.clone()).expect("a client");
    let forms = Forms::new(Origin::hubspot(), &options).expect("a client");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (call, form) = runtime.block_on(async {
        let body = b"a=b".to_vec().into();
        (client.send(&AccountDetails).await, forms.post("/oauth/2026-03/token", body).await)
    });
    let said = |result: Result<String, Error>| match result {
        Ok(fine) => fine,
        Err(Error::Transport { kind, .. }) => format!("{kind:?}"),
        Err(error) => format!("{error:?}"),
    };
    let call = said(call.map(|account| format!("portal {}", account.portal)));
    let form = said(form.map(|answer| format!("status {}", answer.status)));
    writeln!(std::io::stdout(), "::{call}, {form}::").expect("somebody listens");
}

#[test]
fn a_company_proxy_is_used_and_trusted_only_with_its_certificate() {
    if let Ok(ca_file) = env::var(CHILD) {
        return child(&ca_file);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let ca_file = folder.path().join("company.pem");
    let proxy = Proxy::start(&ca_file);
    let ca_file = ca_file.to_str().expect("a plain path");
    let run = |port: u16, ca: &str, system: Option<&str>| {
        let mut command = Command::new(env::current_exe().expect("this binary"));
        command.args([TEST, "--exact", "--nocapture"]).env(CHILD, ca);
        for name in ["http_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "https_proxy"] {
            command.env_remove(name);
        }
        command.env("HTTPS_PROXY", format!("http://127.0.0.1:{port}"));
        if let Some(system) = system {
            command.env("SSL_CERT_FILE", system);
        }
        let output = command.output().expect("a process");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.split("::").find(|part| part.contains(", ")).map(str::to_owned).unwrap_or(text)
    };
    assert_eq!(run(proxy.port, ca_file, None), "portal 7, status 200");
    let seen = proxy.take();
    assert!(
        seen.connects.iter().all(|line| line == "CONNECT api.hubapi.com:443 HTTP/1.1"),
        "{:?}",
        seen.connects
    );
    assert!(seen.inside[0].contains(&format!("Bearer {KEY}")), "{:?}", seen.inside);
    assert!(!seen.inside[1].to_ascii_lowercase().contains("authorization"), "{:?}", seen.inside);

    // Where the system trusts it, no file need be named.
    if cfg!(target_os = "linux") {
        assert_eq!(run(proxy.port, "", Some(ca_file)), "portal 7, status 200");
        proxy.take();
    }
    assert_eq!(run(proxy.port, "", None), "Tls, Tls");
    assert!(proxy.take().inside.is_empty(), "nothing is said to a stranger");

    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let unreachable = run(nobody, ca_file, None);
    assert!(["Proxy, Proxy", "Connect, Connect"].contains(&unreachable.as_str()), "{unreachable}");
}
