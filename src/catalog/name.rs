//! Names of services: how a heading tells them, when two are one, and which are none.

use unicode_normalization::UnicodeNormalization;

use crate::class::Class;
use crate::config::Terms;
use crate::hangul;
use crate::near::{Shape, slips};
use crate::path::is_bidi_control;
use crate::registry::MAX_NAME;

/// A name that links to its service.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// As the author writes it, in NFC.
    pub text: String,
    /// What counts as a mention of it.
    pub class: Class,
}

impl Name {
    /// A name with the class of its letters, or the one that was chosen for its Latin part.
    pub(super) fn new(text: &str, chosen: Option<Class>) -> Self {
        let own = Class::of(text);
        let class = if own == Class::Hangul { own } else { chosen.unwrap_or(own) };
        Self { text: text.to_owned(), class }
    }
}

/// What all spellings of a name share: letters of one width and case, no spaces and hyphens (R4).
/// Names with one key are one name to a reader, whoever bears them (R13).
pub fn key(name: &str) -> String {
    match plain(name) {
        Some(letters) => letters.collect(),
        None => unicode_key(name),
    }
}

/// The shape of the key of a name.
pub fn shape(name: &str) -> Shape {
    match plain(name) {
        Some(letters) => Shape::of(letters),
        None => Shape::of(unicode_key(name).chars()),
    }
}

/// The letters of the key of a name that has no others than these: most names, and Unicode's tables
/// are slow to ask.
fn plain(name: &str) -> Option<impl Iterator<Item = char>> {
    let is_plain = |c: char| c.is_ascii() || hangul::is_syllable(c) || c == '\u{A0}';
    let letters = name.chars().filter(|c| !is_separator(*c)).map(|c| c.to_ascii_lowercase());
    name.chars().all(is_plain).then_some(letters)
}

fn unicode_key(name: &str) -> String {
    name.nfkc().filter(|c| !is_separator(*c)).flat_map(char::to_lowercase).nfc().collect()
}

/// True for what may stand between the words of a name.
pub fn is_separator(c: char) -> bool {
    c.is_whitespace() || c == '-'
}

/// Why a text can be no name; none if it can.
pub(super) fn refusal(name: &str, allow_short: bool) -> Option<&'static str> {
    let key = key(name);
    let letters = key.chars().count();
    let is_hangul = key.chars().all(hangul::is_hangul);
    match letters {
        _ if name.contains(|c: char| is_bidi_control(c) || c.is_control()) => {
            Some("holds an invisible character")
        }
        0 => Some("has no letter"),
        1 if is_hangul || !allow_short => Some("is too short to be linked"),
        _ if letters > MAX_NAME => Some("is too long to be a name"),
        _ if is_hangul && hangul::is_particle_tail(&key) => Some("is a particle"),
        _ => None,
    }
}

/// Takes a heading apart: the short name, the long one (may be empty), and all that it names.
/// `EC2 (Elastic Compute Cloud)` and `Elastic MapReduce(EMR)` name two things each; a vendor's word
/// at the beginning is optional.
pub(super) fn parse(heading: &str, config: &Terms) -> (String, String, Vec<String>) {
    let heading = heading.trim();
    let inner = heading.strip_suffix(')').and_then(|rest| rest.split_once('('));
    let parts = inner.map(|(before, inside)| (before.trim(), inside.trim()));
    let parts = parts.filter(|(before, inside)| !before.is_empty() && !inside.is_empty());
    let bare = |name: &str| without_vendor(name, config).to_owned();
    let (short, full) = match parts {
        Some((before, inside)) if is_abbreviation(inside) && !is_abbreviation(before) => {
            (bare(inside), before.to_owned())
        }
        Some((before, inside)) => (bare(before), inside.to_owned()),
        None => {
            let short = bare(heading);
            let full = if short == heading { String::new() } else { heading.to_owned() };
            (short, full)
        }
    };
    let mut names = vec![short.clone()];
    let long = bare(&full);
    if !long.is_empty() && long != short {
        names.push(long);
    }
    (short, full, names)
}

fn is_abbreviation(text: &str) -> bool {
    let capitals = text.chars().filter(|c| c.is_ascii_uppercase()).count();
    capitals >= 2 && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// A name without the vendor's word before it, if something is left.
pub fn without_vendor<'a>(name: &'a str, config: &Terms) -> &'a str {
    let rest = |vendor: &String| name.strip_prefix(vendor.as_str())?.strip_prefix(' ');
    config
        .vendor
        .iter()
        .find_map(rest)
        .map(str::trim_start)
        .filter(|it| !it.is_empty())
        .unwrap_or(name)
}

/// How many slips there are between the [`key`]s of two names, or none if they are not so near that
/// the one was probably meant to be the other (R14): one slip in six letters or more, two in ten or
/// more, and the first letter right. A slip is a letter too many, too few, wrong, or two that changed
/// places.
pub fn is_near_key(wrong: &str, right: &str) -> Option<usize> {
    let letters = right.chars().count();
    let most = match letters {
        0..6 => return None,
        6..10 => 1,
        _ => 2,
    };
    let could_be = wrong != right
        && wrong.chars().next() == right.chars().next()
        && wrong.chars().count().abs_diff(letters) <= most;
    if !could_be {
        return None;
    }
    Some(slips(wrong, right)).filter(|slips| *slips <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_headings() {
        let vendor = vec!["AWS".to_owned(), "Amazon".to_owned()];
        let terms = Terms { vendor, ..Terms::default() };
        for (heading, short, full, names) in [
            (
                "EC2 (Elastic Compute Cloud)",
                "EC2",
                "Elastic Compute Cloud",
                "EC2|Elastic Compute Cloud",
            ),
            ("Elastic MapReduce(EMR)", "EMR", "Elastic MapReduce", "EMR|Elastic MapReduce"),
            ("AWS Lambda", "Lambda", "AWS Lambda", "Lambda"),
            ("AWS Partner Network(APN)", "APN", "AWS Partner Network", "APN|Partner Network"),
            ("Route 53", "Route 53", "", "Route 53"),
            ("람다(Lambda)", "람다", "Lambda", "람다|Lambda"),
            ("AWS", "AWS", "", "AWS"),
        ] {
            let (s, f, n) = parse(heading, &terms);
            assert_eq!(
                (s.as_str(), f.as_str(), n.join("|").as_str()),
                (short, full, names),
                "{heading}"
            );
        }
    }

    #[test]
    fn what_is_no_name() {
        for (name, refused) in [
            ("S", true),
            ("값", true),
            ("에서", true),
            ("로부터", true),
            ("- -", true),
            ("S3", false),
            ("람다", false),
            ("C++ (v1.0) [x]* .+ $^ \\d", false),
        ] {
            assert_eq!(refusal(name, false).is_some(), refused, "{name}");
        }
        assert_eq!(refusal("R", true), None);
        assert!(refusal(&"가".repeat(100_000), false).is_some());
    }

    #[test]
    fn near_names() {
        for (wrong, right, near) in [
            ("Direct Connet", "Direct Connect", true),
            ("CloundFront", "CloudFront", true),
            ("Organizaitons", "Organizations", true),
            ("Cost and Usage Reoprts", "Cost and Usage Reports", true),
            ("Lamda", "Lambda", true),
            ("Lambds", "Lambda", true),
            ("Batches", "Batch", false),
            ("Kambda", "Lambda", false),
            ("EC3", "EC2", false),
            ("cloud front", "CloudFront", false),
        ] {
            assert_eq!(is_near_key(&key(wrong), &key(right)).is_some(), near, "{wrong}");
        }
    }
}
