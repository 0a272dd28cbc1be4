//! What each service is in a line, for whoever rests on its name: scripts that call back, because
//! scripts load from a disk and under the pages' policy. A page names none of them but their number, so
//! that an edit of one line changes one script; `static/more.js` finds the one with a service as
//! [`place`] does.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Made, View};
use crate::path::OutPath;
use crate::plan::File;

/// The folder of the scripts.
pub(super) const FOLDER: &str = "gists/";

/// A script has the lines of about this many services, some 10 KB packed.
const MOST: usize = 256;

/// How many scripts there are for so many services: a power of two, so that few notes more rarely
/// move all lines.
pub(super) fn count(services: usize) -> usize {
    services.div_ceil(MOST).next_power_of_two()
}

pub(super) fn render(view: &View<'_>) -> Made {
    let terms = &view.site.catalog.terms;
    if terms.is_empty() {
        return (vec![], vec![]);
    }
    let gists: Vec<String> =
        (0..terms.len()).into_par_iter().map(|term| view.site.gist(term)).collect();
    // For each script its services: the name, the long name, the line. One with none is there too,
    // because pages ask for it.
    let mut scripts: Vec<BTreeMap<&str, [&str; 3]>> = vec![BTreeMap::new(); count(terms.len())];
    for (term, gist) in terms.iter().zip(&gists).filter(|(_, gist)| !gist.is_empty()) {
        let full = if term.full == term.name { "" } else { term.full.as_str() };
        let at = place(term.id.as_str(), scripts.len());
        scripts[at].insert(term.id.as_str(), [&term.name, full, gist]);
    }
    let file = |(number, services): (usize, BTreeMap<&str, [&str; 3]>)| {
        let services = serde_json::to_string(&services).unwrap_or_default();
        let script = format!("gongbu.gists({services});\n");
        (OutPath::from(format!("{FOLDER}{number}.js")), File::bytes(script.as_bytes()))
    };
    (scripts.into_iter().enumerate().map(file).collect(), vec![])
}

/// Which of `count` scripts has the line of a service.
fn place(id: &str, count: usize) -> usize {
    let hash = id.chars().fold(0_u32, |hash, c| hash.wrapping_mul(31).wrapping_add(c.into()));
    hash as usize % count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_grow_by_doubling() {
        assert_eq!([0, 1, 256, 257, 513, 5000].map(count), [1, 1, 1, 2, 4, 32]);
    }

    /// The same as `static/more.js` says; tests/browser/reading.test.mjs tries both on a large site.
    #[test]
    fn services_are_spread() {
        let mut sizes = [0; 16];
        for number in 0..4096 {
            sizes[place(&format!("service-{number}"), 16)] += 1;
        }
        assert!(sizes.iter().all(|size| (128..512).contains(size)), "{sizes:?}");
    }
}
