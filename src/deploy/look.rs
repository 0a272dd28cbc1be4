//! Looking at the bucket: one listing, our records, and, should the manifest be lost, each object by
//! itself. Nothing is written.

use std::collections::BTreeMap;

use super::crew;
use super::fail::Failure;
use super::records::{self, Found, LOCK, MANIFEST, Manifest, PENDING, Record};
use super::steps::{Remote, Terms};
use super::store::Store;
use super::target::OWN;

/// What was found, and by what it is known again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// What is in the bucket.
    pub remote: Remote,
    /// How far the host's clock is ahead of ours, in seconds.
    pub ahead: Option<i64>,
}

impl Look {
    /// The ETags of our own records but the lock: if they are the same later, nobody deployed in
    /// between.
    pub(super) fn versions(&self) -> [Option<&String>; 2] {
        [MANIFEST, PENDING].map(|path| self.remote.listed.get(path))
    }

    /// True if somebody deploys, or was cut off.
    pub fn is_locked(&self) -> bool {
        self.remote.listed.contains_key(LOCK)
    }
}

/// Looks at the bucket.
///
/// # Errors
/// The host refused or failed.
pub fn look(store: &dyn Store, terms: &Terms) -> Result<Look, Failure> {
    let listing = store.list("")?;
    // The listing says what is there, so nothing is asked for in vain.
    let read = |path: &str| match listing.objects.contains_key(path) {
        true => store.get(path),
        false => Ok(None),
    };
    let manifest = read(MANIFEST)?.map_or(Found::None, |(bytes, _)| records::read(&bytes));
    let pending = read(PENDING)?.map_or(Found::None, |(bytes, _)| records::read(&bytes));
    let mut remote = Remote { listed: listing.objects, manifest, pending, rebuilt: false };
    let has_objects = remote.listed.keys().any(|path| !path.starts_with(OWN));
    if matches!(remote.manifest, Found::None | Found::Damaged) && has_objects {
        let files = recognise(store, &remote.listed)?;
        remote.rebuilt = !files.is_empty() || remote.manifest == Found::Damaged;
        if remote.rebuilt {
            remote.manifest = Found::Whole(Manifest {
                site: terms.site.clone(),
                address: terms.address.clone(),
                home: terms.home.clone(),
                files,
                ..Manifest::default()
            });
        }
    }
    Ok(Look { remote, ahead: listing.ahead })
}

/// True if nobody deployed since: our records are the same.
///
/// # Errors
/// The host refused or failed.
pub(super) fn is_same(store: &dyn Store, seen: &Look) -> Result<bool, Failure> {
    let now = store.list(OWN)?.objects;
    Ok([MANIFEST, PENDING].map(|path| now.get(path)) == seen.versions())
}

/// The objects that carry our mark.
fn recognise(
    store: &dyn Store,
    listed: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Record>, Failure> {
    let paths: Vec<&String> = listed.keys().filter(|path| !path.starts_with(OWN)).collect();
    let seen = crew::all(store, &paths, &|path| {
        let seen = store.look_at(path)?;
        let record = seen.and_then(|seen| Some(Record { object: seen.ours?, etag: seen.etag }));
        Ok(record.map(|record| ((*path).clone(), record)))
    })?;
    Ok(seen.into_iter().flatten().collect())
}
