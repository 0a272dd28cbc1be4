//! Publishing is safe: whatever is in the way, and wherever the process is cut off. Here is what the
//! tests share: a project, two sites, and what is left on the disk.
#![allow(clippy::disallowed_methods, reason = "it looks at what publishing left on the disk")]

mod foreign;
mod kills;
mod limits;

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use gongbu::disk::{Publication, PublishError, PublishOptions, Published, Step, publish};
use gongbu::plan::{File, Memory, Plan, Store};
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
        publish(plan, self.root(), &self.out(), PublishOptions::default())
    }

    fn adopt(&self, plan: &Plan) -> Result<Published, PublishError> {
        publish(plan, self.root(), &self.out(), PublishOptions { adopt: true })
    }

    fn begin(&self) -> Publication {
        Publication::new(self.root(), &self.out(), PublishOptions::default())
    }

    /// Publishes up to step `stop`, and says which steps there were. `early`: the files are taken as they
    /// are made.
    fn publish_until(
        &self,
        files: Files,
        early: bool,
        stop: usize,
    ) -> (Result<Published, PublishError>, Vec<String>) {
        let mut steps = vec![];
        let publication = self.begin();
        let plan = if early { plan_in(files, &publication) } else { plan(files) };
        let result = publication.end(&plan, None, &mut |step: Step| {
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
    plan_in(files, &Memory)
}

fn plan_in(files: Files, store: &dyn Store) -> Plan {
    let mut plan = Plan::default();
    for (path, text) in files {
        let (path, file) = File::kept(text.as_bytes(), store, |_| (*path).into());
        assert_eq!(plan.add(path, file), None);
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
