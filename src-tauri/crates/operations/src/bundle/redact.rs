//! The one redactor: takes out of a text what is secret or personal. Known secrets go by their letters, everything else
//! by its form; when in doubt it goes. Deliberately absent: knowing which text it is given.

use zeroize::Zeroizing;

const SECRET: &str = "REDACTED";
/// Shorter texts are words that stand in many places.
const SECRET_CHARS_MIN: usize = 6;

/// What is taken out beside what has the form of a secret.
#[derive(Default)]
pub(super) struct Redactor {
    secrets: Vec<Zeroizing<String>>,
    /// Whole words, and what stands in their place.
    words: Vec<(String, String)>,
}

impl Redactor {
    /// A text that must not be seen anywhere.
    pub(super) fn secret(&mut self, text: &str) {
        if text.chars().count() >= SECRET_CHARS_MIN {
            self.secrets.push(Zeroizing::new(text.to_owned()));
            // A longer secret may hold a shorter one.
            self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
    }

    /// A name that tells whose data this is.
    pub(super) fn word(&mut self, text: &str, instead: &str) {
        if text.chars().count() >= 2 {
            self.words.push((text.to_owned(), instead.to_owned()));
            self.words.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        }
    }

    /// Known secrets and names only: for texts of our own making.
    pub(super) fn known(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for secret in &self.secrets {
            clean = clean.replace(secret.as_str(), SECRET);
        }
        for (word, instead) in &self.words {
            clean = replace_word(&clean, word, instead);
        }
        clean
    }

    /// Known secrets and names, and everything that looks like a secret, an address, a telephone number or an id.
    pub(super) fn text(&self, text: &str) -> String {
        phones(&by_word(&announced(&self.known(text))))
    }

    /// A message that may repeat what somebody else said: that is taken out whole.
    pub(super) fn message(&self, text: &str) -> String {
        self.text(&quoted(&without_answer(&self.known(text))))
    }
}

/// "<text 12>" for a text of twelve letters.
fn counted(text: &str) -> String {
    format!("<text {}>", text.chars().count())
}

fn replace_word(text: &str, word: &str, instead: &str) -> String {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut clean = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in text.match_indices(word) {
        let end = at + found.len();
        let inside = (part(text[..at].chars().next_back()) && part(word.chars().next()))
            || (part(text[end..].chars().next()) && part(word.chars().next_back()));
        if !inside {
            clean.push_str(&text[from..at]);
            clean.push_str(instead);
            from = end;
        }
    }
    clean + &text[from..]
}

/// What HubSpot said after its status and category; it may repeat records.
fn without_answer(text: &str) -> String {
    for (at, _) in text.match_indices("status ") {
        let rest = &text[at + 7..];
        let code = rest.bytes().take_while(u8::is_ascii_digit).count();
        let named = rest[code..].strip_prefix(", ").map_or(0, |rest| {
            2 + rest.bytes().take_while(|byte| byte.is_ascii_uppercase() || *byte == b'_').count()
        });
        let end = at + 7 + code + named;
        if let Some(said) = text[end..].strip_prefix(": ").filter(|_| code == 3) {
            return format!("{}: {}", &text[..end], counted(said));
        }
    }
    text.to_owned()
}

const QUOTES: [(char, char); 3] = [('"', '"'), ('“', '”'), ('`', '`')];

/// What stands between quotes, unless it is a plain name of the API's (`crm.objects.deals.read`).
fn quoted(text: &str) -> String {
    let plain = |inner: &str| {
        inner.chars().count() <= 60
            && inner.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '.' | '-'))
    };
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, open)) = rest.char_indices().find(|(_, c)| QUOTES.iter().any(|(open, _)| open == c)) {
        let close = QUOTES.iter().find(|(quote, _)| *quote == open).map_or(open, |(_, close)| *close);
        let inside = &rest[at + open.len_utf8()..];
        let Some(end) = inside.find(close) else { break };
        let inner = &inside[..end];
        clean.push_str(&rest[..at + open.len_utf8()]);
        clean.push_str(&if plain(inner) || inner.is_empty() { inner.to_owned() } else { counted(inner) });
        clean.push(close);
        rest = &inside[end + close.len_utf8()..];
    }
    clean + rest
}

/// Words after which a secret follows.
const ANNOUNCED_BY: &[&str] = &[
    "access_token",
    "accesstoken",
    "api_key",
    "apikey",
    "authorization",
    "basic",
    "bearer",
    "client_secret",
    "clientsecret",
    "code",
    "code_verifier",
    "hapikey",
    "passphrase",
    "password",
    "refresh_token",
    "refreshtoken",
    "secret",
    "state",
    "token",
    "tokenkey",
];

/// What a header, a form field or a sentence announces as a secret.
fn announced(text: &str) -> String {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+' | '/' | '%');
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    let mut waiting = false;
    while let Some(at) = rest.find(part) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c| !part(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        // A sentence that ends has announced nothing.
        let waited = waiting && !before.contains(['\n', ';', ',', ')', '&']);
        let name = ANNOUNCED_BY.iter().any(|name| word.eq_ignore_ascii_case(name));
        let random = word.len() >= SECRET_CHARS_MIN && word.bytes().any(|byte| byte.is_ascii_digit());
        clean.push_str(before);
        clean.push_str(if waited && !name && (random || word.len() >= 20) { SECRET } else { word });
        waiting = name || (waited && word.len() < SECRET_CHARS_MIN && !random && before.contains(['"', '=']));
        rest = after;
    }
    clean + rest
}

/// Takes out every word that has the form of a key, an e-mail address or an id.
fn by_word(text: &str) -> String {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+' | '%' | '@' | '\'');
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(part) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c| !part(c)).unwrap_or(from.len());
        let wide = from.find(|c| !(part(c) || matches!(c, '/' | '='))).unwrap_or(from.len());
        if is_base64(&from[..wide]) {
            clean.extend([before, SECRET]);
            rest = &from[wide..];
            continue;
        }
        let (word, after) = from.split_at(end);
        clean.push_str(before);
        // A sentence's full stop is no part of its last word.
        let bare = word.trim_end_matches(['.', '\'', '-']);
        match instead_of(bare) {
            Some(instead) => clean.extend([instead.as_str(), &word[bare.len()..]]),
            None => clean.push_str(word),
        }
        rest = after;
    }
    clean + rest
}

fn instead_of(word: &str) -> Option<String> {
    if is_address(word) {
        return Some("<email>".to_owned());
    }
    if is_key(word) {
        return Some(SECRET.to_owned());
    }
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if digits >= 9 && digits == word.len() {
        return Some(format!("<number {digits}>"));
    }
    is_random(word).then(|| "<id>".to_owned())
}

fn is_address(word: &str) -> bool {
    let at =
        word.find('@').map(|at| (at, 1)).or_else(|| word.to_ascii_lowercase().find("%40").map(|at| (at, 3)));
    at.is_some_and(|(at, length)| at > 0 && word[at + length..].chars().any(char::is_alphanumeric))
}

/// `pat-na1-…`, and refresh tokens such as `eu1-…`.
fn is_key(word: &str) -> bool {
    if word.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("pat-")) {
        return word.len() >= 8;
    }
    let Some((region, rest)) = word.split_once('-') else { return false };
    let letters = region.bytes().take_while(u8::is_ascii_lowercase).count();
    (2..=4).contains(&letters)
        && (1..=2).contains(&(region.len() - letters))
        && region[letters..].bytes().all(|byte| byte.is_ascii_digit())
        && rest.len() >= 8
        && rest.bytes().any(|byte| byte.is_ascii_digit())
}

/// Base64 with what only base64 has: a `+` or a `=` at its end.
fn is_base64(word: &str) -> bool {
    let has = |test: fn(char) -> bool| word.contains(test);
    word.len() >= 16
        && !has(|c| c == '.' || c == '@')
        && (word.ends_with('=') || has(|c| c == '+'))
        && has(|c| c.is_ascii_lowercase())
        && has(|c| c.is_ascii_uppercase())
        && has(|c| c.is_ascii_digit())
}

/// Letters and digits mixed as no word of a language has them.
fn is_random(word: &str) -> bool {
    let count = |test: fn(&u8) -> bool| word.bytes().filter(test).count();
    let (digits, upper, lower) =
        (count(u8::is_ascii_digit), count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    let hex = word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let dashes = word.bytes().filter(|byte| *byte == b'-').count();
    let uuid = hex && word.len() == 36 && dashes == 4;
    let long_hex = hex && word.len() - dashes >= 16 && digits >= 2;
    let mixed = word.len() >= 16 && digits >= 1 && upper >= 2 && lower >= 2;
    let plain = word.len() >= 20 && digits >= 4 && digits + upper + lower == word.len();
    uuid || long_hex || mixed || plain
}

/// Takes out telephone numbers: nine digits and more, or seven after a +, with what stands between digits in them.
fn phones(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut at = 0;
    let mut before = ' ';
    while let Some(c) = text[at..].chars().next() {
        let fresh = !before.is_alphanumeric() && !matches!(before, '.' | '_' | '-' | '<' | ':' | '/');
        if fresh && (c.is_ascii_digit() || matches!(c, '+' | '(')) {
            let run = run_of_digits(&text[at..]);
            let digits = text[at..at + run].bytes().filter(u8::is_ascii_digit).count();
            if digits >= 9 || (c == '+' && digits >= 7) {
                clean.push_str("<phone>");
                at += run;
                before = '>';
                continue;
            }
        }
        clean.push(c);
        before = c;
        at += c.len_utf8();
    }
    clean
}

/// How far a text that begins like a telephone number goes on like one; nothing for a date.
fn run_of_digits(text: &str) -> usize {
    let bytes = text.as_bytes();
    let date = bytes.len() >= 10
        && bytes[..10].iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if date {
        return 0;
    }
    let end = bytes
        .iter()
        .position(|byte| !(byte.is_ascii_digit() || b"+ ()./-".contains(byte)))
        .unwrap_or(bytes.len());
    // Two gaps in a row part two numbers.
    let end = text[..end].find("  ").unwrap_or(end);
    text[..end].rfind(|c: char| c.is_ascii_digit()).map_or(0, |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out_by_their_form() {
        let redactor = Redactor::default();
        for (text, clean) in [
            ("key pat-eu1-01234567-89ab-cdef rejected", "key REDACTED rejected"),
            ("Authorization: Bearer CLGp_0123456789abcdef", "Authorization: Bearer REDACTED"),
            ("authorization=CLGp_0123456789abcdef!", "authorization=REDACTED!"),
            (r#"{"refresh_token":"eu1-0123-4567-89ab"}"#, r#"{"refresh_token":"REDACTED"}"#),
            ("?code=0123456789abcdef&state=x", "?code=REDACTED&state=x"),
            ("client_secret=5ff1a2d3-0000-4000-8000-123456789abc", "client_secret=REDACTED"),
            ("app 5ff1a2d3-0000-4000-8000-123456789abc.", "app <id>."),
            ("saw Zm9vYmFy/aGVsbG8+d29ybGQ0Mg== there", "saw REDACTED there"),
            ("saw CJT2ronBMRIHAAEBQAAAGRiJFNb there", "saw <id> there"),
            ("the token na1-a1b2c3d4e5f6 ended", "the token REDACTED ended"),
            ("password: hunter2x", "password: REDACTED"),
            ("proxy http://jane:s3cret@proxy.corp:3128", "proxy http://jane:<email>:3128"),
        ] {
            assert_eq!(redactor.text(text), clean);
        }
    }

    #[test]
    fn people_are_taken_out_by_their_form() {
        let redactor = Redactor::default();
        for (text, clean) in [
            ("mail jane.doe+x@acme.co.uk now", "mail <email> now"),
            ("<o'neil@acme.com>", "<<email>>"),
            ("idProperty=jane%40acme.com", "idProperty=<email>"),
            ("zoë@münchen.de", "<email>"),
            ("call +41 79 123 45 67.", "call <phone>."),
            ("call (0)79/123.45.67 x", "call <phone> x"),
            ("call 079 123 45 67, please", "call <phone>, please"),
            ("record 51204123456 is odd", "record <number 11> is odd"),
        ] {
            assert_eq!(redactor.text(text), clean);
        }
    }

    #[test]
    fn ordinary_texts_stay_as_they_are() {
        let redactor = Redactor::default();
        for text in [
            "",
            "painted ms=312",
            "2026-11-22T02:45:35.123Z INFO portside: started version=\"0.1.0\"",
            "2026-11-22T02:45:35.123456Z  WARN sync::run: a call did not succeed",
            "Contacts copied: 1204331 of 1,204,331",
            "the code rate_limited came at 2026-11-22 02:45",
            "token expired",
            "/crm/objects/2026-03/2-5551234/batch/read",
            "https://api-eu1.hubapi.com answers in 84 ms",
            "portside-desktop.2026-11-22.log",
            "status 429, TEN_SECONDLY_ROLLING",
        ] {
            assert_eq!(redactor.text(text), text);
        }
    }

    #[test]
    fn known_secrets_and_names_go_whatever_their_form() {
        let mut redactor = Redactor::default();
        redactor.secret("correct horse battery");
        redactor.secret("horse battery");
        redactor.secret("abc");
        redactor.word("Jane's portal", "portal-…305");
        redactor.word("24817305", "…305");
        assert_eq!(
            redactor.known("a correct horse battery, abc; Jane's portal is 24817305, not 248173051"),
            "a REDACTED, abc; portal-…305 is …305, not 248173051"
        );
    }

    #[test]
    fn what_others_said_is_counted_instead_of_repeated() {
        let redactor = Redactor::default();
        for (text, clean) in [
            (
                "Deals stopped: HubSpot refused: status 400, VALIDATION_ERROR: Jane is no date",
                "Deals stopped: HubSpot refused: status 400, VALIDATION_ERROR: <text 15>",
            ),
            ("status 502: Jane", "status 502: <text 4>"),
            ("status 200, and that is all", "status 200, and that is all"),
            ("detail=\"Zoë Meier\" code=\"missing_scope\"", "detail=\"<text 9>\" code=\"missing_scope\""),
            ("The permission “tickets” is missing.", "The permission “tickets” is missing."),
            ("“Enterprise 2026” was there, \"open", "“<text 15>” was there, \"open"),
        ] {
            assert_eq!(redactor.message(text), clean);
        }
    }
}
