//! An address that was pasted by hand: taken only with our state, for our address.

use auth::{Attempt, CALLBACK_PATH, OauthApp, PasteRefused, ScopeSets, Secret};
use hubspot::{ClientOptions, Origin};

use crate::chance::{Said, fuzz, said};

const PORT: u16 = 14117;
const WORDS: &[&str] = &[
    " ",
    "\n",
    "\r\n",
    "\t",
    "\"",
    "'",
    "<",
    ">",
    "`",
    "“",
    "”",
    "?",
    "#",
    "&",
    "=",
    "%",
    "%20",
    "+",
    "https://",
    "http://",
    "localhost",
    "localhost:14117",
    "evil.example",
    "@",
    "/",
    "//",
    "\\",
    "\u{200b}",
    "\u{feff}",
    "\u{a0}",
    "code=",
    "state=",
    "&code=x",
    "&state=x",
    "error=",
    "\0",
    "é",
    CALLBACK_PATH,
    "http://localhost:14117/oauth-callback?",
];

fn attempt() -> Attempt {
    let origin = || Origin::parse("http://127.0.0.1:9", false).expect("a loopback address");
    let app = OauthApp {
        client_id: "0a1b2c3d-0000-4000-8000-00000000000a".to_owned(),
        client_secret: Secret::new("0a1b2c3d-0000-4000-8000-00000000000b".to_owned()),
        scopes: ScopeSets::default(),
        api: origin(),
        app: origin(),
        allow_host: false,
    };
    Attempt::by_hand(app, PORT, &ClientOptions::default()).expect("an attempt")
}

/// Whether this can be HubSpot's answer: what stands behind the first question mark says so, and nothing stands before
/// it but our address.
fn expected(text: &str, state: &str) -> Said {
    let wrapping =
        |c: char| c.is_whitespace() || c.is_control() || "\"'`<>“”„‘’‚«»\u{200b}\u{feff}".contains(c);
    let bare = text.trim_matches(wrapping);
    let joined: String = bare.chars().filter(|c| !c.is_whitespace()).collect();
    let (before, query) = joined.split_once('?').unwrap_or(("", &joined));
    let before = before.to_ascii_lowercase();
    let before = before.strip_prefix("http://").unwrap_or(&before);
    let ours = ["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{PORT}{CALLBACK_PATH}"));
    if bare.len() > 16 * 1024 || !(before.is_empty() || ours.iter().any(|ours| ours == before)) {
        return Said::Nothing;
    }
    said(query.split('#').next().unwrap_or_default(), state)
}

#[test]
fn a_pasted_address_counts_only_with_our_state_for_our_address() {
    let attempt = attempt();
    let handle = attempt.handle();
    let state = attempt.authorize_url().split_once("state=").expect("it has a state").1;
    let state = state.split('&').next().expect("a piece").to_owned();
    let texts = [
        format!("http://localhost:{PORT}{CALLBACK_PATH}?code=eu1-0f1e-2d3c&state={state}"),
        format!("localhost:{PORT}{CALLBACK_PATH}?state={state}&code=c%2Bd#top"),
        format!("http://127.0.0.1:{PORT}{CALLBACK_PATH}?error=access_denied&state={state}"),
        format!("code=eu1-0f1e&state={state}"),
        format!("?code=eu1-0f1e&state={state}"),
        format!("http://localhost:{PORT}{CALLBACK_PATH}?code=old&state=an-older-one"),
        format!("https://app.hubspot.com/oauth/authorize?client_id=x&state={state}"),
    ];
    let (mut taken, mut missed) = (0_u64, 0_u64);
    fuzz(
        "pasted address",
        |chance| {
            let text = &texts[chance.below(texts.len())];
            chance.mangled_text(text, WORDS)
        },
        |text| {
            // The first good one is taken; of every later one it is said that there is one already.
            let is_taken = matches!(handle.paste(text), Ok(()) | Err(PasteRefused::AlreadyAnswered));
            let good = expected(text, &state) != Said::Nothing;
            assert!(good || !is_taken, "a stranger's address was taken");
            taken += u64::from(is_taken);
            missed += u64::from(good && !is_taken);
        },
    );
    assert!(taken > 0, "no good address came by");
    assert!(missed * 100 <= taken, "{missed} good addresses were refused, {taken} taken");
}
