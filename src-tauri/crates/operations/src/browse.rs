//! Records as a grid reads them: types with their columns, an ordered snapshot of ids, rows by position.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crm::{ConnectionId, ObjectType, PropertyName};
use store::{ObjectInfo, Pick, Reader, SnapshotSpec};

use crate::{
    core::{Core, count, fresh_name, lock},
    errors,
    wire::{
        Cell, CloseSnapshot, Code, Column, ColumnKind, Done, ObjectTab, Objects, ObjectsRequest,
        OpenSnapshot, Row, Rows, Snapshot, SnapshotRows, WireError,
    },
};

/// An open snapshot: the ids in order, and what the mirror looked like then.
pub(crate) struct OpenedSnapshot {
    pub(crate) connection: ConnectionId,
    object: ObjectType,
    ids: Vec<i64>,
    /// Rows of this type ever written when this was opened.
    changes_before: u64,
    used: std::sync::Mutex<Instant>,
}

/// Snapshots untouched for so long are dropped; a host that comes back opens its list again.
const KEPT_FOR: Duration = Duration::from_mins(10);
const SNAPSHOTS_MAX: usize = 16;
const ROWS_MAX: u32 = 500;

/// The column that shows a record's display name.
const TITLE: &str = "title";

pub async fn objects(core: &Core, request: ObjectsRequest) -> Result<Objects, WireError> {
    core.blocking(move |core| {
        let connection = core.find_connection(&request.connection)?;
        let tabs = core.read(&connection.id, |reader| {
            reader.objects()?.into_iter().map(|object| tab(reader, object)).collect::<Result<Vec<_>, _>>()
        })?;
        Ok(Objects { objects: tabs.unwrap_or_default() })
    })
    .await
}

fn tab(reader: &Reader, info: ObjectInfo) -> Result<ObjectTab, store::Error> {
    let mark = sync::stream_mark(reader, info.object.as_str()).ok().flatten().unwrap_or_default();
    let live = reader.counts(&info.object)?.live;
    // What was copied before somebody left it out is as good as ever.
    let is_skipped = mark.state == sync::StreamState::Skipped && !(mark.left_out && live > 0);
    let skipped = is_skipped.then(|| mark.reason.unwrap_or_default());
    let title =
        Column { name: TITLE.into(), label: info.singular.clone(), kind: ColumnKind::Title, sortable: false };
    let picks = reader.picks(&info.object)?;
    let title = Column { label: "Name".into(), ..title };
    let columns = std::iter::once(title)
        .chain(picks.iter().map(column))
        .chain([stamp("updated_at", "Changed"), stamp("created_at", "Created")])
        .collect();
    Ok(ObjectTab {
        count: count(live),
        indexed: reader.is_indexed(&info.object)?,
        object: info.object.to_string(),
        singular: info.singular,
        plural: info.plural,
        custom: info.custom,
        skipped,
        columns,
    })
}

fn column(pick: &Pick) -> Column {
    let kind = kind_of(&pick.property, &pick.kind, &pick.field_type, pick.money);
    Column { name: pick.column.clone(), label: pick.label.clone(), kind, sortable: true }
}

fn stamp(name: &str, label: &str) -> Column {
    Column { name: name.to_owned(), label: label.to_owned(), kind: ColumnKind::DateTime, sortable: true }
}

/// How a property is shown, from its definition.
pub(crate) fn kind_of(name: &PropertyName, kind: &str, field_type: &str, money: bool) -> ColumnKind {
    match (name.as_str(), kind) {
        ("hubspot_owner_id", _) => ColumnKind::Owner,
        ("dealstage" | "hs_pipeline_stage" | "lifecyclestage", _) => ColumnKind::Stage,
        (_, "number") if money => ColumnKind::Currency,
        (_, "number") => ColumnKind::Number,
        (_, "date") => ColumnKind::Date,
        (_, "datetime") => ColumnKind::DateTime,
        (_, "bool") => ColumnKind::Bool,
        (_, "enumeration") if field_type == "booleancheckbox" => ColumnKind::Bool,
        (_, "enumeration") => ColumnKind::Enumeration,
        _ => ColumnKind::Text,
    }
}

pub async fn open_snapshot(core: &Core, request: OpenSnapshot) -> Result<Snapshot, WireError> {
    core.blocking(move |core| {
        let started = Instant::now();
        let connection = core.find_connection(&request.connection)?;
        let object = ObjectType::new(request.object.as_str());
        let find = request.find.filter(|words| !words.trim().is_empty());
        let sort = request.sort.map(|sort| store::Sort { column: sort.column, descending: sort.descending });
        let spec = SnapshotSpec { object: object.clone(), sort, find };
        let found = core.read(&connection.id, |reader| {
            // Counted first: a row that changes in between is shown as changed once too often, never once too few.
            let changes = reader.changes(&object)?;
            Ok((reader.snapshot(&spec)?, reader.counts(&object)?.live, changes))
        })?;
        let (found, all, changes_before) =
            found.ok_or_else(|| errors::say(Code::NoSuchObject, object.as_str()))?;
        let name = fresh_name("snap-");
        let (total, partial) = (count(found.ids.len() as u64), found.partial);
        let opened = OpenedSnapshot {
            changes_before,
            connection: connection.id,
            object,
            ids: found.ids,
            used: std::sync::Mutex::new(started),
        };
        let mut open = lock(&core.0.snapshots);
        open.retain(|_, old| lock(&old.used).elapsed() < KEPT_FOR);
        if open.len() >= SNAPSHOTS_MAX
            && let Some(oldest) =
                open.iter().min_by_key(|(_, old)| *lock(&old.used)).map(|(name, _)| name.clone())
        {
            open.remove(&oldest);
        }
        open.insert(name.clone(), Arc::new(opened));
        Ok(Snapshot {
            snapshot: name,
            total,
            all: count(all),
            partial,
            ms: count(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)),
        })
    })
    .await
}

pub async fn snapshot_rows(core: &Core, request: SnapshotRows) -> Result<Rows, WireError> {
    core.blocking(move |core| {
        let opened = lock(&core.0.snapshots).get(&request.snapshot).cloned();
        let opened = opened.ok_or_else(|| errors::say(Code::SnapshotGone, ""))?;
        *lock(&opened.used) = Instant::now();
        let start = (request.start as usize).min(opened.ids.len());
        let end = (start + request.count.min(ROWS_MAX) as usize).min(opened.ids.len());
        let ids = &opened.ids[start..end];
        let answer = core.read(&opened.connection, |reader| {
            Ok((reader.rows(&opened.object, ids, &request.columns)?, reader.changes(&opened.object)?))
        })?;
        let (rows, changes) = answer.ok_or_else(|| errors::say(Code::SnapshotGone, ""))?;
        let changed = changes.saturating_sub(opened.changes_before);
        let rows = rows
            .into_iter()
            .map(|row| Row {
                id: row.id.to_string(),
                gone: row.gone,
                cells: row.cells.into_iter().map(cell).collect(),
            })
            .collect();
        Ok(Rows { start: count(start as u64), rows, changed: count(changed) })
    })
    .await
}

pub async fn close_snapshot(core: &Core, request: CloseSnapshot) -> Result<Done, WireError> {
    lock(&core.0.snapshots).remove(&request.snapshot);
    Ok(Done {})
}

pub(crate) fn cell(cell: store::Cell) -> Cell {
    Cell { text: cell.text, raw: cell.raw, currency: cell.currency }
}
