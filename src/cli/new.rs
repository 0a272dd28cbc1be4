//! `gongbu new`: a note with the next number of its section.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

use super::fresh::{self, Content};
use super::split::shorten;
use super::{DONE, project};
use crate::build::MOULDS;
use crate::config;
use crate::near;
use crate::note::Note;
use crate::path::{self, url_part};
use crate::site::{FOLDERS, LinkedNote, Section, Site};
use crate::snapshot::Options;

/// Begin a new note, with the next number of its section
///
/// A section that is not there yet is begun: `gongbu new 04-network "DNS"` makes its folder.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: gongbu new 03 \"S3 storage classes\"")]
pub(super) struct Args {
    /// The section: its folder (with or without notes/ before it), its number or its title; `.` for
    /// the notes themselves
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
    let options = Options { drafts: true, base_url: None, check: false };
    let (_, built) = project::open(&root, options)?;
    let site = &built.site;
    let name = folder_name(&args.section, &site.config.notes);
    let section = project::known_section(site, name);
    let title = args.title.split_whitespace().collect::<Vec<_>>().join(" ");
    let slug = shorten(&url_part(&path::slug(&title)));
    if slug.is_empty() || title.contains(path::is_bidi_control) {
        bail!("`{title}` cannot be the name of a note; use letters or digits");
    }
    let lessons = section.map(|it| it.lessons.as_slice()).unwrap_or_default();
    let number = next(lessons.iter().map(|at| site.notes[*at].note().id.stem()));
    let folder = match section {
        Some(section) => folder(section, site),
        None => format!("{}/{}", site.config.notes, begun(name, site)?),
    };
    let folder = folder.trim_matches('/');
    let file = format!("{folder}/{number}{slug}.md").trim_start_matches('/').to_owned();
    if let Some(there) = fresh::in_the_way(&root, &file) {
        bail!("`{there}` is there already");
    }
    let mut err = std::io::stderr();
    let is_same = |it: &&Note| path::squeeze(&it.title) == path::squeeze(&title);
    if let Some(same) = site.notes.iter().map(LinkedNote::note).find(is_same) {
        let nearly = if same.title.to_lowercase() == title.to_lowercase() { "" } else { "nearly " };
        writeln!(err, "`{}` has {nearly}the same title", site.on_disk(&same.file))?;
    }
    let title = toml_edit::Value::from(title.as_str());
    let text = format!("+++\ntitle = {title}\nsummary = \"\"\n+++\n\n");
    fresh::write(&root, &[(file.clone(), Content::Bytes(text.into()))], None)?;
    if section.is_none() && name != "." {
        writeln!(err, "this begins the section {folder}/; {folder}/index.md may give it a title")?;
    }
    writeln!(std::io::stdout(), "{file}")?;
    Ok(ExitCode::from(DONE))
}

/// The section that is meant by a folder as a shell completes it: `notes/01-x/` is `01-x`.
fn folder_name<'a>(named: &'a str, notes: &str) -> &'a str {
    let bare = named.trim().trim_start_matches("./").trim_end_matches('/');
    let inside = |notes: &str| match bare.strip_prefix(notes)? {
        "" => Some("."),
        rest => rest.strip_prefix('/'),
    };
    let folders = [notes, config::NOTES].into_iter().filter(|it| !it.is_empty());
    folders.filter_map(inside).next().unwrap_or(bare)
}

/// The folder of a section that is not there yet.
///
/// # Errors
/// If it is nearly one that is there, or cannot be a folder of notes.
fn begun(name: &str, site: &Site) -> Result<String> {
    if name == "." {
        return Ok(String::new());
    }
    let mut folders = site.sections.iter().map(|it| it.folder.as_str());
    // A number that no section has is meant to be new, however alike the names are.
    let number = number_of(name);
    let is_new = !number.is_empty() && !folders.clone().any(|it| number_of(it) == number);
    let is_near = near::nearest(name, folders.clone()).is_some()
        || folders.any(|it| near::nearest(word_of(name), [word_of(it)]).is_some());
    if is_near && !is_new {
        project::section(site, name)?;
    }
    let parts: Vec<String> = name.split('/').map(url_part).collect();
    if parts.iter().any(String::is_empty) || name.contains(path::is_bidi_control) {
        bail!("`{name}` cannot be the folder of a section; use letters or digits");
    }
    if FOLDERS.contains(&parts[0].as_str()) {
        bail!("the folder `{}` belongs to the site itself; take another name", parts[0]);
    }
    if let Some(part) =
        parts.iter().find(|it| MOULDS.iter().any(|mould| it.eq_ignore_ascii_case(mould)))
    {
        bail!(
            "what is in a folder `{part}` are templates for notes, and left out; take another name"
        );
    }
    Ok(parts.join("/"))
}

/// The number that a folder begins with.
fn number_of(folder: &str) -> &str {
    &folder[..folder.len() - folder.trim_start_matches(|c: char| c.is_ascii_digit()).len()]
}

/// The name of a folder without its number.
fn word_of(folder: &str) -> &str {
    folder.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-')
}

/// The folder of a section as it is written on the disk, which may not be NFC.
fn folder(section: &Section, site: &Site) -> String {
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
    fn a_section_as_a_shell_completes_it() {
        for (named, notes, name) in [
            ("notes/01-x/", "notes", "01-x"),
            ("docs/01-x", "docs", "01-x"),
            ("./01-x", "", "01-x"),
            ("notes", "notes", "."),
            ("notes-2", "notes", "notes-2"),
            (".", "", "."),
        ] {
            assert_eq!(folder_name(named, notes), name, "{named}");
        }
    }

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
