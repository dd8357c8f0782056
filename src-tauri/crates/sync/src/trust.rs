//! Whether the list may be asked from an id of our choice (API.md 23: UNSURE), and what a search tells of a type.

use crm::{PropertyName, Timestamp};
use hubspot::{
    ObjectKind,
    endpoint::{Filter, ListRecords, Op, Search},
};

use crate::{context::Context, error::Halt};

/// What one or two searches say about a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    /// Records inside the window.
    pub(crate) total: u64,
    pub(crate) exact: bool,
    /// Records whenever changed.
    pub(crate) overall: u64,
    /// The highest id.
    pub(crate) top: Option<i64>,
}

/// HubSpot's search may stop counting here; such a total is shown as an estimate.
const COUNTED_MAX: u64 = 10_000;

const ID: &str = "hs_object_id";

pub(crate) async fn size(context: &Context, kind: &ObjectKind) -> Result<Size, Halt> {
    let all = search(context, kind, Vec::new(), true, 1).await?;
    let top = all.0.first().copied();
    let total = match context.since {
        Some(since) => search(context, kind, vec![changed_since(kind, since)], true, 1).await?.1,
        None => all.1,
    };
    Ok(Size { total, exact: total != COUNTED_MAX, overall: all.1, top })
}

/// Asks the list from `at` and compares with a search of the same range: every id that search knows and that lies in
/// the page must be in it, in ascending order, and nothing below `at`.
pub(crate) async fn list_takes_any_id(context: &Context, kind: &ObjectKind, at: i64) -> Result<bool, Halt> {
    let from = Filter::new(ID.into(), Op::Gte, at.to_string());
    let (known, _) = search(context, kind, vec![from], false, 100).await?;
    let Some(&first) = known.first() else { return Ok(false) };
    let properties = [PropertyName::from(ID)];
    let list = ListRecords {
        kind,
        after: Some(first.to_string()),
        limit: 100,
        properties: &properties,
        archived: false,
    };
    let page = match context.send(&list).await {
        Ok(page) => page,
        Err(Halt::Error(crate::Error::Hubspot(hubspot::Error::Refused(_) | hubspot::Error::NotFound(_)))) => {
            return Ok(false);
        }
        Err(halt) => return Err(halt),
    };
    let listed: Vec<i64> = page.records.iter().map(|record| record.id.get()).collect();
    let last = if page.after.is_some() { listed.last().copied().unwrap_or(0) } else { i64::MAX };
    let ascending = listed.is_sorted_by(|a, b| a < b) && listed.first().is_some_and(|id| *id >= first);
    Ok(ascending && known.iter().filter(|id| **id <= last).all(|id| listed.binary_search(id).is_ok()))
}

fn changed_since(kind: &ObjectKind, since: Timestamp) -> Filter {
    // A bound of 0 is answered with a 500 (API.md 8).
    Filter::new(kind.modified_property.clone(), Op::Gte, since.millis().max(1_000).to_string())
}

async fn search(
    context: &Context,
    kind: &ObjectKind,
    filters: Vec<Filter>,
    descending: bool,
    limit: u32,
) -> Result<(Vec<i64>, u64), Halt> {
    let properties = [PropertyName::from(ID)];
    let sort = Some((ID.into(), descending));
    let page = context
        .send(&Search { kind, filters, sorts: sort, properties: &properties, limit, after: None })
        .await?;
    Ok((page.records.iter().map(|record| record.id.get()).collect(), page.total))
}
