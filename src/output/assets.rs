//! The files that pages load: those of the theme, and what a published note refers to.

use std::collections::BTreeMap;

use super::{Made, View};
use crate::plan::File;
use crate::site::Target;

pub(super) fn render(view: &View<'_>) -> Made {
    let theme = view.theme.files.values().cloned();
    let targets = view.site.notes.iter().flat_map(|linked| linked.targets.iter());
    // Many notes may show one picture.
    let referred: BTreeMap<_, _> = targets
        .filter_map(|target| match target {
            Target::Asset(asset) => {
                Some((asset.page.clone(), File::copy(&asset.source, asset.hash, asset.len)))
            }
            _ => None,
        })
        .collect();
    (theme.chain(referred).collect(), vec![])
}
