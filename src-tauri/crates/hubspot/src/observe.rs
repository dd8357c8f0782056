//! What an onlooker learns of each attempt: where it went and how it ended. Deliberately absent: bodies, headers, query
//! values, ids and tokens, and the time of day, which the onlooker has.

use std::{fmt, time::Duration};

use crate::{Method, Pool, Refusal, TransportKind};

/// Told of every attempt once, when it is over; one that was cancelled has no end to tell of. It is called between two
/// calls, so it must be quick.
pub trait Observer: Send + Sync + fmt::Debug {
    fn observed(&self, attempt: &Observed);
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    pub method: Method,
    /// `/crm/objects/2026-03/contacts/{id}`: no ids, no query.
    pub path: String,
    pub pool: Pool,
    /// 1 for the first try.
    pub attempt: u32,
    /// On the wire; waiting for a limit does not count.
    pub took: Duration,
    pub end: End,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    Good {
        status: u16,
    },
    /// A success whose body is not what the API promises.
    Unreadable {
        status: u16,
    },
    Refused {
        status: u16,
        category: Option<String>,
        correlation_id: Option<String>,
    },
    Lost(TransportKind),
}

impl End {
    /// What HubSpot says of itself is kept where it looks like what it should be, and nothing else is.
    pub(crate) fn refused(refusal: &Refusal) -> End {
        let policy = refusal.policy_name.as_deref().filter(|_| refusal.status == 429);
        let category = policy.into_iter().chain(refusal.category.as_deref()).find(|text| is_category(text));
        End::Refused {
            status: refusal.status,
            category: category.map(str::to_owned),
            correlation_id: refusal.correlation_id.clone().filter(|text| is_correlation(text)),
        }
    }

    pub fn status(&self) -> Option<u16> {
        match self {
            End::Good { status } | End::Unreadable { status } | End::Refused { status, .. } => Some(*status),
            End::Lost(_) => None,
        }
    }
}

/// `MISSING_SCOPES`
fn is_category(text: &str) -> bool {
    (2..=60).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// A UUID, whole: an access token never has that form.
fn is_correlation(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A path with everything that could be an id or a value taken out of it.
pub(crate) fn template(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.split('/')
        .map(|segment| if is_fixed(segment) { segment } else { "{id}" })
        .collect::<Vec<_>>()
        .join("/")
}

/// Words of the API's own (`batch`, `v3`, `2026-03`) and types of objects (`contacts`, `0-1`, `2-5551234`).
fn is_fixed(segment: &str) -> bool {
    let digits = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let word =
        segment.len() <= 40 && segment.bytes().all(|byte| byte.is_ascii_lowercase() || b"_-".contains(&byte));
    let version = segment.strip_prefix('v').is_some_and(|number| digits(number, 1, 2));
    let dated =
        segment.split_once('-').is_some_and(|(year, month)| digits(year, 4, 4) && digits(month, 2, 2));
    let object =
        segment.split_once('-').is_some_and(|(kind, number)| digits(kind, 1, 2) && digits(number, 1, 12));
    word || version || dated || object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_no_ids_no_values_and_no_query() {
        for (path, shown) in [
            (
                "/crm/objects/2026-03/contacts/51204?properties=email&archived=true",
                "/crm/objects/2026-03/contacts/{id}",
            ),
            ("/crm/objects/v3/0-1/batch/read", "/crm/objects/v3/0-1/batch/read"),
            ("/crm/objects/2026-03/2-5551234?limit=100&after=77", "/crm/objects/2026-03/2-5551234"),
            ("/crm/objects/2026-03/line_items/search", "/crm/objects/2026-03/line_items/search"),
            ("/crm-object-schemas/2026-03/schemas", "/crm-object-schemas/2026-03/schemas"),
            ("/oauth/v1/access-tokens/CJT2ronBMRIHAAEBQAAAGRiJ", "/oauth/v1/access-tokens/{id}"),
            ("/oauth/v1/refresh-tokens/eu1-1111-2222", "/oauth/v1/refresh-tokens/{id}"),
            (
                "/crm/objects/2026-03/contacts/jane%40acme.com?idProperty=email",
                "/crm/objects/2026-03/contacts/{id}",
            ),
            ("/crm/objects/2026-03/p24817305_bikes", "/crm/objects/2026-03/{id}"),
        ] {
            assert_eq!(template(path), shown);
        }
    }

    #[test]
    fn only_what_looks_like_a_category_and_a_correlation_id_is_kept_of_a_refusal() {
        let said = |category: &str, correlation: &str| {
            let refusal = Refusal {
                status: 403,
                category: Some(category.to_owned()),
                correlation_id: Some(correlation.to_owned()),
                ..Refusal::default()
            };
            match End::refused(&refusal) {
                End::Refused { category, correlation_id, .. } => (category, correlation_id),
                other => panic!("{other:?}"),
            }
        };
        let id = "aeb5f871-7f07-4993-9211-075dc63e7cbf";
        assert_eq!(said("MISSING_SCOPES", id), (Some("MISSING_SCOPES".into()), Some(id.into())));
        assert_eq!(said("the key pat-na1-1111 of jane@acme.com", "pat-na1-1111"), (None, None));
    }
}
