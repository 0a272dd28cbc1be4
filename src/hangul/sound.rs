//! How words begin and how they sound, as a search orders them: by the initial consonants of Hangul
//! (람다 is ㄹㄷ) and by the consonants that one hears in a Latin word (lambda is LMT). Slips in
//! vowels change neither, so a word and its misspelling stand side by side.
//!
//! The same rules in JavaScript are in `static/search.js`; `tests/search/vectors.json` holds both to
//! one result.

use super::is_syllable;

/// The initial consonants in the order of Unicode, doubled ones with their single ones.
const INITIALS: [char; 19] = [
    'ㄱ', 'ㄱ', 'ㄴ', 'ㄷ', 'ㄷ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅂ', 'ㅅ', 'ㅅ', 'ㅇ', 'ㅈ', 'ㅈ', 'ㅊ', 'ㅋ',
    'ㅌ', 'ㅍ', 'ㅎ',
];
/// What is heard of each: K, N, T, L, M, P, S and H stand for all consonants; ㅇ is silent.
const HEARD_FIRST: &str = "KKNTTLMPPSS SSSKTPH";
/// What is heard of each final; a foreign word ends in ㅅ where it ends in T.
const HEARD_LAST: &str = " KKKNNNTLKMPLTPLMPPTTNTTKTPT";
/// The vowel ㅡ, which a foreign word has in Korean where it has none at home.
const EU: u32 = 18;

/// The key by which words are sorted: initial consonants for Hangul, sounds for Latin letters, digits
/// and all else as they are. Expects lower case in NFC.
pub fn key(word: &str) -> String {
    let mut key = String::with_capacity(word.len());
    push_key(word, usize::MAX, &mut key);
    key
}

/// Adds the key of a word to `key`, or as much of it as has so many bytes: for whoever asks for very many.
pub fn push_key(word: &str, bytes: usize, key: &mut String) {
    let mut rest = word;
    let end = key.len().saturating_add(bytes);
    while let Some(c) = rest.chars().next().filter(|_| key.len() < end) {
        let latin = rest.bytes().take_while(u8::is_ascii_lowercase).count();
        if latin > 0 {
            heard_latin(&rest.as_bytes()[..latin], key);
            rest = &rest[latin..];
            continue;
        }
        if !matches!(c, 'ㅏ'..='ㅣ') {
            key.push(initial(c));
        }
        rest = &rest[c.len_utf8()..];
    }
}

/// The initial consonant of a syllable, a doubled one as its single one; what is no syllable is its
/// own.
fn initial(c: char) -> char {
    match c {
        // 588 syllables share an initial consonant: 21 vowels by 28 finals (Unicode 3.12).
        '가'..='힣' => INITIALS[((u32::from(c) - u32::from('가')) / 588) as usize],
        'ㄲ' => 'ㄱ',
        'ㄸ' => 'ㄷ',
        'ㅃ' => 'ㅂ',
        'ㅆ' => 'ㅅ',
        'ㅉ' => 'ㅈ',
        c => c,
    }
}

/// What is heard of a word in Hangul, such as LMT of 람다: what a Latin word is sorted by, so that a
/// word is found by its spelling in the other script.
pub fn sound(word: &str) -> String {
    let mut heard = String::new();
    // The sound just before, if no vowel stands between.
    let mut last = ' ';
    let mut push = |sound: u8, last: &mut char| {
        let sound = char::from(sound);
        if sound != ' ' && sound != *last {
            heard.push(sound);
        }
        *last = if sound == ' ' { *last } else { sound };
    };
    for c in word.chars().filter(|c| is_syllable(*c)) {
        let at = u32::from(c) - u32::from('가');
        push(HEARD_FIRST.as_bytes()[(at / 588) as usize], &mut last);
        if at / 28 % 21 != EU {
            last = ' ';
        }
        push(HEARD_LAST.as_bytes()[(at % 28) as usize], &mut last);
    }
    heard
}

/// What is heard of lower-case Latin letters.
fn heard_latin(word: &[u8], heard: &mut String) {
    let is_vowel = |c: u8| matches!(c, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let mut last = ' ';
    let mut at = 0;
    while at < word.len() {
        let c = word[at];
        let next = word.get(at + 1).copied().unwrap_or(b' ');
        let (after, is_soft) = (next, matches!(next, b'e' | b'i' | b'y'));
        let (sounds, length) = match (c, after) {
            (b'c' | b's', b'h') => ("S", 2),
            (b't', b'c') if word.get(at + 2) == Some(&b'h') => ("S", 3),
            (b'p', b'h') => ("P", 2),
            (b't', b'h') => ("T", 2),
            (b'g', b'h') => (" ", 2),
            (b'm', b'b') if !word.get(at + 2).copied().is_some_and(is_vowel) => ("M", 2),
            (b'l', b'k') => ("K", 2),
            (b't', b'i') if matches!(word.get(at + 2), Some(b'o' | b'a')) => ("S", 1),
            (b'c' | b'g', _) if is_soft => ("S", 1),
            (b'c' | b'g' | b'k' | b'q', _) => ("K", 1),
            (b'd' | b't', _) => ("T", 1),
            // Between a vowel and a consonant, or at the end, it is not heard.
            (b'r', next) if !is_vowel(next) => (" ", 1),
            (b'l' | b'r', _) => ("L", 1),
            (b'm', _) => ("M", 1),
            (b'n', _) => ("N", 1),
            (b'b' | b'f' | b'p' | b'v', _) => ("P", 1),
            (b'j' | b's' | b'z', _) => ("S", 1),
            (b'x', _) => ("KS", 1),
            (b'h', _) => ("H", 1),
            _ => {
                last = ' ';
                ("", 1)
            }
        };
        for sound in sounds.chars().filter(|c| *c != ' ') {
            if sound != last {
                heard.push(sound);
            }
            last = sound;
        }
        at += length;
    }
}
