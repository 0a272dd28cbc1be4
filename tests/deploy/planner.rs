//! The planner for any wanted site and any state of the bucket: taking its steps converges, what caches
//! may hold in an older form is told to them, and what is not ours is never named.

use std::collections::{BTreeMap, BTreeSet};

use gongbu::deploy::{
    Found, Group, Manifest, Object, Pending, Record, Remote, Retired, Steps, Terms, Wanted, covers,
    is_hashed, plan, stale,
};
use proptest::collection::{btree_map, btree_set};
use proptest::prelude::*;

/// Few names, so that sites, manifests and buckets meet.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("index.html".to_owned()),
        Just("404.html".to_owned()),
        (0..6u8).prop_map(|n| format!("0{n}-가 나/{n}.html")),
        (0..4u8).prop_map(|n| format!("assets/a.{n}123456789.css")),
        (0..3u8).prop_map(|n| format!("assets/plain+{n}%.js")),
        (0..3u8).prop_map(|n| format!("photos/{n}#.jpg")),
    ]
}

fn object() -> impl Strategy<Value = Object> {
    (0..3u8, 0..2u8).prop_map(|(bytes, cache)| Object {
        sha256: format!("hash-{bytes}"),
        len: u64::from(bytes),
        content_type: "text/html".into(),
        cache_control: format!("cache-{cache}"),
    })
}

fn wanted() -> impl Strategy<Value = Wanted> {
    btree_map(name(), object(), 0..12)
}

fn etag() -> impl Strategy<Value = String> {
    (0..4u8).prop_map(|n| format!("etag-{n}"))
}

fn record() -> impl Strategy<Value = Record> {
    (object(), etag()).prop_map(|(object, etag)| Record { object, etag })
}

fn retired() -> impl Strategy<Value = Retired> {
    (prop::option::of(record()), 0..2_000_000i64, 0..6u32)
        .prop_map(|(record, since, deploys)| Retired { record, since, deploys })
}

fn manifest() -> impl Strategy<Value = Found<Manifest>> {
    let hashed = (0..4u8).prop_map(|n| format!("assets/a.{n}123456789.css"));
    let whole = (btree_map(name(), record(), 0..10), btree_map(hashed, retired(), 0..3));
    prop_oneof![
        1 => Just(Found::None),
        6 => whole.prop_map(|(files, mut retired)| {
            retired.retain(|path, _| !files.contains_key(path));
            Found::Whole(Manifest { site: "s".into(), home: "h".into(), files, retired, address: None })
        }),
    ]
}

fn pending() -> impl Strategy<Value = Found<Pending>> {
    let whole = (btree_set(name(), 0..4), btree_set(name(), 0..4), btree_set(name(), 0..4));
    prop_oneof![
        3 => Just(Found::None),
        1 => Just(Found::Damaged),
        2 => whole.prop_map(|(puts, deletes, invalidate)| {
            Found::Whole(Pending { id: "old".into(), puts, deletes, invalidate })
        }),
    ]
}

fn remote() -> impl Strategy<Value = Remote> {
    (btree_map(name(), etag(), 0..14), manifest(), pending()).prop_map(
        |(listed, manifest, pending)| Remote { listed, manifest, pending, rebuilt: false },
    )
}

fn terms() -> Terms {
    Terms {
        site: "s".into(),
        address: None,
        home: "h".into(),
        now: 1_000_000,
        id: "new".into(),
        cached: true,
    }
}

/// What steps make of a bucket.
fn taken(steps: &Steps, remote: &Remote) -> Remote {
    let mut after = remote.clone();
    if steps.nothing {
        return after;
    }
    let mut manifest = steps.manifest.clone();
    for (number, put) in steps.puts().enumerate() {
        let etag = format!("written-{number}");
        after.listed.insert(put.path.clone(), etag.clone());
        manifest.files.get_mut(&put.path).unwrap().etag = etag;
    }
    for path in &steps.deletes {
        after.listed.remove(path);
    }
    after.manifest = Found::Whole(manifest);
    after.pending = Found::None;
    after
}

/// What is ours by the records.
fn ours(remote: &Remote) -> BTreeSet<String> {
    let mut ours = BTreeSet::new();
    if let Found::Whole(it) = &remote.manifest {
        ours.extend(it.files.keys().chain(it.retired.keys()).cloned());
    }
    if let Found::Whole(it) = &remote.pending {
        ours.extend(it.puts.iter().chain(&it.deletes).cloned());
    }
    ours
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn steps_lead_to_what_is_wanted(wanted in wanted(), remote in remote()) {
        let steps = plan(&wanted, &remote, &terms());
        let after = taken(&steps, &remote);
        if !steps.nothing {
            let Found::Whole(manifest) = &after.manifest else { unreachable!() };
            let objects: BTreeMap<_, _> =
                manifest.files.iter().map(|(path, it)| (path.clone(), it.object.clone())).collect();
            prop_assert_eq!(&objects, &wanted);
            for (path, record) in &manifest.files {
                prop_assert_eq!(after.listed.get(path), Some(&record.etag), "{}", path);
            }
        }
        let again = plan(&wanted, &after, &Terms { now: 9_000_000, ..terms() });
        prop_assert!(again.nothing, "{:?}", again);
        prop_assert_eq!(again.unchanged, wanted.len());
    }

    /// Cut off after any step, the rest is found again: nothing that is owed is lost.
    #[test]
    fn a_kill_anywhere_is_made_good(wanted in wanted(), remote in remote(), cut in 0..20usize) {
        let steps = plan(&wanted, &remote, &terms());
        prop_assume!(!steps.nothing);
        let mut killed = remote.clone();
        killed.pending = Found::Whole(steps.pending.clone());
        for (number, put) in steps.puts().take(cut).enumerate() {
            killed.listed.insert(put.path.clone(), format!("killed-{number}"));
        }
        let next = plan(&wanted, &killed, &Terms { id: "next".into(), ..terms() });
        prop_assert!(!next.nothing);
        prop_assert!(next.pending.invalidate.is_superset(&steps.pending.invalidate));
        let foreign: Vec<_> = next.foreign.iter().filter(|it| !steps.foreign.contains(it)).collect();
        prop_assert!(foreign.is_empty(), "what we wrote ourselves looks foreign: {:?}", foreign);
        prop_assert!(plan(&wanted, &taken(&next, &killed), &terms()).nothing);
    }

    #[test]
    fn caches_are_told_of_each_change(wanted in wanted(), remote in remote()) {
        let steps = plan(&wanted, &remote, &terms());
        let paths = stale("/n/", &steps.pending.invalidate);
        prop_assert!(paths.len() <= 15);
        let written = steps.puts().map(|put| &put.path).filter(|it| remote.listed.contains_key(*it));
        for path in written.chain(&steps.deletes).filter(|path| !is_hashed(path)) {
            let address = format!("/n{}", gongbu::path::encode(&format!("/{path}")));
            prop_assert!(paths.iter().any(|it| covers(it, &address)), "{} in {:?}", path, paths);
        }
        let hashed = steps.pending.invalidate.iter().filter(|path| is_hashed(path));
        let owed = matches!(remote.pending, Found::Whole(_));
        prop_assert!(owed || hashed.count() == 0);
    }

    #[test]
    fn what_is_not_ours_is_never_named(wanted in wanted(), remote in remote()) {
        let steps = plan(&wanted, &remote, &terms());
        let ours = ours(&remote);
        for path in &steps.deletes {
            prop_assert!(ours.contains(path), "{} would be deleted", path);
            prop_assert!(!wanted.contains_key(path), "{} is wanted", path);
        }
        for put in steps.puts() {
            let is_taken = remote.listed.contains_key(&put.path) && !ours.contains(&put.path);
            // The guard refuses these.
            prop_assert!(!is_taken || steps.in_the_way.contains(&put.path));
        }
        for path in remote.listed.keys() {
            prop_assert_eq!(steps.foreign.contains(path), !ours.contains(path));
        }
    }

    #[test]
    fn groups_are_in_order(wanted in wanted(), remote in remote()) {
        let steps = plan(&wanted, &remote, &terms());
        let groups: Vec<Group> = steps.groups.iter().map(|(group, _)| *group).collect();
        prop_assert_eq!(groups, Group::ALL);
        for (group, puts) in &steps.groups {
            prop_assert!(puts.iter().all(|put| Group::of(&put.path) == *group));
        }
    }
}

/// A hashed file that nobody names any more stays seven days and three deploys.
#[test]
fn old_assets_stay_for_a_while() {
    let page = |bytes: &str| Object {
        sha256: bytes.into(),
        len: 1,
        content_type: "text/html".into(),
        cache_control: "x".into(),
    };
    let asset = "assets/a.0123456789.css".to_owned();
    let mut wanted = Wanted::from([("index.html".into(), page("0")), (asset.clone(), page("a"))]);
    let mut remote = Remote::default();
    let day = 24 * 60 * 60;
    let mut gone_on = None;
    for deploy in 0..12 {
        let now = deploy * 2 * day;
        let steps = plan(&wanted, &remote, &Terms { now, ..terms() });
        remote = taken(&steps, &remote);
        if deploy > 0 && !remote.listed.contains_key(&asset) {
            gone_on = Some(now / day);
            break;
        }
        wanted.remove(&asset);
        wanted.insert("index.html".into(), page(&deploy.to_string()));
    }
    // It was last named on day 0, and retired on day 2.
    assert_eq!(gone_on, Some(10));
    // An asset that comes back before that is not written again.
    let mut remote = Remote::default();
    wanted.insert(asset.clone(), page("a"));
    remote = taken(&plan(&wanted, &remote, &terms()), &remote);
    wanted.remove(&asset);
    remote = taken(&plan(&wanted, &remote, &terms()), &remote);
    wanted.insert(asset, page("a"));
    let steps = plan(&wanted, &remote, &terms());
    assert_eq!(steps.puts().count(), 0);
    assert!(!steps.nothing);
}
