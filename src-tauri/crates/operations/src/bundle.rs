//! The support bundle: what a stranger needs to help, and nothing of the data. What is previewed is what is saved, byte
//! for byte; nothing is sent anywhere. Deliberately absent: record values, names of people, connections and custom
//! properties, and every secret (`redact` takes out what slipped into a text).

mod contents;
mod redact;

use std::{
    fs::OpenOptions,
    io::{self, Cursor, Write},
    path::{Path, PathBuf},
};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    core::{Core, fresh_name, lock},
    doctor, errors,
    wire::{Bundle, BundleRequest, Code, DoctorRequest, SaveBundle, SavedBundle, WireError},
};

/// Makes a bundle to be read before it is saved. The last one is remembered.
pub async fn bundle(core: &Core, _: BundleRequest) -> Result<Bundle, WireError> {
    let found = doctor::doctor(core, DoctorRequest {}).await?;
    let demo_token = core.0.demo_portal.lock().await.as_ref().map(|portal| portal.token.clone());
    let bundle = core
        .blocking(move |core| {
            let id = fresh_name("")[..6].to_uppercase();
            let files = contents::files(core, &id, &found, demo_token.as_deref())?;
            Ok(Bundle { id, files })
        })
        .await?;
    *lock(&core.0.bundle) = Some(bundle.clone());
    Ok(bundle)
}

/// Saves the bundle that was previewed as one zip file.
pub async fn save_bundle(core: &Core, request: SaveBundle) -> Result<SavedBundle, WireError> {
    let previewed = lock(&core.0.bundle).clone().filter(|bundle| bundle.id == request.id);
    let Some(bundle) = previewed else {
        return Err(errors::say(Code::BadRequest, "This bundle is no longer kept. Make it again."));
    };
    core.blocking(move |_| {
        let path = match request.path.trim() {
            "" => downloads().join(format!("portside-support-{}.zip", bundle.id)),
            path => PathBuf::from(path),
        };
        let bytes = zipped(&bundle).map_err(|error| errors::internal(&error))?;
        write_new(&path, &bytes).map_err(|error| not_written(&path, &error))?;
        Ok(SavedBundle { path: path.display().to_string() })
    })
    .await
}

fn downloads() -> PathBuf {
    dirs::download_dir().or_else(dirs::home_dir).unwrap_or_default()
}

fn zipped(bundle: &Bundle) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for file in &bundle.files {
        zip.start_file(&file.name, options)?;
        zip.write_all(file.text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Writes a file that is not there yet, for its owner only; half of one does not stay.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // The disk is full, most likely; a second failure says nothing new.
        let _ = std::fs::remove_file(path);
    }
    written
}

fn not_written(path: &Path, error: &io::Error) -> WireError {
    let said = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => errors::say(Code::DiskFull, ""),
        io::ErrorKind::AlreadyExists => {
            let text = format!("{} is there already. Choose another name.", path.display());
            errors::say(Code::BadRequest, &text)
        }
        _ => {
            let text = format!("{} cannot be written. Choose another folder.", path.display());
            errors::say(Code::BadRequest, &text)
        }
    };
    WireError { technical: error.to_string(), ..said }
}
