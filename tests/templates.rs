//! What an author of templates is told of mistakes: where in the own file, what, and what helps.
#![allow(clippy::disallowed_methods, missing_docs, reason = "a test may fail")]

use gongbu::build::build;
use gongbu::diag::position;
use gongbu::snapshot::Snapshot;

const NOTE: &str = "{% extends \"builtin/note.html\" %}\n{% block content %}";

/// The text of a template with `NOTE` before it and the end of the block after it.
fn in_note(text: &str) -> String {
    format!("{NOTE}{text}{{% endblock %}}")
}

/// All that is told of a project with one note and one template: `LINE:COLUMN message; help`.
fn told(name: &str, text: &str) -> Vec<String> {
    let snapshot = Snapshot::fixture(&format!(
        "//- gongbu.toml\ntitle = \"T\"\n//- notes/s/n.md\n# N\n\n가상화(Virtualization)\n//- templates/{name}\n{text}\n"
    ));
    let tell = |diag: &gongbu::diag::Diagnostic| {
        assert_eq!(diag.file.as_str(), format!("templates/{name}"), "{}", diag.message);
        let at = position(text.as_bytes(), diag.span.start as usize);
        let help: Vec<String> = diag.hints.iter().map(ToString::to_string).collect();
        let help = if help.is_empty() { String::new() } else { format!("; {}", help.join(" ")) };
        format!("{}:{} {}{help}", at.line, at.column, diag.message)
    };
    build(&snapshot).diags.iter().map(tell).collect()
}

#[test]
fn mistakes_are_told_where_they_are() {
    for (name, text, expected) in [
        (
            "note.html",
            in_note("{{ summarry }}"),
            "2:23 Variable `summarry` is not defined; did you mean `summary`?",
        ),
        (
            "note.html",
            in_note("{{ section.titel }}"),
            "2:31 Field `titel` is not defined; did you mean `title`?",
        ),
        (
            "note.html",
            in_note("{{ section.x }}"),
            "2:31 Field `x` is not defined; there are href, title",
        ),
        ("note.html", in_note("{{ t.hom }}"), "2:25 Field `hom` is not defined"),
        (
            "note.html",
            in_note("{{ title | uppercase }}"),
            "2:31 Unknown filter `uppercase`; the filters and tests are those of Tera 2, and no others",
        ),
        (
            "note.html",
            in_note("{{ now() }}"),
            "2:23 Unknown function `now`; no template reads files, the network or the environment",
        ),
        (
            "note.html",
            in_note("{% include \"pagr.html\" %}"),
            "2:31 Unknown template `pagr.html`; did you mean `pager.html`?",
        ),
        (
            "note.html",
            in_note("{% for s in services %}"),
            "2:46 Unknown tag; what was opened last is still open: end that first",
        ),
        (
            "note.html",
            "{% extends \"builtin/note.html\" %}\n{% block contnet %}{% endblock %}".to_owned(),
            "2:10 Block `contnet` is not defined in any parent template; did you mean `content`?",
        ),
        (
            "note.html",
            "{% extends \"builtin/nte.html\" %}".to_owned(),
            "1:13 this template extends `builtin/nte.html`, which does not exist; did you mean `builtin/note.html`?",
        ),
        (
            "note.html",
            "{% extends \"note.html\" %}".to_owned(),
            "1:1 this template extends itself: note.html",
        ),
        // A part that pages include.
        (
            "pager.html",
            "{{ pager.cuont }}".to_owned(),
            "1:10 Field `cuont` is not defined; did you mean `count`?",
        ),
        // What the theme has and the template has not is left out, unless it looks like a slip.
        (
            "base.html",
            "{% block main %}{% block content %}{% endblock %}{% endblock %}".to_owned(),
            "",
        ),
        (
            "base.html",
            "{% block content %}{% endblock %}{% block heding %}{% endblock %}".to_owned(),
            "1:43 no template of the theme fills a block `heding`; did you mean `heading`?",
        ),
        ("note.html", "{{ body | safe }}".to_owned(), ""),
        (
            "base.html",
            "<main></main>".to_owned(),
            "1:1 no page shows its text: this template has no block `content`; write `{% block content %}{% endblock %}` where it belongs",
        ),
    ] {
        let mut told = told(name, &text);
        told.dedup();
        assert_eq!(told.join(" | "), expected, "{name}: {text}");
    }
}
