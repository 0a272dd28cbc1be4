//! What kind of word a name is, which decides what counts as a mention of it (R2).

use std::cmp::Ordering;

use crate::hangul;

/// The words of the common-word list, whose head tells where they come from.
const COMMON: &str = include_str!("common.txt");

/// The class of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A word with a digit or a second hump: S3, CloudFront, X-Ray. Any case.
    Distinctive,
    /// Two to five capitals: IAM. Exact case; a plural `s` may follow.
    Acronym,
    /// One capitalised word: Redshift. A capital at the beginning, the rest in any case.
    Proper,
    /// Several words: Direct Connect. Each begins with a capital that has one in the name.
    Words,
    /// An ordinary English word: Config. Only where the text around it allows (R6).
    Common,
    /// Never by itself.
    Manual,
    /// Hangul: 람다. Only particles may follow.
    Hangul,
    /// Anything else: nginx, C++. Exact case.
    Other,
}

/// The classes that a registry may name, by how they are written there.
pub const NAMED: [(&str, Class); 6] = [
    ("distinctive", Class::Distinctive),
    ("acronym", Class::Acronym),
    ("proper", Class::Proper),
    ("words", Class::Words),
    ("common", Class::Common),
    ("manual", Class::Manual),
];

impl Class {
    /// The class of a name by its letters alone. A name of both scripts has that of its Latin part.
    pub fn of(name: &str) -> Self {
        let latin: String =
            name.chars().map(|c| if hangul::is_hangul(c) { ' ' } else { c }).collect();
        let latin = latin.trim();
        if !latin.contains(|c: char| c.is_alphanumeric()) {
            return if name.contains(hangul::is_hangul) { Self::Hangul } else { Self::Other };
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-');
        if !latin.chars().all(is_plain) {
            return Self::Other;
        }
        let words: Vec<&str> = latin.split_whitespace().collect();
        match words[..] {
            _ if words.iter().any(|word| is_distinctive(word)) => Self::Distinctive,
            [word] if is_acronym(word) => Self::Acronym,
            [word] if is_common(word) => Self::Common,
            [word] if is_capitalised(word) => Self::Proper,
            [_, _, ..] if words.iter().any(|word| begins_upper(word)) => Self::Words,
            _ => Self::Other,
        }
    }

    /// The class in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hangul => "hangul",
            Self::Other => "other",
            class => NAMED.iter().find(|(_, it)| *it == class).map_or("other", |(name, _)| name),
        }
    }

    /// One letter, as the rules call it.
    pub fn letter(self) -> char {
        match self {
            Self::Distinctive => 'D',
            Self::Acronym => 'A',
            Self::Proper => 'P',
            Self::Words => 'W',
            Self::Common => 'C',
            Self::Manual => 'M',
            Self::Hangul => 'K',
            Self::Other => 'L',
        }
    }
}

/// True for an ordinary English word, in any case, or its plural.
pub fn is_common(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    is_listed(&word) || word.strip_suffix('s').is_some_and(is_listed)
}

/// True for an ordinary English word or a regular form of one, which the list leaves out, in American or in
/// British spelling: `translated`, `organisations`.
pub fn is_ordinary(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let american =
        word.replace("isation", "ization").replace("ise", "ize").replace("ising", "izing");
    [word, american].iter().any(|word| is_common(word) || is_form(word))
}

/// True for a regular form of a listed word.
fn is_form(word: &str) -> bool {
    const ENDINGS: [(&str, &str); 10] = [
        ("es", ""),
        ("ies", "y"),
        ("ed", "e"),
        ("ed", ""),
        ("ied", "y"),
        ("ly", ""),
        ("ily", "y"),
        ("ness", ""),
        ("iness", "y"),
        ("nesses", ""),
    ];
    let stem =
        |(ending, instead): &(&str, &str)| Some(word.strip_suffix(ending)?.to_owned() + instead);
    // `stopped`
    let single = word.strip_suffix("ed").and_then(|stem| {
        let before = &stem.as_bytes()[..stem.len().saturating_sub(1)];
        (stem.as_bytes().last() == before.last()).then(|| stem.get(..before.len())).flatten()
    });
    ENDINGS.iter().filter_map(stem).any(|stem| is_listed(&stem)) || single.is_some_and(is_listed)
}

/// True for a word of the list, which is sorted: halved line by line as it is, because to take it apart
/// is a good part of a short run.
fn is_listed(word: &str) -> bool {
    let mut rest = COMMON;
    while !rest.is_empty() {
        let start = rest[..rest.len() / 2].rfind('\n').map_or(0, |at| at + 1);
        let end = rest[start..].find('\n').map_or(rest.len(), |at| start + at);
        match rest[start..end].cmp(word) {
            Ordering::Equal => return !word.starts_with('#'),
            Ordering::Less => rest = rest[end..].strip_prefix('\n').unwrap_or_default(),
            Ordering::Greater => rest = &rest[..start],
        }
    }
    false
}

/// A digit, or a capital after the first letter beside a small one: `EC2`, `IoT`, `X-Ray`.
fn is_distinctive(word: &str) -> bool {
    let letters: Vec<char> = word.chars().filter(char::is_ascii_alphabetic).collect();
    let hump = letters.iter().skip(1).any(char::is_ascii_uppercase)
        && letters.iter().any(char::is_ascii_lowercase);
    hump || word.contains(|c: char| c.is_ascii_digit())
}

fn is_acronym(word: &str) -> bool {
    (2..=5).contains(&word.len()) && word.chars().all(|c| c.is_ascii_uppercase())
}

fn is_capitalised(word: &str) -> bool {
    begins_upper(word) && word.len() > 1 && word.chars().skip(1).all(|c| c.is_ascii_lowercase())
}

fn begins_upper(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_words() {
        for word in [
            "Translated",
            "walked",
            "stopped",
            "tried",
            "boxes",
            "happily",
            "quickly",
            "organisations",
        ] {
            assert!(is_ordinary(word), "{word}");
        }
        for word in ["Lambd", "Translat", "ed", "d", "", "Athenaed", "가ed"] {
            assert!(!is_ordinary(word), "{word}");
        }
    }

    #[test]
    fn classes_of_names() {
        for word in ["aardvark", "zoom", "organization", "a", "", "#"] {
            let listed = COMMON.lines().any(|line| line == word && !line.starts_with('#'));
            assert_eq!(is_listed(word), listed, "{word}");
        }
        assert!(COMMON.lines().filter(|line| !line.starts_with('#')).all(is_listed));
        for (names, letter) in [
            ("S3|EC2|CloudFront|X-Ray|S3 Glacier|CloudWatch Logs|DynamoDB|IoT Core|Route 53", 'D'),
            ("IAM|SES|KMS|CLI", 'A'),
            ("Redshift|Athena|Fargate|Neptune", 'P'),
            ("Direct Connect|Cost and Usage Reports|Auto Scaling|Elastic Compute Cloud", 'W'),
            ("Config|Batch|Shield|Translate|Lambda|Organization|Organizations", 'C'),
            ("Basic|Developer|Business|Enterprise|batch", 'C'),
            ("람다|클라우드 프론트", 'K'),
            ("nginx|kubectl|C++|.NET|OPENSEARCH|+", 'L'),
            ("IAM 유저", 'A'),
            ("EC2 인스턴스", 'D'),
        ] {
            for name in names.split('|') {
                assert_eq!(Class::of(name).letter(), letter, "{name}");
            }
        }
    }

    #[test]
    fn the_list_is_a_list() {
        let words: Vec<&str> = COMMON.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(words.len() > 20_000);
        assert!(words.iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase())));
        assert!(words.is_sorted());
    }
}
