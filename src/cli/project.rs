//! What every command on a project begins with: find it, read it, build it, say what is wrong.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::build::{self, Built};
use crate::config;
use crate::disk;
use crate::near;
use crate::path;
use crate::plan::Store;
use crate::site::{Section, Site};
use crate::snapshot::{Options, Snapshot};

/// The folder of the project: the one that was named, or the nearest upwards.
///
/// # Errors
/// If there is none.
pub(super) fn root(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(root) = named {
        if !root.is_dir() {
            bail!("`{}` is not a folder", root.display());
        }
        return Ok(root.to_path_buf());
    }
    let here = std::env::current_dir().context("the current folder cannot be read")?;
    disk::find_root(&here).with_context(|| {
        format!(
            "there is no {} here or in a folder above; `gongbu init` makes a project",
            config::FILE
        )
    })
}

/// Reads a project and builds its site. What is wrong with the notes is for the caller to tell.
///
/// # Errors
/// If the project cannot be read.
pub(super) fn open(root: &Path, options: Options) -> Result<(Snapshot, Built)> {
    let snapshot = read(root, options)?;
    let built = self::build(&snapshot);
    Ok((snapshot, built))
}

/// Reads a project.
///
/// # Errors
/// If it cannot be read.
pub(super) fn read(root: &Path, options: Options) -> Result<Snapshot> {
    // Its settings may be gone while one serves: the defaults would be another site.
    if root.join(config::FILE).symlink_metadata().is_err() {
        bail!("there is no {} in `{}`; `gongbu init` makes one", config::FILE, root.display());
    }
    patiently("reading the notes", || disk::read(root, options))
}

/// Builds a site.
pub(super) fn build(snapshot: &Snapshot) -> Built {
    patiently("building the site", || build::build(snapshot))
}

/// Builds a site, whose files `store` takes.
pub(super) fn build_into(snapshot: &Snapshot, store: &dyn Store) -> Built {
    patiently("building the site", || build::build_into(snapshot, store))
}

/// What leads from the current folder to the project, so that a path that is shown can be opened:
/// empty in the project's own folder, else ending in a slash.
pub(super) fn from_here(root: &Path) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let (Ok(here), Ok(root)) = (here, root.canonicalize()) else { return String::new() };
    match (here.strip_prefix(&root), root.strip_prefix(&here)) {
        (Ok(inside), _) => "../".repeat(inside.components().count()),
        (_, Ok(below)) => format!("{}/", below.display()).replace('\\', "/"),
        _ => format!("{}/", root.display()),
    }
}

/// Does something that is usually quick; if it takes over a second, shows that it goes on.
pub(super) fn patiently<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    let (done, waiting) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if waiting.recv_timeout(Duration::from_secs(1)) != Err(mpsc::RecvTimeoutError::Timeout)
            {
                return;
            }
            let bar = indicatif::ProgressBar::new_spinner().with_message(what);
            while waiting.recv_timeout(Duration::from_millis(100))
                == Err(mpsc::RecvTimeoutError::Timeout)
            {
                bar.tick();
            }
            bar.finish_and_clear();
        });
        let result = work();
        drop(done);
        result
    })
}

/// The section of this folder, number or title; a part of one is enough if only one fits.
///
/// # Errors
/// If there is no such section, or several.
pub(super) fn section<'a>(site: &'a Site, name: &str) -> Result<&'a Section> {
    if let Some(section) = known_section(site, name) {
        return Ok(section);
    }
    let folders = site.sections.iter().map(|it| it.folder.as_str());
    let near = near::nearest(name, folders.clone());
    let near = near.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default();
    // The notes themselves have no name of their own.
    let names: Vec<&str> = folders.map(|it| if it.is_empty() { "." } else { it }).collect();
    let there = match names.as_slice() {
        [] => String::new(),
        names => format!("\n  there are: {}", names.join(", ")),
    };
    bail!("there is no section `{name}`{near}{there}")
}

/// The same; none if there is no such section, or several.
pub(super) fn known_section<'a>(site: &'a Site, name: &str) -> Option<&'a Section> {
    let wanted = path::squeeze(name);
    let keys = |it: &Section| [path::squeeze(&it.folder), path::squeeze(&it.title)];
    let all = &site.sections;
    if name == "." {
        return all.iter().find(|it| it.folder.is_empty());
    }
    let exact = all.iter().filter(|_| !wanted.is_empty());
    let mut exact = exact.filter(|it| it.folder == name || keys(it).contains(&wanted));
    let number = |it: &&Section| {
        let digits: String = it.folder.chars().take_while(char::is_ascii_digit).collect();
        !digits.is_empty() && digits.trim_start_matches('0') == name.trim_start_matches('0')
    };
    let part = |it: &&Section| keys(it).iter().any(|key| key.contains(&wanted));
    // A number is a number: `2` is no part of `1-ec2`.
    let is_word = !name.chars().all(|c| c.is_ascii_digit());
    let mut parts = all.iter().filter(part).filter(|_| is_word && !wanted.is_empty());
    let only = parts.next().filter(|_| parts.next().is_none());
    exact.next().or_else(|| all.iter().find(number)).or(only)
}
