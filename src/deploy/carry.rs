//! Taking the steps, in their order: journal, groups with a barrier between them, manifest,
//! invalidation, deletions. What fails stops before whatever comes next, and the journal stays.
#![allow(clippy::disallowed_methods, reason = "these are the hands")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::crew;
use super::fail::{Failure, Kind};
use super::lock::{Held, own};
use super::records::{self, MANIFEST, PENDING};
use super::stale::{reference, stale};
use super::steps::{Put, Steps};
use super::store::{Asked, Edge, Only, Store};

/// The first and the longest pause when too many invalidations are under way.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// Caches all over the world forget in a minute or two. After this long it is theirs to say why not; the
/// invalidation is accepted, so nothing is owed.
const FORGETTING: Duration = Duration::from_secs(10 * 60);

/// What is being done, for a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// A group of objects begins: its name, how many, how many bytes.
    Group(&'a str, usize, u64),
    /// An object of the group is done: how many bytes.
    Object(u64),
    /// Caches are told, or waited for.
    Invalidate(usize),
}

/// What the steps need besides the store.
pub struct Means<'a> {
    /// The cache before the bucket.
    pub edge: Option<&'a dyn Edge>,
    /// What the addresses of visitors begin with.
    pub root: &'a str,
    /// The bytes of a file of the site.
    pub bytes: &'a (dyn Fn(&str) -> Result<Vec<u8>, Failure> + Sync),
    /// Is told what is done.
    pub tell: &'a (dyn Fn(Event<'_>) + Sync),
    /// The time, in seconds since 1970.
    pub clock: &'a (dyn Fn() -> i64 + Sync),
    /// How long to wait for a place among the invalidations.
    pub patience: Duration,
    /// Wait until caches have forgotten.
    pub wait: bool,
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// How many objects were written.
    pub written: usize,
    /// How many were deleted.
    pub deleted: usize,
    /// The paths that caches were told to forget.
    pub invalidated: Vec<String>,
}

/// Takes the steps. `versions` are the ETags of the manifest and the journal that they were planned on.
///
/// # Errors
/// The first failure. The next deploy goes on from there.
pub(super) fn carry_out(
    store: &dyn Store,
    steps: &Steps,
    versions: [Option<&String>; 2],
    held: &Held<'_>,
    means: &Means<'_>,
) -> Result<Done, Failure> {
    let [manifest_version, pending_version] = versions;
    let mut done = Done::default();
    let journal = records::write(&steps.pending);
    record(store, PENDING, &journal, pending_version)?;

    let mut etags: BTreeMap<&str, String> = BTreeMap::new();
    for (group, puts) in steps.groups.iter().filter(|(_, puts)| !puts.is_empty()) {
        let bytes = puts.iter().map(|put| put.object.len).sum();
        (means.tell)(Event::Group(group.name(), puts.len(), bytes));
        let written = crew::all(store, puts, &|put: &Put| {
            held.renew((means.clock)())?;
            let bytes = (means.bytes)(&put.path)?;
            let etag = store.put(&put.path, &bytes, &put.object, Only::Always)?;
            (means.tell)(Event::Object(put.object.len));
            Ok((put.path.as_str(), etag.unwrap_or_default()))
        })?;
        done.written += written.len();
        etags.extend(written);
    }

    let mut manifest = steps.manifest.clone();
    for (path, etag) in etags {
        if let Some(record) = manifest.files.get_mut(path) {
            record.etag = etag;
        }
    }
    held.renew((means.clock)())?;
    record(store, MANIFEST, &records::write(&manifest), manifest_version)?;

    let paths = stale(means.root, &steps.pending.invalidate);
    if let Some(edge) = means.edge
        && !paths.is_empty()
    {
        (means.tell)(Event::Invalidate(paths.len()));
        forget(edge, &paths, &reference(&steps.pending.id, &paths), held, means)?;
        done.invalidated = paths;
    }

    if !steps.deletes.is_empty() {
        (means.tell)(Event::Group("deletions", steps.deletes.len(), 0));
        let deletes: Vec<&String> = steps.deletes.iter().collect();
        crew::all(store, &deletes, &|path| {
            held.renew((means.clock)())?;
            store.delete(path)?;
            (means.tell)(Event::Object(0));
            Ok(())
        })?;
        done.deleted = deletes.len();
    }
    store.delete(PENDING)?;
    Ok(done)
}

/// Writes a record of ours over the version that we know.
fn record(
    store: &dyn Store,
    path: &str,
    bytes: &[u8],
    version: Option<&String>,
) -> Result<(), Failure> {
    let only = version.map_or(Only::IfNone, |etag| Only::Over(etag));
    if store.put(path, bytes, &own(bytes), only)?.is_some() {
        return Ok(());
    }
    // Either the reply to our own write was lost, or somebody wrote in spite of the lock.
    match store.get(path)? {
        Some((found, _)) if found == bytes => Ok(()),
        _ => Err(Failure::new(
            Kind::Locked,
            format!("{path} was changed by somebody else in spite of the lock"),
            "deploy again when nobody else does",
        )),
    }
}

/// Has caches forget these paths, and waits for a place among the invalidations.
fn forget(
    edge: &dyn Edge,
    paths: &[String],
    reference: &str,
    held: &Held<'_>,
    means: &Means<'_>,
) -> Result<(), Failure> {
    let start = Instant::now();
    let mut wait = FIRST_WAIT;
    let id = loop {
        match edge.invalidate(paths, reference)? {
            Asked::Accepted(id) => break id,
            Asked::TooMany if start.elapsed() + wait <= means.patience => {
                std::thread::sleep(wait);
                wait = (wait * 2).min(LONGEST_WAIT);
                held.renew((means.clock)())?;
            }
            Asked::TooMany => {
                return Err(Failure::new(
                    Kind::Failed,
                    "the new site is up, but CloudFront has too many invalidations in progress, so \
                     visitors may see old pages",
                    "deploy again in some minutes: what is owed is written down and comes first",
                ));
            }
        }
    };
    let start = Instant::now();
    while means.wait && start.elapsed() < FORGETTING && !edge.is_done(&id)? {
        std::thread::sleep(FIRST_WAIT);
        held.renew((means.clock)())?;
    }
    Ok(())
}
