//! The numbers that a template counts with. The engine has no bound on loops in loops, and those that
//! print nothing never meet the limit of a page: so what one page counts has an end.

use std::cell::Cell;

use tera::{Error, Kwargs, State, TeraResult};

/// A page counts no further than this in all its loops together.
const MAX_COUNTED: usize = 1_000_000;

thread_local! {
    /// How far the page at hand has counted.
    static COUNTED: Cell<usize> = const { Cell::new(0) };
}

/// Another page begins.
pub(super) fn begin() {
    COUNTED.set(0);
}

/// `range(end=…)`, with `start` and `step_by`, as the engine's own does it: from `start`, or 0, up to what
/// comes before `end`.
pub(super) fn range(kwargs: Kwargs, _: &State) -> TeraResult<Vec<i64>> {
    let start = kwargs.get::<i64>("start")?.unwrap_or(0);
    let end = kwargs.must_get::<i64>("end")?;
    let step = kwargs.get::<i64>("step_by")?.unwrap_or(1);
    if step == 0 || step > 0 && start > end {
        return Err(Error::message("`range` never comes from its `start` to its `end`"));
    }
    let mut numbers = vec![];
    let mut next = Some(start);
    while let Some(at) = next.filter(|at| if step > 0 { *at < end } else { *at > end }) {
        if COUNTED.replace(COUNTED.get() + 1) == MAX_COUNTED {
            return Err(Error::message(
                "the loops of this page count further than a million, so it was stopped",
            ));
        }
        numbers.push(at);
        next = at.checked_add(step);
    }
    Ok(numbers)
}
