//! Publishing is safe: whatever is in the way, and wherever the process is cut off.
#![allow(clippy::disallowed_methods, reason = "it looks at what publishing left on the disk")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use gongbu::disk::{
    PublishError, PublishOptions, Published, Step, check_out, publish, publish_with, recover,
};
use gongbu::path::{OutPath, SrcPath};
use gongbu::plan::{File, Plan};
use tempfile::TempDir;

type Files<'a> = &'a [(&'a str, &'a str)];

/// The site before. A line `uses X` in a page means that the page is broken without X.
const A: Files = &[
    (".nojekyll", ""),
    ("01/a.html", "a\nuses assets/site.1.css\nuses assets/a.1.png\n"),
    ("01/gone.html", "gone\nuses assets/gone.1.png\n"),
    ("01/index.html", "section\nuses 01/a.html\nuses 01/gone.html\n"),
    ("02/deep/er/only.html", "only\nuses assets/site.1.css\n"),
    ("assets/a.1.png", "old a"),
    ("assets/gone.1.png", "gone"),
    ("assets/site.1.css", "old css"),
    ("index.html", "uses 01/index.html\nuses assets/site.1.css\n"),
    ("print/gone.html", "uses assets/gone.1.png\n"),
    ("same.html", "same\n"),
];

/// The site after.
const B: Files = &[
    (".nojekyll", ""),
    ("01/a.html", "a, new\nuses assets/site.2.css\nuses assets/a.1.png\n"),
    ("01/index.html", "section\nuses 01/a.html\nuses 03/new/page.html\n"),
    ("03/new/page.html", "new\nuses assets/new/b.1.png\n"),
    ("assets/a.1.png", "old a"),
    ("assets/new/b.1.png", "b"),
    ("assets/site.2.css", "new css"),
    ("index.html", "uses 01/index.html\nuses assets/site.2.css\n"),
    ("same.html", "same\n"),
];

/// A project with an output folder in it. In memory where there is a place for that: the tests
/// bring their files to the disk hundreds of times.
struct Project(TempDir);

impl Project {
    fn new() -> Self {
        let shm = Path::new("/dev/shm");
        let dir = match shm.is_dir() {
            true => tempfile::tempdir_in(shm),
            false => tempfile::tempdir(),
        };
        let project = Self(dir.unwrap());
        fs::create_dir(project.root().join("notes")).unwrap();
        fs::write(project.root().join("gongbu.toml"), "").unwrap();
        project
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn out(&self) -> PathBuf {
        self.root().join("public")
    }

    fn publish(&self, plan: &Plan) -> Result<Published, PublishError> {
        publish(plan, self.root(), &self.out(), &PublishOptions::default())
    }

    fn adopt(&self, plan: &Plan) -> Result<Published, PublishError> {
        publish(plan, self.root(), &self.out(), &PublishOptions { adopt: true })
    }

    /// Publishes up to step `stop`, and says which steps there were.
    fn publish_until(
        &self,
        plan: &Plan,
        stop: usize,
    ) -> (Result<Published, PublishError>, Vec<String>) {
        let mut steps = vec![];
        let options = PublishOptions::default();
        let result = publish_with(plan, self.root(), &self.out(), &options, &mut |step: Step| {
            steps.push(format!("{step:?}"));
            if steps.len() > stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        (result, steps)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.out().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.out().join(path)).unwrap()
    }
}

fn plan(files: Files) -> Plan {
    let mut plan = Plan::default();
    for (path, text) in files {
        assert_eq!(plan.add((*path).into(), File::bytes(text.as_bytes())), None);
    }
    plan
}

fn owned(files: Files) -> BTreeMap<String, String> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// All files under a folder but our own, and the empty folders, whose names end in a slash.
fn site(out: &Path) -> BTreeMap<String, String> {
    fn walk(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        let before = files.len();
        for entry in entries {
            let entry = entry.unwrap();
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().unwrap();
            if kind.is_dir() && path != ".gongbu" {
                walk(&entry.path(), &format!("{path}/"), files);
            } else if kind.is_file() {
                files.insert(path, String::from_utf8(fs::read(entry.path()).unwrap()).unwrap());
            } else if kind.is_symlink() {
                files.insert(path, "-> link".into());
            }
        }
        if files.len() == before && !prefix.is_empty() {
            files.insert(prefix.to_owned(), String::new());
        }
    }
    let mut files = BTreeMap::new();
    walk(out, "", &mut files);
    files
}

fn own(out: &Path) -> Vec<String> {
    let names = fs::read_dir(out.join(".gongbu")).unwrap().map(|it| it.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

fn assert_done(out: &Path, files: Files, at: &str) {
    assert_eq!(site(out), owned(files), "{at}");
    assert_eq!(own(out), ["lock", "manifest.json"], "{at}");
}

fn counts(written: usize, removed: usize, unchanged: usize) -> Published {
    Published { written, removed, unchanged, damaged: false }
}

fn refused(result: Result<Published, PublishError>, what: &str) {
    match result {
        Err(PublishError::Refused { message, .. }) if message.contains(what) => {}
        other => panic!("not refused with `{what}`: {other:?}"),
    }
}

/// Every file is whole, and no page names what is not there.
fn assert_whole(out: &Path, at: &str) {
    let (a, b) = (owned(A), owned(B));
    let files = site(out);
    for (path, text) in &files {
        let known = a.get(path) == Some(text) || b.get(path) == Some(text);
        assert!(known || path.ends_with('/'), "{at}: {path} is {text:?}");
        for used in text.lines().filter_map(|line| line.strip_prefix("uses ")) {
            assert!(files.contains_key(used), "{at}: {path} names {used}, which is not there");
        }
    }
    for path in a.keys().filter(|path| b.contains_key(*path)) {
        assert!(files.contains_key(path), "{at}: {path} is gone");
    }
}

#[test]
fn what_is_named_goes_up_before_what_names_it() {
    let project = Project::new();
    assert_eq!(project.publish(&plan(A)).unwrap(), counts(11, 0, 0));
    assert_done(&project.out(), A, "first");
    let (result, steps) = project.publish_until(&plan(B), usize::MAX);
    assert_eq!(result.unwrap(), counts(6, 5, 3));
    assert_eq!(
        steps,
        [
            r#"Folder("03")"#,
            r#"Folder("03/new")"#,
            r#"Folder("assets/new")"#,
            r#"Stage("assets/new/b.1.png")"#,
            r#"Stage("assets/site.2.css")"#,
            r#"Stage("01/a.html")"#,
            r#"Stage("03/new/page.html")"#,
            r#"Stage("01/index.html")"#,
            r#"Stage("index.html")"#,
            "Sync",
            "Commit",
            r#"Rename("assets/new/b.1.png")"#,
            r#"Rename("assets/site.2.css")"#,
            r#"Rename("01/a.html")"#,
            r#"Rename("03/new/page.html")"#,
            r#"Rename("01/index.html")"#,
            r#"Rename("index.html")"#,
            r#"Remove("01/gone.html")"#,
            r#"Remove("02/deep/er/only.html")"#,
            r#"Remove("print/gone.html")"#,
            r#"Remove("assets/gone.1.png")"#,
            r#"Remove("assets/site.1.css")"#,
            "Manifest",
            "Finish",
            "Done",
        ]
    );
    assert_done(&project.out(), B, "second");
}

/// OUT-09.
#[test]
fn a_kill_at_any_step_leaves_a_whole_site_and_the_next_build_ends_it() {
    let (old, new) = (plan(A), plan(B));
    for first in [true, false] {
        for stop in 0.. {
            let project = Project::new();
            if !first {
                project.publish(&old).unwrap();
            }
            let (result, steps) = project.publish_until(&new, stop);
            if result.is_ok() {
                assert!(stop > 20);
                break;
            }
            let at = format!("stopped before step {stop}, {:?}", steps.last());
            assert!(matches!(result, Err(PublishError::Stopped)), "{at}");
            let mut files = site(&project.out());
            let committed = steps.last().is_none_or(|it| it != "Commit")
                && steps.iter().any(|it| it == "Commit");
            if committed {
                if !first {
                    assert_whole(&project.out(), &at);
                }
            } else {
                files.retain(|path, _| !path.ends_with('/'));
                assert_eq!(files, if first { BTreeMap::new() } else { owned(A) }, "{at}");
            }
            // Completing it may be cut off as well, at each of its steps.
            if committed && !first {
                let mut again = 0;
                while let (Err(PublishError::Stopped), steps) = project.publish_until(&new, again) {
                    assert_whole(&project.out(), &format!("{at}, then {:?}", steps.last()));
                    again += 1;
                }
                assert_done(&project.out(), B, &at);
            } else {
                assert_eq!(recover(&project.out()).unwrap(), committed, "{at}");
                if committed {
                    assert_done(&project.out(), B, &at);
                }
                project.publish(&new).unwrap();
                assert_done(&project.out(), B, &at);
            }
            assert_eq!(project.publish(&new).unwrap(), counts(0, 0, B.len()), "{at}");
        }
    }
}

#[test]
fn a_change_of_mind_after_a_kill_leaves_nothing_behind() {
    let (old, new) = (plan(A), plan(B));
    for stop in 0.. {
        let project = Project::new();
        project.publish(&old).unwrap();
        let (result, steps) = project.publish_until(&new, stop);
        project.publish(&old).unwrap();
        assert_done(&project.out(), A, &format!("stopped before {:?}", steps.last()));
        if result.is_ok() {
            break;
        }
    }
}

/// The same with a real process and a real signal, at moments that nobody chose.
#[test]
#[cfg(unix)]
fn a_process_that_is_killed_leaves_a_whole_site() {
    const CHILD: &str = "GONGBU_TEST_PUBLISHES_IN";
    if let Some(root) = std::env::var_os(CHILD) {
        let root = PathBuf::from(root);
        let options = PublishOptions::default();
        for plan in [plan(A), plan(B)].iter().cycle() {
            publish(plan, &root, &root.join("public"), &options).unwrap();
        }
    }
    for delay in 0..200 {
        let project = Project::new();
        project.publish(&plan(A)).unwrap();
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_process_that_is_killed_leaves_a_whole_site"])
            .env(CHILD, project.root())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_micros(3000 + delay * 91));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_whole(&project.out(), "killed");
        project.publish(&plan(B)).unwrap();
        assert_done(&project.out(), B, "killed");
    }
}

/// OUT-15.
#[test]
fn nothing_unchanged_is_written() {
    let project = Project::new();
    project.publish(&plan(A)).unwrap();
    let times = || -> Vec<(String, SystemTime)> {
        let files = site(&project.out()).into_keys().chain([".gongbu/manifest.json".into()]);
        let time = |it: &String| project.out().join(it).metadata().unwrap().modified().unwrap();
        files.map(|path| (path.clone(), time(&path))).collect()
    };
    let before = times();
    std::thread::sleep(std::time::Duration::from_millis(20));
    let (result, steps) = project.publish_until(&plan(A), usize::MAX);
    assert_eq!((result.unwrap(), steps), (counts(0, 0, 11), vec![]));
    assert_eq!(times(), before);
    project.publish(&plan(B)).unwrap();
    let kept = |times: Vec<(String, SystemTime)>| -> Vec<_> {
        times
            .into_iter()
            .filter(|(path, _)| ["same.html", ".nojekyll"].contains(&&**path))
            .collect()
    };
    assert_eq!(kept(times()), kept(before));
}

#[test]
fn damage_is_repaired() {
    let project = Project::new();
    project.publish(&plan(A)).unwrap();
    project.write("same.html", "SAME\n");
    project.write("index.html", "longer");
    fs::remove_dir_all(project.out().join("01")).unwrap();
    assert_eq!(project.publish(&plan(A)).unwrap(), counts(5, 0, 6));
    assert_done(&project.out(), A, "repaired");
}

/// OUT-04.
#[test]
fn what_is_not_ours_is_kept_for_ever() {
    let project = Project::new();
    project.publish(&plan(A)).unwrap();
    let foreign = [("CNAME", "x.org"), ("photos/1.jpg", "1"), ("02/deep/mine.txt", "m")];
    for (path, text) in foreign {
        project.write(path, text);
    }
    fs::create_dir_all(project.out().join("empty/too")).unwrap();
    for turn in 0..10 {
        project.publish(&plan(if turn % 2 == 0 { B } else { A })).unwrap();
    }
    project.publish(&plan(B)).unwrap();
    let mut expected = owned(B);
    expected.extend(owned(&foreign));
    expected.insert("empty/too/".into(), String::new());
    assert_eq!(site(&project.out()), expected);

    // A page may not take the place of what is not ours, unless it is the same.
    let before = site(&project.out());
    let clash = [B, &[("CNAME", "y.org")]].concat();
    refused(project.publish(&plan(&clash)), "CNAME is not ours");
    refused(project.publish(&plan(&[("photos", "p")])), "photos/1.jpg is not ours");
    refused(project.publish(&plan(&[("empty", "p")])), "empty/too is not ours");
    refused(project.publish(&plan(&[("CNAME/x.html", "p")])), "CNAME is a file");
    assert_eq!(site(&project.out()), before);
    let equal = [B, &[("CNAME", "x.org")]].concat();
    assert_eq!(project.publish(&plan(&equal)).unwrap(), counts(0, 0, B.len() + 1));
    assert_eq!(project.publish(&plan(&clash)).unwrap(), counts(1, 0, B.len()));
}

/// OUT-03.
#[test]
fn a_folder_that_is_not_ours_is_refused_until_it_is_adopted() {
    let project = Project::new();
    project.write("same.html", "mine");
    project.write(".nojekyll", "");
    project.write("other.txt", "o");
    refused(project.publish(&plan(A)), "was not made by us");
    assert!(!project.out().join(".gongbu").exists());
    assert_eq!(project.adopt(&plan(A)).unwrap(), counts(10, 0, 1));
    let mut expected = owned(A);
    expected.insert("other.txt".into(), "o".into());
    assert_eq!(site(&project.out()), expected);
    project.publish(&plan(B)).unwrap();
    assert_eq!(project.read("other.txt"), "o");
}

/// OUT-01.
#[test]
fn folders_that_hold_something_else_are_refused() {
    let project = Project::new();
    let root = project.root();
    fs::create_dir_all(root.join("repository/.git")).unwrap();
    fs::create_dir_all(root.join("static")).unwrap();
    fs::write(root.join("file"), "").unwrap();
    for (out, why) in [
        ("notes", "in it"),
        ("notes/public", "is in notes/"),
        ("public/../notes", "leads nowhere"),
        ("repository/../notes/x/y", "is in notes/"),
        ("static/x", "is in static/"),
        ("templates/x", "is in templates/"),
        (".", "project itself"),
        ("..", "project itself"),
        ("/", "root of the file system"),
        ("repository", "Git"),
        ("file", "not a folder"),
    ] {
        let out = root.join(out);
        match check_out(root, &out) {
            Err(PublishError::Refused { message, .. }) if message.contains(why) => {}
            other => panic!("{}: {other:?}", out.display()),
        }
        assert!(publish(&plan(A), root, &out, &PublishOptions { adopt: true }).is_err());
    }
    if let Some(home) = std::env::home_dir().filter(|home| home.is_dir()) {
        assert!(matches!(check_out(root, &home), Err(PublishError::Refused { .. })));
    }
    assert_eq!(fs::read_dir(root.join("notes")).unwrap().count(), 0);
    assert!(matches!(check_out(root, &root.join("file/x")), Err(PublishError::Failed { .. })));
    assert!(check_out(root, &root.join("new/public")).is_ok());
    assert!(check_out(root, &root.join("notes2")).is_ok());
    assert!(!root.join("new").exists());
}

/// OUT-12, OUT-13.
#[test]
#[cfg(unix)]
fn links_are_never_written_through() {
    use std::os::unix::fs::symlink;
    let project = Project::new();
    let elsewhere = project.root().join("elsewhere");
    fs::create_dir_all(elsewhere.join("er")).unwrap();
    fs::write(elsewhere.join("a.html"), "mine").unwrap();
    fs::write(elsewhere.join("er/only.html"), "mine").unwrap();
    let untouched = || {
        let expected = owned(&[("a.html", "mine"), ("er/only.html", "mine")]);
        assert_eq!(site(&elsewhere), expected);
    };

    // The output folder itself may be one, and is judged by what it leads to.
    symlink("real", project.out()).unwrap();
    refused(project.publish(&plan(A)), "leads nowhere");
    fs::create_dir(project.root().join("real")).unwrap();
    project.publish(&plan(A)).unwrap();
    assert_done(&project.root().join("real"), A, "through the link");
    fs::remove_file(project.out()).unwrap();
    symlink("notes", project.out()).unwrap();
    refused(project.publish(&plan(A)), "notes/");
    fs::remove_file(project.out()).unwrap();
    fs::rename(project.root().join("real"), project.out()).unwrap();

    // In the place of a file.
    fs::remove_file(project.out().join("01/a.html")).unwrap();
    symlink(elsewhere.join("a.html"), project.out().join("01/a.html")).unwrap();
    assert_eq!(project.publish(&plan(A)).unwrap(), counts(1, 0, 10));
    assert_done(&project.out(), A, "the link is replaced");
    untouched();

    // In the place of a folder.
    fs::remove_dir_all(project.out().join("01")).unwrap();
    symlink(&elsewhere, project.out().join("01")).unwrap();
    refused(project.publish(&plan(A)), "01 is a symbolic link");
    refused(project.adopt(&plan(A)), "01 is a symbolic link");
    untouched();
    fs::remove_file(project.out().join("01")).unwrap();
    project.publish(&plan(A)).unwrap();

    // In the place of a folder that is planted between the journal and the renames, and in one
    // that something is to be removed from.
    let (_, steps) = project.publish_until(&plan(B), 11);
    assert_eq!(steps.last().unwrap(), r#"Rename("assets/new/b.1.png")"#);
    for (folder, target) in [("01", ""), ("02/deep", "")] {
        fs::remove_dir_all(project.out().join(folder)).unwrap();
        symlink(elsewhere.join(target), project.out().join(folder)).unwrap();
    }
    refused(project.publish(&plan(B)), "01 is a symbolic link");
    untouched();
    fs::remove_file(project.out().join("01")).unwrap();
    project.publish(&plan(B)).unwrap();
    untouched();
    let mut expected = owned(B);
    expected.insert("02/deep".into(), "-> link".into());
    assert_eq!(site(&project.out()), expected);

    // In the place of our own folder.
    fs::rename(project.out().join(".gongbu"), project.root().join("own")).unwrap();
    symlink("../own", project.out().join(".gongbu")).unwrap();
    refused(project.publish(&plan(A)), ".gongbu is a symbolic link");
}

#[test]
fn a_damaged_manifest_costs_one_look_at_each_file() {
    let project = Project::new();
    for damage in ["", "{", "{\"schema\":1}", "[]", "{\"schema\":1,\"body\":{\"files\":0}}"] {
        project.publish(&plan(A)).unwrap();
        project.write(".gongbu/manifest.json", damage);
        project.write("same.html", "SAME\n");
        let expected = Published { damaged: true, ..counts(1, 0, 10) };
        assert_eq!(project.publish(&plan(A)).unwrap(), expected);
        assert_eq!(project.publish(&plan(A)).unwrap(), counts(0, 0, 11));
    }
    // A path that leads out is damage too: nothing is removed by it.
    fs::write(project.root().join("mine.txt"), "mine").unwrap();
    let manifest = project.read(".gongbu/manifest.json");
    project.write(".gongbu/manifest.json", &manifest.replace("01/gone.html", "../mine.txt"));
    assert!(project.publish(&plan(B)).unwrap().damaged);
    assert!(project.root().join("mine.txt").exists());

    let manifest = project.read(".gongbu/manifest.json").replace("\"schema\":1", "\"schema\":9");
    project.write(".gongbu/manifest.json", &manifest);
    let before = site(&project.out());
    refused(project.publish(&plan(A)), "newer gongbu");
    assert_eq!(site(&project.out()), before);
    assert_eq!(project.read(".gongbu/manifest.json"), manifest);
}

#[test]
fn a_damaged_journal_is_no_dead_end() {
    let project = Project::new();
    project.publish(&plan(A)).unwrap();
    for stop in [11, 14, 19] {
        project.publish(&plan(A)).unwrap();
        let (_, steps) = project.publish_until(&plan(B), stop);
        assert!(steps.contains(&"Commit".to_owned()));
        let journal = project.read(".gongbu/journal.json");
        project.write(".gongbu/journal.json", &journal[..journal.len() / 2]);
        // Being cut off again does not make us forget that there was damage.
        let (result, _) = project.publish_until(&plan(B), 0);
        assert!(matches!(result, Err(PublishError::Stopped)));
        assert!(project.publish(&plan(B)).unwrap().damaged);
        let files = site(&project.out());
        assert!(owned(B).iter().all(|(path, text)| files.get(path) == Some(text)));
        assert_eq!(own(&project.out()), ["lock", "manifest.json"]);
        fs::remove_dir_all(project.out()).unwrap();
    }
}

#[test]
fn files_and_folders_may_change_places() {
    let (one, two): (Files, Files) = (
        &[("a/b/x.html", "x"), ("a/y.html", "y"), ("c", "c"), ("index.html", "1")],
        &[("a", "a"), ("c/d/x.html", "x"), ("c/y.html", "y"), ("index.html", "1")],
    );
    for stop in 0.. {
        let project = Project::new();
        project.publish(&plan(one)).unwrap();
        let (result, steps) = project.publish_until(&plan(two), stop);
        project.publish(&plan(two)).unwrap();
        assert_done(&project.out(), two, &format!("{:?}", steps.last()));
        if result.is_ok() {
            break;
        }
    }
    let project = Project::new();
    let both = project.publish(&plan(&[("a", "a"), ("a/b", "b")]));
    refused(both, "both a file `a` and a file `a/b`");
    refused(project.publish(&plan(&[("../a", "a")])), "impossible name");
    refused(project.publish(&plan(&[(".gongbu/lock", "a")])), "impossible name");
}

#[test]
fn names_may_be_as_long_as_the_system_allows() {
    let project = Project::new();
    let name = format!("{}.html", "가".repeat(83)) + ".";
    let path = format!("{name}/{name}");
    assert_eq!(name.len(), 255);
    project.publish(&plan(&[(&path, "1")])).unwrap();
    project.publish(&plan(&[(&path, "2")])).unwrap();
    assert_done(&project.out(), &[(&path, "2")], "long");
    // A longer one gives way, always in the same manner.
    let (long, other) = (OutPath::from(format!("{name}x")), OutPath::from(format!("{name}y")));
    assert!(long.as_str().len() <= 255 && long != other);
    assert_eq!(long, OutPath::from(long.as_str()));
    project.publish(&plan(&[(long.as_str(), "3")])).unwrap();
    assert_done(&project.out(), &[(long.as_str(), "3")], "longer");
}

#[test]
fn copies_are_what_the_plan_says_or_nothing() {
    let project = Project::new();
    let source = SrcPath::from("notes/a.png");
    let picture = "p".repeat(200_000);
    let at = project.root().join("notes/a.png");
    fs::write(&at, &picture).unwrap();
    let hash = blake3::hash(picture.as_bytes());
    let mut copy = plan(A);
    copy.add("assets/p.png".into(), File::copy(&source, hash, 200_000));
    project.publish(&copy).unwrap();
    assert_eq!(project.read("assets/p.png"), picture);

    let mut other = plan(B);
    other.add("assets/q.png".into(), File::copy(&source, hash, 200_000));
    let before = site(&project.out());
    for change in [Some("q".repeat(200_000)), Some("p".repeat(300_000)), Some("".into()), None] {
        match change {
            Some(text) => fs::write(&at, text).unwrap(),
            None => fs::remove_file(&at).unwrap(),
        }
        let error = project.publish(&other).unwrap_err();
        assert!(error.to_string().contains("notes/a.png changed"), "{error}");
        assert!(error.hint().contains("run it again"), "{error:?}");
        assert_eq!(site(&project.out()), before);
        assert_eq!(own(&project.out()), ["lock", "manifest.json"]);
    }
}

/// OUT-10.
#[test]
fn two_at_once_take_turns() {
    let project = Project::new();
    std::thread::scope(|scope| {
        for files in [A, B, A, B] {
            let project = &project;
            scope.spawn(move || {
                for _ in 0..5 {
                    project.publish(&plan(files)).unwrap();
                }
            });
        }
    });
    assert_whole(&project.out(), "both");
    assert_eq!(own(&project.out()), ["lock", "manifest.json"]);
}

#[test]
fn a_lock_that_is_held_is_waited_for_and_then_named() {
    let project = Project::new();
    project.publish(&plan(A)).unwrap();
    let path = project.out().join(".gongbu/lock");
    let mut lock = fs::File::options().write(true).open(&path).unwrap();
    lock.lock().unwrap();
    lock.set_len(0).unwrap();
    lock.write_all(b"4711").unwrap();
    let error = project.publish(&plan(B)).unwrap_err();
    assert!(matches!(error, PublishError::Failed { .. }));
    if cfg!(unix) {
        assert!(error.to_string().contains("process 4711"), "{error}");
    }
    assert_done(&project.out(), A, "locked");
    drop(lock);
    project.publish(&plan(B)).unwrap();
}

/// OUT-07.
#[test]
fn where_nothing_can_be_written_the_old_site_stands() {
    let project = Project::new();
    fs::write(project.out(), "a file").unwrap();
    refused(project.publish(&plan(A)), "is not a folder");
    fs::remove_file(project.out()).unwrap();
    project.publish(&plan(A)).unwrap();
    project.write(".gongbu/stage", "a file");
    let error = project.publish(&plan(B)).unwrap_err();
    assert!(error.to_string().contains(".gongbu/stage"), "{error}");
    assert_eq!(site(&project.out()), owned(A));
    fs::remove_file(project.out().join(".gongbu/stage")).unwrap();
    project.publish(&plan(B)).unwrap();
}

#[test]
#[cfg(unix)]
fn a_folder_without_rights_is_seen_before_anything_is_written() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new();
    project.publish(&plan(A)).unwrap();
    let folder = project.out().join("01");
    let mode = |mode| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o555);
    if fs::File::create(folder.join("try")).is_ok() {
        fs::remove_file(folder.join("try")).unwrap();
        eprintln!("LEFT OUT: a folder without rights, because this user may write everywhere");
        return;
    }
    let error = project.publish(&plan(B)).unwrap_err();
    assert!(error.to_string().contains("/01"), "{error}");
    assert_eq!(site(&project.out()), owned(A));
    mode(0o755);
    project.publish(&plan(B)).unwrap();
}

/// A file that is marked immutable, which stops even the administrator.
#[test]
#[cfg(target_os = "linux")]
fn a_file_that_cannot_be_replaced_is_seen_before_anything_is_written() {
    let project = Project::new();
    project.publish(&plan(A)).unwrap();
    let page = project.out().join("01/a.html");
    let mark = |flag| {
        let done = std::process::Command::new("chattr").arg(flag).arg(&page).output();
        done.is_ok_and(|it| it.status.success())
    };
    if !mark("+i") {
        eprintln!("LEFT OUT: an immutable file, because none can be made here");
        return;
    }
    let error = project.publish(&plan(B)).unwrap_err();
    mark("-i");
    assert!(error.to_string().contains("01/a.html"), "{error}");
    assert_done(&project.out(), A, "immutable");
}

/// A full disk, at every amount of room that is left.
/// OUT-06.
#[test]
#[cfg(target_os = "linux")]
fn on_a_full_disk_the_old_site_stands() {
    let project = Project::new();
    let run = |program: &str, args: &[&str]| {
        let done = std::process::Command::new(program).args(args).arg(project.out()).output();
        done.is_ok_and(|it| it.status.success())
    };
    fs::create_dir(project.out()).unwrap();
    if !run("mount", &["-t", "tmpfs", "-o", "size=1m", "tmpfs"]) {
        eprintln!("LEFT OUT: a full disk, because this user may not mount one");
        return;
    }
    let result = std::panic::catch_unwind(|| {
        project.publish(&plan(A)).unwrap();
        let filler = project.out().join("filler");
        for pages in (0..25).rev() {
            let room = pages * 4096;
            let mut file = fs::File::create(&filler).unwrap();
            while file.write_all(&[1; 4096]).is_ok() {}
            let len = file.metadata().unwrap().len();
            file.set_len(len - len.min(room)).unwrap();
            drop(file);
            let big = "b".repeat(50_000);
            let result = project.publish(&plan(&[B, &[("big.html", &big)]].concat()));
            fs::remove_file(&filler).unwrap();
            match result {
                Ok(_) => {
                    assert!(room > 50_000);
                    project.publish(&plan(A)).unwrap();
                }
                Err(error) => {
                    assert!(error.to_string().contains("No space"), "{error}");
                    assert!(error.hint().contains("as it was"), "{error:?}");
                }
            }
            assert_done(&project.out(), A, &format!("{room} bytes left"));
        }
    });
    assert!(run("umount", &[]));
    result.unwrap();
}
