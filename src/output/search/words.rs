//! Text as a search reads it: runs of Hangul, and runs of other letters and digits.
//!
//! The same rules in JavaScript are in `static/search.js`; `tests/search/vectors.json` holds both to
//! one result.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc_quick};

use crate::hangul::{is_hangul, is_syllable};

/// Particles and endings that are cut off a word of the notes, the longest first: those that hardly
/// any noun ends in. The others are recognised when a word is looked for.
const ENDINGS: [&str; 23] = [
    "했습니다",
    "됐습니다",
    "합니다",
    "됩니다",
    "입니다",
    "에서는",
    "에서도",
    "으로는",
    "으로도",
    "에게서",
    "에서",
    "에게",
    "으로",
    "까지",
    "부터",
    "처럼",
    "하는",
    "되는",
    "에는",
    "을",
    "를",
    "은",
    "는",
];

/// A run of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// As it is written.
    pub(super) text: &'a str,
    /// The byte at which it begins.
    pub(super) at: usize,
    /// True if it is Hangul.
    pub(super) hangul: bool,
}

/// A text in NFC without characters that nobody sees.
pub(super) fn normal(text: &str) -> Cow<'_, str> {
    // Most texts are of these alone; the tables of Unicode are slow to ask.
    let is_plain = |c: char| c < '\u{300}' && c != '\u{AD}' || is_syllable(c);
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let unseen = |c: char| {
        matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FE0F}' | '\u{FEFF}')
    };
    let is_nfc = is_nfc_quick(text.chars()) == unicode_normalization::IsNormalized::Yes;
    match is_nfc && !text.contains(unseen) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.nfc().filter(|c| !unseen(*c)).collect()),
    }
}

/// The runs of a normal text.
pub(super) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].find(is_letter)?;
        let rest = &text[at..];
        let hangul = rest.starts_with(is_hangul);
        let end = match hangul {
            true => rest.find(|c: char| !is_hangul(c)),
            false => rest.find(|c: char| !is_letter(c) || is_hangul(c)),
        };
        let word = Word { text: &rest[..end.unwrap_or(rest.len())], at, hangul };
        at += word.text.len();
        Some(word)
    })
}

/// True for letters, digits and marks.
fn is_letter(c: char) -> bool {
    match c {
        c if c.is_ascii() => c.is_ascii_alphanumeric(),
        c => is_syllable(c) || c.is_alphanumeric() || is_mark(c),
    }
}

/// Marks that belong to a letter: `é` may have no composed form in other scripts.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// A word of the notes without what Korean puts behind it; two syllables stay at least.
pub(super) fn stem(word: &str) -> &str {
    let bare = ENDINGS.iter().find_map(|ending| word.strip_suffix(ending));
    // Every syllable has three bytes.
    bare.filter(|bare| bare.len() >= 6).unwrap_or(word)
}

/// The words inside of one that is written in humps: `cloud` and `front` of `CloudFront`.
pub(super) fn humps(word: &str) -> impl Iterator<Item = &str> {
    let bytes = word.as_bytes();
    let is_border =
        |at: &usize| bytes[*at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase();
    let mut from = 0;
    let inner = (1..bytes.len()).filter(is_border).chain([bytes.len()]).map(move |to| {
        let part = &word[from..to];
        from = to;
        part
    });
    inner.filter(|part| part.len() >= 3 && part.len() < word.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hangul;

    /// What the client must say of the same texts too.
    #[test]
    fn golden_vectors() {
        let text = include_str!("../../../tests/search/vectors.json");
        let vectors: serde_json::Value = serde_json::from_str(text).unwrap();
        for (text, expected) in vectors["words"].as_object().unwrap() {
            let normal = normal(text);
            let found: Vec<String> = words(&normal).map(|word| word.text.to_lowercase()).collect();
            assert_eq!(serde_json::json!(found), *expected, "{text}");
        }
        type Rule = fn(&str) -> String;
        let rules: [(&str, Rule); 3] = [
            ("stem", |word| stem(word).to_owned()),
            ("key", hangul::key),
            ("sound", hangul::sound),
        ];
        for (rule, apply) in rules {
            for (text, expected) in vectors[rule].as_object().unwrap() {
                assert_eq!(apply(text), expected.as_str().unwrap(), "{rule} of {text}");
            }
        }
    }

    #[test]
    fn humps_are_words() {
        let parts = |word| humps(word).collect::<Vec<_>>();
        assert_eq!(parts("CloudFront"), ["Cloud", "Front"]);
        assert_eq!(parts("DynamoDB"), ["Dynamo"]);
        assert!(parts("Lambda").is_empty() && parts("EC2").is_empty() && parts("é").is_empty());
    }
}
