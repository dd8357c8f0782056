//! The table: what, target, reached.

use std::fmt::Write;

pub(crate) struct Table {
    rows: Vec<[String; 4]>,
}

impl Table {
    pub(crate) fn new() -> Table {
        Table { rows: Vec::new() }
    }

    /// One figure; `note` says what else is needed to read it.
    pub(crate) fn row(&mut self, what: &str, target: &str, reached: String, note: impl Into<String>) {
        let note = note.into();
        eprintln!("{what}: {reached} (target {target}; {note})");
        self.rows.push([what.to_owned(), target.to_owned(), reached, note]);
    }

    pub(crate) fn finish(&self, contacts: u64, large: u64) -> String {
        let mut text = String::from("# Benchmarks\n\n");
        let _ = writeln!(
            text,
            "Written by `./dev bench`, release build. Machine: {}. Portals of {contacts} and {large} contacts, pretend portal in \
             the bench's own process on the same machine.\n",
            machine()
        );
        text += "| what | target | reached | note |\n|---|---|---|---|\n";
        for row in &self.rows {
            let _ = writeln!(text, "{}", line(row));
        }
        text + "\n" + include_str!("notes.md")
    }

    /// An earlier text with these rows in place of those of the same name, or else behind the last.
    pub(crate) fn renew(&self, text: &str) -> String {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for row in &self.rows {
            let begins = format!("| {} |", row[0]);
            if let Some(old) = lines.iter_mut().find(|old| old.starts_with(&begins)) {
                *old = line(row);
            } else {
                let first =
                    lines.iter().position(|line| line.starts_with("|---")).map_or(lines.len(), |at| at + 1);
                let rows = lines[first..].iter().take_while(|line| line.starts_with('|')).count();
                lines.insert(first + rows, line(row));
            }
        }
        lines.join("\n") + "\n"
    }
}

fn line([what, target, reached, note]: &[String; 4]) -> String {
    format!("| {what} | {target} | **{reached}** | {note} |")
}

fn machine() -> String {
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let model = read("/proc/cpuinfo")
        .lines()
        .find_map(|line| {
            line.strip_prefix("model name")?.split_once(':').map(|(_, name)| name.trim().to_owned())
        })
        .unwrap_or_else(|| "unknown processor".to_owned());
    let memory = read("/proc/meminfo")
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().split(' ').next()?.parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes / 1_048_576);
    format!("{cpus} cores of {model}, {memory} GiB")
}

/// The value below which `share` of the measurements lie; they are sorted here.
pub(crate) fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    // The first value with at least that share of all at or below it.
    let enough = |at: &usize| (at + 1) as f64 >= values.len() as f64 * share;
    let at = (0..values.len()).find(enough).unwrap_or(0);
    values.get(at).copied().unwrap_or(f64::NAN)
}
