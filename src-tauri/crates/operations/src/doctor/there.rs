//! Checks of the way to HubSpot, and of what each connection may do there. One request serves several of them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use auth::Kept;
use crm::{Account, ConnectionId, ObjectType};
use hubspot::{AccountDetails, Client, ClientOptions, Origin, RetryPolicy, StaticToken, Token, catalog};
use store::{Connection, ConnectionKind, ConnectionState};
use tokio::sync::OnceCell;

use super::{Finding, Round};
use crate::{
    clients,
    core::{Core, clock as local_clock},
    demo, errors, pace, settings, status,
    wire::{Code, WireError},
};

/// A person waits: one more try, and no long silence.
const BRISK: RetryPolicy = RetryPolicy { pause_base: Duration::from_millis(300), attempts_max: 2 };
const SILENCE: Duration = Duration::from_secs(10);
/// A clock further off than this breaks sign-in and misdates what is seen.
const SKEW_MAX: Duration = Duration::from_mins(2);
/// From this share of the day's requests on, a look is worth it.
const DAY_NEARLY: f64 = 0.9;

/// One connection during a round: its client, and its answer to one question.
pub(super) struct Visit {
    connection: Connection,
    client: OnceCell<Result<Option<Client>, WireError>>,
    asked: OnceCell<Asked>,
}

/// How the question whose account this is went.
#[derive(Clone)]
struct Asked {
    account: Result<Account, hubspot::Error>,
    took: Duration,
    /// How far this computer's clock is off; none without an answer.
    skew: Option<Duration>,
}

/// The way to HubSpot itself, whoever asks.
#[derive(Clone)]
pub(super) enum Contact {
    /// Only the demo portal is connected.
    NotNeeded,
    Made {
        origin: Origin,
        asked: Box<AskedFacts>,
    },
    Impossible(WireError),
}

#[derive(Clone)]
pub(super) struct AskedFacts(Asked);

impl Visit {
    pub(super) fn new(connection: Connection) -> Visit {
        Visit { connection, client: OnceCell::new(), asked: OnceCell::new() }
    }

    /// None for the demo portal while it is not running.
    async fn client(&self, core: &Core) -> Result<Option<Client>, WireError> {
        let make = async {
            if self.connection.kind == ConnectionKind::Demo {
                if core.0.demo_portal.lock().await.is_none() {
                    return Ok(None);
                }
                return demo::client_with(core, brisk(core, &self.connection.id)).await.map(Some);
            }
            clients::client_of(core, &self.connection, brisk(core, &self.connection.id)).await.map(Some)
        };
        self.client.get_or_init(|| make).await.clone()
    }

    async fn asked(&self, client: &Client) -> Asked {
        self.asked.get_or_init(|| ask(client)).await.clone()
    }
}

fn brisk(core: &Core, id: &ConnectionId) -> ClientOptions {
    ClientOptions { retry: BRISK, timeout: SILENCE, ..core.client_options(id.as_str()) }
}

async fn ask(client: &Client) -> Asked {
    let started = Instant::now();
    let account = client.send(&AccountDetails).await;
    let took = started.elapsed();
    let skew = client
        .server_time()
        .map(|time| Duration::from_millis(time.millis().abs_diff(local_clock().millis())));
    Asked { account, took, skew }
}

impl Round {
    async fn contact(&self) -> Contact {
        self.contact.get_or_init(|| self.make_contact()).await.clone()
    }

    /// Through the first connection whose key can be had; without one, a question without a key is enough to see
    /// whether there is an answer.
    async fn make_contact(&self) -> Contact {
        let real = self.visits.values().filter(|visit| visit.connection.kind != ConnectionKind::Demo);
        let mut real: Vec<&Visit> = real.collect();
        real.sort_by_key(|visit| (visit.connection.created_at, visit.connection.id.clone()));
        if real.is_empty() && !self.visits.is_empty() {
            return Contact::NotNeeded;
        }
        for visit in real {
            if let Ok(Some(client)) = visit.client(&self.core).await {
                let asked = Box::new(AskedFacts(visit.asked(&client).await));
                return Contact::Made { origin: client.origin().clone(), asked };
            }
        }
        let origin = match self.core.0.place.api_base() {
            Some(base) => Origin::parse(base, false),
            None => Ok(Origin::hubspot()),
        };
        let client = origin.map_err(hubspot::Error::from).and_then(|origin| {
            // It has no key to send, so its refusal would only look like trouble in the log.
            let options = ClientOptions {
                retry: BRISK,
                timeout: SILENCE,
                observer: None,
                ..self.core.client_options("")
            };
            Client::new(origin, Arc::new(StaticToken(Token::new("none".to_owned()))), options)
        });
        match client {
            Ok(client) => {
                let asked = Box::new(AskedFacts(ask(&client).await));
                Contact::Made { origin: client.origin().clone(), asked }
            }
            Err(error) => Contact::Impossible(errors::hubspot(&error)),
        }
    }

    fn visit(&self, id: &ConnectionId) -> Result<&Visit, WireError> {
        self.visits.get(id).ok_or_else(|| errors::say(Code::NoSuchConnection, id.as_str()))
    }
}

const ONLY_DEMO: &str = "Only the demo portal is connected; it runs on this computer.";

/// Any answer at all means that HubSpot can be reached.
pub(super) async fn reachable(round: &Round) -> Result<Finding, WireError> {
    match round.contact().await {
        Contact::NotNeeded => Ok(Finding::NotApplicable(ONLY_DEMO.to_owned())),
        Contact::Impossible(error) => Err(error),
        Contact::Made { origin, asked } => match &asked.0.account {
            Err(error @ (hubspot::Error::Transport { .. } | hubspot::Error::Origin(_))) => {
                Err(errors::hubspot(error))
            }
            _ => Ok(Finding::Fine(format!("{} answers in {} ms.", origin.host(), asked.0.took.as_millis()))),
        },
    }
}

pub(super) async fn clock(round: &Round) -> Result<Finding, WireError> {
    let skew = match round.contact().await {
        Contact::NotNeeded => return Ok(Finding::NotApplicable(ONLY_DEMO.to_owned())),
        Contact::Impossible(_) => None,
        Contact::Made { asked, .. } => asked.0.skew,
    };
    let Some(skew) = skew else {
        return Ok(Finding::NotApplicable("HubSpot gave no answer to compare with.".to_owned()));
    };
    if skew > SKEW_MAX {
        let error = errors::say(Code::ClockSkew, &pace::took(skew));
        return Ok(Finding::Look(error.title.clone(), Some(error)));
    }
    Ok(Finding::Fine("Agrees with HubSpot's.".to_owned()))
}

/// Which proxy stands between, as far as the environment says.
pub(super) async fn proxy(round: &Round) -> Result<Finding, WireError> {
    let (origin, lost) = match round.contact().await {
        Contact::NotNeeded => return Ok(Finding::NotApplicable(ONLY_DEMO.to_owned())),
        Contact::Impossible(_) => {
            return Ok(Finding::NotApplicable("There is no address to ask.".to_owned()));
        }
        Contact::Made { origin, asked } => (origin, asked.0.account.err()),
    };
    if origin.is_loopback() {
        return Ok(Finding::NotApplicable("The server is on this computer: no proxy is asked.".to_owned()));
    }
    let named = proxy_in(|name| std::env::var(name).ok());
    let through = named.as_ref().map_or_else(
        || "None in the environment; the system's own setting is followed".to_owned(),
        |(variable, address)| format!("{address} ({variable})"),
    );
    let failed = matches!(lost, Some(hubspot::Error::Transport { kind: hubspot::TransportKind::Proxy, .. }));
    if failed {
        let mut error = errors::say(Code::ProxyFailed, "");
        error.text = format!("{through}.");
        return Err(error);
    }
    Ok(Finding::Fine(format!("{through}.")))
}

/// The variable that names the proxy for https, and its address without user and password.
fn proxy_in(variable: impl Fn(&str) -> Option<String>) -> Option<(&'static str, String)> {
    let named = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let (name, address) = named
        .into_iter()
        .find_map(|name| Some((name, variable(name)?)).filter(|(_, address)| !address.trim().is_empty()))?;
    let (scheme, rest) = address.trim().split_once("://").unwrap_or(("http", address.trim()));
    // Whatever stands before the last @ of the authority may be a password, slashes and all.
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    Some((name, format!("{scheme}://{host}")))
}

pub(super) async fn key(round: &Round, id: &ConnectionId) -> Result<Finding, WireError> {
    let visit = round.visit(id)?;
    let connection = &visit.connection;
    if connection.state == ConnectionState::PendingSetup {
        let error = status::last_error(connection);
        return Ok(Finding::Look("Setup is not finished.".to_owned(), error));
    }
    let Some(client) = visit.client(&round.core).await? else { return Ok(not_running()) };
    match visit.asked(&client).await.account {
        Ok(account) => {
            let expected = connection.account.as_ref().map(|known| known.portal);
            if expected.is_some_and(|portal| portal != account.portal)
                && connection.kind != ConnectionKind::Demo
            {
                return Err(errors::say(Code::WrongAccount, &account.portal.to_string()));
            }
            let hint = connection.key_hint.as_deref().unwrap_or("the key");
            Ok(Finding::Fine(format!("HubSpot accepts {hint}.")))
        }
        // A key that may not read the account is still a key.
        Err(hubspot::Error::MissingScopes { .. } | hubspot::Error::Refused(_)) => {
            Ok(Finding::Fine("HubSpot accepts the key, but does not tell its account.".to_owned()))
        }
        Err(error) => Err(errors::hubspot(&error)),
    }
}

pub(super) async fn scopes(round: &Round, id: &ConnectionId) -> Result<Finding, WireError> {
    let visit = round.visit(id)?;
    if visit.connection.state == ConnectionState::PendingSetup {
        return Ok(Finding::NotApplicable("Setup is not finished.".to_owned()));
    }
    let Some(client) = visit.client(&round.core).await? else { return Ok(not_running()) };
    let left_out = settings::left_out(&round.core, id)?;
    permissions(granted(&round.core, &visit.connection, &client).await?.as_deref(), &left_out)
}

/// A key's permissions may have been changed at HubSpot since; those of an app change only by signing in again.
async fn granted(
    core: &Core,
    connection: &Connection,
    client: &Client,
) -> Result<Option<Vec<String>>, WireError> {
    let token = match connection.kind {
        ConnectionKind::Oauth => None,
        ConnectionKind::Demo => {
            let portal = core.0.demo_portal.lock().await;
            portal.as_ref().map(|portal| Token::new(portal.token.clone()))
        }
        ConnectionKind::ServiceKey | ConnectionKind::PrivateApp => {
            let id = connection.id.clone();
            let kept = core
                .blocking(move |core| Kept::load(&*core.0.vault, &id).map_err(|error| errors::auth(&error)))
                .await?;
            match kept {
                Kept::Key(key) => Some(key.token),
                Kept::Oauth(_) => None,
            }
        }
    };
    match token {
        Some(token) => auth::granted_scopes(client, &token).await.map_err(|error| errors::hubspot(&error)),
        None => Ok(connection.granted_scopes.clone()),
    }
}

/// A type that was left out needs no permission.
fn permissions(granted: Option<&[String]>, left_out: &[ObjectType]) -> Result<Finding, WireError> {
    if granted.is_none() {
        let sentence = "HubSpot does not tell which permissions this key has; a sync finds out.";
        return Ok(Finding::Fine(sentence.to_owned()));
    }
    let mut kinds = catalog::core();
    kinds.retain(|kind| !left_out.contains(&kind.object));
    let missing: Vec<_> = kinds.iter().filter_map(|kind| Some((kind, kind.missing(granted)?))).collect();
    if missing.is_empty() {
        return Ok(Finding::Fine(format!("All {} record types can be read.", kinds.len())));
    }
    let labels: Vec<&str> = missing.iter().map(|(kind, _)| kind.plural.as_str()).collect();
    let mut scopes: Vec<&str> = missing.iter().flat_map(|(_, scopes)| scopes.iter().copied()).collect();
    scopes.sort_unstable();
    scopes.dedup();
    let mut error = errors::say(Code::MissingScope, &scopes.join(", "));
    if missing.len() == kinds.len() {
        "The key may read none of the record types.".clone_into(&mut error.text);
        return Err(error);
    }
    error.text = format!("Skipped because of it: {}. Everything else is copied.", labels.join(", "));
    let sentence = format!("{} of {} record types can be read.", kinds.len() - missing.len(), kinds.len());
    Ok(Finding::Look(format!("{sentence} Missing: {}.", scopes.join(", ")), Some(error)))
}

pub(super) async fn budget(round: &Round, id: &ConnectionId) -> Result<Finding, WireError> {
    let visit = round.visit(id)?;
    if visit.connection.state == ConnectionState::PendingSetup {
        return Ok(Finding::NotApplicable("Setup is not finished.".to_owned()));
    }
    let Some(client) = visit.client(&round.core).await? else { return Ok(not_running()) };
    if let Err(error) = visit.asked(&client).await.account {
        if let hubspot::Error::DailyLimit { .. } | hubspot::Error::ShareUsedUp { .. } = error {
            let error = errors::hubspot(&error);
            return Ok(Finding::Look(error.title.clone(), Some(error)));
        }
        return Ok(Finding::NotApplicable("HubSpot gave no answer that tells.".to_owned()));
    }
    let limits = client.limits();
    let now = limits.general.max.map_or_else(
        || "HubSpot declares no limit per ten seconds".to_owned(),
        |max| format!("{max} requests in {} s", limits.general.interval.as_secs()),
    );
    let Some(day) = limits.daily else { return Ok(Finding::Fine(format!("{now}."))) };
    let sentence = format!("{now}; today {} of {} used.", pace::grouped(day.used), pace::grouped(day.limit));
    if day.used as f64 >= day.limit as f64 * DAY_NEARLY {
        return Ok(Finding::Look(sentence, None));
    }
    Ok(Finding::Fine(sentence))
}

fn not_running() -> Finding {
    Finding::NotApplicable("The demo portal is not running; it starts with its next sync.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_named_without_its_password() {
        let env = |name: &'static str, value: &'static str| {
            move |asked: &str| (asked == name).then(|| value.to_owned())
        };
        for (name, value, shown) in [
            ("HTTPS_PROXY", "http://proxy.corp:3128", "http://proxy.corp:3128"),
            ("https_proxy", "http://jane:s3cret@proxy.corp:3128/", "http://proxy.corp:3128"),
            ("ALL_PROXY", "socks5://jane:p/w@d@10.0.0.1:1080", "socks5://10.0.0.1:1080"),
            ("all_proxy", "proxy.corp:3128", "http://proxy.corp:3128"),
        ] {
            assert_eq!(proxy_in(env(name, value)), Some((name, shown.to_owned())));
        }
        assert_eq!(proxy_in(env("HTTPS_PROXY", " ")), None);
        assert_eq!(proxy_in(|_| None), None);
    }

    #[test]
    fn missing_permissions_are_a_look_and_none_at_all_is_broken() {
        let all: Vec<String> =
            catalog::core().iter().flat_map(|kind| kind.scopes[0]).map(|&scope| scope.to_owned()).collect();
        assert!(matches!(permissions(Some(&all), &[]), Ok(Finding::Fine(_))));
        assert!(matches!(permissions(None, &[]), Ok(Finding::Fine(_))));
        let without: Vec<String> = all.iter().filter(|scope| *scope != "tickets").cloned().collect();
        let Ok(Finding::Look(sentence, Some(error))) = permissions(Some(&without), &[]) else {
            panic!("a look")
        };
        assert!(sentence.contains("tickets") && error.text.contains("Tickets"), "{sentence} {error}");
        assert_eq!(permissions(Some(&[]), &[]).unwrap_err().code, Code::MissingScope);
    }
}
