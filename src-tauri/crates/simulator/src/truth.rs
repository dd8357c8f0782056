//! What the portal holds now, for comparison with a copy of it.
//!
//! Deliberately absent: reading it through the API; this looks past scopes, limits, lags and faults.

use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::associations::links_of;
use crate::catalog::Kind;
use crate::config::Poison;
use crate::definitions::Sensitivity;
use crate::edits::{Standing, State};
use crate::portal::Portal;
use crate::records::plan::Plan;
use crate::records::view::scan;
use crate::stamp;

/// A record as it stands now.
#[derive(Debug, Clone, Serialize)]
pub struct TrueRecord {
    /// The type's plural name.
    pub object: &'static str,
    pub id: u64,
    pub archived: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<String>,
    pub created_at: String,
    pub updated_at: String,
    /// JSON object text: every property that is not null and not sensitive, byte for byte as the API writes it, in its
    /// order.
    pub properties: Box<RawValue>,
    /// Why no reader can take this record in: its answer has no usable id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<&'static str>,
}

/// One link in one direction, with one of its types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrueLink {
    pub from: &'static str,
    pub from_id: u64,
    pub to: &'static str,
    pub to_id: u64,
    pub type_id: u32,
    pub category: &'static str,
    pub label: Option<String>,
}

/// Reads the portal's state of this moment.
#[derive(Clone)]
pub struct Truth {
    portal: Arc<Portal>,
}

impl Truth {
    pub(crate) fn new(portal: Arc<Portal>) -> Truth {
        Truth { portal }
    }

    /// The plural names of all types the portal has; of custom objects with awkward names, their type ids.
    pub fn objects(&self) -> impl Iterator<Item = &'static str> {
        self.portal.kinds.all().map(Kind::name)
    }

    /// How many live records a type has; 0 for a name that is no type.
    pub fn count(&self, object: &str) -> u64 {
        let state = self.portal.read();
        self.portal
            .kinds
            .find(object)
            .map_or(0, |kind| crate::records::lookup::count_live(&self.portal, &state, kind))
    }

    /// The ids of a type's live records, ascending.
    pub fn ids(&self, object: &str, each: impl FnMut(u64)) {
        let Some(kind) = self.portal.kinds.find(object) else { return };
        let state = self.portal.read();
        crate::records::lookup::live(&self.portal, &state, kind).map(|found| found.id).for_each(each);
    }

    /// Every record of a type, archived ones included, in ascending order of id.
    pub fn records(&self, object: &str, mut each: impl FnMut(TrueRecord)) {
        let Some(kind) = self.portal.kinds.find(object) else { return };
        let mut from = 0;
        loop {
            let page = self.page(kind, from, 500);
            let Some(last) = page.last() else { return };
            from = last.id + 1;
            page.into_iter().for_each(&mut each);
        }
    }

    /// The ids of a type that were merged away, ascending, each with the record it stands for now. Ids whose record was
    /// erased since are not among them.
    pub fn merged(&self, object: &str) -> Vec<(u64, u64)> {
        let Some(kind) = self.portal.kinds.find(object) else { return Vec::new() };
        let state = self.portal.read();
        let away = |(&id, edit): (&u64, &crate::edits::RecordEdit)| {
            let into = matches!(edit.standing, Standing::Merged(_)).then(|| state.resolve(kind, id))?;
            let found = crate::records::view::Found::new(&self.portal.world, &state, kind, into)?;
            found.is_there(&self.portal.world, kind).then_some((id, into))
        };
        state.edits(kind).iter().filter_map(away).collect()
    }

    /// The ids of a type that were erased for good, ascending.
    pub fn erased(&self, object: &str) -> Vec<u64> {
        let Some(kind) = self.portal.kinds.find(object) else { return Vec::new() };
        let state = self.portal.read();
        state
            .edits(kind)
            .iter()
            .filter(|(_, edit)| edit.standing == Standing::Erased)
            .map(|(&id, _)| id)
            .collect()
    }

    /// Every link from records of one type to records of another, in ascending order of the first id.
    pub fn links(&self, from: &str, to: &str, mut each: impl FnMut(TrueLink)) {
        let find = |name| self.portal.kinds.find(name);
        let (Some(from), Some(to)) = (find(from), find(to)) else { return };
        let mut at = 0;
        loop {
            let (page, next) = self.link_page(from, to, at, 2_000);
            page.into_iter().for_each(&mut each);
            let Some(next) = next else { return };
            at = next;
        }
    }

    /// The pairs of types between which there are links, each in one direction.
    pub fn pairs(&self) -> Vec<(&'static str, &'static str)> {
        let state = self.portal.read();
        let mut pairs = Vec::new();
        for from in self.portal.kinds.all() {
            for to in self.portal.kinds.all().filter(|&to| to <= from) {
                let possible = state.labels.between(from, to).next().is_some();
                let there = crate::world::links::Links::ever(from, to)
                    || state.links.keys().any(|&(a, _, b)| (a, b) == (from, to));
                if possible && there {
                    pairs.push((from.name(), to.name()));
                }
            }
        }
        pairs
    }

    /// Writes everything as JSON lines: of every type its records, then the ids that were merged away or erased
    /// (`merged_into`, `erased`); at the end every link in one direction.
    pub fn write_json_lines(&self, out: &mut impl std::io::Write) -> std::io::Result<()> {
        let mut lines = self.clone().lines();
        while let Some(chunk) = lines.next_chunk() {
            out.write_all(&chunk)?;
        }
        Ok(())
    }

    pub(crate) fn lines(self) -> Lines {
        let pairs = self.pairs();
        Lines { truth: self, kind: 0, pair: 0, pairs, from: 0 }
    }

    fn page(&self, kind: Kind, from: u64, len: usize) -> Vec<TrueRecord> {
        let state = self.portal.read();
        let plan = everything(&state, kind);
        let there =
            scan(&self.portal.world, &state, kind, from).filter(|f| f.is_there(&self.portal.world, kind));
        there
            .take(len)
            .map(|found| {
                let record = found.record(&self.portal.world, kind);
                let mut raw = Vec::new();
                plan.write(&record, &mut raw);
                let poison = record.subject.as_ref().and_then(|s| s.poison);
                TrueRecord {
                    object: kind.name(),
                    id: record.id,
                    archived: record.archived_at.is_some(),
                    archived_at: record.archived_at.map(stamp::iso_text),
                    created_at: stamp::iso_text(record.created),
                    updated_at: stamp::iso_text(record.modified),
                    properties: without_nulls(&raw, poison == Some(Poison::NullProperties)),
                    unreadable: match poison {
                        Some(Poison::BrokenId) => Some("its id is not a number"),
                        Some(Poison::MissingId) => Some("it has no id"),
                        _ => None,
                    },
                }
            })
            .collect()
    }

    fn link_page(&self, from: Kind, to: Kind, at: u64, len: usize) -> (Vec<TrueLink>, Option<u64>) {
        let state = self.portal.read();
        let world = &self.portal.world;
        let mut page = Vec::new();
        let live = scan(world, &state, from, at).filter(|f| f.is_live(world, from));
        for found in live {
            if page.len() >= len {
                return (page, Some(found.id));
            }
            for (to_id, types) in links_of(&self.portal, &state, from, found.id, to) {
                let known = types.ids().iter().filter_map(|&id| state.labels.find(from, to, id));
                page.extend(known.map(|known| TrueLink {
                    from: from.name(),
                    from_id: found.id,
                    to: to.name(),
                    to_id,
                    type_id: known.id,
                    category: known.category.name(),
                    label: known.label.clone(),
                }));
            }
        }
        (page, None)
    }
}

fn everything(state: &State, kind: Kind) -> Plan {
    let definitions = state.definitions(kind);
    let names: Vec<String> =
        definitions.list.iter().filter(|p| p.archived_at.is_none()).map(|p| p.name.clone()).collect();
    Plan::new(kind, definitions, &names, |sensitivity| sensitivity == Sensitivity::Open)
}

/// Leaves out what is null. Text is never decoded, so escapes stay as they were written.
fn without_nulls(raw: &[u8], nothing: bool) -> Box<RawValue> {
    let mut out = String::from("{");
    if !nothing {
        let text = std::str::from_utf8(raw).expect("JSON is UTF-8");
        let members: Members<'_> = serde_json::from_str(text).expect("our own JSON reads");
        for (name, value) in members.0.iter().filter(|(_, v)| v.get() != "null") {
            if out.len() > 1 {
                out.push(',');
            }
            out.push_str(name.get());
            out.push(':');
            out.push_str(value.get());
        }
    }
    out.push('}');
    RawValue::from_string(out).expect("built from JSON")
}

/// The members of an object in their order, undecoded.
struct Members<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<&RawValue, &RawValue>()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// The JSON lines, some at a time.
pub(crate) struct Lines {
    truth: Truth,
    kind: usize,
    pair: usize,
    pairs: Vec<(&'static str, &'static str)>,
    from: u64,
}

impl Lines {
    fn write_gone(&self, kind: Kind, out: &mut Vec<u8>) {
        let object = kind.name();
        for (id, into) in self.truth.merged(object) {
            line(out, &json!({"object": object, "id": id, "merged_into": into}));
        }
        for id in self.truth.erased(object) {
            line(out, &json!({"object": object, "id": id, "erased": true}));
        }
    }

    pub(crate) fn next_chunk(&mut self) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        while out.is_empty() {
            if let Some(kind) = self.truth.portal.kinds.all().nth(self.kind) {
                let page = self.truth.page(kind, self.from, 500);
                match page.last() {
                    Some(last) => self.from = last.id + 1,
                    None => {
                        self.write_gone(kind, &mut out);
                        self.kind += 1;
                        self.from = 0;
                    }
                }
                for record in &page {
                    line(&mut out, record);
                }
                continue;
            }
            let &(from, to) = self.pairs.get(self.pair)?;
            let find = |name| self.truth.portal.kinds.find(name).expect("a type's own name");
            let (page, next) = self.truth.link_page(find(from), find(to), self.from, 2_000);
            match next {
                Some(next) => self.from = next,
                None => {
                    self.pair += 1;
                    self.from = 0;
                }
            }
            for link in &page {
                line(&mut out, link);
            }
        }
        Some(out)
    }
}

fn line(out: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(&mut *out, value).unwrap_or_else(|e| {
        // Nothing here can fail to serialise; a broken line is still better than a broken run.
        out.extend_from_slice(json!({"broken": e.to_string()}).to_string().as_bytes());
    });
    out.push(b'\n');
}
