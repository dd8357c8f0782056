//! From one place to another: each secret is written there, read back and compared, before anything is given up here.

use crate::{Error, Secret, keychain};

/// Where secrets are moved to.
pub(crate) trait Target {
    fn store(&self, name: &str, secret: &Secret) -> Result<(), Error>;
    fn read(&self, name: &str) -> Result<Secret, Error>;
    fn delete(&self, name: &str) -> Result<(), Error>;
}

/// The platform's keychain, under a service's name.
pub(crate) struct Keychain<'a>(pub(crate) &'a str);

impl Target for Keychain<'_> {
    fn store(&self, name: &str, secret: &Secret) -> Result<(), Error> {
        keychain::store(self.0, name, secret)
    }

    fn read(&self, name: &str) -> Result<Secret, Error> {
        keychain::read(self.0, name)
    }

    fn delete(&self, name: &str) -> Result<(), Error> {
        keychain::delete(self.0, name)
    }
}

/// Copies all of them. Where one fails, those that were new there are taken back as far as that goes, so that no second copy
/// lies about; the first ones are untouched.
pub(crate) fn move_all(secrets: &[(String, Secret)], target: &dyn Target) -> Result<(), Error> {
    let mut added = Vec::new();
    let moved = secrets.iter().try_for_each(|(name, secret)| {
        match target.read(name) {
            // An older one, from before the file.
            Ok(_) => {}
            Err(Error::NoEntry) => added.push(name),
            Err(error) => return Err(error),
        }
        target.store(name, secret)?;
        if target.read(name)?.expose() == secret.expose() {
            return Ok(());
        }
        Err(Error::Keychain { detail: "it does not give back what it was given".to_owned() })
    });
    if moved.is_err() {
        for name in added {
            // Why it failed is what counts.
            let _ = target.delete(name);
        }
    }
    moved
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::BTreeMap, path::Path};

    use super::*;
    use crate::{FileVault, file, file::OpenFile};

    /// A keychain that fails at a name, in one of several ways.
    #[derive(Default)]
    struct Pretend {
        kept: RefCell<BTreeMap<String, String>>,
        locked_at: Option<&'static str>,
        forgets: Option<&'static str>,
        garbles: Option<&'static str>,
    }

    impl Target for Pretend {
        fn store(&self, name: &str, secret: &Secret) -> Result<(), Error> {
            if self.locked_at == Some(name) {
                return Err(Error::Locked);
            }
            let text = if self.garbles == Some(name) { "something else" } else { secret.expose() };
            if self.forgets != Some(name) {
                self.kept.borrow_mut().insert(name.to_owned(), text.to_owned());
            }
            Ok(())
        }

        fn read(&self, name: &str) -> Result<Secret, Error> {
            self.kept.borrow().get(name).cloned().map(Secret::new).ok_or(Error::NoEntry)
        }

        fn delete(&self, name: &str) -> Result<(), Error> {
            self.kept.borrow_mut().remove(name).map(drop).ok_or(Error::NoEntry)
        }
    }

    const SECRETS: [(&str, &str); 3] =
        [("connection/a", "first"), ("connection/a/access", "second"), ("connection/b", "third")];

    fn opened(folder: &Path) -> OpenFile {
        let named = FileVault { path: folder.join("vault.age"), passphrase_file: "".into() };
        OpenFile::typed(named, &Secret::new("correct horse".to_owned())).expect("it opens")
    }

    fn filled(folder: &Path) -> OpenFile {
        let vault = opened(folder);
        for (name, secret) in SECRETS {
            file::store(&vault, name, &Secret::new(secret.to_owned())).expect("it is kept");
        }
        vault
    }

    #[test]
    fn all_is_moved_read_back_and_then_the_file_is_gone_for_every_program() {
        let folder = tempfile::tempdir().expect("a folder");
        let (vault, elsewhere) = (filled(folder.path()), opened(folder.path()));
        let target = Pretend::default();
        target.store("connection/b", &Secret::new("older".to_owned())).expect("it is kept");
        file::move_out(&vault, |secrets| move_all(secrets, &target)).expect("it is moved");
        for (name, secret) in SECRETS {
            assert_eq!(target.read(name).expect("it is there").expose(), secret);
        }
        assert!(!folder.path().join("vault.age").exists());
        for other in [&vault, &elsewhere] {
            assert!(matches!(file::read(other, "connection/a"), Err(Error::FileGone { .. })));
            let written = file::store(other, "connection/a", &Secret::new("late".to_owned()));
            assert!(matches!(written, Err(Error::FileGone { .. })), "{written:?}");
        }
        assert!(!folder.path().join("vault.age").exists(), "what comes late makes no file of its own");
    }

    #[test]
    fn a_failure_half_way_leaves_every_secret_in_the_file_and_no_second_copy() {
        let failing = [
            Pretend { locked_at: Some("connection/b"), ..Pretend::default() },
            Pretend { forgets: Some("connection/a/access"), ..Pretend::default() },
            Pretend { garbles: Some("connection/b"), ..Pretend::default() },
        ];
        for target in failing {
            let folder = tempfile::tempdir().expect("a folder");
            let vault = filled(folder.path());
            file::move_out(&vault, |secrets| move_all(secrets, &target)).expect_err("it fails");
            for (name, secret) in SECRETS {
                assert_eq!(file::read(&opened(folder.path()), name).expect("it is there").expose(), secret);
            }
            assert!(target.kept.borrow().is_empty(), "{:?}", target.kept.borrow().keys());
        }
    }
}
