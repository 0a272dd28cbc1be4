//! One open folder. What is done with it happens to that folder, even if somebody puts a
//! symbolic link in its place meanwhile: on Unix a folder is a descriptor and every call is an
//! `…at` call. Elsewhere it is a path, looked at before it is used.

use std::fs::File;
use std::io;

/// What stands at a name, seen without following it or opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stat {
    /// What it is.
    pub(super) kind: Kind,
    /// Its size in bytes.
    pub(super) len: u64,
    /// When it was last written, in nanoseconds since 1970.
    pub(super) mtime: i64,
    /// Which file it is, whatever its name; none where the system does not say.
    pub(super) id: Option<(u64, u64)>,
}

/// What kind of thing stands at a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A FIFO, socket or device.
    Other,
}

impl Kind {
    /// The kind in words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::File => "a file",
            Self::Folder => "a folder",
            Self::Link => "a symbolic link",
            Self::Other => "a FIFO, socket or device",
        }
    }
}

#[cfg(unix)]
pub(super) use unix::Folder;
#[cfg(unix)]
mod unix {
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use rustix::fs::{self, Access, AtFlags, Dir, FileType, Mode, OFlags};
    use rustix::io::{Errno, retry_on_intr};

    use super::*;

    /// An open folder.
    #[derive(Debug)]
    pub(in crate::disk) struct Folder(OwnedFd);

    const FOLDER: OFlags =
        OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
    // Without NONBLOCK, opening a FIFO that was put here meanwhile would wait for ever.
    const CAREFUL: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);

    impl Folder {
        /// Opens a folder that is named by a path without links.
        pub(in crate::disk) fn open(path: &Path) -> io::Result<Self> {
            Ok(Self(retry_on_intr(|| fs::open(path, FOLDER, Mode::empty()))?))
        }

        /// Opens a folder in this one. A link is an error.
        pub(in crate::disk) fn enter(&self, name: &str) -> io::Result<Self> {
            Ok(Self(retry_on_intr(|| fs::openat(&self.0, name, FOLDER, Mode::empty()))?))
        }

        /// Makes a folder; one that is there already is fine, and so is anything else of its
        /// name, which `enter` will tell.
        pub(in crate::disk) fn make(&self, name: &str) -> io::Result<()> {
            match fs::mkdirat(&self.0, name, Mode::from_raw_mode(0o777)) {
                Err(Errno::EXIST) => Ok(()),
                result => Ok(result?),
            }
        }

        /// What stands at a name; none if nothing does.
        pub(in crate::disk) fn stat(&self, name: &str) -> io::Result<Option<Stat>> {
            let stat = match fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => stat,
                Err(Errno::NOENT) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            #[allow(clippy::unnecessary_cast, reason = "each system has its own integers here")]
            let kind = match FileType::from_raw_mode(stat.st_mode as fs::RawMode) {
                FileType::RegularFile => Kind::File,
                FileType::Directory => Kind::Folder,
                FileType::Symlink => Kind::Link,
                _ => Kind::Other,
            };
            #[allow(
                clippy::unnecessary_cast,
                clippy::cast_lossless,
                reason = "each system has its own integers here"
            )]
            Ok(Some(Stat {
                kind,
                len: stat.st_size as u64,
                mtime: (stat.st_mtime as i64)
                    .saturating_mul(1_000_000_000)
                    .saturating_add(stat.st_mtime_nsec as i64),
                id: Some((stat.st_dev as u64, stat.st_ino as u64)),
            }))
        }

        /// Makes a new, empty file; one of that name is an error.
        pub(in crate::disk) fn create(&self, name: &str) -> io::Result<File> {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | CAREFUL;
            let mode = Mode::from_raw_mode(0o666);
            Ok(retry_on_intr(|| fs::openat(&self.0, name, flags, mode))?.into())
        }

        /// Opens a file to be read.
        pub(in crate::disk) fn read(&self, name: &str) -> io::Result<File> {
            let flags = OFlags::RDONLY | CAREFUL;
            Ok(retry_on_intr(|| fs::openat(&self.0, name, flags, Mode::empty()))?.into())
        }

        /// Opens a file to be locked, and makes it if need be.
        pub(in crate::disk) fn lock(&self, name: &str) -> io::Result<File> {
            let flags = OFlags::RDWR | OFlags::CREATE | CAREFUL;
            let mode = Mode::from_raw_mode(0o666);
            Ok(retry_on_intr(|| fs::openat(&self.0, name, flags, mode))?.into())
        }

        /// Moves a file from here into `to`, over what stands there; a folder over an empty one only.
        pub(in crate::disk) fn rename(&self, name: &str, to: &Self, new: &str) -> io::Result<()> {
            Ok(fs::renameat(&self.0, name, &to.0, new)?)
        }

        /// Removes a file; one that is not there is fine.
        pub(in crate::disk) fn remove(&self, name: &str) -> io::Result<()> {
            match fs::unlinkat(&self.0, name, AtFlags::empty()) {
                Err(Errno::NOENT) => Ok(()),
                result => Ok(result?),
            }
        }

        /// Removes an empty folder.
        pub(in crate::disk) fn remove_folder(&self, name: &str) -> io::Result<()> {
            Ok(fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
        }

        /// The names in this folder, in order; those that are not UTF-8 with U+FFFD.
        pub(in crate::disk) fn names(&self) -> io::Result<Vec<String>> {
            let mut names = vec![];
            for entry in Dir::read_from(&self.0)? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if name != "." && name != ".." {
                    names.push(name);
                }
            }
            names.sort();
            Ok(names)
        }

        /// Fails if no file could be made or replaced here.
        pub(in crate::disk) fn writable(&self) -> io::Result<()> {
            let access = Access::WRITE_OK | Access::EXEC_OK;
            Ok(fs::accessat(&self.0, ".", access, AtFlags::empty())?)
        }

        /// Fails if the regular file of this name can not be replaced. A file without the right
        /// to write can (the folder's right counts), one that is marked immutable can not.
        pub(in crate::disk) fn replaceable(&self, name: &str) -> io::Result<()> {
            match fs::accessat(&self.0, name, Access::WRITE_OK, AtFlags::empty()) {
                Err(Errno::PERM) => Err(Errno::PERM.into()),
                _ => Ok(()),
            }
        }

        /// Brings the names in this folder to the disk.
        pub(in crate::disk) fn sync(&self) -> io::Result<()> {
            match fs::fsync(&self.0) {
                // Some file systems do not know this for folders.
                Err(Errno::INVAL) => Ok(()),
                result => Ok(result?),
            }
        }

        /// Brings all that was written to the disk that this folder is on. False where the
        /// system has no such call: then each file must be brought there by itself.
        pub(in crate::disk) fn sync_disk(&self) -> io::Result<bool> {
            #[cfg(any(target_os = "linux", target_os = "android"))]
            fs::syncfs(&self.0)?;
            Ok(super::SYNCS_DISKS)
        }
    }
}

/// Whether one call brings a whole disk up to date. Linux has it; it is much faster than one
/// call for each file.
const SYNCS_DISKS: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// Brings a file to the disk, where no call does so for all.
pub(super) fn synced(file: &File) -> io::Result<()> {
    if SYNCS_DISKS { Ok(()) } else { file.sync_all() }
}

#[cfg(not(unix))]
pub(super) use other::Folder;
#[cfg(not(unix))]
mod other {
    use std::fs::{self, OpenOptions};
    use std::path::{Path, PathBuf};
    use std::time::UNIX_EPOCH;

    use super::*;

    /// A folder that was seen to be one.
    #[derive(Debug)]
    pub(in crate::disk) struct Folder(PathBuf);

    impl Folder {
        /// Opens a folder that is named by a path without links.
        pub(in crate::disk) fn open(path: &Path) -> io::Result<Self> {
            match fs::symlink_metadata(path)?.is_dir() {
                true => Ok(Self(path.to_owned())),
                false => Err(io::ErrorKind::NotADirectory.into()),
            }
        }

        /// Opens a folder in this one. A link is an error.
        pub(in crate::disk) fn enter(&self, name: &str) -> io::Result<Self> {
            Self::open(&self.0.join(name))
        }

        /// Makes a folder; one that is there already is fine, and so is anything else of its
        /// name, which `enter` will tell.
        pub(in crate::disk) fn make(&self, name: &str) -> io::Result<()> {
            match fs::create_dir(self.0.join(name)) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                result => result,
            }
        }

        /// What stands at a name; none if nothing does.
        pub(in crate::disk) fn stat(&self, name: &str) -> io::Result<Option<Stat>> {
            let meta = match fs::symlink_metadata(self.0.join(name)) {
                Ok(meta) => meta,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
            let kind = match meta.file_type() {
                kind if kind.is_file() => Kind::File,
                kind if kind.is_dir() => Kind::Folder,
                kind if kind.is_symlink() => Kind::Link,
                _ => Kind::Other,
            };
            let since = meta.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            let mtime = since.and_then(|since| i64::try_from(since.as_nanos()).ok());
            Ok(Some(Stat { kind, len: meta.len(), mtime: mtime.unwrap_or_default(), id: None }))
        }

        /// Makes a new, empty file; one of that name is an error.
        pub(in crate::disk) fn create(&self, name: &str) -> io::Result<File> {
            OpenOptions::new().write(true).create_new(true).open(self.0.join(name))
        }

        /// Opens a file to be read.
        pub(in crate::disk) fn read(&self, name: &str) -> io::Result<File> {
            self.no_link(name)?;
            OpenOptions::new().read(true).open(self.0.join(name))
        }

        /// Opens a file to be locked, and makes it if need be.
        pub(in crate::disk) fn lock(&self, name: &str) -> io::Result<File> {
            self.no_link(name)?;
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false).open(self.0.join(name))
        }

        fn no_link(&self, name: &str) -> io::Result<()> {
            match self.stat(name)?.is_none_or(|stat| stat.kind == Kind::File) {
                true => Ok(()),
                false => Err(io::Error::other("this is not a regular file")),
            }
        }

        /// Moves a file from here into `to`, over what stands there; a folder over an empty one only.
        pub(in crate::disk) fn rename(&self, name: &str, to: &Self, new: &str) -> io::Result<()> {
            fs::rename(self.0.join(name), to.0.join(new))
        }

        /// Removes a file; one that is not there is fine.
        pub(in crate::disk) fn remove(&self, name: &str) -> io::Result<()> {
            match fs::remove_file(self.0.join(name)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                result => result,
            }
        }

        /// Removes an empty folder.
        pub(in crate::disk) fn remove_folder(&self, name: &str) -> io::Result<()> {
            fs::remove_dir(self.0.join(name))
        }

        /// The names in this folder, in order; those that are not Unicode with U+FFFD.
        pub(in crate::disk) fn names(&self) -> io::Result<Vec<String>> {
            let entries = fs::read_dir(&self.0)?;
            let names = entries.map(|it| Ok(it?.file_name().to_string_lossy().into_owned()));
            let mut names = names.collect::<io::Result<Vec<_>>>()?;
            names.sort();
            Ok(names)
        }

        /// Rights are not asked for here; a write that is not allowed fails.
        pub(in crate::disk) fn writable(&self) -> io::Result<()> {
            Ok(())
        }

        /// Rights are not asked for here; a write that is not allowed fails.
        pub(in crate::disk) fn replaceable(&self, _name: &str) -> io::Result<()> {
            Ok(())
        }

        /// Folders cannot be brought to the disk here.
        pub(in crate::disk) fn sync(&self) -> io::Result<()> {
            Ok(())
        }

        /// Whole disks cannot be brought up to date here.
        pub(in crate::disk) fn sync_disk(&self) -> io::Result<bool> {
            Ok(super::SYNCS_DISKS)
        }
    }
}
