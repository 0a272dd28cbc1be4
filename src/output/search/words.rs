//! Text as a search reads it: runs of Hangul, and runs of other letters and digits.
//!
//! The same rules in JavaScript are in `static/search.js`; `tests/search/vectors.json` holds both to
//! one result.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc_quick};

use crate::hangul::{begins_with_syllable, is_hangul};

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
    if is_plain(text) {
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

/// True for text of ASCII, a few other Latin letters and whole Hangul syllables, which is normal: most
/// text, and the tables of Unicode are slow to ask. By its bytes, for every text passes here.
fn is_plain(text: &str) -> bool {
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => return true,
            [..0x80, rest @ ..] => rest,
            [_, _, _, after @ ..] if begins_with_syllable(rest) => after,
            // To U+02FF, but for the soft hyphen.
            [0xC2, 0xAD, ..] => return false,
            [0xC2..=0xCB, _, rest @ ..] => rest,
            _ => return false,
        };
    }
}

/// The runs of a normal text.
pub(super) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = &rest[run(rest, |c| !is_letter(c), |byte| !byte.is_ascii_alphanumeric(), false)..];
        let at = text.len() - rest.len();
        let hangul = rest.starts_with(is_hangul);
        let length = match hangul {
            true => run(rest, is_hangul, |_| false, true),
            false => {
                let is_other = |c| is_letter(c) && !is_hangul(c);
                run(rest, is_other, |byte| byte.is_ascii_alphanumeric(), false)
            }
        };
        let word = Word { text: &rest[..length], at, hangul };
        rest = &rest[length..];
        (length > 0).then_some(word)
    })
}

/// How many bytes of a text are of a kind; of ASCII the bytes themselves are asked, and `syllables` says
/// whether Hangul syllables are of it.
fn run(
    text: &str,
    is_of: impl Fn(char) -> bool,
    is_ascii_of: impl Fn(u8) -> bool,
    syllables: bool,
) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        at += match bytes[at] {
            byte if byte.is_ascii() && is_ascii_of(byte) => 1,
            byte if byte.is_ascii() => break,
            _ if begins_with_syllable(&bytes[at..]) => match syllables {
                true => 3,
                false => break,
            },
            _ => match text[at..].chars().next().filter(|c| is_of(*c)) {
                Some(c) => c.len_utf8(),
                None => break,
            },
        };
    }
    at
}

/// True for letters, digits and marks.
fn is_letter(c: char) -> bool {
    match c {
        c if c.is_ascii() => c.is_ascii_alphanumeric(),
        c => c.is_alphanumeric() || is_mark(c),
    }
}

/// Marks that belong to a letter: `é` may have no composed form in other scripts.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// A word of the notes without what Korean puts behind it; two syllables stay at least.
pub(super) fn stem(word: &str) -> &str {
    // Most words end in none of these, as their last syllable tells.
    let may_end = ['다', '는', '도', '서', '게', '로', '지', '터', '럼', '을', '를', '은'];
    if !word.ends_with(may_end) {
        return word;
    }
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
    fn every_ending_is_cut_off() {
        for ending in ENDINGS {
            assert_eq!(stem(&format!("바나나{ending}")), "바나나", "{ending}");
        }
    }

    #[test]
    fn what_is_plain_is_normal() {
        for (text, plain) in [
            ("S3에 저장한다, 가힣é", true),
            ("e\u{301}", false),
            ("ㄱ", false),
            ("\u{1100}\u{1161}", false),
            ("\u{AD}", false),
            ("\u{D7A4}", false),
            ("\u{ABFF}", false),
            ("。", false),
            ("😀", false),
        ] {
            assert_eq!(is_plain(text), plain, "{text}");
            assert!(!plain || text.nfc().eq(text.chars()));
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
