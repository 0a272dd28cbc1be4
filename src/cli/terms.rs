//! `gongbu terms`: for each service its names, where it is mentioned, and what was no mention and why.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use serde::Serialize;

use super::terminal::{columns, padded, width, wrap};
use super::{DONE, NOTES_WRONG, project, report};
use crate::build::Built;
use crate::catalog::Term;
use crate::diag::{Diagnostic, Lines, Span};
use crate::near;
use crate::site::{LinkedNote, Proof, Site, TermProof};
use crate::snapshot::Options;

/// Show how each service is linked, and what was not and why
///
/// Without a name: a line for each service, the ones that no note mentions, and names that stand
/// together without being registered as one. With a name: every place. Words that are nearly a name
/// are told on stderr.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: gongbu terms S3")]
pub(super) struct Args {
    /// The service: its id or any of its names [default: all of them]
    name: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For the terminal
    Text,
    /// JSON
    Json,
}

/// Prints the proof of the links to stdout. Exit code 1 if the notes have errors.
///
/// # Errors
/// If the project cannot be read, or has no such service.
pub(super) fn run(root: Option<&Path>, args: &Args) -> Result<ExitCode> {
    let root = project::root(root)?;
    let (snapshot, built) = project::open(&root, Options::default())?;
    if built.has_errors() {
        report::diagnostics(&root, &snapshot, &built.diags);
        return Ok(ExitCode::from(NOTES_WRONG));
    }
    let site = &built.site;
    let chosen = args.name.as_deref().map(|name| named(site, name)).transpose()?;
    let proof = site.proof();
    let near = near(&built, chosen);
    let report = Report::of(&Places::of(site), &proof, &near, chosen);
    let text = match (args.format, chosen) {
        (Format::Json, _) => serde_json::to_string_pretty(&report)? + "\n",
        (Format::Text, Some(_)) => report.terms.iter().map(TermReport::details).collect(),
        (Format::Text, None) => report.table(),
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    report::all(&root, &snapshot, &near);
    Ok(ExitCode::from(DONE))
}

/// Words that are nearly a name. Misspelt headings were told when the services were collected.
fn near(built: &Built, chosen: Option<usize>) -> Vec<Diagnostic> {
    let site = &built.site;
    let near = site.near_misses().into_iter();
    let near = near.filter(|it| chosen.is_none_or(|term| it.term == term));
    let mut near: Vec<_> = near.map(|it| it.diagnostic(site)).collect();
    if chosen.is_none() {
        near.extend(built.diags.iter().filter(|diag| diag.code == "near-miss").cloned());
    }
    near.sort();
    near
}

fn named(site: &Site, name: &str) -> Result<usize> {
    if let Some(term) = site.catalog.by_hand(name) {
        return Ok(term);
    }
    let names = site.catalog.terms.iter().flat_map(|term| &term.names);
    let near = near::nearest(name, names.map(|name| name.text.as_str()));
    let near = near.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default();
    bail!("there is no service `{name}`, or several bear that name{near}")
}

/// What is printed, in the form of the JSON.
#[derive(Serialize)]
struct Report {
    terms: Vec<TermReport>,
    /// The ids of services that no note mentions.
    never_mentioned: Vec<String>,
    /// Names that stand together and are not registered as one.
    compounds: Vec<Place>,
    /// What is nearly a name.
    near_misses: Vec<NearReport>,
}

#[derive(Serialize)]
struct NearReport {
    #[serde(flatten)]
    place: Place,
    message: String,
}

/// The notes, with where their lines begin.
struct Places<'a> {
    site: &'a Site,
    lines: Vec<Lines<'a>>,
}

#[derive(Serialize)]
struct TermReport {
    id: String,
    name: String,
    full: String,
    page: String,
    names: Vec<NameReport>,
    defined: Option<Place>,
    mentions: Vec<MentionReport>,
    links: usize,
    by_hand: usize,
    pages: usize,
    rejected: Vec<RejectedReport>,
}

#[derive(Serialize)]
struct NameReport {
    text: String,
    class: &'static str,
    letter: char,
}

#[derive(Serialize)]
struct Place {
    file: String,
    line: usize,
    column: usize,
    text: String,
}

#[derive(Serialize)]
struct MentionReport {
    #[serde(flatten)]
    place: Place,
    link: bool,
}

#[derive(Serialize)]
struct RejectedReport {
    #[serde(flatten)]
    place: Place,
    reason: &'static str,
}

impl Report {
    fn of(places: &Places<'_>, proof: &Proof, near: &[Diagnostic], chosen: Option<usize>) -> Self {
        let site = places.site;
        let terms = site.catalog.terms.iter().zip(&proof.terms).enumerate();
        let chosen_one = |at: &usize| chosen.is_none_or(|chosen| chosen == *at);
        let quiet = |(_, (_, proof)): &(usize, (&Term, &TermProof))| {
            proof.mentions.is_empty() && proof.by_hand == 0
        };
        let never = terms.clone().filter(quiet).filter(|(at, _)| chosen_one(at));
        let compounds = proof.compounds.iter().filter(|_| chosen.is_none());
        Self {
            never_mentioned: never.map(|(_, (term, _))| term.id.to_string()).collect(),
            compounds: compounds.map(|(note, span)| places.at(*note, *span)).collect(),
            near_misses: near
                .iter()
                .filter_map(|diag| {
                    let file = |linked: &LinkedNote| linked.note().file == diag.file;
                    let note = site.notes.iter().position(file)?;
                    let message = diag.message.clone();
                    Some(NearReport { place: places.at(note, diag.span), message })
                })
                .collect(),
            terms: terms
                .filter(|(at, _)| chosen_one(at))
                .map(|(at, (term, proof))| TermReport::of(places, at, term, proof))
                .collect(),
        }
    }

    /// A line for each service.
    fn table(&self) -> String {
        let head = ["", "mentions", "links", "by hand", "notes", "rejected", "names"];
        let mut out = String::new();
        let widest = self.terms.iter().map(|term| columns(&term.name)).max().unwrap_or(0).max(7);
        out.push_str(&format!("{}  {}\n", padded(head[0], widest), head[1..].join("  ")));
        for term in &self.terms {
            let names: Vec<String> =
                term.names.iter().map(|name| format!("{} ({})", name.text, name.letter)).collect();
            let row = format!(
                "{}  {:>8}  {:>5}  {:>7}  {:>5}  {:>8}  ",
                padded(&term.name, widest),
                term.mentions.len(),
                term.links,
                term.by_hand,
                term.pages,
                term.rejected.len(),
            );
            wrap(&mut out, &row, &names.join(", "), width());
        }
        if !self.never_mentioned.is_empty() {
            out.push_str("\nNever mentioned\n");
            wrap(&mut out, "  ", &self.never_mentioned.join(", "), width());
        }
        if !self.compounds.is_empty() {
            out.push_str("\nTwo names together, not registered as one\n");
        }
        let mut compounds: BTreeMap<&str, Vec<&Place>> = BTreeMap::new();
        for place in &self.compounds {
            compounds.entry(&place.text).or_default().push(place);
        }
        for (text, places) in compounds {
            let more = match places.len() {
                1 => String::new(),
                n => format!(" and {} more", n - 1),
            };
            out.push_str(&format!("  {text}  {}{more}\n", places[0].at()));
        }
        out
    }
}

impl TermReport {
    fn of(places: &Places<'_>, at: usize, term: &Term, proof: &TermProof) -> Self {
        let site = places.site;
        let (page, anchor) = site.catalog.page(at);
        let anchor = anchor.map(|anchor| format!("#{anchor}")).unwrap_or_default();
        let name = |it: &crate::catalog::Name| NameReport {
            text: it.text.clone(),
            class: it.class.name(),
            letter: it.class.letter(),
        };
        let defined = term.defined.as_ref().zip(site.defined_in[at]);
        Self {
            id: term.id.to_string(),
            name: term.name.clone(),
            full: term.full.clone(),
            page: format!("{page}{anchor}"),
            names: term.names.iter().map(name).collect(),
            defined: defined.map(|(it, note)| places.at(note, it.place.span)),
            mentions: proof
                .mentions
                .iter()
                .map(|(note, it)| MentionReport { place: places.at(*note, it.span), link: it.link })
                .collect(),
            links: proof.links(),
            by_hand: proof.by_hand,
            pages: proof.pages(),
            rejected: proof
                .rejected
                .iter()
                .map(|(note, it)| RejectedReport {
                    place: places.at(*note, it.span),
                    reason: it.reason.describe(),
                })
                .collect(),
        }
    }

    /// Every place.
    fn details(&self) -> String {
        let mut out = String::new();
        let full = if self.full.is_empty() { String::new() } else { format!(" ({})", self.full) };
        wrap(&mut out, "", &format!("{}{full}", self.name), width());
        wrap(&mut out, "  page      ", &self.page, width());
        let names: Vec<String> = self
            .names
            .iter()
            .map(|it| format!("{} ({}, {})", it.text, it.letter, it.class))
            .collect();
        wrap(&mut out, "  names     ", &names.join(", "), width());
        let defined = self.defined.as_ref().map_or("only in the registry".to_owned(), Place::at);
        wrap(&mut out, "  defined   ", &defined, width());
        let counts = format!(
            "{}, {} of them links, in {}; {} by hand",
            self.mentions.len(),
            self.links,
            report::many(self.pages, "note"),
            self.by_hand
        );
        wrap(&mut out, "  mentions  ", &counts, width());
        for it in &self.mentions {
            let mark = if it.link { "→" } else { " " };
            out.push_str(&format!("    {mark} {}  {}\n", it.place.at(), it.place.text));
        }
        if !self.rejected.is_empty() {
            out.push_str(&format!("  rejected  {}\n", self.rejected.len()));
        }
        for it in &self.rejected {
            out.push_str(&format!("      {}  {}: {}\n", it.place.at(), it.place.text, it.reason));
        }
        out
    }
}

impl Place {
    /// `file:line:column`
    fn at(&self) -> String {
        format!("{}:{}:{}", self.file, self.line, self.column)
    }
}

impl<'a> Places<'a> {
    fn of(site: &'a Site) -> Self {
        let lines = site.notes.iter().map(|linked| Lines::of(linked.note().source()));
        Self { site, lines: lines.collect() }
    }

    fn at(&self, note: usize, span: Span) -> Place {
        let at = self.lines[note].position(span.start as usize);
        let note = self.site.notes[note].note();
        let text = note.source().get(span.range()).unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let file = self.site.on_disk(&note.file).to_string();
        Place { file, line: at.line, column: at.column, text }
    }
}
