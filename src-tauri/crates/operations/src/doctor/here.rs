//! Checks of this computer: app, data folder, disk, keychain, databases. Every one may block.

use std::{
    fs::{self, OpenOptions},
    io::Write,
};

use crm::ConnectionId;
use store::{Error, Health};
use vault::Secret;

use super::{Finding, plan::Depth};
use crate::{
    core::{Core, fresh_name},
    errors, pace,
    wire::{Code, WireError},
};

/// With less than this, nothing works soon.
const SPACE_LEAST: u64 = 200_000_000;
/// With less than this, a first import may not fit.
const SPACE_EASY: u64 = 2_000_000_000;

pub(super) fn app() -> Finding {
    let system = match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "macOS",
        "windows" => "Windows",
        other => other,
    };
    Finding::Fine(format!("Portside {} on {system} ({}).", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH))
}

pub(super) fn web_view(core: &Core) -> Finding {
    match core.0.web_view.get() {
        Some(version) => Finding::Fine(format!("{version}.")),
        None => Finding::NotApplicable("There is no window here.".to_owned()),
    }
}

pub(super) fn folder(core: &Core) -> Result<Finding, WireError> {
    for folder in [core.0.home.root().to_owned(), core.0.home.logs(), core.0.home.root().join("mirrors")] {
        let path = folder.join(fresh_name(".check-"));
        let tried = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .and_then(|mut file| file.write_all(b"written to see whether it can be, deleted at once"));
        // Whatever came of it, nothing may stay behind.
        let removed = fs::remove_file(&path);
        tried.and(removed).map_err(|source| errors::store(&Error::Io { path: folder, source }))?;
    }
    Ok(Finding::Fine("Can be written to; closed to other people.".to_owned()))
}

pub(super) fn disk(core: &Core) -> Result<Finding, WireError> {
    let root = core.0.home.root();
    let io = |source| errors::store(&Error::Io { path: root.to_owned(), source });
    let free = fs4::available_space(root).map_err(io)?;
    let copies = fs::read_dir(root.join("mirrors")).map_err(io)?;
    // A copy may have to be made anew beside the old one.
    let largest = copies.flatten().filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).max();
    space(free, largest.unwrap_or(0))
}

fn space(free: u64, largest: u64) -> Result<Finding, WireError> {
    let low =
        || errors::say(Code::DiskLow, &format!("{} is free on the drive with the data folder.", size(free)));
    if free < SPACE_LEAST {
        Err(low())
    } else if free < SPACE_EASY.max(largest) {
        Ok(Finding::Look(format!("Only {} free.", size(free)), Some(low())))
    } else {
        Ok(Finding::Fine(format!("{} free.", size(free))))
    }
}

pub(super) fn keychain(core: &Core) -> Result<Finding, WireError> {
    probe_vault(core)?;
    let place = if core.0.vault.is_file() { "The encrypted file" } else { "The system keychain" };
    Ok(Finding::Fine(format!("{place} stores, reads back and deletes.")))
}

/// Stores something, reads it back and deletes it.
pub(crate) fn probe_vault(core: &Core) -> Result<(), WireError> {
    let (entry, probe) = (fresh_name("check/"), Secret::new("a test entry, deleted at once".to_owned()));
    let vault = &core.0.vault;
    let kept = vault.store(&entry, &probe).and_then(|()| vault.read(&entry));
    // Whatever came of it, nothing may stay behind.
    let deleted = vault.delete(&entry);
    let kept = kept.map_err(|error| errors::vault(&error))?;
    deleted.map_err(|error| errors::vault(&error))?;
    if kept.expose() == probe.expose() { Ok(()) } else { Err(errors::say(Code::KeychainMissing, "")) }
}

/// The formats of all databases, in one sentence.
pub(super) fn formats(core: &Core) -> Result<Finding, WireError> {
    let app = Health::of_app(&core.0.home).map_err(|error| errors::store(&error))?.version();
    let (mut copies, mut older) = (Vec::new(), Vec::new());
    for connection in core.0.app.connections().map_err(|error| errors::store(&error))? {
        match Health::of_mirror(&core.0.home, &connection.id) {
            Ok(copy) => copies.push(copy.version()),
            Err(Error::NoMirror(_)) => {}
            Err(Error::OlderDatabase { .. }) => older.push(connection.name),
            Err(error) => return Err(errors::store(&error)),
        }
    }
    if !older.is_empty() {
        let sentence =
            format!("The copy of {} is of an older format; the next sync renews it.", older.join(", "));
        return Ok(Finding::Look(sentence, None));
    }
    let copies = copies.first().map_or_else(String::new, |version| format!(", copies in format {version}"));
    Ok(Finding::Fine(format!("The app's database is in format {app}{copies}.")))
}

/// The app's own database.
pub(super) fn database(core: &Core, depth: Depth) -> Result<Finding, WireError> {
    let damaged = |mut error: WireError| {
        if error.code == Code::DatabaseDamaged {
            "The list of connections and the settings could not be read whole.".clone_into(&mut error.text);
            error.fix = vec![
                "Close Portside and put portside.db in the data folder aside.".to_owned(),
                "Start Portside and connect your portals again: the copies are found and kept.".to_owned(),
            ];
        }
        error
    };
    let opened = Health::of_app(&core.0.home);
    opened.map_err(|error| errors::store(&error)).and_then(|health| whole(&health, depth)).map_err(damaged)
}

/// One connection's copy.
pub(super) fn copy(core: &Core, id: &ConnectionId, depth: Depth) -> Result<Finding, WireError> {
    match Health::of_mirror(&core.0.home, id) {
        Ok(health) => whole(&health, depth),
        Err(Error::NoMirror(_)) => Ok(Finding::NotApplicable("Nothing is copied yet.".to_owned())),
        Err(Error::OlderDatabase { .. }) => {
            Ok(Finding::NotApplicable("Of an older format; the next sync renews it.".to_owned()))
        }
        Err(error) => Err(errors::store(&error)),
    }
}

fn whole(health: &Health, depth: Depth) -> Result<Finding, WireError> {
    let faults = match depth {
        Depth::Quick => health.quick(),
        Depth::Full => health.full(),
    };
    let faults = faults.map_err(|error| errors::store(&error))?;
    if !faults.is_empty() {
        let mut error = errors::say(Code::DatabaseDamaged, "");
        error.technical = faults.join("; ");
        return Err(error);
    }
    let file = health.size().map_err(|error| errors::store(&error))?;
    let what = match depth {
        Depth::Quick => "Quick check good",
        Depth::Full => "Every page and every index good",
    };
    let log = if file.log >= 1_000_000 { format!(", log {}", size(file.log)) } else { String::new() };
    Ok(Finding::Fine(format!("{what}; {}{log}.", size(file.database))))
}

/// Below this, a share says little.
const REQUESTS_TELLING: usize = 20;

/// How many of this session's requests failed.
pub(super) fn requests(core: &Core) -> Finding {
    let share = core.0.requests.share();
    if share.all == 0 {
        return Finding::NotApplicable("Nothing was asked of HubSpot in this session.".to_owned());
    }
    let sentence = format!(
        "{} of {} requests failed ({:.1} %).",
        pace::grouped(share.failed as u64),
        pace::grouped(share.all as u64),
        share.failed as f64 * 100.0 / share.all as f64
    );
    if share.all < REQUESTS_TELLING || share.failed * 20 < share.all {
        return Finding::Fine(sentence);
    }
    let mut groups = core.0.requests.log(None, true).groups.into_iter();
    let most = groups.find(|group| !group.kind.starts_with("404"));
    let most = most
        .map_or_else(String::new, |group| format!(" Most often: {} ({} times).", group.kind, group.count));
    Finding::Look(format!("{sentence}{most}"), None)
}

/// "1.9 GB", "3 MB", "less than 1 MB".
fn size(bytes: u64) -> String {
    let megabytes = bytes as f64 / 1e6;
    if megabytes >= 1_000.0 {
        format!("{:.1} GB", megabytes / 1_000.0)
    } else if megabytes >= 1.0 {
        format!("{megabytes:.0} MB")
    } else {
        "less than 1 MB".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_space_is_said_and_next_to_none_is_broken() {
        assert_eq!(space(41_200_000_000, 0).unwrap(), Finding::Fine("41.2 GB free.".into()));
        assert!(
            matches!(space(900_000_000, 0).unwrap(), Finding::Look(said, Some(_)) if said == "Only 900 MB free.")
        );
        assert!(
            matches!(space(5_000_000_000, 9_000_000_000).unwrap(), Finding::Look(..)),
            "less than one copy"
        );
        let error = space(3_000_000, 0).unwrap_err();
        assert_eq!(error.code, Code::DiskLow);
        assert!(error.text.contains("3 MB"), "{error}");
    }
}
