//! The log: a file a day in the data folder, seven kept. Standard output belongs to answers, standard error to people.
//!
//! Nothing hands a secret to the log; keys are cut out all the same.

use std::{
    io::{self, Write},
    path::Path,
};

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::{EnvFilter, fmt, fmt::MakeWriter};

const DAYS_KEPT: usize = 7;

/// A log that cannot be written never stops a command.
pub(crate) fn start(folder: &Path) {
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("portside")
        .filename_suffix("log")
        .max_log_files(DAYS_KEPT)
        .build(folder);
    let Ok(file) = file else { return };
    let wanted = EnvFilter::try_from_env("PORTSIDE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let log = fmt().with_env_filter(wanted).with_ansi(false).with_writer(Redacted(file)).finish();
    // Set once, at the start of the only command of this process.
    let _ = tracing::subscriber::set_global_default(log);
}

struct Redacted<M>(M);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Redacted<M> {
    type Writer = RedactedLine<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        RedactedLine(self.0.make_writer())
    }
}

struct RedactedLine<W>(W);

impl<W: Write> Write for RedactedLine<W> {
    /// The formatter hands over one whole event a call, so no key is split between two.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.0.write_all(without_keys(&String::from_utf8_lossy(event)).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn without_keys(line: &str) -> String {
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("pat-") {
        let key = rest[at..].find(|c| !belongs(c)).unwrap_or(rest.len() - at);
        clean.push_str(&rest[..at]);
        clean.push_str(if key >= 12 { "…" } else { &rest[at..at + key] });
        rest = &rest[at + key..];
    }
    clean + rest
}

#[cfg(test)]
mod tests {
    use super::without_keys;

    #[test]
    fn keys_are_cut_out() {
        assert_eq!(without_keys("a pat-eu1-0123-4567 b pat-h pat-na1-aaaaaaaa"), "a … b pat-h …");
        assert_eq!(without_keys("nothing here"), "nothing here");
    }
}
