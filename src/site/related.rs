//! Which services belong together: one mentions the other where it is defined.

use std::collections::BTreeMap;

use super::{Backlink, LinkedNote};
use crate::catalog::Catalog;

/// How many are remembered of each.
const MOST: usize = 12;

/// For each service those that its defining block mentions, or whose blocks mention it; the more often
/// the nearer. Parts count for the service that they live with.
pub(super) fn related(
    notes: &[LinkedNote],
    catalog: &Catalog,
    mentioned: &[Vec<Backlink>],
) -> Vec<Vec<usize>> {
    // The blocks of each note in order; of nested ones the inner comes later.
    let blocks: Vec<Vec<(usize, usize, usize)>> = notes
        .iter()
        .map(|linked| {
            let note = linked.note();
            let block = |term: &usize| {
                let heading = catalog.terms[*term].defined.as_ref()?.heading?;
                Some((note.body.headings[heading].event, note.body.block_end(heading), *term))
            };
            let mut blocks: Vec<_> = linked.defines.iter().filter_map(block).collect();
            blocks.sort_unstable();
            blocks
        })
        .collect();
    let mut near: Vec<BTreeMap<usize, usize>> = vec![BTreeMap::new(); catalog.terms.len()];
    for (term, places) in mentioned.iter().enumerate() {
        let term = catalog.root(term);
        for place in places {
            let blocks = &blocks[place.note()];
            let last = blocks.partition_point(|(from, ..)| *from <= place.event());
            let inside = |(_, to, _): &&(usize, usize, usize)| place.event() < *to;
            let Some((_, _, owner)) = blocks[..last].iter().rev().find(inside) else { continue };
            let owner = catalog.root(*owner);
            if owner != term {
                *near[owner].entry(term).or_default() += 1;
                *near[term].entry(owner).or_default() += 1;
            }
        }
    }
    let sorted = |near: BTreeMap<usize, usize>| {
        let mut near: Vec<(usize, usize)> = near.into_iter().collect();
        near.sort_by_key(|(term, times)| (std::cmp::Reverse(*times), *term));
        near.into_iter().take(MOST).map(|(term, _)| term).collect()
    };
    near.into_iter().map(sorted).collect()
}
