//! An app's own end in an account.
//!
//! Deliberately absent: the mail that the account's admins get.

use super::wrong_method;
use crate::answer::{Answer, Refusal};
use crate::ask::Ask;
use crate::oauth::Caller;
use crate::portal::Portal;

pub(crate) fn answer(portal: &Portal, ask: &Ask<'_>) -> Answer {
    match (ask.method, &ask.caller) {
        ("DELETE", Caller::App(grant)) => {
            portal.oauth.uninstall(Some(grant.app));
            Answer::empty(204)
        }
        // A key belongs to no app that could be uninstalled.
        ("DELETE", _) => Refusal::bare().into(),
        _ => wrong_method(),
    }
}
