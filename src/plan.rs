//! The finished site, before anyone has written it anywhere.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use lz4_flex::block::{
    CompressTable, compress_into_with_table, decompress, get_maximum_output_size,
};
use rayon::prelude::*;

use crate::path::{OutPath, SrcPath};

/// Every file of the site by its path.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Plan {
    /// In the order of their paths, each once. Tens of thousands of files come nearly in order: to put
    /// them one after another into a tree is several times as slow.
    files: Vec<(OutPath, File)>,
}

/// One file of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where its bytes are.
    pub artifact: Artifact,
    /// The hash of its bytes.
    pub hash: blake3::Hash,
    /// Its size in bytes.
    pub len: u64,
}

/// Where the bytes of a file are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Artifact {
    /// Here.
    Bytes(Packed),
    /// In a file of the project, to be copied.
    Copy(SrcPath),
    /// With a store that is no memory, which alone can tell them.
    Taken {
        /// They do not stand there already.
        is_new: bool,
    },
}

/// Who takes the bytes of files as they are made.
pub trait Store: Sync {
    /// Takes the bytes of the file that is to be at `path`: where they are from now on.
    fn keep(&self, path: &OutPath, hash: &blake3::Hash, bytes: &[u8]) -> Artifact;

    /// Whether it still has what it took when the next site of this process is built: only then a page
    /// need not be made again.
    fn remembers(&self) -> bool {
        false
    }
}

/// Keeps all of it, packed.
pub struct Memory;

/// Keeps nothing, for who only wants to be told what is wrong.
pub struct Nowhere;

impl Store for Nowhere {
    fn keep(&self, _: &OutPath, _: &blake3::Hash, _: &[u8]) -> Artifact {
        Artifact::Taken { is_new: false }
    }
}

impl Store for Memory {
    fn keep(&self, _: &OutPath, _: &blake3::Hash, bytes: &[u8]) -> Artifact {
        Artifact::Bytes(Packed::of(bytes))
    }

    fn remembers(&self) -> bool {
        true
    }
}

/// A larger buffer is not kept, in bytes.
const MAX_BUFFER: usize = 1024 * 1024;

/// Bytes in memory, packed: the pages of ten thousand notes are 300 MB, and much of one page stands
/// on the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    packed: Arc<[u8]>,
    len: usize,
}

thread_local! {
    /// Where bytes are packed before it is known how many they become, and what the packer notes: both
    /// for each file anew would leave holes in memory between the files.
    static PACKER: RefCell<(CompressTable, Vec<u8>)> = RefCell::default();
}

impl Packed {
    fn of(bytes: &[u8]) -> Self {
        let packed = PACKER.with_borrow_mut(|(table, buffer)| {
            buffer.resize(get_maximum_output_size(bytes.len()), 0);
            // It fits, because it was made to fit.
            let len = compress_into_with_table(bytes, buffer, table).unwrap_or_default();
            let packed = buffer[..len].into();
            buffer.truncate(MAX_BUFFER);
            buffer.shrink_to(MAX_BUFFER);
            packed
        });
        Self { packed, len: bytes.len() }
    }

    /// The bytes as they were.
    pub fn unpack(&self) -> Vec<u8> {
        // What was packed here can be unpacked.
        decompress(&self.packed, self.len).unwrap_or_default()
    }
}

/// What is already somewhere: the hash of each file.
pub type Inventory = BTreeMap<OutPath, blake3::Hash>;

/// One step from what is there to what should be there.
#[derive(Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// Write this file.
    Put(&'a OutPath, &'a File),
    /// Remove this file.
    Remove(&'a OutPath),
}

/// In which order files go up: what is named before what names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// What pages load.
    Asset,
    /// Pages of notes and services.
    Page,
    /// Pages that list others.
    Index,
}

impl File {
    /// A file with these bytes, in memory.
    pub fn bytes(bytes: &[u8]) -> Self {
        let artifact = Artifact::Bytes(Packed::of(bytes));
        Self { artifact, hash: blake3::hash(bytes), len: bytes.len() as u64 }
    }

    /// A file with these bytes, which `store` takes. `path` tells where it is to be, which may depend on
    /// what is in it.
    pub fn kept(
        bytes: &[u8],
        store: &dyn Store,
        path: impl FnOnce(blake3::Hash) -> OutPath,
    ) -> (OutPath, Self) {
        let hash = blake3::hash(bytes);
        let path = path(hash);
        let artifact = store.keep(&path, &hash, bytes);
        (path, Self { artifact, hash, len: bytes.len() as u64 })
    }

    /// A copy of a file of the project.
    pub fn copy(source: &SrcPath, hash: blake3::Hash, len: u64) -> Self {
        Self { artifact: Artifact::Copy(source.clone()), hash, len }
    }
}

impl Plan {
    /// Puts files together, each with who makes it. Returns also the paths that are wanted again, for
    /// other bytes, and by whom: the first stays.
    pub fn of<T: Copy + Send>(mut files: Vec<(OutPath, File, T)>) -> (Self, Vec<(OutPath, T)>) {
        files.par_sort_by(|a, b| a.0.cmp(&b.0));
        let mut clashes = vec![];
        files.dedup_by(|again, first| {
            let is_again = again.0 == first.0;
            if is_again && again.1.hash != first.1.hash {
                clashes.push((again.0.clone(), again.2));
            }
            is_again
        });
        (Self { files: files.into_iter().map(|(path, file, _)| (path, file)).collect() }, clashes)
    }

    /// Adds a file. Returns it if its path is taken by another with other bytes.
    pub fn add(&mut self, path: OutPath, file: File) -> Option<File> {
        match self.place(&path) {
            Ok(at) if self.files[at].1.hash == file.hash => None,
            Ok(_) => Some(file),
            Err(at) => {
                self.files.insert(at, (path, file));
                None
            }
        }
    }

    /// Where a file is, or else where it would be.
    fn place(&self, path: &OutPath) -> Result<usize, usize> {
        self.files.binary_search_by(|(it, _)| it.cmp(path))
    }

    /// The file at a path.
    pub fn get(&self, path: &OutPath) -> Option<&File> {
        self.place(path).ok().map(|at| &self.files[at].1)
    }

    /// The files in the order of their paths.
    pub fn files(&self) -> impl ExactSizeIterator<Item = (&OutPath, &File)> {
        self.files.iter().map(|(path, file)| (path, file))
    }

    /// True if both have the same files with the same bytes.
    pub fn shows_the_same(&self, other: &Self) -> bool {
        let same = |((path, file), (other, its)): (&(OutPath, File), &(OutPath, File))| {
            file.hash == its.hash && path == other
        };
        self.files.len() == other.files.len() && self.files.iter().zip(&other.files).all(same)
    }

    /// How many pages there are.
    pub fn pages(&self) -> usize {
        self.files.iter().filter(|(path, _)| path.as_str().ends_with(".html")).count()
    }

    /// What must be done to `there` to make it this: assets, pages, pages that list others, then
    /// removals. So a visitor never meets a page that names what is not up yet.
    pub fn changes<'a>(&'a self, there: &'a Inventory) -> Vec<Change<'a>> {
        let differs = |(path, file): &(&OutPath, &File)| there.get(*path) != Some(&file.hash);
        let mut puts: Vec<_> = self.files().filter(differs).collect();
        puts.sort_by_key(|(path, _)| stage(path));
        let gone = there.keys().filter(|path| self.get(path).is_none());
        puts.into_iter()
            .map(|(path, file)| Change::Put(path, file))
            .chain(gone.map(Change::Remove))
            .collect()
    }
}

/// When a file goes up.
pub fn stage(path: &OutPath) -> Stage {
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    match name.strip_suffix(".html") {
        Some("index") => Stage::Index,
        Some(_) => Stage::Page,
        None => Stage::Asset,
    }
}

/// The content type of a file by its ending, as browsers and hosts expect it. Our own table,
/// because those of operating systems differ.
pub fn content_type(path: &OutPath) -> &'static str {
    let ending = path.as_str().rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json; charset=utf-8",
        "webmanifest" => "application/manifest+json; charset=utf-8",
        "svg" => "image/svg+xml; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        "xml" => "application/xml; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "pdf" => "application/pdf",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "wasm" => "application/wasm",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "mp3" => "audio/mpeg",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_go_up_before_what_names_them() {
        let mut plan = Plan::default();
        for path in ["index.html", "a/x.html", "assets/a.css", "same.html"] {
            assert_eq!(plan.add(path.into(), File::bytes(path.as_bytes())), None);
        }
        let there = Inventory::from([
            ("same.html".into(), blake3::hash(b"same.html")),
            ("a/x.html".into(), blake3::hash(b"old")),
            ("gone.html".into(), blake3::hash(b"")),
        ]);
        let names: Vec<String> = plan
            .changes(&there)
            .iter()
            .map(|change| match change {
                Change::Put(path, _) => format!("+{path}"),
                Change::Remove(path) => format!("-{path}"),
            })
            .collect();
        assert_eq!(names, ["+assets/a.css", "+a/x.html", "+index.html", "-gone.html"]);
        assert!(plan.add("index.html".into(), File::bytes(b"other")).is_some());
    }
}
