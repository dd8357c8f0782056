//! The pages a person sees in the browser: the question, and why there is none.
//!
//! Each has a `main` whose `id` tells it apart for tests. Deliberately absent: scripts and anything from elsewhere.

use std::fmt::Write;

use super::authorize::Wish;
use crate::answer::Answer;
use crate::app::App;
use crate::ask::Ask;
use crate::portal::Portal;

/// Why the question is not asked; the browser then stays where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turned {
    id: &'static str,
    title: &'static str,
    text: &'static str,
}

const FAILED: &str = "Couldn't complete the connection";

impl Turned {
    pub(super) const SCOPES_INSUFFICIENT: Turned = Turned {
        id: "scopes-insufficient",
        title: FAILED,
        text: "Couldn't complete the connection: Authorization failed because the provided scopes are insufficient. \
               Please contact the app developer.",
    };
    pub(super) const SCOPES_MISMATCH: Turned = Turned {
        id: "scopes-mismatch",
        title: FAILED,
        text: "Couldn't complete the connection: Authorization failed because there is a mismatch between the scopes \
               in the install URL and the app's configured scopes. Please contact the app developer.",
    };
    pub(super) const ACCOUNT_LACKS_SCOPE: Turned = Turned {
        id: "account-lacks-scope",
        title: FAILED,
        text: "This account's subscription does not include everything that this app needs.",
    };
    pub(super) const UNKNOWN_CLIENT: Turned = Turned {
        id: "unknown-client",
        title: FAILED,
        text: "The client ID in this address does not belong to any app.",
    };
    pub(super) const OTHER_ACCOUNT: Turned = Turned {
        id: "other-account",
        title: "You don't have access to this account",
        text: "Sign in as a user of the account that this address names, or start again without it.",
    };
    pub(super) const IMPOSSIBLE_REDIRECT: Turned = Turned {
        id: "impossible-redirect",
        title: FAILED,
        text: "The redirect URL must be https, or http on localhost. IP addresses are not supported.",
    };
    pub(super) const UNREGISTERED_REDIRECT: Turned = Turned {
        id: "unregistered-redirect",
        title: FAILED,
        text: "The redirect URL in this address does not match a redirect URL that the app has registered.",
    };
    pub(super) const NO_MARKETPLACE_ACCESS: Turned = Turned {
        id: "no-marketplace-access",
        title: "App Marketplace access permission set required",
        text: "You don't have permission to connect apps to this account. Ask a super admin for App Marketplace \
               Access.",
    };
    pub(super) const ADMIN_APPROVAL: Turned = Turned {
        id: "admin-approval",
        title: "Request access",
        text: "A super admin must approve this app before it can be connected. Request access, and come back when it \
               has been given.",
    };
    pub(super) const WRONG_FLOW_CLAUDE: Turned = Turned {
        id: "wrong-flow-claude",
        title: "Connect Claude",
        text: "This account is not eligible to connect to Claude",
    };
}

/// Asks for the account's consent. Both answers are a form's, so that nothing is granted by a look ahead.
pub(super) fn question(portal: &Portal, wish: &Wish<'_>, ask: &Ask<'_>) -> Answer {
    let mut asked = String::new();
    for scope in &wish.scopes {
        let _ = write!(asked, "<li><code>{}</code></li>", escape(scope));
    }
    let main = format!(
        "<h1>Connect {app} to HubSpot</h1>\
         <p>Account: <strong id=\"account\">{domain} ({account})</strong></p>\
         <p>App: <strong id=\"app\">{app}</strong></p>\
         <p>This app asks for permission to:</p><ul id=\"scopes\">{asked}</ul>\
         <form method=\"post\" action=\"{path}?{query}\">\
         <button id=\"approve\" name=\"decision\" value=\"approve\">Connect app</button> \
         <button id=\"deny\" name=\"decision\" value=\"deny\" class=\"quiet\">Cancel</button></form>",
        app = escape(&wish.app.name),
        domain = crate::people::DOMAIN,
        account = portal.config.portal,
        path = escape(ask.path),
        query = escape(ask.query.0),
    );
    whole(200, "question", "Connect an app", &main)
}

pub(super) fn turned_away(turned: &Turned) -> Answer {
    let main = format!("<h1>{}</h1><p>{}</p>", escape(turned.title), escape(turned.text));
    whole(400, turned.id, turned.title, &main)
}

/// After a refusal that sends no one anywhere.
pub(super) fn left_alone(app: &App) -> Answer {
    let main = format!("<h1>{} was not connected</h1><p>You can close this tab.</p>", escape(&app.name));
    whole(200, "denied", "Not connected", &main)
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem;\
    color:#1f2d3d;background:#fff}button{font:inherit;padding:.6rem 1.4rem;border:1px solid #b5411b;\
    border-radius:4px;background:#b5411b;color:#fff;cursor:pointer}button.quiet{background:#fff;color:#b5411b}\
    code{font-size:.9em}";

fn whole(status: u16, id: &str, title: &str, main: &str) -> Answer {
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>\
         <link rel=\"icon\" href=\"data:,\"><style>{STYLE}</style>\
         </head><body><main id=\"{id}\">{main}</main></body></html>",
        escape(title)
    );
    let mut answer = Answer::bytes(status, page.into_bytes());
    answer.content_type = "text/html;charset=utf-8";
    answer.headers.push(("cache-control", "no-store".to_owned()));
    answer.headers.push((
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:".to_owned(),
    ));
    answer
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
    out
}
