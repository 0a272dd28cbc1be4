//! What is written down in the bucket under `_deploy/`: the manifest, which says what there is ours;
//! the journal of a deploy that is going on; and the lock of whoever deploys.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::target::OWN;
use super::want::Object;
pub use crate::record::Found;
pub(super) use crate::record::write;
use crate::record::{self, Paths};

/// What of the bucket is ours.
pub(super) const MANIFEST: &str = "_deploy/manifest.json";
/// What a deploy is about to do: there from before its first change until after its last.
pub(super) const PENDING: &str = "_deploy/pending.json";
/// Who deploys.
pub(super) const LOCK: &str = "_deploy/lock.json";

/// The objects that are ours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Which site it is: its title.
    pub site: String,
    /// And its address, if it has one. One of the two may change without it being another site.
    #[serde(default)]
    pub address: Option<String>,
    /// The target that it was written for, so that a copy of it elsewhere is seen to be one.
    pub home: String,
    /// The objects of the site.
    pub files: BTreeMap<String, Record>,
    /// Hashed files that the site no longer names. A page that somebody still has open does.
    pub retired: BTreeMap<String, Retired>,
}

/// An object as we left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its bytes and headers.
    #[serde(flatten)]
    pub object: Object,
    /// What the host called this version of it. It means nothing but itself: with encryption or
    /// several parts it is no MD5.
    pub etag: String,
}

/// A hashed file that is kept for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    /// What it was, if that is known.
    pub record: Option<Record>,
    /// When the site stopped to name it, in seconds since 1970.
    pub since: i64,
    /// How many deploys there were since.
    pub deploys: u32,
}

/// What a deploy is about to do. It is merged with what an earlier one left undone, so that nothing
/// that is owed is lost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// A name of its own: what is invalidated is asked for under it.
    pub id: String,
    /// The paths of objects that are about to be written.
    pub puts: BTreeSet<String>,
    /// The paths of objects that are about to be deleted.
    pub deletes: BTreeSet<String>,
    /// The paths of files that caches may hold in an older form.
    pub invalidate: BTreeSet<String>,
}

/// Who deploys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Which deploy it is.
    pub token: String,
    /// Who, for people: `user@host (process 42)`.
    pub owner: String,
    /// Which process, if the system tells, so that it is known when it has ended.
    #[serde(default)]
    pub life: Option<String>,
    /// When it was taken, in seconds since 1970.
    pub since: i64,
    /// When it counts no more.
    pub until: i64,
}

impl Paths for Manifest {
    fn paths(&self) -> impl Iterator<Item = &String> {
        self.files.keys().chain(self.retired.keys())
    }
}

impl Paths for Pending {
    fn paths(&self) -> impl Iterator<Item = &String> {
        self.puts.iter().chain(&self.deletes)
    }
}

impl Paths for Lock {
    fn paths(&self) -> impl Iterator<Item = &String> {
        std::iter::empty()
    }
}

/// Reads a record. One that names our own records is damaged: we would delete them.
pub(super) fn read<T: DeserializeOwned + Paths>(bytes: &[u8]) -> Found<T> {
    record::read(bytes, |path| !path.starts_with(OWN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_records_are_no_part_of_the_site() {
        let manifest = Manifest { site: "공부".into(), ..Manifest::default() };
        assert_eq!(read(&write(&manifest)), Found::Whole(manifest));
        let own = Pending { deletes: [LOCK.to_owned()].into(), ..Pending::default() };
        assert_eq!(read::<Pending>(&write(&own)), Found::Damaged);
    }
}
