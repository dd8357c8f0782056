//! The desktop app: how long until its window can be used, what it holds and takes when idle, how large it is.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    Failure,
    table::{Table, percentile},
};

const STARTS: usize = 10;
const PAINT_MAX: Duration = Duration::from_secs(30);

pub(crate) fn measure(desktop: &Path, table: &mut Table) -> Result<(), Failure> {
    if std::env::var_os("DISPLAY").is_none() {
        table.row("cold start to interactive window", "median ≤ 1 s", "not measured".into(), "no display");
        return Ok(());
    }
    let mut starts = Vec::new();
    let mut idle = (0.0, 0);
    for round in 0..STARTS {
        let dir = tempfile::tempdir()?;
        let paint = dir.path().join("paint");
        let started = Instant::now();
        let mut child = Command::new(desktop)
            .env("PORTSIDE_HOME", dir.path().join("home"))
            .env("PORTSIDE_PROFILE", format!("bench{round}"))
            .env("PORTSIDE_PAINT_FILE", &paint)
            .env("XDG_DATA_HOME", dir.path().join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        while !paint.exists() && started.elapsed() < PAINT_MAX {
            std::thread::sleep(Duration::from_millis(2));
        }
        starts.push(started.elapsed().as_secs_f64());
        if round + 1 == STARTS {
            std::thread::sleep(Duration::from_secs(5));
            let before = family_ticks(child.id());
            std::thread::sleep(Duration::from_secs(10));
            idle = (f64::from(family_ticks(child.id()) - before) / 10.0, family_pss(child.id()));
        }
        child.kill()?;
        child.wait()?;
    }
    let worst = starts.iter().copied().fold(0.0, f64::max);
    let median = percentile(&mut starts, 0.5);
    table.row(
        "cold start to interactive window, release",
        "median ≤ 1 s",
        format!("{median:.2} s"),
        format!("{STARTS} starts, slowest {worst:.2} s, Xvfb without GPU"),
    );
    table.row(
        "idle, first-run screen",
        "CPU ≈ 0",
        format!("{:.1} % CPU, {} MB PSS", idle.0, idle.1 / 1_000_000),
        "app and its web processes together",
    );
    Ok(())
}

/// The process and all below it.
fn family(root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let mut at = 0;
    while at < found.len() {
        let tasks = fs::read_dir(format!("/proc/{}/task", found[at])).into_iter().flatten().flatten();
        for task in tasks {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            found.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        }
        at += 1;
    }
    found
}

fn family_ticks(root: u32) -> u32 {
    let of = |pid: &u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u32>().ok()).sum::<u32>()
    };
    family(root).iter().map(of).sum()
}

fn family_pss(root: u32) -> u64 {
    let of = |pid: &u32| {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        rollup
            .lines()
            .find_map(|line| line.strip_prefix("Pss:")?.trim().split(' ').next()?.parse::<u64>().ok())
            .unwrap_or(0)
    };
    family(root).iter().map(of).sum::<u64>() * 1024
}

pub(crate) fn sizes(binaries: &[&Path], table: &mut Table) -> Result<(), Failure> {
    let mut sum = 0;
    let mut parts = Vec::new();
    for binary in binaries {
        let bytes = fs::metadata(binary)?.len();
        sum += bytes;
        let name = binary.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        parts.push(format!("{name} {:.1} MB", bytes as f64 / 1e6));
    }
    table.row(
        "installed size, both binaries, stripped",
        "≤ 25 MB",
        format!("{:.1} MB", sum as f64 / 1e6),
        parts.join(", "),
    );
    Ok(())
}
