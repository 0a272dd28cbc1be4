//! One note edited under `gongbu serve`: `cargo bench --bench rebuild -- 1000 10000`. What the server
//! does from the moment that a file is saved: it reads that file again and builds the project once
//! more. A benchmark, never a test.
#![allow(clippy::disallowed_methods, missing_docs, reason = "it measures the clock")]

mod corpus;

use std::collections::BTreeSet;
use std::fs;
use std::time::Instant;

use gongbu::build::build;
use gongbu::disk;
use gongbu::snapshot::{Entry, Options};

const RUNS: usize = 7;

/// That of the command.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let counts: Vec<usize> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    println!("| notes | read ms | first build ms | after one edit ms |\n|---|---|---|---|");
    for count in if counts.is_empty() { vec![1_000] } else { counts } {
        let dir = tempfile::tempdir().expect("a folder for the notes");
        corpus::write(count, dir.path()).expect("the notes are written");
        let start = Instant::now();
        let mut snapshot = disk::read(dir.path(), Options::default()).expect("a project");
        let read = start.elapsed();
        let start = Instant::now();
        let mut built = build(&snapshot);
        let first = start.elapsed();
        let key = snapshot.files.keys().nth(count / 2).expect("a note").clone();
        let mut times = vec![];
        for run in 0..RUNS {
            let Some(Entry::Text(bytes)) = snapshot.files.get(&key) else { panic!("a note") };
            let text = format!("{}\n\n고친 문장 {run}.\n", String::from_utf8_lossy(bytes));
            let path = dir.path().join(key.as_str());
            fs::write(&path, text).expect("the note is saved");
            let start = Instant::now();
            let again = disk::read_again(dir.path(), &snapshot, &BTreeSet::from([path]));
            for (key, text) in again.expect("one note is enough") {
                snapshot.files.insert(key, Entry::Text(text));
            }
            let next = build(&snapshot);
            times.push(start.elapsed());
            built = next;
            comemo::evict(2);
        }
        times.sort();
        let ms = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
        println!("| {count} | {:.0} | {:.0} | {:.0} |", ms(read), ms(first), ms(times[RUNS / 2]));
        drop(built);
    }
}
