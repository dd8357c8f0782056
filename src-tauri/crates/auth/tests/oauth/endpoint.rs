//! A token endpoint in a few lines, on 127.0.0.1, that remembers what it was asked and answers as it is told.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hubspot::Origin;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use oauth2::url::form_urlencoded;
use tokio::{net::TcpListener, sync::Semaphore};

pub(crate) const CLIENT: &str = "11111111-2222-3333-4444-555555555555";
pub(crate) const SECRET: &str = "client-s3cret-of-the-app";
pub(crate) const FIRST_REFRESH: &str = "na1-refresh-0";
pub(crate) const PORTAL: u64 = 4711;

#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) origin: Origin,
    world: Arc<Mutex<World>>,
}

/// What the endpoint knows, and what it was told to do.
pub(crate) struct World {
    pub(crate) asked: Vec<Asked>,
    /// Answers that are given before it answers by itself; status 0 cuts the connection.
    pub(crate) script: VecDeque<(u16, String)>,
    /// Forms wait here, once they are counted, until somebody lets them go on.
    pub(crate) gate: Option<Arc<Semaphore>>,
    pub(crate) date: Option<&'static str>,
    /// Seconds an access token lives.
    pub(crate) life: u64,
    pub(crate) rotates: bool,
    /// Refresh tokens that are taken.
    pub(crate) refresh: Vec<String>,
    /// Access tokens and when they end, by `now`.
    pub(crate) access: HashMap<String, u64>,
    pub(crate) now: u64,
    pub(crate) revoked: Vec<String>,
    pub(crate) refused_bearers: u32,
    serial: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) form: BTreeMap<String, String>,
}

impl World {
    pub(crate) fn refreshes(&self) -> usize {
        self.of("grant_type", "refresh_token").len()
    }

    pub(crate) fn exchanges(&self) -> Vec<&Asked> {
        self.of("grant_type", "authorization_code")
    }

    fn of(&self, field: &str, value: &str) -> Vec<&Asked> {
        self.asked.iter().filter(|asked| asked.form.get(field).is_some_and(|found| found == value)).collect()
    }
}

impl Endpoint {
    pub(crate) async fn start() -> Endpoint {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let world = World {
            asked: Vec::new(),
            script: VecDeque::new(),
            gate: None,
            date: None,
            life: 1800,
            rotates: false,
            refresh: vec![FIRST_REFRESH.into()],
            access: HashMap::new(),
            now: 0,
            revoked: Vec::new(),
            refused_bearers: 0,
            serial: 0,
        };
        let origin = Origin::parse(&format!("http://{address}"), false).expect("an origin");
        let endpoint = Endpoint { origin, world: Arc::new(Mutex::new(world)) };
        tokio::spawn(serve(listener, endpoint.clone()));
        endpoint
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("no test panics with the lock held")
    }

    pub(crate) fn say(&self, status: u16, body: &str) {
        self.world().script.push_back((status, body.to_owned()));
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, std::io::Error> {
        let path = request.uri().path().to_owned();
        let bearer = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        let bearer = bearer.and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned);
        let body = request.into_body().collect().await.map_err(std::io::Error::other)?.to_bytes();
        if path.starts_with("/account-info/") {
            return Ok(self.account(bearer.as_deref()));
        }
        let form: BTreeMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
        let gate = {
            let mut world = self.world();
            world.asked.push(Asked { path: path.clone(), form: form.clone() });
            world.gate.clone()
        };
        if let Some(gate) = gate {
            gate.acquire().await.expect("the gate is never closed").forget();
        }
        let mut world = self.world();
        let (status, text) = match world.script.pop_front() {
            Some(told) => told,
            None if path.ends_with("/token") => world.token(&form),
            None if path.ends_with("/introspect") => {
                (200, r#"{"active":true,"hub_id":4711,"scopes":["oauth","told"]}"#.into())
            }
            None => {
                world.revoked.push(form.get("token").cloned().unwrap_or_default());
                (200, String::new())
            }
        };
        if status == 0 {
            return Err(std::io::Error::other("cut"));
        }
        let mut response = Response::builder().status(status);
        if let Some(date) = world.date {
            response = response.header("date", date);
        }
        Ok(response.body(Full::new(text.into())).expect("a response"))
    }

    fn account(&self, bearer: Option<&str>) -> Response<Full<Bytes>> {
        let mut world = self.world();
        let good = bearer.and_then(|token| world.access.get(token)).is_some_and(|end| world.now < *end);
        let (status, body) = if good {
            (200, format!(r#"{{"portalId":{PORTAL}}}"#))
        } else {
            world.refused_bearers += 1;
            (401, r#"{"category":"EXPIRED_AUTHENTICATION"}"#.into())
        };
        Response::builder().status(status).body(Full::new(body.into())).expect("a response")
    }
}

impl World {
    fn token(&mut self, form: &BTreeMap<String, String>) -> (u16, String) {
        let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let refused = |status: &str| {
            (400, format!(r#"{{"status":"{status}","error":"invalid_grant","message":"no {SECRET}"}}"#))
        };
        if field("client_id") != CLIENT {
            return refused("BAD_CLIENT_ID");
        }
        if field("client_secret") != SECRET {
            return refused("BAD_CLIENT_SECRET");
        }
        match field("grant_type") {
            "authorization_code" if !field("code").starts_with("good") => return refused("BAD_AUTH_CODE"),
            "refresh_token" if !self.refresh.iter().any(|token| token == field("refresh_token")) => {
                return refused("BAD_REFRESH_TOKEN");
            }
            "authorization_code" | "refresh_token" => {}
            _ => return refused("BAD_GRANT_TYPE"),
        }
        self.serial += 1;
        let access = format!("access-{}", self.serial);
        self.access.insert(access.clone(), self.now + self.life);
        if self.rotates {
            self.refresh = vec![format!("na1-refresh-{}", self.serial)];
        }
        let (life, refresh) = (self.life, self.refresh.last().expect("there is always one"));
        let text = format!(
            r#"{{"token_type":"bearer","access_token":"{access}","refresh_token":"{refresh}","expires_in":{life},
            "hub_id":{PORTAL},"scopes":["oauth","crm.objects.contacts.read"],"token_use":"access_token"}}"#
        );
        (200, text)
    }
}

async fn serve(listener: TcpListener, endpoint: Endpoint) {
    while let Ok((stream, _)) = listener.accept().await {
        let endpoint = endpoint.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| endpoint.clone().answer(request));
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
