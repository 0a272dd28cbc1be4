//! Reading: the files of a project become a [`Snapshot`]. Links are never followed, and nothing
//! is opened before it is known to be a regular file, so no FIFO or device can make us wait.
#![allow(clippy::disallowed_methods, reason = "the disk is the hand that touches files")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use globset::GlobSet;
use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use super::ignore::{globs, is_passed_over};
use crate::config::{self, Config};
use crate::path::{SrcPath, nfc};
use crate::snapshot::{Entry, HEAD, Options, Refusal, Snapshot};

/// The folders of a project that are read.
const FOLDERS: [&str; 3] = ["notes", "templates", "static"];

/// Endings of notes and of what notes show. A folder with such a name is a mistake.
const FILES: [&str; 9] = ["md", "png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "pdf"];

/// The folder of the project that `start` is in: the nearest one upwards with a `gongbu.toml`.
pub fn find_root(start: &Path) -> Option<PathBuf> {
    let start = std::path::absolute(start).ok()?;
    let is_root = |folder: &&Path| folder.join(config::FILE).symlink_metadata().is_ok();
    start.ancestors().find(is_root).map(Path::to_owned)
}

/// Reads the project at `root`. What cannot be read is in the snapshot as
/// [`Entry::Refused`], so that it is told like any other mistake.
///
/// # Errors
///
/// `root` or one of the folders in it that are read is not a folder or cannot be listed.
pub fn read(root: &Path, options: Options) -> anyhow::Result<Snapshot> {
    if !root.is_dir() {
        bail!("{} is not a folder", root.display());
    }
    let mut files = BTreeMap::new();
    let limit = Config::default().max_note_size;
    let job = Job::text(SrcPath::from(config::FILE), root.join(config::FILE), limit);
    let config = match job.read() {
        Some(Entry::Text(bytes)) => {
            let (config, _) = config::parse(&bytes);
            files.insert(job.key, Entry::Text(bytes));
            config
        }
        other => {
            files.extend(other.map(|entry| (job.key, entry)));
            Config::default()
        }
    };

    let mut found = Found::default();
    let ignored = globs(&config.ignore)?;
    for folder in FOLDERS {
        let on_disk = match folder {
            config::NOTES => config.notes.as_str(),
            _ if ignored.is_match(format!("/{folder}")) => continue,
            _ => folder,
        };
        scan(root, folder, on_disk, &config, &ignored, &mut found)?;
    }
    let read = |job: &Job| job.same_as.is_none().then(|| job.read()).flatten();
    let mut entries: Vec<Option<Entry>> = found.jobs.par_iter().map(read).collect();
    for (at, job) in found.jobs.iter().enumerate() {
        let Some(twin) = job.same_as else { continue };
        entries[at] = match &entries[twin] {
            Some(entry @ Entry::Asset { .. }) => Some(entry.clone()),
            _ => job.read(),
        };
    }
    let read = found.jobs.into_iter().zip(entries);
    files.extend(read.filter_map(|(job, entry)| Some((job.key, entry?))));
    // Should a name in its written form equal another file's, the mistake is what counts.
    files.extend(found.refused.into_iter().map(|(key, why)| (key, Entry::Refused(why))));
    let lost = root.join(&config.notes).symlink_metadata().is_err_and(|it| is_gone(&it));
    let notes = (config.notes != config::NOTES).then_some(config.notes);
    Ok(Snapshot { files, folders: found.folders, notes, lost, options })
}

/// What a walk through the project found.
#[derive(Default)]
struct Found {
    jobs: Vec<Job>,
    refused: Vec<(SrcPath, Refusal)>,
    folders: BTreeSet<SrcPath>,
    /// The first job of each file that has more than one name.
    #[cfg(unix)]
    linked: BTreeMap<(u64, u64), usize>,
}

/// A file to be read.
struct Job {
    key: SrcPath,
    path: PathBuf,
    /// The size up to which it is read whole; none if it is an asset.
    limit: Option<u64>,
    /// The job that reads the same file by another name.
    same_as: Option<usize>,
}

impl Job {
    fn text(key: SrcPath, path: PathBuf, limit: u64) -> Self {
        Self { key, path, limit: Some(limit), same_as: None }
    }

    /// The file; none if it is gone. Editors replace files by removing them for a moment, so a
    /// second look is taken.
    fn read(&self) -> Option<Entry> {
        let once = || match self.limit {
            Some(limit) => text(&self.path, limit),
            None => asset(&self.path),
        };
        match once().or_else(|trouble| match trouble {
            Trouble::Gone => once(),
            refused => Err(refused),
        }) {
            Ok(entry) => Some(entry),
            Err(Trouble::Gone) => None,
            Err(Trouble::Refused(why)) => Some(Entry::Refused(why)),
        }
    }
}

/// Why a file is not read.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It is no longer there.
    Gone,
    /// It may not or cannot be read.
    Refused(Refusal),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match is_gone(&error) {
            true => Self::Gone,
            false => Self::Refused(Refusal::Unreadable(error.to_string())),
        }
    }
}

/// Nothing is there, or a folder above it is none any more.
fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Opens a regular file. Anything else is refused, even if it takes the file's place between the
/// look at it and the opening.
pub(super) fn open_regular(path: &Path) -> Result<(File, Metadata), Trouble> {
    check_kind(&path.symlink_metadata()?)?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        options.custom_flags(flags.bits().cast_signed());
    }
    let file = options.open(path)?;
    let meta = file.metadata()?;
    check_kind(&meta)?;
    Ok((file, meta))
}

fn check_kind(meta: &Metadata) -> Result<(), Trouble> {
    let kind = meta.file_type();
    if kind.is_symlink() {
        Err(Trouble::Refused(Refusal::Symlink))
    } else if !kind.is_file() {
        Err(Trouble::Refused(Refusal::NotAFile))
    } else {
        Ok(())
    }
}

/// A file that is read whole, if it has no more than `limit` bytes.
pub(super) fn text(path: &Path, limit: u64) -> Result<Entry, Trouble> {
    let too_big = |len| Err(Trouble::Refused(Refusal::TooBig { len, limit }));
    let (file, meta) = open_regular(path)?;
    if meta.len() > limit {
        return too_big(meta.len());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0) + 1);
    // The file may have grown since, or be one that does not tell its size.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 {
        len if len > limit => too_big(len),
        _ => Ok(Entry::Text(bytes.into())),
    }
}

fn asset(path: &Path) -> Result<Entry, Trouble> {
    let (mut file, _) = open_regular(path)?;
    let mut head = vec![];
    file.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(&head);
    if head.len() == HEAD {
        hasher.update_reader(file)?;
    }
    let head: Arc<[u8]> = head.into();
    Ok(Entry::Asset { len: hasher.count(), hash: hasher.finalize(), head })
}

/// Finds the files in one of the project's folders, which need not exist; `on_disk` is its name there.
fn scan(
    root: &Path,
    folder: &str,
    on_disk: &str,
    config: &Config,
    ignored: &GlobSet,
    found: &mut Found,
) -> anyhow::Result<()> {
    let top = root.join(on_disk);
    match top.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", top.display())),
        Ok(meta) if meta.is_symlink() => {
            bail!("{} is a symbolic link, and what it leads to is not read", top.display())
        }
        Ok(meta) if !meta.is_dir() => bail!("{} is not a folder", top.display()),
        Ok(_) => {}
    }
    let mut walk = WalkDir::new(&top).follow_root_links(false).into_iter();
    while let Some(step) = walk.next() {
        let entry = match step {
            Ok(entry) => entry,
            // Folders go while one looks, as files do.
            Err(error) if error.io_error().is_some_and(is_gone) => continue,
            Err(error) if error.depth() == 0 => {
                return Err(error).with_context(|| format!("cannot read {}", top.display()));
            }
            Err(error) => {
                let path = error.path().unwrap_or(&top).to_owned();
                let (key, _) = key(&top, folder, &path);
                let message = error.io_error().map(ToString::to_string);
                let why = message.unwrap_or_else(|| error.to_string());
                found.refused.push((key, Refusal::Unreadable(why)));
                continue;
            }
        };
        if entry.depth() == 0 {
            continue;
        }
        let is_folder = entry.file_type().is_dir();
        let (key, is_utf8) = key(&top, folder, entry.path());
        let by_config = || {
            let inner = key.as_str().strip_prefix("notes/");
            inner.is_some_and(|inner| ignored.is_match(nfc(inner)))
        };
        let skip = if is_passed_over(root, &top, &entry) {
            true
        } else if by_config() {
            // What is not looked at is no reason to call a folder empty.
            let above = |folder: &SrcPath| key.as_str().starts_with(&format!("{folder}/"));
            found.folders.retain(|folder| !above(folder));
            true
        } else if !is_utf8 {
            // What is in such a folder is told with the folder.
            let lossy = key.as_str().rsplit('/').next().unwrap_or_default().to_owned();
            found.refused.push((key, Refusal::Name(lossy)));
            true
        } else if is_folder {
            let ending = entry.path().extension().and_then(|it| it.to_str()).unwrap_or_default();
            let file = FILES.iter().any(|it| it.eq_ignore_ascii_case(ending));
            if file {
                found.refused.push((key, Refusal::NotAFile));
            } else if folder == "notes" {
                found.folders.insert(key);
            }
            file
        } else {
            found.file(key, entry, config);
            false
        };
        if skip && is_folder {
            walk.skip_current_dir();
        }
    }
    Ok(())
}

impl Found {
    /// Takes in something that is no folder.
    fn file(&mut self, key: SrcPath, entry: DirEntry, config: &Config) {
        let kind = entry.file_type();
        if kind.is_symlink() {
            return self.refused.push((key, Refusal::Symlink));
        } else if !kind.is_file() {
            return self.refused.push((key, Refusal::NotAFile));
        }
        let limit = config.max_note_size;
        let (folder, name) = key.as_str().split_once('/').unwrap_or_default();
        let limit = match folder {
            "notes" if name.ends_with(".md") => Some(limit),
            // A limit that is meant for notes must not shut out a template.
            "notes" if name.ends_with(".toml") => Some(limit.max(Config::default().max_note_size)),
            "templates" => Some(limit.max(Config::default().max_note_size)),
            _ => None,
        };
        let same_as = match limit {
            None => self.twin(&entry),
            Some(_) => None,
        };
        self.jobs.push(Job { key, path: entry.into_path(), limit, same_as });
    }

    /// The job that reads the same file by another name. A thousand names of one picture are
    /// hashed once.
    #[cfg(unix)]
    fn twin(&mut self, entry: &DirEntry) -> Option<usize> {
        use std::collections::btree_map::Entry::{Occupied, Vacant};
        use std::os::unix::fs::MetadataExt;
        let meta = entry.metadata().ok().filter(|meta| meta.nlink() > 1)?;
        match self.linked.entry((meta.dev(), meta.ino())) {
            Occupied(first) => Some(*first.get()),
            Vacant(slot) => {
                slot.insert(self.jobs.len());
                None
            }
        }
    }

    #[cfg(not(unix))]
    fn twin(&mut self, _entry: &DirEntry) -> Option<usize> {
        None
    }
}

/// The key of a file in one of the folders, and whether it is its true name: bytes that are not UTF-8
/// are written as `\xFF`.
fn key(top: &Path, folder: &str, path: &Path) -> (SrcPath, bool) {
    let mut key = folder.to_owned();
    let mut is_utf8 = true;
    for part in path.strip_prefix(top).unwrap_or(path).components() {
        key.push('/');
        for chunk in part.as_os_str().as_encoded_bytes().utf8_chunks() {
            key.push_str(chunk.valid());
            for byte in chunk.invalid() {
                is_utf8 = false;
                key.push_str(&format!("\\x{byte:02X}"));
            }
        }
    }
    (key.into(), is_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn project(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, bytes) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        dir
    }

    fn shown(snapshot: &Snapshot) -> Vec<String> {
        let show = |(path, entry): (&SrcPath, &Entry)| match entry {
            Entry::Text(bytes) => format!("{path} {}", bytes.len()),
            Entry::Asset { len, head, .. } => format!("{path} asset {len} {}", head.len()),
            Entry::Refused(why) => format!("{path} {why:?}"),
        };
        snapshot.files.iter().map(show).collect()
    }

    /// AST-10, AST-16.
    #[test]
    fn a_project_is_read() {
        let big = vec![7; HEAD + 5];
        let dir = project(&[
            ("gongbu.toml", b"ignore = [\"private/\", \"*.bak\"]\nmax_note_size = 10\n"),
            ("notes/index.md", b"# hi"),
            ("notes/long.md", b"01234567890"),
            ("notes/services.toml", b"# longer than ten"),
            ("notes/a/b.png", &big),
            ("notes/a/x.bak", b""),
            ("notes/private/x.md", b""),
            ("notes/x.md/y.md", b""),
            ("notes/.git/config", b""),
            ("notes/.env", b""),
            ("notes/b.md~", b""),
            ("notes/#b.md#", b""),
            ("notes/.b.md.swp", b""),
            ("notes/node_modules/x.md", b""),
            ("templates/note.html", b"<p>longer than ten"),
            ("static/site.css", b"p{}"),
            ("public/index.html", b""),
        ]);
        assert_eq!(find_root(&dir.path().join("notes/a")).as_deref(), Some(dir.path()));
        let snapshot = read(dir.path(), Options::default()).unwrap();
        assert_eq!(
            shown(&snapshot),
            [
                "gongbu.toml 50",
                "notes/a/b.png asset 65541 65536",
                "notes/index.md 4",
                "notes/long.md TooBig { len: 11, limit: 10 }",
                "notes/services.toml 17",
                "notes/x.md NotAFile",
                "static/site.css asset 3 3",
                "templates/note.html 18",
            ]
        );
        let Some(Entry::Asset { hash, .. }) = snapshot.files.get(&"notes/a/b.png".into()) else {
            panic!("no asset");
        };
        assert_eq!(*hash, blake3::hash(&big));
    }

    /// AST-03, AST-04, AST-09, AST-15.
    #[test]
    #[cfg(unix)]
    fn links_pipes_and_odd_names_are_refused_without_waiting() {
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::symlink;
        use std::os::unix::net::UnixListener;
        let dir = project(&[("gongbu.toml", b""), ("notes/a.png", b"x"), ("secret.md", b"s")]);
        let notes = dir.path().join("notes");
        symlink("../secret.md", notes.join("link.md")).unwrap();
        symlink("/dev/zero", notes.join("zero.png")).unwrap();
        symlink("..", notes.join("up")).unwrap();
        fs::hard_link(notes.join("a.png"), notes.join("b.png")).unwrap();
        fs::write(notes.join(std::ffi::OsStr::from_bytes(b"c\xFF.md")), b"").unwrap();
        let _socket = UnixListener::bind(notes.join("socket.md")).unwrap();
        let long = format!("{}.md", "가".repeat(84));
        fs::write(notes.join(&long), b"x").unwrap();
        for name in ["\u{ac00}.md", "\u{1100}\u{1161}.md"] {
            fs::write(notes.join(name), b"x").unwrap();
        }
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, notes.join("pipe.md"), fifo, mode, 0).unwrap();
        let snapshot = read(dir.path(), Options::default()).unwrap();
        assert_eq!(
            shown(&snapshot),
            [
                "gongbu.toml 0",
                "notes/a.png asset 1 1",
                "notes/b.png asset 1 1",
                "notes/c\\xFF.md Name(\"c\\\\xFF.md\")",
                "notes/link.md Symlink",
                "notes/pipe.md NotAFile",
                "notes/socket.md NotAFile",
                "notes/up Symlink",
                "notes/zero.png Symlink",
                "notes/\u{1100}\u{1161}.md 1",
                "notes/\u{ac00}.md 1",
                &format!("notes/{long} 1"),
            ]
        );

        assert!(matches!(
            open_regular(&notes.join("pipe.md")),
            Err(Trouble::Refused(Refusal::NotAFile))
        ));
        fs::rename(&notes, dir.path().join("elsewhere")).unwrap();
        symlink("elsewhere", &notes).unwrap();
        assert!(read(dir.path(), Options::default()).is_err());
    }
    /// AST-07.
    #[test]
    fn what_is_gone_after_the_scan_was_never_there() {
        let dir = project(&[("notes/a.md", b"a"), ("notes/b/c.png", b"c"), ("notes/d/e.md", b"e")]);
        let mut found = Found::default();
        let none = globs(&[]).unwrap();
        scan(dir.path(), "notes", "notes", &Config::default(), &none, &mut found).unwrap();
        assert_eq!(found.jobs.len(), 3);
        fs::remove_file(dir.path().join("notes/a.md")).unwrap();
        fs::remove_dir_all(dir.path().join("notes/b")).unwrap();
        // A file where its folder was.
        fs::remove_dir_all(dir.path().join("notes/d")).unwrap();
        fs::write(dir.path().join("notes/d"), "").unwrap();
        assert!(found.jobs.iter().all(|job| job.read().is_none()));
    }
}
