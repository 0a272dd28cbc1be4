//! What can be wrong with the templates and words of a project, each told where it stands in the
//! project's own file, with what was probably meant.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use tera::ErrorKind;

use super::{STATIC, STRINGS};
use crate::diag::Diagnostic;
use crate::near::{nearest, slips};
use crate::path::SrcPath;
use crate::snapshot::Snapshot;
use crate::table::{self, Value};

/// More names than this help nobody.
const NAMES: usize = 40;

/// A template by its name; the built-in ones begin with `builtin/`.
pub(super) type Template<'a> = (String, Cow<'a, str>);

/// The file in which a template stands.
fn file(name: &str) -> SrcPath {
    match name.strip_prefix("builtin/") {
        Some(_) => SrcPath::from(name),
        None => SrcPath::from(format!("templates/{name}")),
    }
}

/// What the engine says, as a diagnostic about the template.
pub(super) fn diagnose(error: &tera::Error, template: &str, all: &[Template<'_>]) -> Diagnostic {
    let text = error.to_string();
    if let Some(diag) = reported(&text, all) {
        return diag;
    }
    let whole =
        |name: &str, message: String| Diagnostic::error("template", &file(name), 0..0, message);
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            let span = report.span().range.clone();
            let (message, help) = explained(report.message(), "", all);
            let diag = Diagnostic::error("template", &file(report.filename()), span, message);
            help.into_iter().fold(diag, Diagnostic::hint)
        }
        ErrorKind::CircularExtend { tpl, inheritance_chain } => {
            whole(tpl, format!("this template extends itself: {}", inheritance_chain.join(" → ")))
        }
        ErrorKind::CircularInclude { tpl, include_chain } => {
            whole(tpl, format!("this template includes itself: {}", include_chain.join(" → ")))
        }
        ErrorKind::MissingParent { current, parent } => {
            let own = all.iter().find(|(name, _)| name == current);
            let at = own.and_then(|(_, text)| text.find(parent.as_str()));
            let span = at.map_or(0..0, |at| at..at + parent.len());
            let message = format!("this template extends `{parent}`, which does not exist");
            let diag = Diagnostic::error("template", &file(current), span, message);
            nearest(parent, all.iter().map(|(name, _)| &**name))
                .into_iter()
                .fold(diag, |diag, near| diag.hint(format!("did you mean `{near}`?")))
        }
        _ => whole(template, text),
    }
}

/// A message of the engine in short, and what helps. `word` is what the message is about, where that
/// is known.
fn explained(message: &str, word: &str, all: &[Template<'_>]) -> (String, Option<String>) {
    let (short, names) = match message.split_once(". Available ") {
        Some((short, names)) => (short, names.split_once(": ").map(|(_, names)| names)),
        None => (message.trim_end_matches('.'), None),
    };
    let wrong = short.split('`').nth(1).unwrap_or_default();
    let meant = |names: &[&str]| match nearest(wrong, names.iter().copied()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if names.is_empty() || names.len() > NAMES => None,
        None => Some(format!("there are {}", names.join(", "))),
    };
    let help = if let Some(names) = names {
        meant(&names.split(", ").collect::<Vec<_>>())
    } else if short.starts_with("Block ") {
        let mut names: Vec<&str> = all.iter().flat_map(|(_, text)| blocks(text)).collect();
        names.sort_unstable();
        names.dedup();
        names.retain(|it| *it != wrong);
        meant(&names)
    } else if short.starts_with("Unknown template ") {
        let names: Vec<&str> =
            all.iter().map(|(name, _)| name.trim_start_matches("builtin/")).collect();
        meant(&names)
    } else if short.starts_with("Unknown function ") {
        Some("no template reads files, the network or the environment".to_owned())
    } else if ["Unknown filter ", "Unknown test "].iter().any(|it| short.starts_with(it)) {
        Some("the filters and tests are those of Tera 2, and no others".to_owned())
    } else if short == "Unknown tag" && word.starts_with("end") {
        Some("what was opened last is still open: end that first".to_owned())
    } else {
        None
    };
    (short.to_owned(), help)
}

/// What the engine only says in words: `error: MESSAGE`, then ` --> FILE:LINE:COLUMN`.
fn reported(said: &str, templates: &[Template<'_>]) -> Option<Diagnostic> {
    let (message, rest) = said.split_once("error: ")?.1.split_once('\n')?;
    let place = rest.split_once("--> ")?.1.lines().next()?;
    let mut parts = place.rsplitn(3, ':');
    let mut number = || parts.next()?.trim().parse::<usize>().ok()?.checked_sub(1);
    let (column, line) = (number()?, number()?);
    let name = parts.next()?;
    let (_, text) = templates.iter().find(|(it, _)| it == name)?;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let start: usize = lines.get(..line)?.iter().map(|line| line.len()).sum();
    let inside = lines.get(line)?.char_indices().nth(column).map_or(0, |(at, _)| at);
    let at = start + inside;
    let length = text[at..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(0).max(1);
    let end = (at + length).min(text.len());
    let (message, help) = explained(message.trim(), &text[at..end], templates);
    let diag = Diagnostic::error("template", &file(name), at..end, message);
    Some(help.into_iter().fold(diag, Diagnostic::hint))
}

/// The names of the blocks that a template has, in order.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    let tags = text.split("{%").skip(1).map(|tag| tag.trim_start_matches('-').trim_start());
    tags.filter_map(|tag| tag.strip_prefix("block ")?.split_whitespace().next())
}

/// The templates. An override that others extend gets the blocks that it has not, where no page shows
/// them: what the theme's templates say there is left out, and nothing is wrong with that. What is
/// told are blocks with a misspelt name, and pages without their text.
pub(super) fn with_all_blocks<'a>(
    templates: &[(String, &'a str)],
) -> (Vec<Template<'a>>, Vec<Diagnostic>) {
    let mut diags = vec![];
    let whole = |(name, text): &(String, &'a str)| {
        let builtin = format!("builtin/{name}");
        let ours = templates.iter().find(|(it, _)| *it == builtin);
        let extends = |text: &str| text.contains("{% extends") || text.contains("{%- extends");
        // Only what others extend has to have their blocks.
        let Some((_, ours)) = ours.filter(|(_, ours)| !extends(ours) && !extends(text)) else {
            return (name.clone(), Cow::Borrowed(*text));
        };
        let own: BTreeSet<&str> = blocks(text).collect();
        let mut left: Vec<&str> = blocks(ours).filter(|it| !own.contains(it)).collect();
        let file = file(name);
        for block in own.iter().filter(|it| !blocks(ours).any(|our| our == **it)) {
            let Some(near) = nearest(block, left.iter().copied()) else { continue };
            let at = text.find(&format!("block {block}")).map_or(0, |at| at + "block ".len());
            let message = format!("no template of the theme fills a block `{block}`");
            let diag = Diagnostic::warning("unknown-block", &file, at..at + block.len(), message);
            diags.push(diag.hint(format!("did you mean `{near}`?")));
        }
        if left.contains(&"content") {
            let message = "no page shows its text: this template has no block `content`";
            let diag = Diagnostic::warning("no-content", &file, 0..0, message);
            diags.push(diag.hint("write `{% block content %}{% endblock %}` where it belongs"));
        }
        left.sort_unstable();
        let left = left.iter().map(|it| format!("{{% block {it} %}}{{% endblock %}}"));
        let hidden = format!("{{% if false %}}{}{{% endif %}}", left.collect::<String>());
        (name.clone(), Cow::Owned(format!("{text}{hidden}")))
    };
    let whole: Vec<_> = templates.iter().map(whole).collect();
    (whole, diags)
}

/// What of the model is HTML; everything else is text of the author's.
const HTML: [&str; 6] = ["body", "menu", "mentions", "mentioned_in", "lines", "answers"];

/// `{{ title | safe }}` would let a title write tags.
pub(super) fn unsafe_filters(name: &str, text: &str) -> Vec<Diagnostic> {
    let path = file(name);
    let mut diags = vec![];
    for (open, _) in text.match_indices("{{") {
        let Some(length) = text[open..].find("}}") else { break };
        let inside = &text[open + 2..open + length];
        let mut filters = inside.split('|').map(str::trim);
        let value = filters.next().unwrap_or_default();
        let field = value.rsplit('.').next().unwrap_or_default();
        if HTML.contains(&field) || !filters.any(|filter| filter == "safe") {
            continue;
        }
        let message = format!("`{value}` is text, and `safe` lets it write tags into the page");
        let diag = Diagnostic::warning("unsafe-filter", &path, open..open + length + 2, message);
        diags.push(diag.hint(
            "leave `| safe` out; only `body`, `menu`, `mentions`, `mentioned_in`, `lines` and `answers` \
             are HTML",
        ));
    }
    diags
}

/// Templates of the project that are neither an override nor used by anything: most likely their name
/// is misspelt.
pub(super) fn unused_templates(
    snapshot: &Snapshot,
    templates: &[(String, &str)],
    layouts: &BTreeSet<&str>,
) -> Vec<Diagnostic> {
    let ours = templates.iter().filter_map(|(name, _)| name.strip_prefix("builtin/"));
    let ours: BTreeSet<&str> = ours.chain([STRINGS]).collect();
    let mut diags = vec![];
    for (name, _) in templates.iter().filter(|(name, _)| !name.starts_with("builtin/")) {
        let is_layout = name.strip_suffix(".html").is_some_and(|name| layouts.contains(name));
        let quoted = [format!("\"{name}\""), format!("'{name}'")];
        let is_named = || {
            let mut others = templates.iter().filter(|(other, _)| other != name);
            others.any(|(_, text)| quoted.iter().any(|quoted| text.contains(quoted.as_str())))
        };
        if ours.contains(name.as_str()) || is_layout || is_named() {
            continue;
        }
        let path = file(name);
        if snapshot.text(path.as_str()).is_none() {
            continue;
        }
        let message = "no page uses this template: it overrides none of the theme's";
        let diag = Diagnostic::warning("unused-template", &path, 0..0, message);
        diags.push(match nearest(name, ours.iter().copied()) {
            Some(near) => diag.hint(format!("did you mean `{near}`?")),
            None => diag.hint("`gongbu theme list` names those that there are"),
        });
    }
    diags
}

/// Words of the project's that are nearly one of ours (`known`): most likely the key is misspelt.
pub(super) fn unknown_words(
    path: &SrcPath,
    text: &str,
    known: &BTreeMap<String, String>,
) -> Vec<Diagnostic> {
    let told = |field: &table::Field, message: String| {
        Diagnostic::warning("unknown-word", path, field.key_span.clone(), message)
    };
    let mut diags = vec![];
    for language in table::from_toml(text, 0).0.0 {
        let message = format!("the theme has no language `{}`", language.key);
        if !matches!(language.key.as_str(), "ko" | "en") {
            diags.push(told(&language, message).hint("its languages are `[ko]` and `[en]`"));
            continue;
        }
        let Value::Table(table) = language.value else { continue };
        for field in table.0.iter().filter(|field| !known.contains_key(&field.key)) {
            // Other words may be for templates of the project's own.
            let Some(near) = nearest(&field.key, known.keys().map(String::as_str)) else {
                continue;
            };
            let diag = told(field, format!("the theme has no word `{}`", field.key));
            diags.push(diag.hint(format!("did you mean `{near}`?")));
        }
    }
    diags
}

/// Static files of the project that are called nearly as one of ours, and so replace nothing.
pub(super) fn near_overrides(snapshot: &Snapshot) -> Vec<Diagnostic> {
    let ours: Vec<String> =
        STATIC.files().map(|file| file.path().to_string_lossy().into_owned()).collect();
    let mut diags = vec![];
    for (path, _) in snapshot.under("static/") {
        let name = path.as_str().trim_start_matches("static/");
        if let Some(near) = ours.iter().find(|it| slips(it, name) == 1) {
            let message = format!("`{name}` replaces no file of the theme");
            let diag = Diagnostic::warning("near-override", path, 0..0, message);
            diags.push(diag.hint(format!("did you mean `{near}`?")));
        }
    }
    diags
}
