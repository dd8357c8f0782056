//! Pipelines and their stages.

use bytes::Bytes;
use crm::{Pipeline, Stage};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Listed, lenient, parse, scalar};
use crate::{ApiVersion, Endpoint, Family, Malformed, ObjectKind, Request, page::text, path::Path};

/// All pipelines of one object type; HubSpot does not page them.
#[derive(Debug, Clone)]
pub struct Pipelines<'a> {
    pub kind: &'a ObjectKind,
}

impl Pipelines<'_> {
    const KIND: &'static str = "pipelines";
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPipeline {
    #[serde(deserialize_with = "scalar")]
    id: String,
    #[serde(default, deserialize_with = "scalar")]
    label: String,
    #[serde(default, deserialize_with = "lenient")]
    display_order: Option<i64>,
    #[serde(default, deserialize_with = "lenient")]
    archived: bool,
    #[serde(default)]
    stages: Vec<RawStage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawStage {
    #[serde(deserialize_with = "scalar")]
    id: String,
    #[serde(default, deserialize_with = "scalar")]
    label: String,
    #[serde(default, deserialize_with = "lenient")]
    display_order: Option<i64>,
    #[serde(default, deserialize_with = "lenient")]
    archived: bool,
    metadata: Option<Box<RawValue>>,
}

impl Endpoint for Pipelines<'_> {
    type Output = Vec<Pipeline>;

    fn request(&self, version: ApiVersion) -> Request {
        let path = Path::new(Family::Pipelines.base(version)).segment(&self.kind.path);
        Request::get(Self::KIND, path.done())
    }

    fn read(&self, body: Bytes) -> Result<Vec<Pipeline>, Malformed> {
        let listed: Listed<RawPipeline> = parse(Self::KIND, &text(&body))?;
        let pipeline = |raw: RawPipeline| Pipeline {
            id: raw.id,
            label: raw.label,
            display_order: raw.display_order,
            archived: raw.archived,
            stages: raw.stages.into_iter().map(stage).collect(),
        };
        Ok(listed.results.into_iter().map(pipeline).collect())
    }
}

fn stage(raw: RawStage) -> Stage {
    let metadata = raw.metadata.map(|raw| raw.get().to_owned()).filter(|text| text.starts_with('{'));
    Stage {
        id: raw.id,
        label: raw.label,
        display_order: raw.display_order,
        archived: raw.archived,
        metadata: metadata.unwrap_or_else(|| "{}".into()),
    }
}
