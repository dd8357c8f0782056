//! An address that was pasted by hand in place of the callback: cleaned, and judged by the same rules. Deliberately
//! absent: any leniency about the state.

use crate::{
    callback::Called,
    verdict::{CALLBACK_PATH, Expected, Verdict, judge_query},
};

const PASTE_MAX: usize = 16 * 1024;

/// Why a pasted text is not HubSpot's answer. The attempt goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasteRefused {
    #[error("nothing was pasted")]
    Empty,
    #[error("this is not the address that the browser ended on")]
    OtherAddress,
    #[error("this address belongs to an older attempt")]
    OlderAttempt,
    #[error("this address holds no code; copy all of it")]
    MissingCode,
    #[error("HubSpot's answer is there already")]
    AlreadyAnswered,
}

/// Reads a whole address, one without its scheme (browsers hide it), or what stands behind its `?`.
pub(crate) fn read(text: &str, expected: &Expected) -> Result<Called, PasteRefused> {
    let bare = text.trim_matches(|c: char| {
        c.is_whitespace() || c.is_control() || "\"'`<>“”„‘’‚«»\u{200b}\u{feff}".contains(c)
    });
    if bare.is_empty() {
        return Err(PasteRefused::Empty);
    }
    if bare.len() > PASTE_MAX {
        return Err(PasteRefused::OtherAddress);
    }
    // Mail programs and terminals break long lines; no address has a blank.
    let joined: String = bare.split_whitespace().collect();
    let (before, query) = match joined.split_once('?') {
        Some((before, query)) => (before, query),
        None if joined.contains('=') && !joined.contains("://") => ("", joined.as_str()),
        None if is_ours(&joined, expected) => return Err(PasteRefused::MissingCode),
        None => return Err(PasteRefused::OtherAddress),
    };
    if !(before.is_empty() || is_ours(before, expected)) {
        return Err(PasteRefused::OtherAddress);
    }
    let query = query.split('#').next().unwrap_or_default();
    match judge_query(query, expected) {
        Verdict::Approved(code) => Ok(Called::Approved(code)),
        Verdict::Denied { error, description } => Ok(Called::Denied { error, description }),
        Verdict::OlderAttempt | Verdict::UnprovenDenial => Err(PasteRefused::OlderAttempt),
        _ => Err(PasteRefused::MissingCode),
    }
}

fn is_ours(address: &str, expected: &Expected) -> bool {
    let lower = address.to_ascii_lowercase();
    let bare = lower.strip_prefix("http://").unwrap_or(&lower);
    let hosts = ["localhost", "127.0.0.1", "[::1]"];
    hosts.iter().any(|host| bare == format!("{host}:{}{CALLBACK_PATH}", expected.port))
}

#[cfg(test)]
mod tests {
    use vault::Secret;

    use super::*;

    fn expected() -> Expected {
        Expected { port: 14117, state: Secret::new("STATE0123456789abcdef".into()) }
    }

    #[test]
    fn a_pasted_address_is_taken_whole_or_in_part() {
        let query = "code=abc&state=STATE0123456789abcdef";
        for text in [
            format!("http://localhost:14117/oauth-callback?{query}"),
            format!("  \"http://localhost:14117/oauth-callback?{query}\"\n"),
            format!("localhost:14117/oauth-callback?{query}#top"),
            format!("http://127.0.0.1:14117/oauth-callback?{query}"),
            format!("?{query}"),
            query.to_owned(),
            format!("http://localhost:14117/oauth-callback?code=a\r\n bc&{}", &query[9..]),
        ] {
            let read = read(&text, &expected());
            assert!(matches!(&read, Ok(Called::Approved(code)) if code.expose() == "abc"), "{text} {read:?}");
        }
        let denied = read("?error=access_denied&state=STATE0123456789abcdef", &expected());
        assert!(matches!(denied, Ok(Called::Denied { .. })));
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        use PasteRefused::{Empty, MissingCode, OlderAttempt, OtherAddress};
        for (text, reason) in [
            ("", Empty),
            (" \"\" ", Empty),
            ("https://app.hubspot.com/oauth/authorize?client_id=x&state=STATE0123456789abcdef", OtherAddress),
            ("http://localhost:21117/oauth-callback?code=a&state=STATE0123456789abcdef", OtherAddress),
            (
                "https://localhost.evil.example/oauth-callback?code=a&state=STATE0123456789abcdef",
                OtherAddress,
            ),
            ("hello", OtherAddress),
            ("http://localhost:14117/oauth-callback", MissingCode),
            ("?state=STATE0123456789abcdef", MissingCode),
            ("code=a&state=older", OlderAttempt),
            ("code=a", OlderAttempt),
        ] {
            assert_eq!(read(text, &expected()).map(drop), Err(reason), "{text}");
        }
        assert_eq!(read(&"x=".repeat(PASTE_MAX), &expected()).map(drop), Err(OtherAddress));
    }
}
