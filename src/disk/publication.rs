//! A publication from its beginning to its end. It takes files while the site is still being built, and
//! opens the output folder with the first of them: a build whose notes have errors touches nothing.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::error::PublishError;
use super::known::{Known, remember};
use super::out::{Out, check_out, refuse_foreign};
use super::publish::{PublishOptions, Published, Steps, discard, publish_staged, settle};
use super::records::{Found, LOCK, MANIFEST, Manifest, OWN, load};
use super::stage::Stage;
use crate::path::OutPath;
use crate::plan::{Artifact, Memory, Plan, Store};

/// A publication in the making. What is left of one that is dropped or killed the next clears away.
pub struct Publication {
    root: PathBuf,
    out: PathBuf,
    options: PublishOptions,
    stage: OnceLock<Result<Stage, PublishError>>,
}

/// Makes the folder `out` equal to the plan, whose copies are taken from the project at `root`.
///
/// # Errors
///
/// [`PublishError::Refused`] if `out` may not be written to, [`PublishError::Failed`] if the disk
/// did not play along; the old site is then as it was, unless the hint says otherwise.
pub fn publish(
    plan: &Plan,
    root: &Path,
    out: &Path,
    options: PublishOptions,
) -> Result<Published, PublishError> {
    Publication::new(root, out, options).end(plan, None, &mut |_| ControlFlow::Continue(()))
}

impl Publication {
    /// For the project at `root` and the output folder `out`. Nothing is touched yet.
    pub fn new(root: &Path, out: &Path, options: PublishOptions) -> Self {
        Self { root: root.to_owned(), out: out.to_owned(), options, stage: OnceLock::new() }
    }

    /// Makes the output folder equal to a plan, and tells `steps` what it does. What was found out on the
    /// way is `known` from then on.
    ///
    /// # Errors
    ///
    /// Those of [`publish`], and [`PublishError::Stopped`] if `steps` said so.
    pub fn end(
        self,
        plan: &Plan,
        known: Option<&Known>,
        steps: &mut Steps<'_>,
    ) -> Result<Published, PublishError> {
        self.stage.get_or_init(|| self.open(steps));
        let mut stage = self.stage.into_inner().unwrap_or(Err(PublishError::Stopped))?;
        let ended = publish_staged(plan, &self.root, &mut stage, steps);
        match (&ended, known) {
            // As a kill would leave it.
            (Err(PublishError::Stopped), _) => {}
            (Err(_), _) => leave(&stage),
            // Under the same lock, so that it is known of this site and no other.
            (Ok(_), Some(known)) => remember(&stage.out, known)?,
            (Ok(_), None) => {}
        }
        ended
    }

    /// Gives it up: all is as it was before.
    pub fn abandon(self) {
        let Some(Ok(mut stage)) = self.stage.into_inner() else { return };
        // What cannot be removed is in nobody's way, and the next build tries again.
        let _ = discard(&mut stage.out);
        leave(&stage);
    }

    fn open(&self, steps: &mut Steps<'_>) -> Result<Stage, PublishError> {
        let path = check_out(&self.root, &self.out)?;
        if !self.options.adopt {
            refuse_foreign(&path)?;
        }
        let own = path.join(OWN);
        let missing = own.ancestors().take_while(|it| it.symlink_metadata().is_err());
        let mut made: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        made.reverse();
        let mut out = Out::open(&path)?;
        let found = settle(&mut out, steps)?;
        let (manifest, damaged) = match load::<Manifest>(&out.own, MANIFEST) {
            Found::None => (Manifest::default(), false),
            Found::Whole(manifest) => (manifest, false),
            Found::Damaged => (Manifest::default(), true),
            Found::Newer => return Err(out.newer(MANIFEST)),
        };
        let damaged = damaged || matches!(found, Found::Damaged);
        Ok(Stage::new(out, manifest, damaged, made))
    }
}

/// Removes the folders that were made, if nothing is in them but our lock.
fn leave(stage: &Stage) {
    let own = &stage.out.own;
    if stage.made.is_empty() || !own.names().is_ok_and(|names| names == [LOCK]) {
        return;
    }
    let _ = own.remove(LOCK);
    for folder in stage.made.iter().rev() {
        let _ = std::fs::remove_dir(folder);
    }
}

impl Store for Publication {
    fn keep(&self, path: &OutPath, hash: &blake3::Hash, bytes: &[u8]) -> Artifact {
        let stage = self.stage.get_or_init(|| self.open(&mut |_| ControlFlow::Continue(())));
        match stage {
            Ok(stage) => stage
                .take(path.as_str(), hash, bytes)
                .unwrap_or_else(|| Memory.keep(path, hash, bytes)),
            // That is told when it is to end, after what is wrong with the notes.
            Err(_) => Artifact::Taken { is_new: false },
        }
    }
}
