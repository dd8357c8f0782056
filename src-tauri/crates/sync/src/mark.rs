//! What a run leaves in the mirror's `checkpoints` about each stream, for the next run and for status.

use crm::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Error, StreamState, writer::WriterHandle};

/// Where the copy of one object type stands between runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamMark {
    /// A pass over the whole type has been finished once.
    pub first_pass_done: bool,
    /// The pass that its ranges belong to is not finished.
    pub pass_open: bool,
    /// The window of that pass: epoch milliseconds, none for everything.
    pub since: Option<i64>,
    /// When that pass began, epoch milliseconds.
    pub began: i64,
    /// How many records HubSpot said there are (inside the window), and whether that is exact.
    pub total: Option<u64>,
    pub total_exact: bool,
    /// How many there are whenever changed.
    pub overall: Option<u64>,
    /// The highest id known when the pass began.
    pub top: Option<i64>,
    pub state: StreamState,
    /// Why it is skipped or failed, as words.
    pub reason: Option<String>,
    /// Scopes that would let it go on.
    pub missing_scopes: Vec<String>,
    /// End of the last finished pass, ISO.
    pub last_good_at: Option<String>,
}

/// Where the links of one pair stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkMark {
    /// True when the links of this pair are kept (and were first read) from its second type.
    pub reversed: bool,
    /// The pass that its ranges belong to is not finished.
    pub pass_open: bool,
    /// The window of that pass: epoch milliseconds, none for everything.
    pub since: Option<i64>,
    /// When that pass began, epoch milliseconds.
    pub began: i64,
    pub done_once: bool,
    pub last_good_at: Option<String>,
}

/// The run that is under way, so that it can be continued without asking everything again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportMark {
    /// Epoch milliseconds of the first start of this run.
    pub began: i64,
    pub open: bool,
    /// Definitions of this run are stored.
    pub defined: bool,
    /// The first import has been finished once.
    pub first_done: bool,
    pub full: bool,
    /// Custom objects found: what is needed to address them again.
    pub custom: Vec<CustomMark>,
    /// Facts of the last finished run.
    pub finished: Option<RunFacts>,
}

/// What a finished run took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunFacts {
    /// Live records in the mirror when it ended, and links.
    pub records: u64,
    pub links: u64,
    pub millis: u64,
    /// Of these, the time that full text and other secondary indexes took at the end.
    pub index_millis: u64,
    pub requests: u64,
    /// Answers with 429.
    pub refusals: u64,
    pub streams_failed: u64,
    pub quarantined: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomMark {
    pub object_type_id: String,
    pub fully_qualified_name: String,
    pub name: String,
    pub singular: Option<String>,
    pub plural: Option<String>,
    pub primary: Option<String>,
    pub associated: Vec<String>,
}

const IMPORT: &str = "import";

fn stream_key(stream: &str) -> String {
    format!("stream:{stream}")
}

/// The mark of an object type's stream, from a reader.
pub fn stream_mark(reader: &store::Reader, object: &str) -> Result<Option<StreamMark>, Error> {
    let key = stream_key(object);
    parse(&key, reader.checkpoint(&key)?)
}

/// The mark of the run, from a reader.
pub fn import_mark(reader: &store::Reader) -> Result<Option<ImportMark>, Error> {
    parse(IMPORT, reader.checkpoint(IMPORT)?)
}

pub(crate) async fn read_stream(writer: &WriterHandle, stream: &str) -> Result<StreamMark, Error> {
    read(writer, stream_key(stream)).await
}

pub(crate) async fn write_stream(
    writer: &WriterHandle,
    stream: &str,
    mark: &StreamMark,
    at: Timestamp,
) -> Result<(), Error> {
    write(writer, stream_key(stream), mark, at).await
}

pub(crate) async fn read_links(writer: &WriterHandle, stream: &str) -> Result<LinkMark, Error> {
    read(writer, stream_key(stream)).await
}

pub(crate) async fn write_links(
    writer: &WriterHandle,
    stream: &str,
    mark: &LinkMark,
    at: Timestamp,
) -> Result<(), Error> {
    write(writer, stream_key(stream), mark, at).await
}

pub(crate) async fn read_import(writer: &WriterHandle) -> Result<ImportMark, Error> {
    read(writer, IMPORT.to_owned()).await
}

pub(crate) async fn write_import(
    writer: &WriterHandle,
    mark: &ImportMark,
    at: Timestamp,
) -> Result<(), Error> {
    write(writer, IMPORT.to_owned(), mark, at).await
}

async fn read<T: DeserializeOwned + Default>(writer: &WriterHandle, key: String) -> Result<T, Error> {
    let asked = key.clone();
    let json = writer.call(move |store| store.checkpoint(&asked)).await?;
    Ok(parse(&key, json)?.unwrap_or_default())
}

fn parse<T: DeserializeOwned>(key: &str, json: Option<String>) -> Result<Option<T>, Error> {
    let Some(json) = json else { return Ok(None) };
    serde_json::from_str(&json).map(Some).map_err(|source| Error::Mark { key: key.to_owned(), source })
}

async fn write<T: Serialize>(
    writer: &WriterHandle,
    key: String,
    mark: &T,
    at: Timestamp,
) -> Result<(), Error> {
    let json = serde_json::to_string(mark).expect("marks hold only text, numbers and lists of them");
    writer.call(move |store| store.put_checkpoint(&key, &json, at)).await
}
