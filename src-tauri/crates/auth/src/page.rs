//! The pages of the return address: small, complete in themselves, and true. Deliberately absent: scripts, links, and
//! anything that another host would have to be asked for.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Response,
    header::{
        CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
        X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};

use crate::verdict::Verdict;

/// What the browser tab says at the end. `code` is the error's code in the app, if it is one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tab {
    pub title: String,
    pub text: String,
    pub code: Option<String>,
}

impl Tab {
    pub(crate) fn new(title: impl Into<String>, text: impl Into<String>) -> Tab {
        Tab { title: title.into(), text: text.into(), code: None }
    }

    pub(crate) fn still_finishing() -> Tab {
        Tab::new("Portside is still finishing…", "Portside shows how it ends. You can close this tab.")
    }

    pub(crate) fn used() -> Tab {
        Tab::new("This approval was already used.", "Portside shows how it went. You can close this tab.")
    }

    /// For a request that ends nothing.
    pub(crate) fn of_verdict(verdict: &Verdict) -> Tab {
        let (title, text) = match verdict {
            Verdict::Approved(_) | Verdict::Denied { .. } => return Tab::still_finishing(),
            Verdict::OlderAttempt => (
                "This approval belongs to an older attempt.",
                "Portside ignored it to keep your account safe. Close other HubSpot tabs, go back to Portside and \
                 start again from there.",
            ),
            Verdict::UnprovenDenial => (
                "This answer cannot be trusted.",
                "It does not say which attempt it belongs to, so Portside keeps waiting. Go back to Portside to cancel \
                 or to start again.",
            ),
            Verdict::MissingCode | Verdict::Ambiguous => (
                "This address is not complete.",
                "Portside keeps waiting. Go back to Portside and open HubSpot again from there.",
            ),
            Verdict::WrongPath => {
                ("There is nothing here.", "Portside waits for HubSpot's answer elsewhere.")
            }
            Verdict::WrongMethod | Verdict::WrongHost | Verdict::TooLong => {
                ("This is not an answer of HubSpot's.", "Portside ignored it and keeps waiting.")
            }
        };
        Tab::new(title, text)
    }
}

/// The tab as an answer that is kept nowhere and sends nothing on.
pub(crate) fn answer(status: u16, tab: &Tab) -> Response<Full<Bytes>> {
    let code = tab.code.as_deref().map(|code| format!("<p><code>{}</code></p>", escaped(code)));
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Portside</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:34em;margin:18vh auto;padding:0 1.5em}}\
         h1{{font-size:1.4em}}code{{opacity:.7}}</style><h1>{}</h1><p>{}</p>{}</html>",
        escaped(&tab.title),
        escaped(&tab.text),
        code.unwrap_or_default(),
    );
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .header(CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'")
        .header(REFERRER_POLICY, "no-referrer")
        .header(CACHE_CONTROL, "no-store")
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(X_FRAME_OPTIONS, "DENY")
        .header(CONNECTION, "close")
        .body(Full::new(Bytes::from(html)))
        .expect("the headers are fixed texts and the status is one")
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(c),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn a_page_shows_texts_as_texts() {
        let tab = Tab { code: Some("a&b".into()), ..Tab::new("<script>", "\"'") };
        let page = answer(200, &tab).into_body().collect().await.unwrap().to_bytes();
        let page = String::from_utf8(page.to_vec()).unwrap();
        assert!(!page.contains("<script>") && page.contains("<h1>&lt;script&gt;</h1>"), "{page}");
        assert!(page.contains("<p>&quot;&#39;</p>") && page.contains("a&amp;b"), "{page}");
    }
}
