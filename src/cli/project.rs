//! What every command on a project begins with: find it, read it, build it, say what is wrong.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::build::{Built, build};
use crate::config;
use crate::disk;
use crate::snapshot::{Options, Snapshot};

/// The folder of the project: the one that was named, or the nearest upwards.
///
/// # Errors
/// If there is none.
pub(super) fn root(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(root) = named {
        if !root.is_dir() {
            bail!("`{}` is not a folder", root.display());
        }
        return Ok(root.to_path_buf());
    }
    let here = std::env::current_dir().context("the current folder cannot be read")?;
    disk::find_root(&here).with_context(|| {
        format!(
            "there is no {} here or in a folder above; `gongbu init` makes a project",
            config::FILE
        )
    })
}

/// Reads a project and builds its site. What is wrong with the notes is for the caller to tell.
///
/// # Errors
/// If the project cannot be read.
pub(super) fn open(root: &Path, options: Options) -> Result<(Snapshot, Built)> {
    let snapshot = patiently("reading the notes", || disk::read(root, options))?;
    let built = patiently("building the site", || Ok(build(&snapshot)))?;
    Ok((snapshot, built))
}

/// Does something that is usually quick; if it takes over a second, shows that it goes on.
///
/// # Errors
/// Those of `work`.
pub(super) fn patiently<T>(what: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let (done, waiting) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if waiting.recv_timeout(Duration::from_secs(1)) != Err(mpsc::RecvTimeoutError::Timeout)
            {
                return;
            }
            let bar = indicatif::ProgressBar::new_spinner().with_message(what);
            while waiting.recv_timeout(Duration::from_millis(100))
                == Err(mpsc::RecvTimeoutError::Timeout)
            {
                bar.tick();
            }
            bar.finish_and_clear();
        });
        let result = work();
        drop(done);
        result
    })
}
