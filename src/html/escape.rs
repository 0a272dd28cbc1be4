//! Text made safe to stand in HTML.

use std::convert::Infallible;
use std::io::{self, Write};

use crate::path::is_bidi_control;

/// Text between tags or in a quoted attribute.
pub fn text(out: &mut String, text: &str) {
    let nul = |byte| (byte == 0).then_some("\u{FFFD}");
    let Ok(()) = in_runs(text, nul, |part| {
        out.push_str(part);
        Ok::<_, Infallible>(())
    });
}

/// Text of a template's, where it may also stand between single quotes. The engine's own way writes
/// byte by byte.
///
/// # Errors
/// If `out` takes no more.
pub fn write(raw: &str, out: &mut dyn Write) -> io::Result<()> {
    let quote = |byte| (byte == b'\'').then_some("&#39;");
    in_runs(raw, quote, |part| out.write_all(part.as_bytes()))
}

/// Hands on what may stand as it is, in runs, and between them what stands for a byte that may not;
/// `also` tells of more such bytes.
fn in_runs<E>(
    raw: &str,
    also: impl Fn(u8) -> Option<&'static str>,
    mut put: impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    let mut done = 0;
    let mut next = 0;
    while let Some(at) = odd(raw.as_bytes(), next) {
        next = at + 1;
        let byte = raw.as_bytes()[at];
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => match also(byte) {
                Some(entity) => entity,
                None => continue,
            },
        };
        put(&raw[done..at])?;
        put(entity)?;
        done = at + 1;
    }
    put(&raw[done..])
}

/// The next byte from `at` on that may have to be escaped. Text has few of them: whole blocks are looked
/// at together, which processors do in a few steps.
fn odd(bytes: &[u8], at: usize) -> Option<usize> {
    let is_odd = |byte: u8| matches!(byte, 0 | b'&' | b'<' | b'>' | b'"' | b'\'');
    let mut from = at;
    for block in bytes[at..].chunks(BLOCK) {
        if block.iter().fold(false, |any, byte| any | is_odd(*byte)) {
            let found = block.iter().position(|byte| is_odd(*byte));
            return found.map(|found| from + found);
        }
        from += block.len();
    }
    None
}

/// How many bytes are looked at together.
const BLOCK: usize = 32;

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
