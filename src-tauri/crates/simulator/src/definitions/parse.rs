//! Reads the tables in `data/`: one line a property, with `{a,b}` standing for several.
//!
//! Deliberately absent: error handling. The tables are part of the program; a test reads them all.

use super::generator::Generator;
use super::{Group, OptionRow, Property, Sensitivity, key, salt};
use crate::catalog::{
    BIKES, CALLS, COMPANIES, CONTACTS, DEALS, EMAILS, Kind, LINE_ITEMS, MEETINGS, NOTES, PRODUCTS, TASKS,
    TICKETS,
};
use crate::pipelines;

/// 2019-08-06T02:41:08.029Z, when HubSpot made its own properties.
const MADE_BY_HUBSPOT: i64 = 1_565_059_268_029;
/// 2022-02-14T09:26:41.5Z, when this portal made its own.
const MADE_HERE: i64 = 1_644_830_801_500;

fn table(kind: Kind) -> &'static str {
    match kind {
        CONTACTS => include_str!("data/contacts.txt"),
        COMPANIES => include_str!("data/companies.txt"),
        DEALS => include_str!("data/deals.txt"),
        TICKETS => include_str!("data/tickets.txt"),
        LINE_ITEMS => include_str!("data/line_items.txt"),
        PRODUCTS => include_str!("data/products.txt"),
        NOTES => include_str!("data/notes.txt"),
        CALLS => include_str!("data/calls.txt"),
        EMAILS => include_str!("data/emails.txt"),
        MEETINGS => include_str!("data/meetings.txt"),
        TASKS => include_str!("data/tasks.txt"),
        BIKES => include_str!("data/bikes.txt"),
        kind => section(kind.name()),
    }
}

/// The part of the table of rarer types that stands under a heading.
fn section(heading: &str) -> &'static str {
    let text = include_str!("data/more.txt");
    let mut parts = text.split("\n[").skip(1).filter_map(|part| part.split_once("]\n"));
    parts.find(|(name, _)| *name == heading).map(|(_, lines)| lines).expect("every type has a table")
}

pub(super) fn properties(kind: Kind) -> Vec<Property> {
    let mut list = Vec::new();
    let shared = if kind.is_rare() { section("shared") } else { "" };
    for line in shared.lines().chain(table(kind).lines()).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let mut columns = line.split('|').map(str::trim);
        let mut column = || columns.next().unwrap_or_default();
        let (pattern, label, types, group) = (column(), column(), column(), column());
        let (fill, value, flags, options) = (column(), column(), column(), column());
        let (value_type, field_type) = types.split_once('/').expect("type and field type");
        for name in expand(pattern) {
            let mut property = blank(&name);
            if !label.is_empty() {
                label.clone_into(&mut property.label);
            }
            value_type.clone_into(&mut property.value_type);
            field_type.clone_into(&mut property.field_type);
            group.clone_into(&mut property.group);
            property.fill = fill.parse().expect("fill is a number");
            property.generator = Generator::parse(value, &name);
            property.options = match (kind, name.as_str()) {
                (DEALS, "pipeline") | (_, "hs_pipeline") if !pipelines::rows(kind).is_empty() => {
                    pipelines::pipeline_options(kind)
                }
                (DEALS, "dealstage") | (_, "hs_pipeline_stage") if !pipelines::rows(kind).is_empty() => {
                    pipelines::stage_options(kind)
                }
                _ => option_rows(options),
            };
            apply(&mut property, flags);
            list.push(property);
        }
    }
    list
}

fn apply(property: &mut Property, flags: &str) {
    for flag in flags.chars() {
        match flag {
            'c' => property.calculated = true,
            'r' => property.read_only = true,
            'h' => property.hidden = true,
            'u' => property.unique = true,
            'o' => property.external = true,
            '$' => property.currency = true,
            's' => property.sensitivity = Sensitivity::Sensitive,
            'S' => property.sensitivity = Sensitivity::Highly,
            'x' => {
                property.made_here = true;
                property.created_at = MADE_HERE;
                property.updated_at = MADE_HERE;
            }
            other => unreachable!("{} has the flag {other}", property.name),
        }
    }
}

/// A property with nothing but a name.
pub(crate) fn blank(name: &str) -> Property {
    Property {
        name: name.to_owned(),
        label: label_of(name),
        description: String::new(),
        value_type: "string".to_owned(),
        field_type: "text".to_owned(),
        group: String::new(),
        options: Vec::new(),
        calculated: false,
        read_only: false,
        hidden: false,
        form_field: None,
        order: -1,
        unique: false,
        external: false,
        currency: false,
        made_here: false,
        sensitivity: Sensitivity::Open,
        archived_at: None,
        created_at: MADE_BY_HUBSPOT,
        updated_at: MADE_BY_HUBSPOT,
        fill: 0,
        generator: Generator::None,
        salt: salt(name),
        key: key(name),
    }
}

/// One of the many properties that a portal gathers and nobody fills.
pub(super) fn extra(number: usize) -> Property {
    let mut property = blank(&format!("norrsken_campaign_attribute_{number:04}"));
    "norrsken".clone_into(&mut property.group);
    property.made_here = true;
    property.created_at = MADE_HERE;
    property.updated_at = MADE_HERE;
    property
}

fn option_rows(text: &str) -> Vec<OptionRow> {
    let row = |item: &str| {
        let (value, label) = item.split_once('=').expect("an option has a value and a label");
        OptionRow { value: value.to_owned(), label: label.to_owned(), ..OptionRow::default() }
    };
    text.split(';').filter(|item| !item.is_empty()).map(row).collect()
}

pub(super) fn groups(list: &[Property]) -> Vec<Group> {
    let known = include_str!("data/groups.txt").lines().filter_map(|l| l.split_once(' '));
    let used = known.filter(|(name, _)| list.iter().any(|p| p.group == *name));
    let group = |(order, (name, label)): (i64, (&str, &str))| Group {
        name: name.to_owned(),
        label: label.to_owned(),
        order,
        archived: false,
    };
    (0..).zip(used).map(group).collect()
}

/// `a_{b,c}` is `a_b` and `a_c`; several braces give every combination.
fn expand(pattern: &str) -> Vec<String> {
    let Some((head, rest)) = pattern.split_once('{') else { return vec![pattern.to_owned()] };
    let (choices, tail) = rest.split_once('}').expect("a brace is closed");
    let tails = expand(tail);
    choices
        .split(',')
        .flat_map(|choice| tails.iter().map(move |tail| format!("{head}{choice}{tail}")))
        .collect()
}

/// `hs_last_email_date` reads "Last email date".
fn label_of(name: &str) -> String {
    let words = name.strip_prefix("hs_").unwrap_or(name).replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn braces_stand_for_every_combination() {
        assert_eq!(expand("a_{b,c}{,_d}"), ["a_b", "a_b_d", "a_c", "a_c_d"]);
    }

    #[test]
    fn every_table_reads_and_no_name_comes_twice() {
        for kind in Kind::all() {
            let mut seen = HashSet::new();
            for property in properties(kind) {
                assert!(seen.insert(property.name.clone()), "{} twice in {}", property.name, kind.name());
                assert!(groups(std::slice::from_ref(&property)).len() == 1, "{} has no group", property.name);
            }
        }
    }
}
