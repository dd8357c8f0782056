//! What a run leaves in the mirror's `checkpoints` about each stream, for the next run and for status.

use crm::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Error, Rarer, RunKind, StreamState, writer::WriterHandle};

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
    /// It was skipped because somebody chose so.
    pub left_out: bool,
    /// End of the last finished pass, ISO.
    pub last_good_at: Option<String>,
    /// Up to when changes have been read.
    pub watermark: Watermark,
    /// When what is done only now and then was last done.
    pub tended: Tended,
    /// What comparing the copy with HubSpot has taught.
    pub checked: Checked,
    /// What was found out about how the type can be read.
    pub reading: Reading,
}

impl StreamMark {
    /// Whether search may be used to read the type: it was never found wrong, incomplete or refused.
    pub(crate) fn is_searchable(&self) -> bool {
        !self.reading.search_unfit && !self.checked.search_incomplete && self.watermark.unsearchable.is_none()
    }
}

/// How far the changes of a type have been read. Every time here is HubSpot's, in epoch milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Watermark {
    /// End of the last finished window: every change before it has been read, but for what search showed too late.
    pub to: Option<i64>,
    /// End of the last finished window that began with the whole overlap; the next such one begins before it.
    pub whole_to: Option<i64>,
    /// So much lies in the overlap that most windows begin with a short one.
    pub busy: bool,
    /// The window that is being read.
    pub open: Option<OpenWindow>,
    /// When the pass that is under way began; its end makes this the first `to`.
    pub pass_began: Option<i64>,
    /// An older stretch that is being read because the connection's window was opened wider.
    pub wider: Option<OpenWindow>,
    /// Since when search is found useless for this type: it is listed instead, once an hour.
    pub unsearchable: Option<i64>,
}

impl Watermark {
    /// A pass over the whole type that began then has ended: changes are read from there.
    pub(crate) fn passed(&mut self, began: i64) {
        (self.to, self.whole_to, self.open) = (Some(began), Some(began), None);
    }
}

/// A closed window of changes, walked upwards by id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OpenWindow {
    /// First and past-the-last millisecond.
    pub from: i64,
    pub to: i64,
    /// Records up to this id are committed.
    pub past: i64,
    /// It begins with the whole overlap.
    pub whole: bool,
    /// Rows seen so far that belong to the overlap with the window before.
    pub repeated: u64,
}

/// Epoch milliseconds of the last time of each, by HubSpot's clock; none if never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tended {
    pub calculated: Option<i64>,
    /// Rows outside the window.
    pub outside: Option<i64>,
}

/// What comparing a type's copy with HubSpot has taught.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Checked {
    /// HubSpot's search does not find every record of this type: it is listed from then on.
    pub search_incomplete: bool,
    /// Live records, changed long ago, that search did not find, ascending; the first so many of them.
    pub lacking: Vec<i64>,
    /// When totals were last compared, epoch milliseconds, and the start of the run that did it.
    pub counted_at: Option<i64>,
    pub counted_by: i64,
    /// When the list of archived records was last read to its end, epoch milliseconds, and the start of that run.
    pub archived_at: Option<i64>,
    pub archived_by: i64,
    /// Where a reading of that list stands that was cut.
    pub archived_past: Option<String>,
    /// HubSpot does not list archived records of this type: then none is ever taken for erased.
    pub archived_unreadable: bool,
}

/// What was found out about how an object type can be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// Whether the list may be asked from any id; none: not tried in this pass.
    pub list_takes_any_id: Option<bool>,
    /// Pages of search were not in order, or left records out: the type is listed from then on.
    pub search_unfit: bool,
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
    /// When all links of the pair were last read, epoch milliseconds.
    pub swept: Option<i64>,
    /// HubSpot does not link these types, as it said.
    pub refused: Option<String>,
}

/// The run that is under way, so that it can be continued without asking everything again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportMark {
    /// Epoch milliseconds of the first start of this run.
    pub began: i64,
    pub open: bool,
    pub kind: RunKind,
    /// When it began by HubSpot's clock, epoch milliseconds, once that is known.
    pub started: Option<i64>,
    /// Definitions that this run works with are stored.
    pub defined: bool,
    /// Which types there are is known to this run, and of which it has stored the definitions.
    pub listed: bool,
    pub learned: Vec<String>,
    /// When definitions were last read, epoch milliseconds.
    pub defined_at: Option<i64>,
    /// When sensitive definitions, groups of properties and rarer types were last asked for, epoch milliseconds.
    pub widely_at: Option<i64>,
    pub rarer: Rarer,
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

pub(crate) fn stream_key(stream: &str) -> String {
    format!("stream:{stream}")
}

/// The mark of an object type's stream, from a reader.
pub fn stream_mark(reader: &store::Reader, object: &str) -> Result<Option<StreamMark>, Error> {
    let key = stream_key(object);
    parse(&key, reader.checkpoint(&key)?)
}

/// The marks of the links of each pair of types, with the names of the two, from a reader.
pub fn link_marks(reader: &store::Reader) -> Result<Vec<([String; 2], LinkMark)>, Error> {
    let prefix = stream_key("links:");
    let mut marks = Vec::new();
    for (key, json) in reader.checkpoints(&prefix)? {
        let pair = key.strip_prefix(&prefix).and_then(|pair| pair.split_once('>'));
        if let (Some((a, b)), Some(mark)) = (pair, parse(&key, Some(json))?) {
            marks.push(([a.to_owned(), b.to_owned()], mark));
        }
    }
    Ok(marks)
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

pub(crate) async fn read<T: DeserializeOwned + Default>(
    writer: &WriterHandle,
    key: String,
) -> Result<T, Error> {
    let asked = key.clone();
    let json = writer.call(move |store| store.checkpoint(&asked)).await?;
    Ok(parse(&key, json)?.unwrap_or_default())
}

pub(crate) fn parse<T: DeserializeOwned>(key: &str, json: Option<String>) -> Result<Option<T>, Error> {
    let Some(json) = json else { return Ok(None) };
    serde_json::from_str(&json).map(Some).map_err(|source| Error::Mark { key: key.to_owned(), source })
}

pub(crate) async fn write<T: Serialize>(
    writer: &WriterHandle,
    key: String,
    mark: &T,
    at: Timestamp,
) -> Result<(), Error> {
    let json = to_json(mark);
    writer.call(move |store| store.put_checkpoint(&key, &json, at)).await
}

pub(crate) fn to_json(mark: &impl Serialize) -> String {
    serde_json::to_string(mark).expect("marks hold only text, numbers and lists of them")
}
