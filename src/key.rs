//! What a value comes to, as one number: by it results of an earlier build in this process are found
//! again.

use std::hash::{Hash, Hasher};

use twox_hash::XxHash3_128;

/// What something comes to. Nobody gains by finding another thing of the same sum, so a fast hash does: of
/// 128 bits, so that no two of a site meet by chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sum(u128);

impl Sum {
    /// The sum of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(XxHash3_128::oneshot(bytes))
    }

    /// Half of it: enough to tell what is from what was at the same place.
    pub fn short(self) -> u64 {
        // The cast takes the lower half.
        self.0 as u64
    }
}

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

    /// What all that was added comes to, in its order.
    pub fn end(self) -> Sum {
        Sum::of(&self.0)
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
