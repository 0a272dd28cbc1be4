//! What caches have to forget: the paths of changed files as a few paths of an invalidation. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::target::url_path;

/// This many paths are asked for as they are. CloudFront gives a thousand a month for nothing, and a
/// wildcard counts as one.
const PATHS: usize = 15;

/// At most this many wildcards; fifteen may be in progress at a time.
const WILDCARDS: usize = 8;

/// The paths to invalidate for these files under `root`, in order: up to fifteen as they are, else a
/// wildcard for each folder at the top, else one for everything.
pub fn stale(root: &str, files: &BTreeSet<String>) -> Vec<String> {
    let mut exact: Vec<String> = files.iter().map(|path| url_path(root, path)).collect();
    if files.contains("index.html") {
        // The same object by the address people type.
        exact.push(root.to_owned());
    }
    if exact.len() <= PATHS {
        exact.sort();
        return exact;
    }
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    let mut top: Vec<String> = vec![];
    for path in files {
        match path.split_once('/') {
            Some((folder, _)) => *folders.entry(folder).or_default() += 1,
            None => top.push(url_path(root, path)),
        }
    }
    if files.contains("index.html") {
        top.push(root.to_owned());
    }
    if folders.len() > WILDCARDS || folders.len() + top.len() > PATHS {
        return vec![format!("{}/*", root.trim_end_matches('/'))];
    }
    top.extend(folders.keys().map(|folder| format!("{}/*", url_path(root, folder))));
    top.sort();
    top
}

/// The name under which these paths are asked for: asking twice under one name costs nothing and
/// does nothing. `id` is the journal's.
pub(super) fn reference(id: &str, paths: &[String]) -> String {
    let hash = blake3::hash(format!("{id}\n{}", paths.join("\n")).as_bytes());
    format!("gongbu-{}", &hash.to_hex()[..32])
}

/// True if a path of an invalidation covers an address.
pub fn covers(path: &str, address: &str) -> bool {
    match path.strip_suffix('*') {
        Some(start) => address.starts_with(start),
        None => path == address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(root: &str, files: &[String]) -> Vec<String> {
        stale(root, &files.iter().cloned().collect())
    }

    #[test]
    fn few_paths_are_asked_for_as_they_are() {
        let files = ["index.html".to_owned(), "02-가/01-나 다.html".to_owned()];
        assert_eq!(
            paths("/n/", &files),
            ["/n/", "/n/02-%EA%B0%80/01-%EB%82%98%20%EB%8B%A4.html", "/n/index.html"]
        );
        assert_eq!(paths("/", &[]), [""; 0]);
    }

    /// DEP-19: 4,000 changed pages.
    #[test]
    fn many_paths_are_a_few_wildcards() {
        let pages = |folders: usize| -> Vec<String> {
            (0..4000).map(|n| format!("{:02}-a/{n}.html", n % folders)).collect()
        };
        let few = paths("/", &pages(8));
        assert_eq!(few.len(), 8);
        assert!(few.contains(&"/07-a/*".to_owned()));
        assert_eq!(paths("/", &pages(9)), ["/*"]);
        assert_eq!(paths("/n/", &pages(9)), ["/n/*"]);
        let mut with_top = pages(8);
        with_top.extend((0..8).map(|n| format!("{n}.html")));
        assert_eq!(paths("/", &with_top), ["/*"]);
        for pages in [pages(8), pages(9)] {
            let asked = paths("/n/", &pages);
            for page in &pages {
                let address = url_path("/n/", page);
                assert!(asked.iter().any(|path| covers(path, &address)), "{address}");
            }
        }
    }

    #[test]
    fn one_debt_has_one_name() {
        let paths = ["/a".to_owned()];
        assert_eq!(reference("1", &paths), reference("1", &paths));
        assert_ne!(reference("1", &paths), reference("2", &paths));
    }
}
