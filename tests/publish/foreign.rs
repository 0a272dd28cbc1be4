//! What is not ours: it is kept, never written through, and refused where it is in the way.

use std::fs;

use gongbu::disk::{PublishError, PublishOptions, check_out, publish};
use gongbu::path::SrcPath;
use gongbu::plan::File;

use super::*;

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
    project.write("02/mine.txt", "m");
    refused(project.publish(&plan(A)), "was not made by us");
    assert!(!project.out().join(".gongbu").exists());
    let hint = |project: &Project| project.publish(&plan(A)).unwrap_err().hint().to_owned();
    assert!(hint(&project).contains("--adopt"));
    project.write("index.html", "another tool's");
    assert!(!hint(&project).contains("--adopt"));
    fs::remove_file(project.out().join("index.html")).unwrap();
    // What the site would write over is told, adopted or not.
    refused(project.adopt(&plan(A)), "same.html is not ours");
    assert_eq!(project.read("same.html"), "mine");
    fs::remove_file(project.out().join("same.html")).unwrap();
    assert_eq!(project.adopt(&plan(A)).unwrap(), counts(10, 0, 1));
    let mut expected = owned(A);
    expected.insert("other.txt".into(), "o".into());
    expected.insert("02/mine.txt".into(), "m".into());
    assert_eq!(site(&project.out()), expected);
    project.publish(&plan(B)).unwrap();
    assert_eq!(project.read("other.txt"), "o");
    assert_eq!(project.read("02/mine.txt"), "m");
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
        ("repository/.git/x", "Git"),
        ("file", "not a folder"),
    ] {
        let out = root.join(out);
        match check_out(root, &out) {
            Err(PublishError::Refused { message, .. }) if message.contains(why) => {}
            other => panic!("{}: {other:?}", out.display()),
        }
        assert!(publish(&plan(A), root, &out, PublishOptions { adopt: true }).is_err());
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
    let (_, steps) = project.publish_until(B, false, 11);
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

/// What somebody wrote into our own folder leads nowhere else.
#[test]
#[cfg(unix)]
fn a_journal_of_somebody_elses_leads_nowhere_else() {
    let project = Project::new();
    project.publish(&plan(A)).unwrap();
    let elsewhere = project.root().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("mine"), "mine").unwrap();
    std::os::unix::fs::symlink(&elsewhere, project.out().join("link")).unwrap();
    project.write(".gongbu/stage/site/link/mine", "theirs");
    let journal = |whole: &str, put: &str| {
        let body = format!(r#""clear":[],"whole":[{whole}],"puts":[{put}],"removes":[]"#);
        project.write(".gongbu/journal.json", &format!(r#"{{"schema":1,"body":{{{body}}}}}"#));
        gongbu::disk::recover(&project.out())
    };
    journal(r#""link/mine""#, "").unwrap();
    assert_eq!(fs::read_to_string(elsewhere.join("mine")).unwrap(), "mine");
    project.write(".gongbu/stage/site/link/mine", "theirs");
    let error = journal("", r#""link/mine""#).unwrap_err();
    assert!(error.to_string().contains("link is a symbolic link"), "{error}");
    assert_eq!(fs::read_to_string(elsewhere.join("mine")).unwrap(), "mine");
    fs::remove_file(project.out().join("link")).unwrap();
    fs::remove_dir_all(project.out().join(".gongbu/stage/site")).unwrap();
    // What cannot be reached is not taken for what is done.
    project.write(".gongbu/stage/site", "a file");
    let error = journal("", r#""link/mine""#).unwrap_err();
    assert!(error.to_string().contains(".gongbu/stage/site"), "{error}");
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
