//! What should be in the bucket: the plan's files as objects with their headers, in the order in
//! which they may go up.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::fail::{Failure, Kind};
use super::target::OWN;
use crate::path::OutPath;
use crate::plan::{self, File, Plan};

/// Under a name with a hash in it there will never be other bytes (RFC 8246).
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// What keeps its name is kept by nobody without asking: a browser that has it gets a 304.
const ASK: &str = "public, max-age=0, must-revalidate";

/// The objects of a site by their paths.
pub type Wanted = BTreeMap<String, Object>;

/// Gives the bytes of a file.
pub type Fetch<'a> = &'a (dyn Fn(&OutPath, &File) -> Result<Vec<u8>, Failure> + Sync);

/// An object: what makes two of one name differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub len: u64,
    /// Its Content-Type.
    pub content_type: String,
    /// Its Cache-Control.
    pub cache_control: String,
}

/// The groups in which objects go up. Each is whole before the next begins, so that nothing names
/// what is not there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Files with a hash in their names: nothing live names the new ones yet.
    Hashed,
    /// Other files that pages load.
    Asset,
    /// Lessons, services, and the Markdown beside them.
    Page,
    /// What lists pages, and what is read on the way to them.
    Index,
}

impl Group {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Hashed, Self::Asset, Self::Page, Self::Index];

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hashed => "hashed assets",
            Self::Asset => "other assets",
            Self::Page => "pages",
            Self::Index => "indexes",
        }
    }

    /// The group of a path.
    pub fn of(path: &str) -> Self {
        if is_hashed(path) {
            return Self::Hashed;
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        match name.rsplit_once('.') {
            Some(("index" | "404", "html")) => Self::Index,
            Some((_, "html" | "md")) => Self::Page,
            // At the root these lead visitors and crawlers to pages; a service worker may name
            // anything.
            Some((_, "xml" | "txt")) if name == path => Self::Index,
            _ if path == "sw.js" => Self::Index,
            _ => Self::Asset,
        }
    }
}

/// True if a path holds the hash of its bytes: `assets/NAME.HASH.ext`, ten or more digits of
/// hexadecimal.
pub fn is_hashed(path: &str) -> bool {
    let mut parts = path.rsplit('/').next().unwrap_or_default().rsplit('.').skip(1);
    let is_hash = |part: &str| {
        part.len() >= 10 && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    path.starts_with("assets/") && parts.next().is_some_and(is_hash) && parts.next().is_some()
}

/// The objects that a plan asks for. `cache_pages` replaces the Cache-Control of what may change.
/// `bytes` gives the bytes of a file.
///
/// # Errors
/// Those of `bytes`; or the plan has files where we keep our own.
pub fn want(plan: &Plan, cache_pages: Option<&str>, bytes: Fetch<'_>) -> Result<Wanted, Failure> {
    let files: Vec<_> = plan.files().collect();
    let objects = files.into_par_iter().map(|(path, file)| {
        if path.as_str().starts_with(OWN) {
            return Err(Failure::new(
                Kind::Guard,
                format!("the site has a file `{path}`, where the deploy keeps its own records"),
                "give it another name",
            ));
        }
        let cache = match is_hashed(path.as_str()) {
            true => FOR_EVER,
            false => cache_pages.unwrap_or(ASK),
        };
        let object = Object {
            sha256: sha256(&bytes(path, file)?),
            len: file.len,
            content_type: plan::content_type(path).to_owned(),
            cache_control: cache.to_owned(),
        };
        Ok((path.to_string(), object))
    });
    objects.collect()
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    reqsign_core::hash::hex_sha256(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_goes_up_before_what_names_it() {
        for (path, group) in [
            ("assets/gongbu.c1847e2007.css", Group::Hashed),
            ("assets/gongbu.css", Group::Asset),
            ("assets/v1.0123456789", Group::Asset),
            ("notes/gongbu.c1847e2007.css", Group::Asset),
            ("search/ko-1.js", Group::Asset),
            ("site.webmanifest", Group::Asset),
            ("01-a/02-b.html", Group::Page),
            ("01-a/02-b.md", Group::Page),
            ("01-a/index.html", Group::Index),
            ("index.html", Group::Index),
            ("404.html", Group::Index),
            ("sitemap-1.xml", Group::Index),
            ("sw.js", Group::Index),
            ("CNAME", Group::Asset),
        ] {
            assert_eq!(Group::of(path), group, "{path}");
        }
    }

    #[test]
    fn an_object_is_bytes_and_headers() {
        let mut plan = Plan::default();
        plan.add("a.html".into(), File::bytes(b"x"));
        plan.add("assets/a.0123456789.js".into(), File::bytes(b"x"));
        let want =
            |plan: &Plan, cache| want(plan, cache, &|_, _| Ok(b"x".to_vec())).unwrap_or_default();
        let hash = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
        assert!(want(&plan, None).values().all(|it| it.sha256 == hash && it.len == 1));
        let caches: Vec<String> =
            want(&plan, Some("no-cache")).into_values().map(|it| it.cache_control).collect();
        assert_eq!(caches, ["no-cache", FOR_EVER]);
        plan.add("_deploy/x".into(), File::bytes(b"x"));
        assert!(want(&plan, None).is_empty());
    }
}
