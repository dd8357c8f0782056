//! Records: listed, read by id, one or many.

use bytes::Bytes;
use crm::{PropertyName, Record, RecordId, Unreadable};
use serde::Serialize;

use crate::{
    ApiVersion, Endpoint, Family, Malformed, ObjectKind, Request,
    page::{self, Page, text},
    path::Path,
};

pub(super) fn objects(version: ApiVersion, kind: &ObjectKind) -> Path {
    Path::new(Family::Objects.base(version)).segment(&kind.path)
}

/// A page of all records, ascending by id. `limit` is at most 100; no properties means HubSpot's small default set.
#[derive(Debug, Clone)]
pub struct ListRecords<'a> {
    pub kind: &'a ObjectKind,
    pub after: Option<String>,
    pub limit: u32,
    pub properties: &'a [PropertyName],
    pub archived: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPage {
    pub records: Vec<Record>,
    pub unreadable: Vec<Unreadable>,
    /// Where the next page begins; `None` on the last one.
    pub after: Option<String>,
}

impl ListRecords<'_> {
    const KIND: &'static str = "list records";
}

impl Endpoint for ListRecords<'_> {
    type Output = RecordPage;

    fn request(&self, version: ApiVersion) -> Request {
        let path = objects(version, self.kind)
            .query("limit", &self.limit.to_string())
            .query_some("after", self.after.as_deref())
            .query_list("properties", self.properties.iter().map(PropertyName::as_str))
            .archived(self.archived);
        Request::get(Self::KIND, path.done())
    }

    fn read(&self, body: Bytes) -> Result<RecordPage, Malformed> {
        let Page { records, unreadable, after, .. } = page::read(Self::KIND, self.kind, &body)?;
        Ok(RecordPage { records, unreadable, after })
    }
}

/// Up to 100 records by id. Ids that are not answered are the caller's to compare.
#[derive(Debug, Clone)]
pub struct BatchRead<'a> {
    pub kind: &'a ObjectKind,
    pub ids: &'a [RecordId],
    pub properties: &'a [PropertyName],
    pub archived: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchAnswer {
    pub records: Vec<Record>,
    pub unreadable: Vec<Unreadable>,
}

impl BatchRead<'_> {
    const KIND: &'static str = "batch read records";
}

#[derive(Serialize)]
struct BatchBody<'a> {
    inputs: Vec<Input>,
    properties: &'a [PropertyName],
}

#[derive(Serialize)]
struct Input {
    id: String,
}

impl Endpoint for BatchRead<'_> {
    type Output = BatchAnswer;

    fn request(&self, version: ApiVersion) -> Request {
        let path = objects(version, self.kind).segment("batch").segment("read").archived(self.archived);
        let inputs = self.ids.iter().map(|id| Input { id: id.to_string() }).collect();
        let body = json(&BatchBody { inputs, properties: self.properties });
        Request::post(Self::KIND, path.done(), body)
    }

    fn read(&self, body: Bytes) -> Result<BatchAnswer, Malformed> {
        let Page { records, unreadable, .. } = page::read(Self::KIND, self.kind, &body)?;
        Ok(BatchAnswer { records, unreadable })
    }
}

/// One record. The answer's id differs from the asked one when that was merged into another.
#[derive(Debug, Clone)]
pub struct GetRecord<'a> {
    pub kind: &'a ObjectKind,
    pub id: RecordId,
    pub properties: &'a [PropertyName],
    pub archived: bool,
}

impl GetRecord<'_> {
    const KIND: &'static str = "get record";
}

impl Endpoint for GetRecord<'_> {
    type Output = Record;

    fn request(&self, version: ApiVersion) -> Request {
        let path = objects(version, self.kind)
            .segment(&self.id.to_string())
            .query_list("properties", self.properties.iter().map(PropertyName::as_str))
            .archived(self.archived);
        Request::get(Self::KIND, path.done())
    }

    fn read(&self, body: Bytes) -> Result<Record, Malformed> {
        page::read_one(self.kind, &text(&body)).map_err(|error| Malformed::json(Self::KIND, &error))
    }
}

pub(super) fn json(body: &impl Serialize) -> Bytes {
    serde_json::to_vec(body).expect("a body of texts and numbers is always JSON").into()
}
