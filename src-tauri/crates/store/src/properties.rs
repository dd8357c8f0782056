//! A record's properties as they are kept: JSON object text, values byte for byte as HubSpot sent them.
//!
//! Here it is taken apart, compared and put together again without touching a value. Nothing is interpreted.

use std::{borrow::Cow, collections::HashMap, fmt};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::Asked;

/// Names with their values as JSON text, in the order they came.
pub(crate) type Fields<'a> = Vec<(Cow<'a, str>, &'a str)>;

/// What happened to one property; values as people would write them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change<'a> {
    pub(crate) property: Cow<'a, str>,
    pub(crate) old: Option<Cow<'a, str>>,
    pub(crate) new: Option<Cow<'a, str>>,
}

/// The values of some properties as JSON text, in the order of `names`; nothing when the text is not a JSON object.
/// Such a text must not be stored: `SQLite` reads columns out of it, and one bad text would fail every such read.
pub(crate) fn some<'a>(text: &'a str, names: &[String]) -> Option<Vec<Option<&'a str>>> {
    let mut json = serde_json::Deserializer::from_str(text);
    let found = Wanted { names }.deserialize(&mut json).ok()?;
    json.end().ok()?;
    Some(found)
}

/// The values of some properties as a JSON array text, byte for byte; nothing when the text is not a JSON object.
pub(crate) fn excerpt(text: &str, names: &[String]) -> Option<String> {
    let mut out = String::from("[");
    for (at, value) in some(text, names)?.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(value.unwrap_or("null"));
    }
    out.push(']');
    Some(out)
}

/// The fields of a JSON object text; none when it is not one.
pub(crate) fn fields(text: &str) -> Fields<'_> {
    serde_json::from_str::<Object<'_>>(text).map(|object| object.0).unwrap_or_default()
}

/// What the stored text becomes when `asked` was answered with `answer`.
pub(crate) fn merged<'a>(stored: &str, answer: &'a str, asked: Asked<'_>) -> Cow<'a, str> {
    let Asked::Only(names) = asked else { return Cow::Borrowed(answer) };
    let asked = |name: &str| names.iter().any(|asked| asked.as_str() == name);
    let (stored, mut answer) = (fields(stored), fields(answer));
    let mut text = String::from("{");
    for (name, value) in &stored {
        let newer = answer.iter().position(|(other, _)| other == name).map(|at| answer.remove(at).1);
        match newer {
            Some(newer) => push(&mut text, name, newer),
            None if asked(name) => {}
            None => push(&mut text, name, value),
        }
    }
    for (name, value) in &answer {
        push(&mut text, name, value);
    }
    text.push('}');
    Cow::Owned(text)
}

/// What differs between two texts, whatever their order.
pub(crate) fn changes<'a>(old: &'a str, new: &'a str) -> Vec<Change<'a>> {
    let (old, new) = (fields(old), fields(new));
    let now: HashMap<&str, &str> = new.iter().map(|(name, value)| (name.as_ref(), *value)).collect();
    let before: HashMap<&str, &str> = old.iter().map(|(name, value)| (name.as_ref(), *value)).collect();
    let mut changes = Vec::new();
    for (name, was) in &old {
        let is = now.get(name.as_ref()).copied();
        if is != Some(was) {
            changes.push(Change {
                property: name.clone(),
                old: Some(text(was)),
                new: is.and_then(|_| new.iter().find(|(other, _)| other == name)).map(|(_, raw)| text(raw)),
            });
        }
    }
    for (name, is) in &new {
        if !before.contains_key(name.as_ref()) {
            changes.push(Change { property: name.clone(), old: None, new: Some(text(is)) });
        }
    }
    changes
}

/// A value as people would write it: a text without its quotes, anything else as it stands.
pub(crate) fn text(raw: &str) -> Cow<'_, str> {
    let Some(inner) = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(raw);
    };
    if inner.contains('\\') { Cow::Owned(unescaped(inner)) } else { Cow::Borrowed(inner) }
}

fn push(text: &mut String, name: &str, value: &str) {
    if text.len() > 1 {
        text.push(',');
    }
    text.push_str(&serde_json::to_string(name).expect("a name can be written as JSON"));
    text.push(':');
    text.push_str(value);
}

/// Resolves the escapes of a valid JSON string; half a surrogate pair becomes U+FFFD instead of an error.
fn unescaped(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = rest[at + 1..].chars().next().unwrap_or('\\');
        rest = rest.get(at + 1 + escape.len_utf8()..).unwrap_or_default();
        match escape {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'u' => {
                let (unit, after) = hex(rest);
                rest = after;
                let low = rest.strip_prefix("\\u").map(hex);
                out.push(match (unit, low) {
                    (0xd800..=0xdbff, Some((low @ 0xdc00..=0xdfff, after))) => {
                        rest = after;
                        let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
                    }
                    _ => char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER),
                });
            }
            other => out.push(other),
        }
    }
    out.push_str(rest);
    out
}

fn hex(text: &str) -> (u32, &str) {
    match text.split_at_checked(4) {
        Some((digits, rest)) => (u32::from_str_radix(digits, 16).unwrap_or(0xfffd), rest),
        None => (0xfffd, ""),
    }
}

struct Object<'a>(Fields<'a>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut fields = Vec::with_capacity(64);
                while let Some(Name(name)) = map.next_key()? {
                    fields.push((name, map.next_value::<&RawValue>()?.get()));
                }
                Ok(Object(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// Takes a few fields out of an object and passes over the rest.
struct Wanted<'n> {
    names: &'n [String],
}

impl<'de> DeserializeSeed<'de> for Wanted<'_> {
    type Value = Vec<Option<&'de str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = Vec<Option<&'de str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = vec![None; self.names.len()];
        while let Some(Name(name)) = map.next_key()? {
            match self.names.iter().position(|wanted| *wanted == name) {
                Some(at) if found[at].is_none() => found[at] = Some(map.next_value::<&RawValue>()?.get()),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use crm::PropertyName;

    use super::*;

    #[test]
    fn an_answer_to_some_properties_leaves_the_others_byte_for_byte() {
        let stored = r#"{"a":"1\u00e9","b":"2","c":"3"}"#;
        let names: Vec<PropertyName> = ["b", "c", "d"].map(PropertyName::from).into();
        let merged = merged(stored, r#"{"d":"4","b":"\u0032"}"#, Asked::Only(&names));
        assert_eq!(merged, r#"{"a":"1\u00e9","b":"\u0032","d":"4"}"#);
    }

    #[test]
    fn an_excerpt_has_the_named_values_as_they_were_sent() {
        let names = ["b", "a", "c"].map(str::to_owned);
        let text = r#"{"a": "\u00e9","x":[1,{"b":2}],"b":1.50,"b":2}"#;
        assert_eq!(excerpt(text, &names).as_deref(), Some(r#"[1.50,"\u00e9",null]"#));
        assert_eq!(excerpt("{}", &[]).as_deref(), Some("[]"));
        for bad in ["", "[]", "null", "{", r#"{"a":}"#, r#"{"a":1} x"#, "{'a':1}"] {
            assert_eq!(excerpt(bad, &names), None, "{bad}");
        }
    }

    #[test]
    fn changes_name_what_came_went_and_differs_whatever_the_order() {
        let found = changes(r#"{"a":"1","b":"x\ny","c":"3"}"#, r#"{"c":"3","d":true,"a":"2"}"#);
        let change = |property: &'static str, old: Option<&'static str>, new: Option<&'static str>| Change {
            property: property.into(),
            old: old.map(Cow::from),
            new: new.map(Cow::from),
        };
        assert_eq!(
            found,
            [
                change("a", Some("1"), Some("2")),
                change("b", Some("x\ny"), None),
                change("d", None, Some("true"))
            ]
        );
    }

    #[test]
    fn half_a_surrogate_pair_costs_one_character_and_no_more() {
        let cases = [
            (r#""plain""#, "plain"),
            (r#""\ud83d\ude00!""#, "😀!"),
            (r#""a\ud800b""#, "a\u{fffd}b"),
            (r#""\udc00\ud800""#, "\u{fffd}\u{fffd}"),
            (r#""\ud800\u0041""#, "\u{fffd}A"),
            (r#""nul\u0000 \"q\" \\ \/""#, "nul\0 \"q\" \\ /"),
            ("12.50", "12.50"),
            (r#"{"x":"\u0041"}"#, r#"{"x":"\u0041"}"#),
        ];
        for (raw, expected) in cases {
            assert_eq!(text(raw), expected, "{raw}");
        }
    }
}
