//! `gongbu build`: the site as files.
#![allow(clippy::disallowed_methods, reason = "it tells how long it took")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, anyhow};

use super::{DONE, NOTES_WRONG, project, report};
use crate::build::Built;
use crate::config;
use crate::disk::{self, PublishOptions};
use crate::snapshot::Options;

/// Write the site, by default to `public/` in the project
///
/// What has not changed is not rewritten, files that are not ours are left alone, and until the
/// whole site is ready the old one stays. If the notes have errors nothing is written.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: gongbu build --out /srv/notes --base-url https://example.org/notes/"
)]
pub(super) struct Args {
    /// The folder to write to
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Where the site will be; only needed for absolute addresses (404 page, canonical links)
    #[arg(long, value_name = "URL", value_parser = config::site_url)]
    base_url: Option<String>,
    /// Include drafts, marked as such
    #[arg(long)]
    drafts: bool,
    /// Let warnings count as errors
    #[arg(long)]
    strict: bool,
    /// Write into a folder that has files already, and keep them
    #[arg(long)]
    adopt: bool,
}

/// Builds and publishes. Exit code 1 if the notes have errors, with `--strict` also on warnings.
///
/// # Errors
/// If the project cannot be read or the folder cannot be written.
pub(super) fn run(root: Option<&Path>, args: &Args) -> Result<ExitCode> {
    let start = Instant::now();
    let root = project::root(root)?;
    let out = args.out.clone().unwrap_or_else(|| root.join("public"));
    let refused = |error: disk::PublishError| anyhow!("{error}; {}", error.hint());
    let folder = disk::check_out(&root, &out).map_err(refused)?;
    // What an earlier build was killed in comes first, even if the notes have errors now.
    disk::recover(&folder).map_err(refused)?;
    let options = Options { drafts: args.drafts, base_url: args.base_url.clone() };
    let (snapshot, built) = project::open(&root, options)?;
    report::diagnostics(&snapshot, &built.diags);
    if built.has_errors() || args.strict && !built.diags.is_empty() {
        writeln!(std::io::stderr(), "nothing was written: {}", report::count(&built.diags))?;
        return Ok(ExitCode::from(NOTES_WRONG));
    }
    let options = PublishOptions { adopt: args.adopt };
    let publish = || disk::publish(&built.plan, &root, &out, &options).map_err(refused);
    let published = project::patiently("writing the site", publish)?;
    if published.damaged {
        let told = "what was known of the output was damaged, so every file was compared";
        writeln!(std::io::stderr(), "{told}")?;
    }
    let seconds = start.elapsed().as_secs_f64();
    writeln!(
        std::io::stdout(),
        "{} → {} ({} written, {} unchanged, {} removed) in {seconds:.2} s",
        totals(&built),
        out.display(),
        published.written,
        published.unchanged,
        published.removed,
    )?;
    Ok(ExitCode::from(DONE))
}

/// "51 pages, 186 links, 0 warnings".
pub(super) fn totals(built: &Built) -> String {
    let links: usize = built
        .site
        .notes
        .iter()
        .map(|linked| {
            let automatic = linked.mentions.iter().filter(|mention| mention.link).count();
            automatic + linked.note().body.links.iter().filter(|link| !link.image).count()
        })
        .sum();
    let pages = built.plan.pages();
    format!("{pages} pages, {links} links, {}", report::count(&built.diags))
}
