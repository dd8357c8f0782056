//! the suites that cross rooms, and the architecture as tests.
//!
//! This library is what the desktop suite and `./dev` need to open the real app in a desktop of its own, and to drive
//! it as a person would. It asks the app through its window only; what the core does is for other suites.
#![forbid(unsafe_code)]
#![expect(clippy::print_stderr, reason = "a failing journey says where its picture is")]

pub mod app;
pub mod browser;
pub mod desk;
mod driver;
pub mod ids;
pub mod journey;
pub mod leak;
pub mod steps;

use std::path::PathBuf;

/// The repository's top folder.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the suites are inside the workspace")
        .to_owned()
}

/// A program that was built before: `./dev` builds all of them, `PORTSIDE_BIN_DIR` names another folder.
///
/// # Panics
/// When it is not there, with the command that builds it.
pub fn program(name: &str) -> PathBuf {
    let folder = std::env::var_os("PORTSIDE_BIN_DIR").map_or_else(
        || {
            let own = std::env::current_exe().expect("this program has a path");
            let folder = own.parent().expect("and a folder");
            let folder =
                if folder.ends_with("deps") { folder.parent().expect("deps has a parent") } else { folder };
            folder.to_owned()
        },
        PathBuf::from,
    );
    let path = folder.join(name);
    assert!(
        path.is_file(),
        "{} is not built: run `./dev test`, or `cargo build --workspace --bins`",
        path.display()
    );
    path
}
