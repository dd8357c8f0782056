//! Links between records, and what kinds of links there are.

use std::collections::BTreeMap;

use bytes::Bytes;
use crm::{AssociationType, Link, LinkSet, RecordId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Listed, objects::json, parse, scalar, scalar_option};
use crate::{
    ApiVersion, Endpoint, Family, Malformed, ObjectKind, Pool, Request,
    page::{LenientId, Paging, text},
    path::Path,
    refusal::context,
};

/// Kinds of links from one object type to another.
#[derive(Debug, Clone)]
pub struct AssociationLabels<'a> {
    pub from: &'a ObjectKind,
    pub to: &'a ObjectKind,
}

impl AssociationLabels<'_> {
    const KIND: &'static str = "association labels";
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawType {
    #[serde(default = "hubspot_defined", deserialize_with = "scalar")]
    category: String,
    type_id: i64,
    #[serde(default, deserialize_with = "scalar_option")]
    label: Option<String>,
}

fn hubspot_defined() -> String {
    "HUBSPOT_DEFINED".into()
}

impl Endpoint for AssociationLabels<'_> {
    type Output = Vec<AssociationType>;

    fn request(&self, version: ApiVersion) -> Request {
        let path = Path::new(Family::Associations.base(version))
            .segment(&self.from.path)
            .segment(&self.to.path)
            .segment("labels");
        Request::get(Self::KIND, path.done()).in_pool(Pool::Associations)
    }

    fn read(&self, body: Bytes) -> Result<Vec<AssociationType>, Malformed> {
        let listed: Listed<RawType> = parse(Self::KIND, &text(&body))?;
        let kind =
            |raw: RawType| AssociationType { category: raw.category, type_id: raw.type_id, label: raw.label };
        Ok(listed.results.into_iter().map(kind).collect())
    }
}

/// Links of up to 1,000 records; an input's second part continues a record whose links did not fit one answer.
#[derive(Debug, Clone)]
pub struct AssociationsRead<'a> {
    pub from: &'a ObjectKind,
    pub to: &'a ObjectKind,
    pub inputs: &'a [(RecordId, Option<String>)],
}

/// What was answered for each id that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinksAnswer {
    /// Links, and where they go on if they do.
    pub sets: Vec<(LinkSet, Option<String>)>,
    /// Ids that have no links: HubSpot says so by an error entry.
    pub none: Vec<RecordId>,
    /// Ids about which nothing was learned, and why. An empty list of ids stands for "some of those asked".
    pub failed: Vec<(Vec<RecordId>, String)>,
}

impl AssociationsRead<'_> {
    const KIND: &'static str = "batch read associations";
    const NONE_FOUND: &'static str = "NO_ASSOCIATIONS_FOUND";
}

#[derive(Serialize)]
struct Body<'a> {
    inputs: Vec<Input<'a>>,
}

#[derive(Serialize)]
struct Input<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a str>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    results: Vec<RawSet>,
    #[serde(default)]
    errors: Vec<Value>,
}

#[derive(Deserialize)]
struct RawSet {
    from: RawEnd,
    to: Vec<RawLink>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct RawEnd {
    id: LenientId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawLink {
    to_object_id: LenientId,
    association_types: Vec<RawType>,
}

impl Endpoint for AssociationsRead<'_> {
    type Output = LinksAnswer;

    fn request(&self, version: ApiVersion) -> Request {
        let path = Path::new(Family::Associations.base(version))
            .segment(&self.from.path)
            .segment(&self.to.path)
            .segment("batch")
            .segment("read");
        let input = |(id, after): &'_ (RecordId, Option<String>)| (id.to_string(), after.clone());
        let inputs: Vec<(String, Option<String>)> = self.inputs.iter().map(input).collect();
        let inputs =
            inputs.iter().map(|(id, after)| Input { id: id.clone(), after: after.as_deref() }).collect();
        Request::post(Self::KIND, path.done(), json(&Body { inputs })).in_pool(Pool::Associations)
    }

    fn read(&self, body: Bytes) -> Result<LinksAnswer, Malformed> {
        let answer: Answer = parse(Self::KIND, &text(&body))?;
        let mut read = LinksAnswer::default();
        for set in answer.results {
            let Some(from) = set.from.id.0 else {
                read.failed.push((Vec::new(), "links of a record whose id is not a number".into()));
                continue;
            };
            match links(set.to) {
                Some(links) => {
                    read.sets.push((LinkSet { from, links }, set.paging.and_then(Paging::after)));
                }
                None => read.failed.push((vec![from], "a linked record's id is not a number".into())),
            }
        }
        for error in &answer.errors {
            read.entry(error);
        }
        Ok(read)
    }
}

/// Every link once; `None` if one of them leads nowhere.
fn links(raw: Vec<RawLink>) -> Option<Vec<Link>> {
    let mut links = Vec::with_capacity(raw.len());
    for link in raw {
        let to = link.to_object_id.0?;
        links.extend(link.association_types.into_iter().map(|kind| Link {
            to,
            category: kind.category,
            type_id: kind.type_id,
            label: kind.label,
        }));
    }
    links.sort();
    links.dedup_by(|a, b| (a.to, a.type_id, &a.category) == (b.to, b.type_id, &b.category));
    Some(links)
}

impl LinksAnswer {
    fn entry(&mut self, error: &Value) {
        let said = |name: &str| error[name].as_str().unwrap_or_default();
        let context: BTreeMap<String, Vec<String>> = context(&error["context"]);
        let named = ["fromObjectId", "ids", "id"].iter().find_map(|key| context.get(*key));
        let ids: Vec<RecordId> = named.into_iter().flatten().filter_map(|id| id.parse().ok()).collect();
        if said("subCategory").contains(AssociationsRead::NONE_FOUND) {
            self.none.extend(ids);
        } else {
            let reason = format!("{} {}: {}", said("category"), said("subCategory"), said("message"));
            self.failed.push((ids, reason));
        }
    }
}
