//! The app's log: a file a day in the data folder, seven kept, with anything that looks like a secret cut out.
//!
//! Nothing is meant to hand a secret to the log; cutting is the second fence, not the first.

use std::{
    borrow::Cow,
    fs::DirBuilder,
    io::{self, IsTerminal, Write},
    path::Path,
};

use tracing::Metadata;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::{EnvFilter, Layer, filter::LevelFilter, fmt, fmt::MakeWriter, prelude::*};

const DAYS_KEPT: usize = 7;

/// Logs to `folder` and, warnings and worse, to standard error. A log that cannot be written never stops the app.
pub(crate) fn start(folder: &Path) {
    let wanted = EnvFilter::try_from_env("PORTSIDE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let file = make_private(folder).and_then(|()| {
        RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .filename_prefix("portside-desktop")
            .filename_suffix("log")
            .max_log_files(DAYS_KEPT)
            .build(folder)
            .map_err(io::Error::other)
    });
    let (file, trouble) = match file {
        Ok(file) => (Some(file), None),
        Err(error) => (None, Some(error)),
    };
    let to_file =
        file.map(|file| fmt::layer().with_ansi(false).with_writer(Redacted(file)).with_filter(wanted));
    let to_terminal = fmt::layer()
        .with_ansi(io::stderr().is_terminal())
        .with_writer(Redacted(io::stderr))
        .with_filter(LevelFilter::WARN);
    tracing_subscriber::registry().with(to_file).with(to_terminal).init();

    if let Some(error) = trouble {
        tracing::warn!(%error, folder = %folder.display(), "no log is written");
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        tracing::error!("panicked: {info}");
        before(info);
    }));
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Cuts secrets out of every line on its way to a writer.
struct Redacted<M>(M);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Redacted<M> {
    type Writer = RedactedWriter<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        RedactedWriter(self.0.make_writer())
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Self::Writer {
        RedactedWriter(self.0.make_writer_for(meta))
    }
}

struct RedactedWriter<W>(W);

impl<W: Write> Write for RedactedWriter<W> {
    /// The formatter hands over one whole event a call, so no secret is split between two.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.0.write_all(redact(&String::from_utf8_lossy(event)).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Words after which the next word is a secret.
const ANNOUNCED_BY: &[&str] = &[
    "bearer",
    "authorization",
    "token",
    "access_token",
    "refresh_token",
    "client_secret",
    "code",
    "hapikey",
];
const SECRET_CHARS_MIN: usize = 12;

/// Replaces HubSpot keys, and what a header or a form field announces as a secret, by `…`.
fn redact(line: &str) -> Cow<'_, str> {
    let mut clean = String::new();
    let (mut kept, mut announced, mut at) = (0, false, 0);
    while at < line.len() {
        let word: usize = line[at..].chars().take_while(|&c| belongs_to_word(c)).map(char::len_utf8).sum();
        if word == 0 {
            at += line[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        }
        let text = &line[at..at + word];
        let long = text.len() >= SECRET_CHARS_MIN;
        // Plain words may follow, such as an error's code; no token of HubSpot's is without a digit.
        let random = text.bytes().any(|byte| byte.is_ascii_digit());
        if long && random && (announced || text.starts_with("pat-")) {
            clean.push_str(&line[kept..at]);
            clean.push('…');
            kept = at + word;
        }
        announced = ANNOUNCED_BY.iter().any(|name| text.eq_ignore_ascii_case(name));
        at += word;
    }
    if kept == 0 {
        return Cow::Borrowed(line);
    }
    clean.push_str(&line[kept..]);
    Cow::Owned(clean)
}

fn belongs_to_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+' | '/')
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn keys_are_cut_out_wherever_they_stand() {
        for (line, clean) in [
            ("key pat-eu1-01234567-89ab-cdef rejected", "key … rejected"),
            ("Authorization: Bearer CLGp_0123456789abcdef", "Authorization: Bearer …"),
            ("authorization=CLGp_0123456789abcdef!", "authorization=…!"),
            (r#"{"refresh_token":"eu1-0123-4567-89ab"}"#, r#"{"refresh_token":"…"}"#),
            ("?code=0123456789abcdef&state=x", "?code=…&state=x"),
            ("two pat-na1-aaaaaaaa pat-na1-bbbbbbbb", "two … …"),
        ] {
            assert_eq!(redact(line), clean);
        }
    }

    #[test]
    fn ordinary_lines_stay_as_they_are() {
        for line in
            ["", "painted ms=312", "the code rate_limited", "token expired", "a pat-h of ümläuts, 日本語"]
        {
            assert_eq!(redact(line), line);
        }
    }
}
