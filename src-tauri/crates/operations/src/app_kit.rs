//! The app kit: the user's own HubSpot developer project, written so that its return addresses and scopes are the ones
//! Portside asks with, and read back. Deliberately absent: uploading it, which HubSpot's own command line does, and any
//! secret, which HubSpot makes only after the upload.
//!
//! Layout and fields as HubSpot documents them for platform version 2026.03:
//! <https://developers.hubspot.com/docs/apps/developer-platform/build-apps/app-configuration>.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    core::Core,
    errors,
    oauth::{redirect_address, redirect_addresses, tidy},
    wire::{AppKit, AppKitFound, Code, ReadAppKit, ScopeSets, WireError, WriteAppKit},
};

const PROJECT_FILE: &str = "hsproject.json";
const APP_FILE: &str = "src/app/app-hsmeta.json";
const README_FILE: &str = "README.md";
const PLATFORM_VERSION: &str = "2026.03";
/// An app file has a few kilobytes.
const APP_FILE_MAX: u64 = 1024 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Project {
    name: String,
    src_dir: String,
    #[serde(default)]
    platform_version: String,
}

#[derive(Serialize, Deserialize)]
struct App {
    #[serde(default)]
    uid: String,
    #[serde(default, rename = "type")]
    kind: String,
    config: AppConfig,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AppConfig {
    #[serde(default)]
    description: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    distribution: String,
    auth: Auth,
    #[serde(default, skip_deserializing)]
    permitted_urls: PermittedUrls,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Auth {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    redirect_urls: Vec<String>,
    #[serde(default)]
    required_scopes: Vec<String>,
    #[serde(default)]
    optional_scopes: Vec<String>,
    #[serde(default)]
    conditionally_required_scopes: Vec<String>,
}

#[derive(Serialize, Default)]
struct PermittedUrls {
    fetch: Vec<String>,
    iframe: Vec<String>,
    img: Vec<String>,
}

pub async fn write_app_kit(core: &Core, request: WriteAppKit) -> Result<AppKit, WireError> {
    core.blocking(move |_| write(&request)).await
}

pub async fn read_app_kit(core: &Core, request: ReadAppKit) -> Result<AppKitFound, WireError> {
    core.blocking(move |_| read(Path::new(request.folder.trim()))).await
}

fn write(request: &WriteAppKit) -> Result<AppKit, WireError> {
    let folder = PathBuf::from(request.folder.trim());
    let name = request.app_name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(errors::say(Code::BadRequest, "An app's name has 1 to 100 characters."));
    }
    if !folder.is_absolute() {
        return Err(errors::say(Code::AppKitFolder, "Name the folder by its full path."));
    }
    let redirects = match request.port {
        Some(port) => vec![redirect_address(port)],
        None => redirect_addresses(),
    };
    let files = [
        (PROJECT_FILE, json(&project(&name))),
        (APP_FILE, json(&app(&name, &tidy(&request.scopes), redirects.clone()))),
        (README_FILE, readme(&name, &redirects)),
    ];
    for (file, text) in &files {
        if !may_write(&folder.join(file), text).map_err(|error| unwritable(&error))? {
            let what = format!("There is another {file} already, and it is not overwritten.");
            return Err(errors::say(Code::AppKitFolder, &what));
        }
    }
    for (file, text) in &files {
        let path = folder.join(file);
        let parent = path.parent().expect("a file in a folder");
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| unwritable(&error))?;
    }
    Ok(AppKit {
        folder: folder.display().to_string(),
        files: files.iter().map(|(file, _)| (*file).to_owned()).collect(),
        commands: commands(&folder),
    })
}

fn project(name: &str) -> Project {
    Project { name: slug(name, '-'), src_dir: "src".into(), platform_version: PLATFORM_VERSION.into() }
}

fn app(name: &str, scopes: &ScopeSets, redirect_urls: Vec<String>) -> App {
    App {
        uid: slug(name, '_'),
        kind: "app".into(),
        config: AppConfig {
            description: "Copies this portal's CRM to your own computer. Reads only.".into(),
            name: name.to_owned(),
            distribution: "private".into(),
            auth: Auth {
                kind: "oauth".into(),
                redirect_urls,
                required_scopes: scopes.required.clone(),
                optional_scopes: scopes.optional.clone(),
                conditionally_required_scopes: scopes.conditional.clone(),
            },
            permitted_urls: PermittedUrls {
                fetch: vec!["https://api.hubapi.com".into()],
                ..PermittedUrls::default()
            },
        },
    }
}

/// Letters, digits and one kind of separator, as HubSpot wants names of projects and components.
fn slug(name: &str, separator: char) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.ends_with(separator) && !slug.is_empty() {
            slug.push(separator);
        }
    }
    let slug: String = slug.trim_matches(separator).chars().take(50).collect();
    if slug.is_empty() { format!("my{separator}app") } else { slug }
}

fn commands(folder: &Path) -> Vec<String> {
    let folder = folder.display().to_string().replace('\'', r"'\''");
    vec![
        "npm install -g @hubspot/cli@latest".into(),
        "hs account auth".into(),
        format!("cd '{folder}'"),
        "hs project upload".into(),
        "hs project open".into(),
    ]
}

fn readme(name: &str, redirects: &[String]) -> String {
    let addresses = redirects.join("\n- ");
    format!(
        "# {name}

A HubSpot developer project that lets Portside on your own computer sign in to your portal. It holds no secret.

1. Install HubSpot's command line and sign in: `npm install -g @hubspot/cli@latest`, then `hs account auth`.
2. In this folder run `hs project upload`. The project is built and deployed by HubSpot.
3. Run `hs project open`. Choose the app, then **Auth**: copy the client ID and the client secret into Portside.
4. On the app's **Distribution** tab add the portals that may install it (a private app serves up to ten).

Return addresses that Portside listens on, all of them registered by `{APP_FILE}`:

- {addresses}

To change permissions, change them in Portside, write this project again into an empty folder, and upload it: both sides
then agree. HubSpot refuses to sign in when they differ.
"
    )
}

/// Whether the file can be written: it is not there yet, or already says the same.
fn may_write(path: &Path, text: &str) -> io::Result<bool> {
    match fs::read_to_string(path) {
        Ok(there) => Ok(there == text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("texts and lists are always JSON") + "\n"
}

fn read(path: &Path) -> Result<AppKitFound, WireError> {
    let file = app_file(path).map_err(|error| unreadable(&error.to_string()))?;
    let size = fs::metadata(&file).map_err(|error| unreadable(&error.to_string()))?.len();
    if size > APP_FILE_MAX {
        return Err(unreadable("The file is far too large for an app file."));
    }
    let text = fs::read_to_string(&file).map_err(|error| unreadable(&error.to_string()))?;
    let app: App = serde_json::from_str(&text)
        .map_err(|error| unreadable(&format!("{} is no app file: {error}.", file.display())))?;
    let auth = app.config.auth;
    if auth.kind != "oauth" {
        return Err(unreadable("This app has no OAuth: in its auth section, type must be oauth."));
    }
    let registered = |address: &String| auth.redirect_urls.contains(address);
    Ok(AppKitFound {
        app_name: app.config.name,
        missing_redirects: redirect_addresses().into_iter().filter(|address| !registered(address)).collect(),
        redirects: auth.redirect_urls,
        scopes: ScopeSets {
            required: auth.required_scopes,
            conditional: auth.conditionally_required_scopes,
            optional: auth.optional_scopes,
        },
    })
}

/// The app file itself, or the one in `<srcDir>/app` of a project, whatever stands before its `-hsmeta.json`.
fn app_file(path: &Path) -> io::Result<PathBuf> {
    if path.is_file() {
        return Ok(path.to_owned());
    }
    let project: Project = serde_json::from_str(&fs::read_to_string(path.join(PROJECT_FILE))?)?;
    let folder = path.join(project.src_dir).join("app");
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let file = entry?.path();
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.ends_with("-hsmeta.json") {
            found.push(file);
        }
    }
    found.sort();
    found.into_iter().next().ok_or_else(|| {
        io::Error::new(io::ErrorKind::NotFound, format!("there is no app file in {}", folder.display()))
    })
}

fn unwritable(error: &io::Error) -> WireError {
    errors::say(Code::AppKitFolder, &error.to_string())
}

fn unreadable(why: &str) -> WireError {
    errors::say(Code::AppKitUnreadable, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(folder: &Path) -> WriteAppKit {
        WriteAppKit {
            folder: folder.display().to_string(),
            app_name: "  Élan & Söhne  Portside ".into(),
            scopes: ScopeSets {
                required: vec!["crm.objects.contacts.read".into(), "oauth".into()],
                conditional: vec![],
                optional: vec!["tickets".into()],
            },
            port: None,
        }
    }

    #[test]
    fn what_is_written_reads_back_with_every_address_and_scope() {
        let folder = tempfile::tempdir().unwrap();
        let kit = write(&request(folder.path())).unwrap();
        assert_eq!(kit.files, [PROJECT_FILE, APP_FILE, README_FILE]);
        let found = read(folder.path()).unwrap();
        assert_eq!(found.app_name, "Élan & Söhne Portside");
        assert_eq!(found.redirects, redirect_addresses());
        assert!(found.missing_redirects.is_empty());
        assert_eq!(found.scopes.required, ["oauth", "crm.objects.contacts.read"]);
        assert_eq!(found.scopes.optional, ["tickets"]);
        assert_eq!(read(&folder.path().join(APP_FILE)).unwrap().scopes, found.scopes);
        let project: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(folder.path().join(PROJECT_FILE)).unwrap()).unwrap();
        assert_eq!(project["name"], "lan-s-hne-portside");
        assert_eq!(project["platformVersion"], PLATFORM_VERSION);
    }

    #[test]
    fn writing_again_changes_nothing_and_another_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        write(&request(folder.path())).unwrap();
        write(&request(folder.path())).unwrap();
        fs::write(folder.path().join(README_FILE), "mine").unwrap();
        let error = write(&request(folder.path())).unwrap_err();
        assert_eq!(error.code, Code::AppKitFolder);
        assert_eq!(fs::read_to_string(folder.path().join(README_FILE)).unwrap(), "mine");
    }

    #[test]
    fn what_is_no_project_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let code = |path: &Path| read(path).unwrap_err().code;
        assert_eq!(code(folder.path()), Code::AppKitUnreadable);
        let file = folder.path().join("a.json");
        for text in ["", "{}", r#"{"config":{"auth":{"type":"static"}}}"#] {
            fs::write(&file, text).unwrap();
            assert_eq!(code(&file), Code::AppKitUnreadable, "{text}");
        }
    }
}
