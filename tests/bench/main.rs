//! The targets, measured and printed as a table. Nothing here passes or fails: figures are for people.
//!
//! `bench PORTSIDE DESKTOP OUT.md` takes the two release binaries and writes the table to a file as well. The pretend
//! portal runs in this process, so that the processor time of `portside` is its own. With `PORTSIDE_BENCH=quick` a
//! tenth of the records is used, to try the bench itself; with `PORTSIDE_BENCH=limits` only imports under limits are
//! measured, and their rows are renewed among the others in the file; `quick,limits` is both.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what it prints is its result")]

mod grid;
mod import;
mod limited;
mod null;
mod process;
mod start;
mod table;

use std::path::PathBuf;

use table::Table;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Sizes of the portals that are imported.
#[derive(Clone, Copy)]
struct Scale {
    contacts: u64,
    large: u64,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(portside), Some(desktop), Some(out)) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: bench PORTSIDE DESKTOP OUT.md".into());
    };
    let asked = std::env::var("PORTSIDE_BENCH").unwrap_or_default();
    let scale = if asked.contains("quick") {
        Scale { contacts: 10_000, large: 100_000 }
    } else {
        Scale { contacts: 100_000, large: 1_000_000 }
    };
    let mut table = Table::new();
    if asked.contains("limits") {
        limited::measure(&portside, scale, &mut table).await?;
        std::fs::write(&out, table.renew(&std::fs::read_to_string(&out)?))?;
        return Ok(());
    }
    import::narrow(&portside, scale, &mut table).await?;
    import::wide(&portside, scale, &mut table).await?;
    let large = import::large(&portside, scale, &mut table).await?;
    grid::measure(large, &mut table).await?;
    limited::measure(&portside, scale, &mut table).await?;
    start::measure(&desktop, &mut table)?;
    start::sizes(&[&portside, &desktop], &mut table)?;
    let text = table.finish(scale.contacts, scale.large);
    println!("{text}");
    std::fs::write(out, text)?;
    Ok(())
}
