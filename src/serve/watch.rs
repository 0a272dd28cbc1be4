//! What changes in the project while somebody writes. The only door to notify.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use notify::Watcher;

use crate::disk::ignored_by_name;

/// Editors save in several steps: the build waits until nothing has happened for this long.
const QUIET: Duration = Duration::from_millis(20);

/// Calls `changed` whenever something in the project has changed, and nothing more has for a
/// moment; never returns. It is given the paths that were touched, or none where it is not known
/// what has changed. What lies in the output, in `.git` and the like is no change. `root` has no
/// links in it. `changed` tells where the notes are from then on, for the settings may change too.
///
/// # Errors
/// If the folder cannot be watched.
pub fn watch(
    base: &Path,
    mut notes: String,
    mut changed: impl FnMut(Option<&BTreeSet<PathBuf>>) -> String,
) -> Result<()> {
    let (events, received) = std::sync::mpsc::channel();
    let mut watcher = notify::recommended_watcher(events).context("changes cannot be watched")?;
    let mut below: Vec<PathBuf> = vec![];
    let (mut is_new, mut mode) = (true, None);
    loop {
        let watched = [notes.as_str(), "templates", "static", "gongbu.toml"];
        // The root itself, not what is below it: the output may be there, and a folder may come later.
        let now = match notes.is_empty() {
            true => notify::RecursiveMode::Recursive,
            false => notify::RecursiveMode::NonRecursive,
        };
        if mode.replace(now) != Some(now) {
            watcher.watch(base, now)?;
        }
        for name in watched.iter().filter(|it| !it.is_empty()) {
            // Of a folder in a folder both may go and come back.
            let parts = Path::new(name).ancestors().filter(|it| !it.as_os_str().is_empty());
            for part in parts.collect::<Vec<_>>().into_iter().rev() {
                let folder = base.join(part);
                let known = below.contains(&folder);
                if folder.is_dir() && !known {
                    let mode = match part == Path::new(name) {
                        true => notify::RecursiveMode::Recursive,
                        false => notify::RecursiveMode::NonRecursive,
                    };
                    watcher.watch(&folder, mode)?;
                    below.push(folder);
                    is_new = true;
                } else if known && !folder.exists() {
                    below.retain(|it| *it != folder);
                }
            }
        }
        // What was saved before anybody watched is a change too.
        if std::mem::take(&mut is_new) {
            let now = changed(None);
            if now != notes {
                (notes, is_new) = (now, true);
                continue;
            }
        }
        let Ok(first) = received.recv() else { return Ok(()) };
        let mut touched = Some(BTreeSet::new());
        note(&first, base, &watched, &mut touched);
        while let Ok(next) = received.recv_timeout(QUIET) {
            note(&next, base, &watched, &mut touched);
        }
        // A folder that went and came back is another, which nobody watches.
        match &touched {
            Some(paths) => below.retain(|it| !it.ancestors().any(|above| paths.contains(above))),
            None => below.clear(),
        }
        if touched.as_ref().is_none_or(|paths| !paths.is_empty()) {
            notes = changed(touched.as_ref());
        }
    }
}

/// Takes in the paths of an event that are of the project; none if events were lost.
fn note(
    event: &notify::Result<notify::Event>,
    base: &Path,
    watched: &[&str],
    touched: &mut Option<BTreeSet<PathBuf>>,
) {
    let (Ok(event), Some(paths)) = (event, touched.as_mut()) else {
        *touched = None;
        return;
    };
    if event.need_rescan() {
        *touched = None;
    } else if !matches!(event.kind, notify::EventKind::Access(_)) {
        let ours = event.paths.iter().filter(|path| concerns(path, base, watched));
        paths.extend(ours.cloned());
    }
}

fn concerns(path: &Path, base: &Path, watched: &[&str]) -> bool {
    let Ok(inside) = path.strip_prefix(base) else { return true };
    let mut parts = inside.components().map(|part| part.as_os_str().as_encoded_bytes());
    let first = inside.components().next().map(|it| it.as_os_str().to_string_lossy());
    // In the project's own folder notes may be anywhere but in a site.
    let anywhere = watched[0].is_empty() && first.as_ref().is_some_and(|it| it != "public");
    // What is above a watched folder may take it away.
    let is_above = |it: &str| first.is_some() && Path::new(it).starts_with(inside);
    let is_of = |it: &&str| inside.starts_with(it) || is_above(it);
    let ours = anywhere || watched.iter().any(|it| !it.is_empty() && is_of(it));
    ours && !parts.any(ignored_by_name)
}
