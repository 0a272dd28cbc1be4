//! The floor, gongbu, Hugo and mdBook on the same notes, in turn, in one run:
//! `cargo bench --bench side_by_side -- 1000 10000`. A benchmark, never a test.
//!
//! The floor reads each note, turns it into HTML with the same parser, and writes it; two threads.
//! What is not installed of the others is left out, and that is said.
#![allow(clippy::disallowed_methods, missing_docs, reason = "it measures the disk and the clock")]

mod corpus;
mod others;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use others::OTHERS;
use rayon::prelude::*;

const RUNS: usize = 5;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let [mode, from, to] = &args[..]
        && mode == "floor"
    {
        return floor(Path::new(from), Path::new(to));
    }
    let counts: Vec<usize> = args.iter().filter_map(|arg| arg.parse().ok()).collect();
    let counts = if counts.is_empty() { vec![1_000] } else { counts };
    println!(
        "| notes | program | wall s | CPU s | × the floor's CPU | peak MiB |\n|---|---|---|---|---|---|"
    );
    for count in counts {
        measure(count);
    }
}

fn measure(count: usize) {
    // In memory where there is such a folder: what is compared are programs, not disks.
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let dir = dir.expect("a folder for the notes");
    let project = dir.path().join("project");
    corpus::write(count, &project).expect("the notes are written");
    let out = |name: &str| dir.path().join(name);
    let own = std::env::current_exe().expect("this program");
    let mut others = vec![];
    for other in OTHERS {
        if count > other.most {
            println!("| {count} | {} | left out: too many notes for it | | | |", other.name);
        } else if other.is_there() {
            let folder = out(&format!("{}-project", other.name));
            (other.prepare)(&project, &folder).expect("its project is written");
            others.push((other, folder, vec![]));
        } else {
            println!("| {count} | {} | left out: not installed | | | |", other.name);
        }
    }
    let mut floors = vec![];
    let mut colds = vec![];
    let mut agains = vec![];
    for _ in 0..RUNS {
        for name in ["floor", "cold", "hugo", "mdbook"] {
            let _ = fs::remove_dir_all(out(name));
        }
        for (other, folder, runs) in &mut others {
            runs.push(run((other.build)(folder, &out(other.name))));
        }
        let mut floor = Command::new(&own);
        floor.arg("floor").arg(&project).arg(out("floor"));
        floors.push(run(floor));
        let build = || {
            let mut build = Command::new(env!("CARGO_BIN_EXE_gongbu"));
            build.arg("--root").arg(&project).arg("build").arg("--out").arg(out("cold"));
            build
        };
        colds.push(run(build()));
        agains.push(run(build()));
    }
    let base = median(&floors).cpu;
    let mut all = vec![("floor", floors), ("gongbu, cold", colds), ("gongbu, again", agains)];
    all.extend(others.into_iter().map(|(other, _, runs)| (other.name, runs)));
    for (name, runs) in all {
        let it = median(&runs);
        let times = it.cpu / base;
        println!(
            "| {count} | {name} | {:.3} | {:.3} | {times:.1} | {:.0} |",
            it.wall, it.cpu, it.peak
        );
    }
    let sizes: Vec<u64> = files(&out("cold"))
        .iter()
        .filter(|path| !path.to_string_lossy().contains("/.gongbu/"))
        .filter_map(|path| Some(path.metadata().ok()?.len()))
        .collect();
    let (total, largest) =
        (sizes.iter().sum::<u64>() / 1024, sizes.iter().max().copied().unwrap_or(0) / 1024);
    println!(
        "| {count} | output | {} files | {total} KiB | largest {largest} KiB | |",
        sizes.len()
    );
}

#[derive(Clone, Copy)]
struct Run {
    wall: f64,
    cpu: f64,
    peak: f64,
}

/// Runs a program on two threads; its CPU time and peak memory are read from /proc while it runs.
fn run(mut command: Command) -> Run {
    let start = Instant::now();
    command.env("RAYON_NUM_THREADS", "2").stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let (mut cpu, mut peak) = (0.0_f64, 0.0_f64);
    loop {
        let proc = PathBuf::from(format!("/proc/{}", child.id()));
        if let Ok(stat) = fs::read_to_string(proc.join("stat")) {
            // Fields 14 and 15: user and system time in hundredths of a second (proc(5)).
            let fields: Vec<f64> = stat
                .rsplit(')')
                .next()
                .unwrap_or("")
                .split_whitespace()
                .filter_map(|it| it.parse().ok())
                .collect();
            // The second field is a name in brackets, the third a letter; what is left begins with the fourth.
            if let [user, system] = fields.get(10..12).unwrap_or_default() {
                cpu = cpu.max((user + system) / 100.0);
            }
        }
        if let Ok(status) = fs::read_to_string(proc.join("status"))
            && let Some(line) = status.lines().find(|line| line.starts_with("VmHWM"))
        {
            let kib = line.split_whitespace().nth(1).and_then(|it| it.parse::<f64>().ok());
            peak = peak.max(kib.unwrap_or(0.0) / 1024.0);
        }
        if child.try_wait().expect("the program ends").is_some() {
            return Run { wall: start.elapsed().as_secs_f64(), cpu: cpu.max(0.01), peak };
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn median(runs: &[Run]) -> Run {
    let of = |pick: fn(&Run) -> f64| {
        let mut values: Vec<f64> = runs.iter().map(pick).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Run { wall: of(|it| it.wall), cpu: of(|it| it.cpu), peak: of(|it| it.peak) }
}

fn floor(from: &Path, to: &Path) {
    let notes = files(&from.join("notes"));
    notes.par_iter().for_each(|path| {
        let text = fs::read_to_string(path).expect("a note");
        let mut html = String::with_capacity(text.len() * 2);
        pulldown_cmark::html::push_html(
            &mut html,
            pulldown_cmark::Parser::new_ext(&text, pulldown_cmark::Options::all()),
        );
        let page = to.join(path.strip_prefix(from).expect("below")).with_extension("html");
        fs::create_dir_all(page.parent().expect("a folder")).expect("a folder");
        fs::write(page, html).expect("a page");
    });
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|it| if it.path().is_dir() { files(&it.path()) } else { vec![it.path()] })
        .collect()
}
