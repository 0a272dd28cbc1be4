//! Words that the notes give in two languages or in two lengths: `가상화(Virtualization)`,
//! `Agility(민첩성)`, `VM(Virtual Machine)`. Where an author puts the one directly before the other in
//! brackets, the two are names of one thing; a remark in brackets (`빠름(하지만 비쌈)`) is none.

use std::ops::Range;
use std::sync::Arc;

use super::text::{self, Block};
use crate::diag::Span;
use crate::hangul::is_hangul;
use crate::note::Note;

/// Two names of one thing, and where they stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pair {
    /// What kind of names they are.
    pub kind: PairKind,
    /// The Korean one, or the short one.
    pub first: String,
    /// The English one, or the long one.
    pub second: String,
    /// The bytes of the file, from the first name to the closing bracket.
    pub span: Span,
    /// The index of the event in which it begins.
    pub event: usize,
}

/// What kind of names a pair has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PairKind {
    /// Korean and English.
    Translation,
    /// A few letters and what they stand for.
    Abbreviation,
}

/// What stands in brackets is at most so long, in characters; longer is a remark.
const MAX_INSIDE: usize = 60;
/// A name has at most so many words.
const MAX_WORDS: usize = 6;
/// Words in brackets that begin a remark, or are units.
const REMARKS: [&str; 37] = [
    "ex", "eg", "vs", "or", "and", "default", "optional", "required", "new", "old", "yes", "no",
    "for", "with", "by", "from", "to", "in", "on", "at", "a", "an", "the", "if", "not", "true",
    "false", "kb", "mb", "gb", "tb", "pb", "ms", "hz", "ghz", "etc", "via",
];
/// Words of a long name that its abbreviation may leave out.
const SMALL: [&str; 10] = ["of", "and", "the", "for", "as", "a", "to", "in", "on", "with"];
/// Endings of Korean that show a remark or a sentence rather than a name.
const SENTENCE: [&str; 12] =
    ["다", "요", "함", "됨", "임", "음", "등", "시", "때", "것", "중", "죠"];
/// Particles that end the word before a name: what stands further left is not a part of it. Those
/// that many nouns end in (이, 가, 도) are not among them.
const PARTICLES: [&str; 14] =
    ["은", "는", "을", "를", "의", "에", "에서", "와", "과", "으로", "로", "이란", "란", "인"];

/// Endings of a Korean word that says something of the next one.
const JOINING: [&str; 10] = ["만", "고", "며", "서", "면", "한", "할", "된", "될", "진"];

/// Endings of a Korean word that is no name.
const NO_NAME: [&str; 13] =
    ["다", "은", "는", "거나", "적인", "하고", "지만", "른", "린", "쁜", "들어", "통해", "위해"];
/// Words that end a remark.
const REMARK_ENDS: [&str; 6] =
    ["required", "only", "needed", "recommended", "supported", "included"];

/// All pairs of a note, in order.
#[comemo::memoize]
pub fn pairs(note: &Note) -> Arc<Vec<Pair>> {
    let mut found = vec![];
    for heading in note.body.headings.iter().filter(|it| it.text.contains(['(', '（'])) {
        let in_heading = |pair: Found| pair.at(heading.span, heading.event);
        found.extend(in_text(&heading.text, &[]).into_iter().map(in_heading));
    }
    text::blocks(note, &Arc::default(), |block: &Block| {
        if block.text.contains(['(', '（']) {
            found.extend(in_text(&block.text, block.borders()).into_iter().map(|pair| {
                let (span, event) = block.place(&pair.range);
                pair.at(span, event)
            }));
        }
    });
    found.sort_by_key(|pair| pair.span);
    Arc::new(found)
}

#[derive(Debug, PartialEq)]
struct Found {
    kind: PairKind,
    first: String,
    second: String,
    range: Range<usize>,
}

impl Found {
    fn at(self, span: Span, event: usize) -> Pair {
        Pair { kind: self.kind, first: self.first, second: self.second, span, event }
    }
}

/// The pairs of a text; `borders` are the places where emphasis begins or ends.
fn in_text(text: &str, borders: &[usize]) -> Vec<Found> {
    let mut found = vec![];
    for (open, bracket) in text.match_indices(['(', '（']) {
        let from = open + bracket.len();
        let Some(length) = text[from..].find(['(', ')', '（', '）']) else { break };
        let close = from + length;
        let inside = text[from..close].trim();
        let left = text[..open].strip_suffix(' ').unwrap_or(&text[..open]);
        if !text[close..].starts_with([')', '）']) || inside.chars().count() > MAX_INSIDE {
            continue;
        }
        // Emphasis that ends here says where the name begins: `**가상 머신**(VM)`.
        let inner = borders[..borders.partition_point(|at| *at <= left.len())].iter().rev();
        let border = inner.copied().find(|at| *at < left.len()).unwrap_or(0);
        let is_marked = borders.binary_search(&left.len()).is_ok();
        let words: Vec<(usize, &str)> =
            words(&left[border..]).map(|(at, word)| (border + at, word)).collect();
        let mut add = |kind, start: usize, first: &str, second: &str| {
            let (first, second) = (first.to_owned(), second.to_owned());
            let range = start..close + bracket.len();
            found.push(Found { kind, first, second, range });
        };
        // `가상 사설 클라우드(Virtual Private Cloud, VPC)`: what is meant is in one of the parts.
        let parts: Vec<&str> = inside.split(',').map(str::trim).collect();
        let short = parts.iter().copied().find(|part| is_abbreviation(part));
        let long = parts.iter().copied().find(|part| Some(*part) != short && is_english(part));
        let korean = parts.iter().copied().find(|part| is_korean_name(part));
        let name = [long, korean, short].into_iter().flatten().find_map(|part| {
            if let Some(at) = abbreviated(&words, part) {
                return Some((at, part, PairKind::Abbreviation));
            }
            let at = translated(&words, part, is_marked)?;
            Some((at, part, PairKind::Translation))
        });
        let Some((at, part, kind)) = name.filter(|_| parts.len() <= 3) else { continue };
        let (start, own) = (words[at].0, &left[words[at].0..]);
        let own_first = match kind {
            PairKind::Abbreviation => at + 1 == words.len() && is_abbreviation(own),
            PairKind::Translation => own.contains(is_hangul),
        };
        let (first, second) = if own_first { (own, part) } else { (part, own) };
        add(kind, start, first, second);
        // The parts say something of one another.
        let others = long.filter(|_| parts.len() > 1);
        if let Some((short, long)) =
            short.zip(others).filter(|(short, long)| stands_for(short, long))
        {
            add(PairKind::Abbreviation, start, short, long);
        }
        if let Some((korean, long)) = korean.zip(others) {
            add(PairKind::Translation, start, korean, long);
        }
    }
    found
}

/// The words at the end of a text that could be one name, with where each begins: punctuation other
/// than of names breaks it off.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || " -&/+.'".contains(c);
    let start = text.char_indices().rev().find(|(_, c)| !is_part(*c));
    let start = start.map_or(0, |(at, c)| at + c.len_utf8());
    let mut at = start;
    text[start..].split(' ').filter_map(move |word| {
        let begins = at;
        at += word.len() + 1;
        (!word.is_empty()).then_some((begins, word))
    })
}

/// Where the name begins of which one is short for the other; none if neither is.
fn abbreviated(words: &[(usize, &str)], inside: &str) -> Option<usize> {
    let last = words.len().checked_sub(1)?;
    if is_abbreviation(words[last].1) && is_english(inside) && stands_for(words[last].1, inside) {
        return Some(last);
    }
    if !is_abbreviation(inside) {
        return None;
    }
    let long = |at: &usize| {
        let name: Vec<&str> = words[*at..].iter().map(|(_, word)| *word).collect();
        stands_for(inside, &name.join(" "))
    };
    (words.len().saturating_sub(MAX_WORDS)..words.len()).rev().find(long)
}

/// Where the name begins of which what stands in brackets is a translation; none if it is not.
fn translated(words: &[(usize, &str)], inside: &str, is_marked: bool) -> Option<usize> {
    let last = words.len().checked_sub(1)?;
    let word = words[last].1;
    let is_korean = |word: &str| {
        let letters = word.chars().filter(|c| *c != '-');
        letters.clone().all(is_hangul) && letters.count() > 1
    };
    if is_korean(word) && is_english(inside) {
        if NO_NAME.iter().any(|it| word.ends_with(it)) {
            return None;
        }
        // The Korean name has no more words than the English one.
        let most = inside.split([' ', '-']).count().min(MAX_WORDS);
        let mut first = last;
        while first > 0 && last + 1 - first < most {
            let before = words[first - 1].1;
            let ends = PARTICLES.iter().any(|it| before.ends_with(it));
            if ends || !before.chars().all(|c| is_hangul(c) || c.is_ascii_alphanumeric()) {
                break;
            }
            first -= 1;
        }
        let names = words[..last].iter().all(|(_, word)| {
            word.chars().all(is_hangul) && !PARTICLES.iter().any(|it| word.ends_with(it))
        });
        return Some(if is_marked && words.len() <= most + 1 && names { 0 } else { first });
    }
    if !is_korean_name(inside) || !is_latin_name(word) {
        return None;
    }
    let capital = |word: &str| word.starts_with(|c: char| c.is_ascii_uppercase());
    // `Recover from failure(고장 복구)`: a whole line, or nothing that one could tell apart.
    if last > 0 && !capital(word) && is_latin_name(words[last - 1].1) {
        let is_line = words[0].0 == 0 && words.len() <= MAX_WORDS && capital(words[0].1);
        return (is_line && words.iter().all(|(_, word)| is_latin_name(word))).then_some(0);
    }
    let mut first = last;
    while first > 0
        && capital(words[first].1)
        && capital(words[first - 1].1)
        && is_latin_name(words[first - 1].1)
        && last - first < MAX_WORDS
    {
        first -= 1;
    }
    Some(first)
}

fn is_latin_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.len() > 1
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "-&/+".contains(c))
}

/// A name in English: words of letters, no address, no remark.
fn is_english(text: &str) -> bool {
    let mut words = text.split(' ').peekable();
    let first = words.peek().map(|word| word.to_ascii_lowercase()).unwrap_or_default();
    let count = text.split(' ').count();
    text.len() > 1
        && count <= MAX_WORDS
        && !REMARKS.contains(&first.as_str())
        && !REMARK_ENDS.iter().any(|it| text.ends_with(it))
        && words.all(|word| {
            word.contains(|c: char| c.is_ascii_alphabetic() || c == '&')
                && word != "or"
                && word.chars().all(|c| c.is_ascii_alphanumeric() || "-&/'’".contains(c))
        })
}

/// A name in Korean: a few words that end like nouns.
fn is_korean_name(text: &str) -> bool {
    let ends = |word: &str, with: &[&str]| with.iter().any(|it| word.ends_with(it));
    let words: Vec<&str> = text.split(' ').collect();
    let syllables = text.chars().filter(|c| is_hangul(*c)).count();
    (2..=15).contains(&syllables)
        && words.len() <= 4
        && words.iter().all(|word| !word.is_empty() && word.chars().all(is_hangul))
        && !words.iter().any(|word| word.chars().count() > 1 && ends(word, &PARTICLES[..9]))
        && !words[..words.len() - 1].iter().any(|word| ends(word, &JOINING))
        && !ends(text, &SENTENCE)
}

/// A few letters, at least two of them capitals: `VM`, `IaaS`. A number counts the letter before it:
/// `S3`, `EC2`.
fn is_abbreviation(text: &str) -> bool {
    let text = spelled(text);
    let capitals = text.chars().filter(char::is_ascii_uppercase).count();
    capitals >= 2 && text.len() <= 8 && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// An abbreviation with each number as the letters that it counts: `S3` is `SSS`.
fn spelled(short: &str) -> String {
    let mut out = String::with_capacity(short.len());
    for c in short.chars() {
        match (c.to_digit(10), out.chars().next_back().filter(char::is_ascii_uppercase)) {
            (Some(times @ 2..=4), Some(letter)) => out.extend((1..times).map(|_| letter)),
            _ => out.push(c),
        }
    }
    out
}

/// True if the letters of `short` are the initials of the words of `long`, in order.
fn stands_for(short: &str, long: &str) -> bool {
    let words: Vec<&str> = long.split([' ', '-', '/']).filter(|word| !word.is_empty()).collect();
    if words.len() < 2 || words.len() > MAX_WORDS + 2 {
        return false;
    }
    let short = &*spelled(short);
    let plural =
        short.strip_suffix('s').filter(|rest| rest.chars().all(|c| c.is_ascii_uppercase()));
    let letters: Vec<char> = plural.unwrap_or(short).to_ascii_lowercase().chars().collect();
    let mut at = 0;
    for word in words {
        let initial = word.chars().next().map(|c| c.to_ascii_lowercase());
        if letters.get(at).copied() == initial && initial.is_some() {
            at += 1;
        } else if !SMALL.contains(&word.to_ascii_lowercase().as_str()) {
            return false;
        }
    }
    at == letters.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_brackets() {
        for (text, expected) in [
            ("물리적 서버의 가상화(Virtualization)는 핵심", "가상화=Virtualization"),
            ("이점은 고가용성(High Availability)이다", "고가용성=High Availability"),
            (
                "클라우드 컴퓨팅 모델(Cloud Computing Models)",
                "클라우드 컴퓨팅 모델=Cloud Computing Models",
            ),
            ("속도와 Agility(민첩성)", "민첩성=Agility"),
            ("Elastic Load Balancing(부하 분산)", "부하 분산=Elastic Load Balancing"),
            ("작은 단위는 VM(Virtual Machine)이다", "VM=Virtual Machine"),
            ("Virtual Machines(VMs)", "VMs=Virtual Machines"),
            ("IaaS(Infrastructure as a Service)", "IaaS=Infrastructure as a Service"),
            ("SOC(Service Organization Controls) 보고서", "SOC=Service Organization Controls"),
            (
                "가상 사설 클라우드(Virtual Private Cloud, VPC)",
                "가상 사설 클라우드=Virtual Private Cloud|VPC=Virtual Private Cloud",
            ),
            ("인공지능(AI)과", "인공지능=AI"),
            ("EC2(Elastic Compute Cloud)와", "EC2=Elastic Compute Cloud"),
            ("S3(Simpl Storage Service)에", "S3=Simpl Storage Service"),
            ("Simple Storage Service(S3)", "S3=Simple Storage Service"),
            ("B2B(Business to Business)", ""),
            (
                "단일 장애점(SPOF, Single Point of Failure)",
                "단일 장애점=Single Point of Failure|SPOF=Single Point of Failure",
            ),
            (
                "TLS(Transport Layer Security, 전송 계층 보안)",
                "TLS=Transport Layer Security|전송 계층 보안=Transport Layer Security",
            ),
            ("3계층 아키텍처(3-Tier Architecture)", "3계층 아키텍처=3-Tier Architecture"),
            ("인-메모리(In-memory)", "인-메모리=In-memory"),
            ("확장성（Scalability）은", "확장성=Scalability"),
            ("예를 들어(for example)", ""),
            ("매우 빠른(fast) 것", ""),
            ("버킷(bucket or directory)", ""),
            ("서비스(a Building Block)", ""),
            (
                "Recover from failure automatically(고장 자동 복구)",
                "고장 자동 복구=Recover from failure automatically",
            ),
            ("we do the tasks(보안 작업)", ""),
            ("독립적인(entities) 것", ""),
            ("사용 체크(Enterprise Support required)", ""),
            ("Aurora(빠르지만 비쌈)", ""),
            ("저장한다(Store)", ""),
            ("크기(GB)", ""),
            ("예시(ex 서버)", ""),
            ("함수 호출(foo.bar)", ""),
            ("S3(2006년)", ""),
            ("빈 괄호() 그리고 (혼자) 열린 (", ""),
            ("서버(가상 서버)", ""),
        ] {
            let found: Vec<String> =
                in_text(text, &[]).iter().map(|it| format!("{}={}", it.first, it.second)).collect();
            assert_eq!(found.join("|"), expected, "{text}");
        }
        let marked = in_text("아주 큰 가상 머신(VM)", &[]);
        assert_eq!(marked[0].first, "머신");
        let marked = in_text("아주 큰 가상 머신(VM)", &[11, 24]);
        assert_eq!(marked[0].first, "가상 머신");
    }
}
