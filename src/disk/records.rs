//! What is written down in `OUT/.gongbu/`: the manifest, which says what in the output folder is
//! ours, and the journal, which says what is still to be done.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::folder::{Folder, Kind, Stat};
use crate::record;
pub(super) use crate::record::{Found, Paths};

/// Our own folder in the output folder.
pub(super) const OWN: &str = ".gongbu";
/// What is ours, in [`OWN`].
pub(super) const MANIFEST: &str = "manifest.json";
/// What is still to be done, in [`OWN`]. Its rename is the instant at which the new site counts.
pub(super) const JOURNAL: &str = "journal.json";
/// Held while somebody publishes, in [`OWN`].
pub(super) const LOCK: &str = "lock";
/// What is about to be moved, in [`OWN`].
pub(super) const STAGE: &str = "stage";
/// The files of the new site, in folders as they will stand, in [`STAGE`].
pub(super) const SITE: &str = "site";
/// The folders of the output folder that were made for this publication, in [`STAGE`].
pub(super) const FOLDERS: &str = "folders.json";

/// The files that are ours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) files: BTreeMap<String, Record>,
}

/// One file of ours as we left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// The hash of its bytes.
    #[serde(with = "hex")]
    pub(super) hash: blake3::Hash,
    /// Its size in bytes.
    pub(super) len: u64,
    /// When it was written, in nanoseconds since 1970.
    pub(super) mtime: i64,
}

impl Record {
    /// True if what stands at its place is as it was left.
    pub(super) fn is_left(&self, stat: &Stat) -> bool {
        (stat.kind, stat.len, stat.mtime) == (Kind::File, self.len, self.mtime)
    }
}

/// What is to be done once the stage is full, in this order.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Journal {
    /// Files of ours that stand where a folder must be, or in a folder where a file must be.
    pub(super) clear: Vec<String>,
    /// Folders of the stage that go to their place whole: where there was no site they are most of it.
    pub(super) whole: Vec<String>,
    /// The files of the stage.
    pub(super) puts: Vec<String>,
    /// Files of ours that the new site does not have.
    pub(super) removes: Vec<String>,
}

impl Paths for Manifest {
    fn paths(&self) -> impl Iterator<Item = &String> {
        self.files.keys()
    }
}

impl Paths for Journal {
    fn paths(&self) -> impl Iterator<Item = &String> {
        self.clear.iter().chain(&self.whole).chain(&self.puts).chain(&self.removes)
    }
}

/// Reads a record. A path in it that leads out of the output folder is damage: nobody can make
/// us remove a file elsewhere by writing its name here.
pub(super) fn load<T: DeserializeOwned + Paths>(folder: &Folder, name: &str) -> Found<T> {
    let mut bytes = vec![];
    match folder.stat(name) {
        Ok(None) => return Found::None,
        Ok(Some(stat)) if stat.kind == Kind::File => {}
        _ => return Found::Damaged,
    }
    let Ok(mut file) = folder.read(name) else { return Found::Damaged };
    if file.read_to_end(&mut bytes).is_err() {
        return Found::Damaged;
    }
    record::read(&bytes, inside)
}

/// Writes a record that is safe on the disk when this returns; its name is safe only when the
/// folder is synced too.
pub(super) fn save<T: Serialize>(folder: &Folder, name: &str, body: &T) -> std::io::Result<()> {
    let mut file = folder.create(name)?;
    file.write_all(&record::write(body))?;
    file.sync_all()
}

/// True if a path stays in the output folder and out of our own.
pub(super) fn inside(path: &str) -> bool {
    let part = |part: &str| {
        let odd = |c: char| c == '\0' || c == '\\' || (cfg!(windows) && c == ':');
        !matches!(part, "" | "." | "..") && !part.contains(odd)
    };
    let first = path.split('/').next().unwrap_or_default();
    path.split('/').all(part) && !first.eq_ignore_ascii_case(OWN)
}

mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(hash: &blake3::Hash, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&hash.to_hex())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<blake3::Hash, D::Error> {
        let text = String::deserialize(d)?;
        blake3::Hash::from_hex(text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_out_are_seen() {
        for path in ["a", "a/b.html", ".nojekyll", "한글/가.html", "a..b"] {
            assert!(inside(path), "{path}");
        }
        for path in ["", "/a", "a//b", "../a", "a/../b", "a/", ".", "a\\b", ".gongbu/lock", "a\0"] {
            assert!(!inside(path), "{path}");
        }
    }
}
