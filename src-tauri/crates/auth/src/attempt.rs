//! One attempt to sign in with the user's own app: from the address that the browser opens to a grant, or to the reason
//! why there is none. One use, ten minutes. Deliberately absent: opening a browser, keeping what was granted, and words
//! for the window.

use std::{sync::Arc, time::Duration};

use crm::PortalId;
use hubspot::{BadOrigin, ClientOptions, Forms};
use oauth2::{CsrfToken, PkceCodeChallenge, PkceCodeVerifier};
use tokio::sync::{oneshot, watch};
use vault::Secret;

use crate::{
    ExchangeProblem, Grant, OauthApp,
    callback::{Called, Shared, serve},
    exchange,
    listener::{Listener, PortTaken},
    page::Tab,
    returned::{self, PasteRefused},
    verdict::{CALLBACK_PATH, Code, Expected},
};

/// How long an attempt waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For HubSpot's answer.
    pub callback: Duration,
    /// How long the browser tab is kept waiting for the end.
    pub tab: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { callback: Duration::from_mins(10), tab: Duration::from_secs(10) }
    }
}

/// Where an attempt stands, and what came to its return address that was not its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    pub phase: Phase,
    /// Callbacks with another attempt's state.
    pub older_attempts: u32,
    /// Refusals without a state: perhaps HubSpot's, perhaps anybody's.
    pub unproven_denials: u32,
    /// Everything else that was turned away.
    pub turned_away: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    #[default]
    Waiting,
    Exchanging,
    Done,
    Failed,
}

/// Why an attempt has no grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttemptError {
    #[error("no return port is free ({})", taken.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    PortsTaken { taken: Vec<PortTaken> },
    #[error("{0}")]
    Origin(#[from] BadOrigin),
    /// The client for the exchange could not be set up: a certificate file that cannot be read, say.
    #[error("{0}")]
    Setup(hubspot::Error),
    #[error("the attempt was cancelled")]
    Cancelled,
    #[error("no answer came from HubSpot in time")]
    TimedOut,
    /// The user, or HubSpot, said no.
    #[error("HubSpot's page ended with {error}")]
    Denied { error: String, description: Option<String> },
    /// HubSpot said yes, and then gave no token. `clock_off`: by how many seconds this computer's clock is ahead of
    /// HubSpot's, where it is off by more than two minutes.
    #[error("the code could not be exchanged: {problem}")]
    Exchange { problem: ExchangeProblem, clock_off: Option<i64> },
}

/// An attempt that is ready: its ports are taken, its address can be opened.
pub struct Attempt {
    app: OauthApp,
    forms: Forms,
    listener: Option<Listener>,
    verifier: PkceCodeVerifier,
    authorize_url: String,
    redirect_uri: String,
    patience: Patience,
    shared: Arc<Shared>,
    called: oneshot::Receiver<Called>,
}

/// The way to an attempt that runs. Cheap to clone.
#[derive(Clone)]
pub struct AttemptHandle(Arc<Shared>);

impl Attempt {
    /// Takes the first free port of `ports`, usually [`crate::PORTS`].
    pub async fn new(app: OauthApp, ports: &[u16], options: &ClientOptions) -> Result<Attempt, AttemptError> {
        app.check_origins()?;
        let listener = Listener::bind(ports).await.map_err(|taken| AttemptError::PortsTaken { taken })?;
        Attempt::prepared(app, listener.port(), Some(listener), options)
    }

    /// An attempt for when no port is free: the browser ends on a page that does not load, and its address is pasted.
    pub fn by_hand(app: OauthApp, port: u16, options: &ClientOptions) -> Result<Attempt, AttemptError> {
        app.check_origins()?;
        Attempt::prepared(app, port, None, options)
    }

    fn prepared(
        app: OauthApp,
        port: u16,
        listener: Option<Listener>,
        options: &ClientOptions,
    ) -> Result<Attempt, AttemptError> {
        let forms = Forms::new(app.api.clone(), options).map_err(AttemptError::Setup)?;
        let redirect_uri = format!("http://localhost:{port}{CALLBACK_PATH}");
        let state = CsrfToken::new_random_len(32);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let expected = Expected { port, state: Secret::new(state.secret().clone()) };
        let authorize_url = exchange::authorize_url(&app, &redirect_uri, state, challenge);
        let patience = Patience::default();
        let (shared, called) = Shared::new(expected, patience.tab);
        Ok(Attempt { app, forms, listener, verifier, authorize_url, redirect_uri, patience, shared, called })
    }

    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Attempt {
        self.patience = patience;
        self.shared.set_tab_patience(patience.tab);
        self
    }

    /// What the browser is to open. It holds no secret of the app's, and is of use for this attempt only.
    pub fn authorize_url(&self) -> &str {
        &self.authorize_url
    }

    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    pub fn port(&self) -> u16 {
        self.shared.expected.port
    }

    /// Whether the browser's answer comes here by itself.
    pub fn listens(&self) -> bool {
        self.listener.is_some()
    }

    pub fn handle(&self) -> AttemptHandle {
        AttemptHandle(self.shared.clone())
    }

    /// Waits for HubSpot's answer and exchanges its code.
    pub async fn run(self) -> Result<Grant, AttemptError> {
        self.run_then(async |granted| granted, Tab::of_grant).await
    }

    /// Like [`Attempt::run`], with what is done with the grant inside the attempt, so that the browser tab can be told
    /// how it really ended. Not cancelled once the code is exchanged. When this future is dropped, all is closed.
    pub async fn run_then<T>(
        self,
        then: impl AsyncFnOnce(Result<Grant, AttemptError>) -> T,
        tell: impl FnOnce(&T) -> Tab,
    ) -> T {
        let Attempt { app, forms, listener, verifier, redirect_uri, patience, shared, called, .. } = self;
        let work = async {
            let granted = tokio::select! {
                granted = granted(&app, &forms, &redirect_uri, verifier, patience, &shared, called) => granted,
                () = shared.cancelled.notified() => Err(AttemptError::Cancelled),
            };
            shared.close();
            let failed = granted.is_err();
            let done = then(granted).await;
            shared.phase(if failed { Phase::Failed } else { Phase::Done });
            shared.ended.send_replace(Some(Arc::new(tell(&done))));
            done
        };
        match listener {
            Some(listener) => tokio::join!(work, serve(listener, shared.clone())).0,
            None => work.await,
        }
    }
}

async fn granted(
    app: &OauthApp,
    forms: &Forms,
    redirect_uri: &str,
    verifier: PkceCodeVerifier,
    patience: Patience,
    shared: &Shared,
    called: oneshot::Receiver<Called>,
) -> Result<Grant, AttemptError> {
    let code: Code = match tokio::time::timeout(patience.callback, called).await {
        Err(_) => return Err(AttemptError::TimedOut),
        Ok(Err(_)) => return Err(AttemptError::Cancelled),
        Ok(Ok(Called::Denied { error, description })) => {
            return Err(AttemptError::Denied { error, description });
        }
        Ok(Ok(Called::Approved(code))) => code,
    };
    shared.phase(Phase::Exchanging);
    exchange::code(app, forms, redirect_uri, &verifier, &code).await
}

impl AttemptHandle {
    /// Ends the attempt, unless its code is exchanged already.
    pub fn cancel(&self) {
        self.0.cancelled.notify_one();
    }

    /// Takes the address that the browser ended on, or what stands behind its `?`, in place of the callback.
    pub fn paste(&self, address: &str) -> Result<(), PasteRefused> {
        let called = returned::read(address, &self.0.expected)?;
        if self.0.call(called) { Ok(()) } else { Err(PasteRefused::AlreadyAnswered) }
    }

    pub fn progress(&self) -> Progress {
        *self.0.progress.borrow()
    }

    /// Changes as the attempt goes on; closed some time after its end.
    pub fn watch(&self) -> watch::Receiver<Progress> {
        self.0.progress.subscribe()
    }
}

impl AttemptError {
    /// The app's code for it, stable.
    pub fn code(&self) -> &'static str {
        match self {
            AttemptError::PortsTaken { .. } => "port_busy",
            AttemptError::Origin(_) => "bad_origin",
            AttemptError::Setup(_) => "tls",
            AttemptError::Cancelled => "cancelled",
            AttemptError::TimedOut => "callback_timeout",
            AttemptError::Denied { .. } => "user_denied",
            AttemptError::Exchange { problem: ExchangeProblem::Refused(refused), .. }
                if refused.refusal == hubspot::OauthRefusal::BadRedirectUri =>
            {
                "redirect_mismatch"
            }
            AttemptError::Exchange { .. } => "exchange_failed",
        }
    }
}

impl Tab {
    /// What the tab says at the end of an attempt that is not told otherwise.
    pub fn of_grant(granted: &Result<Grant, AttemptError>) -> Tab {
        let (title, text) = match granted {
            Ok(Grant { hub_id: Some(PortalId(portal)), .. }) => {
                return Tab::new(format!("Connected to portal {portal}."), "You can close this tab.");
            }
            Ok(_) => return Tab::new("Connected.", "You can close this tab."),
            Err(AttemptError::Denied { error, description }) => (
                "HubSpot did not approve this.",
                format!("Nothing was connected. HubSpot says: {}", description.as_ref().unwrap_or(error)),
            ),
            Err(AttemptError::Cancelled) => ("This attempt was cancelled.", "Nothing was connected.".into()),
            Err(AttemptError::TimedOut) => ("Portside stopped waiting.", "Nothing was connected.".into()),
            Err(error) => ("HubSpot said yes, but the last step failed.", error.to_string()),
        };
        let code = granted.as_ref().err().map(|error| error.code().to_owned());
        Tab { code, ..Tab::new(title, text) }
    }
}
