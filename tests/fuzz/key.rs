//! A pasted key: what comes out was in what was pasted, is one plain word, and is nothing that has another name.

use auth::paste;

use crate::chance::fuzz;

const KEY: &str = "pat-eu1-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
const WORDS: &[&str] = &[
    " ",
    "\n",
    "\r\n",
    "\t",
    "\"",
    "'",
    "`",
    "“",
    "«",
    ",",
    "Bearer ",
    "bearer",
    "Authorization:",
    "authorization: ",
    "pat-",
    "na1-",
    "eu1-",
    "-",
    "•",
    "…",
    "...",
    "***",
    "https://",
    "www.",
    "@",
    ".example",
    "\u{200b}",
    "\u{feff}",
    "\u{ad}",
    "\u{202e}",
    "\u{a0}",
    "\0",
    "é",
    "0a1b2c3d-0000-4000-8000-00000000000a",
    KEY,
];

/// Whether the one is left when characters are taken out of the other.
fn is_within(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    short.chars().all(|wanted| rest.any(|c| c == wanted))
}

#[test]
fn a_pasted_key_is_cleaned_and_never_made_up() {
    let texts = [
        KEY.to_owned(),
        format!("  \"{KEY}\"\r\n"),
        format!("Authorization: Bearer {KEY}"),
        format!("{}\n{}", &KEY[..30], &KEY[30..]),
        "0a1b2c3d-0000-4000-8000-00000000000a".to_owned(),
        "eu1-0f1e-2d3c-4b5a".to_owned(),
        "CIKPoaabFhIHAAEAQAAAARiZ1r0MIMXYGSCD7QY".repeat(6),
        "••••••••••••3f9c".to_owned(),
        "someone@somewhere.example".to_owned(),
    ];
    let (mut taken, mut whole) = (0_u64, 0_u64);
    fuzz(
        "key",
        |chance| {
            let text = &texts[chance.below(texts.len())];
            chance.mangled_text(text, WORDS)
        },
        |text| {
            let Ok(pasted) = paste(text) else { return };
            let key = pasted.token.expose();
            assert!(is_within(key, text), "{key:?} was made up");
            assert!(key.bytes().all(|byte| byte.is_ascii_graphic()), "{key:?}");
            assert!((1..=900).contains(&key.len()), "{} characters", key.len());
            assert!(!key.contains(['•', '"', '\'', '@']), "{key:?}");
            assert!(!key.starts_with("eu1-") && !key.starts_with("na1-"), "{key:?} is a refresh token");
            let is_uuid = key.len() == 36 && key.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
            assert!(!is_uuid || key.bytes().any(|byte| byte != b'-' && !byte.is_ascii_hexdigit()), "{key:?}");
            let shown = format!("{:?}", pasted.token);
            assert!(key.len() < 12 || !shown.contains(key), "the key is shown");
            taken += 1;
            whole += u64::from(key == KEY);
        },
    );
    assert!(whole > 0 && whole < taken, "{whole} whole keys among {taken}");
}
