//! Whose key is it, and what may it do: questions whose answers need more than one way of asking. Deliberately absent:
//! words, order and timing, and what one request already answers.

use crm::{Account, PortalId};
use hubspot::{AccountDetails, Client, ClientOptions, Error, Forms, Token, TokenInfo};

use crate::{
    ExchangeProblem, Grant, Introspection, OauthCredential,
    exchange::{self, TokenHint},
};

/// The scopes the key was granted; `None` when HubSpot does not tell: then calls are tried, and a 403 teaches. An error
/// of [`Error::Unauthorized`] is HubSpot's no to the key itself.
pub async fn granted_scopes(client: &Client, token: &Token) -> Result<Option<Vec<String>>, Error> {
    match client.send(&TokenInfo { token: token.clone() }).await {
        Ok(details) => Ok(Some(details.scopes)),
        // The question is undocumented for some kinds of keys; not to answer it says nothing about this one.
        Err(
            Error::Refused(_)
            | Error::NotFound(_)
            | Error::Conflict(_)
            | Error::MissingScopes { .. }
            | Error::Malformed(_)
            | Error::Server(_),
        ) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The account behind the key. Where its details are refused, its id alone is known.
pub async fn identity(client: &Client, token: &Token) -> Result<Account, Error> {
    let account = match client.send(&AccountDetails).await {
        Ok(account) => account,
        Err(refused @ (Error::MissingScopes { .. } | Error::Refused(_))) => {
            let details = client.send(&TokenInfo { token: token.clone() }).await.map_err(|_| refused)?;
            only_known_by(details.hub_id)
        }
        Err(error) => return Err(error),
    };
    client.know_account(&account);
    Ok(account)
}

/// What HubSpot says about an app's access token.
pub async fn introspect(
    credential: &OauthCredential,
    access: &Token,
    options: &ClientOptions,
) -> Result<Introspection, crate::Error> {
    let forms = Forms::new(credential.api.clone(), options)?;
    let client = (credential.client_id.as_str(), credential.client_secret.expose());
    Ok(exchange::introspect(client, &forms, (access, TokenHint::Access)).await?)
}

/// The scopes of a grant: as its answer said, else as HubSpot says when asked; `None` when nobody tells.
pub async fn oauth_scopes(
    credential: &OauthCredential,
    grant: &Grant,
    options: &ClientOptions,
) -> Result<Option<Vec<String>>, crate::Error> {
    if grant.scopes.is_some() {
        return Ok(grant.scopes.clone());
    }
    match introspect(credential, &grant.access, options).await {
        Ok(said) => Ok(said.scopes),
        Err(crate::Error::Exchange(ExchangeProblem::Refused(_) | ExchangeProblem::Malformed)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The account behind a grant. Where its details are refused, the grant itself names its id.
pub async fn oauth_identity(client: &Client, grant: &Grant) -> Result<Account, Error> {
    let account = match (client.send(&AccountDetails).await, grant.hub_id) {
        (Ok(account), _) => account,
        (Err(Error::MissingScopes { .. } | Error::Refused(_)), Some(portal)) => only_known_by(portal),
        (Err(error), _) => return Err(error),
    };
    client.know_account(&account);
    Ok(account)
}

fn only_known_by(portal: PortalId) -> Account {
    Account {
        portal,
        account_type: None,
        time_zone: None,
        currency: None,
        utc_offset_ms: None,
        ui_domain: None,
        region: None,
    }
}
