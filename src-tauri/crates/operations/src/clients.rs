//! Clients for a connection: with its key, or with an app's tokens kept alive, from the vault.

use std::{sync::Arc, time::Duration};

use auth::{Kept, OauthCredential, OauthTokens};
use crm::{Account, ConnectionId, Timestamp};
use hubspot::{Client, ClientOptions, Origin, StaticToken, Token, midnight_after};
use store::{Connection, ConnectionKind};
use sync::RunFacts;

use crate::{
    core::{Core, clock, lock},
    demo, errors,
    wire::WireError,
};

/// A client for a run, with the key or the tokens from the vault. A key's permissions are asked for again: they can be
/// added to it in HubSpot at any time, and are kept with the connection here.
pub(crate) async fn client_for_run(core: &Core, connection: &mut Connection) -> Result<Client, WireError> {
    if connection.kind == ConnectionKind::Demo {
        return demo::client(core).await;
    }
    // Another process may have been calling until a moment ago; its calls still count.
    let id = connection.id.clone();
    let resumed = core.blocking(move |core| Ok(was_calling(core, &id, clock()))).await?;
    let options = ClientOptions { resumed, ..core.client_options(connection.id.as_str()) };
    let kept = kept(core, &connection.id).await?;
    let key = match &kept {
        Kept::Key(key) => Some(key.token.clone()),
        Kept::Oauth(_) => None,
    };
    let client = client_with_kept(core, connection, kept, options)?;
    if let (Some(_), Some(account)) = (&key, connection.account.clone()) {
        client.know_own_day(core.blocking(move |core| calls_of_today(core, &account, clock())).await?);
    }
    if let Some(key) = key
        // Whatever else is wrong, the run itself will say.
        && let Ok(Some(granted)) = auth::granted_scopes(&client, &key).await
    {
        connection.granted_scopes = Some(granted);
    }
    Ok(client)
}

pub(crate) async fn client_of(
    core: &Core,
    connection: &Connection,
    options: ClientOptions,
) -> Result<Client, WireError> {
    let kept = kept(core, &connection.id).await?;
    client_with_kept(core, connection, kept, options)
}

async fn kept(core: &Core, id: &ConnectionId) -> Result<Kept, WireError> {
    let id = id.clone();
    core.blocking(move |core| Kept::load(&*core.0.vault, &id).map_err(|error| errors::auth(&error))).await
}

fn client_with_kept(
    core: &Core,
    connection: &Connection,
    kept: Kept,
    options: ClientOptions,
) -> Result<Client, WireError> {
    let client = match kept {
        Kept::Key(key) => client_with(&key.origin, key.token, options)?,
        Kept::Oauth(oauth) => {
            let origin = oauth.api.clone();
            let tokens = tokens_of(core, &connection.id, oauth)?;
            Client::new(origin, Arc::new(tokens), options).map_err(|error| errors::hubspot(&error))?
        }
    };
    if let Some(account) = &connection.account {
        client.know_account(account);
    }
    Ok(client)
}

/// Calls of the portal's day that runs of this computer have made with keys: those share the day. A run that was killed
/// has told nothing.
fn calls_of_today(core: &Core, account: &Account, now: Timestamp) -> Result<u64, WireError> {
    let Some(midnight) = midnight_before(now, account) else { return Ok(0) };
    let mut calls = 0;
    for connection in core.0.app.connections().map_err(|error| errors::store(&error))? {
        let same = connection.account.as_ref().is_some_and(|other| other.portal == account.portal);
        if !same || !matches!(connection.kind, ConnectionKind::ServiceKey | ConnectionKind::PrivateApp) {
            continue;
        }
        let runs = core.read(&connection.id, |reader| reader.runs(RUNS_OF_A_DAY))?.unwrap_or_default();
        let today = runs.iter().filter(|run| run.started_at >= midnight);
        let facts = today.filter_map(|run| serde_json::from_str::<RunFacts>(run.summary.as_deref()?).ok());
        calls += facts.map(|facts| facts.requests).sum::<u64>();
    }
    Ok(calls)
}

/// More than a run every three minutes.
const RUNS_OF_A_DAY: usize = 500;

fn midnight_before(now: Timestamp, account: &Account) -> Option<Timestamp> {
    // No day is longer than 25 hours.
    let mut midnight = midnight_after(now.minus(Duration::from_hours(26)), account)?;
    while let Some(next) = midnight_after(midnight, account).filter(|next| *next <= now) {
        midnight = next;
    }
    Some(midnight)
}

/// One source of tokens for each connection of this process, so that its tasks share one refresh.
fn tokens_of(core: &Core, id: &ConnectionId, kept: OauthCredential) -> Result<OauthTokens, WireError> {
    let mut known = lock(&core.0.tokens);
    if let Some(tokens) = known.get(id).filter(|tokens| tokens.over().is_none()) {
        return Ok(tokens.clone());
    }
    let (vault, options) = (core.0.vault.clone(), core.client_options(id.as_str()));
    let tokens = OauthTokens::new(kept, id, vault, &core.0.home, &options);
    let tokens = tokens.map_err(|error| errors::auth(&error))?;
    known.insert(id.clone(), tokens.clone());
    Ok(tokens)
}

/// Whether a run of this connection was cut, or ended so lately that HubSpot still counts its calls.
fn was_calling(core: &Core, id: &ConnectionId, now: Timestamp) -> bool {
    let seen = core.read(id, |reader| {
        let open = sync::import_mark(reader).ok().flatten().is_some_and(|mark| mark.open);
        let ended = reader.runs(1)?.first().and_then(|run| run.finished_at);
        Ok(open || ended.is_some_and(|ended| now < ended.plus(STILL_COUNTED)))
    });
    matches!(seen, Ok(Some(true)))
}

/// HubSpot's window of ten seconds, and what its clock may differ from ours.
const STILL_COUNTED: Duration = Duration::from_secs(15);

pub(crate) fn client_with(
    origin: &Origin,
    token: Token,
    options: ClientOptions,
) -> Result<Client, WireError> {
    Client::new(origin.clone(), Arc::new(StaticToken(token)), options)
        .map_err(|error| errors::hubspot(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_began_at_the_portals_last_midnight_also_when_it_has_25_hours() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (now, began) in [
            ("2026-11-01T06:59:59Z", "2026-10-31T07:00:00Z"),
            ("2026-11-01T07:00:00Z", "2026-11-01T07:00:00Z"),
            ("2026-11-02T07:59:59Z", "2026-11-01T07:00:00Z"),
            ("2026-11-02T08:00:00Z", "2026-11-02T08:00:00Z"),
        ] {
            let account = Account {
                portal: crm::PortalId(1),
                account_type: None,
                time_zone: Some("America/Los_Angeles".into()),
                currency: None,
                utc_offset_ms: None,
                ui_domain: None,
                region: None,
            };
            assert_eq!(midnight_before(at(now), &account), Some(at(began)), "{now}");
        }
    }
}
