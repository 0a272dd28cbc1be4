//! Deterministic notes of about 4 KB in Korean and English: 200 services with particles, a long
//! tail of words, a table, and a block of code in one note of three.

use std::fs;
use std::io;
use std::path::Path;

const PARTICLES: [&str; 12] =
    ["는", "은", "에", "에서", "를", "로", "와", "의", "도", "만", "까지", "으로"];
const WORDS: [&str; 24] = [
    "데이터",
    "서버",
    "저장",
    "요청",
    "처리",
    "사용자",
    "리전",
    "네트워크",
    "보안",
    "비용",
    "확장",
    "배포",
    "latency",
    "throughput",
    "cluster",
    "replica",
    "queue",
    "인스턴스",
    "백업",
    "복구",
    "모니터링",
    "정책",
    "암호화",
    "로그",
];
const STEMS: [&str; 20] = [
    "Alpha", "Bravo", "Cedar", "Delta", "Ember", "Fjord", "Grove", "Harbor", "Iris", "Jade",
    "Kite", "Lumen", "Maple", "Nova", "Onyx", "Pearl", "Quartz", "River", "Stone", "Tide",
];

/// Writes a project of `count` notes, fifty to a section, into an empty folder.
pub(super) fn write(count: usize, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("gongbu.toml"), "title = \"Corpus\"\n[terms]\nheading_level = 3\n")?;
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).unwrap_or(0)
    };
    for at in 0..count {
        let section = folder.join(format!("notes/{:03}-part", at / 50));
        fs::create_dir_all(&section)?;
        let mut text = format!(
            "+++\ntitle = \"{at:05} 노트\"\nsummary = \"{}에 대하여\"\n+++\n\n",
            WORDS[at % 24]
        );
        // The services are defined all over the notes.
        let every = (count / 200).max(1);
        if at % every == 0 && at / every < 200 {
            text.push_str(&format!("### {} (Service Number {})\n\n", name(at / every), at / every));
        }
        for part in 0..4 {
            text.push_str(&format!("## 부분 {part} {}\n\n", WORDS[next(24)]));
            for _ in 0..5 {
                text.push_str("- ");
                for word in 0..14 {
                    match next(9) {
                        0 => text.push_str(&format!("{}{} ", name(next(200)), PARTICLES[next(12)])),
                        1 => text.push_str(&format!("**{}** ", WORDS[next(24)])),
                        2 => {
                            text.push_str(&format!("낱말{}{} ", next(50_000), PARTICLES[next(12)]))
                        }
                        _ => text.push_str(&format!(
                            "{}{} ",
                            WORDS[next(24)],
                            if word % 3 == 0 { "를" } else { "" }
                        )),
                    }
                }
                text.push('\n');
            }
            text.push('\n');
        }
        text.push_str("| 이름 | 값 |\n|---|---:|\n");
        for row in 0..4 {
            text.push_str(&format!("| {} | {} |\n", name(next(200)), row * 10));
        }
        if at % 3 == 0 {
            text.push_str("\n```python\nimport os\n\ndef main(path: str) -> int:\n    # 주석\n    return len(os.listdir(path))\n```\n");
        }
        fs::write(section.join(format!("{at:05}-note.md")), text)?;
    }
    Ok(())
}

fn name(number: usize) -> String {
    format!("{}{}", STEMS[number % 20], number / 20)
}
