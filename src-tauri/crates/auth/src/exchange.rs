//! What is said to HubSpot's token endpoints: a code or a refresh token for tokens, questions about one, and giving one
//! up. Each is one form, sent once; who repeats it, and when, is decided elsewhere.

use std::{fmt, sync::Mutex, time::Duration};

use crm::{PortalId, Timestamp};
use futures::future::BoxFuture;
use hubspot::{Error, Forms, GrantType, OauthRefused, Token, TransportKind, oauth};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken,
    StandardTokenResponse, TokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
    },
    url::form_urlencoded,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{AttemptError, OauthApp, clock, verdict::Code};

/// A clock that differs by no more is not what made an exchange fail.
const CLOCK_TOLERANCE: i64 = 120;
/// What HubSpot's tokens live when an answer does not say.
const LIFE_DEFAULT: Duration = Duration::from_mins(30);
const LIFE_MAX: Duration = Duration::from_hours(24 * 30);
/// A code lives shortly; a second try must come soon or not at all.
const CONNECT_AGAIN: Duration = Duration::from_secs(1);
const CONNECTS_MAX: u32 = 3;

/// What an approval is worth: tokens, and whose they are.
#[derive(Debug, Clone)]
pub struct Grant {
    pub access: Token,
    pub expires_in: Duration,
    pub refresh: Token,
    pub hub_id: Option<PortalId>,
    /// What was really granted; `None` when HubSpot does not say.
    pub scopes: Option<Vec<String>>,
    pub received_at: Timestamp,
}

/// Why there are no tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeProblem {
    #[error("{0}")]
    Refused(OauthRefused),
    #[error("HubSpot could not be reached ({kind:?}): {detail}")]
    Transport { kind: TransportKind, detail: String },
    /// An answer of success without tokens in it.
    #[error("the answer could not be read")]
    Malformed,
}

impl ExchangeProblem {
    /// Whether the same request may do later.
    pub fn is_transient(&self) -> bool {
        match self {
            ExchangeProblem::Refused(refused) => refused.is_transient(),
            ExchangeProblem::Transport { .. } | ExchangeProblem::Malformed => true,
        }
    }
}

/// Tokens as they were answered.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) access: Token,
    pub(crate) life: Duration,
    /// Not every answer repeats it.
    pub(crate) refresh: Option<Token>,
    hub_id: Option<PortalId>,
    scopes: Option<Vec<String>>,
}

/// HubSpot's own fields, of any type, so that a surprise in one does not cost the tokens.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Extra {
    #[serde(default)]
    hub_id: Value,
    #[serde(default)]
    scopes: Value,
}

impl ExtraTokenFields for Extra {}

type Answer = StandardTokenResponse<Extra, BasicTokenType>;
type Flow = Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

fn flow(client_id: &str, app: &str, token_url: String) -> Flow {
    let authorize = AuthUrl::new(format!("{app}{}", oauth::AUTHORIZE_PATH)).expect("an origin and a path");
    let token = TokenUrl::new(token_url).expect("an origin and a path");
    Client::new(ClientId::new(client_id.to_owned()))
        .set_auth_type(AuthType::RequestBody)
        .set_auth_uri(authorize)
        .set_token_uri(token)
}

fn asking_flow(client_id: &str, client_secret: &str, forms: &Forms) -> Flow {
    let origin = forms.origin().as_str();
    flow(client_id, origin, format!("{origin}{}", oauth::token_path(forms.version())))
        .set_client_secret(ClientSecret::new(client_secret.to_owned()))
}

/// The address where the user approves the app.
pub(crate) fn authorize_url(
    app: &OauthApp,
    redirect_uri: &str,
    state: CsrfToken,
    challenge: PkceCodeChallenge,
) -> String {
    let redirect = RedirectUrl::new(redirect_uri.to_owned()).expect("an address of this computer");
    let flow = flow(&app.client_id, app.app.as_str(), app.api.as_str().to_owned()).set_redirect_uri(redirect);
    let scopes = app.scopes.asked().into_iter().map(|scope| Scope::new(scope.to_owned()));
    let optional = app.scopes.asked_optionally().join(" ");
    let mut request = flow.authorize_url(|| state).add_scopes(scopes).set_pkce_challenge(challenge);
    if !optional.is_empty() {
        request = request.add_extra_param("optional_scope", optional);
    }
    let (mut url, _) = request.url();
    // HubSpot's examples write %20. A plus that means itself is written %2B, so every plus here is a blank.
    let query = url.query().unwrap_or_default().replace('+', "%20");
    url.set_query(Some(&query));
    url.into()
}

/// Exchanges a code. A connection that could not be made is tried again: nothing was sent.
pub(crate) async fn code(
    app: &OauthApp,
    forms: &Forms,
    redirect_uri: &str,
    verifier: &PkceCodeVerifier,
    code: &Code,
) -> Result<Grant, AttemptError> {
    let secrets = [app.client_secret.expose(), code.expose(), verifier.secret()];
    let redirect = RedirectUrl::new(redirect_uri.to_owned()).expect("an address of this computer");
    let flow = asking_flow(&app.client_id, app.client_secret.expose(), forms).set_redirect_uri(redirect);
    let mut connects = 1;
    let (tokens, date) = loop {
        let wire = Sent::new(forms, GrantType::AuthorizationCode, &secrets);
        let asked = flow
            .exchange_code(AuthorizationCode::new(code.expose().to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.secret().clone()))
            .request_async(&wire)
            .await;
        let date = wire.date();
        match read(asked) {
            Err(ExchangeProblem::Transport { kind: TransportKind::Dns | TransportKind::Connect, .. })
                if connects < CONNECTS_MAX =>
            {
                connects += 1;
                tokio::time::sleep(CONNECT_AGAIN).await;
            }
            done => break (done, date),
        }
    };
    let now = clock::wall();
    let failed = |problem| AttemptError::Exchange { problem, clock_off: clock_off(now, date) };
    let Tokens { access, life, refresh, hub_id, scopes } = tokens.map_err(failed)?;
    let refresh = refresh.ok_or_else(|| failed(ExchangeProblem::Malformed))?;
    for token in [&access, &refresh] {
        app.api.accepts(token, app.allow_host)?;
    }
    Ok(Grant { access, expires_in: life, refresh, hub_id, scopes, received_at: now })
}

fn clock_off(now: Timestamp, hubspots: Option<Timestamp>) -> Option<i64> {
    let seconds = (now.millis() - hubspots?.millis()) / 1000;
    (seconds.abs() > CLOCK_TOLERANCE).then_some(seconds)
}

/// Asks for a new access token, once.
pub(crate) async fn refresh(
    client_id: &str,
    client_secret: &str,
    forms: &Forms,
    refresh: &Token,
) -> Result<Tokens, ExchangeProblem> {
    let secrets = [client_secret, refresh.expose()];
    let wire = Sent::new(forms, GrantType::RefreshToken, &secrets);
    let token = RefreshToken::new(refresh.expose().to_owned());
    let flow = asking_flow(client_id, client_secret, forms);
    read(flow.exchange_refresh_token(&token).request_async(&wire).await)
}

/// The library's requests, sent by our own wire.
struct Sent<'a> {
    forms: &'a Forms,
    grant: GrantType,
    secrets: &'a [&'a str],
    date: Mutex<Option<Timestamp>>,
}

impl<'a> Sent<'a> {
    fn new(forms: &'a Forms, grant: GrantType, secrets: &'a [&'a str]) -> Sent<'a> {
        Sent { forms, grant, secrets, date: Mutex::default() }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ExchangeProblem> {
        let path = request.uri().path().to_owned();
        let answer = self.forms.post(&path, Zeroizing::new(request.into_body())).await.map_err(unsent)?;
        *self.date.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = answer.date;
        if !(200..300).contains(&answer.status) {
            let refused = OauthRefused::read(answer.status, &answer.body, self.grant, self.secrets);
            return Err(ExchangeProblem::Refused(refused));
        }
        Ok(HttpResponse::new(answer.body.to_vec()))
    }

    fn date(&self) -> Option<Timestamp> {
        *self.date.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl<'c> AsyncHttpClient<'c> for Sent<'_> {
    type Error = ExchangeProblem;
    type Future = BoxFuture<'c, Result<HttpResponse, ExchangeProblem>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

fn unsent(error: Error) -> ExchangeProblem {
    match error {
        Error::Transport { kind, detail } => ExchangeProblem::Transport { kind, detail },
        other => ExchangeProblem::Transport { kind: TransportKind::Interrupted, detail: other.to_string() },
    }
}

fn read<E>(asked: Result<Answer, RequestTokenError<ExchangeProblem, E>>) -> Result<Tokens, ExchangeProblem>
where
    E: oauth2::ErrorResponse,
{
    let answer = match asked {
        Ok(answer) => answer,
        Err(RequestTokenError::Request(problem)) => return Err(problem),
        // The library's error holds the whole answer.
        Err(_) => return Err(ExchangeProblem::Malformed),
    };
    let access = answer.access_token().secret();
    if access.is_empty() {
        return Err(ExchangeProblem::Malformed);
    }
    let Extra { hub_id, scopes } = answer.extra_fields();
    Ok(Tokens {
        access: Token::new(access.clone()),
        life: answer.expires_in().unwrap_or(LIFE_DEFAULT).clamp(Duration::from_secs(1), LIFE_MAX),
        refresh: answer
            .refresh_token()
            .filter(|token| !token.secret().is_empty())
            .map(|token| Token::new(token.secret().clone())),
        hub_id: portal(hub_id),
        scopes: texts(scopes),
    })
}

fn portal(value: &Value) -> Option<PortalId> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).map(PortalId)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    let list = value.as_array()?;
    Some(list.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect())
}

/// What HubSpot says about a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introspection {
    pub active: bool,
    pub hub_id: Option<PortalId>,
    /// `acme.com`: the account's main domain.
    pub hub_domain: Option<String>,
    /// Who approved the app.
    pub user: Option<String>,
    pub scopes: Option<Vec<String>>,
}

/// Which of an app's two tokens is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenHint {
    Access,
    Refresh,
}

/// Asks HubSpot about a token.
pub(crate) async fn introspect(
    (client_id, client_secret): (&str, &str),
    forms: &Forms,
    (token, hint): (&Token, TokenHint),
) -> Result<Introspection, ExchangeProblem> {
    let path = oauth::introspect_path(forms.version());
    let body = about_token(&path, (client_id, client_secret), forms, (token, hint)).await?;
    let fields: Value = serde_json::from_slice(&body).map_err(|_| ExchangeProblem::Malformed)?;
    let text = |name: &str| fields[name].as_str().map(str::to_owned);
    Ok(Introspection {
        active: fields["active"].as_bool().ok_or(ExchangeProblem::Malformed)?,
        hub_id: portal(&fields["hub_id"]),
        hub_domain: text("hub_domain"),
        user: text("user"),
        scopes: texts(&fields["scopes"]),
    })
}

/// Gives a token up. One that is gone already counts as given up.
pub(crate) async fn revoke(
    client: (&str, &str),
    forms: &Forms,
    token: (&Token, TokenHint),
) -> Result<(), ExchangeProblem> {
    let path = oauth::revoke_path(forms.version());
    match about_token(&path, client, forms, token).await {
        Err(ExchangeProblem::Refused(refused))
            if refused.refusal == hubspot::OauthRefusal::BadRefreshToken =>
        {
            Ok(())
        }
        done => done.map(drop),
    }
}

async fn about_token(
    path: &str,
    (client_id, client_secret): (&str, &str),
    forms: &Forms,
    (token, hint): (&Token, TokenHint),
) -> Result<bytes::Bytes, ExchangeProblem> {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", client_id)
        .append_pair("client_secret", client_secret)
        .append_pair("token", token.expose())
        .append_pair("token_type_hint", &hint.to_string())
        .finish();
    let answer = forms.post(path, Zeroizing::new(body.into_bytes())).await.map_err(unsent)?;
    if (200..300).contains(&answer.status) {
        return Ok(answer.body);
    }
    let secrets = [client_secret, token.expose()];
    let refused = OauthRefused::read(answer.status, &answer.body, GrantType::RefreshToken, &secrets);
    Err(ExchangeProblem::Refused(refused))
}

impl fmt::Display for TokenHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TokenHint::Access => "access_token",
            TokenHint::Refresh => "refresh_token",
        })
    }
}
