//! Requests to the return address: approved only with our state, path, method and host.

use auth::{CALLBACK_PATH, Expected, Secret, TARGET_MAX, Verdict, verdict};

use crate::chance::{Said, fuzz, said};

const STATE: &str = "k3-Zq_0123456789abcdefghijklmnopqrstuvwxyz0";
const PORT: u16 = 14117;
const WORDS: &[&str] = &[
    "&",
    "=",
    "?",
    "#",
    "%",
    "%00",
    "%0a",
    "%26",
    "%3d",
    "%2B",
    "+",
    "//",
    "/../",
    ";",
    "state=",
    "code=",
    "&code=x",
    "&state=",
    "&error=access_denied",
    "&error=",
    "&error_description=%3Cb%3E",
    "é",
    "\u{feff}",
    STATE,
    "State=",
    "http://localhost:14117",
    "%73tate=",
    "cod%65=",
    "\0",
    "\r\n",
    "..",
    "%ff%fe",
];

#[derive(Debug)]
struct Asked {
    method: String,
    host: Option<String>,
    target: String,
}

/// The rules as they are written down, by another hand.
fn expected(asked: &Asked) -> Said {
    let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
    let host = asked.host.as_deref().unwrap_or_default().to_ascii_lowercase();
    let ours = ["localhost:14117", "127.0.0.1:14117", "[::1]:14117"].contains(&host.as_str());
    if asked.method == "GET" && ours && path == CALLBACK_PATH && asked.target.len() <= TARGET_MAX {
        said(query, STATE)
    } else {
        Said::Nothing
    }
}

#[test]
fn a_callback_counts_exactly_when_it_brings_our_state_to_our_door() {
    let ours = Expected { port: PORT, state: Secret::new(STATE.to_owned()) };
    let targets = [
        format!("{CALLBACK_PATH}?code=eu1-0f1e-2d3c&state={STATE}"),
        format!("{CALLBACK_PATH}?state={STATE}&code=c%2Bd&extra=1"),
        format!("{CALLBACK_PATH}?error=access_denied&error_description=No+way%21&state={STATE}"),
        format!("{CALLBACK_PATH}?error=access_denied"),
        format!("{CALLBACK_PATH}?code=x&state=another"),
        format!("{CALLBACK_PATH}?code={}&state={STATE}", "c".repeat(2_048)),
        "/favicon.ico".to_owned(),
    ];
    let (mut yes, mut no) = (0_u64, 0_u64);
    fuzz(
        "callback",
        |chance| {
            let target = &targets[chance.below(targets.len())];
            let good = chance.pick(&["localhost:14117", "127.0.0.1:14117", "[::1]:14117", "LocalHost:14117"]);
            let host = if chance.one_in(4) {
                let words =
                    &["evil.example", ":", "14117", "127.0.0.1", "@", ".", "localhost", "[", "]", "0", " "];
                chance.mangled_text(good, words)
            } else {
                good.to_owned()
            };
            let method = if chance.one_in(6) {
                chance.pick(&["POST", "HEAD", "get", "PUT", "GET ", ""])
            } else {
                "GET"
            };
            Asked {
                method: method.to_owned(),
                host: (!chance.one_in(20)).then_some(host),
                target: chance.mangled_text(target, WORDS),
            }
        },
        |asked| {
            let judged = verdict(&asked.method, asked.host.as_deref(), &asked.target, &ours);
            let found = match judged {
                Verdict::Approved(_) => Said::Yes,
                Verdict::Denied { .. } => Said::No,
                _ => Said::Nothing,
            };
            assert_eq!(found, expected(asked), "{judged:?}");
            assert_eq!(judged.ends_the_attempt(), found != Said::Nothing);
            assert!(judged.ends_the_attempt() || judged.status() >= 400);
            assert!(found != Said::Yes || format!("{judged:?}") == "Approved(Code(…))", "{judged:?}");
            if let Verdict::Denied { error, description } = &judged {
                let texts = [Some(error), description.as_ref()];
                assert!(texts.into_iter().flatten().all(|text| text.chars().count() <= 300));
            }
            yes += u64::from(found == Said::Yes);
            no += u64::from(found == Said::No);
        },
    );
    assert!(yes > 0 && no > 0, "nothing good came by: {yes} and {no}");
}
