//! Why a deploy did not happen, as a sentence and what to do about it. No secret is ever in it.

use std::fmt;

/// What kind of failure it is, which decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// We refuse: what was asked for would do harm, or makes no sense.
    Guard,
    /// Somebody else is deploying.
    Locked,
    /// The host refuses.
    Refused,
    /// The host cannot be reached, or failed as often as we tried.
    Failed,
}

/// Why a deploy did not happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure it is.
    pub kind: Kind,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// The name that the host has for it; empty if it said nothing.
    pub code: String,
}

impl Failure {
    /// A failure of this kind.
    pub fn new(kind: Kind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: hint.into(), code: String::new() }
    }

    /// The same, with the name that the host has for it.
    pub(super) fn code(mut self, code: &str) -> Self {
        code.clone_into(&mut self.code);
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
