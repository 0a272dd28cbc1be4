//! What a Korean word does in its sentence, told by how it ends: a few closed lists of endings and of
//! the nouns that end alike. It is a guess, made for words that stand before or in brackets.

use super::is_syllable;

/// What a word does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It may be a part of a name: a noun, as far as its ending shows.
    Noun,
    /// It says something of the noun after it (강한, 새, 여섯): a part of a name or not.
    Modifier,
    /// It is a part of the sentence: it has a particle, is a verb or an adverb.
    Other,
}

/// Whole words that only belong to the sentence.
const SENTENCE: &str = "가장 더 덜 매우 아주 너무 또 또는 및 그리고 하지만 그래서 따라서 또한 즉 혹은 곧 자주 바로 다시 함께 모두 이미 \
    아직 다만 특히 결국 보통 주로 각각 서로 흔히 늘 항상 번 개 건 명 없이 같이 많이 달리 저마다 먼저 나중 완전히 정확히 거의 약 \
    하나 일부 전부 대부분 나머지 때 것 등 시 중 곳 쪽 뿐 안 못 잘 예 최근 당시 이후 지금 오늘";

/// Whole words that say something of the noun after them.
const MODIFIERS: &str = "새 헌 옛 내 그 이 저 각 온 모든 여러 다른 같은 첫 한 두 세 네 다섯 여섯 일곱 여덟 아홉 열 몇 자동 수동 고정 기본 실시간 직접 이전 다음 현재 기존 \
    높은 낮은 많은 적은 작은 좋은 깊은 얕은 넓은 좁은 짧은 굵은 밝은 붉은 검은 젊은 닫힌 열린 값싼 비싼 큰 긴 먼 찬";

/// Endings of words that say something of the next one, each with nouns that end alike.
const MODIFYING: &[(&str, &str)] = &[
    ("한", "권한 제한 기한 상한 하한 무한 유한 극한 국한 최소한 최대한"),
    ("할", "역할 분할 관할 권할"),
    ("된", ""),
    ("될", ""),
    ("든", ""),
    ("진", "사진 추진 증진 촉진 전진 직진 승진 엔진 매거진"),
    ("운", "다운 타운 라운 행운"),
    ("린", "스크린 그린 클린 슬린"),
    ("른", "어른"),
    ("쁜", ""),
];

/// Particles and endings after which a name begins, each with nouns that end alike, and whether the
/// syllable before it must have a final consonant or must have none.
const ENDINGS: &[(&str, Final, &str)] = &[
    ("은", Final::Some, ""),
    ("는", Final::Any, ""),
    ("을", Final::Some, "마을 가을 노을 고을"),
    ("를", Final::None, ""),
    ("이", Final::Some, "길이 높이 넓이 깊이 놀이 풀이 종이 먹이 벌이 어린이"),
    ("가", Final::None, "허가 추가 대가 휴가 고가 저가 유가 주가 부가 시가 요가"),
    (
        "의",
        Final::Any,
        "정의 회의 동의 주의 문의 합의 강의 논의 협의 편의 임의 유의 심의 결의 명의",
    ),
    ("에", Final::Any, ""),
    ("와", Final::None, "기와"),
    ("과", Final::Some, "결과 성과 통과 경과 학과 일과 인과"),
    (
        "로",
        Final::None,
        "경로 회로 도로 통로 선로 진로 항로 미로 수로 제로 매크로 마이크로 프로 솔로",
    ),
    ("으로", Final::Any, ""),
    ("에서", Final::Any, ""),
    ("만", Final::Any, "불만 비만 오만"),
    ("까지", Final::Any, ""),
    ("부터", Final::Any, ""),
    ("처럼", Final::Any, ""),
    ("보다", Final::Any, ""),
    ("마다", Final::Any, ""),
    ("대로", Final::Any, ""),
    ("이란", Final::Any, ""),
    ("란", Final::None, ""),
    ("이나", Final::Any, ""),
    ("이자", Final::Any, ""),
    ("라도", Final::Any, ""),
    ("던", Final::Any, ""),
    (
        "인",
        Final::Any,
        "디자인 라인 메인 체인 그인 와인 페인 코인 사인 요인 개인 타인 노인 확인 승인 할인 원인 법인 본인 공인 증인 주인 군인 봉인 유인 무인",
    ),
    ("다", Final::Any, "람다 바다 캐나다 소다 판다"),
    ("요", Final::Any, "수요 필요 중요 주요 개요 소요"),
    ("죠", Final::Any, ""),
    ("고", Final::Any, "경고 창고 광고 권고 재고 사고 참고 최고 신고 예고 로고 금고 공고 제고"),
    ("며", Final::Any, ""),
    ("면", Final::Any, "화면 측면 표면 정면 전면 평면 단면 국면 장면"),
    ("면서", Final::Any, ""),
    ("해서", Final::Any, ""),
    ("어서", Final::Any, ""),
    ("아서", Final::Any, ""),
    ("여서", Final::Any, ""),
    ("라서", Final::Any, ""),
    ("거나", Final::Any, ""),
    ("지만", Final::Any, ""),
    ("하지", Final::Any, ""),
    ("되지", Final::Any, ""),
    ("않지", Final::Any, ""),
    ("도록", Final::Any, ""),
    ("려고", Final::Any, ""),
    ("게", Final::Any, "무게 가게 휴게"),
    ("아", Final::Some, "발아"),
    ("어", Final::Some, "언어 용어 단어 방어 국어 영어 본어 색어 령어 약어 문어 상어 연어"),
    ("되어", Final::Any, ""),
    ("나누어", Final::Any, ""),
    ("추어", Final::Any, ""),
    ("하여", Final::Any, ""),
    ("통해", Final::Any, ""),
    ("위해", Final::Any, ""),
    ("대해", Final::Any, ""),
    ("의해", Final::Any, ""),
    ("인해", Final::Any, ""),
    ("따라", Final::Any, ""),
    ("없이", Final::Any, ""),
    ("함", Final::Any, "포함 결함 명함 보관함 사서함 우편함"),
    ("됨", Final::Any, ""),
    ("짐", Final::Any, ""),
    ("음", Final::Some, "정음 자음 모음 소음 녹음 다음 믿음 발음 화음 웃음 처음 마음"),
];

/// What the last syllable of a word must be for an ending to follow it.
#[derive(Clone, Copy, PartialEq)]
enum Final {
    Any,
    Some,
    None,
}

/// What a word of Hangul does in its sentence. A word that ends in other letters is a noun.
pub fn role(word: &str) -> Role {
    let is_one_of = |list: &str| list.split_whitespace().any(|it| it == word);
    if is_one_of(SENTENCE) {
        return Role::Other;
    }
    if is_one_of(MODIFIERS) {
        return Role::Modifier;
    }
    let is_noun = |nouns: &str| nouns.split_whitespace().any(|noun| word.ends_with(noun));
    let ends = |(ending, needs, nouns): &(&str, Final, &str)| {
        let rest = word.strip_suffix(ending);
        // Alone it follows a bracket or a name in other letters.
        let fits = |rest: &str| rest.chars().next_back().is_none_or(|it| fits(it, *needs, ending));
        rest.is_some_and(fits) && !is_noun(nouns)
    };
    if ENDINGS.iter().any(ends) {
        return Role::Other;
    }
    let modifies = |(ending, nouns): &(&str, &str)| word.ends_with(ending) && !is_noun(nouns);
    // A verb of one syllable before a noun (쓴, 둘) ends in ㄴ or ㄹ; so do few nouns.
    let mut syllables = word.chars();
    let only = syllables.next().filter(|it| is_syllable(*it) && syllables.next().is_none());
    let is_verb = only.is_some_and(|it| matches!(final_of(it), 4 | 8));
    if is_verb || MODIFYING.iter().any(modifies) { Role::Modifier } else { Role::Noun }
}

/// True if an ending may follow a syllable; 로 takes ㄹ for no final. How letters of other scripts are
/// spoken is not known here.
fn fits(last: char, needs: Final, ending: &str) -> bool {
    if !is_syllable(last) || needs == Final::Any {
        return true;
    }
    let last = final_of(last);
    (last == 0 || last == 8 && ending == "로") == (needs == Final::None)
}

/// The final consonant of a syllable as its number: 0 for none, 4 for ㄴ, 8 for ㄹ. There are 28 to each
/// initial and vowel (Unicode 3.12).
fn final_of(syllable: char) -> u32 {
    u32::from(syllable).saturating_sub(u32::from('가')) % 28
}
