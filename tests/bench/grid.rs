//! The grid's questions at a million rows, asked of `operations` as the window asks them.

use std::time::Instant;

use operations::{
    Core, Place,
    wire::{ConnectionsRequest, ObjectsRequest, OpenSnapshot, SnapshotRows, Sort},
};

use crate::{
    Failure,
    import::Imported,
    table::{Table, percentile},
};

const BLOCKS: u32 = 300;
const COLUMNS: usize = 20;
/// Names, firms, towns, addresses and their beginnings; the last is one that a third of all rows have.
const FINDS: [&str; 20] = [
    "maria",
    "maria g",
    "joost",
    "chen 1",
    "söd",
    "utrecht",
    "fiets",
    "inkoper",
    "m",
    "jo",
    "berg oslo",
    "duin",
    "duin fiets234",
    "info 59",
    "van",
    "anna lin",
    "31 47",
    "bike shop",
    "nobody at all",
    "k example",
];

pub(crate) async fn measure(imported: Imported, table: &mut Table) -> Result<(), Failure> {
    let core = Core::open(Place::from_env(Some(imported.place.home())), None)?;
    let connection = operations::connections(&core, ConnectionsRequest {})
        .await?
        .connections
        .into_iter()
        .next()
        .ok_or("no connection")?
        .id;
    let objects =
        operations::objects(&core, ObjectsRequest { connection: connection.clone() }).await?.objects;
    let contacts = objects.into_iter().find(|object| object.object == "contacts").ok_or("no contacts")?;
    let open = |sort: Option<Sort>, find: Option<String>| {
        operations::open_snapshot(
            &core,
            OpenSnapshot { connection: connection.clone(), object: "contacts".into(), sort, find },
        )
    };
    let picked =
        contacts.columns.iter().find(|column| column.name == "lastname").ok_or("lastname is not picked")?;
    let mut opened = Vec::new();
    let mut snapshot = open(None, None).await?;
    for round in 0..10 {
        let started = Instant::now();
        snapshot = open(Some(Sort { column: picked.name.clone(), descending: round % 2 == 1 }), None).await?;
        opened.push(started.elapsed().as_secs_f64() * 1e3);
    }
    table.row(
        &format!("opening a snapshot of {} sorted on a pick", snapshot.total),
        "≤ 300 ms",
        format!("{:.0} ms median, {:.0} ms p95", percentile(&mut opened, 0.5), percentile(&mut opened, 0.95)),
        "by last name",
    );
    let columns: Vec<String> =
        contacts.columns.iter().take(COLUMNS).map(|column| column.name.clone()).collect();
    let mut blocks = Vec::new();
    for block in 0..BLOCKS {
        let start = block.wrapping_mul(799_819) % snapshot.total.saturating_sub(100).max(1);
        let started = Instant::now();
        operations::snapshot_rows(
            &core,
            SnapshotRows { snapshot: snapshot.snapshot.clone(), start, count: 100, columns: columns.clone() },
        )
        .await?;
        blocks.push(started.elapsed().as_secs_f64() * 1e3);
    }
    table.row(
        &format!("a block of 100 rows × {} columns by position", columns.len()),
        "p95 ≤ 10 ms",
        format!("{:.1} ms p95, {:.1} ms median", percentile(&mut blocks, 0.95), percentile(&mut blocks, 0.5)),
        format!("{BLOCKS} blocks all over {} rows", snapshot.total),
    );
    let mut finds = Vec::new();
    let mut found = 0;
    for words in FINDS {
        for _ in 0..5 {
            let started = Instant::now();
            found += open(None, Some(words.to_owned())).await?.total;
            finds.push(started.elapsed().as_secs_f64() * 1e3);
        }
    }
    table.row(
        &format!("full-text search over {} contacts", snapshot.all),
        "p95 ≤ 30 ms",
        format!("{:.1} ms p95, {:.1} ms median", percentile(&mut finds, 0.95), percentile(&mut finds, 0.5)),
        format!(
            "{} questions as people type them, five times each; {found} rows found; slowest {:.0} ms",
            FINDS.len(),
            percentile(&mut finds, 1.0)
        ),
    );
    core.shutdown().await;
    Ok(())
}
