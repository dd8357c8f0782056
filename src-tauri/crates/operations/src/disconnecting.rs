//! The way out: what it will do, said first; then done in that order.

use std::sync::Arc;

use auth::{Effect, SecretStore};
use crm::ConnectionId;
use store::ConnectionKind;

use crate::{
    core::{Core, clock, count, lock},
    errors,
    pace::grouped,
    runs,
    wire::{CoreEvent, Disconnect, DisconnectPlan, DisconnectPlanRequest, Disconnected, WireError},
};

/// Every effect in order, before anything happens.
pub async fn disconnect_plan(
    core: &Core,
    request: DisconnectPlanRequest,
) -> Result<DisconnectPlan, WireError> {
    core.blocking(move |core| {
        let connection = core.find_connection(&request.connection)?;
        let (records, bytes) = size(core, &connection.id)?;
        let demo = connection.kind == ConnectionKind::Demo;
        let effects = if connection.kind == ConnectionKind::Oauth {
            vec![
                "Syncing stops at the next page.".to_owned(),
                "The sign-in is revoked at HubSpot, if it can be reached.".to_owned(),
                "The tokens and the client secret are deleted from this computer.".to_owned(),
                "The connection is marked as disconnected; nothing is fetched any more.".to_owned(),
            ]
        } else if demo {
            vec!["The demo portal is closed.".to_owned(), "Checking for changes stops.".to_owned()]
        } else {
            vec![
                "Syncing stops at the next page.".to_owned(),
                "The key stays valid at HubSpot: a key can only be switched off there.".to_owned(),
                "The key is deleted from this computer.".to_owned(),
                "The connection is marked as disconnected; nothing is fetched any more.".to_owned(),
            ]
        };
        Ok(DisconnectPlan {
            name: connection.name.clone(),
            portal: connection.account.as_ref().map(|account| account.portal.to_string()),
            effects,
            records: count(records),
            megabytes: bytes as f64 / 1e6,
            hubspot_path: auth::hubspot_path(connection.kind).unwrap_or_default().to_owned(),
        })
    })
    .await
}

fn size(core: &Core, id: &ConnectionId) -> Result<(u64, u64), WireError> {
    let size = core.read(id, |reader| {
        let records = reader
            .objects()?
            .iter()
            .map(|object| Ok(reader.counts(&object.object)?.live))
            .sum::<Result<u64, store::Error>>()?;
        Ok((records, reader.size_bytes()?))
    })?;
    Ok(size.unwrap_or_default())
}

/// One effect as it went; what could not be done is said.
fn in_words(effect: &Effect, records: u64) -> String {
    let said = |done: &Result<(), auth::Error>, fine: String, what: &str| match done {
        Ok(()) => fine,
        Err(error) => {
            let error = errors::auth(error);
            format!("{what}: {} {}", error.title, error.text)
        }
    };
    match effect {
        Effect::KeyStaysValid { deactivate_at } => {
            format!("At HubSpot the key stays valid. Switch it off there: {deactivate_at}")
        }
        Effect::RevokedAtHubspot(done) => said(
            done,
            "The sign-in is revoked at HubSpot.".into(),
            "The sign-in could not be revoked at HubSpot, which forgets it when the app is uninstalled there",
        ),
        Effect::KeyDeleted(done) => {
            said(done, "The key is deleted from this computer.".into(), "The key could not be deleted")
        }
        Effect::MarkedInactive(done) => said(
            done,
            "The connection is marked as disconnected.".into(),
            "The connection could not be marked",
        ),
        Effect::CopyKept => format!("{} records are kept here, readable.", grouped(records)),
        Effect::CopyWiped(done) => said(
            done,
            format!("{} local records are deleted.", grouped(records)),
            "The local records could not be deleted",
        ),
    }
}

/// Stops the run here and in other processes, deletes the key, marks the connection; the copy stays unless wiped.
pub async fn disconnect(core: &Core, request: Disconnect) -> Result<Disconnected, WireError> {
    let connection = core.find_connection(&request.connection)?;
    let id = connection.id.clone();
    let held = runs::take_over(core, &id).await?;
    lock(&core.0.runs).remove(&id);
    let vault: Arc<dyn SecretStore> = core.0.vault.clone();
    let revoked = auth::revoke(vault, &id, &core.client_options(id.as_str())).await;
    lock(&core.0.tokens).remove(&id);
    let outcomes = core
        .blocking(move |core| {
            let _held = held;
            let (records, _) = size(core, &connection.id).unwrap_or_default();
            core.close_readers(&connection.id);
            let inner = &core.0;
            let parts = (&*inner.vault, &inner.app, &inner.home);
            let effects = auth::disconnect(parts, &connection, request.wipe, clock());
            let mut outcomes = vec!["Syncing is stopped.".to_owned()];
            outcomes.extend(revoked.iter().chain(&effects).map(|effect| in_words(effect, records)));
            Ok(outcomes)
        })
        .await?;
    core.tell(CoreEvent::ConnectionsChanged);
    core.tell_status(&id);
    Ok(Disconnected { outcomes })
}
