//! What a value comes to, as one hash that is the same on every machine: by it results of an earlier
//! build are found again.

use std::hash::{Hash, Hasher};

/// What is to be hashed. It is gathered first: a hash of many small pieces costs several times as
/// much.
pub struct Key(Vec<u8>);

/// Most keys are no longer, in bytes.
const USUAL: usize = 256;

impl Default for Key {
    fn default() -> Self {
        Self(Vec::with_capacity(USUAL))
    }
}

impl Key {
    /// Adds a value.
    #[must_use]
    pub fn with(mut self, value: impl Hash) -> Self {
        value.hash(&mut self);
        self
    }

    /// The hash of all that was added, in its order.
    pub fn end(self) -> blake3::Hash {
        blake3::hash(&self.0)
    }
}

impl Hasher for Key {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Never asked for: 64 bits would be too few to stand for a page.
    fn finish(&self) -> u64 {
        0
    }
}
