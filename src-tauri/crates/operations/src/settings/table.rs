//! The one table of settings: what can be chosen, in which words, and what a typed value means. Pure.

use store::{Filter, Rules};

use super::texts;
use crate::wire::SettingKind;

/// One setting that a connection has.
pub(crate) struct Row {
    pub(crate) key: &'static str,
    pub(crate) label: &'static str,
    pub(crate) text: &'static str,
    pub(crate) default: &'static str,
    pub(crate) what: What,
}

/// What kind of value it takes, with its bounds.
#[derive(Clone, Copy)]
pub(crate) enum What {
    Number { least: u32, most: u32, unit: &'static str },
    Choice(&'static [&'static str]),
    Window,
    Hours,
    Bound,
    Emails,
    Domains,
    Filters,
    Objects,
}

const fn row(
    key: &'static str,
    label: &'static str,
    text: &'static str,
    default: &'static str,
    what: What,
) -> Row {
    Row { key, label, text, default, what }
}

pub(crate) const CADENCE: &str = "cadence_minutes";
pub(crate) const WINDOW: &str = "hubspot_backfill_since";
pub(crate) const SPEED: &str = "speed";
pub(crate) const DAILY_SHARE: &str = "daily_budget_share";
pub(crate) const QUIET: &str = "quiet_hours";
pub(crate) const HISTORY: &str = "history_max";
pub(crate) const NEW_PROPERTIES: &str = "new_property_policy";
pub(crate) const SKIPPED: &str = "skipped_objects";
const EMAILS: [&str; 2] = ["hubspot_excluded_emails", "excluded_emails"];
const DOMAINS: [&str; 5] = [
    "hubspot_excluded_email_domains",
    "hubspot_excluded_domains",
    "excluded_email_domains",
    "company_info.domain",
    "company_info.domains",
];
const FILTERS: [&str; 2] = ["hubspot_property_filters", "hubspot_filters"];

const BY_ADDRESS: &str =
    "Contacts with one of these addresses are left out of everything derived. The copy keeps them.";
const BY_DOMAIN: &str = "Contacts with an address in one of these domains are left out of everything derived. The copy keeps them.";
const BY_COMPANY: &str =
    "Your own company's domains: contacts with an address there are left out of everything derived.";
const BY_PROPERTY: &str =
    "Only records with these values count in everything derived. The copy keeps the others.";

/// All settings, in the order in which they are shown.
pub(crate) static ROWS: [Row; 17] = [
    row(
        CADENCE,
        "Check for changes every",
        "How often Portside asks HubSpot what has changed, while the app is open.",
        "15",
        What::Number { least: 5, most: 1_440, unit: "minutes" },
    ),
    row(
        WINDOW,
        "Copy what was changed since",
        "Records changed before are not fetched, unless one that is fetched links to them. An earlier start fetches what \
         is missing; a later one deletes nothing.",
        "",
        What::Window,
    ),
    row(
        SPEED,
        "Speed",
        "How much of HubSpot's limits is used: gentle takes half, normal four fifths, fast nearly all. Until it is chosen, \
         the first import goes fast.",
        "normal",
        What::Choice(&["gentle", "normal", "fast"]),
    ),
    row(
        DAILY_SHARE,
        "Share of the daily requests",
        "The most that Portside takes of what HubSpot allows the account in a day; other apps share it.",
        "90",
        What::Number { least: 1, most: 100, unit: "percent" },
    ),
    row(
        QUIET,
        "Quiet hours",
        "Nothing starts by itself in these hours, by this computer's clock, and an import pauses. Sync now still works.",
        "off",
        What::Hours,
    ),
    row(
        HISTORY,
        "Keep history for",
        "How much of what changed since the first copy is kept: changes of single properties, or days. A million changes \
         take about 150 MB.",
        "1000000 rows",
        What::Bound,
    ),
    row(
        NEW_PROPERTIES,
        "New properties",
        "What happens to a property that is new in HubSpot: store fetches it, unless it is sensitive; ask lists it and \
         waits for your choice.",
        "store",
        What::Choice(&["store", "ask"]),
    ),
    row(
        SKIPPED,
        "Left out",
        "Types of records that are not asked for any more. What is copied of them stays as it is; brought back, they are taken \
         up where they stopped.",
        "[]",
        What::Objects,
    ),
    row(EMAILS[0], "Excluded addresses", BY_ADDRESS, "[]", What::Emails),
    row(EMAILS[1], "Excluded addresses, all sources", BY_ADDRESS, "[]", What::Emails),
    row(DOMAINS[0], "Excluded e-mail domains", BY_DOMAIN, "[]", What::Domains),
    row(DOMAINS[1], "Excluded domains", BY_DOMAIN, "[]", What::Domains),
    row(DOMAINS[2], "Excluded e-mail domains, all sources", BY_DOMAIN, "[]", What::Domains),
    row(DOMAINS[3], "Your company's domain", BY_COMPANY, "[]", What::Domains),
    row(DOMAINS[4], "Your company's other domains", BY_COMPANY, "[]", What::Domains),
    row(FILTERS[0], "Property filters", BY_PROPERTY, "{}", What::Filters),
    row(FILTERS[1], "Property filters, short name", BY_PROPERTY, "{}", What::Filters),
];

pub(crate) fn find(key: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.key == key)
}

impl Row {
    /// The value as it is kept, or nothing when it is none.
    pub(crate) fn read(&self, typed: &str) -> Option<String> {
        let typed = typed.trim();
        match self.what {
            What::Number { least, most, .. } => {
                let number: u32 = typed.parse().ok()?;
                (least..=most).contains(&number).then(|| number.to_string())
            }
            What::Choice(choices) => choices
                .iter()
                .find(|choice| choice.eq_ignore_ascii_case(typed))
                .map(|&choice| choice.to_owned()),
            What::Window => texts::window(typed).map(texts::window_text),
            What::Hours if typed.is_empty() || typed.eq_ignore_ascii_case("off") => Some("off".to_owned()),
            What::Hours => texts::Quiet::parse(typed).map(|quiet| quiet.to_string()),
            What::Bound => texts::Bound::parse(typed).map(|bound| bound.to_string()),
            What::Emails => texts::list(typed, texts::email),
            What::Domains => texts::list(typed, texts::domain),
            What::Filters => texts::filters(typed).map(|(text, _)| text),
            What::Objects => texts::list(typed, texts::object),
        }
    }

    pub(crate) fn kind(&self) -> SettingKind {
        match self.what {
            What::Number { .. } => SettingKind::Number,
            What::Choice(_) => SettingKind::Choice,
            What::Window => SettingKind::Window,
            What::Hours => SettingKind::Hours,
            What::Bound => SettingKind::Bound,
            What::Emails | What::Domains => SettingKind::Texts,
            What::Filters => SettingKind::Filters,
            What::Objects => SettingKind::Objects,
        }
    }

    /// What can be chosen, in words.
    pub(crate) fn allowed(&self) -> String {
        match self.what {
            What::Number { least, most, unit } => format!("a number of {unit} from {least} to {most}"),
            What::Choice(choices) => choices.join(", "),
            What::Window => "all, or a date or time such as 2024-01-31".to_owned(),
            What::Hours => "off, or hours such as 22:00-06:00".to_owned(),
            What::Bound => "all, or a bound such as 500000 rows or 365 days".to_owned(),
            What::Emails => "addresses such as me@acme.com, separated by commas, or a JSON list".to_owned(),
            What::Domains => "domains such as acme.com, separated by commas, or a JSON list".to_owned(),
            What::Objects => "types such as tickets, separated by commas, or a JSON list".to_owned(),
            What::Filters => {
                r#"JSON such as {"pipeline":"default"} or {"contacts":{"hs_lead_status":["NEW","OPEN"]}}"#
                    .to_owned()
            }
        }
    }
}

/// What is left out, put together from all keys that say so. `value` gives the value of a key.
pub(crate) fn rules(value: impl Fn(&str) -> String) -> Rules {
    let all = |keys: &[&str]| {
        let mut found: Vec<String> = keys.iter().flat_map(|key| texts::listed(&value(key))).collect();
        found.sort_unstable();
        found.dedup();
        found
    };
    let mut filters: Vec<Filter> = Vec::new();
    for key in FILTERS {
        for filter in texts::filters(&value(key)).map(|(_, filters)| filters).unwrap_or_default() {
            if !filters.contains(&filter) {
                filters.push(filter);
            }
        }
    }
    Rules { emails: all(&EMAILS), domains: all(&DOMAINS), filters }
}

/// Whether a key decides about what is left out.
pub(crate) fn is_rule(key: &str) -> bool {
    EMAILS.contains(&key) || DOMAINS.contains(&key) || FILTERS.contains(&key)
}
