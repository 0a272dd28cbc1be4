//! What a text says in brackets of the words before them: `가상화(Virtualization)`, `Agility(민첩성)`,
//! `VM(Virtual Machine)`. A remark in brackets (`빠름(하지만 비쌈)`), a list of examples
//! (`컨테이너(ECS, EKS)`) and half of a name are no name.
//!
//! Where the name begins is told by the sentence: Korean nouns in a row are one name, and a word
//! with a particle, a verb or an adverb ends it (`hangul::role`). Where the author marked the name, or
//! it stands alone in its line or cell, it may have particles too: `**규모의 경제**(Economies of scale)`.

use std::ops::Range;

use crate::hangul::{Role, is_hangul, is_particle_tail, role};

/// What stands in brackets is at most so long, in characters; longer is a remark.
const MAX_INSIDE: usize = 60;
/// A name has at most so many words.
const MAX_WORDS: usize = 6;
/// Korean writes a name in at most so many words more than English: `지속 가능성(Sustainability)`.
const MORE_WORDS: usize = 2;
/// A word of English has at least so many syllables in Korean; a name with fewer is half of one.
const SYLLABLES: usize = 2;
/// Words in brackets that begin a remark, or are units.
const REMARKS: [&str; 38] = [
    "ex", "eg", "vs", "or", "and", "default", "optional", "required", "new", "old", "yes", "no",
    "for", "with", "by", "from", "to", "in", "on", "at", "a", "an", "the", "if", "not", "true",
    "false", "see", "kb", "mb", "gb", "tb", "pb", "ms", "hz", "ghz", "etc", "via",
];
/// Words that end a remark.
const REMARK_ENDS: [&str; 6] =
    ["required", "only", "needed", "recommended", "supported", "included"];
/// Words of a long name that its abbreviation may leave out, and that need no word in Korean.
const SMALL: [&str; 10] = ["of", "and", "the", "for", "as", "a", "to", "in", "on", "with"];

/// What kind of names a pair has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PairKind {
    /// Korean and English.
    Translation,
    /// A few letters and what they stand for.
    Abbreviation,
}

/// Two names of one thing in a text.
#[derive(Debug, PartialEq)]
pub(super) struct Found {
    pub(super) kind: PairKind,
    /// The Korean one, or the short one.
    pub(super) first: String,
    /// The English one, or the long one.
    pub(super) second: String,
    /// From the first name to the closing bracket.
    pub(super) range: Range<usize>,
}

/// The words before a bracket that could be a name.
struct Before<'a> {
    /// Each with where it begins.
    words: Vec<(usize, &'a str)>,
    /// The word with which the author marked the beginning of something: emphasis, a line, a cell.
    start: Option<usize>,
    /// True if emphasis ends at the bracket: from `start` on is the name.
    is_marked: bool,
}

/// The pairs of a text; `borders` are the places where emphasis begins or ends.
pub(super) fn pairs(text: &str, borders: &[usize]) -> Vec<Found> {
    let mut found = vec![];
    for (open, bracket) in text.match_indices(['(', '（']) {
        let from = open + bracket.len();
        let Some(length) = text[from..].find(['(', ')', '（', '）']) else { break };
        let close = from + length;
        let inside = text[from..close].trim();
        if !text[close..].starts_with([')', '）']) || inside.chars().count() > MAX_INSIDE {
            continue;
        }
        let left = text[..open].strip_suffix(' ').unwrap_or(&text[..open]);
        let before = before(left, borders);
        let range = |start: usize| start..close + bracket.len();
        let mut add = |kind, start: usize, first: &str, second: &str| {
            let (first, second) = (first.to_owned(), second.to_owned());
            found.push(Found { kind, first, second, range: range(start) });
        };
        let Some(Parts { long, korean, short }) = parts(inside) else { continue };
        let name = [long, korean, short].into_iter().flatten().find_map(|part| {
            if let Some(at) = abbreviated(&before.words, part) {
                return Some((at, part, PairKind::Abbreviation));
            }
            Some((translated(&before, part)?, part, PairKind::Translation))
        });
        let Some((at, part, kind)) = name else { continue };
        let (start, own) = (before.words[at].0, &left[before.words[at].0..]);
        let own_first = match kind {
            PairKind::Abbreviation => at + 1 == before.words.len() && is_abbreviation(own),
            PairKind::Translation => own.contains(is_hangul),
        };
        let (first, second) = if own_first { (own, part) } else { (part, own) };
        add(kind, start, first, second);
        // The parts say something of one another.
        let (Some(long), true) = (long, [long, korean, short].iter().flatten().count() > 1) else {
            continue;
        };
        if let Some(short) = short.filter(|short| stands_for(short, long)) {
            add(PairKind::Abbreviation, start, short, long);
        }
        if let Some(korean) = korean {
            add(PairKind::Translation, start, korean, long);
        }
    }
    found
}

/// What a bracket holds: `Virtual Private Cloud, VPC`.
struct Parts<'a> {
    long: Option<&'a str>,
    korean: Option<&'a str>,
    short: Option<&'a str>,
}

/// The names in a bracket, one of each kind; none if there are more, which are a list of examples.
fn parts(inside: &str) -> Option<Parts<'_>> {
    let mut parts = Parts { long: None, korean: None, short: None };
    for part in inside.split(',').map(str::trim) {
        let place = if is_abbreviation(part) {
            &mut parts.short
        } else if is_english(part) {
            &mut parts.long
        } else if is_korean(part) {
            &mut parts.korean
        } else {
            return None;
        };
        if place.replace(part).is_some() {
            return None;
        }
    }
    // `데이터베이스(MySQL, PostgreSQL)` are examples; `비관계형(Non-relational, NoSQL)` says it twice.
    let is_list =
        |(short, long): (&str, &str)| !inside.starts_with(long) && !stands_for(short, long);
    (!parts.short.zip(parts.long).is_some_and(is_list)).then_some(parts)
}

/// The words at the end of a text that could be one name: punctuation other than of names breaks it
/// off.
fn before<'a>(text: &'a str, borders: &[usize]) -> Before<'a> {
    let is_part = |c: char| c.is_alphanumeric() || " -&/+.'".contains(c);
    let odd = text.char_indices().rev().find(|(_, c)| !is_part(*c));
    let mut from = odd.map_or(0, |(at, c)| at + c.len_utf8());
    // A sentence ends with a full stop and a space; a name has none.
    from = text[from..].rfind(". ").map_or(from, |at| from + at + 2);
    let mut words = vec![];
    let mut at = from;
    for word in text[from..].split(' ') {
        if !word.is_empty() {
            words.push((at, word));
        }
        at += word.len() + 1;
    }
    // `고가용성(HA)과 내결함성(FT)`: the particle belongs to what stands before.
    let is_tail = |(at, word): &(usize, &str)| {
        *at == from && from > 0 && word.starts_with(is_hangul) && is_particle_tail(word)
    };
    if words.first().is_some_and(is_tail) {
        words.remove(0);
    }
    let place = |byte: usize| borders.partition_point(|at| *at < byte);
    let inner = &borders[place(from)..place(text.len())];
    let opens = inner.iter().rev().copied().find(|at| words.iter().any(|(from, _)| from == at));
    let start = opens.unwrap_or(from);
    Before {
        start: words.iter().position(|(at, _)| *at == start),
        is_marked: opens.is_some() && borders.binary_search(&text.len()).is_ok(),
        words,
    }
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
fn translated(before: &Before<'_>, inside: &str) -> Option<usize> {
    let (_, word) = before.words.last()?;
    // `탄력적 IP(Elastic IP)`: one word may be the same in both.
    let is_shared = before.words.len() > 1 && inside.split([' ', '-']).next_back() == Some(word);
    if (word.chars().all(is_korean_letter) || is_shared) && is_english(inside) {
        return korean_before(before, inside);
    }
    let words = || before.words.iter().flat_map(|(_, word)| word.split('-'));
    let is_known = |it: &str| it.contains(is_hangul) || words().any(|word| word == it);
    if is_latin_word(word) && is_korean(inside) && inside.split(' ').all(is_known) {
        return latin_before(&before.words, inside);
    }
    None
}

/// Where the Korean name begins that English in brackets says again.
fn korean_before(before: &Before<'_>, english: &str) -> Option<usize> {
    let words = &before.words;
    let last = words.len() - 1;
    // A word of one syllable that looks like a verb is a noun at the end: 사용자 풀.
    let is_noun = match role(words[last].1) {
        Role::Noun => true,
        Role::Modifier => words[last].1.chars().count() == 1,
        Role::Other => false,
    };
    if !is_noun {
        return None;
    }
    let short = is_abbreviation(english);
    let letters = english.chars().filter(|c| c.is_ascii_alphabetic()).count();
    let room = if short { letters } else { english.split([' ', '-']).count() };
    let most = if short { room } else { room + MORE_WORDS };
    let spelt = english.to_lowercase();
    let role_of = |word: &str| match word {
        // The name has a word of Latin letters or a number only if both sides have it.
        _ if !word.starts_with(is_hangul) => {
            let latin: String = word.chars().take_while(|c| !is_hangul(*c)).collect();
            let has = spelt.contains(&latin.to_lowercase());
            if has && latin.len() == word.len() {
                Role::Noun
            } else if has {
                role(word)
            } else {
                Role::Other
            }
        }
        _ if word.chars().all(is_korean_letter) => role(word),
        _ => Role::Other,
    };
    let content = english.split(' ').filter(|word| !is_small(word)).count();
    // A name with fewer syllables is half of one.
    let needed = |count: usize| match count {
        1 if short => letters,
        _ if short || count >= english.split(' ').count() => 2,
        1 => content + 1,
        _ => SYLLABLES * content,
    };
    // A name that the author marked has no sentence in it.
    let is_plain = |at: &usize| words[*at..].iter().all(|(_, word)| role_of(word) != Role::Other);
    let hangul = |at: usize| {
        let letters = words[at..].iter().flat_map(|(_, word)| word.chars());
        letters.filter(|c| is_hangul(*c)).count()
    };
    let is_marked_name = |at: &usize| {
        let count = words.len() - at;
        before.is_marked && is_plain(at) && count <= MAX_WORDS && hangul(*at) >= needed(count)
    };
    if let Some(at) = before.start.filter(is_marked_name) {
        return Some(at);
    }
    // A whole line may be one, if English has as many words.
    let is_whole = |at: &usize| {
        let foreign = |word: &str| {
            let latin: String = word.chars().take_while(|c| !is_hangul(*c)).collect();
            !spelt.contains(&latin.to_lowercase())
        };
        let name = &words[*at..];
        !short
            && hangul(*at) > 1
            && name.len() <= english.split(' ').count()
            && !name.iter().any(|(_, word)| foreign(word) || is_topic(word))
    };
    if let Some(at) = [Some(0), before.start].into_iter().flatten().find(is_whole) {
        return Some(at);
    }
    let mut first = last;
    while first > before.start.unwrap_or(0).min(last) {
        let count = last + 1 - first;
        match role_of(words[first - 1].1) {
            Role::Noun if count < most => {}
            Role::Modifier if count < room && !short => {}
            // The name goes on, but how far is not known.
            Role::Noun => return None,
            Role::Modifier | Role::Other => break,
        }
        first -= 1;
    }
    let count = last + 1 - first;
    // `취약한 버전의 소프트웨어(CVE)`: the letters are for the whole.
    let is_half = short && count == 1 && first > 0 && words[first - 1].1.ends_with('의');
    (!is_half && hangul(first) >= needed(count)).then_some(first)
}

/// Where the English name begins that Korean in brackets says again.
fn latin_before(words: &[(usize, &str)], korean: &str) -> Option<usize> {
    let last = words.len() - 1;
    let word = words[last].1;
    let syllables = korean.chars().filter(|c| is_hangul(*c)).count();
    let capital = |word: &str| word.starts_with(|c: char| c.is_ascii_uppercase());
    // `Recover from failure(고장 복구)`: a whole line, or as many words as in Korean, or nothing that one
    // could tell apart.
    if last > 0 && !capital(word) && is_latin_word(words[last - 1].1) {
        let run = words.iter().rposition(|(_, word)| !is_latin_word(word)).map_or(0, |at| at + 1);
        let is_line = words[run].0 == 0 && words.len() <= MAX_WORDS && capital(words[0].1);
        let is_equal = words.len() - run <= korean.split(' ').count();
        return (is_line || is_equal).then_some(run);
    }
    // `Single Source of Truth`: a small word belongs to it only between two others.
    let mut first = last;
    for at in (0..last).rev().take(MAX_WORDS).take_while(|at| is_latin_word(words[*at].1)) {
        match words[at].1 {
            word if capital(word) && capital(words[last].1) => first = at,
            word if is_small(word) => {}
            _ => break,
        }
    }
    // `SSD(범용)` says which one, not what the letters mean.
    let is_remark = first == last && is_abbreviation(word) && syllables < word.len();
    (!is_remark).then_some(first)
}

fn is_latin_word(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.len() > 1
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "-&/+".contains(c))
}

/// A letter of Hangul, or what joins them: `키-값`, `발행/구독`.
fn is_korean_letter(c: char) -> bool {
    is_hangul(c) || matches!(c, '-' | '/')
}

/// A word that says what the sentence is about: it is one, and no name.
fn is_topic(word: &str) -> bool {
    word.ends_with(['은', '는'])
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

/// A name in Korean: a few words that end like nouns. A word of it may be Latin: `NAT 게이트웨이`.
fn is_korean(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let is_name = |word: &&str| {
        is_latin_word(word)
            || !word.is_empty() && word.chars().all(is_hangul) && role(word) != Role::Other
    };
    (2..=15).contains(&text.chars().filter(|c| is_hangul(*c)).count())
        && words.len() <= 4
        && words.iter().all(is_name)
        && words.last().is_some_and(|word| role(word) == Role::Noun)
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

fn is_small(word: &str) -> bool {
    SMALL.contains(&word.to_ascii_lowercase().as_str())
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
        } else if !is_small(word) {
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
                pairs(text, &[]).iter().map(|it| format!("{}={}", it.first, it.second)).collect();
            assert_eq!(found.join("|"), expected, "{text}");
        }
        let marked = pairs("아주 큰 가상 머신(VM)", &[]);
        assert_eq!(marked[0].first, "가상 머신");
        let marked = pairs("아주 큰 가상 머신(VM)", &[18, 24]);
        assert_eq!(marked[0].first, "머신");
    }
}
