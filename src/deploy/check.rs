//! What a site must be before it goes anywhere: whole, with every link of its own leading somewhere,
//! and not made for this machine. Pure.

use rayon::prelude::*;

use super::fail::{Failure, Kind};
use super::target::decode_key;
use crate::config;
use crate::path::{self, OutPath};
use crate::plan::{Artifact, Plan};

/// Hosts that mean this machine.
const HERE: [&str; 4] = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"];

/// This many wrong links are named.
const NAMED: usize = 5;

/// Refuses a site that is not fit to be deployed.
///
/// # Errors
/// It has no first page or no page for what is not found; its address is this machine; a page links to
/// or loads what is not part of the site.
pub fn check(plan: &Plan, base_url: Option<&str>) -> Result<(), Failure> {
    let refuse = |message: String, hint: &str| Err(Failure::new(Kind::Guard, message, hint));
    for needed in ["index.html", "404.html"] {
        if plan.get(&needed.into()).is_none() {
            return refuse(
                format!("the site is not whole: it has no {needed}"),
                "see what `gongbu build` says; a template of the project may be in the way",
            );
        }
    }
    if let Some(base) = base_url.filter(|base| is_here(base)) {
        return refuse(
            format!("the site's address is {base}, which is this machine"),
            "set `base_url` in gongbu.toml, or pass --base-url",
        );
    }
    let root = config::url_path(base_url);
    let pages: Vec<_> = plan.files().filter(|(path, _)| path.as_str().ends_with(".html")).collect();
    let mut wrong: Vec<String> = pages
        .into_par_iter()
        .flat_map_iter(|(page, file)| match &file.artifact {
            Artifact::Bytes(bytes) => {
                let bytes = bytes.unpack();
                dangling(plan, root, page, &String::from_utf8_lossy(&bytes))
            }
            // What the author wrote as it is we do not read.
            Artifact::Copy(_) | Artifact::Taken { .. } => vec![],
        })
        .collect();
    wrong.sort();
    if wrong.is_empty() {
        return Ok(());
    }
    let more = wrong.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" … and {more} more") };
    wrong.truncate(NAMED);
    refuse(
        format!("pages name what the site does not have: {}{more}", wrong.join(", ")),
        "`gongbu check` finds those of notes; others are in templates or in raw HTML",
    )
}

fn is_here(address: &str) -> bool {
    let host = address.split("://").nth(1).and_then(|rest| rest.split('/').next());
    let host = host.unwrap_or_default();
    HERE.iter().any(|here| {
        host.strip_prefix(here).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    })
}

/// The links of a page that lead nowhere, and what it would load from this machine, each as
/// `page → target`.
fn dangling(plan: &Plan, root: &str, page: &OutPath, html: &str) -> Vec<String> {
    let folder = page.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
    let leads = |target: &str| {
        let target = target.split(['#', '?']).next().unwrap_or_default();
        if target.is_empty() {
            return true;
        }
        let Some(target) = decode_key(&target.replace('+', "%2B")) else { return false };
        let found = match target.strip_prefix(root).filter(|_| target.starts_with('/')) {
            Some(inside) => path::resolve("", inside),
            None if target.starts_with('/') => None,
            None => path::resolve(folder, &target),
        };
        found.is_some_and(|found| {
            let file = match found.as_str() {
                "" => "index.html".to_owned(),
                _ if target.ends_with('/') => format!("{found}/index.html"),
                _ => found,
            };
            plan.get(&file.as_str().into()).is_some()
        })
    };
    let mut wrong = vec![];
    for (name, target) in references(html) {
        let is_outside = target.starts_with("//")
            || target.split(['/', '?', '#']).next().is_some_and(|start| start.contains(':'));
        let is_wrong = match is_outside {
            // A note may well speak of http://localhost:3000; but nobody can load from there.
            true => name == "src" && is_here(&target),
            false => !leads(&target),
        };
        if is_wrong {
            wrong.push(format!("{page} → {target}"));
        }
    }
    wrong
}

/// The values of `href` and `src` in the tags of a page, with the names of the attributes.
fn references(html: &str) -> Vec<(&'static str, String)> {
    let mut found = vec![];
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if rest.starts_with("!--") {
            rest = rest.find("-->").map_or("", |end| &rest[end..]);
            continue;
        }
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let mut quote = None;
        let end = rest.bytes().position(|byte| match (quote, byte) {
            (None, b'>') => true,
            (None, b'"' | b'\'') => {
                quote = Some(byte);
                false
            }
            (Some(open), _) if open == byte => {
                quote = None;
                false
            }
            _ => false,
        });
        let (mut tag, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        // Name and value in turn: what is in the quotes of another attribute is no attribute.
        while let Some((before, quoted)) = tag.split_once(['"', '\'']) {
            let quote = char::from(tag.as_bytes()[before.len()]);
            let (value, after) = quoted.split_once(quote).unwrap_or((quoted, ""));
            tag = after;
            let before = before.trim_end();
            let is_it = |name: &&str| {
                let start = before.strip_suffix('=').and_then(|it| it.strip_suffix(name));
                start.is_some_and(|it| it.ends_with(char::is_whitespace))
            };
            if let Some(name) = ["href", "src"].into_iter().find(|name| is_it(name)) {
                // `&amp;` comes last, or `&amp;lt;` would be undone twice.
                let value = value.replace("&quot;", "\"").replace("&#x27;", "'");
                let value = value.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
                found.push((name, value.trim().to_owned()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::File;

    fn said(index: &str, base: Option<&str>) -> String {
        let mut plan = Plan::default();
        for (path, text) in [
            ("index.html", index),
            ("404.html", ""),
            ("a/가 나.html", "<a href=\"../index.html#x\">"),
            ("a/index.html", "<a href='../404.html'>"),
        ] {
            plan.add(path.into(), File::bytes(text.as_bytes()));
        }
        check(&plan, base).err().map(|it| it.message).unwrap_or_default()
    }

    #[test]
    fn links_lead_somewhere() {
        for fine in [
            "<a class=\"x\" href=\"a/%EA%B0%80%20%EB%82%98.html?y#z\">",
            "<a href=\"#top\"><a href=\"https://x.org/gone\"><a href=\"mailto:x@y\">",
            "<a href=\"http://localhost:3000/\">",
            "<a href=\"a/\"><img alt=\"> href=\" src=\"404.html\">",
            "<!-- <a href=\"gone\"> --> &lt;a href=\"gone\"&gt; <a href=\"/n/a/index.html\">",
        ] {
            assert_eq!(said(fine, Some("https://x.org/n/")), "", "{fine}");
        }
        for wrong in [
            "<a href=\"gone.html\">",
            "<a class=x href='gone.html'>",
            "<a href=\"/gone.html\">",
            "<a href=\"../x\">",
            "<img src=\"a/gone.png\">",
            "<img src=\"http://localhost:3000/x.png\">",
        ] {
            assert!(said(wrong, Some("https://x.org/n/")).contains("index.html → "), "{wrong}");
        }
    }

    #[test]
    fn a_site_for_this_machine_stays_here() {
        assert!(said("", Some("http://localhost:3000/")).contains("this machine"));
        assert!(said("", Some("http://127.0.0.1/")).contains("this machine"));
        assert_eq!(said("", Some("https://localhost.example.org/")), "");
        assert!(check(&Plan::default(), None).is_err());
    }
}
