//! What is refused before anything is written. Pure.

use super::fail::{Failure, Kind};
use super::records::Found;
use super::steps::{Remote, Steps, Terms};
use super::want::Wanted;

/// Deleting more than this many of our files, and more than a tenth of them, has to be asked for.
const MANY: usize = 20;
const PART: usize = 10;

/// What the user allows that is otherwise refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowed {
    /// This many of our files may be deleted, whatever part of them it is.
    pub max_delete: Option<u64>,
    /// Objects that are not ours may be overwritten where the site needs their place.
    pub adopt: bool,
    /// The target may hold another site, or the manifest of another target.
    pub take_over: bool,
}

/// Refuses steps that would do harm.
///
/// # Errors
/// The first reason against them.
pub fn guard(
    steps: &Steps,
    wanted: &Wanted,
    remote: &Remote,
    terms: &Terms,
    allowed: Allowed,
) -> Result<(), Failure> {
    let refuse = |message: String, hint: &str| Err(Failure::new(Kind::Guard, message, hint));
    for (path, is_newer) in [
        (super::records::MANIFEST, remote.manifest == Found::Newer),
        (super::records::PENDING, remote.pending == Found::Newer),
    ] {
        if is_newer {
            return refuse(
                format!("{}{path} was written by a newer gongbu", terms.home),
                "deploy with that one",
            );
        }
    }
    if !wanted.contains_key("index.html") {
        return refuse(
            "the site is empty: it has no index.html".into(),
            "see what `gongbu build` says; to take a site down, delete the bucket's objects by hand",
        );
    }
    if let Found::Whole(manifest) = &remote.manifest
        && !allowed.take_over
    {
        let same_address = terms.address.is_some() && manifest.address == terms.address;
        if manifest.site != terms.site && !same_address {
            return refuse(
                format!("{} holds another site: {}", terms.home, manifest.site),
                "name another target, or let this site take its place with --take-over",
            );
        }
        if manifest.home != terms.home {
            return refuse(
                format!(
                    "the records in {} were written for {}: somebody copied or moved them",
                    terms.home, manifest.home
                ),
                "deploy there, or make this place the site's with --take-over",
            );
        }
    }
    if let Some(first) = steps.in_the_way.first()
        && !allowed.adopt
    {
        return refuse(
            format!(
                "{} of the site's paths are taken by objects that are not ours, such as {first}",
                steps.in_the_way.len()
            ),
            "move them, name another folder of the bucket, or let the site take their places with \
             --adopt; nothing else is touched",
        );
    }
    let is_much = steps.removed > MANY && steps.removed * PART > steps.ours;
    let is_allowed = allowed.max_delete.is_some_and(|max| steps.removed as u64 <= max);
    if is_much && !is_allowed {
        return refuse(
            format!(
                "{} of {} files would be deleted: that is more than a tenth",
                steps.removed, steps.ours
            ),
            &format!(
                "if that is what you want, allow it with --max-delete {}; --dry-run lists them",
                steps.removed
            ),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::records::{Manifest, Record};
    use crate::deploy::steps::plan;
    use crate::deploy::want::Object;

    fn object() -> Object {
        let text = || "x".to_owned();
        Object { sha256: text(), len: 1, content_type: text(), cache_control: text() }
    }

    fn site(pages: usize) -> (Wanted, Remote, Terms) {
        let names = (0..pages).map(|n| format!("{n}.html")).chain(["index.html".to_owned()]);
        let wanted: Wanted = names.map(|name| (name, object())).collect();
        let record = |object: &Object| Record { object: object.clone(), etag: "e".into() };
        let files = wanted.iter().map(|(path, it)| (path.clone(), record(it))).collect();
        let manifest =
            Manifest { site: "s".into(), home: "h".into(), files, ..Manifest::default() };
        let listed = wanted.keys().map(|path| (path.clone(), "e".to_owned())).collect();
        let remote = Remote { listed, manifest: Found::Whole(manifest), ..Remote::default() };
        let terms = Terms { site: "s".into(), home: "h".into(), ..Terms::default() };
        (wanted, remote, terms)
    }

    fn said(wanted: &Wanted, remote: &Remote, terms: &Terms, allowed: Allowed) -> String {
        let steps = plan(wanted, remote, terms);
        guard(&steps, wanted, remote, terms, allowed).err().map(|it| it.message).unwrap_or_default()
    }

    /// DEP-13: an empty site, and one with 90 % fewer pages.
    #[test]
    fn much_less_than_before_has_to_be_asked_for() {
        let (mut wanted, remote, terms) = site(100);
        assert_eq!(said(&wanted, &remote, &terms, Allowed::default()), "");
        wanted.retain(|path, _| path.len() < 7 || path == "index.html");
        let allow = |max| Allowed { max_delete: max, ..Allowed::default() };
        assert!(said(&wanted, &remote, &terms, allow(None)).contains("90 of 101 files"));
        assert!(said(&wanted, &remote, &terms, allow(Some(89))).contains("90 of 101 files"));
        assert_eq!(said(&wanted, &remote, &terms, allow(Some(90))), "");
        wanted.clear();
        assert!(said(&wanted, &remote, &terms, allow(Some(1000))).contains("empty"));
        // Of a large site twenty pages are little, and of a small one twenty are few.
        let (mut wanted, remote, terms) = site(300);
        wanted.retain(|path, _| !path.starts_with("29") || path.len() < 8);
        assert_eq!(said(&wanted, &remote, &terms, allow(None)), "");
    }

    #[test]
    fn what_is_not_ours_is_left_alone() {
        let (mut wanted, mut remote, terms) = site(3);
        remote.listed.insert("photo.jpg".into(), "e".into());
        assert_eq!(said(&wanted, &remote, &terms, Allowed::default()), "");
        wanted.insert("photo.jpg".into(), object());
        assert!(said(&wanted, &remote, &terms, Allowed::default()).contains("photo.jpg"));
        let adopt = Allowed { adopt: true, ..Allowed::default() };
        assert_eq!(said(&wanted, &remote, &terms, adopt), "");
        for other in [
            Terms { site: "other".into(), ..terms.clone() },
            Terms { home: "other".into(), ..terms.clone() },
        ] {
            assert_ne!(said(&wanted, &remote, &other, adopt), "");
            let take_over = Allowed { take_over: true, ..adopt };
            assert_eq!(said(&wanted, &remote, &other, take_over), "");
        }
        let named = |title: &str| Terms {
            site: title.into(),
            address: Some("https://x.org/".into()),
            ..terms.clone()
        };
        let Found::Whole(manifest) = &mut remote.manifest else { return };
        manifest.address = Some("https://x.org/".into());
        assert_eq!(said(&wanted, &remote, &named("a new title"), adopt), "");
        remote.pending = Found::Newer;
        assert!(said(&wanted, &remote, &terms, adopt).contains("newer"));
    }
}
