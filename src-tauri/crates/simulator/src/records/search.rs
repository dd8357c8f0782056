//! Search: filters, order, offset paging and its caps.
//!
//! A search that names ids only is answered from arithmetic; one that names anything else looks at every record in
//! reach. Deliberately absent: how a record meets a filter (`filter`).

use std::sync::Arc;

use serde::Deserialize;

use super::filter::{Bad, Filter, FilterBody, FreeText};
use super::list;
use super::lookup::count_indexed;
use super::plan::write_record;
use super::view::{Found, Record, scan};
use crate::answer::{Answer, Refusal};
use crate::ask::Ask;
use crate::catalog::Kind;
use crate::definitions::Property;
use crate::edits::State;
use crate::json;
use crate::noise;
use crate::portal::Portal;
use crate::stamp;
use crate::switches::{CapBody, IdOrder};

const LIMIT_DEFAULT: usize = 10;
const LIMIT_MAX: usize = 200;
const REACH: usize = 10_000;
const GROUPS_MAX: usize = 5;
const FILTERS_MAX: usize = 6;
const FILTERS_ALL_MAX: usize = 18;
const QUERY_MAX: usize = 3_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SearchBody {
    #[serde(default)]
    filter_groups: Vec<GroupBody>,
    #[serde(default)]
    filters: Vec<FilterBody>,
    #[serde(default)]
    sorts: Vec<SortBody>,
    #[serde(default)]
    query: Option<String>,
    #[serde(default)]
    properties: Vec<String>,
    #[serde(default)]
    limit: Option<usize>,
    #[serde(default)]
    after: Option<AfterBody>,
}

#[derive(Deserialize)]
struct GroupBody {
    #[serde(default)]
    filters: Vec<FilterBody>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum SortBody {
    /// `name`, or `-name` for descending.
    Name(String),
    #[serde(rename_all = "camelCase")]
    Full {
        property_name: String,
        #[serde(default)]
        direction: Option<String>,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AfterBody {
    Text(String),
    Number(usize),
}

struct Search {
    groups: Vec<Vec<Filter>>,
    free: Option<FreeText>,
    sort: Sort,
    /// The ids that can be found at all, and whether nothing else is asked.
    from: u64,
    to: u64,
    ids_only: bool,
}

enum Key {
    Id,
    Created,
    Modified,
    Value(u16, Arc<Property>),
}

struct Sort {
    key: Key,
    descending: bool,
}

struct Hits<'a> {
    total: usize,
    page: Vec<Found<'a>>,
    more: bool,
}

/// Places in the order of results that hold nothing, as where an index lists what is no longer there: they make a page
/// short, or empty, that has a cursor all the same.
#[derive(Clone, Copy)]
struct Gap {
    at: usize,
    len: usize,
}

impl Gap {
    fn new(portal: &Portal, first: Option<Found<'_>>, limit: usize) -> Gap {
        let kept = limit * 3 / 4;
        match first.filter(|_| portal.config.switches.search_short_pages).map(|f| noise::mix(f.id) % 5) {
            Some(0) => Gap { at: 0, len: limit },
            Some(1 | 2) => Gap { at: kept, len: limit - kept },
            _ => Gap { at: 0, len: 0 },
        }
    }

    /// How many results stand before a place.
    fn row(self, place: usize) -> usize {
        if place <= self.at { place } else { self.at.max(place.saturating_sub(self.len)) }
    }
}

#[derive(PartialEq, PartialOrd)]
enum Rank {
    Missing,
    Number(f64),
    Text(String),
}

pub(crate) fn search(portal: &Portal, kind: Kind, ask: &Ask<'_>) -> Answer {
    let switches = &portal.config.switches;
    if switches.search_body_max.is_some_and(|max| ask.body.len() > max) {
        return Refusal::bare().into();
    }
    let body: SearchBody = match serde_json::from_slice(ask.body) {
        Ok(body) => body,
        Err(error) => return super::batch::unreadable(&error),
    };
    let (limit, after) = match bounds(&body) {
        Ok(bounds) => bounds,
        Err(message) => return Refusal::invalid(&message).into(),
    };
    if after + limit > REACH {
        return match switches.search_cap_body {
            CapBody::Bare => Refusal::bare(),
            CapBody::Validation => {
                Refusal::invalid("Paging through more than 10,000 results is not possible.")
            }
        }
        .into();
    }
    let state = portal.read();
    let search = match Search::new(portal, &state, kind, &body) {
        Ok(search) => search,
        Err(Bad::Bare) => return Refusal::bare().into(),
        Err(Bad::Invalid(message)) => return Refusal::invalid(&message).into(),
    };
    let found = search.run(portal, &state, kind, after, limit);
    let mut page = found.page;
    if switches.search_swaps && after / limit % 2 == 1 && page.len() > 3 {
        page.swap(1, 2);
    }
    let plan =
        list::plan(portal, &ask.caller, &state, kind, body.properties.join(","), || body.properties.clone());
    let mut out = portal.buffer(limit * 1_024);
    out.extend_from_slice(b"{\"total\":");
    let total = if switches.search_total_capped { found.total.min(REACH) } else { found.total };
    json::number(&mut out, total as u64);
    out.extend_from_slice(b",\"results\":[");
    for (nth, found) in page.into_iter().enumerate() {
        if nth > 0 {
            out.push(b',');
        }
        write_record(portal, &plan, &found.record(&portal.world, kind), &mut out, &mut |_| {});
    }
    out.push(b']');
    if found.more {
        out.extend_from_slice(b",\"paging\":{\"next\":{\"after\":\"");
        json::number(&mut out, (after + limit) as u64);
        out.extend_from_slice(b"\"}}");
    }
    out.push(b'}');
    Answer::bytes(200, out)
}

fn bounds(body: &SearchBody) -> Result<(usize, usize), String> {
    let limit = body.limit.unwrap_or(LIMIT_DEFAULT);
    if limit == 0 || limit > LIMIT_MAX {
        return Err(format!("Invalid limit: {limit}. A page holds between 1 and {LIMIT_MAX} results."));
    }
    let after = match &body.after {
        None => 0,
        Some(AfterBody::Number(after)) => *after,
        Some(AfterBody::Text(text)) if text.is_empty() => 0,
        Some(AfterBody::Text(text)) => {
            text.parse().map_err(|_| "The paging cursor is not valid.".to_owned())?
        }
    };
    let groups = body.filter_groups.len();
    let all: usize = body.filter_groups.iter().map(|g| g.filters.len()).sum();
    if groups > GROUPS_MAX {
        return Err(format!("The number of filter groups ({groups}) exceeds the maximum of {GROUPS_MAX}."));
    }
    if body.filter_groups.iter().any(|g| g.filters.len() > FILTERS_MAX) || all > FILTERS_ALL_MAX {
        return Err(format!(
            "Too many filters: at most {FILTERS_MAX} in a group and {FILTERS_ALL_MAX} in all are possible."
        ));
    }
    if body.sorts.len() > 1 {
        return Err("Only one sort is possible.".to_owned());
    }
    if body.query.as_ref().is_some_and(|q| q.chars().count() > QUERY_MAX) {
        return Err(format!("The query is longer than {QUERY_MAX} characters."));
    }
    Ok((limit, after))
}

impl Search {
    fn new(portal: &Portal, state: &State, kind: Kind, body: &SearchBody) -> Result<Search, Bad> {
        let filters = |list: &[FilterBody]| -> Result<Vec<Filter>, Bad> {
            list.iter().map(|f| Filter::new(portal, state, kind, f)).collect()
        };
        let mut groups = Vec::new();
        for group in &body.filter_groups {
            groups.push(filters(&group.filters)?);
        }
        if groups.is_empty() && !body.filters.is_empty() {
            groups.push(filters(&body.filters)?);
        }
        let free = body.query.as_deref().filter(|q| !q.trim().is_empty());
        let free = free.map(|query| FreeText::new(state, kind, query));
        let (mut from, mut to) = (0, u64::MAX);
        let mut ids_only = free.is_none() && groups.len() <= 1;
        if let [group] = groups.as_slice() {
            for filter in group {
                ids_only &= filter.narrow(&portal.config.switches, &mut from, &mut to);
            }
        }
        Ok(Search { groups, free, sort: sort(state, kind, body)?, from, to, ids_only })
    }

    /// How many records fit, and those of one page.
    fn run<'a>(
        &self,
        portal: &'a Portal,
        state: &'a State,
        kind: Kind,
        after: usize,
        limit: usize,
    ) -> Hits<'a> {
        let now = portal.clock.now();
        let world = &portal.world;
        let reach = || {
            scan(world, state, kind, self.from)
                .take_while(|f| f.id < self.to)
                .filter(move |f| state.is_indexed(kind, f.id))
                .filter_map(move |f| f.as_indexed(now))
                .filter(move |f| f.is_live(world, kind))
        };
        let numeric = portal.config.switches.search_id_order == IdOrder::Numeric;
        let ascending_ids =
            !self.sort.descending && matches!(self.sort.key, Key::Id | Key::Created) && numeric;
        if self.ids_only && ascending_ids {
            let total = count_indexed(portal, state, kind, self.from, self.to, now);
            let total = usize::try_from(total).unwrap_or(usize::MAX);
            let gap = Gap::new(portal, reach().next(), limit);
            let (start, end) = (gap.row(after), gap.row(after + limit));
            let page = reach().skip(start).take(end - start).collect();
            return Hits { total, page, more: end < total };
        }
        let mut scratch = Vec::new();
        let mut hits: Vec<Found<'a>> = reach()
            .filter(|f| {
                let record = f.record(world, kind);
                self.meets(portal, state, &record, &mut scratch)
            })
            .collect();
        let total = hits.len();
        if !ascending_ids {
            let mut ranked: Vec<(Rank, Found<'a>)> =
                hits.into_iter().map(|f| (self.rank(portal, &f.record(world, kind)), f)).collect();
            ranked.sort_by(|(a, _), (b, _)| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
            if self.sort.descending {
                ranked.reverse();
            }
            hits = ranked.into_iter().map(|(_, f)| f).collect();
        }
        let gap = Gap::new(portal, hits.first().copied(), limit);
        let (start, end) = (gap.row(after), gap.row(after + limit));
        Hits { total, page: hits.into_iter().skip(start).take(end - start).collect(), more: end < total }
    }

    fn meets(&self, portal: &Portal, state: &State, record: &Record<'_>, scratch: &mut Vec<u8>) -> bool {
        let grouped = self.groups.is_empty()
            || self.groups.iter().any(|group| group.iter().all(|f| f.meets(portal, state, record, scratch)));
        grouped && self.free.as_ref().is_none_or(|free| free.meets(record, scratch))
    }

    fn rank(&self, portal: &Portal, record: &Record<'_>) -> Rank {
        match &self.sort.key {
            Key::Id if portal.config.switches.search_id_order == IdOrder::Text => {
                Rank::Text(record.id.to_string())
            }
            Key::Id => Rank::Text(format!("{:020}", record.id)),
            Key::Created => Rank::Number(record.created as f64),
            Key::Modified => Rank::Number(record.modified as f64),
            Key::Value(position, property) => match record.text(*position, property) {
                None => Rank::Missing,
                Some(text) => match property.value_type.as_str() {
                    "number" => text.parse().map_or(Rank::Missing, Rank::Number),
                    "date" | "datetime" => {
                        stamp::parse(&text).map_or(Rank::Missing, |m| Rank::Number(m as f64))
                    }
                    _ => Rank::Text(text.to_lowercase()),
                },
            },
        }
    }
}

fn sort(state: &State, kind: Kind, body: &SearchBody) -> Result<Sort, Bad> {
    let (name, descending) = match body.sorts.first() {
        None => return Ok(Sort { key: Key::Id, descending: false }),
        Some(SortBody::Name(name)) => match name.strip_prefix('-') {
            Some(name) => (name, true),
            None => (name.as_str(), false),
        },
        Some(SortBody::Full { property_name, direction }) => {
            (property_name.as_str(), direction.as_deref() == Some("DESCENDING"))
        }
    };
    let key = match name {
        "hs_object_id" => Key::Id,
        name if name == kind.row().created => Key::Created,
        name if name == kind.row().modified => Key::Modified,
        name => {
            let (position, property) = state
                .definitions(kind)
                .find(name)
                .ok_or_else(|| Bad::Invalid(format!("There is no property {name} to sort by.")))?;
            Key::Value(position, Arc::clone(property))
        }
    };
    Ok(Sort { key, descending })
}
