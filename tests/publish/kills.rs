//! A process that is cut off, and records that are damaged: the old site stands or the new one is
//! completed, and nothing is done that need not be.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use gongbu::disk::{PublishError, PublishOptions, Published, recover};
use gongbu::plan::Artifact;

use super::*;

#[test]
fn what_is_named_goes_up_before_what_names_it() {
    let project = Project::new();
    let (result, steps) = project.publish_until(A, false, usize::MAX);
    assert_eq!(result.unwrap(), counts(11, 0, 0));
    assert_done(&project.out(), A, "first");
    // Where nothing stands folders are moved whole, and the home page is there last.
    let moved: Vec<&str> =
        steps.iter().filter_map(|it| it.strip_prefix("Rename(\"")?.strip_suffix("\")")).collect();
    let files = [".nojekyll", "same.html", "index.html"];
    assert_eq!(moved, [&["01", "02", "assets", "print"][..], &files].concat());
    let (result, steps) = project.publish_until(B, false, usize::MAX);
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
    for (first, early) in [(true, false), (true, true), (false, false), (false, true)] {
        for stop in 0.. {
            let project = Project::new();
            if !first {
                project.publish(&old).unwrap();
            }
            let (result, steps) = project.publish_until(B, early, stop);
            if result.is_ok() {
                assert!(stop >= 20);
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
                while let (Err(PublishError::Stopped), steps) =
                    project.publish_until(B, false, again)
                {
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
    let old = plan(A);
    for early in [false, true] {
        for stop in 0.. {
            let project = Project::new();
            project.publish(&old).unwrap();
            let (result, steps) = project.publish_until(B, early, stop);
            project.publish(&old).unwrap();
            assert_done(&project.out(), A, &format!("stopped before {:?}", steps.last()));
            if result.is_ok() {
                break;
            }
        }
    }
}

/// A file that vanished from the stage is no file that is in its place.
#[test]
fn a_file_that_vanishes_from_the_stage_stops_it() {
    let project = Project::new();
    project.publish(&plan(A)).unwrap();
    let publication = project.begin();
    let plan = plan_in(B, &publication);
    fs::remove_file(project.out().join(".gongbu/stage/site/01/a.html")).unwrap();
    let error = publication.end(&plan, None, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(
        error.to_string().contains("stage/site/01/a.html") && error.hint().contains("as it was"),
        "{error}"
    );
    assert_done(&project.out(), A, "vanished");
}

#[test]
fn what_is_given_up_leaves_nothing_behind() {
    let project = Project::new();
    project.begin().abandon();
    assert!(!project.out().exists());
    let give_up = || {
        let publication = project.begin();
        let plan = plan_in(B, &publication);
        assert!(
            plan.files().any(|(_, file)| matches!(file.artifact, Artifact::Taken { is_new: true }))
        );
        assert!(project.out().join(".gongbu/stage").is_dir());
        publication.abandon();
    };
    give_up();
    assert!(!project.out().exists());
    project.publish(&plan(A)).unwrap();
    give_up();
    assert_done(&project.out(), A, "given up");
}

/// What was made and is no page of the site after all does not come along with its folder.
#[test]
fn what_the_plan_does_not_have_is_not_published() {
    let project = Project::new();
    let publication = project.begin();
    let plan = plan_in(A, &publication);
    File::kept(b"extra", &publication, |_| "01/extra.html".into());
    publication.end(&plan, None, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_done(&project.out(), A, "without more");
}

/// What was changed since is taken again, and what changes meanwhile is no harm.
#[test]
fn only_what_is_as_it_was_left_counts_as_old() {
    let project = Project::new();
    let files: Files = &[("a.html", "1"), ("b.html", "2")];
    project.publish(&plan(files)).unwrap();
    project.write("a.html", "changed");
    let publication = project.begin();
    let plan = plan_in(files, &publication);
    project.write("b.html", "changed meanwhile");
    let error = publication.end(&plan, None, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(error.to_string().contains("b.html changed while"), "{error}");
    let publication = project.begin();
    let plan = plan_in(files, &publication);
    publication.end(&plan, None, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_done(&project.out(), files, "again");
}

/// What stands at its place is not written once more.
#[test]
fn only_what_is_new_is_taken() {
    let project = Project::new();
    project.publish(&plan(&[("a.html", "1"), ("b.html", "2")])).unwrap();
    let publication = project.begin();
    let plan = plan_in(&[("b.html", "2"), ("c.html", "1"), ("d.html", "3")], &publication);
    let taken = |path: &str| match plan.get(&path.into()).unwrap().artifact {
        Artifact::Taken { is_new } => is_new,
        _ => panic!("{path} is kept in memory"),
    };
    assert_eq!(["b.html", "c.html", "d.html"].map(taken), [false, true, true]);
    let published = publication.end(&plan, None, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(published, counts(2, 1, 1));
    assert_done(&project.out(), &[("b.html", "2"), ("c.html", "1"), ("d.html", "3")], "moved");
}

/// The same with a real process and a real signal, at moments that nobody chose.
#[test]
#[cfg(unix)]
fn a_process_that_is_killed_leaves_a_whole_site() {
    const CHILD: &str = "GONGBU_TEST_PUBLISHES_IN";
    if let Some(root) = std::env::var_os(CHILD) {
        let root = PathBuf::from(root);
        let options = PublishOptions::default();
        let out = root.join("public");
        for (files, early) in [(A, false), (B, true), (A, true), (B, false)].into_iter().cycle() {
            let publication = Publication::new(&root, &out, options);
            let plan = if early { plan_in(files, &publication) } else { plan(files) };
            publication.end(&plan, None, &mut |_| ControlFlow::Continue(())).unwrap();
        }
    }
    for delay in 0..200 {
        let project = Project::new();
        project.publish(&plan(A)).unwrap();
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kills::a_process_that_is_killed_leaves_a_whole_site"])
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
    let (result, steps) = project.publish_until(A, false, usize::MAX);
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
        let (_, steps) = project.publish_until(B, false, stop);
        assert!(steps.contains(&"Commit".to_owned()));
        let journal = project.read(".gongbu/journal.json");
        project.write(".gongbu/journal.json", &journal[..journal.len() / 2]);
        // Being cut off again does not make us forget that there was damage.
        let (result, _) = project.publish_until(B, false, 0);
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
        let (result, steps) = project.publish_until(two, false, stop);
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
