//! What people paste, and what becomes of it.

use super::*;

const KEY: &str = "pat-na1-11111111-2222-3333-4444-555555553f9c";

fn read(text: &str) -> (String, Vec<Cleaned>, Option<Warning>) {
    let pasted = paste(text).unwrap_or_else(|problem| panic!("{text:?}: {problem}"));
    (pasted.token.expose().to_owned(), pasted.cleaned, pasted.warning)
}

#[test]
fn what_copying_adds_is_taken_off_and_said() {
    use Cleaned::{Authorization, Bearer, Invisible, LineBreaks, Quotes, Spaces};
    let rows: &[(String, &[Cleaned])] = &[
        (KEY.into(), &[]),
        (format!("  {KEY} "), &[Spaces]),
        (format!("{KEY}\n"), &[LineBreaks]),
        (format!("\r\n{KEY}\r\n"), &[LineBreaks]),
        (format!("\t{KEY}"), &[LineBreaks]),
        (format!("\"{KEY}\""), &[Quotes]),
        (format!("“{KEY}”"), &[Quotes]),
        (format!("'{KEY}',"), &[Quotes]),
        (format!("\u{feff}{KEY}\u{200b}"), &[Invisible]),
        (KEY.replace("2222", "22\u{200b}22"), &[Invisible]),
        (format!("Bearer {KEY}"), &[Bearer, Spaces]),
        (format!("bearer\t{KEY}"), &[Bearer, LineBreaks]),
        (format!("Authorization: Bearer {KEY}"), &[Authorization, Spaces, Bearer]),
        (format!("authorization:{KEY}"), &[Authorization]),
        (
            format!(" \"Authorization: Bearer {KEY}\" \n"),
            &[LineBreaks, Quotes, Authorization, Spaces, Bearer],
        ),
        (KEY.replace("-3333", "\n-3333"), &[LineBreaks]),
        (KEY.replace("-3333", " -3333"), &[Spaces]),
    ];
    for (text, cleaned) in rows {
        assert_eq!(read(text), (KEY.to_owned(), cleaned.to_vec(), None), "{text:?}");
    }
}

#[test]
fn mistakes_are_named_before_any_call() {
    use PasteProblem::{ClientSecret, Email, Empty, Masked, RefreshToken, Rubbish, Several, TooLong, Url};
    let uuid = "11111111-2222-3333-4444-555555553f9c";
    let rows: &[(String, PasteProblem)] = &[
        (String::new(), Empty),
        (" \n\u{200b}\"\" ".into(), Empty),
        ("Bearer ".into(), Empty),
        ("Authorization:".into(), Empty),
        ("••••••••".into(), Masked),
        ("pat-na1-••••••••-3f9c".into(), Masked),
        ("pat-na1-…3f9c".into(), Masked),
        ("pat-na1-********3f9c".into(), Masked),
        (uuid.into(), ClientSecret),
        (uuid.to_uppercase(), ClientSecret),
        (format!("  {uuid}\n"), ClientSecret),
        (format!("na1-{uuid}"), RefreshToken),
        (format!("eu1-{uuid}"), RefreshToken),
        (format!("ap1-{uuid}"), RefreshToken),
        ("https://app.hubspot.com/private-apps/123".into(), Url),
        ("app.hubspot.com/private-apps/123".into(), Url),
        ("www.example.com".into(), Url),
        ("me@example.com".into(), Email),
        (format!("{KEY}{KEY}"), Several),
        (format!("{KEY} {KEY}"), Several),
        (format!("{KEY}\npat-eu1-{uuid}"), Several),
        ("CJT2ronBMRIHAAEBQAAAGRiJCJT2ronBMRIHAAEBQAAAGRiJ".into(), Several),
        ("a".repeat(901), TooLong),
        ("this is the key my admin sent me".into(), Rubbish),
        ("пароль-від-хабспоту".into(), Rubbish),
        ("{\"token\":1}".into(), Rubbish),
        ("pat-na1-\u{0}11".into(), Rubbish),
    ];
    for (text, problem) in rows {
        assert_eq!(paste(text).err(), Some(*problem), "{text:?}");
    }
}

#[test]
fn an_unknown_shape_is_a_warning_and_not_a_refusal() {
    assert_eq!(read("CJT2ronBMRIHAAEBQAAAGRiJ").2, Some(Warning::UnknownPrefix));
    assert_eq!(read("hsk_live-abcdefgh").2, Some(Warning::UnknownPrefix));
    assert_eq!(read(&KEY[..40]).2, Some(Warning::UnusualLength));
    assert_eq!(read(&format!("{KEY}0")).2, Some(Warning::UnusualLength));
    assert_eq!(read("pat-eu1-11111111-2222-3333-4444-555555553f9c").2, None);
}

#[test]
fn no_text_makes_it_panic_and_none_is_shown() {
    let pieces =
        ["pat-", "na1-", "Bearer ", "\"", "é", "\u{200b}", "\n", "@", "://", "•", "-", "x", "🔑", " "];
    for first in pieces {
        for second in pieces {
            for third in pieces {
                let text = format!("{first}{second}{third}{second}{first}");
                let shown = format!("{:?}", paste(&text).map(|pasted| pasted.token));
                assert!(text.trim().len() < 8 || !shown.contains(&text), "{shown}");
            }
        }
    }
}
