//! The planner: what is wanted and what is there give the steps in between. Pure: it sees two values
//! and the time, and touches nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::records::{Found, Manifest, Pending, Record, Retired};
use super::target::OWN;
use super::want::{Group, Object, Wanted, is_hashed};

/// A hashed file that the site no longer names stays this long, for pages that are still open or
/// kept somewhere: seven days and three deploys.
const KEPT_SECONDS: i64 = 7 * 24 * 60 * 60;
const KEPT_DEPLOYS: u32 = 3;

/// What is in the bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remote {
    /// Every object under the target with its ETag, our own records too.
    pub listed: BTreeMap<String, String>,
    /// What we say is ours.
    pub manifest: Found<Manifest>,
    /// True if the manifest was lost, and put together again from the objects themselves.
    pub rebuilt: bool,
    /// What an earlier deploy left undone.
    pub pending: Found<Pending>,
}

/// What the planner has to know besides what is wanted and what is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// Which site it is: its title.
    pub site: String,
    /// And its address, if it has one.
    pub address: Option<String>,
    /// The target, as the manifest names it.
    pub home: String,
    /// The time, in seconds since 1970.
    pub now: i64,
    /// A name for this deploy that no other has.
    pub id: String,
    /// True if a cache stands before the bucket that has to be told what changed.
    pub cached: bool,
}

/// Why an object is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// There was none.
    New,
    /// Its bytes are others, or not known to be ours.
    Content,
    /// Only its headers are others.
    Headers,
}

/// An object to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// Its path.
    pub path: String,
    /// What it is.
    pub object: Object,
    /// Why.
    pub why: Why,
}

/// From what is there to what is wanted: the groups in their order, then the manifest, then what
/// caches are told, then the deletions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Steps {
    /// The objects to write, for each group.
    pub groups: Vec<(Group, Vec<Put>)>,
    /// The manifest to write after them; those that are written get their ETag on the way.
    pub manifest: Manifest,
    /// What is written down before the first of them, merged with what was left undone.
    pub pending: Pending,
    /// The paths of objects to delete, at the very end.
    pub deletes: BTreeSet<String>,
    /// Of these, pages and files that the site named until now; the others were retired long ago.
    pub removed: usize,
    /// Objects that are in the bucket and not ours: none of them is touched.
    pub foreign: Vec<String>,
    /// Of these, what stands where the site needs its place.
    pub in_the_way: Vec<String>,
    /// How many objects are right as they are.
    pub unchanged: usize,
    /// How many objects were ours before.
    pub ours: usize,
    /// True if there is nothing to do at all.
    pub nothing: bool,
}

impl Steps {
    /// The objects to write, in order.
    pub fn puts(&self) -> impl Iterator<Item = &Put> {
        self.groups.iter().flat_map(|(_, puts)| puts)
    }

    /// How many bytes they have.
    pub fn bytes(&self) -> u64 {
        self.puts().map(|put| put.object.len).sum()
    }
}

/// The steps from `remote` to `wanted`. Taking them and planning again gives nothing to do.
pub fn plan(wanted: &Wanted, remote: &Remote, terms: &Terms) -> Steps {
    let empty = Manifest::default();
    let before = match &remote.manifest {
        Found::Whole(manifest) => manifest,
        _ => &empty,
    };
    let debt = match &remote.pending {
        Found::Whole(pending) => pending.clone(),
        // What it owed is not known, so everything is.
        Found::Damaged | Found::Newer => Pending {
            id: terms.id.clone(),
            invalidate: wanted.keys().filter(|path| !is_hashed(path)).cloned().collect(),
            ..Pending::default()
        },
        Found::None => Pending::default(),
    };
    let ours: BTreeSet<&String> = before
        .files
        .keys()
        .chain(before.retired.keys())
        .chain(&debt.puts)
        .chain(&debt.deletes)
        .collect();
    let objects = || remote.listed.keys().filter(|path| !path.starts_with(OWN));
    let foreign: Vec<String> = objects().filter(|path| !ours.contains(path)).cloned().collect();
    let in_the_way = foreign.iter().filter(|path| wanted.contains_key(*path)).cloned().collect();

    let mut steps = Steps {
        in_the_way,
        foreign,
        ours: before.files.len(),
        pending: debt.clone(),
        manifest: Manifest {
            site: terms.site.clone(),
            address: terms.address.clone(),
            home: terms.home.clone(),
            ..Manifest::default()
        },
        groups: Group::ALL.map(|group| (group, vec![])).into(),
        ..Steps::default()
    };
    for (path, object) in wanted {
        let record = before.files.get(path);
        let record = record.or_else(|| before.retired.get(path)?.record.as_ref());
        let etag = remote.listed.get(path);
        let why = match (etag, record) {
            (None, _) => Why::New,
            (Some(etag), Some(record)) if *etag == record.etag => {
                if record.object == *object {
                    steps.unchanged += 1;
                    steps.manifest.files.insert(path.clone(), record.clone());
                    continue;
                }
                let same = record.object.sha256 == object.sha256;
                if same { Why::Headers } else { Why::Content }
            }
            (Some(_), _) => Why::Content,
        };
        // Nobody can have kept what was never there.
        if !is_hashed(path) && (etag.is_some() || ours.contains(path)) {
            steps.pending.invalidate.insert(path.clone());
        }
        steps.pending.puts.insert(path.clone());
        let record = Record { object: object.clone(), etag: String::new() };
        steps.manifest.files.insert(path.clone(), record);
        let put = Put { path: path.clone(), object: object.clone(), why };
        let group = Group::of(path);
        if let Some((_, puts)) = steps.groups.iter_mut().find(|(it, _)| *it == group) {
            puts.push(put);
        }
    }
    leave(&mut steps, wanted, remote, before, &ours, terms);
    let is_same = steps.manifest.files == before.files
        && steps.manifest.retired.keys().eq(before.retired.keys())
        && steps.manifest.site == before.site
        && steps.manifest.address == before.address
        && steps.manifest.home == before.home;
    steps.nothing = steps.puts().next().is_none()
        && steps.deletes.is_empty()
        && is_same
        && !remote.rebuilt
        && remote.pending == Found::None;
    if !steps.nothing {
        expire(&mut steps, terms.now);
    }
    if !terms.cached {
        steps.pending.invalidate.clear();
    }
    steps.pending.deletes.extend(steps.deletes.iter().cloned());
    // What is owed under a name may be asked for twice without harm; what is new needs a new name.
    if steps.pending.puts != debt.puts
        || steps.pending.deletes != debt.deletes
        || steps.pending.invalidate != debt.invalidate
        || steps.puts().next().is_some()
        || debt.id.is_empty()
    {
        steps.pending.id.clone_from(&terms.id);
    }
    steps
}

/// What is ours and no longer wanted: hashed files retire, the others are to be deleted.
fn leave(
    steps: &mut Steps,
    wanted: &Wanted,
    remote: &Remote,
    before: &Manifest,
    ours: &BTreeSet<&String>,
    terms: &Terms,
) {
    for path in ours.iter().filter(|path| !wanted.contains_key(**path)) {
        let was_shown = before.files.contains_key(*path);
        if !remote.listed.contains_key(*path) {
            // It is gone already, but caches may not know.
            if was_shown && !is_hashed(path) {
                steps.pending.invalidate.insert((*path).clone());
            }
            continue;
        }
        steps.removed += usize::from(was_shown);
        if is_hashed(path) {
            let fresh = || Retired {
                record: before.files.get(*path).cloned(),
                since: terms.now,
                deploys: 0,
            };
            let retired = before.retired.get(*path).cloned().unwrap_or_else(fresh);
            steps.manifest.retired.insert((*path).clone(), retired);
        } else {
            steps.deletes.insert((*path).clone());
            steps.pending.invalidate.insert((*path).clone());
        }
    }
}

/// Retired files are one deploy older, and those that were kept long enough go. They never are a
/// reason for a deploy of their own.
fn expire(steps: &mut Steps, now: i64) {
    let is_old = |it: &Retired| it.deploys >= KEPT_DEPLOYS && now - it.since >= KEPT_SECONDS;
    let (old, mut kept): (BTreeMap<_, _>, BTreeMap<_, _>) =
        std::mem::take(&mut steps.manifest.retired).into_iter().partition(|(_, it)| is_old(it));
    steps.deletes.extend(old.into_keys());
    kept.values_mut().for_each(|it| it.deploys = it.deploys.saturating_add(1));
    steps.manifest.retired = kept;
}
