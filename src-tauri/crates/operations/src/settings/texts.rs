//! How a setting is written and what it means: windows, hours, bounds, lists and filters. Pure.

use std::fmt;

use crm::{ObjectType, Timestamp};
use serde_json::{Map, Value};
use store::{Filter, Since};

/// `all`, or the start of a window.
pub(crate) fn window(text: &str) -> Option<Since> {
    if text.eq_ignore_ascii_case("all") {
        return Some(Since::All);
    }
    text.parse::<Timestamp>().ok().map(Since::At)
}

pub(crate) fn window_text(since: Since) -> String {
    match since {
        Since::All => "all".to_owned(),
        Since::At(at) => at.to_string(),
    }
}

/// Hours of a day, over midnight where they end before they begin. In minutes after midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quiet {
    pub(crate) from: u16,
    pub(crate) to: u16,
}

impl Quiet {
    /// `22:00-06:00`; hours without minutes are taken too.
    pub(crate) fn parse(text: &str) -> Option<Quiet> {
        let (from, to) = text.split_once(['-', '–'])?;
        let quiet = Quiet { from: minute(from)?, to: minute(to)? };
        (quiet.from != quiet.to).then_some(quiet)
    }

    pub(crate) fn holds(self, minute: u16) -> bool {
        if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

/// `24:00` is midnight.
fn minute(text: &str) -> Option<u16> {
    let text = text.trim();
    let (hour, minute) = text.split_once(':').unwrap_or((text, "0"));
    let digits = |part: &str| {
        (!part.is_empty() && part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u16>().ok())
            .flatten()
    };
    let (hour, minute) = (digits(hour)?, digits(minute)?);
    (hour < 24 && minute < 60 || (hour, minute) == (24, 0)).then_some((hour * 60 + minute) % 1_440)
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Quiet { from, to } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

/// How much history is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    All,
    Rows(u64),
    Days(u32),
}

impl Bound {
    pub(crate) fn parse(text: &str) -> Option<Bound> {
        if text.eq_ignore_ascii_case("all") {
            return Some(Bound::All);
        }
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let number: u64 = text[..end].parse().ok()?;
        match text[end..].trim().to_ascii_lowercase().as_str() {
            "rows" | "row" => Some(Bound::Rows(number)),
            "days" | "day" | "d" => {
                Some(Bound::Days(u32::try_from(number).ok().filter(|days| *days <= 36_500)?))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::All => f.write_str("all"),
            Bound::Rows(rows) => write!(f, "{rows} rows"),
            Bound::Days(days) => write!(f, "{days} days"),
        }
    }
}

/// An address in lower case.
pub(crate) fn email(text: &str) -> Option<String> {
    let (name, host) = text.rsplit_once('@')?;
    let fine = !name.is_empty() && !text.contains(char::is_whitespace) && domain(host).is_some();
    fine.then(|| text.to_lowercase())
}

/// A domain in lower case; `@acme.com` is taken as one.
pub(crate) fn domain(text: &str) -> Option<String> {
    let text = text.strip_prefix('@').unwrap_or(text);
    let letter = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
    let fine =
        text.contains('.') && !text.starts_with('.') && !text.ends_with('.') && text.chars().all(letter);
    fine.then(|| text.to_lowercase())
}

/// The name of an object type as its table has it: `line_items`.
pub(crate) fn object(text: &str) -> Option<String> {
    let name = text.to_lowercase();
    let fine = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    fine.then_some(name)
}

/// A list as it is kept: JSON, each once, or nothing when one of them is none.
pub(crate) fn list(text: &str, read: fn(&str) -> Option<String>) -> Option<String> {
    let parts = match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(parts)) => parts
            .into_iter()
            .map(|part| if let Value::String(text) = part { Some(text) } else { None })
            .collect::<Option<Vec<_>>>()?,
        Ok(Value::String(only)) => vec![only],
        _ => {
            let parts = text.split(|c: char| c == ',' || c == ';' || c.is_whitespace());
            parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
        }
    };
    let mut found: Vec<String> = Vec::new();
    for part in parts {
        let one = read(part.trim())?;
        if !found.contains(&one) {
            found.push(one);
        }
    }
    serde_json::to_string(&found).ok()
}

/// A kept list.
pub(crate) fn listed(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

/// Filters as they are kept and what they mean. A name whose value is a map is an object type.
pub(crate) fn filters(text: &str) -> Option<(String, Vec<Filter>)> {
    let text = if text.is_empty() { "{}" } else { text };
    let Value::Object(map) = serde_json::from_str(text).ok()? else { return None };
    let mut found = Vec::new();
    for (name, value) in &map {
        match value {
            Value::Object(scoped) => {
                let object = ObjectType::new(name.as_str());
                for (property, value) in scoped {
                    found.push(filter(Some(object.clone()), property, value)?);
                }
            }
            value => found.push(filter(None, name, value)?),
        }
    }
    let kept = serde_json::to_string(&canonical(&map)).ok()?;
    Some((kept, found))
}

fn filter(object: Option<ObjectType>, property: &str, value: &Value) -> Option<Filter> {
    let values = match value {
        Value::Array(values) => values.iter().map(plain).collect::<Option<Vec<_>>>()?,
        only => vec![plain(only)?],
    };
    (!values.is_empty() && !property.trim().is_empty()).then(|| Filter {
        object,
        property: property.to_owned(),
        values,
    })
}

/// A value as HubSpot writes it.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn canonical(map: &Map<String, Value>) -> Map<String, Value> {
    let texts = |value: &Value| match value {
        Value::Array(values) => Value::Array(values.iter().filter_map(plain).map(Value::String).collect()),
        other => plain(other).map_or(Value::Null, Value::String),
    };
    map.iter()
        .map(|(name, value)| {
            let value = match value {
                Value::Object(scoped) => {
                    Value::Object(scoped.iter().map(|(name, value)| (name.clone(), texts(value))).collect())
                }
                other => texts(other),
            };
            (name.clone(), value)
        })
        .collect()
}

/// A filter in a sentence.
pub(crate) fn in_words(filter: &Filter) -> String {
    let of = filter.object.as_ref().map(|object| format!(" of {object}")).unwrap_or_default();
    format!("Only where {}{of} is {}.", filter.property, filter.values.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_write_them_and_may_cross_midnight() {
        for (typed, written) in [
            ("22:00-06:00", "22:00-06:00"),
            ("9-17", "09:00-17:00"),
            ("7:30 – 08:05", "07:30-08:05"),
            ("20:00-24:00", "20:00-00:00"),
        ] {
            assert_eq!(
                Quiet::parse(typed).map(|quiet| quiet.to_string()).as_deref(),
                Some(written),
                "{typed}"
            );
        }
        for bad in
            ["", "22:00", "25:00-06:00", "22:60-06:00", "22:00-22:00", "ten-six", "-1:00-2:00", "1:2:3-4:00"]
        {
            assert_eq!(Quiet::parse(bad), None, "{bad}");
        }
        let night = Quiet::parse("22:00-06:00").unwrap();
        let held =
            [(21 * 60 + 59, false), (22 * 60, true), (0, true), (359, true), (360, false), (720, false)];
        for (minute, quiet) in held {
            assert_eq!(night.holds(minute), quiet, "{minute}");
        }
        let noon = Quiet::parse("12-13").unwrap();
        assert_eq!([719, 720, 779, 780].map(|minute| noon.holds(minute)), [false, true, true, false]);
    }

    #[test]
    fn a_bound_is_rows_or_days_and_says_which() {
        let cases =
            [("all", "all"), ("500000 rows", "500000 rows"), ("90d", "90 days"), ("365 Days", "365 days")];
        for (typed, written) in cases {
            assert_eq!(
                Bound::parse(typed).map(|bound| bound.to_string()).as_deref(),
                Some(written),
                "{typed}"
            );
        }
        for bad in ["", "5", "rows", "-1 rows", "3 weeks", "99999999999999999999 rows", "40000 days"] {
            assert_eq!(Bound::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn lists_are_taken_in_every_usual_form_and_kept_in_one() {
        let cases = [
            ("Jane@Acme.com, bob@acme.com", r#"["jane@acme.com","bob@acme.com"]"#),
            (r#"["a@b.co", "A@b.co"]"#, r#"["a@b.co"]"#),
            ("a@b.co;c@d.co\ne@f.co", r#"["a@b.co","c@d.co","e@f.co"]"#),
            ("\"a@b.co\"", r#"["a@b.co"]"#),
            ("", "[]"),
            ("[]", "[]"),
        ];
        for (typed, kept) in cases {
            assert_eq!(list(typed, email).as_deref(), Some(kept), "{typed}");
        }
        assert_eq!(list("@acme.com münchen.de", domain).as_deref(), Some(r#"["acme.com","münchen.de"]"#));
        for bad in ["acme.com", "@acme.com", "a b@c.de x", "a@b", r#"["a@b.co", 1]"#, "{}"] {
            assert_eq!(list(bad, email), None, "{bad}");
        }
        for bad in ["acme", "a@acme.com", "acme.com/x", ".com", "acme."] {
            assert_eq!(list(bad, domain), None, "{bad}");
        }
    }

    #[test]
    fn filters_are_flat_or_by_object_type_and_a_list_means_any_of() {
        let (kept, found) =
            filters(r#"{ "pipeline": "default", "contacts": {"hs_lead_status": ["NEW", "OPEN"], "n": 3} }"#)
                .unwrap();
        // The order of members is no promise.
        let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
        let expected = serde_json::json!({
            "contacts": { "hs_lead_status": ["NEW", "OPEN"], "n": "3" }, "pipeline": "default"
        });
        assert_eq!(kept, expected);
        let mut words: Vec<String> = found.iter().map(in_words).collect();
        words.sort_unstable();
        assert_eq!(
            words,
            [
                "Only where hs_lead_status of contacts is NEW or OPEN.",
                "Only where n of contacts is 3.",
                "Only where pipeline is default."
            ]
        );
        assert_eq!(filters("").unwrap().0, "{}");
        for bad in [
            "pipeline=default",
            "[]",
            r#"{"a":null}"#,
            r#"{"a":[]}"#,
            r#"{"a":{"b":{"c":"d"}}}"#,
            r#"{"":"x"}"#,
        ] {
            assert!(filters(bad).is_none(), "{bad}");
        }
    }
}
