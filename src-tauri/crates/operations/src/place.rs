//! Where everything is: data folder, keychain namespace, addresses. Tests and the product differ in this alone.

use std::path::PathBuf;

/// The places of one installation.
#[derive(Debug, Clone)]
pub struct Place {
    home: PathBuf,
    profile: Option<String>,
    vault: vault::Options,
    api_base: Option<String>,
    app_base: Option<String>,
    ca_file: Option<PathBuf>,
    retry: hubspot::RetryPolicy,
}

const NAME: &str = "Portside";

impl Place {
    /// Reads `PORTSIDE_HOME`, `PORTSIDE_PROFILE` (a second installation beside the first: own folder, own keychain
    /// namespace), `PORTSIDE_VAULT`, `PORTSIDE_VAULT_PASSPHRASE_FILE`, `PORTSIDE_API_BASE` and
    /// `PORTSIDE_APP_BASE` (another server that speaks HubSpot's API and shows its sign-in page, offered as the default),
    /// and `PORTSIDE_CA_FILE` (PEM certificates to trust beside the system's). `home` wins over the environment.
    pub fn from_env(home: Option<PathBuf>) -> Place {
        let text = |key: &str| std::env::var(key).ok().filter(|value| !value.is_empty());
        let profile = text("PORTSIDE_PROFILE");
        let name = profile.as_ref().map_or_else(|| NAME.to_owned(), |profile| format!("{NAME}-{profile}"));
        let home = home
            .or_else(|| text("PORTSIDE_HOME").map(PathBuf::from))
            .unwrap_or_else(|| dirs::data_dir().unwrap_or_else(std::env::temp_dir).join(&name));
        let vault = vault::Options::from_env(&name, &home);
        Place {
            home,
            profile,
            vault,
            api_base: text("PORTSIDE_API_BASE"),
            app_base: text("PORTSIDE_APP_BASE"),
            ca_file: text("PORTSIDE_CA_FILE").map(PathBuf::from),
            retry: hubspot::RetryPolicy::default(),
        }
    }

    /// An installation in one folder, whatever the environment says.
    pub fn at(home: PathBuf, vault: vault::Options) -> Place {
        Place {
            home,
            profile: None,
            vault,
            api_base: None,
            app_base: None,
            ca_file: None,
            retry: hubspot::RetryPolicy::default(),
        }
    }

    /// Failures are tried again as often as ever, but at once: for suites.
    #[must_use]
    pub fn hurried(mut self) -> Place {
        self.retry.pause_base = std::time::Duration::from_millis(2);
        self
    }

    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    pub fn home(&self) -> &std::path::Path {
        &self.home
    }

    /// How patient calls are with failures.
    pub(crate) fn retry(&self) -> hubspot::RetryPolicy {
        self.retry
    }

    pub(crate) fn vault(&self) -> vault::Options {
        self.vault.clone()
    }

    /// Where HubSpot's sign-in page is looked for.
    pub(crate) fn app_base(&self) -> Option<&str> {
        self.app_base.as_deref()
    }

    /// Certificates to trust beside the system's.
    pub(crate) fn ca_file(&self) -> Option<&std::path::Path> {
        self.ca_file.as_deref()
    }

    pub(crate) fn api_base(&self) -> Option<&str> {
        self.api_base.as_deref()
    }
}
