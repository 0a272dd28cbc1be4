//! Deploying is safe: whatever the host answers, and wherever the process is cut off. Here is what the
//! tests share: a project, and the binary that deploys it.
#![cfg(feature = "deploy")]
#![allow(clippy::disallowed_methods, reason = "it looks at what is on disk and at the environment")]

mod faults;
mod guards;
mod host;
mod kills;
mod moto;
mod planner;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use host::Host;
use tempfile::TempDir;

/// A project of which nothing is shared with the machine.
struct Project(TempDir);

impl Project {
    /// A new project, with one lesson more for each number.
    fn new(lessons: usize) -> Self {
        let project = Self(TempDir::new().unwrap());
        let made = project.gongbu(&["init", "."]).output().unwrap();
        assert!(made.status.success(), "{}", err(&made));
        for n in 0..lessons {
            project.lesson(n, "글");
        }
        project
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn lesson(&self, n: usize, text: &str) {
        let path = format!("notes/02-more/{n:03}-lesson.md");
        self.write(&path, &format!("+++\ntitle = \"과 {n}\"\n+++\n\n## 하나\n\n{text}\n"));
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn remove(&self, path: &str) {
        fs::remove_file(self.root().join(path)).unwrap();
    }

    fn gongbu(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gongbu"));
        let names = std::env::vars_os().map(|(name, _)| name);
        for name in names.filter(|it| {
            let it = it.to_string_lossy().to_uppercase();
            it.starts_with("AWS_") || it.ends_with("_PROXY")
        }) {
            command.env_remove(name);
        }
        command
            .current_dir(self.root())
            .env("HOME", self.root())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", SECRET)
            .args(args);
        command
    }

    /// `gongbu deploy` to a folder of the host's bucket, with the cache before it.
    fn command(&self, host: &Host, args: &[&str]) -> Command {
        let fixed = ["deploy", "s3://notes/a", "--distribution", "E1", "--endpoint-url", &host.url];
        let mut command = self.gongbu(&fixed);
        command.args(args);
        command
    }

    fn deploy(&self, host: &Host, args: &[&str]) -> Output {
        let output = self.command(host, args).output().unwrap();
        let all = [output.stdout.clone(), output.stderr.clone()].concat();
        assert!(!String::from_utf8_lossy(&all).contains(SECRET), "it tells a secret");
        output
    }

    /// The same, and it must succeed.
    fn deployed(&self, host: &Host, args: &[&str]) -> String {
        let output = self.deploy(host, args);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        out(&output)
    }

    /// The same, and it must end with this code; gives what it said.
    fn refused(&self, host: &Host, args: &[&str], code: i32) -> String {
        let output = self.deploy(host, args);
        assert_eq!(output.status.code(), Some(code), "{}{}", out(&output), err(&output));
        err(&output)
    }
}

const SECRET: &str = "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY";

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A process that is to be killed says nothing.
fn quiet(mut command: Command) -> std::process::Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}
