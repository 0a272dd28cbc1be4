//! Which words in brackets are another name of the words before them, against a list made by reading.
//!
//! `pairs/cases.tsv` holds texts and the pairs in them: those of a course, where it says something in
//! Korean and English in a line or two, then such of other fields, then what is no pair.
#![allow(clippy::disallowed_methods, missing_docs, reason = "it reads its cases")]

use std::collections::BTreeSet;
use std::fs;

use gongbu::build::build;
use gongbu::snapshot::{Entry, Snapshot};

/// Where the program and the reader differ, each with the reason. One that no longer differs fails.
const KNOWN: &[(&str, &str)] = &[
    ("보내는 쪽(producer)", "a clause is a name here"),
    ("가운데 글자를", "a Latin word explained by a Korean one that is no translation"),
    ("자체 사용자", "how many of the words the letters stand for cannot be told"),
    ("전문가로", "a marked name of which English has one word more"),
    ("설치와", "one syllable alone is no name"),
    ("HDD(처리량", "letters explained by a remark of two words"),
    ("파일(Linux)", "a Latin word that is no translation"),
    ("리전마다", "`default` begins a remark"),
    ("**저장(stateful)", "half of the name is in the cell before"),
    ("**비저장(stateless)", "half of the name is in the cell before"),
    ("**DBMS", "letters that are not the initials of words"),
    ("읽기를", "letters that are not the initials of words"),
    ("**제어(control", "two names of one kind could be examples"),
    ("형법에는", "Latin has more words for the syllables"),
    ("3차", "3 and Third"),
    ("REST(", "letters that are not the initials of words"),
    ("JSON(", "letters that are not the initials of words"),
    ("Rust(", "a Latin word explained by a Korean one that is no translation"),
];

type Pairs = BTreeSet<String>;

#[test]
fn the_pairs_of_a_real_course() {
    let list = fs::read_to_string("tests/pairs/cases.tsv").unwrap();
    let rows: Vec<(&str, &str)> = list
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# "))
        .map(|line| line.split_once('\t').unwrap())
        .collect();
    assert!(rows.len() > 450, "the cases are gone");

    // Each text is a note of its own.
    let mut snapshot = Snapshot::fixture("//- gongbu.toml\n");
    for (at, (text, _)) in rows.iter().enumerate() {
        let note = format!("# T\n\n{text}\n").into_bytes();
        snapshot
            .files
            .insert(format!("notes/a/{at:04}.md").as_str().into(), Entry::Text(note.into()));
    }
    let site = build(&snapshot).site;
    assert_eq!(site.notes.len(), rows.len());

    let (mut right, mut found, mut wanted) = (0, 0, 0);
    let mut known = KNOWN.to_vec();
    let mut wrong = vec![];
    for ((text, gold), linked) in rows.iter().zip(&site.notes) {
        let gold: Pairs = gold.split(" | ").filter(|it| *it != "-").map(str::to_owned).collect();
        let pairs = linked.pairs.iter().map(|it| format!("{}={}", it.first, it.second));
        let own: Pairs = pairs.collect();
        right += own.intersection(&gold).count();
        (found, wanted) = (found + own.len(), wanted + gold.len());
        let at = known.iter().position(|(start, _)| text.starts_with(start));
        match at {
            Some(at) if own != gold => drop(known.remove(at)),
            None if own == gold => {}
            _ => wrong.push(format!("{text}\n  by reading: {gold:?}\n  found:      {own:?}")),
        }
    }
    let share = |all: usize| right as f64 / all as f64;
    let (precision, recall) = (share(found), share(wanted));
    println!("{right} right of {found} found and {wanted} true: {precision:.4}, {recall:.4}");
    assert!(wrong.is_empty(), "{}\n", wrong.join("\n"));
    assert!(known.is_empty(), "no row differs so: {known:?}");
    assert!(precision > 0.975 && recall > 0.96, "precision {precision}, recall {recall}");
}
