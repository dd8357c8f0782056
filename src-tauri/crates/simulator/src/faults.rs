//! Troubles on demand, switched while the portal runs.
//!
//! [`Faults`] is what is wrong now, and reads from JSON; [`FaultControl`] changes it. Deliberately absent: how a
//! broken answer is put on the wire (`server`).

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::noise;
use crate::oauth::refusal::OauthStatus;

/// Everything that is wrong with the portal at one time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Tried in order; the first that fits a request strikes, and no other. Waiting is added to what comes after.
    pub rules: Vec<Fault>,
    /// Scopes that the key and every app's token have lost.
    pub scopes_lost: Vec<String>,
    /// Whether the key still works.
    pub token: TokenState,
    /// The key's successor, while the old one may still work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotated: Option<Rotation>,
    /// What the page that asks to connect an app shows in place of its question.
    pub authorize: AuthorizeTrouble,
    /// Properties that records cannot be asked for, although they are defined.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused_properties: Vec<RefusedProperty>,
}

/// A property for which a list, a search, a batch or a single read is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedProperty {
    /// The type's plural name.
    pub object: String,
    pub name: String,
    /// The refusal does not say which property it is about.
    #[serde(default)]
    pub unnamed: bool,
    /// Only where the path holds this text (`batch/read`).
    #[serde(default)]
    pub contains: String,
}

/// A key that has been rotated: both work until the portal's clock passes the old one's end.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    pub new_token: String,
    /// In milliseconds since 1970.
    pub old_dies_at_millis: i64,
}

// A derived one would print the key.
impl fmt::Debug for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rotation")
            .field("old_dies_at_millis", &self.old_dies_at_millis)
            .finish_non_exhaustive()
    }
}

/// What keeps a person from being asked. None of these pages sends the browser back to the app.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorizeTrouble {
    #[default]
    None,
    /// The person may not install apps.
    NoMarketplaceAccess,
    /// An admin has to approve the app first.
    AdminApproval,
    /// The page of HubSpot's own connector for Claude.
    WrongFlowClaude,
    /// The question comes, after 25 seconds.
    Slow,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    #[default]
    Valid,
    /// 401 `INVALID_AUTHENTICATION`.
    Revoked,
    /// 401 `EXPIRED_AUTHENTICATION`.
    Expired,
}

/// One trouble: which requests it strikes, how often, and what it does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Strikes paths that start so; every path when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Strikes only paths (with query) that hold this text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contains: String,
    /// Strikes only requests for more than so many records: by `limit`, or by the number of inputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub larger_than: Option<u64>,
    /// Strikes only this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Lets the first so many fitting requests pass.
    #[serde(default)]
    pub after: u64,
    /// Strikes so many times, then is spent; for ever when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// Strikes this share of fitting requests, from 0 to 1; all of them when absent. Which ones is fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    pub effect: Effect,
}

/// What a trouble does to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Answers later by so many milliseconds; the request is then treated as usual.
    Wait { millis: u64 },
    /// Never answers.
    Hang,
    /// Answers this status with the usual envelope (500, 502, 503, 504, 521 to 524, 530, 423, …).
    Status { status: u16 },
    /// 503 with `Retry-After`.
    Down { retry_after: u64 },
    /// 477 with `Retry-After`.
    Moving { retry_after: u64 },
    /// 429 for the limit of that name.
    Limited {
        limit: LimitName,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
    },
    /// 414.
    UriTooLong,
    /// 403 naming this scope.
    MissingScope { scope: String },
    /// 401.
    Unauthorized { expired: bool },
    /// Refuses as an OAuth route does (`BAD_HUB`, …).
    OauthRefused { status: OauthStatus },
    /// Closes the connection with a reset in place of an answer.
    Reset,
    /// Answers as usual, but resets the connection after this share (in percent) of the body.
    Truncate { percent: u8 },
    /// Answers 200 with half of the JSON, properly ended.
    Malformed,
    /// Answers 200 with a page of HTML.
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitName {
    Daily,
    TenSecondly,
    Secondly,
    /// A body without `policyName`, as search answered in 2021 and 2022.
    SecondlyByCategory,
    /// A body that is not JSON.
    Unexplained,
}

impl Fault {
    /// A trouble that strikes every request.
    pub fn new(effect: Effect) -> Fault {
        Fault {
            path: String::new(),
            contains: String::new(),
            larger_than: None,
            method: None,
            after: 0,
            times: None,
            rate: None,
            effect,
        }
    }

    /// Strikes only paths that start so.
    #[must_use]
    pub fn on(mut self, path: &str) -> Fault {
        path.clone_into(&mut self.path);
        self
    }

    /// Strikes only paths (with query) that hold this text.
    #[must_use]
    pub fn holding(mut self, text: &str) -> Fault {
        text.clone_into(&mut self.contains);
        self
    }

    /// Strikes only requests for more than so many records.
    #[must_use]
    pub fn larger_than(mut self, records: u64) -> Fault {
        self.larger_than = Some(records);
        self
    }

    /// Lets the first so many fitting requests pass.
    #[must_use]
    pub fn after(mut self, requests: u64) -> Fault {
        self.after = requests;
        self
    }

    /// Strikes so many times, then is spent.
    #[must_use]
    pub fn times(mut self, times: u64) -> Fault {
        self.times = Some(times);
        self
    }

    /// Strikes this share of fitting requests.
    #[must_use]
    pub fn rate(mut self, share: f64) -> Fault {
        self.rate = Some(share);
        self
    }

    fn fits(&self, method: &str, path: &str, size: impl Fn() -> u64) -> bool {
        path.starts_with(&self.path)
            && (self.contains.is_empty() || path.contains(&self.contains))
            && self.method.as_ref().is_none_or(|m| m.eq_ignore_ascii_case(method))
            && self.larger_than.is_none_or(|most| size() > most)
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    seen: u64,
    struck: u64,
}

#[derive(Debug, Default)]
struct State {
    faults: Faults,
    tallies: Vec<Tally>,
}

/// Changes what is wrong with a running portal.
#[derive(Debug, Default)]
pub struct FaultControl {
    state: Mutex<State>,
}

/// What the faults do to one request.
#[derive(Debug, Default)]
pub(crate) struct Struck {
    pub(crate) wait_millis: u64,
    pub(crate) effect: Option<Effect>,
}

impl FaultControl {
    pub(crate) fn new(faults: Faults) -> FaultControl {
        let control = FaultControl::default();
        control.set(faults);
        control
    }

    /// Replaces everything that is wrong; counts start again.
    pub fn set(&self, faults: Faults) {
        let tallies = vec![Tally::default(); faults.rules.len()];
        *self.lock() = State { faults, tallies };
    }

    /// Adds one trouble after those there are.
    pub fn add(&self, fault: Fault) {
        let mut state = self.lock();
        state.faults.rules.push(fault);
        state.tallies.push(Tally::default());
    }

    /// Takes everything back: no troubles, all scopes, a valid token.
    pub fn clear(&self) {
        self.set(Faults::default());
    }

    /// Takes scopes from the key and from every app's tokens.
    pub fn lose_scopes(&self, scopes: &[&str]) {
        self.lock().faults.scopes_lost.extend(scopes.iter().map(|&s| s.to_owned()));
    }

    /// Ends the key, or makes it valid again.
    pub fn set_token(&self, token: TokenState) {
        self.lock().faults.token = token;
    }

    /// Gives the key a successor; the old one works until this moment of the portal's clock.
    pub fn rotate_key(&self, new_token: &str, old_dies_at_millis: i64) {
        self.lock().faults.rotated = Some(Rotation { new_token: new_token.to_owned(), old_dies_at_millis });
    }

    /// Changes what the page that asks to connect an app shows.
    pub fn set_authorize(&self, trouble: AuthorizeTrouble) {
        self.lock().faults.authorize = trouble;
    }

    /// What is wrong now.
    pub fn get(&self) -> Faults {
        self.lock().faults.clone()
    }

    /// How often each rule has struck, in the order of the rules.
    pub fn struck(&self) -> Vec<u64> {
        self.lock().tallies.iter().map(|t| t.struck).collect()
    }

    /// `size` tells how many records the request is for.
    pub(crate) fn strike(&self, method: &str, path: &str, size: impl Fn() -> u64) -> Struck {
        let mut state = self.lock();
        let State { faults, tallies } = &mut *state;
        let mut struck = Struck::default();
        for (index, (fault, tally)) in faults.rules.iter().zip(tallies).enumerate() {
            if !fault.fits(method, path, &size) {
                continue;
            }
            tally.seen += 1;
            let chance = noise::below(noise::at(tally.seen, index as u64 + 77), 1_000_000) as f64 / 1e6;
            let spent = fault.times.is_some_and(|times| tally.struck >= times);
            if tally.seen <= fault.after || spent || fault.rate.is_some_and(|share| chance >= share) {
                continue;
            }
            tally.struck += 1;
            match &fault.effect {
                Effect::Wait { millis } => struck.wait_millis += millis,
                effect => {
                    struck.effect = Some(effect.clone());
                    break;
                }
            }
        }
        struck
    }

    /// How a key stands: this portal's own, or its successor; none if it is neither.
    pub(crate) fn key(&self, given: &str, original: &str, now: i64) -> Option<TokenState> {
        let state = self.lock();
        let is_original = given == original;
        let Some(rotated) = &state.faults.rotated else {
            return is_original.then_some(state.faults.token);
        };
        if given == rotated.new_token {
            return Some(state.faults.token);
        }
        let ended = now >= rotated.old_dies_at_millis;
        is_original.then_some(if ended { TokenState::Revoked } else { state.faults.token })
    }

    pub(crate) fn authorize(&self) -> AuthorizeTrouble {
        self.lock().faults.authorize
    }

    /// The first of these properties that cannot be asked for.
    pub(crate) fn refused(
        &self,
        object: &str,
        path: &str,
        names: impl FnOnce() -> Vec<String>,
    ) -> Option<RefusedProperty> {
        let state = self.lock();
        let mut refused = state
            .faults
            .refused_properties
            .iter()
            .filter(|r| r.object == object && path.contains(&r.contains))
            .peekable();
        refused.peek()?;
        let names = names();
        refused.find(|r| names.contains(&r.name)).cloned()
    }

    pub(crate) fn has_lost(&self, scope: &str) -> bool {
        self.lock().faults.scopes_lost.iter().any(|lost| lost == scope)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_passes_over_strikes_and_is_spent() {
        let control = FaultControl::default();
        control.add(Fault::new(Effect::Reset).on("/crm/").after(1).times(2));
        let struck = |path| control.strike("GET", path, || 0).effect.is_some();
        assert_eq!(
            [struck("/crm/a"), struck("/oauth"), struck("/crm/b"), struck("/crm/c")],
            [false, false, true, true]
        );
        assert!(!struck("/crm/d"));
        assert_eq!(control.struck(), [2]);
    }

    #[test]
    fn a_rate_strikes_about_its_share_and_always_the_same_requests() {
        let run = || {
            let control = FaultControl::default();
            control.add(Fault::new(Effect::Status { status: 503 }).rate(0.2));
            (0..1_000).map(|_| control.strike("GET", "/", || 0).effect.is_some()).collect::<Vec<_>>()
        };
        let first = run();
        assert_eq!(first, run());
        let struck = first.iter().filter(|&&s| s).count();
        assert!((150..250).contains(&struck), "{struck} of 1,000");
    }

    #[test]
    fn faults_read_from_json() {
        let json = r#"{"rules": [{"path": "/crm/", "times": 3, "effect": {"status": {"status": 503}}},
            {"rate": 0.01, "effect": "reset"}, {"effect": {"limited": {"limit": "secondly", "retry_after": 2}}}],
            "scopes_lost": ["tickets"], "token": "expired", "authorize": "admin_approval",
            "rotated": {"new_token": "pat-eu1-new", "old_dies_at_millis": 5}}"#;
        let faults: Faults = serde_json::from_str(json).unwrap();
        assert_eq!(faults.rules[0], Fault::new(Effect::Status { status: 503 }).on("/crm/").times(3));
        assert_eq!(faults.rules[1].effect, Effect::Reset);
        assert_eq!(faults.token, TokenState::Expired);
        assert_eq!(faults.authorize, AuthorizeTrouble::AdminApproval);
        assert!(!format!("{faults:?}").contains("pat-eu1-new"), "a key is not for reading");
        assert_eq!(faults, serde_json::from_str(&serde_json::to_string(&faults).unwrap()).unwrap());
    }
}
