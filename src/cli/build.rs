//! `gongbu build`: the site as files.
#![allow(clippy::disallowed_methods, reason = "it tells how long it took")]

use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, anyhow};

use super::{DONE, NOTES_WRONG, project, report};
use crate::build::Built;
use crate::config;
use crate::diag::Diagnostic;
use crate::disk::{self, Known, Publication, PublishOptions, Published};
use crate::snapshot::{Options, Snapshot};

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
    /// Build everything anew, and compare each file of the site with it byte by byte. What was
    /// changed since it was published is named, and written anew if its size or its time tells; the exit
    /// code is 1 even so
    #[arg(long)]
    verify: bool,
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
    let options = Options { drafts: args.drafts, base_url: args.base_url.clone(), check: false };
    let snapshot = project::read(&root, options)?;
    let key = key(&snapshot);
    let of_old = || disk::known(&folder, key).filter(|_| !args.adopt && !args.verify);
    if let Some((known, files)) = of_old() {
        report::diagnostics(&root, &snapshot, &known.diags);
        if args.strict && !known.diags.is_empty() {
            return refuse(&known.diags, &folder);
        }
        let done = Published { unchanged: files, ..Published::default() };
        return close(&known.totals, &out, done, start);
    }
    let publication = Publication::new(&root, &out, PublishOptions { adopt: args.adopt });
    let built = project::build_into(&snapshot, &publication);
    report::diagnostics(&root, &snapshot, &built.diags);
    if built.has_errors() || args.strict && !built.diags.is_empty() {
        publication.abandon();
        return refuse(&built.diags, &folder);
    }
    let altered = if args.verify { disk::altered(&folder).map_err(refused)? } else { vec![] };
    let totals = totals(&built);
    let known = Known { key, totals: totals.clone(), diags: built.diags.clone() };
    let go_on = &mut |_: disk::Step<'_>| ControlFlow::Continue(());
    let publish = || publication.end(&built.plan, Some(&known), go_on).map_err(refused);
    let published = project::patiently("writing the site", publish)?;
    if published.damaged {
        let told = "what was known of the output was damaged, so every file was compared";
        writeln!(std::io::stderr(), "{told}")?;
    }
    if args.verify {
        let wrong = disk::differences(&built.plan, &folder).map_err(refused)?;
        if !altered.is_empty() || !wrong.is_empty() {
            return differ(&altered, &wrong);
        }
        let files = report::many(built.plan.files().len(), "file");
        writeln!(std::io::stdout(), "verified against a clean build: {files}, all the same")?;
    }
    close(&totals, &out, published, start)
}

/// What a site is built of: the project with its options, and this very program.
fn key(snapshot: &Snapshot) -> blake3::Hash {
    let program = std::env::current_exe().and_then(|path| path.metadata());
    let program = program.and_then(|it| Ok((it.len(), it.modified()?))).ok();
    let whole = format!("{} {} {program:?}", snapshot.hash(), env!("CARGO_PKG_VERSION"));
    blake3::hash(whole.as_bytes())
}

fn refuse(diags: &[Diagnostic], out: &Path) -> Result<ExitCode> {
    let old = if disk::has_site(out) { "; the last good site still stands" } else { "" };
    writeln!(std::io::stderr(), "nothing was written: {}{old}", report::count(diags))?;
    Ok(ExitCode::from(NOTES_WRONG))
}

/// Tells what was `altered` since it was published, and what of it is still `wrong`. That something
/// was, is a failure though it is mended: who verifies wants to hear of it.
fn differ(altered: &[PathBuf], wrong: &[PathBuf]) -> Result<ExitCode> {
    let mut err = std::io::stderr().lock();
    let mended = altered.iter().filter(|path| !wrong.contains(path));
    let mended: Vec<(&PathBuf, &str)> =
        mended.map(|path| (path, "was not what was published, and is written anew")).collect();
    let wrong = wrong.iter().map(|path| (path, "is not what a clean build makes"));
    let wrong: Vec<(&PathBuf, &str)> = wrong.collect();
    for (path, what) in wrong.iter().chain(&mended).take(10) {
        writeln!(err, "{} {what}", path.display())?;
    }
    if let Some(more @ 1..) = (wrong.len() + mended.len()).checked_sub(10) {
        writeln!(err, "… and {more} more")?;
    }
    match wrong.len() {
        0 => {}
        1 => writeln!(err, "somebody changed it; remove it and build again")?,
        _ => writeln!(err, "somebody changed them; remove them and build again")?,
    }
    Ok(ExitCode::from(NOTES_WRONG))
}

fn close(totals: &str, out: &Path, done: Published, start: Instant) -> Result<ExitCode> {
    let seconds = start.elapsed().as_secs_f64();
    let Published { written, unchanged, removed, .. } = done;
    writeln!(
        std::io::stdout(),
        "{totals} → {} ({written} written, {unchanged} unchanged, {removed} removed) in {seconds:.2} s",
        out.display(),
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
    let (pages, links) = (report::many(pages, "page"), report::many(links, "link"));
    format!("{pages}, {links}, {}", report::count(&built.diags))
}
