//! `llms.txt`: what the site holds, for programs that read text (llmstxt.org). Lessons are listed up
//! to a thousand, then sections.

use super::{Made, View, glossary, markdown};
use crate::path::OutPath;
use crate::plan::File;
use crate::site::Section;

/// A site with more lessons lists its sections alone.
const LESSONS: usize = 1000;

pub(super) fn render(view: &View<'_>) -> Made {
    let site = view.site;
    let own = OutPath::from("llms.txt");
    let base = site.config.base_url.clone().unwrap_or_default();
    let url = |page: &OutPath| format!("{base}{}", own.link_to(page, None));
    let mut text = format!("# {}\n", site.title());
    let home = site.home.map(|at| site.notes[at].note().front.summary.as_str());
    let about = [site.config.description.as_str(), home.unwrap_or_default()];
    if let Some(about) = about.into_iter().find(|about| !about.is_empty()) {
        text.push_str(&format!("\n> {about}\n"));
    }
    if let Some(home) = site.home.map(|at| &site.notes[at]) {
        let page = url(&markdown::page(home.page()));
        text.push_str(&format!("\n{}", line(&home.note().title, &page, "")));
    }
    let lessons: usize = site.sections.iter().map(|section| section.lessons.len()).sum();
    let all = lessons <= LESSONS;
    for (at, section) in site.sections.iter().enumerate() {
        if all {
            text.push_str(&format!("\n## {}\n\n", view.section_title(section)));
            for at in section.index.iter().chain(&section.lessons) {
                let linked = &site.notes[*at];
                let page = url(&markdown::page(linked.page()));
                text.push_str(&line(&linked.note().title, &page, &linked.note().front.summary));
            }
        } else {
            let (page, summary) = section_page(view, section);
            text.push_str(if at == 0 { "\n" } else { "" });
            text.push_str(&line(view.section_title(section), &url(&page), summary));
        }
    }
    let index = OutPath::from("services/index.html");
    let glossary = OutPath::from(glossary::PAGE);
    let more =
        glossary::exists(view).then(|| line(&view.theme.word("glossary"), &url(&glossary), ""));
    text.push_str("\n## Optional\n\n");
    text.push_str(&line(&view.theme.word("services"), &url(&index), ""));
    text.push_str(&more.unwrap_or_default());
    (vec![(own, File::bytes(text.as_bytes()))], vec![])
}

fn line(title: &str, url: &str, summary: &str) -> String {
    let summary = if summary.is_empty() { String::new() } else { format!(": {summary}") };
    format!("- [{}]({url}){summary}\n", title.replace(['[', ']'], ""))
}

/// Where a section is told of, and its line.
fn section_page<'a>(view: &View<'a>, section: &Section) -> (OutPath, &'a str) {
    match section.index.map(|at| &view.site.notes[at]) {
        Some(linked) => (markdown::page(linked.page()), linked.note().front.summary.as_str()),
        None => (section.page.clone(), ""),
    }
}
