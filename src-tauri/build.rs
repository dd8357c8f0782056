//! Gives every command a permission of its own, and holds the page's files for the shell.

use std::fs;

/// What the desktop adds to the operations.
const DESKTOP: &[&str] = &["open_external", "open_authorize", "first_paint", "system_theme", "page_logged"];

fn main() {
    // The shell must compile before the page was ever built, and again once it was.
    fs::create_dir_all("../ui/dist").expect("ui/dist can be made");
    println!("cargo:rerun-if-changed=../ui/dist");

    // Read as text: a build dependency on `operations` would compile the whole core a second time for the host.
    let list = "crates/operations/src/wire/mod.rs";
    println!("cargo:rerun-if-changed={list}");
    let text = fs::read_to_string(list).expect("the list of operations is there");
    let commands: Vec<&'static str> = operations(&text).chain(DESKTOP.iter().copied()).map(leak).collect();
    assert!(commands.len() > DESKTOP.len(), "{list} has no line like `name(Request) -> Answer,`");

    let app = tauri_build::AppManifest::new().commands(Vec::leak(commands));
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(app))
        .expect("the app's manifest is sound");
}

/// The names in the lines `name(Request) -> Answer,`.
fn operations(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let (name, rest) = line.trim().split_once('(')?;
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        (plain && rest.contains(") -> ") && rest.ends_with(',')).then_some(name)
    })
}

fn leak(name: &str) -> &'static str {
    Box::leak(name.to_owned().into_boxed_str())
}
