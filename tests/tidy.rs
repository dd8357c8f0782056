//! The architecture as tests: who may call whom, who may name what, and what every file owes its reader.
//!
//! A refusal here is not a bug in the change but a decision that the change makes without saying so. Decide, and then
//! change the table.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Who may depend on whom. A new arrow is a decision, so it is made here (docs/ARCHITECTURE.md draws the picture).
const ARROWS: &[(&str, &[&str])] = &[
    ("crm", &[]),
    ("vault", &[]),
    ("hubspot", &["crm"]),
    ("auth", &["crm", "hubspot", "vault", "store"]),
    ("store", &["crm"]),
    ("sync", &["crm", "hubspot", "store"]),
    ("operations", &["crm", "vault", "hubspot", "auth", "store", "sync"]),
    ("cli", &["operations", "simulator", "crm"]),
    ("simulator", &[]),
    ("portside-desktop", &["operations", "simulator"]),
];

/// The suites look at everything from outside, so they may depend on anything.
const SUITES: &str = "tests";

/// Foreign crates that one room keeps to itself, by the beginning of their names.
const KEPT_BY: &[(&str, &str)] = &[
    ("reqwest", "hubspot"),
    ("rusqlite", "store"),
    ("keyring", "vault"),
    ("zbus-secret-service", "vault"),
    ("apple-native-keyring", "vault"),
    ("windows-native-keyring", "vault"),
    ("oauth2", "auth"),
    ("tauri", "portside-desktop"),
];

const LINES_MAX: usize = 600;
/// Files that may be longer, each with its reason.
const LONGER: &[(&str, &str)] = &[];

/// What the desktop adds to the operations, and the events; everything else the window may do is an operation.
const BESIDE_OPERATIONS: &[&str] = &[
    "core:event:allow-listen",
    "core:event:allow-unlisten",
    "allow-first-paint",
    "allow-open-authorize",
    "allow-open-external",
    "allow-page-logged",
    "allow-system-theme",
];

#[test]
fn crates_depend_only_along_the_arrows() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    for package in packages.iter().filter(|package| package.name != SUITES) {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == package.name) else {
            panic!("{} has no row in the table of arrows", package.name);
        };
        for dependency in
            package.dependencies.iter().filter(|dependency| ours.contains(dependency.name.as_str()))
        {
            // Tests may talk to the simulator over HTTP, whoever they test.
            let over_http = dependency.for_tests && dependency.name == "simulator";
            assert!(
                allowed.contains(&dependency.name.as_str()) || over_http,
                "{} may not use {}: that arrow is not in the table",
                package.name,
                dependency.name
            );
        }
    }
    let gone: Vec<_> = ARROWS.iter().filter(|(name, _)| !ours.contains(name)).collect();
    assert!(gone.is_empty(), "rows without a crate: {gone:?}");
}

#[test]
fn foreign_crates_stay_in_the_room_that_keeps_them() {
    for package in packages().iter().filter(|package| package.name != SUITES) {
        for dependency in &package.dependencies {
            for (prefix, keeper) in KEPT_BY {
                assert!(
                    !dependency.name.starts_with(prefix) || package.name == *keeper,
                    "only {keeper} may name {prefix}; {} names {}",
                    package.name,
                    dependency.name
                );
            }
        }
    }
}

#[test]
fn a_folder_is_named_as_its_crate_and_says_the_same_everywhere() {
    let workspace = read(&root().join("Cargo.toml"));
    for package in packages() {
        let folder = package.folder.strip_prefix(root()).expect("members are inside the workspace");
        let folder = folder.to_str().expect("our folders are ASCII");
        if folder.starts_with("src-tauri/crates/") {
            assert_eq!(folder.rsplit('/').next(), Some(package.name.as_str()), "folder and crate differ");
        }
        let description = &package.description;
        let root_file = package.root_file.as_ref().expect("every crate has a library or a binary");
        let first = read(root_file).lines().next().unwrap_or_default().to_owned();
        assert_eq!(first, format!("//! {description}."), "{}", shown(root_file));
        let member = workspace.lines().find(|line| line.trim_start().starts_with(&format!("\"{folder}\"")));
        let purpose = member.and_then(|line| line.split_once("# ")).map(|(_, purpose)| purpose);
        assert_eq!(purpose, Some(description.as_str()), "Cargo.toml says something else about {folder}");
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for path in files(&["rs"]) {
        let text = read(&path);
        let first = text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("//! ") && first.len() > 20,
            "{} does not begin with `//! …`",
            shown(&path)
        );
    }
}

#[test]
fn every_library_forbids_unsafe_code() {
    for path in files(&["rs"]).iter().filter(|path| path.ends_with("src/lib.rs")) {
        assert!(read(path).contains("#![forbid(unsafe_code)]"), "{}", shown(path));
    }
}

#[test]
fn only_the_backend_folder_imports_tauri() {
    let tauri = ["@tauri", "-apps/"].concat();
    for path in files(&["ts", "js", "svelte"]).iter().filter(|path| path.starts_with(root().join("ui/src"))) {
        let inside = path.starts_with(root().join("ui/src/backend"));
        assert!(inside || !read(path).contains(&tauri), "{} reaches past the backend", shown(path));
    }
}

#[test]
fn no_file_outgrows_its_reader() {
    for path in files(&["rs", "ts", "js", "mjs", "svelte", "css", "html", "sql", "toml", "md", ""]) {
        if path.ends_with("Cargo.lock")
            || path.ends_with("LICENSE")
            || path.to_string_lossy().contains("/generated/")
        {
            continue;
        }
        let lines = read(&path).lines().count();
        let listed = LONGER.iter().any(|(name, _)| root().join(name) == path);
        assert!(lines <= LINES_MAX || listed, "{} has {lines} lines; is it two subjects?", shown(&path));
    }
    let map = read(&root().join("docs/ARCHITECTURE.md")).lines().count();
    assert!(map < 200, "docs/ARCHITECTURE.md has {map} lines; it is the map, not the country");
}

#[test]
fn the_window_may_ask_what_its_page_asks_and_nothing_more() {
    let page = root().join("ui/src");
    let sources = files(&["ts", "svelte"]).into_iter().filter(|path| path.starts_with(&page));
    let asking: String =
        sources.filter(|path| !shown(path).contains("/generated/")).map(|path| read(&path)).collect();
    let asked = operations::wire::NAMES.iter().filter(|name| asking.contains(&format!("call(\"{name}\"")));
    let mut expected: BTreeSet<String> =
        asked.map(|name| format!("allow-{}", name.replace('_', "-"))).collect();
    expected.extend(BESIDE_OPERATIONS.iter().map(|&name| name.to_owned()));

    let capability: Value = json(&root().join("src-tauri/capabilities/main.json"));
    let granted: Vec<String> = texts(&capability["permissions"]);
    assert_eq!(granted.iter().cloned().collect::<BTreeSet<_>>(), expected);
    assert_eq!(granted.len(), expected.len(), "a permission is granted twice");
    assert_eq!(texts(&capability["windows"]), ["main"]);
}

#[test]
fn the_suites_and_the_page_name_its_parts_alike() {
    let page = read(&root().join("ui/src/design/testids.ts"));
    let suites = read(&root().join("tests/harness/ids.rs"));
    let names: Vec<&str> =
        suites.lines().filter_map(|line| line.strip_prefix("pub const ")?.split('"').nth(1)).collect();
    assert!(!names.is_empty());
    for name in names {
        // A name that goes on (`check-row-`) is a template over there.
        let known = if name.ends_with('-') {
            page.contains(&format!("`{name}$"))
        } else {
            page.contains(&format!("\"{name}\""))
        };
        assert!(known, "ui/src/design/testids.ts has no {name}");
    }
}

#[test]
fn lock_files_are_there_and_name_no_registry_of_ours() {
    let cargo = read(&root().join("Cargo.lock"));
    for source in cargo.lines().filter_map(|line| line.strip_prefix("source = ")) {
        assert_eq!(source, "\"registry+https://github.com/rust-lang/crates.io-index\"");
    }
    for lock in ["ui/package-lock.json", "tests/sdk/node/package-lock.json"] {
        let npm = json(&root().join(lock));
        let packages = npm["packages"].as_object().expect("a lock file of npm 7 or later");
        let hosts: Vec<_> =
            packages.iter().filter(|(_, package)| package.get("resolved").is_some()).collect();
        assert!(hosts.is_empty(), "{lock} names a host: {}", hosts[0].0);
        assert!(packages.len() > 1, "{lock} is empty");
    }
    for config in [".cargo/config.toml", ".cargo/config", ".npmrc", "ui/.npmrc"] {
        let text = fs::read_to_string(root().join(config)).unwrap_or_default();
        assert!(!text.contains("://"), "{config} names a host");
    }
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    let homes = ["work", "root", "home", "Users", "tmp"].map(|name| format!("/{name}/"));
    for path in files(&["*"]) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            for home in &homes {
                for (at, _) in line.match_indices(home.as_str()) {
                    let joined = |c: char| c.is_ascii_alphanumeric() || "_.-}~)*/".contains(c);
                    let inside = line[..at].chars().next_back().is_some_and(joined);
                    let goes_on =
                        line[at + home.len()..].starts_with(|c: char| c == '.' || c.is_ascii_alphabetic());
                    assert!(inside || !goes_on, "{}:{} names {line}", shown(&path), number + 1);
                }
            }
        }
    }
}

#[test]
fn no_test_is_switched_off() {
    let marks = [
        "#[ign|ore",
        "it.sk|ip(",
        "it.on|ly(",
        "test.sk|ip(",
        "test.on|ly(",
        "describe.sk|ip(",
        "describe.on|ly(",
    ]
    .map(|mark| mark.replace('|', ""));
    for path in files(&["rs", "ts"]) {
        let text = read(&path);
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{} has {mark}", shown(&path));
        }
    }
}

struct Package {
    name: String,
    description: String,
    folder: PathBuf,
    root_file: Option<PathBuf>,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    name: String,
    for_tests: bool,
}

/// The workspace's packages, as Cargo sees them.
fn packages() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo answers in JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    packages.iter().map(package).collect()
}

fn package(value: &Value) -> Package {
    let targets: BTreeMap<String, PathBuf> = value["targets"]
        .as_array()
        .expect("targets")
        .iter()
        .flat_map(|target| {
            texts(&target["kind"]).into_iter().map(|kind| (kind, text(&target["src_path"]).into()))
        })
        .collect();
    let dependencies = value["dependencies"].as_array().expect("dependencies").iter();
    Package {
        name: text(&value["name"]),
        description: text(&value["description"]),
        folder: Path::new(&text(&value["manifest_path"]))
            .parent()
            .expect("a manifest has a folder")
            .to_owned(),
        root_file: targets.get("lib").or_else(|| targets.get("bin")).cloned(),
        dependencies: dependencies
            .map(|value| Dependency { name: text(&value["name"]), for_tests: value["kind"] == "dev" })
            .collect(),
    }
}

/// Our own files with one of these endings (`*`: every file; empty: files without one), generated ones left out.
fn files(endings: &[&str]) -> Vec<PathBuf> {
    fn walk(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder of the repository can be read") {
            let path = entry.expect("an entry of it, too").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() {
                let skipped = name.starts_with("target") || NOT_OURS.contains(&name);
                if !skipped {
                    walk(&path, endings, found);
                }
            } else {
                let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
                if endings.contains(&"*") || endings.contains(&ending) {
                    found.push(path);
                }
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), endings, &mut found);
    found
}

/// Folders of tools and of builds.
const NOT_OURS: &[&str] =
    &[".git", "node_modules", "dist", "dist-preview", "gen", "autogenerated", "tmp", "coverage"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the suites are inside the workspace").to_owned()
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", shown(path)))
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", shown(path)))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().map(|values| values.iter().map(text).collect()).unwrap_or_default()
}
