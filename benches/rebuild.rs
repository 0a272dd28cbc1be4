//! One note edited under `gongbu serve`: `cargo bench --bench rebuild -- 1000 10000`. What the server
//! does from the moment that a file is saved: it reads that file again and builds the project once
//! more. Each edit adds a sentence with words that no note has, and a service, in turn to notes all over;
//! between two the author thinks, so nothing is still near the processor. Then the same with a server of its
//! own, from the moment that the note is saved until a browser has the new page, the quiet window and
//! all. A benchmark, never a test.
#![allow(clippy::disallowed_methods, missing_docs, reason = "it measures the clock")]

mod author;
mod corpus;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use author::Author;
use gongbu::build::build;
use gongbu::disk;
use gongbu::snapshot::{Entry, Options, Snapshot};

const RUNS: usize = 15;

/// How long an author thinks between two edits; here, for the benchmark's sake, not for long.
const PAUSE: Duration = Duration::from_millis(200);

/// That of the command.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let counts: Vec<usize> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    println!(
        "| notes | read ms | first build ms | after one edit ms | until its page is there ms |\n|---|---|---|---|---|"
    );
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
            let path = note(dir.path(), &snapshot, run);
            save(&path, &sentence(run));
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
        let mut author = Author::at(dir.path());
        let mut waited = vec![];
        for run in 0..RUNS {
            std::thread::sleep(PAUSE);
            let path = note(dir.path(), &snapshot, run);
            let mut notes = built.site.notes.iter();
            let is_it = |file: &str| path == dir.path().join(file);
            let linked = notes.find(|it| is_it(it.note().file.as_str())).expect("a page");
            let new = sentence(RUNS + run);
            let word = new.split_once("에서").map_or("", |(word, _)| word);
            waited.push(author.edits(linked.page().as_str(), word, || save(&path, &new)));
        }
        let (read, first) = (ms(read), ms(first));
        println!("| {count} | {read:.0} | {first:.0} | {} | {} |", middle(times), middle(waited));
    }
}

/// The middle one, and in brackets the least and the most.
fn middle(mut times: Vec<Duration>) -> String {
    times.sort();
    format!("{:.0} ({:.0}–{:.0})", ms(times[RUNS / 2]), ms(times[0]), ms(times[RUNS - 1]))
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// In turn notes all over.
fn note(folder: &Path, snapshot: &Snapshot, run: usize) -> PathBuf {
    let notes: Vec<_> = snapshot.under("notes/").collect();
    folder.join(notes[notes.len() / (RUNS + 1) * (run + 1)].0.as_str())
}

fn save(path: &Path, sentence: &str) {
    let text = fs::read_to_string(path).expect("the note");
    fs::write(path, format!("{text}\n\n{sentence}\n")).expect("the note is saved");
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
