//! A kill at every request of a deploy: no live page ever names a missing asset, and the next run makes
//! everything right (DEP-10).

use std::collections::{BTreeMap, BTreeSet};

use gongbu::deploy::{covers, is_hashed};

use crate::host::{Event, Fault, Host, Object};
use crate::{Project, quiet};

/// What pages name of the site's assets, and what of it is not there.
fn missing_assets(objects: &BTreeMap<String, Object>) -> Vec<String> {
    let mut missing = vec![];
    for (key, object) in objects.iter().filter(|(key, _)| key.ends_with(".html")) {
        let text = String::from_utf8_lossy(&object.bytes);
        let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
        let names = ["href=\"", "src=\""].map(|start| text.split(start).skip(1));
        for name in names.into_iter().flatten() {
            let name = name.split(['"', '#', '?']).next().unwrap_or_default();
            let is_asset = ["css", "js", "png", "svg", "webmanifest"]
                .iter()
                .any(|ending| name.ends_with(&format!(".{ending}")));
            if !is_asset || name.contains(':') || name.starts_with('/') {
                continue;
            }
            let found = gongbu::path::resolve(folder, name).unwrap_or_default();
            if !objects.contains_key(&found) {
                missing.push(format!("{key} names {found}, which is missing"));
            }
        }
    }
    missing
}

/// Two states of a project of about fifty files: in between its look, a picture, a lesson more, two less.
fn change(project: &Project) {
    project.write("static/gongbu.css", "body { color: navy }\n");
    project.write(
        "notes/02-more/picture.svg",
        "<svg xmlns='http://www.w3.org/2000/svg' width='2' height='1'/>",
    );
    project.lesson(1, "![그림](picture.svg)");
    project.lesson(90, "새 과");
    project.remove("notes/02-more/003-lesson.md");
    project.remove("notes/02-more/004-lesson.md");
}

#[test]
fn a_kill_at_any_request_harms_nobody() {
    let project = Project::new(30);
    let host = Host::start();
    project.deployed(&host, &[]);
    let before = host.state().objects.clone();
    assert!(before.len() > 45, "{} files", before.len());
    assert_eq!(missing_assets(&before), [""; 0]);
    change(&project);

    // Without a kill, to know what must come of it and how many requests there are.
    host.heal();
    project.deployed(&host, &[]);
    let requests = host.state().asked.len();
    let written = host.state().count(crate::host::Ask::puts_content);
    assert!(written >= 50, "{written} files");
    let site = bytes(&host.state().site());
    let changed = mutable_changes(&before, &site);
    assert!(changed.len() > 20, "{changed:?}");
    host.watch(missing_assets);

    let mut kills = 0;
    for number in 0..requests {
        for fault in [Fault::KillBefore, Fault::KillAfter] {
            {
                let mut state = host.state();
                state.objects.clone_from(&before);
                state.events.clear();
            }
            host.faults(move |ask| if ask.number == number { fault } else { Fault::None });
            host.victim(quiet(project.command(&host, &[])));
            kills += usize::from(host.bury());
            host.heal();
            // Where the system tells that the process has ended, its lock is no obstacle.
            let args: &[&str] = if cfg!(target_os = "linux") { &[] } else { &["--break-lock"] };
            project.deployed(&host, args);

            let state = host.state();
            let at = format!("{fault:?} at request {number}");
            assert_eq!(state.wrong, [""; 0], "{at}");
            assert_eq!(bytes(&state.site()), site, "{at}");
            let own = state.objects.keys().filter(|key| key.contains("_deploy/"));
            assert_eq!(own.collect::<Vec<_>>(), ["a/_deploy/manifest.json"], "{at}");
            assert_eq!(owed(&state.events, &changed), [""; 0], "{at}");
        }
    }
    // The last requests give back the lock; killed there, the process may have ended.
    assert!(kills + 4 >= requests * 2, "{kills} of {} kills", requests * 2);
    println!("{kills} kills at {requests} requests of a deploy of {written} files");
}

fn bytes(site: &BTreeMap<String, Object>) -> BTreeMap<String, Vec<u8>> {
    // Hashed files that are no longer named stay for a while, and which ones depends on the kill.
    let is_shown = |key: &&String| !is_hashed(key.trim_start_matches("a/"));
    site.keys().filter(is_shown).map(|key| (key.clone(), site[key].bytes.clone())).collect()
}

fn mutable_changes(
    before: &BTreeMap<String, Object>,
    after: &BTreeMap<String, Vec<u8>>,
) -> BTreeSet<String> {
    let mutable = |key: &&String| !key.contains("_deploy/") && !is_hashed(&key[2..]);
    let differs = |key: &&String| after.get(*key) != Some(&before[*key].bytes);
    before.keys().filter(mutable).filter(differs).cloned().collect()
}

/// What was changed and is not invalidated after its last write. (Deletions come after the invalidation,
/// and what is deleted asks to be revalidated.)
fn owed(events: &[Event], changed: &BTreeSet<String>) -> Vec<String> {
    let is_owed = |key: &&String| {
        let written = events.iter().rposition(|it| *it == Event::Put((*key).clone())).unwrap_or(0);
        let address = format!("/{}", gongbu::path::encode(key));
        !events[written..].iter().any(|event| match event {
            Event::Invalidate(paths) => paths.iter().any(|path| covers(path, &address)),
            _ => false,
        })
    };
    changed.iter().filter(is_owed).cloned().collect()
}

#[test]
fn the_watch_sees_what_is_missing() {
    let object =
        |text: &str| Object { bytes: text.into(), headers: BTreeMap::new(), etag: String::new() };
    let page = object(
        "<link href=\"../assets/x.css\"><a href=\"gone.html\"><img src=\"https://x/y.png\">",
    );
    let mut objects = BTreeMap::from([("a/b/c.html".to_owned(), page)]);
    assert_eq!(missing_assets(&objects).len(), 1);
    objects.insert("a/assets/x.css".into(), object(""));
    assert_eq!(missing_assets(&objects), [""; 0]);
}
