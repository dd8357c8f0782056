//! What a command says: its answer to standard output, everything else to standard error.
//!
//! Deliberately absent: colours, and any word that is not part of an answer on standard output.

use std::io::{self, IsTerminal, Write};

use serde_json::{Map, Value, json};

use crate::failure::Failure;

/// How to speak.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said {
    pub(crate) json: bool,
}

impl Said {
    /// Part of the answer, in words; silent when JSON was asked for.
    pub(crate) fn words(self, text: &str) -> io::Result<()> {
        if self.json || text.is_empty() {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        writeln!(out, "{}", text.trim_end())?;
        out.flush()
    }

    /// The answer as one line of JSON; silent when words were asked for. Every answer has `state` and `error`.
    pub(crate) fn object(self, state: &Value, error: Option<&Failure>, rest: Value) -> io::Result<()> {
        if !self.json {
            return Ok(());
        }
        let mut object = Map::new();
        object.insert("state".to_owned(), state.clone());
        object.insert("error".to_owned(), error.map_or(Value::Null, Failure::json));
        if let Value::Object(rest) = rest {
            for (key, value) in rest {
                object.entry(key).or_insert(value);
            }
        }
        line(&Value::Object(object))
    }

    /// Why it did not work: a sentence and numbered steps, and the same as JSON where that was asked for.
    pub(crate) fn failure(self, failure: &Failure) {
        // With nobody listening, the exit code still tells.
        let _ = self.object(&failure.state(), Some(failure), json!({}));
        complain(failure);
    }
}

/// One line of JSON on standard output, at once.
pub(crate) fn line(value: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, value)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// A failure in words, on standard error.
pub(crate) fn complain(failure: &Failure) {
    let mut lines = vec![failure.message.clone()];
    match &failure.fix[..] {
        [only] => lines.push(format!("  {only}")),
        steps => lines.extend((1..).zip(steps).map(|(number, step)| format!("  {number}. {step}"))),
    }
    if !failure.technical.is_empty() {
        lines.push(format!("  Details: {}", failure.technical));
    }
    aside(&(lines.join("\n") + "\n"));
}

/// Words beside the answer, on standard error.
pub(crate) fn aside(text: &str) {
    let mut out = io::stderr().lock();
    // A closed standard error leaves nobody to tell.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}
