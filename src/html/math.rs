//! Formulas become MathML, which browsers show without a script: the only door to pulldown-latex.

use pulldown_latex::config::DisplayMode;
use pulldown_latex::event::{Content, Event};
use pulldown_latex::{Parser, RenderConfig, Storage, push_mathml};

use super::Writer;
use super::escape::escaped;
use crate::diag::Diagnostic;
use crate::note;

/// A longer formula is an accident, in bytes.
const MAX_LEN: usize = 10_000;
/// Braces may be nested this deep.
const MAX_DEPTH: usize = 100;
/// Commands that define others: a few of them would make a formula without end.
const DEFINING: [&str; 6] = ["\\def", "\\gdef", "\\edef", "\\xdef", "\\let", "\\newcommand"];

impl Writer<'_> {
    /// Writes a formula; one that cannot be read is told, and shown as it was written.
    pub(super) fn math(&mut self, event: &note::Event, display: bool) {
        let tex = self.note.text(self.source, event);
        let html = mathml(tex, display).unwrap_or_else(|why| {
            let message = format!("this formula cannot be read: {why}");
            let diag = Diagnostic::warning("math", &self.note.file, event.span, message);
            self.diags.push(diag.hint("it is shown as it was written; `\\$` is a plain dollar"));
            format!("<code class=\"math\">{}</code>", escaped(tex))
        });
        self.atom(&html);
    }
}

/// The MathML of a formula, or why there is none, in a few words.
fn mathml(tex: &str, display: bool) -> Result<String, String> {
    if tex.len() > MAX_LEN {
        return Err(format!("it is longer than {MAX_LEN} bytes"));
    }
    if let Some(command) = DEFINING.iter().find(|it| tex.contains(**it)) {
        return Err(format!("`{command}` is not known"));
    }
    let mut depth = 0_usize;
    for byte in tex.bytes() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(format!("its braces are nested more than {MAX_DEPTH} levels deep"));
        }
    }
    let storage = Storage::new();
    let events = Parser::new(tex, &storage).collect::<Result<Vec<_>, _>>().map_err(|error| {
        // The first line says what is wrong, the others show where.
        error.to_string().lines().next().unwrap_or_default().trim().to_owned()
    })?;
    // The names of functions are the one text that the renderer passes on as it is.
    let is_odd = |event: &Event<'_>| match event {
        Event::Content(Content::Function(name)) => name.contains(['<', '>', '&']),
        _ => false,
    };
    if events.iter().any(is_odd) {
        return Err("the name of a function is made of letters".into());
    }
    let display_mode = if display { DisplayMode::Block } else { DisplayMode::Inline };
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let mut html = String::with_capacity(tex.len() * 8);
    let events = events.into_iter().map(Ok::<_, std::convert::Infallible>);
    push_mathml(&mut html, events, config).map_err(|error| error.to_string())?;
    Ok(safe(&html))
}

/// The renderer writes `<`, `>` and `&` of a formula as they are, each alone in its element, and some
/// `style=`, which the policy of every page would block: what goes with that is colour and some space.
fn safe(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + 16);
    let mut rest = html;
    while let Some(at) = rest.find(['<', '>', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let is_tag = rest[1..].starts_with(|c: char| c == '/' || c.is_ascii_alphabetic());
        let is_entity = rest[1..].split_once(';').is_some_and(|(name, _)| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#')
        });
        let (length, written) = match rest.as_bytes()[0] {
            b'<' if is_tag => {
                let tag = &rest[..rest.find('>').map_or(rest.len(), |at| at + 1)];
                (tag.len(), without_style(tag))
            }
            b'&' if is_entity => (1, "&".to_owned()),
            _ => (1, escaped(&rest[..1])),
        };
        out.push_str(&written);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

fn without_style(tag: &str) -> String {
    let mut parts = tag.split(" style=\"");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once('"').map_or("", |(_, rest)| rest));
    }
    // One release left out a space between two attributes.
    out.replace("\"minsize", "\" minsize")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas() {
        let html = mathml(r"\frac{1}{n} < x \& y > z \ne w", false).unwrap();
        assert!(html.starts_with("<math") && html.contains("<mfrac>"), "{html}");
        assert!(html.contains("&lt;") && html.contains("&gt;") && html.contains("&amp;"), "{html}");
        assert!(mathml(r"E=mc^2", true).unwrap().contains("block"));
        for tex in [
            r"\frac{1}",
            r"\nosuch",
            "{",
            r"\operatorname{<script>}",
            r"\def\a{\a\a}\a",
            &"{".repeat(1000),
            &"x".repeat(20_000),
        ] {
            assert!(mathml(tex, false).is_err(), "{tex}");
        }
        let html = mathml(r"\color{red} x \! \text{</math><script>}", false).unwrap_or_default();
        assert!(!html.contains("style=") && !html.contains("<script"), "{html}");
    }

    proptest::proptest! {
        #[test]
        fn any_formula_is_told_or_shown(parts in proptest::collection::vec(0..PARTS.len(), 0..30)) {
            let tex: String = parts.iter().map(|at| PARTS[*at]).collect();
            if let Ok(html) = mathml(&tex, true) {
                assert!(!html.contains("<script") && !html.contains("style="), "{tex}: {html}");
                assert!(!html.contains("<<") && !html.contains(">>"), "{tex}: {html}");
            }
        }
    }

    const PARTS: [&str; 40] = [
        "{",
        "}",
        "^",
        "_",
        "&",
        "\\\\",
        "\\frac",
        "\\sqrt",
        "[",
        "]",
        "\\begin{matrix}",
        "\\end{matrix}",
        "\\left",
        "\\right",
        "(",
        ")",
        "\\text{",
        "가",
        "<script>",
        "x",
        "1.",
        "\\begin{array}{c|c}",
        "\\end{array}",
        "\\over",
        "\\color{red}",
        "\\operatorname{",
        "'",
        "%\n",
        "\\begin{align}",
        "\\end{align}",
        "\\limits",
        "\\sum",
        "\\not",
        "<",
        ">",
        "\\&",
        "$",
        "\\hspace{-1em}",
        "\\middle|",
        "~",
    ];
}
