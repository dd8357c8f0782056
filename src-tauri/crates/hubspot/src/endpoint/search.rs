//! Search: records by filter, 200 at a time, never beyond the 10,000th.

use bytes::Bytes;
use crm::{PropertyName, Record, Unreadable};
use serde::Serialize;

use super::objects::{json, objects};
use crate::{
    ApiVersion, Endpoint, Malformed, ObjectKind, Pool, Request,
    page::{self, Page},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Op {
    Eq,
    Neq,
    Lt,
    Lte,
    Gt,
    Gte,
    Between,
    HasProperty,
    NotHasProperty,
    ContainsToken,
    NotContainsToken,
}

/// One condition. `high` is the upper bound of [`Op::Between`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    pub property: PropertyName,
    pub op: Op,
    pub value: Option<String>,
    pub high: Option<String>,
}

impl Filter {
    pub fn new(property: PropertyName, op: Op, value: impl Into<String>) -> Filter {
        Filter { property, op, value: Some(value.into()), high: None }
    }

    pub fn between(property: PropertyName, low: impl Into<String>, high: impl Into<String>) -> Filter {
        Filter { property, op: Op::Between, value: Some(low.into()), high: Some(high.into()) }
    }
}

/// Records to which every filter applies.
#[derive(Debug, Clone)]
pub struct Search<'a> {
    pub kind: &'a ObjectKind,
    pub filters: Vec<Filter>,
    /// A property, and whether the largest comes first.
    pub sorts: Option<(PropertyName, bool)>,
    pub properties: &'a [PropertyName],
    pub limit: u32,
    pub after: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPage {
    /// How many there are in all.
    pub total: u64,
    pub records: Vec<Record>,
    pub unreadable: Vec<Unreadable>,
    pub after: Option<String>,
}

impl Search<'_> {
    const KIND: &'static str = "search records";
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    filter_groups: &'a [Group<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    sorts: Option<[Sort<'a>; 1]>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    properties: &'a [PropertyName],
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a str>,
}

#[derive(Serialize)]
struct Group<'a> {
    filters: Vec<Condition<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Condition<'a> {
    property_name: &'a PropertyName,
    operator: Op,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    high_value: Option<&'a str>,
}

impl<'a> From<&'a Filter> for Condition<'a> {
    fn from(filter: &'a Filter) -> Condition<'a> {
        Condition {
            property_name: &filter.property,
            operator: filter.op,
            value: filter.value.as_deref(),
            high_value: filter.high.as_deref(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sort<'a> {
    property_name: &'a PropertyName,
    direction: &'static str,
}

impl Endpoint for Search<'_> {
    type Output = SearchPage;

    fn request(&self, version: ApiVersion) -> Request {
        let group = Group { filters: self.filters.iter().map(Condition::from).collect() };
        let groups = if self.filters.is_empty() { &[][..] } else { std::slice::from_ref(&group) };
        let body = Body {
            filter_groups: groups,
            sorts: self.sorts.as_ref().map(|(property_name, descending)| {
                [Sort { property_name, direction: if *descending { "DESCENDING" } else { "ASCENDING" } }]
            }),
            properties: self.properties,
            limit: self.limit,
            after: self.after.as_deref(),
        };
        let path = objects(version, self.kind).segment("search").done();
        Request::post(Self::KIND, path, json(&body)).in_pool(Pool::Search)
    }

    fn read(&self, body: Bytes) -> Result<SearchPage, Malformed> {
        let Page { records, unreadable, total, after } = page::read(Self::KIND, self.kind, &body)?;
        let total = total.ok_or_else(|| Malformed::new(Self::KIND, "the total is missing"))?;
        Ok(SearchPage { total, records, unreadable, after })
    }
}
