//! The files that hosts and crawlers ask for by a fixed name.

use super::model::NotFound;
use super::{Made, View, gather, sitemap};
use crate::config;
use crate::plan::File;

pub(super) fn render(view: &View<'_>) -> Made {
    let mut robots = "User-agent: *\nAllow: /\n".to_owned();
    if let Some(base) = &view.site.config.base_url {
        robots.push_str(&format!("Sitemap: {base}{}\n", sitemap::PAGE));
    }
    let robots = File::bytes(robots.as_bytes());
    // Without it GitHub Pages would leave out what begins with `_`.
    let no_jekyll = File::bytes(b"");
    let fixed = [("robots.txt", robots), (".nojekyll", no_jekyll)];
    let fixed = fixed.map(|(path, file)| Ok((path.into(), file)));
    gather(fixed.into_iter().chain([not_found(view)]))
}

/// Hosts answer this page at any depth, so its links are absolute; without `base_url` it has none.
fn not_found(view: &View<'_>) -> Result<(crate::path::OutPath, File), crate::diag::Diagnostic> {
    let base = view.site.config.base_url.as_deref();
    let path = base.map(|base| config::url_path(Some(base)));
    let css = path.map(|path| format!("{path}{}", view.theme.file("gongbu.css")));
    let model = NotFound { css, home: path.map(|path| format!("{path}index.html")) };
    let bytes = view.theme.fill("404.html", &model)?;
    Ok(("404.html".into(), File::bytes(&bytes)))
}
