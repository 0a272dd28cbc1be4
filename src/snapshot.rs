//! The project at one moment, held in memory. All of the core is a function of this value.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use crate::path::SrcPath;

/// How many bytes of an asset are kept: enough for the size of a picture to be read.
pub const HEAD: usize = 64 * 1024;

/// Every file of the project that may matter, and what was asked for.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The files by their path in the project, such as `notes/03-technology/06-s3.md`.
    pub files: BTreeMap<SrcPath, Entry>,
    /// The folders under `notes/`, so that an empty one can be told.
    pub folders: BTreeSet<SrcPath>,
    /// The folder of the notes on disk, if it is not `notes`; empty for the project's own. The files
    /// have their keys under `notes/` all the same.
    pub notes: Option<String>,
    /// The folder of the notes is not there: that is a mistake, not a site without notes.
    pub lost: bool,
    /// What the command line asked for.
    pub options: Options,
}

/// One file.
#[derive(Debug, Clone)]
pub enum Entry {
    /// A file that is read whole: notes, templates, configuration.
    Text(Text),
    /// A file that is copied, if a note refers to it.
    Asset {
        /// Its size in bytes.
        len: u64,
        /// The hash of its bytes.
        hash: blake3::Hash,
        /// Its first bytes, at most [`HEAD`].
        head: Arc<[u8]>,
    },
    /// A file that was found but not read.
    Refused(Refusal),
}

/// The bytes of a file, as text where they are UTF-8. Shared, never copied, and known by their hash:
/// what is remembered of a note between builds is found without reading it again.
#[derive(Debug, Clone)]
pub struct Text {
    bytes: Bytes,
    hash: blake3::Hash,
}

#[derive(Debug, Clone)]
enum Bytes {
    Utf8(Arc<str>),
    Other(Arc<[u8]>),
}

impl Text {
    /// The text.
    ///
    /// # Errors
    /// The place of the first byte that is not UTF-8.
    pub fn utf8(&self) -> Result<&Arc<str>, usize> {
        match &self.bytes {
            Bytes::Utf8(text) => Ok(text),
            Bytes::Other(bytes) => {
                Err(str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len))
            }
        }
    }

    /// The hash of the bytes.
    pub fn hash(&self) -> blake3::Hash {
        self.hash
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        let hash = blake3::hash(&bytes);
        let bytes = match simdutf8::basic::from_utf8(&bytes) {
            Ok(text) => Bytes::Utf8(text.into()),
            Err(_) => Bytes::Other(bytes.into()),
        };
        Self { bytes, hash }
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
        bytes.to_vec().into()
    }
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Utf8(text) => text.as_bytes(),
            Bytes::Other(bytes) => bytes,
        }
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.as_bytes().hash(state);
    }
}

impl Hash for Entry {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Text(text) => (0_u8, text).hash(state),
            Self::Asset { len, hash, .. } => (1_u8, len, hash.as_bytes()).hash(state),
            Self::Refused(why) => (2_u8, why).hash(state),
        }
    }
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// A symbolic link. What it leads to is never read.
    Symlink,
    /// A folder, FIFO, socket or device where a file belongs.
    NotAFile,
    /// Bigger than is allowed, in bytes.
    TooBig {
        /// Its size.
        len: u64,
        /// The limit, `max_note_size`.
        limit: u64,
    },
    /// The operating system said no.
    Unreadable(String),
    /// The name is not UTF-8; its bytes, as people write them.
    Name(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Symlink => write!(f, "this is a symbolic link, and what it leads to is not read"),
            Self::NotAFile => write!(f, "this is not a regular file"),
            Self::TooBig { len, limit } => {
                write!(f, "this file has {len} bytes, more than the {limit} that are allowed")
            }
            Self::Unreadable(why) => write!(f, "this file cannot be read: {why}"),
            Self::Name(bytes) => write!(f, "the name of this file is not UTF-8: {bytes}"),
        }
    }
}

/// What the command line asked for, as far as it changes the site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// Show drafts, marked as such.
    pub drafts: bool,
    /// Use this instead of the `base_url` of `gongbu.toml`.
    pub base_url: Option<String>,
    /// The notes are only looked at: what tells nothing of them is not made, such as the colours of code.
    pub check: bool,
}

impl Snapshot {
    /// The bytes of a file that is read whole.
    pub fn text(&self, path: &str) -> Option<&Text> {
        match self.files.get(&SrcPath::from(path))? {
            Entry::Text(text) => Some(text),
            Entry::Asset { .. } | Entry::Refused(_) => None,
        }
    }

    /// A hash of all of it: projects are equal if this is.
    pub fn hash(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        let mut add = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
        };
        for (path, entry) in &self.files {
            add(path.as_str().as_bytes());
            match entry {
                Entry::Text(text) => add(text.hash.as_bytes()),
                Entry::Asset { len, hash, .. } => {
                    add(&len.to_le_bytes());
                    add(hash.as_bytes());
                }
                Entry::Refused(why) => add(format!("{why:?}").as_bytes()),
            }
        }
        for folder in &self.folders {
            add(folder.as_str().as_bytes());
        }
        add(format!("{} {:?}", self.lost, self.options).as_bytes());
        hasher.finalize()
    }

    /// The path at which a file of the project is on disk.
    pub fn on_disk(&self, file: &SrcPath) -> SrcPath {
        match (&self.notes, file.as_str().strip_prefix("notes/")) {
            (Some(notes), Some(rest)) if notes.is_empty() => rest.into(),
            (Some(notes), Some(rest)) => format!("{notes}/{rest}").into(),
            _ => file.clone(),
        }
    }

    /// The files under one folder, which is named with its last slash, in order.
    pub fn under(&self, folder: &str) -> impl Iterator<Item = (&SrcPath, &Entry)> {
        self.files
            .range(SrcPath::from(folder)..)
            .take_while(move |(path, _)| path.as_str().starts_with(folder))
    }

    /// Reads the notation of our tests: `//- path` starts a file.
    pub fn fixture(text: &str) -> Self {
        let mut files = BTreeMap::new();
        for part in text.split("//- ").skip(1) {
            let (path, body) = part.split_once('\n').unwrap_or((part, ""));
            files.insert(SrcPath::from(path.trim()), Entry::Text(body.as_bytes().into()));
        }
        Self { files, ..Self::default() }
    }
}
