//! Deploying: a bucket becomes what the plan says, and is a whole site at every moment in between.
//!
//! ```text
//! Plan ─want→ Wanted ─┐
//!                     ├─plan→ Steps ─guard→ Steps ─carry out→ Done
//! bucket ─look→ Look ─┘
//! ```
//!
//! What is written down before the first change (the journal) and after the last (the manifest) makes
//! any kill harmless: the next deploy goes on from there. `want`, `steps`, `guard`, `stale`, `check` and
//! `again` are pure; `crew`, `lock`, `look` and `carry` know a host only as a [`Store`] and an [`Edge`];
//! `wire`, `s3`, `cloudfront` and `credentials` are that host.

mod target;
mod fail;
mod want;
mod records;
mod steps;
mod guard;
mod stale;
mod check;
mod print;
mod store;
mod again;
mod credentials;
mod wire;
mod s3;
mod cloudfront;
mod region;
mod crew;
mod life;
mod lock;
mod look;
mod carry;

use std::time::Duration;

pub use again::PATIENCE;
pub use carry::{Done, Event, Means};
pub use check::check;
pub use fail::{Failure, Kind};
pub use guard::{Allowed, guard};
pub use life::own as own_life;
pub use look::{Look, look};
pub use print::{FUNCTION, headers, iam};
pub use records::{Found, Lock, Manifest, Pending, Record, Retired};
pub use stale::{covers, stale};
pub use steps::{Put, Remote, Steps, Terms, Why, plan};
pub use store::{Asked, Edge, Listing, Only, Seen, Store};
pub use target::{Target, url_root};
pub use want::{Fetch, Group, Object, Wanted, is_hashed, sha256, want};

/// A clock that is off by more than this many seconds is told. At fifteen minutes hosts refuse.
pub const SKEW: i64 = 60;

/// Where the host is.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The region; without it that of the environment or the profile.
    pub region: Option<String>,
    /// The address of something else that speaks the same language.
    pub endpoint: Option<String>,
    /// How long a request is tried.
    pub patience: Duration,
}

/// A host with its bucket, and with its cache if there is one.
pub struct Host {
    wire: wire::Wire,
    place: Place,
    region: String,
}

impl Host {
    /// Gets ready to talk to a host; nothing is sent.
    ///
    /// # Errors
    /// What the environment names cannot be read.
    pub fn new(place: Place) -> Result<Self, Failure> {
        let region = region::region(place.region.as_deref());
        let wire = wire::Wire::new(&region, place.patience)?;
        Ok(Self { wire, place, region })
    }

    /// The objects of a target.
    pub fn objects<'a>(&'a self, target: &'a Target) -> impl Store + 'a {
        let endpoint = region::endpoint(self.place.endpoint.as_deref(), "AWS_ENDPOINT_URL_S3");
        let url = s3::bucket_url(&target.bucket, &self.region, endpoint.as_deref());
        s3::S3 { wire: &self.wire, target, url }
    }

    /// The cache before them.
    pub fn edge<'a>(&'a self, distribution: &'a str) -> impl Edge + 'a {
        let name = "AWS_ENDPOINT_URL_CLOUDFRONT";
        let endpoint = region::endpoint(self.place.endpoint.as_deref(), name);
        let url = cloudfront::edge_url(&self.region, endpoint.as_deref());
        cloudfront::CloudFront { wire: &self.wire, distribution, url }
    }
}

/// Who deploys, and what they allow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim {
    /// The lock to take; how long it counts is our business.
    pub lock: Lock,
    /// Break the lock of somebody else.
    pub break_lock: bool,
    /// What is otherwise refused.
    pub allowed: Allowed,
}

/// Makes the bucket equal to what is wanted. `planned` are steps that [`plan`] made of `look` and that
/// [`guard`] let pass; should somebody have deployed since, it is looked and planned again.
///
/// # Errors
/// A guard refuses, somebody else deploys, or the host refused or failed. The site is whole in any case,
/// and the next deploy goes on from there.
pub fn deploy(
    store: &dyn Store,
    wanted: &Wanted,
    planned: (Look, Steps),
    terms: &Terms,
    claim: Claim,
    means: &Means<'_>,
) -> Result<Done, Failure> {
    let (seen, steps) = planned;
    if steps.nothing {
        if seen.is_locked() {
            lock::sweep(store, claim.break_lock)?;
        }
        return Ok(Done::default());
    }
    let held = lock::take(store, claim.lock, claim.break_lock)?;
    let run = || {
        if look::is_same(store, &seen)? {
            return carry::carry_out(store, &steps, seen.versions(), &held, means);
        }
        let seen = look::look(store, terms)?;
        let steps = steps::plan(wanted, &seen.remote, terms);
        guard::guard(&steps, wanted, &seen.remote, terms, claim.allowed)?;
        match steps.nothing {
            true => Ok(Done::default()),
            false => carry::carry_out(store, &steps, seen.versions(), &held, means),
        }
    };
    let result = run();
    if result.is_err() {
        // Whoever waits for the message should not wait for a host that has failed already.
        store.hurry();
    }
    held.give_back();
    result
}
