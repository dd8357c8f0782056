//! operations as a command line.
//!
//! Every command asks one operation and says its answer; the rules are the operations'. Deliberately absent: anything
//! that knows of windows, and a way for a key to come in other than standard input.
#![forbid(unsafe_code)]

mod arguments;
mod config;
mod connect;
mod connections;
mod doctor;
mod failure;
mod interrupt;
mod log;
mod open;
mod pick;
mod query;
mod said;
mod simulate;
mod status;
mod sync;
mod table;
mod verify;

use std::{ffi::OsString, process::ExitCode, time::Duration};

use operations::{Core, Place};

use crate::{
    arguments::{Arguments, Command, Read},
    failure::{Ended, Exit, Failure},
    said::Said,
};

/// A refresh that is under way when a command ends.
const SETTLE_MAX: Duration = Duration::from_secs(10);
/// A keychain that still shows its prompt must not keep a finished command.
const LEFTOVERS_MAX: Duration = Duration::from_millis(200);

fn main() -> ExitCode {
    let typed: Vec<OsString> = std::env::args_os().collect();
    let ended = match arguments::read(&typed) {
        Read::Arguments(arguments) => {
            let said = Said { json: arguments.json };
            (said, run(*arguments, said))
        }
        Read::Text(text) => {
            let said = Said { json: false };
            (said, said.words(&text).map(|()| Exit::Done).map_err(Ended::from))
        }
        Read::Wrong(failure) => {
            // What was typed could not be read as a whole, but this much of it is plain.
            let said = Said { json: typed.iter().any(|word| word == "--json") };
            (said, Err(Ended::Failure(failure)))
        }
    };
    let exit = match ended {
        (_, Ok(exit)) => exit,
        (_, Err(Ended::PipeClosed)) => Exit::Done,
        (said, Err(Ended::Failure(failure))) => {
            said.failure(&failure);
            failure.exit
        }
    };
    ExitCode::from(exit as u8)
}

fn run(arguments: Arguments, said: Said) -> Result<Exit, Ended> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(command(arguments, said));
    runtime.shutdown_timeout(LEFTOVERS_MAX);
    ended
}

async fn command(arguments: Arguments, said: Said) -> Result<Exit, Ended> {
    let place = Place::from_env(arguments.home);
    let command = match arguments.command {
        Some(Command::Simulator(asked)) => return simulate::run(asked, said).await,
        Some(Command::Open) => return open::run(&place, said),
        None if open::has_display() => return open::run(&place, said),
        None => {
            said.words(&arguments::help())?;
            said.object(&"done".into(), None, serde_json::json!({}))?;
            return Ok(Exit::Done);
        }
        Some(command) => command,
    };
    let core = open_core(place)?;
    let ended = with_core(&core, said, command).await;
    // HubSpot's token endpoint may be out of reach; a command does not wait for that for ever.
    let _ = tokio::time::timeout(SETTLE_MAX, core.settle()).await;
    ended
}

async fn with_core(core: &Core, said: Said, command: Command) -> Result<Exit, Ended> {
    match command {
        Command::Connect(asked) => connect::connect(core, said, asked).await,
        Command::Connections => connections::list(core, said).await,
        Command::Sync(asked) => sync::run(core, said, asked).await,
        Command::Verify(asked) => verify::run(core, said, asked).await,
        Command::Status(asked) => status::show(core, said, asked).await,
        Command::Query(asked) => query::ask(core, said, asked).await,
        Command::Pick(asked) => pick::pick(core, said, asked).await,
        Command::Config(asked) => config::config(core, said, asked).await,
        Command::Disconnect(asked) => connect::disconnect(core, said, asked).await,
        Command::Doctor(asked) => doctor::examine(core, said, asked).await,
        Command::Open | Command::Simulator(_) => unreachable!("answered above, without the core"),
    }
}

fn open_core(place: Place) -> Result<Core, Failure> {
    let logs = place.home().join("logs");
    let core = Core::open(place, None)?;
    log::start(&logs);
    Ok(core)
}
