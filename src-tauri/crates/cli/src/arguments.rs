//! What can be typed, and what is said when it is mistyped. A key that was typed by mistake is never said back.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum, error::ErrorKind};

use crate::failure::{Exit, Failure};

/// Keeps a complete copy of a HubSpot portal on this computer, to be read instantly.
#[derive(Debug, Parser)]
#[command(name = "portside", version, max_term_width = 100, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// The data folder, in place of the platform's own (or set `PORTSIDE_HOME`)
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Print JSON: one object, or one a line while something runs
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Open the desktop app
    Open,
    /// Connect a portal: with a key from standard input, or by signing in with your own app
    Connect(Connect),
    /// List the connections
    Connections,
    /// Copy a portal, or bring its copy up to date
    Sync(Sync),
    /// Tell how a connection and its copy are doing
    Status(OneConnection),
    /// Prove that a copy is complete: hold it against HubSpot, and repair what differs
    Verify(Verify),
    /// Ask a copy in SQL; reading only
    Query(Query),
    /// Choose properties that get a column of their own
    Pick(Pick),
    /// Show or change the settings of a connection
    Config(Config),
    /// Forget a connection's key; its copy stays unless wiped
    Disconnect(Disconnect),
    /// Check that everything works, and say what to do where it does not
    Doctor(Doctor),
    /// Run a pretend portal on this computer
    Simulator(Simulator),
}

#[derive(Debug, Args)]
pub(crate) struct OneConnection {
    /// Id or name; may be left out when there is only one
    pub(crate) connection: Option<String>,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("way").required(true).args(["token_stdin", "oauth"]))]
pub(crate) struct Connect {
    /// Read the key from standard input, the only way it can be given
    #[arg(long)]
    pub(crate) token_stdin: bool,
    /// Sign in with your own HubSpot app, in the browser
    #[arg(long)]
    pub(crate) oauth: bool,
    /// What to call the connection
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// What kind of key it is
    #[arg(long, value_name = "KIND", conflicts_with = "oauth")]
    pub(crate) kind: Option<Kind>,
    /// Another server that speaks HubSpot's API
    #[arg(long, value_name = "URL")]
    pub(crate) api_base: Option<String>,
    /// Send a HubSpot key to that server although it is not HubSpot's
    #[arg(long, conflicts_with = "oauth")]
    pub(crate) allow_host: bool,
    #[command(flatten)]
    pub(crate) app: OwnApp,
}

/// The user's own HubSpot app. What is left out is taken from the connection of that name.
#[derive(Debug, Args)]
pub(crate) struct OwnApp {
    /// The app's client ID
    #[arg(long, value_name = "ID", requires = "oauth")]
    pub(crate) client_id: Option<String>,
    /// Read the app's client secret from standard input, the only way it can be given
    #[arg(long, requires = "oauth")]
    pub(crate) client_secret_stdin: bool,
    /// Listen on this port instead of 14117, 21117 or 28117; its return address must be registered
    #[arg(long, value_name = "P", requires = "oauth")]
    pub(crate) port: Option<u16>,
    /// Another server that shows HubSpot's sign-in page
    #[arg(long, value_name = "URL", requires = "oauth")]
    pub(crate) app_base: Option<String>,
    /// Print the address instead of opening a browser
    #[arg(long, requires = "oauth")]
    pub(crate) no_browser: bool,
    /// Scopes the app requires, in place of the usual ones
    #[arg(long, value_name = "SCOPE,…", value_delimiter = ',', requires = "oauth")]
    pub(crate) scopes: Option<Vec<String>>,
    /// Scopes the app requires conditionally
    #[arg(long, value_name = "SCOPE,…", value_delimiter = ',', requires = "oauth")]
    pub(crate) conditional_scopes: Option<Vec<String>>,
    /// Scopes the app declares as optional, in place of the usual ones
    #[arg(long, value_name = "SCOPE,…", value_delimiter = ',', requires = "oauth")]
    pub(crate) optional_scopes: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    ServiceKey,
    PrivateApp,
}

#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// Id or name; may be left out when there is only one
    pub(crate) connection: Option<String>,
    /// Every connection, one after the other
    #[arg(long, conflicts_with = "connection")]
    pub(crate) all: bool,
    /// Read every record and link again into the same rows
    #[arg(long)]
    pub(crate) full: bool,
    /// Copy what was changed since this date or time, or `all`; kept for later runs
    #[arg(long, value_name = "ISO|all")]
    pub(crate) since: Option<String>,
    /// When today's requests are used up, stay until they are reset
    #[arg(long)]
    pub(crate) wait: bool,
    /// Show what the run would read, how, and what it costs; nothing is copied
    #[arg(long, conflicts_with_all = ["since", "wait"])]
    pub(crate) plan: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Id or name; may be left out when there is only one
    pub(crate) connection: Option<String>,
    /// Compare every id and the values of a sample too, not only counts
    #[arg(long)]
    pub(crate) deep: bool,
    /// Only say what it would cost
    #[arg(long)]
    pub(crate) plan: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Query {
    /// Id or name
    pub(crate) connection: String,
    /// One SELECT
    pub(crate) sql: String,
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Csv,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Pick {
    /// Id or name
    pub(crate) connection: String,
    /// The type, as its table is called (contacts)
    pub(crate) object: String,
    /// Internal names of properties
    #[arg(required_unless_present = "list")]
    pub(crate) properties: Vec<String>,
    /// Only say what is picked
    #[arg(long, conflicts_with_all = ["properties", "choice", "no_agent", "plan"])]
    pub(crate) list: bool,
    /// Take the columns away
    #[arg(long, group = "choice")]
    pub(crate) drop: bool,
    /// Only store them: no column, and agents as they were
    #[arg(long, group = "choice")]
    pub(crate) store: bool,
    /// Store them no more: takes the values, the columns and what changed out of the copy
    #[arg(long, group = "choice")]
    pub(crate) no_store: bool,
    /// Only let agents see them
    #[arg(long, group = "choice")]
    pub(crate) agent: bool,
    /// Do not show them to agents
    #[arg(long, conflicts_with_all = ["agent", "no_store"])]
    pub(crate) no_agent: bool,
    /// Change nothing; say what would have to be fetched
    #[arg(long)]
    pub(crate) plan: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Config {
    /// Id or name
    pub(crate) connection: String,
    /// Show this setting; without it, all
    pub(crate) key: Option<String>,
    /// Set it to this
    pub(crate) value: Option<String>,
    /// Go back to the default
    #[arg(long, requires = "key", conflicts_with = "value")]
    pub(crate) reset: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Disconnect {
    /// Id or name; may be left out when there is only one
    pub(crate) connection: Option<String>,
    /// Delete the copy too
    #[arg(long)]
    pub(crate) wipe: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Run only these checks, by their ids
    #[arg(long, num_args = 1.., value_name = "ID")]
    pub(crate) only: Vec<String>,
    /// Write a support bundle: what a stranger needs to help, without secrets, people or values
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Simulator {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0, value_name = "P")]
    pub(crate) port: u16,
    /// How many contacts there are; everything else follows
    #[arg(long, default_value_t = 1_000, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=1_000_000))]
    pub(crate) contacts: u64,
    /// The same seed and the same size give the same portal
    #[arg(long, default_value_t = 1, value_name = "S")]
    pub(crate) seed: u64,
    /// Whose limits hold
    #[arg(long, value_enum, default_value = "none", value_name = "PLAN")]
    pub(crate) limits: Plan,
    /// Milliseconds before every answer
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub(crate) latency: u64,
    /// Contact properties beyond those a portal is born with
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=1_200))]
    pub(crate) extra_properties: u16,
    /// Define only properties that are filled on every record
    #[arg(long)]
    pub(crate) only_filled: bool,
    /// Give some notes and tickets 64 kB of text
    #[arg(long)]
    pub(crate) long_texts: bool,
    /// Put the last ids of every type beyond 2^53
    #[arg(long)]
    pub(crate) huge_ids: bool,
    /// What goes wrong, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// Answers to what HubSpot's documents leave open, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) switches: Option<PathBuf>,
    /// Read the key it takes from standard input; otherwise a random one is made
    #[arg(long)]
    pub(crate) token_stdin: bool,
    /// Have an app that can be connected, with a random id and secret
    #[arg(long)]
    pub(crate) oauth_app: bool,
    /// Ask nobody before the app is let in
    #[arg(long, requires = "oauth_app")]
    pub(crate) auto_approve: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Plan {
    None,
    Starter,
    Professional,
    Enterprise,
    Increased,
    OauthApp,
}

/// What came of reading the command line.
pub(crate) enum Read {
    Arguments(Box<Arguments>),
    /// Help or version, asked for.
    Text(String),
    Wrong(Box<Failure>),
}

pub(crate) fn read(typed: &[OsString]) -> Read {
    if is_key_typed(typed) {
        return Read::Wrong(Box::new(key_typed()));
    }
    match Arguments::try_parse_from(typed) {
        Ok(arguments) => Read::Arguments(Box::new(arguments)),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            Read::Text(error.render().to_string())
        }
        // clap says back what it did not understand, and for `connect` that may be a key.
        Err(_) if typed.iter().any(|word| word == "connect") => Read::Wrong(Box::new(connect_mistyped())),
        Err(error) => Read::Wrong(Box::new(Failure {
            message: first_line(&error.render().to_string()),
            fix: vec!["See what can be typed: portside --help".to_owned()],
            ..usage()
        })),
    }
}

/// The general help.
pub(crate) fn help() -> String {
    use clap::CommandFactory;
    Arguments::command().render_help().to_string()
}

fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim_start_matches("error: ").trim_end_matches(':');
    let rest: Vec<&str> = text.lines().skip(1).map(str::trim).take_while(|line| !line.is_empty()).collect();
    let mut line = if rest.is_empty() { line.to_owned() } else { format!("{line}: {}", rest.join(", ")) };
    if let Some(first) = line.get(..1).map(str::to_uppercase) {
        line.replace_range(..1, &first);
    }
    line + "."
}

fn usage() -> Failure {
    Failure { exit: Exit::Usage, ..Failure::new("usage", "") }
}

fn key_typed() -> Failure {
    Failure {
        message:
            "A key must not be typed on the command line: other programs and the shell's history can read it \
                  there."
                .to_owned(),
        fix: vec![
            "Give it on standard input: portside connect --token-stdin < FILE".to_owned(),
            "Treat the typed key as seen by others: make a new one in HubSpot.".to_owned(),
        ],
        ..usage()
    }
}

fn connect_mistyped() -> Failure {
    Failure {
        message: "This cannot be understood. A key is read from standard input, never typed.".to_owned(),
        fix: vec![
            "portside connect --token-stdin [--name NAME] [--kind service-key|private-app] [--api-base URL] \
             [--allow-host] < FILE"
                .to_owned(),
        ],
        ..usage()
    }
}

/// Whether one of the words is a key, whole or after a `=`. SQL may speak of keys.
fn is_key_typed(typed: &[OsString]) -> bool {
    let is_query = typed.iter().any(|word| word == "query");
    let words = typed.iter().skip(1).filter_map(|word| word.to_str());
    !is_query
        && words.flat_map(|word| word.split(|c: char| c == '=' || c.is_whitespace())).any(|word| {
            let word = word.trim_matches(|c: char| "'\"`“”".contains(c));
            let rest = word.get(..4).filter(|start| start.eq_ignore_ascii_case("pat-")).map(|_| &word[4..]);
            rest.is_some_and(|rest| rest.len() >= 12 && rest.contains('-'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(words: &str) -> Vec<OsString> {
        std::iter::once("portside").chain(words.split('|')).map(OsString::from).collect()
    }

    fn refused(words: &str) -> Failure {
        match read(&typed(words)) {
            Read::Wrong(failure) => *failure,
            Read::Arguments(_) | Read::Text(_) => panic!("{words} was not refused"),
        }
    }

    #[test]
    fn the_arguments_are_put_together_without_contradictions() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_key_that_was_typed_is_refused_and_not_said_back() {
        let key = "pat-eu1-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
        for words in [
            format!("connect|{key}"),
            format!("connect|--token-stdin|{key}"),
            format!("connect|--token|{key}"),
            format!("connect|--token={key}"),
            format!("connect|--token-stdin={key}"),
            format!("connect|--token-stdin|--name|{key}"),
            format!("connect|--token-stdin|Bearer {key}"),
            format!("sync|'{key}'"),
            key.to_owned(),
            "connect|--token|0f1e2d3c4b5a69788796a5b4c3d2e1f0CIKPoaab".to_owned(),
            "connect|CIKPoaabFhIHAAEAQAAAARiZ1r0M".to_owned(),
        ] {
            let failure = refused(&words);
            assert_eq!(failure.exit, Exit::Usage);
            let said = format!("{failure:?}");
            assert!(!said.contains("0f1e2d3c") && !said.contains("CIKPoaab"), "{said}");
            assert!(said.contains("standard input"), "{said}");
        }
    }

    #[test]
    fn sql_may_speak_of_keys() {
        let words = typed("query|acme|SELECT 'pat-eu1-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'");
        assert!(matches!(read(&words), Read::Arguments(_)));
    }

    #[test]
    fn what_was_mistyped_is_said_in_one_sentence() {
        assert_eq!(refused("synk").message, "Unrecognized subcommand 'synk'.");
        assert!(refused("query|acme").message.contains("<SQL>"));
        assert!(refused("sync|acme|--all").message.contains("--all"));
        assert!(refused("pick|acme|contacts").message.contains("<PROPERTIES>..."));
        assert!(refused("simulator|--contacts|5000000").message.contains("5000000"));
    }
}
