//! Pages at the old addresses of notes (`aliases` that begin with `/`), which lead to the new ones.

use super::model::Redirect;
use super::{Made, View};
use crate::diag::Diagnostic;
use crate::path::{encode, redirect};
use crate::plan::File;

pub(super) fn render(view: &View<'_>) -> Made {
    let mut made: Made = (vec![], vec![]);
    for linked in &view.site.notes {
        let note = linked.note();
        for (alias, span) in note.front.aliases.iter().filter(|(alias, _)| alias.starts_with('/')) {
            let Some(page) = redirect(alias) else {
                let message = format!("`{alias}` cannot be the address of a page");
                let diag = Diagnostic::error("redirect", &note.file, span.clone(), message);
                made.1.push(diag.hint("write the path of the old page, such as `/old/name.html`"));
                continue;
            };
            let href = page.link_to(linked.page(), None);
            let base = view.site.config.base_url.as_ref();
            let to = base.map(|base| format!("{base}{}", encode(linked.page().as_str())));
            let canonical = to.unwrap_or_else(|| href.clone());
            let model = Redirect { href, canonical, title: note.title.clone() };
            match view.theme.fill("redirect.html", &model) {
                Ok(bytes) => made.0.push((page, File::bytes(&bytes))),
                Err(diag) => made.1.push(diag),
            }
        }
    }
    made
}
