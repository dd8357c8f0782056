//! Whether a record meets a search: filters, groups and free text.
//!
//! Deliberately absent: order and paging (`search`).

use std::sync::Arc;

use serde::Deserialize;

use super::view::Record;
use crate::associations;
use crate::catalog::Kind;
use crate::definitions::Property;
use crate::edits::State;
use crate::json;
use crate::portal::Portal;
use crate::stamp;
use crate::switches::{IdOrder, Switches, UnknownFilter};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FilterBody {
    property_name: String,
    operator: String,
    #[serde(default)]
    value: Option<Scalar>,
    #[serde(default)]
    high_value: Option<Scalar>,
    #[serde(default)]
    values: Option<Vec<Scalar>>,
}

/// A value as text, whatever JSON type the caller chose.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Scalar {
    Text(String),
    Whole(i64),
    Real(f64),
    Truth(bool),
}

impl Scalar {
    fn text(&self) -> String {
        match self {
            Scalar::Text(text) => text.clone(),
            Scalar::Whole(n) => n.to_string(),
            Scalar::Real(n) => n.to_string(),
            Scalar::Truth(b) => b.to_string(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Eq,
    Neq,
    Lt,
    Lte,
    Gt,
    Gte,
    Between,
    In,
    NotIn,
    Has,
    HasNot,
    Contains,
    ContainsNot,
}

fn operator(text: &str) -> Option<Operator> {
    Some(match text {
        "EQ" => Operator::Eq,
        "NEQ" => Operator::Neq,
        "LT" => Operator::Lt,
        "LTE" => Operator::Lte,
        "GT" => Operator::Gt,
        "GTE" => Operator::Gte,
        "BETWEEN" => Operator::Between,
        "IN" => Operator::In,
        "NOT_IN" => Operator::NotIn,
        "HAS_PROPERTY" => Operator::Has,
        "NOT_HAS_PROPERTY" => Operator::HasNot,
        "CONTAINS_TOKEN" => Operator::Contains,
        "NOT_CONTAINS_TOKEN" => Operator::ContainsNot,
        _ => return None,
    })
}

/// What is compared.
enum Source {
    Id,
    Created,
    Modified,
    Value(u16, Arc<Property>),
    Linked(Kind),
    /// A property the object does not have.
    Nothing,
}

/// How texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Number,
    Moment,
    /// Case ignored.
    Text,
    /// As written: the values of enumerations.
    Exact,
}

pub(crate) struct Filter {
    source: Source,
    order: Order,
    operator: Operator,
    operands: Vec<Operand>,
    neq_finds_missing: bool,
}

struct Operand {
    text: String,
    number: Option<f64>,
    moment: Option<i64>,
    id: Option<u64>,
}

/// Why a search is refused.
pub(crate) enum Bad {
    /// The 400 that says nothing.
    Bare,
    Invalid(String),
}

const NOT_FILTERABLE: [&str; 4] =
    ["hs_email_html", "hs_body_preview", "hs_body_preview_html", "hs_body_preview_is_truncated"];

impl Filter {
    pub(crate) fn new(portal: &Portal, state: &State, kind: Kind, body: &FilterBody) -> Result<Filter, Bad> {
        let switches = &portal.config.switches;
        let operator = operator(&body.operator).ok_or(Bad::Bare)?;
        let name = body.property_name.as_str();
        if NOT_FILTERABLE.contains(&name) {
            return Err(Bad::Bare);
        }
        let (source, order) = source(portal, state, kind, name)?;
        let texts: Vec<String> = match operator {
            Operator::In | Operator::NotIn => {
                body.values.as_ref().ok_or(Bad::Bare)?.iter().map(Scalar::text).collect()
            }
            Operator::Between => [&body.value, &body.high_value]
                .into_iter()
                .map(|v| v.as_ref().map(Scalar::text).ok_or(Bad::Bare))
                .collect::<Result<_, _>>()?,
            Operator::Has | Operator::HasNot => Vec::new(),
            _ => vec![body.value.as_ref().map(Scalar::text).ok_or(Bad::Bare)?],
        };
        let operands: Vec<Operand> = texts.into_iter().map(|text| Operand::new(text, order)).collect();
        let unreadable = |o: &Operand| match order {
            Order::Moment => o.moment.is_none(),
            Order::Number => o.number.is_none(),
            Order::Text | Order::Exact => false,
        };
        let tokens = matches!(operator, Operator::Contains | Operator::ContainsNot);
        if operands.iter().any(unreadable) && !tokens && !matches!(source, Source::Nothing) {
            return Err(Bad::Bare);
        }
        Ok(Filter { source, order, operator, operands, neq_finds_missing: switches.neq_finds_missing })
    }

    /// Narrows a span of ids, where this filter is about the id alone; answers whether it was.
    pub(crate) fn narrow(&self, switches: &Switches, from: &mut u64, to: &mut u64) -> bool {
        let (Source::Id, IdOrder::Numeric) = (&self.source, switches.search_id_order) else { return false };
        let id = |at: usize| self.operands.get(at).and_then(|o| o.id);
        let (lo, hi) = match (self.operator, id(0), id(1)) {
            (Operator::Eq, Some(id), _) => (id, id.saturating_add(1)),
            (Operator::Gt, Some(id), _) => (id.saturating_add(1), u64::MAX),
            (Operator::Gte, Some(id), _) => (id, u64::MAX),
            (Operator::Lt, Some(id), _) => (0, id),
            (Operator::Lte, Some(id), _) => (0, id.saturating_add(1)),
            (Operator::Between, Some(lo), Some(hi)) => (lo, hi.saturating_add(1)),
            _ => return false,
        };
        *from = lo.max(*from);
        *to = hi.min(*to);
        true
    }

    pub(crate) fn meets(
        &self,
        portal: &Portal,
        state: &State,
        record: &Record<'_>,
        scratch: &mut Vec<u8>,
    ) -> bool {
        match &self.source {
            Source::Nothing => false,
            Source::Id => self.meets_id(record.id, portal.config.switches.search_id_order),
            Source::Created => self.meets_moment(record.created),
            Source::Modified => {
                let slack = i64::try_from(portal.config.switches.search_slack_millis).unwrap_or(i64::MAX / 4);
                [0, slack, -slack].into_iter().any(|by| self.meets_moment(record.modified + by))
            }
            Source::Linked(to) => {
                let linked = associations::links_of(portal, state, record.kind, record.id, *to);
                let wanted = |id: u64| self.operands.iter().any(|o| o.id == Some(id));
                match self.operator {
                    Operator::Has => !linked.is_empty(),
                    Operator::HasNot => linked.is_empty(),
                    Operator::Neq | Operator::NotIn => !linked.iter().any(|&(id, _)| wanted(id)),
                    _ => linked.iter().any(|&(id, _)| wanted(id)),
                }
            }
            Source::Value(position, property) => {
                scratch.clear();
                let there = record.write(*position, property, scratch) && !scratch.is_empty();
                match self.operator {
                    Operator::Has => there,
                    Operator::HasNot => !there,
                    Operator::Neq | Operator::NotIn | Operator::ContainsNot if !there => {
                        self.neq_finds_missing
                    }
                    _ if !there => false,
                    _ => self.meets_text(&json::readable(scratch)),
                }
            }
        }
    }

    fn meets_id(&self, id: u64, order: IdOrder) -> bool {
        if order == IdOrder::Text {
            let text = id.to_string();
            return self.compare(|o| Some(text.as_str().cmp(o.text.as_str())));
        }
        self.compare(|o| o.id.map(|other| id.cmp(&other)))
    }

    fn meets_moment(&self, moment: i64) -> bool {
        self.compare(|o| o.moment.map(|other| moment.cmp(&other)))
    }

    fn meets_text(&self, text: &str) -> bool {
        match self.operator {
            Operator::Contains => self.operands.iter().any(|o| contains_token(text, &o.text)),
            Operator::ContainsNot => !self.operands.iter().any(|o| contains_token(text, &o.text)),
            _ => match self.order {
                Order::Number => {
                    let number = text.parse::<f64>().ok();
                    self.compare(|o| number?.partial_cmp(&o.number?))
                }
                Order::Moment => {
                    let moment = stamp::parse(text);
                    self.compare(|o| Some(moment?.cmp(&o.moment?)))
                }
                Order::Text => {
                    let lower = text.to_lowercase();
                    self.compare(|o| Some(lower.as_str().cmp(o.text.as_str())))
                }
                Order::Exact => {
                    let parts: Vec<&str> = text.split(';').collect();
                    let any = |o: &Operand| o.text == text || parts.contains(&o.text.as_str());
                    match self.operator {
                        Operator::Eq | Operator::In => self.operands.iter().any(any),
                        Operator::Neq | Operator::NotIn => !self.operands.iter().any(any),
                        _ => self.compare(|o| Some(text.cmp(o.text.as_str()))),
                    }
                }
            },
        }
    }

    fn compare(&self, against: impl Fn(&Operand) -> Option<std::cmp::Ordering>) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let at = |index: usize| self.operands.get(index).and_then(&against);
        match self.operator {
            Operator::Eq => at(0) == Some(Equal),
            Operator::Neq => at(0) != Some(Equal),
            Operator::Lt => at(0) == Some(Less),
            Operator::Lte => matches!(at(0), Some(Less | Equal)),
            Operator::Gt => at(0) == Some(Greater),
            Operator::Gte => matches!(at(0), Some(Greater | Equal)),
            Operator::Between => {
                matches!(at(0), Some(Greater | Equal)) && matches!(at(1), Some(Less | Equal))
            }
            Operator::In => self.operands.iter().any(|o| against(o) == Some(Equal)),
            Operator::NotIn => !self.operands.iter().any(|o| against(o) == Some(Equal)),
            Operator::Has => true,
            Operator::HasNot | Operator::Contains | Operator::ContainsNot => false,
        }
    }
}

impl Operand {
    fn new(text: String, order: Order) -> Operand {
        let text = if order == Order::Text { text.to_lowercase() } else { text };
        let number = text.trim().parse().ok();
        let moment = if order == Order::Moment { stamp::parse(&text) } else { None };
        let id = text.trim().parse().ok();
        Operand { text, number, moment, id }
    }
}

fn source(portal: &Portal, state: &State, kind: Kind, name: &str) -> Result<(Source, Order), Bad> {
    let row = kind.row();
    if name == "hs_object_id" {
        return Ok((Source::Id, Order::Number));
    }
    if name == row.created {
        return Ok((Source::Created, Order::Moment));
    }
    if name == row.modified {
        return Ok((Source::Modified, Order::Moment));
    }
    if let Some(other) = name.strip_prefix("associations.") {
        return match portal.kinds.find(other) {
            Some(other) if !other.is_custom() => Ok((Source::Linked(other), Order::Number)),
            _ => Err(Bad::Bare),
        };
    }
    let Some((position, property)) = state.definitions(kind).find(name) else {
        return match portal.config.switches.search_unknown_property {
            UnknownFilter::FindsNothing => Ok((Source::Nothing, Order::Text)),
            UnknownFilter::Refused => Err(Bad::Bare),
        };
    };
    let order = match property.value_type.as_str() {
        "number" => Order::Number,
        "date" | "datetime" => Order::Moment,
        "enumeration" | "bool" => Order::Exact,
        _ => Order::Text,
    };
    Ok((Source::Value(position, Arc::clone(property)), order))
}

/// Whether any word of a text fits a pattern in which `*` stands for anything; a pattern of several words must fit
/// each of them somewhere.
fn contains_token(text: &str, pattern: &str) -> bool {
    let text = text.to_lowercase();
    let pattern = pattern.to_lowercase();
    if pattern.contains('*') && wildcard(&pattern, &text) {
        return true;
    }
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '*')
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let have = words(&text);
    let wanted = words(&pattern);
    !wanted.is_empty() && wanted.iter().all(|w| have.iter().any(|h| wildcard(w, h)))
}

fn wildcard(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(head) else { return false };
    let parts: Vec<&str> = rest.split('*').collect();
    let (last, middle) = parts.split_last().expect("a split has a last part");
    for part in middle {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

/// Whether every word of a free-text query begins a word in one of the searched properties.
pub(crate) struct FreeText {
    words: Vec<String>,
    searched: Vec<(u16, Arc<Property>)>,
}

impl FreeText {
    pub(crate) fn new(state: &State, kind: Kind, query: &str) -> FreeText {
        let searched = kind.row().searched.iter().filter_map(|name| state.definitions(kind).find(name));
        FreeText {
            words: query.to_lowercase().split_whitespace().map(str::to_owned).collect(),
            searched: searched.map(|(at, p)| (at, Arc::clone(p))).collect(),
        }
    }

    pub(crate) fn meets(&self, record: &Record<'_>, scratch: &mut Vec<u8>) -> bool {
        scratch.clear();
        for (position, property) in &self.searched {
            record.write(*position, property, scratch);
            scratch.push(b' ');
        }
        let text = json::readable(scratch).to_lowercase();
        self.words.iter().all(|word| {
            text.match_indices(word.as_str())
                .any(|(at, _)| !text[..at].chars().next_back().is_some_and(char::is_alphanumeric))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_match_whole_words_and_wildcards() {
        for (text, pattern, expected) in [
            ("asa@sodervag.example", "sodervag", true),
            ("asa@sodervag.example", "soder", false),
            ("asa@sodervag.example", "*@sodervag*", true),
            ("Åsa Lindqvist", "lind*", true),
            ("Åsa Lindqvist", "*qvist", true),
            ("Åsa Lindqvist", "qvist", false),
        ] {
            assert_eq!(contains_token(text, pattern), expected, "{pattern} in {text}");
        }
    }
}
