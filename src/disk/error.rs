//! Why a site could not be published, as a sentence and what to do about it.

use std::fmt;
use std::io;
use std::path::Path;

/// Why a site could not be published. To a shell, all of these are exit code 2.
#[derive(Debug)]
pub enum PublishError {
    /// The output folder is not one that may be written to. Nothing in it was touched.
    Refused {
        /// What is wrong, in one sentence without a full stop.
        message: String,
        /// What to do about it.
        hint: String,
    },
    /// The disk, another process or a file that changed meanwhile stood in the way.
    Failed {
        /// What is wrong, in one sentence without a full stop.
        message: String,
        /// What to do about it, and what state the site is in.
        hint: String,
        /// What the operating system said, if it said something.
        source: Option<io::Error>,
    },
    /// The caller's [`Steps`](super::Steps) said to stop; all is left as a kill would leave it.
    Stopped,
}

/// What stands of the site when something fails before the journal is in place.
pub(super) const INTACT: &str = "the site is as it was before";

impl PublishError {
    /// What to do about it, in one sentence without a full stop.
    pub fn hint(&self) -> &str {
        match self {
            Self::Refused { hint, .. } | Self::Failed { hint, .. } => hint,
            Self::Stopped => "the next build goes on from here",
        }
    }

    /// The output folder, or something in it, is not as it must be.
    pub(super) fn refused(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused { message: message.into(), hint: hint.into() }
    }

    /// Something that the operating system did not do, before the journal: `cannot write x: …`.
    pub(super) fn io(action: &str, path: &Path, error: io::Error) -> Self {
        let advice = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "make room on that disk and run it again; "
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                "see who may write there, or choose another folder with --out; "
            }
            _ => "",
        };
        Self::Failed {
            message: format!("cannot {action} {}: {error}", path.display()),
            hint: format!("{advice}{INTACT}"),
            source: Some(error),
        }
    }

    /// The same error, if it came after the journal: the site is between two states.
    pub(super) fn after_journal(self) -> Self {
        match self {
            Self::Failed { message, source, .. } => Self::Failed {
                message,
                hint: "each file is whole, and the next build finishes this one: remove what \
                       stands in the way and run it again"
                    .into(),
                source,
            },
            Self::Refused { .. } | Self::Stopped => self,
        }
    }
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { message, .. } | Self::Failed { message, .. } => f.write_str(message),
            Self::Stopped => f.write_str("stopped while publishing"),
        }
    }
}

impl std::error::Error for PublishError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Failed { source: Some(source), .. } => Some(source),
            _ => None,
        }
    }
}
