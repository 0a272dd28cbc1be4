//! Code in colour: the only door to syntect. Its scopes are mapped to a dozen classes, because one
//! span for each scope makes a page several times as large and looks the same.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use super::escape;

/// Above this many bytes code is shown plain.
pub(super) const MAX_CODE: usize = 512 * 1024;
/// Code with a line of more bytes than this is shown plain.
pub(super) const MAX_LINE: usize = 20_000;

/// Each beginning of a scope with its class, the more special ones first. A class of no letters
/// means: shown as the text around it.
const CLASSES: &[(&str, &str)] = &[
    ("comment", "c"),
    ("punctuation.definition.comment", "c"),
    ("string", "s"),
    ("punctuation.definition.string", "s"),
    ("constant", "n"),
    ("keyword.operator", "o"),
    ("keyword", "k"),
    ("storage", "k"),
    ("entity.name.function", "f"),
    ("support.function", "f"),
    ("variable.function", "f"),
    ("entity.name.tag", "g"),
    ("entity.other.attribute-name", "a"),
    ("entity.name", "t"),
    ("support.type", "t"),
    ("support.class", "t"),
    ("variable.parameter", "v"),
    ("variable.language", "v"),
    ("variable.other.readwrite.shell", "v"),
    ("markup.inserted", "i"),
    ("markup.deleted", "d"),
    ("markup.heading", "k"),
    ("meta.diff", "c"),
    ("invalid", "e"),
];

/// The HTML of code in a language; none if the language is unknown or the code too large.
#[comemo::memoize]
pub(super) fn highlight(language: &str, code: &str) -> Option<Arc<str>> {
    if code.len() > MAX_CODE || code.lines().any(|line| line.len() > MAX_LINE) {
        return None;
    }
    let syntaxes = syntaxes();
    let syntax = syntaxes.find_syntax_by_token(language)?;
    let mut state = ParseState::new(syntax);
    let mut stack = ScopeStack::new();
    let mut html = String::with_capacity(code.len() * 2);
    let mut open = "";
    for line in lines(code) {
        let Ok(steps) = state.parse_line(line, syntaxes) else { return None };
        let mut at = 0;
        for (next, step) in steps {
            push(&mut html, &mut open, class(&stack), &line[at..next]);
            at = next;
            stack.apply(&step).ok()?;
        }
        push(&mut html, &mut open, class(&stack), &line[at..]);
    }
    if !open.is_empty() {
        html.push_str("</span>");
    }
    Some(html.into())
}

/// Adds text in a class; white space takes the class of what is before it, and equal neighbours
/// share one span.
fn push(html: &mut String, open: &mut &'static str, class: &'static str, text: &str) {
    if text.is_empty() {
        return;
    }
    if class != *open && !text.trim().is_empty() {
        if !open.is_empty() {
            html.push_str("</span>");
        }
        if !class.is_empty() {
            html.push_str(&format!("<span class={class}>"));
        }
        *open = class;
    }
    escape::code(html, text);
}

fn lines(code: &str) -> impl Iterator<Item = &str> {
    code.split_inclusive('\n')
}

fn class(stack: &ScopeStack) -> &'static str {
    thread_local! {
        // Only looked up, never walked: its order does not matter.
        static KNOWN: RefCell<HashMap<Scope, Option<&'static str>>> = RefCell::default();
    }
    let of = |scope: &Scope| {
        KNOWN.with_borrow_mut(|known| *known.entry(*scope).or_insert_with(|| find_class(*scope)))
    };
    stack.as_slice().iter().rev().find_map(of).unwrap_or_default()
}

fn find_class(scope: Scope) -> Option<&'static str> {
    let name = scope.build_string();
    let fits = |prefix: &str| {
        name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    CLASSES.iter().find(|(prefix, _)| fits(prefix)).map(|(_, class)| *class)
}

/// Unpacking takes some milliseconds, and many sites have no code.
fn syntaxes() -> &'static SyntaxSet {
    static SET: OnceLock<SyntaxSet> = OnceLock::new();
    SET.get_or_init(two_face::syntax::extra_newlines)
}
