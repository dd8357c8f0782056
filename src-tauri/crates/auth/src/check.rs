//! Whose key is it, and what may it do: questions whose answers need more than one way of asking. Deliberately absent:
//! words, order and timing, and what one request already answers.

use crm::Account;
use hubspot::{AccountDetails, Client, Error, Token, TokenInfo};

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
            Account {
                portal: details.hub_id,
                account_type: None,
                time_zone: None,
                currency: None,
                utc_offset_ms: None,
                ui_domain: None,
                region: None,
            }
        }
        Err(error) => return Err(error),
    };
    client.know_account(&account);
    Ok(account)
}
