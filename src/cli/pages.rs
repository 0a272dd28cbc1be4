//! What GitHub Pages would refuse or spoil: `gongbu check --pages`.

use std::path::{Path, PathBuf};

use crate::config;
use crate::diag::Diagnostic;
use crate::path::SrcPath;
use crate::plan::Plan;

/// "Published GitHub Pages sites may be no larger than 1 GB" (GitHub Pages limits).
const MAX_SITE: u64 = 1_000_000_000;

/// What is wrong with a site for GitHub Pages. `links` are the symbolic links in its output folder, which
/// an upload refuses.
pub(super) fn problems(plan: &Plan, out: &Path, links: &[PathBuf]) -> Vec<Diagnostic> {
    let file = SrcPath::from(config::FILE);
    let error =
        |message: String, hint: &str| Diagnostic::error("pages", &file, 0..0, message).hint(hint);
    let mut found = vec![];
    let total: u64 = plan.files().map(|(_, file)| file.len).sum();
    if total > MAX_SITE {
        let largest = plan.files().max_by_key(|(_, file)| file.len);
        let largest = largest.map(|(path, file)| format!("{path}, {} MB", file.len / 1_000_000));
        found.push(
            error(
                format!(
                    "the site has {} MB, and GitHub Pages takes no more than {}",
                    total / 1_000_000,
                    MAX_SITE / 1_000_000
                ),
                "put large files elsewhere, and link to them",
            )
            .hint(format!("the largest is {}", largest.unwrap_or_default())),
        );
    }
    for (needed, why) in [
        ("index.html", "GitHub Pages shows it at the address of the site"),
        ("404.html", "GitHub Pages shows it for what is not there"),
        (".nojekyll", "without it GitHub Pages leaves out what begins with `_`"),
    ] {
        if plan.get(&needed.into()).is_none() {
            found.push(error(format!("the site has no {needed}"), why));
        }
    }
    for link in links {
        let shown = out.join(link);
        found.push(error(
            format!("{} is a symbolic link, which GitHub Pages refuses", shown.display()),
            "remove it: whatever the site needs is there as a file",
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::File;

    /// DEP-24: 1.1 GB, a symbolic link, no `.nojekyll`, no 404 page.
    #[test]
    fn what_pages_would_refuse_is_told() {
        let mut plan = Plan::default();
        for path in ["index.html", "404.html", ".nojekyll"] {
            plan.add(path.into(), File::bytes(b""));
        }
        let told = |plan: &Plan, links: &[PathBuf]| -> Vec<String> {
            let found = problems(plan, Path::new("public"), links);
            found.into_iter().map(|diag| diag.message).collect()
        };
        assert_eq!(told(&plan, &[]), [""; 0]);
        let video = File::copy(&"static/a.mp4".into(), blake3::hash(b""), 1_100_000_000);
        plan.add("a.mp4".into(), video);
        assert!(told(&plan, &[])[0].contains("1100 MB"));
        assert!(told(&Plan::default(), &[]).join(" ").contains(".nojekyll"));
        assert!(told(&plan, &["x".into()])[1].contains("public/x is a symbolic link"));
    }
}
