//! `gongbu theme`: what the built-in theme is made of, so that one can change it.

#![allow(clippy::disallowed_methods, reason = "it looks at what the project replaces")]

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

use super::{DONE, project};
use crate::near;
use crate::theme;

/// List and print the files of the built-in theme
///
/// A file of the project at the same path replaces the built-in one; a template may also begin with
/// `{% extends "builtin/NAME.html" %}` and change one block.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: gongbu theme list")]
pub(super) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the files, and which of them the project replaces
    #[command(after_help = "Example: gongbu theme list")]
    List,
    /// Print a file
    #[command(
        after_help = "Example: mkdir -p templates && gongbu theme show note.html > templates/note.html"
    )]
    Show {
        /// Its path, such as templates/note.html; the folder may be left out
        file: String,
    },
}

/// Prints to stdout.
///
/// # Errors
/// If the theme has no such file.
pub(super) fn run(root: Option<&Path>, args: &Args) -> Result<ExitCode> {
    let files = theme::builtin();
    let mut out = std::io::stdout().lock();
    match &args.action {
        None | Some(Action::List) => {
            // Without a project there is nothing that replaces them.
            let root = project::root(root).ok();
            for (path, bytes) in &files {
                let own = root.as_ref().and_then(|root| std::fs::read(root.join(path)).ok());
                let own = own.is_some_and(|own| own != *bytes);
                let mark = if own { "  replaced by the project" } else { "" };
                writeln!(out, "{path:<28} {:>6} bytes{mark}", bytes.len())?;
            }
        }
        Some(Action::Show { file }) => {
            let named = |path: &str| {
                path == file || path.split_once('/').is_some_and(|(_, name)| name == file)
            };
            match files.iter().find(|(path, _)| named(path)) {
                Some((_, bytes)) => out.write_all(bytes)?,
                None => {
                    let bare =
                        |path: &'_ str| path.rsplit('/').next().unwrap_or_default().to_owned();
                    let names: Vec<String> = files.iter().map(|(path, _)| bare(path)).collect();
                    let near = near::nearest(&bare(file), names.iter().map(String::as_str));
                    let at = near.and_then(|near| names.iter().position(|name| name == near));
                    let near = at.map(|at| format!("; did you mean `{}`?", files[at].0));
                    let near = near.unwrap_or_default();
                    bail!(
                        "the theme has no file `{file}`{near}\n  `gongbu theme list` names them all"
                    )
                }
            }
        }
    }
    Ok(ExitCode::from(DONE))
}
