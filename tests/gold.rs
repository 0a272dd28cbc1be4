//! Precision and recall of the links, against a list of all true mentions in a real course.
//!
//! `gold/mentions.tsv` was made by reading, `gold/services.toml` is the registry. The course itself is
//! no part of the project: without it the test is left out, and says so.
#![allow(clippy::disallowed_methods, missing_docs, reason = "it reads its lists")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use gongbu::build::{Built, build};
use gongbu::diag::position;
use gongbu::snapshot::{Entry, Snapshot};

const CONFIG: &str = "[terms]\nheading_level = 3\nvendor = [\"AWS\", \"Amazon\"]\n";

/// Where the program and the reader differ, each with the reason. One that no longer differs fails.
const KNOWN: &[(&str, &str)] = &[
    ("309:3", "`edge locations` is a W name in lower case (R2): an alias of its own would mend it"),
    ("323:31", "as 309:3"),
    ("384:3", "`read replicas`, as 309:3"),
    ("828:5", "`Lambda Pricing`, all in English: a Latin word stands beside an ordinary word (R6)"),
    ("922:9", "a Korean alias that is also an ordinary phrase (R5): the notes would opt it out"),
];

/// A mention: its place, and the id.
type Mentions = BTreeMap<String, String>;

#[test]
fn the_links_of_a_real_course() {
    let Some(folder) = std::env::var_os("GONGBU_SOURCE").map(PathBuf::from) else {
        eprintln!("left out: the links of the course itself, because GONGBU_SOURCE is not set");
        return;
    };
    let source = fs::read(folder.join("summary.md")).unwrap();
    let found = mentions(&source);
    let gold: Mentions = fs::read_to_string("tests/gold/mentions.tsv")
        .unwrap()
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut parts = line.split('\t');
            let (place, _, id) = (parts.next(), parts.next(), parts.next());
            (place.unwrap().to_owned(), id.unwrap().to_owned())
        })
        .collect();
    assert!(gold.len() >= 150, "the list is gone");

    let right = found.iter().filter(|(place, id)| gold.get(*place) == Some(*id)).count();
    let (precision, recall) = (share(right, found.len()), share(right, gold.len()));
    println!(
        "{right} right of {} found and {} true: precision {precision:.4}, recall {recall:.4}",
        found.len(),
        gold.len()
    );
    let places = gold.keys().chain(found.keys());
    let mut differ: Vec<&str> =
        places.filter(|it| gold.get(*it) != found.get(*it)).map(String::as_str).collect();
    differ.sort_unstable();
    differ.dedup();
    let mut known: Vec<&str> = KNOWN.iter().map(|(place, _)| *place).collect();
    known.sort_unstable();
    assert_eq!(
        differ,
        known,
        "found {:?}",
        differ.iter().map(|it| found.get(*it)).collect::<Vec<_>>()
    );
    assert!(precision >= 0.99 && recall >= 0.97);
}

/// The near misses of the course, headings included, each with its place.
#[test]
fn the_misspelt_names_of_a_real_course() {
    let Some(folder) = std::env::var_os("GONGBU_SOURCE").map(PathBuf::from) else {
        eprintln!("left out: the misspelt names of the course, because GONGBU_SOURCE is not set");
        return;
    };
    let source = fs::read(folder.join("summary.md")).unwrap();
    let built = built(&source);
    let near = built.site.near_misses();
    let mut told: Vec<_> = near.iter().map(|it| it.diagnostic(&built.site)).collect();
    told.extend(built.diags.iter().filter(|diag| diag.code == "near-miss").cloned());
    let mut found: Vec<String> = told
        .iter()
        .map(|diag| {
            let at = position(&source, diag.span.start as usize);
            format!("{}:{}:{} {}", diag.file, at.line, at.column, diag.message)
        })
        .collect();
    found.sort();
    let meant = |place: &str, wrong: &str, right: &str| {
        format!("notes/a/summary.md:{place} `{wrong}` is probably meant to be `{right}`")
    };
    let heading = |place: &str, right: &str| {
        format!("notes/a/summary.md:{place} this heading is probably meant to be `{right}`")
    };
    assert_eq!(
        found,
        [
            meant("454:5", "Direct Connet", "Direct Connect"),
            heading("862:1", "Cost and Usage Reports"),
            heading("873:1", "Organizations"),
            heading("888:1", "Systems Manager"),
            meant("905:5", "CloundFront", "CloudFront"),
        ]
    );
}

fn share(part: usize, all: usize) -> f64 {
    part as f64 / all as f64
}

fn built(source: &[u8]) -> Built {
    let registry = fs::read_to_string("tests/gold/services.toml").unwrap();
    let mut snapshot =
        Snapshot::fixture(&format!("//- gongbu.toml\n{CONFIG}//- notes/services.toml\n{registry}"));
    snapshot.files.insert("notes/a/summary.md".into(), Entry::Text(source.into()));
    let built = build(&snapshot);
    let errors: Vec<_> = built.diags.iter().filter(|diag| diag.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    built
}

/// What the program finds: every mention, shown as a link or not.
fn mentions(source: &[u8]) -> Mentions {
    let built = built(source);
    let place = |at: u32| {
        let at = position(source, at as usize);
        format!("{}:{}", at.line, at.column)
    };
    let terms = &built.site.catalog.terms;
    let all = built.site.notes.iter().flat_map(|linked| linked.mentions.iter());
    all.map(|it| (place(it.span.start), terms[it.term()].id.to_string())).collect()
}
