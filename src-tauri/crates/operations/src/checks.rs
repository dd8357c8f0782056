//! The wizard's live checks: each streams in with its time, a failed one does not stop those that can still run.

use std::time::{Duration, Instant};

use crm::{Account, PropertyName, Sensitivity};
use hubspot::{
    Client, catalog,
    endpoint::{AccountDetails, Properties, Search},
};

use crate::{
    connect::{Draft, Source, refused_key},
    core::{Core, clock, count, lock},
    doctor::probe_vault,
    errors, keeping, pace, scopes,
    wire::{CheckOutcome, CheckRow, Checks, Code, CoreEvent, ErrorAction, PortalIdentity, WireError},
};

/// What the checks of a draft have found.
#[derive(Default)]
pub(crate) struct Checked {
    rows: Vec<CheckRow>,
    running: bool,
    pub(crate) account: Option<Account>,
    pub(crate) granted: Option<Vec<String>>,
    /// What the connection was granted before, where it was there already.
    before: Vec<String>,
    first_look: Vec<String>,
}

impl Checked {
    /// What a sign-in has told already.
    pub(crate) fn known(
        account: Option<Account>,
        granted: Option<Vec<String>>,
        before: &[String],
    ) -> Checked {
        Checked { account, granted, before: before.to_vec(), ..Checked::default() }
    }
}

const ROWS: [(&str, &str); 8] = [
    ("format", "Key format"),
    ("keychain", "Kept in your system keychain"),
    ("reachable", "HubSpot can be reached"),
    ("accepted", "HubSpot accepts the key"),
    ("scopes", "Read permissions"),
    ("counts", "Records"),
    ("properties", "Property definitions"),
    ("budget", "Request budget"),
];

/// Checks without which a connection cannot be made.
const NEEDED: [&str; 4] = ["format", "keychain", "reachable", "accepted"];

/// A clock further off than this breaks sign-in and misdates what is seen.
const SKEW_MAX: Duration = Duration::from_mins(2);

/// Types whose records are counted in the wizard; the others follow in the import.
const COUNTED: [&str; 4] = ["contacts", "companies", "deals", "tickets"];

pub(crate) fn start(core: &Core, name: &str, draft: &Draft, client: Client, only: &[String]) {
    let mut checked = lock(&draft.checked);
    if checked.running {
        return;
    }
    if checked.rows.is_empty() {
        checked.rows = ROWS.iter().map(|(id, label)| row(id, label)).collect();
    }
    for row in checked.rows.iter_mut().filter(|row| only.is_empty() || only.contains(&row.id)) {
        *row = CheckRow { label: row.label.clone(), ..self::row(&row.id, "") };
        if row.id == "keychain" && core.0.vault.is_file() {
            "Kept in your encrypted file".clone_into(&mut row.label);
        }
    }
    checked.running = true;
    drop(checked);
    let run = Run { core: core.clone(), name: name.to_owned(), draft: draft.clone(), client };
    tokio::spawn(async move { run.all().await });
}

fn row(id: &str, label: &str) -> CheckRow {
    CheckRow {
        id: id.to_owned(),
        label: label.to_owned(),
        outcome: CheckOutcome::Next,
        sentence: String::new(),
        ms: None,
        error: None,
    }
}

pub(crate) fn shown(name: &str, draft: &Draft) -> Checks {
    let checked = lock(&draft.checked);
    let good = |id: &&str| {
        checked
            .rows
            .iter()
            .any(|row| row.id == **id && matches!(row.outcome, CheckOutcome::Good | CheckOutcome::Look))
    };
    Checks {
        draft: name.to_owned(),
        rows: checked.rows.clone(),
        portal: checked.account.as_ref().map(identity),
        can_finish: checked.account.is_some() && NEEDED.iter().all(good),
        running: checked.running,
        suggested_name: checked
            .account
            .as_ref()
            .map_or_else(String::new, |account| format!("Portal {}", account.portal)),
        gained: if checked.before.is_empty() {
            Vec::new()
        } else {
            scopes::gained(&checked.before, checked.granted.as_deref().unwrap_or_default())
        },
        first_look: (!checked.first_look.is_empty()).then(|| checked.first_look.join(" · ")),
    }
}

fn identity(account: &Account) -> PortalIdentity {
    let kind = match account.account_type.as_deref() {
        Some("STANDARD") => "standard account",
        Some("DEVELOPER_TEST") => "developer test account",
        Some("SANDBOX") => "sandbox account",
        Some("APP_DEVELOPER") => "app developer account",
        _ => "account",
    };
    PortalIdentity {
        portal: account.portal.to_string(),
        account: kind.to_owned(),
        region: account.region.clone(),
        ui_domain: account.ui_domain.clone(),
        time_zone: account.time_zone.clone(),
        currency: account.currency.clone(),
    }
}

/// A finding: a good sentence, one to look at, or an error.
enum Found {
    Good(String),
    Look(String, Option<WireError>),
}

struct Run {
    core: Core,
    name: String,
    draft: Draft,
    client: Client,
}

impl Run {
    async fn all(&self) {
        self.check("format", async {
            Ok(Found::Good(match self.draft.source {
                Source::Key(_) => format!("Looks like a key: {}", self.draft.hint),
                Source::SignedIn | Source::Stray(_) => "Signed in with your own app.".to_owned(),
            }))
        })
        .await;
        let kept = self.check("keychain", self.keychain());
        let network = async {
            let answer = self.check("reachable", self.reachable()).await;
            self.check("accepted", self.accepted(answer.as_ref())).await;
            if lock(&self.draft.checked).account.is_none() {
                return;
            }
            self.check("scopes", async { self.scopes() }).await;
            futures::join!(self.check("counts", self.counts()), self.check("properties", self.properties()),);
            self.check("budget", async { Ok(self.budget()) }).await;
        };
        futures::join!(kept, network);
        let mut checked = lock(&self.draft.checked);
        checked.running = false;
        for row in &mut checked.rows {
            if row.outcome == CheckOutcome::Next {
                row.outcome = CheckOutcome::Skipped;
            }
        }
        drop(checked);
        self.tell();
    }

    fn tell(&self) {
        self.core.tell(CoreEvent::ChecksChanged { draft: self.name.clone() });
    }

    fn update(&self, id: &str, change: impl FnOnce(&mut CheckRow)) {
        if let Some(row) = lock(&self.draft.checked).rows.iter_mut().find(|row| row.id == id) {
            change(row);
        }
        self.tell();
    }

    /// Runs one check unless it already holds; its error is returned for those that build on it.
    async fn check(
        &self,
        id: &str,
        work: impl Future<Output = Result<Found, WireError>>,
    ) -> Option<WireError> {
        let waiting = lock(&self.draft.checked)
            .rows
            .iter()
            .any(|row| row.id == id && row.outcome == CheckOutcome::Next);
        if !waiting {
            return None;
        }
        self.update(id, |row| row.outcome = CheckOutcome::Running);
        let started = Instant::now();
        let found = work.await;
        let ms = count(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
        let failed = found.as_ref().err().cloned();
        self.update(id, |row| {
            row.ms = Some(ms);
            match found {
                Ok(Found::Good(sentence)) => (row.outcome, row.sentence) = (CheckOutcome::Good, sentence),
                Ok(Found::Look(sentence, error)) => {
                    (row.outcome, row.sentence, row.error) = (CheckOutcome::Look, sentence, error);
                }
                Err(error) => {
                    row.outcome = CheckOutcome::Broken;
                    row.sentence.clone_from(&error.title);
                    row.error = Some(error);
                }
            }
        });
        failed
    }

    async fn keychain(&self) -> Result<Found, WireError> {
        self.core
            .blocking(|core| {
                probe_vault(core)?;
                let place = if core.0.vault.is_file() { "encrypted file" } else { "system keychain" };
                Ok(Found::Good(format!("Your {place} keeps and returns what it is given.")))
            })
            .await
    }

    /// Any answer at all means that HubSpot can be reached.
    async fn reachable(&self) -> Result<Found, WireError> {
        let answer = self.client.send(&AccountDetails).await;
        let told = match answer {
            Ok(account) => {
                lock(&self.draft.checked).account = Some(account);
                Ok(())
            }
            Err(error @ (hubspot::Error::Transport { .. } | hubspot::Error::Origin(_))) => {
                Err(errors::hubspot(&error))
            }
            Err(_) => Ok(()),
        };
        told?;
        let skew = self
            .client
            .server_time()
            .map_or(Duration::ZERO, |time| Duration::from_millis(time.millis().abs_diff(clock().millis())));
        if skew > SKEW_MAX {
            let error = errors::say(Code::ClockSkew, &pace::took(skew));
            return Ok(Found::Look(error.title.clone(), Some(error)));
        }
        Ok(Found::Good("Reached; the clocks agree.".to_owned()))
    }

    async fn accepted(&self, unreachable: Option<&WireError>) -> Result<Found, WireError> {
        if let Some(error) = unreachable {
            return Err(error.clone());
        }
        if let Source::Key(token) = &self.draft.source {
            if lock(&self.draft.checked).account.is_none() {
                let account =
                    auth::identity(&self.client, token).await.map_err(|error| refused_key(&error))?;
                lock(&self.draft.checked).account = Some(account);
            }
            self.same_portal()?;
            let granted =
                auth::granted_scopes(&self.client, token).await.map_err(|error| refused_key(&error))?;
            lock(&self.draft.checked).granted = granted;
            return Ok(Found::Good(format!("HubSpot accepted {}", self.draft.hint)));
        }
        // Any call shows whether the token works.
        self.client.send(&AccountDetails).await.map(drop).or_else(|error| match error {
            hubspot::Error::MissingScopes { .. } | hubspot::Error::Refused(_) => Ok(()),
            error => Err(errors::hubspot(&error)),
        })?;
        Ok(Found::Good("HubSpot accepts the sign-in.".to_owned()))
    }

    /// A connection keeps to its portal: a key of another one is refused before anything is kept.
    fn same_portal(&self) -> Result<(), WireError> {
        let Some(id) = &self.draft.target else { return Ok(()) };
        let connection = self.core.find_connection(id.as_str())?;
        let mut checked = lock(&self.draft.checked);
        let same = keeping::of_same_portal(&connection, checked.account.as_ref());
        if same.is_err() {
            checked.account = None;
        } else {
            checked.before = connection.granted_scopes.unwrap_or_default();
        }
        same
    }

    fn scopes(&self) -> Result<Found, WireError> {
        let granted = lock(&self.draft.checked).granted.clone();
        let Some(granted) = granted else {
            return Ok(Found::Look(
                "HubSpot does not tell which permissions this key has; the import finds out.".into(),
                None,
            ));
        };
        let kinds = catalog::core();
        let missing: Vec<_> =
            kinds.iter().filter_map(|kind| Some((kind, kind.missing(Some(&granted))?))).collect();
        if missing.len() == kinds.len() {
            let mut error = errors::say(Code::MissingScope, "crm.objects.contacts.read");
            "The key may read none of the record types.".clone_into(&mut error.text);
            return Err(error);
        }
        if missing.is_empty() {
            return Ok(Found::Good(format!("All {} record types can be read.", kinds.len())));
        }
        let labels: Vec<&str> = missing.iter().map(|(kind, _)| kind.plural.as_str()).collect();
        let mut scopes: Vec<&str> = missing.iter().flat_map(|(_, scopes)| scopes.iter().copied()).collect();
        scopes.sort_unstable();
        scopes.dedup();
        let mut error = errors::say(Code::MissingScope, &scopes.join(", "));
        "Everything else is copied without it.".clone_into(&mut error.text);
        error.actions = vec![ErrorAction::OpenKeysInHubspot, ErrorAction::CheckAgain];
        let readable = kinds.len() - missing.len();
        Ok(Found::Look(
            format!("{readable} of {} record types can be read; not {}.", kinds.len(), labels.join(", ")),
            Some(error),
        ))
    }

    async fn counts(&self) -> Result<Found, WireError> {
        let granted = lock(&self.draft.checked).granted.clone();
        let mut parts = Vec::new();
        lock(&self.draft.checked).first_look.clear();
        for kind in catalog::core().iter().filter(|kind| COUNTED.contains(&kind.object.as_str())) {
            if kind.missing(granted.as_deref()).is_some() {
                continue;
            }
            let names: Vec<PropertyName> = ["firstname", "lastname", "jobtitle", "name", "dealname"]
                .into_iter()
                .map(PropertyName::from)
                .collect();
            let search =
                Search { kind, filters: Vec::new(), sorts: None, properties: &names, limit: 1, after: None };
            match self.client.send(&search).await {
                Ok(page) => {
                    parts.push(format!("{} {}", kind.plural, pace::grouped(page.total)));
                    if let Some(look) = page.records.first().and_then(|record| look(&record.properties)) {
                        lock(&self.draft.checked).first_look.push(look);
                    }
                }
                Err(hubspot::Error::MissingScopes { .. }) => {}
                Err(error) => return Err(errors::hubspot(&error)),
            }
            let so_far = parts.join(", ");
            self.update("counts", |row| row.sentence = so_far);
        }
        if parts.is_empty() {
            return Ok(Found::Look("Nothing could be counted.".to_owned(), None));
        }
        Ok(Found::Good(parts.join(", ")))
    }

    async fn properties(&self) -> Result<Found, WireError> {
        let granted = lock(&self.draft.checked).granted.clone();
        let mut parts = Vec::new();
        for kind in catalog::core().iter().filter(|kind| COUNTED[..3].contains(&kind.object.as_str())) {
            if kind.missing(granted.as_deref()).is_some() {
                continue;
            }
            match self.client.send(&Properties { kind, sensitivity: Sensitivity::NonSensitive }).await {
                Ok(definitions) => parts.push(format!("{} {}", kind.plural, definitions.len())),
                Err(hubspot::Error::MissingScopes { .. }) => {
                    parts.push(format!("{}: not permitted", kind.plural));
                }
                Err(error) => return Err(errors::hubspot(&error)),
            }
        }
        Ok(Found::Good(parts.join(", ")))
    }

    fn budget(&self) -> Found {
        let limits = self.client.limits();
        let now = limits.general.max.map_or_else(
            || "HubSpot declares no limit per ten seconds".to_owned(),
            |max| format!("{max} requests in {} s", limits.general.interval.as_secs()),
        );
        let day = limits.daily.map_or_else(String::new, |daily| {
            format!("; today {} of {} used", pace::grouped(daily.used), pace::grouped(daily.limit))
        });
        Found::Good(format!("{now}{day}."))
    }
}

/// A few words of a record, to recognise the portal by.
fn look(properties: &str) -> Option<String> {
    let values: serde_json::Map<String, serde_json::Value> = serde_json::from_str(properties).ok()?;
    let text = |name: &str| values.get(name).and_then(|value| value.as_str()).filter(|text| !text.is_empty());
    let person: Vec<&str> = [text("firstname"), text("lastname")].into_iter().flatten().collect();
    let name =
        if person.is_empty() { text("name").or(text("dealname"))?.to_owned() } else { person.join(" ") };
    let cut: String = name.chars().take(60).collect();
    Some(text("jobtitle").map_or(cut.clone(), |title| format!("{cut}, {title}")))
}
