//! What a record is linked to, seen from either end.

use std::collections::BTreeMap;

use crm::{ObjectType, RecordId};
use rusqlite::params;

use crate::{
    Error, ObjectInfo, Reader,
    browse::{Naming, fetch},
    properties, value,
};

/// Records of one type that a record is linked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedGroup {
    pub object: ObjectType,
    pub total: u64,
    pub rows: Vec<LinkedRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedRow {
    pub id: i64,
    /// None when there is no such row here.
    pub title: Option<String>,
    pub subtitle: Option<String>,
    pub labels: Vec<String>,
}

impl Reader {
    /// Links of all types, each once.
    pub fn link_count(&self) -> Result<u64, Error> {
        let mut statement = self.conn.prepare_cached("SELECT count(*) FROM associations")?;
        Ok(statement.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// What a record is linked to, in both directions, each type with so many records at most: those whose link has a
    /// label first.
    pub fn links(
        &self,
        object: &ObjectType,
        id: RecordId,
        per_object_max: usize,
    ) -> Result<Vec<LinkedGroup>, Error> {
        let look = self.conn.unchecked_transaction()?;
        let mut found: BTreeMap<ObjectType, Ends> = BTreeMap::new();
        for sql in [
            "SELECT to_type, to_id, label FROM associations WHERE from_type = ?1 AND from_id = ?2",
            "SELECT from_type, from_id, label FROM associations WHERE to_type = ?1 AND to_id = ?2 AND from_type <> ?1",
        ] {
            let mut statement = self.conn.prepare_cached(sql)?;
            let mut rows = statement.query(params![object.as_str(), id.get()])?;
            while let Some(row) = rows.next()? {
                let other = value::text(row.get_ref(0)?).unwrap_or_default();
                let ends = match found.get_mut(&ObjectType::from(other.as_ref())) {
                    Some(ends) => ends,
                    None => found.entry(ObjectType::from(other.as_ref())).or_default(),
                };
                ends.add(row.get(1)?, value::optional_string(row, "label")?, per_object_max);
            }
        }
        let known: Vec<ObjectInfo> = self.objects()?;
        let mut groups = Vec::with_capacity(found.len());
        for (other, ends) in found {
            let is_known = known.iter().any(|info| info.object == other);
            groups.push(self.group(other, ends, per_object_max, is_known)?);
        }
        let place = |group: &LinkedGroup| known.iter().position(|info| info.object == group.object);
        groups.sort_by_key(|group| place(group).unwrap_or(usize::MAX));
        groups.retain(|group| group.total > 0);
        drop(look);
        Ok(groups)
    }

    fn group(
        &self,
        object: ObjectType,
        ends: Ends,
        most: usize,
        is_known: bool,
    ) -> Result<LinkedGroup, Error> {
        let mut total = ends.total;
        let mut rows: Vec<LinkedRow> = Vec::new();
        let source =
            if is_known { Some((Naming::open(self, &object)?, self.statement(&object)?)) } else { None };
        let Some((naming, mut statement)) = source else {
            let row = |(id, labels)| LinkedRow { id, title: None, subtitle: None, labels };
            return Ok(LinkedGroup { object, total, rows: ends.in_order().take(most).map(row).collect() });
        };
        for (id, labels) in ends.in_order().take(most) {
            let id =
                RecordId::new(id).map_or(Ok(id), |old| self.survivor(&object, old).map(RecordId::get))?;
            if let Some(twice) = rows.iter_mut().find(|row| row.id == id) {
                twice.labels.extend(labels);
                total -= 1;
                continue;
            }
            let (title, subtitle) = match fetch(&mut statement, id)? {
                None => (None, None),
                Some(row) if row.archived => {
                    total -= 1;
                    continue;
                }
                Some(row) => {
                    let fields = properties::fields(&row.properties);
                    let subtitle = naming.subtitle(&fields)?.join(" · ");
                    (Some(naming.title(id, &fields)), Some(subtitle).filter(|text| !text.is_empty()))
                }
            };
            rows.push(LinkedRow { id, title, subtitle, labels });
        }
        drop((naming, statement));
        Ok(LinkedGroup { object, total, rows })
    }
}

/// The other ends of a record's links towards one type; of many, only as many as will be shown.
#[derive(Default)]
struct Ends {
    total: u64,
    last: Option<i64>,
    labelled: Vec<(i64, Vec<String>)>,
    plain: Vec<i64>,
}

impl Ends {
    /// Links of one record stand together.
    fn add(&mut self, id: i64, label: Option<String>, most: usize) {
        if self.last.replace(id) != Some(id) {
            self.total += 1;
        }
        let Some(label) = label else {
            if self.plain.len() <= most && self.plain.last() != Some(&id) {
                self.plain.push(id);
            }
            return;
        };
        let room = self.labelled.len() <= most;
        match self.labelled.last_mut() {
            Some((last, labels)) if *last == id => labels.push(label),
            _ if room => self.labelled.push((id, vec![label])),
            _ => {}
        }
    }

    fn in_order(self) -> impl Iterator<Item = (i64, Vec<String>)> {
        let labelled: Vec<i64> = self.labelled.iter().map(|(id, _)| *id).collect();
        let plain = self.plain.into_iter().filter(move |id| !labelled.contains(id));
        self.labelled.into_iter().chain(plain.map(|id| (id, Vec::new())))
    }
}
