//! Whose token this is, and what it may do.

use bytes::Bytes;
use crm::{Account, PortalId};
use serde::Deserialize;

use super::{lenient, parse, scalar_option, scalars};
use crate::{ApiVersion, Endpoint, Family, Malformed, Request, Token, page::text};

/// The portal behind the token.
#[derive(Debug, Clone, Copy)]
pub struct AccountDetails;

impl AccountDetails {
    const KIND: &'static str = "account details";
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawAccount {
    portal_id: u64,
    #[serde(default, deserialize_with = "lenient")]
    account_type: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    time_zone: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    company_currency: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    utc_offset_milliseconds: Option<i64>,
    #[serde(default, deserialize_with = "lenient")]
    ui_domain: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    data_hosting_location: Option<String>,
}

impl Endpoint for AccountDetails {
    type Output = Account;

    fn request(&self, version: ApiVersion) -> Request {
        Request::get(Self::KIND, format!("{}/details", Family::Account.base(version)))
    }

    fn read(&self, body: Bytes) -> Result<Account, Malformed> {
        let raw: RawAccount = parse(Self::KIND, &text(&body))?;
        Ok(Account {
            portal: PortalId(raw.portal_id),
            account_type: raw.account_type,
            time_zone: raw.time_zone,
            currency: raw.company_currency,
            utc_offset_ms: raw.utc_offset_milliseconds,
            ui_domain: raw.ui_domain,
            region: raw.data_hosting_location,
        })
    }
}

/// What a service key or private-app token may do. The same token is asked about and sent.
#[derive(Debug, Clone)]
pub struct TokenInfo {
    pub token: Token,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenDetails {
    pub hub_id: PortalId,
    pub user_id: Option<String>,
    pub app_id: Option<String>,
    pub scopes: Vec<String>,
}

impl TokenInfo {
    const KIND: &'static str = "token introspection";
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawToken {
    hub_id: u64,
    #[serde(default, deserialize_with = "scalar_option")]
    user_id: Option<String>,
    #[serde(default, deserialize_with = "scalar_option")]
    app_id: Option<String>,
    #[serde(deserialize_with = "scalars")]
    scopes: Vec<String>,
}

impl Endpoint for TokenInfo {
    type Output = TokenDetails;

    fn request(&self, _version: ApiVersion) -> Request {
        let body = serde_json::json!({ "tokenKey": self.token.expose() }).to_string();
        Request::post(Self::KIND, "/oauth/v2/private-apps/get/access-token-info".into(), body.into())
    }

    fn read(&self, body: Bytes) -> Result<TokenDetails, Malformed> {
        let raw: RawToken = parse(Self::KIND, &text(&body))?;
        Ok(TokenDetails {
            hub_id: PortalId(raw.hub_id),
            user_id: raw.user_id,
            app_id: raw.app_id,
            scopes: raw.scopes,
        })
    }
}
