//! The lock: one deploy at a time. Taken by a conditional write, because that is the one thing that
//! two deploys cannot both do.

use std::sync::{Mutex, PoisonError};

use super::fail::{Failure, Kind};
use super::life;
use super::records::{self, Found, LOCK, Lock};
use super::store::{Only, Store};
use super::want::{Object, sha256};

/// A lock counts this long, in seconds, and is renewed after a third of it.
const COUNTS: i64 = 15 * 60;

/// A lock that we hold.
pub(super) struct Held<'a> {
    store: &'a dyn Store,
    state: Mutex<(Lock, String)>,
}

/// Takes the lock. `broken` breaks one that is there, whoever holds it; that of a process which has surely
/// ended is broken in any case.
///
/// # Errors
/// Somebody else holds it; or the host refused or failed.
pub(super) fn take<'a>(
    store: &'a dyn Store,
    lock: Lock,
    broken: bool,
) -> Result<Held<'a>, Failure> {
    let now = lock.since;
    let lock = Lock { until: now + COUNTS, ..lock };
    let bytes = records::write(&lock);
    let mut etag = store.put(LOCK, &bytes, &own(&bytes), Only::IfNone)?;
    if etag.is_none() {
        // It may be our own: the write was done, its reply was lost, and we tried again.
        let there = store.get(LOCK)?;
        etag = match there {
            Some((found, etag)) if found == bytes => Some(etag),
            Some((found, etag)) if broken || is_left(&found) => {
                store.put(LOCK, &bytes, &own(&bytes), Only::Over(&etag))?
            }
            Some((found, _)) => return Err(held(&records::read(&found), now)),
            // It was given back in this very moment.
            None => store.put(LOCK, &bytes, &own(&bytes), Only::IfNone)?,
        };
    }
    match etag {
        Some(etag) => Ok(Held { store, state: Mutex::new((lock, etag)) }),
        None => Err(lost()),
    }
}

/// Removes the lock of a deploy that was cut off after all but that; `broken` as above.
///
/// # Errors
/// The host refused or failed.
pub(super) fn sweep(store: &dyn Store, broken: bool) -> Result<(), Failure> {
    match store.get(LOCK)? {
        Some((found, _)) if broken || is_left(&found) => store.delete(LOCK),
        _ => Ok(()),
    }
}

/// True if whoever wrote this lock has surely ended.
fn is_left(bytes: &[u8]) -> bool {
    match records::read(bytes) {
        Found::Whole(Lock { life: Some(life), .. }) => life::is_over(&life),
        _ => false,
    }
}

impl Held<'_> {
    /// Renews the lock if a third of its time is over.
    ///
    /// # Errors
    /// Somebody broke it; or the host refused or failed.
    pub(super) fn renew(&self, now: i64) -> Result<(), Failure> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (lock, etag) = &mut *state;
        if lock.until - now > COUNTS * 2 / 3 {
            return Ok(());
        }
        let fresh = Lock { until: now + COUNTS, ..lock.clone() };
        let bytes = records::write(&fresh);
        let written = match self.store.put(LOCK, &bytes, &own(&bytes), Only::Over(etag))? {
            Some(etag) => Some(etag),
            None => self.store.get(LOCK)?.filter(|(found, _)| *found == bytes).map(|(_, it)| it),
        };
        *etag = written.ok_or_else(lost)?;
        *lock = fresh;
        Ok(())
    }

    /// Gives the lock back, if it still is ours. A failure is nothing to end with: the lock runs out.
    pub(super) fn give_back(self) {
        let (lock, _) = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let bytes = records::write(&lock);
        let is_ours = matches!(self.store.get(LOCK), Ok(Some((found, _))) if found == bytes);
        if is_ours {
            let _ = self.store.delete(LOCK);
        }
    }
}

/// How a record of ours is stored.
pub(super) fn own(bytes: &[u8]) -> Object {
    Object {
        sha256: sha256(bytes),
        len: bytes.len() as u64,
        content_type: "application/json; charset=utf-8".into(),
        cache_control: "no-store".into(),
    }
}

fn held(lock: &Found<Lock>, now: i64) -> Failure {
    let (owner, since, left) = match lock {
        Found::Whole(lock) => (lock.owner.as_str(), lock.since, lock.until - now),
        _ => ("somebody", now, 0),
    };
    let minutes = |seconds: i64| match (seconds.max(0) + 59) / 60 {
        0 | 1 => "a minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    };
    let state = match left {
        ..=0 => "the lock has expired, so that deploy was cut off or is stuck".to_owned(),
        _ => format!("the lock runs out in {}", minutes(left)),
    };
    Failure::new(
        Kind::Locked,
        format!("{owner} has been deploying for {}", minutes(now - since)),
        format!("{state}; if that deploy is no longer running, break its lock with --break-lock"),
    )
}

fn lost() -> Failure {
    Failure::new(
        Kind::Locked,
        "somebody else took the lock",
        "wait until that deploy is done, and deploy again: it goes on where this one stopped",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_tells_who_holds_it() {
        let lock = Lock { owner: "me@here".into(), since: 0, until: COUNTS, ..Lock::default() };
        let fresh = held(&Found::Whole(lock.clone()), 61);
        assert_eq!(fresh.message, "me@here has been deploying for 2 minutes");
        assert!(fresh.hint.contains("runs out in 14 minutes"), "{}", fresh.hint);
        assert!(held(&Found::Whole(lock), COUNTS).hint.contains("expired"));
        assert!(held(&Found::Damaged, 0).message.starts_with("somebody"));
    }
}
