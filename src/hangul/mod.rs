//! Hangul arithmetic: what a name may be followed by in Korean, and how words begin, end and sound.

mod sound;
mod word;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

pub use sound::{key, push_key, sound};
pub use word::{Role, role};

/// The particles and copula endings that may follow a noun without a space: the table of the
/// cross-link rules (R5), and from 엔 on what else real notes write. Data: a longer one may begin
/// with a shorter one.
const PARTICLES: &str = "은 는 이 가 을 를 의 에 에서 에게 에게서 께 께서 한테 한테서 와 과 랑 이랑 하고 로 으로 로서 으로서 \
     로써 으로써 로부터 으로부터 까지 부터 만 도 뿐 마다 마저 조차 나 이나 란 이란 라는 이라는 라고 이라고 라도 이라도 든지 이든지 \
     처럼 같이 같은 보다 밖에 대로 만큼 커녕 다 이다 입니다 며 이며 고 이고 지만 이지만 라서 이라서 므로 이므로 라면 이라면 면 \
     예요 이에요 였 이었 인 인데 이라 요 엔 에선 론 으론 일 인지 이기 습니다 죠 네요 라며 이라며 라는데 이라는데 라든가 이라든가";

/// Words that may stand between a noun and its particles.
const NUMBERS: [&str; 4] = ["등", "들", "안", "내"];

/// True for a whole Hangul syllable, 가 to 힣.
pub fn is_syllable(c: char) -> bool {
    matches!(c, '가'..='힣')
}

/// True if UTF-8 begins with a whole Hangul syllable, all of which take three bytes: for whoever looks at
/// very much text and decodes no character of it.
pub fn begins_with_syllable(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0xEB | 0xEC, _, _, ..]
            | [0xEA, 0xB0..=0xBF, _, ..]
            | [0xED, ..0x9E, _, ..]
            | [0xED, 0x9E, ..=0xA3, ..]
    )
}

/// True for any Hangul letter: a syllable or a single jamo.
pub fn is_hangul(c: char) -> bool {
    is_syllable(c)
        || matches!(c, '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{A960}'..='\u{A97F}' | '\u{D7B0}'..='\u{D7FF}')
}

/// The syllable under which a Korean index lists a word by its first letter: 가 나 다 라 마 바 사 아
/// 자 차 카 타 파 하, doubled consonants with their single ones. None if it is no syllable.
pub fn index_syllable(c: char) -> Option<char> {
    // 588 syllables share an initial consonant: 21 vowels by 28 finals (Unicode 3.12).
    let initial = (u32::from(c).checked_sub(u32::from('가'))? / 588) as usize;
    "가가나다다라마바바사사아자자차카타파하".chars().nth(initial).filter(|_| is_syllable(c))
}

/// True if the Hangul that directly follows a noun is nothing but `(등|들|안|내)?` and up to three
/// particles, so that the noun ends where `tail` begins. `tail` is the text after the noun; only
/// its leading Hangul is looked at.
pub fn is_particle_tail(tail: &str) -> bool {
    let end = tail.find(|c| !is_hangul(c)).unwrap_or(tail.len());
    let tail = &tail[..end];
    let bare = NUMBERS.iter().find_map(|word| tail.strip_prefix(word));
    particles(tail, 3) || bare.is_some_and(|rest| particles(rest, 3))
}

fn particles(text: &str, most: usize) -> bool {
    // By their first syllables: it is asked at each ending of each word, and nearly always in vain.
    static BY_FIRST: LazyLock<FxHashMap<char, Vec<&str>>> = LazyLock::new(|| {
        let mut by_first = FxHashMap::<char, Vec<&str>>::default();
        for particle in PARTICLES.split_whitespace() {
            let first = particle.chars().next().unwrap_or_default();
            by_first.entry(first).or_default().push(particle);
        }
        by_first
    });
    let Some(first) = text.chars().next() else { return true };
    let mut rests = BY_FIRST.get(&first).into_iter().flatten();
    most > 0 && rests.any(|it| text.strip_prefix(it).is_some_and(|it| particles(it, most - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_the_index() {
        for (c, letter) in
            [('람', Some('라')), ('빨', Some('바')), ('힣', Some('하')), ('a', None), ('ㄱ', None)]
        {
            assert_eq!(index_syllable(c), letter);
        }
    }

    #[test]
    fn syllables_are_known_by_their_bytes() {
        for c in ['\0'..='\u{D7FF}', '\u{E000}'..=char::MAX].into_iter().flatten() {
            let bytes = c.encode_utf8(&mut [0; 4]).as_bytes().to_vec();
            assert_eq!(begins_with_syllable(&bytes), is_syllable(c), "{c:?}");
        }
        assert!(!begins_with_syllable(b""));
    }

    #[test]
    fn tails() {
        for (tail, expected) in [
            ("", true),
            (" 다음", true),
            ("는 서버리스", true),
            ("로부터는", true),
            ("지만", true),
            ("등에서", true),
            ("들을", true),
            ("식을", false),
            ("인스턴스", false),
            ("로부터는요만", false),
        ] {
            assert_eq!(is_particle_tail(tail), expected, "{tail}");
        }
    }
}
