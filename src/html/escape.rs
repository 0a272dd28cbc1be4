//! Text made safe to stand in HTML.

use std::io::{self, Write};

use crate::path::is_bidi_control;

/// Text between tags or in a quoted attribute.
pub fn text(out: &mut String, text: &str) {
    let mut done = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            0 => "\u{FFFD}",
            _ => continue,
        };
        out.push_str(&text[done..at]);
        out.push_str(entity);
        done = at + 1;
    }
    out.push_str(&text[done..]);
}

/// Text of a template's, where it may also stand between single quotes: in runs, because the
/// engine's own way writes byte by byte.
///
/// # Errors
/// If `out` takes no more.
pub fn write(raw: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut done = 0;
    for (at, byte) in raw.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => continue,
        };
        out.write_all(&raw.as_bytes()[done..at])?;
        out.write_all(entity.as_bytes())?;
        done = at + 1;
    }
    out.write_all(&raw.as_bytes()[done..])
}

/// Code: as text, and characters that would turn its direction are shown as what they are.
pub(super) fn code(out: &mut String, code: &str) {
    if !code.contains(is_bidi_control) {
        text(out, code);
        return;
    }
    for c in code.chars() {
        if is_bidi_control(c) {
            out.push_str(&format!("\\u{{{:04X}}}", c as u32));
        } else {
            text(out, c.encode_utf8(&mut [0; 4]));
        }
    }
}

/// Text between tags or in a quoted attribute, as a new string.
pub fn escaped(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    text(&mut out, raw);
    out
}

/// The address in an `href` or `src`: what a URL may not hold is percent-encoded, what is already
/// encoded stays.
pub(super) fn url(out: &mut String, url: &str) {
    for c in url.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '\'' => out.push_str("&#x27;"),
            _ if c.is_ascii_alphanumeric() || "-_.+!*(),%#@?=;:/,$~".contains(c) => out.push(c),
            _ => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    out.push_str(&format!("%{byte:02X}"));
                }
            }
        }
    }
}
