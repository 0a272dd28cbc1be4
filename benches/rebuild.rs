//! One note edited under `gongbu serve`: `cargo bench --bench rebuild -- 1000 10000`. What the server
//! does from the moment that a file is saved: it reads that file again and builds the project once
//! more. Each edit adds a sentence with words that no note has, and a service, in turn to notes all over;
//! between two the author thinks, so nothing is still near the processor. A benchmark, never a test.
#![allow(clippy::disallowed_methods, missing_docs, reason = "it measures the clock")]

mod corpus;

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use gongbu::build::build;
use gongbu::disk;
use gongbu::snapshot::{Entry, Options};

const RUNS: usize = 15;

/// How long an author thinks between two edits; here, for the benchmark's sake, not for long.
const PAUSE: Duration = Duration::from_millis(200);

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
        let mut times = vec![];
        for run in 0..RUNS {
            std::thread::sleep(PAUSE);
            let key = snapshot.files.keys().nth(count / (RUNS + 1) * (run + 1));
            let key = key.expect("a note").clone();
            let Some(Entry::Text(bytes)) = snapshot.files.get(&key) else { panic!("a note") };
            let text = format!("{}\n\n{}\n", String::from_utf8_lossy(bytes), sentence(run));
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
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        println!("| {count} | {:.0} | {:.0} | {:.0} |", ms(read), ms(first), ms(times[RUNS / 2]));
        drop(built);
    }
}

/// A sentence that no note holds.
fn sentence(run: usize) -> String {
    let syllable = |at: usize| {
        let number = (run * 8 + at).wrapping_mul(0x9E37_79B1) >> 7;
        char::from_u32(0xAC00 + u32::try_from(number % 11_172).unwrap_or(0)).unwrap_or('가')
    };
    let word = |at: usize| format!("{}{}", syllable(2 * at), syllable(2 * at + 1));
    format!("{}에서 {}를 Alpha1로 옮기면 {} {}.", word(0), word(1), word(2), word(3))
}
