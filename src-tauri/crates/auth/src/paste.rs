//! A pasted key: cleaned of what copying adds, and recognised when it is something else. No network, no vault.

use std::fmt;

use hubspot::Token;

/// A text that may be a key.
#[derive(Debug, Clone)]
pub struct Pasted {
    pub token: Token,
    /// What was taken off, each once.
    pub cleaned: Vec<Cleaned>,
    pub warning: Option<Warning>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleaned {
    Spaces,
    LineBreaks,
    Quotes,
    /// Zero-width characters and the like.
    Invisible,
    Bearer,
    Authorization,
}

impl fmt::Display for Cleaned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cleaned::Spaces => "spaces",
            Cleaned::LineBreaks => "line breaks",
            Cleaned::Quotes => "quotes",
            Cleaned::Invisible => "invisible characters",
            Cleaned::Bearer => "“Bearer”",
            Cleaned::Authorization => "“Authorization:”",
        })
    }
}

/// Unusual, but not impossible: HubSpot does not document what its keys look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    UnknownPrefix,
    /// It begins like a key and does not go on like one.
    UnusualLength,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Warning::UnknownPrefix => "This does not start with pat-. Most HubSpot keys do. Test it anyway?",
            Warning::UnusualLength => {
                "This is not as long as HubSpot's keys are. Was it cut off while copying? Test it anyway?"
            }
        })
    }
}

/// A text that is something else, named so that it can be put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasteProblem {
    #[error("nothing was pasted")]
    Empty,
    #[error("the key is masked; show it in HubSpot before copying it")]
    Masked,
    #[error("this is an app's client ID or client secret, not a key")]
    ClientSecret,
    #[error("this is a refresh token, not a key")]
    RefreshToken,
    #[error("this is a web address, not a key")]
    Url,
    #[error("this is an e-mail address, not a key")]
    Email,
    #[error("two keys were pasted together")]
    Several,
    #[error("no HubSpot key is this long")]
    TooLong,
    #[error("this holds characters that no key has")]
    Rubbish,
}

/// OAuth access tokens reach 512 characters; with its address a key must fit a keychain entry.
const LENGTH_MAX: usize = 900;
const UUID_LENGTH: usize = 36;

/// Cleans and recognises a pasted text.
pub fn paste(text: &str) -> Result<Pasted, PasteProblem> {
    let mut cleaned = Vec::new();
    let bare = unwrapped(text, &mut cleaned);
    if let Some(problem) = recognised(&bare) {
        return Err(problem);
    }
    let mut words = bare.split_whitespace();
    let key: String = words.by_ref().collect();
    if key.len() < bare.len() {
        note(&mut cleaned, if bare.contains(['\r', '\n']) { Cleaned::LineBreaks } else { Cleaned::Spaces });
    }
    if let Some(problem) = unusable(&key, &bare) {
        return Err(problem);
    }
    let warning = warning(&key);
    Ok(Pasted { token: Token::new(key), cleaned, warning })
}

/// The text without what surrounds it: blanks, quotes, header names, in any order and depth.
fn unwrapped(text: &str, cleaned: &mut Vec<Cleaned>) -> String {
    const QUOTES: [char; 12] = ['"', '\'', '`', '“', '”', '„', '‘', '’', '‚', '«', '»', ','];
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    if visible.len() < text.len() {
        note(cleaned, Cleaned::Invisible);
    }
    let mut rest = visible.as_str();
    loop {
        let before = rest;
        let trimmed = rest.trim();
        if trimmed.len() < rest.len() {
            let broken = rest.trim_matches(' ').len() > trimmed.len();
            note(cleaned, if broken { Cleaned::LineBreaks } else { Cleaned::Spaces });
            rest = trimmed;
        }
        let unquoted = rest.trim_matches(QUOTES);
        if unquoted.len() < rest.len() {
            note(cleaned, Cleaned::Quotes);
            rest = unquoted;
        }
        if let Some(after) = without_prefix(rest, "authorization:") {
            note(cleaned, Cleaned::Authorization);
            rest = after;
        }
        if let Some(after) =
            without_prefix(rest, "bearer").filter(|after| after.starts_with(char::is_whitespace))
        {
            note(cleaned, Cleaned::Bearer);
            rest = after;
        }
        if rest.len() == before.len() {
            return rest.to_owned();
        }
    }
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// Characters that copying from a page may bring along and nobody sees.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Something else than a key, seen before blanks inside are taken out.
fn recognised(text: &str) -> Option<PasteProblem> {
    let lower = text.to_ascii_lowercase();
    let has_blank = text.contains(char::is_whitespace);
    if text.is_empty() || matches!(lower.as_str(), "bearer" | "authorization:") {
        return Some(PasteProblem::Empty);
    }
    if text.contains(['•', '●', '∙', '·', '⦁', '…']) || text.contains("***") || text.contains("...")
    {
        return Some(PasteProblem::Masked);
    }
    if lower.contains("://") || lower.starts_with("www.") || lower.contains("hubspot.com/") {
        return Some(PasteProblem::Url);
    }
    if !has_blank && text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')) {
        return Some(PasteProblem::Email);
    }
    if lower.matches("pat-").count() > 1 || is_doubled(text) {
        return Some(PasteProblem::Several);
    }
    None
}

/// Something else than a key, seen once it is one word.
fn unusable(key: &str, before: &str) -> Option<PasteProblem> {
    if is_uuid(key) {
        return Some(PasteProblem::ClientSecret);
    }
    if is_region(key.split('-').next().unwrap_or_default()) && key.contains('-') {
        return Some(PasteProblem::RefreshToken);
    }
    // A wrapped key has one break; a sentence has many.
    let sentence = before.split_whitespace().count() > 4;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+/=~:|".contains(&byte);
    if sentence || !key.bytes().all(plain) {
        return Some(PasteProblem::Rubbish);
    }
    (key.len() > LENGTH_MAX).then_some(PasteProblem::TooLong)
}

fn warning(key: &str) -> Option<Warning> {
    let Some(rest) = key.strip_prefix("pat-") else { return Some(Warning::UnknownPrefix) };
    let whole = rest.split_once('-').is_some_and(|(region, id)| is_region(region) && id.len() == UUID_LENGTH);
    (!whole).then_some(Warning::UnusualLength)
}

/// `na1`, `eu1`, …: where HubSpot keeps the account's data.
fn is_region(text: &str) -> bool {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_lowercase());
    matches!(text.len() - digits.len(), 2)
        && (1..=2).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_uuid(text: &str) -> bool {
    text.len() == UUID_LENGTH
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The same text twice, with or without a blank between.
fn is_doubled(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let half = text.len() / 2;
    let glued = text.len() >= 32
        && text.len().is_multiple_of(2)
        && text.is_char_boundary(half)
        && text[..half] == text[half..];
    glued || matches!(words[..], [first, second] if first == second && first.len() >= 16)
}

fn note(cleaned: &mut Vec<Cleaned>, what: Cleaned) {
    if !cleaned.contains(&what) {
        cleaned.push(what);
    }
}

#[cfg(test)]
mod tests;
