//! `gongbu new`: a note with the next number of its section.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::fresh::{self, Content};
use super::{DONE, project};
use crate::path::{self, url_part};
use crate::site::Section;
use crate::snapshot::Options;

/// Begin a new note, with the next number of its section
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: gongbu new 03 \"S3 storage classes\"")]
pub(super) struct Args {
    /// The section: its folder, its number or its title
    section: String,
    /// The title of the note
    title: String,
}

/// Makes the file, and prints its path.
///
/// # Errors
/// If there is no such section, or the file cannot be written.
pub(super) fn run(root: Option<&Path>, args: &Args) -> Result<ExitCode> {
    let root = project::root(root)?;
    // Drafts have numbers too.
    let options = Options { drafts: true, base_url: None };
    let (_, built) = project::open(&root, options)?;
    let section = project::section(&built.site, &args.section)
        .context("a section is a folder under notes/ with an index.md or lessons in it")?;
    let title = args.title.split_whitespace().collect::<Vec<_>>().join(" ");
    let slug = url_part(&path::slug(&title));
    if slug.is_empty() || title.contains(path::is_bidi_control) {
        bail!("`{title}` cannot be the name of a note; use letters or digits");
    }
    let stems = section.lessons.iter().map(|at| built.site.notes[*at].note().id.stem());
    let number = next(stems);
    let folder = folder(section, &built.site);
    let file = format!("{folder}/{number}{slug}.md");
    let file = file.trim_start_matches('/').to_owned();
    if let Some(there) = fresh::in_the_way(&root, &file) {
        bail!("`{there}` is there already");
    }
    let title = toml_edit::Value::from(title.as_str());
    let text = format!("+++\ntitle = {title}\nsummary = \"\"\n+++\n\n");
    fresh::write(&root, &[(file.clone(), Content::Bytes(text.into()))], None)?;
    writeln!(std::io::stdout(), "{file}")?;
    Ok(ExitCode::from(DONE))
}

/// The folder of a section as it is written on the disk, which may not be NFC.
fn folder(section: &Section, site: &crate::site::Site) -> String {
    let first = section.index.iter().chain(&section.lessons).next();
    let file = first.map(|at| site.on_disk(&site.notes[*at].note().file).folder().to_owned());
    file.unwrap_or_else(|| format!("{}/{}", site.config.notes, section.folder))
}

/// The number after the highest, as wide as the others are, with its hyphen; empty where lessons have
/// no numbers.
fn next<'a>(stems: impl Iterator<Item = &'a str>) -> String {
    let (mut highest, mut width, mut others) = (0_u64, 2, false);
    for stem in stems {
        let digits = stem.len() - stem.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        match stem[..digits].parse::<u64>() {
            Ok(number) => (highest, width) = (highest.max(number), width.max(digits)),
            Err(_) => others = true,
        }
    }
    if highest == 0 && others {
        return String::new();
    }
    format!("{:0width$}-", highest + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_number() {
        for (stems, number) in [
            (&["01-a", "09-b"][..], "10-"),
            (&[][..], "01-"),
            (&["001-a"][..], "002-"),
            (&["a", "b"][..], ""),
            (&["3-a", "10"][..], "11-"),
        ] {
            assert_eq!(next(stems.iter().copied()), number);
        }
    }
}
