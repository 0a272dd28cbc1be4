//! The index of the search holds what things are called: each word of each title, heading and name, over
//! the course of this repository and over a real one. That each is found is tested with the client
//! itself, in `browser/search.test.mjs`.
#![allow(clippy::disallowed_methods, missing_docs, reason = "it reads notes")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gongbu::build::{Built, build};
use gongbu::disk;
use gongbu::hangul::{is_hangul, is_syllable};
use gongbu::plan::Artifact;
use gongbu::snapshot::{Entry, Options, Snapshot};

/// The words of the index, as its files hold them.
fn words(built: &Built) -> BTreeSet<String> {
    let files = built.plan.files().filter(|(path, _)| path.as_str().starts_with("assets/words."));
    let mut words = BTreeSet::new();
    for (path, file) in files {
        let Artifact::Bytes(bytes) = &file.artifact else { panic!("{path:?}") };
        let text = String::from_utf8(bytes.unpack()).unwrap();
        let json = text.strip_prefix("gongbu.search.add(").and_then(|it| it.strip_suffix(')'));
        let lines: String = serde_json::from_str(json.unwrap()).unwrap();
        words.extend(lines.split('|').filter_map(|line| Some(line.split_once(' ')?.0.to_owned())));
    }
    words
}

/// The runs of Hangul and of other letters, by a rule of its own: the index must not prove itself.
fn runs(text: &str) -> Vec<String> {
    let mut runs: Vec<String> = vec![];
    let mut last = None;
    for c in text.chars() {
        let kind = c.is_alphanumeric().then(|| is_hangul(c));
        if kind.is_some() && kind == last {
            runs.last_mut().unwrap().push(c);
        } else if kind.is_some() {
            runs.push(c.into());
        }
        last = kind;
    }
    runs.into_iter().map(|run| run.to_lowercase()).collect()
}

fn holds_its_names(built: &Built) {
    let words = words(built);
    let mut lost = vec![];
    let mut asked = 0;
    let mut ask = |text: &str| {
        for run in runs(text) {
            asked += 1;
            // A particle may have been cut off; two syllables stay.
            let ends = run.char_indices().map(|(at, c)| at + c.len_utf8());
            let mut stems = ends.filter(|end| *end == run.len() || *end >= 6);
            let is_korean = run.starts_with(is_syllable);
            let is_held = |word: &str| words.contains(word);
            if !(is_held(&run) || is_korean && stems.any(|end| is_held(&run[..end]))) {
                lost.push(format!("{run} of {text}"));
            }
        }
    };
    for linked in &built.site.notes {
        ask(&linked.note().title);
        linked.note().body.headings.iter().for_each(|heading| ask(&heading.text));
    }
    for term in &built.site.catalog.terms {
        ask(&term.name);
        ask(&term.full);
        term.names.iter().for_each(|name| ask(&name.text));
    }
    assert!(asked > 300, "{asked} words");
    assert_eq!(lost, Vec::<String>::new());
}

#[test]
fn the_index_holds_the_names_of_the_course() {
    holds_its_names(&build(&disk::read(Path::new("."), Options::default()).unwrap()));
}

#[test]
fn the_index_holds_the_names_of_a_real_course() {
    let Some(folder) = std::env::var_os("GONGBU_SOURCE").map(PathBuf::from) else {
        eprintln!("left out: the index over a real course, because GONGBU_SOURCE is not set");
        return;
    };
    let mut snapshot = Snapshot::default();
    for (path, bytes) in [
        ("gongbu.toml", b"[terms]\nheading_level = 3\n".to_vec()),
        ("notes/services.toml", fs::read("tests/gold/services.toml").unwrap()),
        ("notes/02-a/01-source.md", fs::read(folder.join("summary.md")).unwrap()),
    ] {
        snapshot.files.insert(path.into(), Entry::Text(bytes.into()));
    }
    holds_its_names(&build(&snapshot));
}
