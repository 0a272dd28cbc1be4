//! Many requests at once, and fewer when the host asks for that.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::fail::Failure;
use super::store::Store;

/// This many requests are under way at a time. One connection answers a small PUT in some 30 ms, so
/// this is about 500 a second, far below what a bucket takes (3,500 writes a second and prefix).
const HANDS: usize = 16;

/// Does one thing with each item and gives what came of it, in order. The first failure ends it:
/// what is under way is brought to its end, nothing new is begun.
///
/// # Errors
/// The first failure.
pub(super) fn all<'i, T: Sync, R: Send>(
    store: &dyn Store,
    items: &'i [T],
    work: &(dyn Fn(&'i T) -> Result<R, Failure> + Sync),
) -> Result<Vec<R>, Failure> {
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let done: Mutex<Vec<(usize, R)>> = Mutex::default();
    let failed: Mutex<Option<Failure>> = Mutex::default();
    let slowed_before = store.slowed();
    let labour = |hand: usize| {
        loop {
            // Each time the host asks for less, half of the hands go; one stays to the end.
            let slowed = store.slowed().saturating_sub(slowed_before).min(8);
            if stop.load(Ordering::Relaxed) || hand >= (HANDS >> slowed).max(1) {
                return;
            }
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return };
            match work(item) {
                Ok(result) => lock(&done).push((at, result)),
                Err(failure) => {
                    stop.store(true, Ordering::Relaxed);
                    lock(&failed).get_or_insert(failure);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for hand in 1..HANDS.min(items.len()) {
            let labour = &labour;
            scope.spawn(move || labour(hand));
        }
        labour(0);
    });
    if let Some(failure) = lock(&failed).take() {
        return Err(failure);
    }
    let mut done = std::mem::take(&mut *lock(&done));
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
