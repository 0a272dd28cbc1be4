//! What a deploy needs of a host: a small set of verbs for objects, and one for the cache before them.
//! Paths are those of the site; how they become keys is the store's business.

use std::collections::BTreeMap;

use super::fail::Failure;
use super::want::Object;

/// Everything under the target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The ETag of each object by its path.
    pub objects: BTreeMap<String, String>,
    /// How far the host's clock is ahead of ours, in seconds; none if it did not say.
    pub ahead: Option<i64>,
}

/// On which condition an object is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only<'a> {
    /// On none.
    Always,
    /// Only if there is none.
    IfNone,
    /// Only over the one with this ETag.
    Over(&'a str),
}

/// What is known of an object without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its ETag.
    pub etag: String,
    /// What it is, if we wrote it; its hash is what we noted beside it.
    pub ours: Option<Object>,
}

/// Where objects are.
pub trait Store: Sync {
    /// Every object whose path begins with `under`.
    ///
    /// # Errors
    /// As all of these: the host refused, or failed as often as we tried.
    fn list(&self, under: &str) -> Result<Listing, Failure>;

    /// The bytes of an object and its ETag; none if there is none.
    fn get(&self, path: &str) -> Result<Option<(Vec<u8>, String)>, Failure>;

    /// What is known of an object; none if there is none.
    fn look_at(&self, path: &str) -> Result<Option<Seen>, Failure>;

    /// Writes an object and gives its ETag; none if the condition does not hold. An object that was
    /// written although the reply was lost may look like that, so whoever sets one has to look.
    fn put(
        &self,
        path: &str,
        bytes: &[u8],
        object: &Object,
        only: Only<'_>,
    ) -> Result<Option<String>, Failure>;

    /// Deletes an object; one that is not there is fine.
    fn delete(&self, path: &str) -> Result<(), Failure>;

    /// How often the host asked us to be slower.
    fn slowed(&self) -> usize;

    /// From now on nothing is tried twice: what is still to do is only polite.
    fn hurry(&self);
}

/// What became of an invalidation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// It is under way, under this name.
    Accepted(String),
    /// Too many are under way already.
    TooMany,
}

/// The cache before the objects.
pub trait Edge: Sync {
    /// Asks to forget these paths. `reference` is the same for the same debt.
    ///
    /// # Errors
    /// The host refused, or failed as often as we tried.
    fn invalidate(&self, paths: &[String], reference: &str) -> Result<Asked, Failure>;

    /// True if this invalidation is done.
    ///
    /// # Errors
    /// As above.
    fn is_done(&self, id: &str) -> Result<bool, Failure>;
}
