//! `gongbu summary`: the sheet of a section, for the terminal, for paper or for another program.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

use super::terminal::{columns, width, wrap};
use super::{DONE, NOTES_WRONG, project, report};
use crate::output;
use crate::site::summary::{LessonSummary, Piece, Service, Summary};
use crate::snapshot::Options;

/// Print each lesson with its summary, its services and its key facts
///
/// Key facts are the lines with something bold in them, in order. The same sheet is in the site, under
/// `print/`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: gongbu summary 03 --format markdown > cheat-sheet.md")]
pub(super) struct Args {
    /// The section: its folder, its number or its title [default: the whole course]
    section: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For the terminal, wrapped
    Text,
    /// Markdown
    Markdown,
    /// HTML, the sheet alone
    Html,
    /// JSON
    Json,
}

/// Prints a summary to stdout. Exit code 1 if the notes have errors.
///
/// # Errors
/// If the project cannot be read, or has no such section.
pub(super) fn run(root: Option<&Path>, args: &Args) -> Result<ExitCode> {
    let root = project::root(root)?;
    let (snapshot, built) = project::open(&root, Options::default())?;
    if built.has_errors() {
        report::diagnostics(&root, &snapshot, &built.diags);
        return Ok(ExitCode::from(NOTES_WRONG));
    }
    let summary = match &args.section {
        Some(name) => built.site.summary_of(project::section(&built.site, name)?),
        None => built.site.summary(),
    };
    let text = match args.format {
        Format::Text => terminal(&summary, width()),
        Format::Markdown => markdown(&summary),
        Format::Json => serde_json::to_string_pretty(&summary)? + "\n",
        Format::Html => match output::sheet(&built.theme, &summary) {
            Ok(html) => String::from_utf8_lossy(&html).trim_start().to_owned() + "\n",
            Err(diag) => bail!("{}: {}", diag.file, diag.message),
        },
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::from(DONE))
}

fn terminal(summary: &Summary, width: usize) -> String {
    let mut out = String::new();
    let line = "─".repeat(columns(&summary.title).min(width));
    wrap(&mut out, "", &summary.title, width);
    out.push_str(&format!("{line}\n"));
    for section in &summary.sections {
        if section.title != summary.title {
            out.push('\n');
            wrap(&mut out, "", &section.title, width);
        }
        if !section.summary.is_empty() {
            wrap(&mut out, "", &section.summary, width);
        }
        for lesson in &section.lessons {
            out.push('\n');
            wrap(&mut out, "", &lesson.title, width);
            if !lesson.summary.is_empty() {
                wrap(&mut out, "  ", &lesson.summary, width);
            }
            if !lesson.services.is_empty() {
                wrap(&mut out, "  ▸ ", &services(lesson, " · "), width);
            }
            for group in &lesson.groups {
                if !group.heading.is_empty() {
                    wrap(&mut out, "  ", &format!("[{}]", group.heading), width);
                }
                for fact in &group.facts {
                    wrap(&mut out, "  • ", &fact.text(), width);
                }
            }
        }
    }
    out
}

fn markdown(summary: &Summary) -> String {
    let mut out = format!("# {}\n", summary.title);
    for section in &summary.sections {
        let alone = section.title == summary.title;
        if !alone {
            out.push_str(&format!("\n## {}\n", section.title));
        }
        if !section.summary.is_empty() {
            out.push_str(&format!("\n{}\n", section.summary));
        }
        for lesson in &section.lessons {
            out.push_str(&format!("\n{} {}\n", if alone { "##" } else { "###" }, lesson.title));
            if !lesson.summary.is_empty() {
                out.push_str(&format!("\n{}\n", lesson.summary));
            }
            if !lesson.services.is_empty() {
                out.push_str(&format!("\n**{}**\n", services(lesson, "** · **")));
            }
            for group in &lesson.groups {
                if !group.heading.is_empty() {
                    let level = if alone { "###" } else { "####" };
                    out.push_str(&format!("\n{level} {}\n", escape_markdown(group.heading)));
                }
                out.push('\n');
                for fact in &group.facts {
                    let piece = |it: &Piece| match it.number {
                        Some(_) => format!("**{}**", escape_markdown(it.text.trim())),
                        None => escape_markdown(&it.text),
                    };
                    out.push_str(&format!(
                        "- {}\n",
                        fact.pieces.iter().map(piece).collect::<String>()
                    ));
                }
            }
        }
    }
    out
}

fn services(lesson: &LessonSummary, between: &str) -> String {
    let name = |it: &Service| match it.full.as_str() {
        "" => it.name.clone(),
        full => format!("{} ({full})", it.name),
    };
    lesson.services.iter().map(name).collect::<Vec<_>>().join(between)
}

fn escape_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_[]<>#~|".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
