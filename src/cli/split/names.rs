//! Whether the `###` headings of a file name services, as in `### EC2 (Elastic Compute Cloud)`.
//!
//! gongbu takes headings for names only where `gongbu.toml` says so, because most people's
//! headings say what a paragraph is about. This is the guess that an import writes there, and
//! tells the author about.

use std::collections::{BTreeMap, BTreeSet};

/// How many headings must look like names before that means anything.
const FEW: usize = 3;

/// Small words inside a name: `Cost and Usage Reports`.
const SMALL: [&str; 9] = ["and", "for", "in", "of", "on", "the", "to", "with", "&"];

/// Words that headings of every kind of notes are made of.
const PARTS: &str = "abstract advantages answers appendix background basics benefits checklist \
    conclusion contents definition details disadvantages example examples exercise exercises \
    faq features further getting goals history homework how installation introduction key \
    limitations notes objectives overview points practice prerequisites pricing problems pros \
    cons questions quiz reading recap references requirements resources review setup solution \
    solutions started steps summary syntax terminology terms tips todo usage use vocabulary \
    warning what when where why";

/// The headings of a file that name services.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// How many headings of the level there are.
    pub headings: usize,
    /// Those that look like names, as they are written.
    pub names: Vec<String>,
    /// Words that at least three of them begin with, and that are no name themselves.
    pub vendors: Vec<String>,
}

impl Names {
    /// True if the headings of this level should be read as names: most look like names, and some
    /// by more than a capital letter, because `Variables` and `Functions` begin with one too.
    pub fn are_services(&self) -> bool {
        let strong = self.names.iter().filter(|name| self.is_strong(name)).count();
        self.names.len() >= FEW
            && self.names.len() * 2 > self.headings
            && strong * 4 >= self.names.len()
    }

    fn is_strong(&self, name: &str) -> bool {
        let (head, inner) = parenthesis(name);
        let first = head.split_whitespace().next().unwrap_or_default();
        inner.is_some()
            || head.split_whitespace().any(has_hump)
            || self.vendors.iter().any(|vendor| vendor == first)
    }
}

/// Looks for names among the headings of one level.
pub fn find<'a>(headings: impl Iterator<Item = &'a str>) -> Names {
    let headings: Vec<&str> = headings.collect();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for heading in &headings {
        *times.entry(heading).or_default() += 1;
    }
    // What stands over many paragraphs says what they are, not what they are about.
    let is_name = |heading: &&&str| times[**heading] == 1 && looks_like_name(heading);
    let names: Vec<&str> = headings.iter().filter(is_name).copied().collect();
    let vendors = vendors(&names);
    let names = names.into_iter().map(str::to_owned).collect();
    Names { headings: headings.len(), names, vendors }
}

/// `Short(Full Name)`, or one to four words of Latin letters that begin like a name.
fn looks_like_name(heading: &str) -> bool {
    let (head, inner) = parenthesis(heading);
    let words: Vec<&str> = head.split_whitespace().collect();
    let full = inner.is_none_or(|inner| inner.split_whitespace().all(is_word));
    let common = |word: &&str| {
        let word = word.to_lowercase();
        SMALL.contains(&word.as_str())
            || PARTS.split_whitespace().any(|part| part == word)
            || word.chars().all(|c| c.is_ascii_digit())
    };
    (1..=4).contains(&words.len())
        && full
        && words.iter().all(|word| is_word(word))
        && words.iter().all(|word| SMALL.contains(word) || begins_like_name(word, words.len()))
        && !words.iter().all(common)
}

/// What stands before and in the parentheses that end a heading.
fn parenthesis(heading: &str) -> (&str, Option<&str>) {
    let parts = heading.strip_suffix(')').and_then(|rest| rest.split_once('('));
    match parts {
        Some((head, inner)) if !head.trim().is_empty() && !inner.trim().is_empty() => {
            (head.trim(), Some(inner.trim()))
        }
        _ => (heading, None),
    }
}

/// A Latin word without punctuation that belongs to sentences.
fn is_word(word: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || "-+#./&".contains(c);
    word.chars().all(inside) && !word.ends_with(['.', '/', '-'])
}

/// A capital or a digit at its start, or a word on its own, such as `nginx`.
fn begins_like_name(word: &str, words: usize) -> bool {
    let first = word.chars().next().unwrap_or_default();
    first.is_ascii_uppercase() || first.is_ascii_digit() || words == 1 && first.is_ascii_lowercase()
}

/// A digit, or a capital after the first letter: `S3`, `CloudFront`, `IAM`.
fn has_hump(word: &str) -> bool {
    let mut letters = word.chars();
    let first = letters.next().unwrap_or_default();
    first.is_ascii_alphabetic() && letters.any(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
}

fn vendors(names: &[&str]) -> Vec<String> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    let mut alone: BTreeSet<&str> = BTreeSet::new();
    for name in names {
        let (head, _) = parenthesis(name);
        match head.split_once(char::is_whitespace) {
            Some((first, _)) => *times.entry(first).or_default() += 1,
            None => drop(alone.insert(head)),
        }
    }
    let is_vendor = |(word, times): &(&str, usize)| *times >= FEW && !alone.contains(word);
    times.into_iter().filter(is_vendor).map(|(word, _)| word.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_other_headings() {
        for name in [
            "EC2(Elastic Compute Cloud)",
            "S3 (Simple Storage Service)",
            "Route 53",
            "Cost and Usage Reports",
            "Pricing Calculator",
            "X-Ray",
            "nginx",
            "Elastic MapReduce(EMR)",
        ] {
            assert!(looks_like_name(name), "{name}");
        }
        for other in [
            "가격 모델",
            "EC2에 연결하는 방법",
            "How to connect",
            "Introduction",
            "Key Points",
            "Example 2",
            "What is S3?",
            "Storage: an overview",
            "connect to it",
            "The Five Pillars Of Good Design",
            "서버(Server)",
            "",
        ] {
            assert!(!looks_like_name(other), "{other}");
        }
    }

    #[test]
    fn services_need_more_than_capitals() {
        let are = |headings: &[&str]| find(headings.iter().copied()).are_services();
        assert!(are(&["Redis", "PostgreSQL", "SQS (Simple Queue Service)"]));
        assert!(!are(&["Variables", "Functions", "Loops", "Classes"]));
        assert!(!are(&["S3", "EC2"]));
        assert!(!are(&["S3", "EC2", "RDS", "가격", "특징", "연결하는 방법", "사례"]));
        assert!(!are(&["API", "API", "API", "API"]));
        assert!(!are(&[]));
    }

    #[test]
    fn a_vendor_is_a_word_that_many_names_begin_with() {
        let headings =
            ["Acme Mail", "Acme Disk", "Acme Route 5", "Disk Log", "Disk Map", "Disk Box"];
        assert_eq!(find(headings.into_iter()).vendors, ["Acme", "Disk"]);
        assert_eq!(find(headings.into_iter().chain(["Disk"])).vendors, ["Acme"]);
    }
}
