//! Whole imports by the release binary, against a portal without limits; beside each a null client that reads the same
//! answers and drops them.

use std::path::Path;

use simulator::{Config, Simulator};

use crate::{
    Failure, Scale, null,
    process::{Place, Took},
    table::Table,
};

/// A mirror to ask questions of, and the folder that keeps it.
pub(crate) struct Imported {
    pub(crate) place: Place,
    /// Microseconds of wall time a record took.
    pub(crate) micros: f64,
}

struct Shape {
    name: &'static str,
    target_rate: &'static str,
    target_cpu: &'static str,
}

/// 60 of 60 properties asked, 3 kB a record.
pub(crate) async fn narrow(portside: &Path, scale: Scale, table: &mut Table) -> Result<(), Failure> {
    let shape = Shape { name: "60 of 60 properties", target_rate: "≥ 20,000/s", target_cpu: "≤ 50 µs" };
    shape.measure(portside, scale.contacts, true, table).await.map(|_| ())
}

/// 60 filled of 400 asked, 14 kB a record.
pub(crate) async fn wide(portside: &Path, scale: Scale, table: &mut Table) -> Result<(), Failure> {
    let shape = Shape { name: "60 of 400 properties", target_rate: "≥ 8,000/s", target_cpu: "≤ 90 µs" };
    shape.measure(portside, scale.contacts, false, table).await.map(|_| ())
}

/// Memory and time per record at the large size, against the same portal at a tenth.
pub(crate) async fn large(portside: &Path, scale: Scale, table: &mut Table) -> Result<Imported, Failure> {
    let (small, _, _) = run(portside, portal(scale.large / 10, true)).await?;
    let (imported, took, _) = run(portside, portal(scale.large, true)).await?;
    table.row(
        &format!("peak memory of `portside sync`, {} contacts", scale.large),
        "≤ 150 MB",
        format!("{} MB", took.peak / 1_000_000),
        "resident",
    );
    table.row(
        &format!("time per record at {} ÷ at {}", scale.large, scale.large / 10),
        "≤ 1.1",
        format!("{:.2}", imported.micros / small.micros),
        format!("{:.0} µs and {:.0} µs of wall time", imported.micros, small.micros),
    );
    Ok(imported)
}

/// Contacts with three linked types a tenth as many, and nothing else.
fn portal(contacts: u64, only_filled: bool) -> Config {
    let mut counts: std::collections::BTreeMap<String, u64> =
        ["line_items", "products", "notes", "calls", "emails", "meetings", "tasks", "bikes"]
            .into_iter()
            .map(|name| (name.to_owned(), 0))
            .collect();
    counts.extend(["companies", "deals", "tickets"].map(|name| (name.to_owned(), contacts / 10)));
    Config { contacts, counts, limits: None, only_filled, ..Config::default() }
}

async fn run(portside: &Path, config: Config) -> Result<(Imported, Took, serde_json::Value), Failure> {
    let contacts = config.contacts;
    let portal = Simulator::start(config).await?;
    let place = Place::new()?;
    let (portside, base, token) = (portside.to_owned(), portal.base_url(), portal.token().to_owned());
    let (place, took, report) = tokio::task::spawn_blocking(move || {
        place.connect(&portside, &base, &token)?;
        let (took, report) = place.sync(&portside, "all")?;
        Ok::<_, Failure>((place, took, report))
    })
    .await??;
    portal.stop().await;
    let micros = took.wall.as_secs_f64() * 1e6 / contacts as f64;
    Ok((Imported { place, micros }, took, report))
}

impl Shape {
    async fn measure(
        &self,
        portside: &Path,
        contacts: u64,
        only_filled: bool,
        table: &mut Table,
    ) -> Result<Imported, Failure> {
        let portal_for_null = Simulator::start(portal(contacts, only_filled)).await?;
        let dropped = null::list(&portal_for_null.base_url(), portal_for_null.token(), only_filled).await?;
        portal_for_null.stop().await;
        let (imported, took, report) = run(portside, portal(contacts, only_filled)).await?;
        let records = contacts as f64;
        let index = report["index_milliseconds"].as_f64().unwrap_or(0.0) / 1e3;
        let links = report["links"].as_u64().unwrap_or(0);
        let requests = report["requests"].as_u64().unwrap_or(0);
        let wall = took.wall.as_secs_f64();
        table.row(
            &format!("import of {contacts} contacts, {}, with three pairs of links", self.name),
            self.target_rate,
            format!("{:.0} contacts/s", records / (wall - index)),
            format!(
                "{:.1} s spawn to exit, {index:.1} s of it indexing ({:.0}/s with it); {links} links, {requests} requests; null client {:.0}/s, {:.1} kB a record",
                wall,
                records / wall,
                dropped.records / dropped.seconds,
                dropped.bytes / dropped.records / 1e3
            ),
        );
        let cpu = took.cpu.as_secs_f64() * 1e6 / records;
        table.row(
            &format!("processor time of `portside`, {}", self.name),
            self.target_cpu,
            format!("{:.0} µs a contact", cpu - index * 1e6 / records),
            format!("links and the other types included; {cpu:.0} µs with the indexing after it"),
        );
        table.row(
            &format!("full text and other indexes, {}", self.name),
            "≤ 50 µs a record",
            format!("{:.0} µs a record", index * 1e6 / (records * 1.3)),
            "wall time after the import",
        );
        Ok(imported)
    }
}
