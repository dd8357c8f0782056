//! Looks for a secret where none may be: files of a folder, names and environments of processes.
//!
//! It looks for the bytes as they are and as UTF-16, which web views keep. It cannot see through encryption, and need
//! not: what is encrypted is no leak.

use std::{fs, path::Path};

/// Every place that holds the secret; empty when there is none.
pub fn of(secret: &str, folders: &[&Path], processes: &[u32]) -> Vec<String> {
    assert!(secret.len() >= 16, "too short a text would be found by chance");
    // The tail alone would do for a thief who knows how keys begin.
    let tail = &secret[secret.len() - 16..];
    let wide: Vec<u8> = tail.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let needles = [tail.as_bytes().to_vec(), wide];
    let mut found = Vec::new();
    for folder in folders {
        search(folder, &needles, &mut found);
    }
    for pid in processes {
        for name in ["cmdline", "environ"] {
            let path = format!("/proc/{pid}/{name}");
            if holds(&fs::read(&path).unwrap_or_default(), &needles) {
                found.push(path);
            }
        }
    }
    found
}

fn search(path: &Path, needles: &[Vec<u8>], found: &mut Vec<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            search(&entry.path(), needles, found);
        }
    // A socket or a pipe would never end.
    } else if path.is_file() && holds(&fs::read(path).unwrap_or_default(), needles) {
        found.push(path.display().to_string());
    }
    if path.to_string_lossy().contains(&*String::from_utf8_lossy(&needles[0])) {
        found.push(format!("the name of {}", path.display()));
    }
}

fn holds(bytes: &[u8], needles: &[Vec<u8>]) -> bool {
    needles.iter().any(|needle| bytes.windows(needle.len()).any(|window| window == needle))
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_secret_is_found_in_a_file_a_name_and_wide_text_and_nowhere_else() {
        let secret = "pat-eu1-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        write("innocent", b"pat-eu1-...e1f0 and nothing more");
        assert_eq!(of(secret, &[folder.path()], &[std::process::id()]), Vec::<String>::new());
        write("plain", format!("x{secret}y").as_bytes());
        write("wide", &secret.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
        write(&format!("{secret}.txt"), b"");
        assert_eq!(of(secret, &[folder.path()], &[]).len(), 3);
    }
}
