//! What a heading's file is called: its number, then its words.
//!
//! Notes are ordered by the numbers of their files, so these numbers must go up as the headings
//! do. A heading's own number is used where that holds, and the next free one where it does not.

use std::cmp::Ordering;

use crate::path;

/// The longest name that is made of a heading's words, in bytes. A file's name may have 255; the
/// rest is for numbers, extensions and whoever types it.
const LONGEST: usize = 100;

/// Words that count the parts of a Korean book: `3장`, `제3장`.
const COUNTERS: [&str; 7] = ["장", "강", "절", "부", "과", "편", "주차"];

/// A heading's number and the words after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbered<'a> {
    /// The last part of the number: 2 of `03-02 Exploring`.
    pub(super) number: Option<u32>,
    /// The heading without it.
    pub(super) words: &'a str,
}

/// Reads the number that a heading begins with: `03`, `03-02`, `3.2`, `3)`, `제3장`. Four digits
/// are a year, and a number that is glued to a word belongs to the word (`3D`).
pub(super) fn read(heading: &str) -> Numbered<'_> {
    let none = Numbered { number: None, words: heading };
    let ordinal = heading.strip_prefix('제').filter(|rest| starts_with_digit(rest));
    let mut rest = ordinal.unwrap_or(heading);
    let number = loop {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if !(1..=3).contains(&digits) {
            return none;
        }
        let number = rest[..digits].parse().ok();
        rest = &rest[digits..];
        match rest.strip_prefix(['-', '.', '_']) {
            Some(more) if starts_with_digit(more) => rest = more,
            _ => break number,
        }
    };
    let counter = COUNTERS.iter().find_map(|word| rest.strip_prefix(word));
    let rest = counter.unwrap_or(rest);
    let rest = rest.strip_prefix(['.', ')', ':', ',']).unwrap_or(rest);
    if rest.starts_with(|c: char| !c.is_whitespace()) || ordinal.is_some() && counter.is_none() {
        return none;
    }
    Numbered { number, words: rest.trim_start_matches([' ', '\t', '-', '–', '—', '·']) }
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// Names the files of neighbours, such as the lessons of one section, so that they sort as they
/// stand: `03-02 Exploring` is `02-exploring`. A heading without letters is called `fallback`.
pub(super) fn names(titles: &[&str], fallback: &str) -> Vec<String> {
    let read: Vec<Numbered> = titles.iter().map(|title| read(title)).collect();
    let mut last = before_first(&read);
    let mut names: Vec<String> = vec![];
    for Numbered { number, words } in read {
        let slug = Some(shorten(&path::slug(words))).filter(|slug| !slug.is_empty());
        let slug = slug.as_deref().unwrap_or(fallback);
        // A number may stand twice as long as the names still sort as the headings stand.
        let own = number.and_then(|number| {
            let name = format!("{number:02}-{slug}");
            let name = if names.last() == Some(&name) { twin(&name, &names) } else { name };
            let fits = match names.last() {
                Some(before) => path::natural(before, &name) == Ordering::Less,
                None => true,
            };
            fits.then_some((i64::from(number), name))
        });
        let (number, name) = own.unwrap_or_else(|| {
            let next = last + 1;
            (next, format!("{next:02}-{slug}"))
        });
        last = number;
        names.push(name);
    }
    names
}

/// The number before the first one: headings without a number that stand before numbered ones get
/// the numbers below those, down to 0.
fn before_first(read: &[Numbered]) -> i64 {
    let first = read.iter().enumerate().find_map(|(at, it)| Some((at, it.number?)));
    let Some((before, number)) = first else { return 0 };
    let before = i64::try_from(before).unwrap_or(i64::MAX);
    (i64::from(number) - before - 1).clamp(-1, 0)
}

/// `name-2`, or the next number that is not taken.
fn twin(name: &str, taken: &[String]) -> String {
    let mut n = 2;
    loop {
        let twin = format!("{name}-{n}");
        if !taken.contains(&twin) {
            return twin;
        }
        n += 1;
    }
}

/// Cuts a long name, between words if it has any.
pub(in crate::cli) fn shorten(slug: &str) -> String {
    if slug.len() <= LONGEST {
        return slug.to_owned();
    }
    let end = (0..=LONGEST).rev().find(|end| slug.is_char_boundary(*end)).unwrap_or(0);
    let head = &slug[..end];
    head.rsplit_once('-').map_or(head, |(words, _)| words).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_headings() {
        for (heading, number, words) in [
            ("03-02 Exploring S3", Some(2), "Exploring S3"),
            ("03 Technology", Some(3), "Technology"),
            ("3.2. 저장소", Some(2), "저장소"),
            ("4) 네트워크", Some(4), "네트워크"),
            ("3 - Setup", Some(3), "Setup"),
            ("제3장 기술", Some(3), "기술"),
            ("2주차: 반복문", Some(2), "반복문"),
            ("12", Some(12), ""),
            ("2024 Review", None, "2024 Review"),
            ("3D printing", None, "3D printing"),
            ("제3 세계", None, "제3 세계"),
            ("소개", None, "소개"),
            ("", None, ""),
        ] {
            assert_eq!(read(heading), Numbered { number, words }, "{heading}");
        }
    }

    #[test]
    fn names_sort_as_the_headings_stand() {
        for (titles, expected) in [
            (&["1. A", "2. B"][..], &["01-a", "02-b"][..]),
            (&["A", "B"], &["01-a", "02-b"]),
            (&["소개", "01 A", "02 B", "끝"], &["00-소개", "01-a", "02-b", "03-끝"]),
            (&["소개", "02 A"], &["01-소개", "02-a"]),
            (&["a", "b", "1 c"], &["00-a", "01-b", "01-c"]),
            (&["01 X", "02 Y", "01 Z"], &["01-x", "02-y", "03-z"]),
            (&["02 B", "02 A"], &["02-b", "03-a"]),
            (&["02 A", "02 A", "02 A"], &["02-a", "02-a-2", "03-a"]),
            (&["A", "A"], &["01-a", "02-a"]),
            (&["😊"], &["01-lesson"]),
            (&["99 A", "100 B"], &["99-a", "100-b"]),
        ] {
            assert_eq!(names(titles, "lesson"), expected, "{titles:?}");
        }
    }

    #[test]
    fn a_long_heading_is_cut_between_words() {
        let name = shorten(&path::slug(&"아주 긴 제목 ".repeat(40)));
        let whole = |word: &str| ["아주", "긴", "제목"].contains(&word);
        assert!(name.len() <= LONGEST && name.split('-').all(whole), "{name}");
    }
}
