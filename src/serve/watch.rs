//! What changes in the project while somebody writes. The only door to notify.
#![allow(clippy::disallowed_methods, reason = "it waits until nothing more happens")]

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{ErrorKind, Event, RecursiveMode, Watcher};

use crate::config;
use crate::disk::{self, ignored_by_name, is_of_project};

/// Editors save in several steps: what has changed is shown when nothing has happened for this long.
const QUIET: Duration = Duration::from_millis(20);

/// Mostly it is one step, and what is saved then stays: after this long it is made ready, so that an author
/// does not wait for the quiet first and for the build then.
const CALM: Duration = Duration::from_millis(2);

/// Who never stops is not waited for any longer.
const LONGEST: Duration = Duration::from_secs(1);

/// Whether folders are watched one by one, so that one which cannot be, or need not be, stands in nobody's way.
/// Other systems watch all that is below a folder by themselves, and some keep it from being renamed then.
const ONE_BY_ONE: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// Why there is no use in going on.
const ENDED: &str = "changes are no longer watched";

/// Who keeps up with a project. The paths are whole, and of files and folders that may be gone.
pub trait Follow {
    /// These were saved, and more may come: a guess, of which nothing is to be shown yet.
    fn prepare(&mut self, saved: &BTreeSet<PathBuf>);

    /// These have changed since the last time, and nothing more has for a moment; none: it is not known
    /// what has. Gives the folder of the notes, for the settings may have changed too.
    fn changed(&mut self, touched: Option<&BTreeSet<PathBuf>>) -> String;

    /// What changes in this folder, and in so many more, is not heard of; `why` says the reason.
    fn blind(&mut self, folder: &Path, more: usize, why: &str);
}

/// Tells `follow` whenever something in the project at `base` has changed, and at first that anything may
/// have. What lies in the output, in `.git` and the like is no change. `base` has no links in it; `notes` is
/// the folder of the notes below it, or empty.
///
/// # Errors
/// If nothing can be watched, or nobody watches any longer.
pub fn watch(base: &Path, notes: String, follow: &mut impl Follow) -> Result<Infallible> {
    let (events, received) = mpsc::channel();
    let watcher = notify::recommended_watcher(events).context("changes cannot be watched")?;
    let (folders, blind) = Default::default();
    let mut watched = Watched { base, notes, watcher, folders, blind };
    let mut touched = None;
    loop {
        // First this: what is saved from here on is heard of.
        watched.renew(&touched, follow);
        let notes = follow.changed(touched.as_ref());
        touched = match notes == watched.notes {
            true => watched.next(&received, follow)?,
            false => {
                watched.notes = notes;
                None
            }
        };
    }
}

/// What was touched; none: it is not known.
type Touched = Option<BTreeSet<PathBuf>>;

/// The folders that are watched.
struct Watched<'a, W> {
    base: &'a Path,
    notes: String,
    watcher: W,
    folders: BTreeSet<PathBuf>,
    /// Those that should be, and cannot.
    blind: BTreeSet<PathBuf>,
}

impl<W: Watcher> Watched<'_, W> {
    /// Watches the folders that are new since others were touched.
    fn renew(&mut self, touched: &Touched, follow: &mut impl Follow) {
        // A folder that went and came back is another, which nobody watches.
        let is_other = |folder: &PathBuf| match touched {
            Some(paths) => folder.ancestors().any(|above| paths.contains(above)),
            None => true,
        };
        let others: Vec<_> = self.folders.iter().filter(|it| is_other(it)).cloned().collect();
        for folder in &others {
            // What is gone is watched no longer anyway.
            let _ = self.watcher.unwatch(folder);
            self.folders.remove(folder);
        }
        // Where only files were saved there are no new folders.
        let is_file = |path: &PathBuf| !path.is_dir();
        if others.is_empty() && touched.as_ref().is_some_and(|paths| paths.iter().all(is_file)) {
            return;
        }
        let mut blind = BTreeMap::new();
        // What is made in a folder before that is watched causes no event: it is looked for once more.
        while self.watch_new(&mut blind) {}
        let is_new = |(folder, _): &(&PathBuf, _)| !self.blind.contains(*folder);
        if let Some((folder, error)) = blind.iter().find(is_new) {
            follow.blind(folder, blind.len() - 1, &why(error));
        }
        self.blind = blind.into_keys().collect();
    }

    /// Watches the folders that are there and not watched yet, but for those that are `blind`; true if there
    /// were any.
    fn watch_new(&mut self, blind: &mut BTreeMap<PathBuf, notify::Error>) -> bool {
        let (mode, most) = match ONE_BY_ONE {
            true => (RecursiveMode::NonRecursive, usize::MAX),
            false => (RecursiveMode::Recursive, 1),
        };
        let before = self.folders.len();
        for folder in disk::folders(self.base, &self.notes).into_iter().take(most) {
            if self.folders.contains(&folder) || blind.contains_key(&folder) {
                continue;
            }
            match self.watcher.watch(&folder, mode) {
                Ok(()) => drop(self.folders.insert(folder)),
                // Gone meanwhile, which will be told.
                Err(error) if matches!(error.kind, ErrorKind::PathNotFound) => {}
                Err(error) => drop(blind.insert(folder, error)),
            }
        }
        self.folders.len() > before
    }

    /// Waits until something in the project has changed and nothing more has for a moment.
    ///
    /// # Errors
    /// If nobody watches any longer.
    fn next(
        &self,
        received: &Receiver<notify::Result<Event>>,
        follow: &mut impl Follow,
    ) -> Result<Touched> {
        let mut touched = Some(BTreeSet::new());
        while touched.as_ref().is_some_and(BTreeSet::is_empty) {
            self.note(&received.recv().context(ENDED)?, &mut touched);
        }
        let first = Instant::now();
        let (mut last, mut is_ready) = (first, false);
        loop {
            let pause = if is_ready { QUIET } else { CALM };
            let until = (last + pause).min(first + LONGEST);
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() && until == first + LONGEST && is_ready {
                return Ok(touched);
            }
            // With nothing left to wait, what has come already is taken all the same.
            match received.recv_timeout(left) {
                Ok(event) if self.note(&event, &mut touched) => last = Instant::now(),
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => bail!(ENDED),
                Err(RecvTimeoutError::Timeout) if is_ready => return Ok(touched),
                // Once: who saves in many steps is waited for.
                Err(RecvTimeoutError::Timeout) => {
                    is_ready = true;
                    touched.iter().for_each(|paths| follow.prepare(paths));
                }
            }
        }
    }

    /// Takes in the paths of an event that are of the project. True if whoever caused it may still be at it:
    /// what others do elsewhere does not count, nor that somebody looks at something, as we do.
    fn note(&self, event: &notify::Result<Event>, touched: &mut Touched) -> bool {
        let event = event.as_ref().ok().filter(|event| !event.need_rescan());
        let Some(event) = event else {
            *touched = None;
            return true;
        };
        let is_closed = event.kind == EventKind::Access(AccessKind::Close(AccessMode::Write));
        if event.kind.is_access() && !is_closed {
            return false;
        }
        let mut is_near = false;
        for path in &event.paths {
            let is_ours = self.concerns(path);
            let Some(paths) = touched else { return is_ours };
            // Beside what they save editors keep files of their own.
            is_near |= is_ours || paths.iter().any(|it| it.parent() == path.parent());
            if is_ours && self.base.starts_with(path) {
                *touched = None;
            } else if is_ours && !is_closed {
                paths.insert(path.clone());
            }
        }
        is_near
    }

    /// True for what is of the project, and for what is above that and may take it away.
    fn concerns(&self, path: &Path) -> bool {
        let Ok(inside) = path.strip_prefix(self.base) else {
            return self.base.starts_with(path);
        };
        let mut names = inside.components().map(|part| part.as_os_str().as_encoded_bytes());
        if names.any(ignored_by_name) {
            return false;
        }
        let parts = [self.notes.as_str(), "templates", "static", config::FILE];
        let is_part = |part: &&str| inside.starts_with(part) || Path::new(part).starts_with(inside);
        // Where the notes are the project's own folder all is, but for what is known to be none.
        let first = inside.components().next().map(|it| Path::new(it.as_os_str()));
        let is_note = self.notes.is_empty() && first.is_none_or(|it| !is_of_project(it));
        is_note || parts.iter().filter(|part| !part.is_empty()).any(is_part)
    }
}

/// Why a folder cannot be watched, and what to do.
fn why(error: &notify::Error) -> String {
    match &error.kind {
        ErrorKind::MaxFilesWatch => {
            "the system watches no more; raise `fs.inotify.max_user_watches`".to_owned()
        }
        ErrorKind::Io(error) => error.to_string(),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Saves `then` while what was saved before is made ready, and ends when all that was is told.
    struct Saving<'a> {
        base: &'a Path,
        then: Vec<&'static str>,
        seen: Vec<String>,
    }

    impl Saving<'_> {
        fn see(&mut self, what: &str, paths: &BTreeSet<PathBuf>) {
            let names = paths.iter().map(|path| path.strip_prefix(self.base).unwrap());
            let names = names.map(|name| name.display().to_string()).collect::<Vec<_>>();
            self.seen.push(format!("{what} {}", names.join(" ")));
        }
    }

    impl Follow for Saving<'_> {
        fn prepare(&mut self, saved: &BTreeSet<PathBuf>) {
            self.see("prepare", saved);
            for path in saved {
                // To look is no change.
                drop(fs::read(path));
            }
            for name in std::mem::take(&mut self.then) {
                fs::write(self.base.join(name), "more").unwrap();
                // Until word of it has come, as it has in a build.
                std::thread::sleep(3 * QUIET);
            }
        }

        fn blind(&mut self, folder: &Path, more: usize, why: &str) {
            panic!("{folder:?} and {more} more: {why}");
        }

        fn changed(&mut self, touched: Option<&BTreeSet<PathBuf>>) -> String {
            touched.into_iter().for_each(|paths| self.see("changed", paths));
            "notes".to_owned()
        }
    }

    #[test]
    fn what_is_saved_is_made_ready_at_once_and_told_when_it_is_quiet() {
        for (first, then, seen) in [
            ("notes/a.md", vec![], vec!["prepare notes/a.md", "changed notes/a.md"]),
            // More is saved meanwhile: the guess was wrong, and the quiet is waited for.
            (
                "notes/a.md",
                vec!["notes/a.md", "notes/b.md"],
                vec!["prepare notes/a.md", "changed notes/a.md notes/b.md"],
            ),
            // What an editor leaves beside it is not told.
            ("notes/a.md", vec!["notes/a.md~"], vec!["prepare notes/a.md", "changed notes/a.md"]),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let base = dir.path().canonicalize().unwrap();
            fs::create_dir_all(base.join("notes")).unwrap();
            let mut saving = Saving { base: &base, then, seen: vec![] };
            let (events, received) = mpsc::channel();
            let watcher = notify::recommended_watcher(events).unwrap();
            let (notes, folders, blind) = ("notes".to_owned(), BTreeSet::new(), BTreeSet::new());
            let mut watched = Watched { base: &base, notes, watcher, folders, blind };
            watched.renew(&None, &mut saving);
            fs::write(base.join(first), "text").unwrap();
            let touched = watched.next(&received, &mut saving).unwrap();
            saving.changed(touched.as_ref());
            assert_eq!(saving.seen, seen);
            // Nothing is left that would be told once more.
            let rest = received.try_iter().map(|event| event.unwrap().kind);
            assert!(rest.into_iter().all(|kind| kind.is_access()));
        }
    }

    /// Watches all but one folder. In one that is called `grows` another is made before it is watched.
    struct AllBut(PathBuf, Vec<PathBuf>);

    impl Watcher for AllBut {
        fn new<F: notify::EventHandler>(_: F, _: notify::Config) -> notify::Result<Self> {
            Ok(Self(PathBuf::new(), vec![]))
        }

        fn watch(&mut self, path: &Path, _: RecursiveMode) -> notify::Result<()> {
            if path == self.0 {
                let error = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
                return Err(notify::Error::io(error));
            }
            if path.ends_with("grows") {
                fs::create_dir_all(path.join("late")).unwrap();
            }
            self.1.push(path.to_path_buf());
            Ok(())
        }

        fn unwatch(&mut self, path: &Path) -> notify::Result<()> {
            self.1.retain(|it| it != path);
            Ok(())
        }

        fn kind() -> notify::WatcherKind {
            notify::WatcherKind::NullWatcher
        }
    }

    /// Keeps what it is told of folders that cannot be watched.
    struct Told(Vec<String>);

    impl Follow for Told {
        fn prepare(&mut self, _: &BTreeSet<PathBuf>) {}

        fn changed(&mut self, _: Option<&BTreeSet<PathBuf>>) -> String {
            String::new()
        }

        fn blind(&mut self, folder: &Path, more: usize, why: &str) {
            self.0.push(format!("{} {more} {why}", folder.file_name().unwrap().display()));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_cannot_be_watched_is_told_once_and_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path();
        fs::create_dir_all(base.join("notes/a")).unwrap();
        fs::create_dir_all(base.join("notes/b")).unwrap();
        let watcher = AllBut(base.join("notes/a"), vec![]);
        let (notes, folders, blind) = ("notes".to_owned(), BTreeSet::new(), BTreeSet::new());
        let mut watched = Watched { base, notes, watcher, folders, blind };
        let mut told = Told(vec![]);
        let seen = |watched: &Watched<'_, AllBut>| {
            let names = watched.watcher.1.iter().map(|it| it.strip_prefix(base).unwrap());
            names.map(|it| it.display().to_string()).collect::<Vec<_>>()
        };
        for _ in 0..2 {
            watched.renew(&None, &mut told);
            assert_eq!(seen(&watched), ["", "notes", "notes/b"]);
        }
        assert_eq!(told.0, ["a 0 permission denied"]);
        // Files bring nothing new, folders do, and what is in a folder that went is new too.
        fs::create_dir(base.join("notes/b/c")).unwrap();
        let touched = |path: &str| Some(BTreeSet::from([base.join(path)]));
        watched.renew(&touched("notes/n.md"), &mut told);
        assert_eq!(seen(&watched), ["", "notes", "notes/b"]);
        watched.renew(&touched("notes/b/c"), &mut told);
        assert_eq!(seen(&watched), ["", "notes", "notes/b", "notes/b/c"]);
        watched.watcher.0 = PathBuf::new();
        fs::rename(base.join("notes/b"), base.join("notes/d")).unwrap();
        fs::create_dir(base.join("notes/d/grows")).unwrap();
        watched.renew(&touched("notes/b"), &mut told);
        let names =
            ["", "notes", "notes/a", "notes/d", "notes/d/c", "notes/d/grows", "notes/d/grows/late"];
        assert_eq!(seen(&watched), names);
        assert_eq!(told.0.len(), 1);
    }
}
