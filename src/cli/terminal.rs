//! Text for the terminal: as wide as it is, where Hangul counts two. The only door to console and
//! unicode-width.

use std::io::IsTerminal;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Lines are wrapped at this many columns at most.
const WIDTH: usize = 100;

/// As wide as the terminal is; a pipe has no width.
pub(super) fn width() -> usize {
    let named = std::env::var_os("COLUMNS").and_then(|it| it.to_str()?.parse::<usize>().ok());
    let asked = || {
        let terminal = std::io::stdout().is_terminal();
        terminal.then(|| usize::from(console::Term::stdout().size().1))
    };
    named.or_else(asked).unwrap_or(WIDTH).clamp(20, WIDTH)
}

/// How many columns a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// Text with spaces after it, up to this many columns.
pub(super) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// Adds text wrapped by the width it has on the screen, where Hangul counts two; what follows the
/// first line is indented as far as `first` is wide. A word that is wider than a line is broken.
pub(super) fn wrap(out: &mut String, first: &str, text: &str, width: usize) {
    let indent = " ".repeat(first.width());
    out.push_str(first);
    let mut column = first.width();
    let mut begun = false;
    for word in text.split_whitespace() {
        let gap = usize::from(begun);
        if begun && column + gap + word.width() > width {
            out.push_str(&format!("\n{indent}"));
            column = indent.len();
        } else if begun {
            out.push(' ');
            column += 1;
        }
        for c in word.chars() {
            let wide = c.width().unwrap_or(0);
            if column + wide > width && column > indent.len() {
                out.push_str(&format!("\n{indent}"));
                column = indent.len();
            }
            out.push(c);
            column += wide;
        }
        begun = true;
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hangul_counts_two() {
        let mut out = String::new();
        wrap(&mut out, "• ", "가나다 라마바 abc 사아자차카타파하가나다라마", 12);
        assert_eq!(out, "• 가나다\n  라마바 abc\n  사아자차카\n  타파하가나\n  다라마\n");
        assert!(out.lines().all(|line| line.width() <= 12));
    }
}
