//! The limits of the disk and of the system: names, rights, room, and others who publish.

use std::fs;
use std::io::Write;

use gongbu::disk::PublishError;
use gongbu::path::OutPath;

use super::*;

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

/// Who waits for a folder that is given up and removed makes it anew.
#[test]
fn a_folder_that_is_given_up_is_no_dead_end() {
    for _ in 0..20 {
        let project = Project::new();
        let first = project.begin();
        plan_in(A, &first);
        assert!(project.out().exists());
        std::thread::scope(|scope| {
            let second = scope.spawn(|| project.publish(&plan(B)));
            std::thread::sleep(std::time::Duration::from_millis(5));
            first.abandon();
            second.join().unwrap().unwrap();
        });
        assert_done(&project.out(), B, "given up");
    }
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
        for (pages, early) in (0..25).rev().flat_map(|it| [(it, false), (it, true)]) {
            let room = pages * 4096;
            let mut file = fs::File::create(&filler).unwrap();
            while file.write_all(&[1; 4096]).is_ok() {}
            let len = file.metadata().unwrap().len();
            file.set_len(len - len.min(room)).unwrap();
            drop(file);
            let big = "b".repeat(50_000);
            let files = [B, &[("big.html", &big)]].concat();
            let (result, _) = project.publish_until(&files, early, usize::MAX);
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
