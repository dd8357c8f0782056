//! Is everything as it should be? A line for each check, then what to do about those that are not well.

use std::path::Path;

use operations::{
    Core,
    wire::{BundleRequest, Doctor, DoctorOutcome, DoctorRow, RunDoctor, SaveBundle},
};
use serde_json::json;

use crate::{
    arguments,
    failure::{Ended, Exit, Failure, exit_of},
    said::Said,
    table::{Align, Table},
};

pub(crate) async fn examine(core: &Core, said: Said, asked: arguments::Doctor) -> Result<Exit, Ended> {
    let mut found = operations::examine(core, RunDoctor { only: asked.only }).await?;
    found.rows.retain(|row| row.outcome != DoctorOutcome::Next);
    said.words(&words(&found))?;
    let bundle = match asked.bundle {
        Some(path) => Some(save(core, &path).await?),
        None => None,
    };
    if let Some((id, path)) = &bundle {
        said.words(&format!(
            "\nSupport bundle {id}: {path}. Read it before you give it away; nothing was sent."
        ))?;
    }
    let bundle = bundle.map(|(id, path)| json!({ "id": id, "path": path }));
    let exit = exit(&found.rows);
    let worst = worst(&found.rows).and_then(|row| row.error.clone()).map(Failure::from);
    let state = if worst.is_some() { json!("failed") } else { json!("done") };
    said.object(
        &state,
        worst.as_ref(),
        json!({ "verdict": found.verdict, "rows": found.rows, "bundle": bundle }),
    )?;
    Ok(exit)
}

/// Its id, and where it is.
async fn save(core: &Core, path: &Path) -> Result<(String, String), Ended> {
    let bundle = operations::bundle(core, BundleRequest {}).await?;
    // An empty name would mean the downloads folder.
    let path = std::path::absolute(path)?.display().to_string();
    let saved = operations::save_bundle(core, SaveBundle { id: bundle.id.clone(), path }).await?;
    Ok((bundle.id, saved.path))
}

fn broken(rows: &[DoctorRow]) -> impl Iterator<Item = &DoctorRow> {
    rows.iter().filter(|row| row.outcome == DoctorOutcome::Broken)
}

fn needs_user(row: &DoctorRow) -> bool {
    row.error.as_ref().is_some_and(|error| exit_of(error.code) == Exit::NeedsUser)
}

/// What only a new key or permission mends comes last: another trouble may be why it looks broken.
fn worst(rows: &[DoctorRow]) -> Option<&DoctorRow> {
    broken(rows).find(|row| !needs_user(row)).or_else(|| broken(rows).next())
}

fn exit(rows: &[DoctorRow]) -> Exit {
    match worst(rows) {
        None => Exit::Done,
        Some(row) if needs_user(row) => Exit::NeedsUser,
        Some(_) => Exit::Failed,
    }
}

fn words(found: &Doctor) -> String {
    let mut table = Table::new([
        ("", Align::Left),
        ("check", Align::Left),
        ("connection", Align::Left),
        ("result", Align::Left),
        ("ms", Align::Right),
    ]);
    for row in &found.rows {
        let connection = row.connection.clone().unwrap_or_default();
        let ms = row.ms.map(|ms| ms.to_string()).unwrap_or_default();
        table.row([mark(row.outcome).to_owned(), row.label.clone(), connection, row.sentence.clone(), ms]);
    }
    let mut lines = vec![table.render()];
    for row in &found.rows {
        let Some(error) = &row.error else { continue };
        let about = row.connection.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        let said = format!("{} {}{about}: {} {}", mark(row.outcome), row.label, error.title, error.text);
        lines.push(said.trim_end().to_owned());
        lines.extend((1..).zip(&error.fix).map(|(number, step)| format!("    {number}. {step}")));
        if !error.technical.is_empty() {
            lines.push(format!("    Details: {}", error.technical));
        }
        lines.push(String::new());
    }
    lines.push(found.verdict.clone());
    lines.join("\n")
}

fn mark(outcome: DoctorOutcome) -> &'static str {
    match outcome {
        DoctorOutcome::Fine => "✓",
        DoctorOutcome::Look => "!",
        DoctorOutcome::Broken => "✗",
        DoctorOutcome::NotApplicable | DoctorOutcome::Next | DoctorOutcome::Running => "–",
    }
}
