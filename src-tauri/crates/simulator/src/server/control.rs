//! The control routes: what tests in other programs may look at and change.
//!
//! Deliberately absent: tokens. These routes take none, and are there only when asked for.

use std::sync::Arc;
use std::time::Duration;

use hyper::Response;
use hyper::header::HeaderValue;
use serde::Deserialize;
use serde_json::json;

use super::body::Body;
use super::{End, plain};
use crate::answer::{Answer, JSON, Refusal};
use crate::faults::Faults;
use crate::portal::Portal;
use crate::script::Step;
use crate::truth::Truth;

/// What can be done to the apps, and to the time they live in.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Oauth {
    uninstall: bool,
    reinstall: bool,
    advance_seconds: u64,
}

impl Oauth {
    fn carry_out(&self, portal: &Portal) {
        if self.uninstall {
            portal.oauth.uninstall(None);
        }
        if self.reinstall {
            portal.oauth.reinstall();
        }
        portal.clock.advance(Duration::from_secs(self.advance_seconds));
    }
}

pub(super) fn answer(portal: &Arc<Portal>, method: &str, path: &str, body: &[u8]) -> End {
    let answer = match (method, path) {
        ("GET", "/_simulator/faults") => {
            Answer::bytes(200, serde_json::to_vec(&portal.faults.get()).expect("faults serialise"))
        }
        ("PUT", "/_simulator/faults") => match serde_json::from_slice::<Faults>(body) {
            Ok(faults) => {
                portal.faults.set(faults);
                Answer::empty(204)
            }
            Err(error) => Refusal::invalid(&format!("Not a list of faults: {error}")).into(),
        },
        ("PUT", "/_simulator/oauth") => match serde_json::from_slice::<Oauth>(body) {
            Ok(wish) => {
                wish.carry_out(portal);
                Answer::empty(204)
            }
            Err(error) => Refusal::invalid(&format!("Not an order: {error}")).into(),
        },
        ("POST", "/_simulator/edit") => match serde_json::from_slice::<Step>(body) {
            Ok(step) => match step.make(portal) {
                Ok(id) => Answer::ok(&json!({"id": id})),
                Err(error) => Refusal::invalid(&error.to_string()).into(),
            },
            Err(error) => Refusal::invalid(&format!("Not an edit: {error}")).into(),
        },
        ("PUT", "/_simulator/script") => match serde_json::from_slice::<Vec<Step>>(body) {
            Ok(steps) => {
                portal.script.set(steps);
                Answer::empty(204)
            }
            Err(error) => Refusal::invalid(&format!("Not a script: {error}")).into(),
        },
        ("GET", "/_simulator/script") => Answer::ok(&json!(portal.script.states())),
        ("GET", "/_simulator/ledger") => {
            Answer::bytes(200, serde_json::to_vec(&portal.book.copy()).expect("a ledger serialises"))
        }
        ("GET", "/_simulator/truth") => {
            let mut response = Response::new(Body::lines(Truth::new(Arc::clone(portal)).lines()));
            let kind = HeaderValue::from_static("application/x-ndjson");
            response.headers_mut().insert("content-type", kind);
            return End::Answer(response);
        }
        _ => Refusal::not_found().into(),
    };
    debug_assert!(answer.content_type == JSON);
    plain(portal, answer)
}
