//! The heading that a link names, and those that it may have meant.

use crate::diag::Diagnostic;
use crate::near::{FEW, nearest};
use crate::note::Heading;
use crate::path;

/// The heading that a link means by its anchor or its text. Obsidian names a heading by its path:
/// `[[note#part#heading]]`.
pub(super) fn heading_called<'n>(
    headings: impl Iterator<Item = &'n Heading> + Clone,
    name: &str,
) -> Option<&'n Heading> {
    let last = name.rsplit('#').next().unwrap_or(name);
    let squeezed = path::squeeze(last);
    let mut by_text = headings.clone().filter(|it| it.squeezed == squeezed);
    let mut by_id = headings.clone().filter(|it| path::is_squeezed(&squeezed, &it.id));
    headings.clone().find(|it| it.id == last).or_else(|| by_text.next()).or_else(|| by_id.next())
}

/// Adds the headings that were probably meant: the nearest, or the first few that there are.
pub(super) fn near_headings<'n>(
    diag: Diagnostic,
    name: &str,
    headings: impl Iterator<Item = &'n Heading> + Clone,
) -> Diagnostic {
    let last = name.rsplit('#').next().unwrap_or(name);
    // Of a note with more headings only the first: each wrong link would be compared with each of them.
    let names = headings.clone().take(FEW).flat_map(|it| [it.id.as_str(), it.text.as_str()]);
    if let Some(name) = nearest(last, names) {
        return diag.hint(format!("did you mean `{name}`?"));
    }
    let mut texts: Vec<String> = vec![];
    for it in headings.filter(|it| !it.is_title).map(|it| format!("`{}`", it.text)) {
        if texts.len() < 5 && !texts.contains(&it) {
            texts.push(it);
        }
    }
    match texts.as_slice() {
        [] => diag.hint("there are no headings; leave out what follows `#`"),
        texts => diag.hint(format!("its headings begin with: {}", texts.join(", "))),
    }
}
