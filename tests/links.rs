//! Which words become links to which service, by a registry of every kind of name.
//!
//! `links/services.toml` is the registry, `links/cases.tsv` the cases: a text, and the names that are
//! links with the ids they lead to; `\n` is a line end. No links: a dash.
#![allow(clippy::disallowed_methods, missing_docs, reason = "it reads its cases")]

use std::fs;

use gongbu::build::build;
use gongbu::plan::Artifact;
use gongbu::snapshot::{Entry, Snapshot};

const CONFIG: &str =
    "[terms]\nheading_level = 3\nvendor = [\"AWS\", \"Amazon\"]\n[html]\ntrust = true\n";

#[test]
fn every_case_links_what_it_says() {
    let registry = fs::read_to_string("tests/links/services.toml").unwrap();
    let cases = fs::read_to_string("tests/links/cases.tsv").unwrap();
    let mut wrong = vec![];
    let mut count = 0;
    for line in cases.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (text, expected) = line.split_once('\t').unwrap();
        count += 1;
        let found = links(&registry, &text.replace("\\n", "\n"));
        let found = if found.is_empty() { "-".to_owned() } else { found.join("; ") };
        if found != expected {
            wrong.push(format!("{text}\n  expected: {expected}\n  found:    {found}"));
        }
    }
    assert!(count > 400, "the cases are gone");
    assert!(wrong.is_empty(), "{} of {count}\n{}\n", wrong.len(), wrong.join("\n"));
}

fn links(registry: &str, text: &str) -> Vec<String> {
    let mut snapshot =
        Snapshot::fixture(&format!("//- gongbu.toml\n{CONFIG}//- notes/services.toml\n{registry}"));
    let note = format!("# T\n\n## B\n\n{text}\n");
    snapshot.files.insert("notes/a/t.md".into(), Entry::Text(note.into_bytes().into()));
    let built = build(&snapshot);
    let errors: Vec<_> = built.diags.iter().filter(|diag| diag.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let page = built.plan.get(&"a/t.html".into()).unwrap();
    let Artifact::Bytes(bytes) = &page.artifact else { panic!("a page is made of bytes") };
    let html = String::from_utf8(bytes.unpack()).unwrap();
    let parts = html.split("class=\"term\" data-term=\"").skip(1);
    let link = |part: &str| {
        let (id, rest) = part.split_once('"').unwrap();
        let name = rest.split_once('>').unwrap().1.split("</a>").next().unwrap();
        format!("{} → {id}", name.replace('\n', "⏎"))
    };
    parts.map(link).collect()
}
