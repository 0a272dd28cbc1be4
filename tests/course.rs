//! The course of this repository: nothing of what it was made from is ever lost, and nothing is wrong
//! with it.
#![allow(clippy::disallowed_methods, missing_docs, reason = "it reads the course")]

use std::fs;
use std::path::Path;

use gongbu::build::{Built, build};
use gongbu::disk;
use gongbu::snapshot::Options;

fn course() -> Built {
    build(&disk::read(Path::new("."), Options::default()).unwrap())
}

/// `course/lessons.tsv` has a line for each lesson: its number, its page, and the services that it defines.
#[test]
fn every_lesson_and_every_service_is_there() {
    let built = course();
    let list = fs::read_to_string("tests/course/lessons.tsv").unwrap();
    let mut lessons = 0;
    let mut services = 0;
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let [number, page, defines] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("three columns: {line}")
        };
        assert!(built.plan.get(&page.into()).is_some(), "lesson {number} has no page {page}");
        let at = built.site.notes.iter().position(|linked| linked.page().as_str() == page);
        let title = &built.site.notes[at.unwrap()].note().title;
        assert!(title.starts_with(number), "{page} is called {title}");
        lessons += 1;
        for id in defines.split_whitespace() {
            let term = built.site.catalog.by_id(id);
            let term = term.unwrap_or_else(|| panic!("{number}: there is no service {id}"));
            assert_eq!(built.site.defined_in[term], at, "{id} is not defined in {page}");
            services += 1;
        }
    }
    assert_eq!(lessons, 42);
    assert!(services >= 120, "{services} services");
}

#[test]
fn nothing_is_wrong_with_the_course() {
    let built = course();
    let checked = built.site.check();
    let told = built.diags.iter().chain(&checked).map(|it| it.message.clone());
    assert_eq!(told.collect::<Vec<_>>(), Vec::<String>::new());
    assert!(built.site.catalog.terms.len() >= 120);
    let links = built.site.notes.iter().flat_map(|linked| linked.mentions.iter());
    assert!(links.filter(|mention| mention.link).count() >= 400);
}

/// Each section has a list to match, `question -> answer`, and five pictures at least are ours.
#[test]
fn there_is_something_to_match_and_to_look_at() {
    let built = course();
    for section in &built.site.sections {
        let notes = section.lessons.iter().map(|at| built.site.notes[*at].note());
        let lists =
            notes.filter(|note| note.source().contains("\n- ") && note.source().contains(" -> "));
        assert!(section.lessons.is_empty() || lists.count() > 0, "{}", section.folder);
    }
    let pictures = built.plan.files().filter(|(path, _)| path.as_str().ends_with(".svg"));
    assert!(pictures.count() >= 6);
}
