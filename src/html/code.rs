//! Blocks of code, with the name of their language.

use super::escape::{self, escaped};
use super::{Writer, highlight};
use crate::diag::Diagnostic;
use crate::note::NONE;

impl Writer<'_> {
    pub(super) fn code_block(&mut self, at: usize, end: usize) {
        let note = self.note;
        let info = match note.body.events[at].payload {
            NONE => "",
            _ => note.text(self.source, &note.body.events[at]),
        };
        let language = info.split([' ', ',', '{', '\t']).next().unwrap_or_default();
        let inside = &note.body.events[at + 1..end.max(at + 2) - 1];
        let code: String = inside.iter().map(|event| note.text(self.source, event)).collect();
        let code = code.replace("\r\n", "\n").replace('\r', "\n");
        let mut html = String::with_capacity(code.len() * 2);
        let class = escaped(language);
        if self.style.plain {
            let class =
                if class.is_empty() { class } else { format!(" class=\"language-{class}\"") };
            html.push_str(&format!("<pre><code{class}>"));
            escape::code(&mut html, &code);
            html.push_str("</code></pre>\n");
        } else {
            let (tag, class) = match class.as_str() {
                "" => (String::new(), String::new()),
                name => (format!(" data-lang=\"{name}\""), format!(" class=\"language-{name}\"")),
            };
            let id = self.id(at);
            html.push_str(&format!(
                "<div class=\"code\"{tag}{id}><pre tabindex=\"0\"><code{class}>"
            ));
            self.warn_of_large_code(at, &code);
            let coloured = self.style.colours && !language.is_empty();
            match coloured.then(|| highlight::highlight(language, &code)).flatten() {
                Some(coloured) => html.push_str(&coloured),
                None => escape::code(&mut html, &code),
            }
            html.push_str("</code></pre></div>\n");
        }
        self.atom(&html);
    }

    fn warn_of_large_code(&mut self, at: usize, code: &str) {
        let long = code.lines().any(|line| line.len() > highlight::MAX_LINE);
        if long || code.len() > highlight::MAX_CODE {
            let start = self.note.body.events[at].span.range().start;
            let message = "this code is too large to be coloured, so it is shown plain";
            let diag =
                Diagnostic::warning("large-code", &self.note.file, start..start + 3, message);
            self.diags
                .push(diag.hint("break long lines, or put the code into a file and link to it"));
        }
    }
}
