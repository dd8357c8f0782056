//! What was proved of each object type, when, and by which run.

use crm::{ObjectType, Timestamp};
use rusqlite::{Row, params};

use crate::{Error, Reader, Writer, value};

/// What a proof compared. One says nothing about another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Finding {
    /// Totals of HubSpot's search against the rows here, range by range.
    Counts,
    /// Every id, read again by the way that did not make the copy.
    Ids,
    /// The values of a random sample.
    Values,
}

impl Finding {
    pub const ALL: [(&'static str, Finding); 3] =
        [("counts", Finding::Counts), ("ids", Finding::Ids), ("values", Finding::Values)];

    pub fn as_str(self) -> &'static str {
        value::name_of(self, &Self::ALL)
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProofOutcome {
    Equal,
    /// Something differed; it was settled record by record and is right now.
    Repaired,
    /// Something differs that could not be settled.
    Different,
    /// It could not be compared.
    Unproven,
}

impl ProofOutcome {
    pub const ALL: [(&'static str, ProofOutcome); 4] = [
        ("equal", ProofOutcome::Equal),
        ("repaired", ProofOutcome::Repaired),
        ("different", ProofOutcome::Different),
        ("unproven", ProofOutcome::Unproven),
    ];

    pub fn as_str(self) -> &'static str {
        value::name_of(self, &Self::ALL)
    }
}

/// One finding about one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofRow {
    pub run: i64,
    pub object: ObjectType,
    pub finding: Finding,
    pub outcome: ProofOutcome,
    /// Records that were compared.
    pub compared: u64,
    /// In HubSpot, not here.
    pub missing: u64,
    /// Here, not in HubSpot.
    pub extra: u64,
    /// Here and there, and not the same.
    pub wrong: u64,
    /// Of these three, the ones that are right now.
    pub repaired: u64,
    pub calls: u64,
    /// How it was compared, as JSON.
    pub detail: String,
    pub at: Timestamp,
}

/// Findings that are kept; the latest of each type and kind are what counts.
const KEPT: i64 = 5_000;

impl Writer {
    pub fn put_proof(&mut self, proof: &ProofRow) -> Result<(), Error> {
        let tx = self.begin()?;
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        tx.execute(
            "INSERT INTO proofs (run, object_type, finding, outcome, compared, missing, extra, wrong, repaired,
                 calls, detail, proved_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                proof.run,
                proof.object.as_str(),
                proof.finding.as_str(),
                proof.outcome.as_str(),
                number(proof.compared),
                number(proof.missing),
                number(proof.extra),
                number(proof.wrong),
                number(proof.repaired),
                number(proof.calls),
                proof.detail,
                proof.at.to_string(),
            ],
        )?;
        tx.execute("DELETE FROM proofs WHERE id <= ?", [tx.last_insert_rowid() - KEPT])?;
        Ok(tx.commit()?)
    }
}

impl Reader {
    /// The latest finding of each kind about each type, in the order of the types' names.
    pub fn proofs(&self) -> Result<Vec<ProofRow>, Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT * FROM proofs WHERE id IN (SELECT max(id) FROM proofs GROUP BY object_type, finding)
             ORDER BY object_type, finding",
        )?;
        let rows = statement.query_map([], proof)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// Findings made at that time or later, in the order in which they were made.
    pub fn proofs_since(&self, since: Timestamp) -> Result<Vec<ProofRow>, Error> {
        let mut statement =
            self.conn.prepare_cached("SELECT * FROM proofs WHERE proved_at >= ? ORDER BY id")?;
        let rows = statement.query_map([since.to_string()], proof)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

fn proof(row: &Row<'_>) -> rusqlite::Result<ProofRow> {
    let count = |column| row.get::<_, i64>(column).map(|count| u64::try_from(count).unwrap_or(0));
    Ok(ProofRow {
        run: row.get("run")?,
        object: ObjectType::new(value::string(row, "object_type")?),
        finding: value::named(row, "finding", &Finding::ALL)?,
        outcome: value::named(row, "outcome", &ProofOutcome::ALL)?,
        compared: count("compared")?,
        missing: count("missing")?,
        extra: count("extra")?,
        wrong: count("wrong")?,
        repaired: count("repaired")?,
        calls: count("calls")?,
        detail: value::string(row, "detail")?,
        at: value::parsed(row, "proved_at")?,
    })
}
