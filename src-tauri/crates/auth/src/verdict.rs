//! What a request to the return address means, decided from its text alone. Anybody on this computer, and any web page
//! in its browsers, can send one; only the attempt's own `state` makes it ours. Deliberately absent: sockets, and what
//! follows.

use std::fmt;

use oauth2::url::form_urlencoded;
use subtle::ConstantTimeEq;
use vault::Secret;

/// The one path that HubSpot sends the browser back to.
pub const CALLBACK_PATH: &str = "/oauth-callback";
/// Longer targets are nobody's callback: a code and a state have some hundred characters.
pub const TARGET_MAX: usize = 8 * 1024;
const CODE_MAX: usize = 2_048;
const SAID_MAX: usize = 300;

/// What a callback of ours must bring.
pub struct Expected {
    pub port: u16,
    pub state: Secret,
}

/// An authorization code: worth a token, so never shown.
pub struct Code(Secret);

impl Code {
    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// What a request is. Only the first two end an attempt.
#[derive(Debug)]
pub enum Verdict {
    /// Our state, and a code.
    Approved(Code),
    /// Our state, and HubSpot's no. The texts came through the browser: one line, cut, to be escaped.
    Denied {
        error: String,
        description: Option<String>,
    },
    /// Another state, or none.
    OlderAttempt,
    /// A no without our state: anybody can say that, but perhaps HubSpot did.
    UnprovenDenial,
    MissingCode,
    /// A parameter that must be there once is there twice.
    Ambiguous,
    WrongPath,
    WrongMethod,
    WrongHost,
    TooLong,
}

impl Verdict {
    pub fn ends_the_attempt(&self) -> bool {
        matches!(self, Verdict::Approved(_) | Verdict::Denied { .. })
    }

    /// The HTTP status of the answer to a request that ends nothing.
    pub fn status(&self) -> u16 {
        match self {
            Verdict::Approved(_) | Verdict::Denied { .. } => 200,
            Verdict::OlderAttempt | Verdict::UnprovenDenial | Verdict::MissingCode | Verdict::Ambiguous => {
                400
            }
            Verdict::WrongPath => 404,
            Verdict::WrongMethod => 405,
            Verdict::WrongHost => 421,
            Verdict::TooLong => 414,
        }
    }
}

/// Judges one request by its method, its one Host header and its target (path and query).
pub fn verdict(method: &str, host: Option<&str>, target: &str, expected: &Expected) -> Verdict {
    if target.len() > TARGET_MAX {
        return Verdict::TooLong;
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != CALLBACK_PATH {
        return Verdict::WrongPath;
    }
    if method != "GET" {
        return Verdict::WrongMethod;
    }
    if !host.is_some_and(|host| is_our_host(host, expected.port)) {
        return Verdict::WrongHost;
    }
    judge_query(query, expected)
}

/// Judges what HubSpot sends back, however it came here.
pub(crate) fn judge_query(query: &str, expected: &Expected) -> Verdict {
    let [mut state, mut code, mut error, mut description] = [const { None }; 4];
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let slot = match name.as_ref() {
            "state" => &mut state,
            "code" => &mut code,
            "error" => &mut error,
            "error_description" => &mut description,
            _ => continue,
        };
        if slot.replace(Secret::new(value.into_owned())).is_some() {
            return Verdict::Ambiguous;
        }
    }
    let ours = state.is_some_and(|state: Secret| {
        bool::from(state.expose().as_bytes().ct_eq(expected.state.expose().as_bytes()))
    });
    match (ours, error, code) {
        (true, Some(error), _) => Verdict::Denied {
            error: said(error.expose()),
            description: description.map(|text| said(text.expose())).filter(|text| !text.is_empty()),
        },
        (true, None, Some(code)) if is_code(code.expose()) => Verdict::Approved(Code(code)),
        (true, None, _) => Verdict::MissingCode,
        (false, Some(_), None) => Verdict::UnprovenDenial,
        (false, _, _) => Verdict::OlderAttempt,
    }
}

/// A browser names the host it was sent to; a name that was rebound to this computer by its DNS is none of these.
fn is_our_host(host: &str, port: u16) -> bool {
    let Some((name, number)) = host.rsplit_once(':') else { return false };
    let ours = ["localhost", "127.0.0.1", "[::1]"].iter().any(|ours| name.eq_ignore_ascii_case(ours));
    ours && number == port.to_string()
}

fn is_code(code: &str) -> bool {
    (1..=CODE_MAX).contains(&code.len()) && !code.contains(|c: char| c.is_control() || c.is_whitespace())
}

/// A text from outside, made fit for one line.
fn said(text: &str) -> String {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(SAID_MAX).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = "0123456789abcdef0123456789abcdef";

    fn judged(method: &str, host: Option<&str>, target: &str) -> Verdict {
        verdict(method, host, target, &Expected { port: 14117, state: Secret::new(STATE.into()) })
    }

    fn get(query: &str) -> Verdict {
        judged("GET", Some("localhost:14117"), &format!("{CALLBACK_PATH}?{query}"))
    }

    #[test]
    fn a_code_with_our_state_is_an_approval() {
        let approved = get(&format!("code=c%2Bd-1&state={STATE}&extra=1"));
        assert!(matches!(&approved, Verdict::Approved(code) if code.expose() == "c+d-1"), "{approved:?}");
        assert!(!format!("{approved:?}").contains("d-1"));
        for host in ["LOCALHOST:14117", "127.0.0.1:14117", "[::1]:14117"] {
            let target = format!("{CALLBACK_PATH}?state={STATE}&code=x");
            assert!(judged("GET", Some(host), &target).ends_the_attempt(), "{host}");
        }
    }

    #[test]
    fn hubspots_no_counts_with_our_state_only() {
        let denied = get(&format!("error=access_denied&error_description=No%0Away%21&state={STATE}"));
        let Verdict::Denied { error, description } = denied else { panic!("{denied:?}") };
        assert_eq!((error.as_str(), description.as_deref()), ("access_denied", Some("No way!")));
        assert!(matches!(get("error=access_denied"), Verdict::UnprovenDenial));
        assert!(matches!(get("error=access_denied&state=other"), Verdict::UnprovenDenial));
    }

    #[test]
    fn whatever_else_comes_ends_nothing() {
        let long = format!("code={}&state={STATE}", "c".repeat(TARGET_MAX));
        let code_too_long = format!("code={}&state={STATE}", "c".repeat(CODE_MAX + 1));
        for (query, status) in [
            ("", 400),
            ("code=x", 400),
            ("code=x&state=", 400),
            ("code=x&state=0123456789abcdef0123456789abcdeF", 400),
            ("code=x&state=0123456789abcdef0123456789abcdef0", 400),
            (&format!("state={STATE}"), 400),
            (&format!("state={STATE}&code="), 400),
            (&format!("state={STATE}&code=a%0Ab"), 400),
            (&format!("state={STATE}&code=x&code=y"), 400),
            (&format!("state={STATE}&state=other&code=x"), 400),
            (&format!("State={STATE}&code=x"), 400),
            (&code_too_long, 400),
            (&long, 414),
        ] {
            let verdict = get(query);
            assert!(!verdict.ends_the_attempt() && verdict.status() == status, "{query:.80} {verdict:?}");
        }
        let good = format!("{CALLBACK_PATH}?state={STATE}&code=x");
        for (method, host, target, status) in [
            ("POST", Some("localhost:14117"), good.as_str(), 405),
            ("HEAD", Some("localhost:14117"), &good, 405),
            ("get", Some("localhost:14117"), &good, 405),
            ("GET", None, &good, 421),
            ("GET", Some("localhost"), &good, 421),
            ("GET", Some("localhost:21117"), &good, 421),
            ("GET", Some("localhost:014117"), &good, 421),
            ("GET", Some("evil.example:14117"), &good, 421),
            ("GET", Some("localhost.evil.example:14117"), &good, 421),
            ("GET", Some("localhost:14117"), &format!("http://localhost:14117{good}"), 404),
            ("GET", Some("localhost:14117"), &good.replace("-callback", "-callback/"), 404),
            ("GET", Some("localhost:14117"), &format!("/{good}"), 404),
            ("GET", Some("localhost:14117"), "/favicon.ico", 404),
            ("OPTIONS", Some("localhost:14117"), "*", 404),
        ] {
            let verdict = judged(method, host, target);
            assert!(!verdict.ends_the_attempt() && verdict.status() == status, "{method} {host:?} {target}");
        }
    }
}
