//! What must hold for any input.
#![allow(
    clippy::disallowed_methods,
    missing_docs,
    reason = "the environment may ask for more cases"
)]

use gongbu::build::build;
use gongbu::note::{self, Dialect, Kind};
use gongbu::path::{OutPath, decode, encode, resolve, slug, url_part};
use gongbu::plan::Artifact;
use gongbu::snapshot::{Entry, Snapshot};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Pieces of Markdown that meet one another in odd ways.
const PIECES: &[&str] = &[
    "서버",
    "는 ",
    "S3",
    "에 ",
    "EC2",
    "**",
    "*",
    "~~",
    "~",
    "==",
    "`",
    "```\n",
    "(",
    ")",
    "[",
    "]",
    "](",
    "[[",
    "]]",
    "#",
    "## ",
    "### ",
    "\n",
    "\n\n",
    "- ",
    "1. ",
    "> ",
    "> [!NOTE] ",
    "|",
    "|-|\n",
    "[^1]",
    "[^1]: ",
    "<b>",
    "</b>",
    "<script>",
    "<div onclick=x>",
    "<a href=n1.md>",
    "<img src = \"x.png\">",
    "<a href='../1/n.md#s3'",
    "&amp;",
    "\\",
    "%%",
    "https://a.b/",
    "javascript:",
    "!",
    "\"",
    "'",
    "---\n",
    "+++\n",
    "title: x\n",
    "\u{1100}\u{1161}",
    "\r",
    "\r\n",
    "\0",
    "\u{202E}",
    "😊",
    "n.md",
    "![[n1]]",
    "![[n#S3]]",
    "![[n0#",
    "<!--",
    "-->",
    "<!-- nolink -->",
    "$x^2$",
    "\n: ",
    "가상 머신(Virtual Machine)",
    "VM(Virtual Machine)",
    "[n]: n.md\n",
    "[n]",
    "{#a .b}",
    "\t",
    "    ",
];

fn markdown() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..60).prop_map(|pieces| pieces.concat())
}

fn project(notes: &[String]) -> Snapshot {
    let mut snapshot = Snapshot::fixture("//- gongbu.toml\n[terms]\nheading_level = 3\n");
    for (at, text) in notes.iter().enumerate() {
        let path = format!("notes/{}/n{at}.md", at % 2);
        snapshot.files.insert(path.into(), Entry::Text(text.as_bytes().into()));
    }
    let names = "# N\n\n### EC2 (Elastic)\n\nx\n\n### S3\n\ny\n";
    snapshot.files.insert("notes/1/n.md".into(), Entry::Text(names.as_bytes().into()));
    snapshot
}

/// The same cases in every run, so that nobody is told of a fault that is not theirs. New ones:
/// `PROPTEST_RNG_SEED=7 PROPTEST_CASES=10000 cargo test --release --test properties`.
fn config(cases: u32) -> ProptestConfig {
    let asked = |name: &str| std::env::var(name).is_ok();
    let default = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    ProptestConfig {
        cases: if asked("PROPTEST_CASES") { default.cases } else { cases },
        rng_seed: if asked("PROPTEST_RNG_SEED") { default.rng_seed } else { RngSeed::Fixed(1) },
        ..default
    }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn names_stay_in_the_root(text in any::<String>()) {
        for name in [slug(&text), url_part(&text)] {
            prop_assert!(!name.contains(['\\', ':', '\0', '%', '?', '#']) && !name.starts_with('.'), "{name}");
            prop_assert!(!slug(&text).contains('/'));
        }
    }

    #[test]
    fn encoding_can_be_undone(text in any::<String>()) {
        let encoded = encode(&text);
        prop_assert!(encoded.is_ascii() && !encoded.contains(['"', '<', '>', ' ']));
        // Where a colon would make a scheme of the first folder, `./` stands before it.
        let guarded = encoded.strip_prefix("./").filter(|_| !text.starts_with("./"));
        prop_assert_eq!(decode(guarded.unwrap_or(&encoded)), text);
    }

    #[test]
    fn links_lead_to_their_target(from in "[a-c]{1,2}(/[a-c]{1,2}){0,3}", to in "[a-c]{1,2}(/[a-c가]{1,2}){0,3}") {
        let link = OutPath::from(from.as_str()).link_to(&to.as_str().into(), None);
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        prop_assert_eq!(resolve(folder, &decode(&link)), Some(to));
    }

    #[test]
    fn events_lie_in_the_source_and_nest(text in prop_oneof![markdown(), any::<String>()]) {
        let parsed = note::parse(&"notes/a.md".into(), &text.as_bytes().into(), Dialect::Notes);
        let note = &parsed.0;
        let source = note.source();
        let mut open = vec![];
        for event in &note.body.events {
            prop_assert!(source.get(event.span.range()).is_some(), "{event:?}");
            match event.kind {
                Kind::Open(tag) => open.push((tag, event.payload)),
                Kind::Close(tag) => prop_assert_eq!(open.pop(), Some((tag, event.payload))),
                _ => {}
            }
        }
        prop_assert!(open.is_empty());
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let bytes = gongbu::snapshot::Text::from(bytes);
        note::parse(&"notes/a.md".into(), &bytes, Dialect::Notes);
        gongbu::config::parse(&bytes);
    }
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn any_project_gives_whole_pages_and_the_same_bytes(notes in prop::collection::vec(markdown(), 1..5)) {
        let snapshot = project(&notes);
        let threads = |n: usize| rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
        let built = threads(1).install(|| build(&snapshot));
        // What was remembered must not be what makes them equal.
        comemo::evict(0);
        let again = threads(2).install(|| build(&snapshot));
        prop_assert!(built.plan == again.plan);
        prop_assert_eq!(&built.diags, &again.diags);
        for (page, file) in built.plan.files() {
            let Artifact::Bytes(bytes) = &file.artifact else { continue };
            if !page.as_str().ends_with(".html") {
                continue;
            }
            let html = String::from_utf8(bytes.unpack()).unwrap();
            prop_assert!(!html.contains('\0'));
            let mut ids: Vec<String> =
                attributes(&html).into_iter().filter(|(name, _)| name == "id").map(|it| it.1).collect();
            let count = ids.len();
            ids.sort();
            ids.dedup();
            prop_assert_eq!(ids.len(), count, "an id twice in {}", page);
            for (name, value) in attributes(&html) {
                prop_assert!(!name.starts_with("on") && name != "style", "{name} in {page}");
                if name == "href" || name == "src" {
                    check_link(&built.plan, page, &value)?;
                }
            }
        }
    }

    #[test]
    fn decomposed_text_links_like_composed(text in markdown()) {
        use unicode_normalization::UnicodeNormalization;
        let count = |text: String| {
            let built = build(&project(&[format!("# T\n\n{text}")]));
            built.site.notes.iter().map(|note| note.mentions.iter().filter(|it| it.link).count()).sum::<usize>()
        };
        prop_assert_eq!(count(text.nfc().collect()), count(text.nfd().collect()));
    }
}

/// Something that an author does between two builds.
#[derive(Debug, Clone)]
enum Edit {
    /// Writes this into a note, which may be new.
    Write(usize, String),
    Remove(usize),
    Rename(usize, usize),
    /// Registers services, or not.
    Registry(Option<&'static str>),
    Config(&'static str),
    Template(Option<&'static str>),
}

fn edit() -> impl Strategy<Value = Edit> {
    static REGISTRIES: &[Option<&str>] = &[
        None,
        Some("[s3]\nname = \"S3\"\naliases = [\"저장\"]\n"),
        Some(
            "[s3]\nname = \"S3\"\nfull = \"A\"\ncategory = \"B\"\nurl = \"https://c.d/\"\nsummary = \"E\"\n",
        ),
        Some(
            "[s3]\nname = \"S3\"\nfull = \"A\"\ncategory = \"F\"\nurl = \"https://g.h/\"\nsummary = \"I\"\n",
        ),
        Some(
            "[s3]\nname = \"S3\"\nfull = \"A\"\nstatus = { kind = \"retired\", since = \"2025\" }\n",
        ),
        Some("[ec2]\nname = \"EC2\"\nparent = \"s3\"\n[s3]\nname = \"Store\"\n"),
    ];
    static CONFIGS: &[&str] =
        &["", "title = \"T\"\n", "[terms]\nheading_level = 2\n", "[markdown]\nmath = true\n"];
    static TEMPLATES: &[Option<&str>] = &[
        None,
        Some("{% extends \"builtin/note.html\" %}{% block content %}{{ title }}{% endblock %}"),
    ];
    prop_oneof![
        6 => (0..6_usize, markdown()).prop_map(|(at, text)| Edit::Write(at, text)),
        1 => (0..6_usize).prop_map(Edit::Remove),
        1 => (0..6_usize, 0..6_usize).prop_map(|(from, to)| Edit::Rename(from, to)),
        1 => prop::sample::select(REGISTRIES).prop_map(Edit::Registry),
        1 => prop::sample::select(CONFIGS).prop_map(Edit::Config),
        1 => prop::sample::select(TEMPLATES).prop_map(Edit::Template),
    ]
}

impl Edit {
    fn make(self, snapshot: &mut Snapshot) {
        let note = |at: usize| format!("notes/{}/n{at}.md", at % 2).into();
        let text = |text: &str| Entry::Text(text.as_bytes().into());
        let files = &mut snapshot.files;
        let mut set = |path: &str, new: Option<&str>| match new {
            Some(new) => drop(files.insert(path.into(), text(new))),
            None => drop(files.remove(&path.into())),
        };
        match self {
            Self::Registry(new) => set("notes/services.toml", new),
            Self::Config(new) => set("gongbu.toml", Some(new)),
            Self::Template(new) => set("templates/note.html", new),
            Self::Write(at, new) => drop(files.insert(note(at), text(&new))),
            Self::Remove(at) => drop(files.remove(&note(at))),
            Self::Rename(from, to) => {
                if let Some(entry) = files.remove(&note(from)) {
                    files.insert(note(to), entry);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(config(1000))]

    /// What is remembered between builds is never seen in what they make.
    #[test]
    fn a_build_after_edits_is_that_of_a_clean_start(
        notes in prop::collection::vec(markdown(), 1..4),
        edits in prop::collection::vec(edit(), 1..4),
    ) {
        let mut snapshot = project(&notes);
        build(&snapshot);
        for edit in edits {
            edit.make(&mut snapshot);
            let after = build(&snapshot);
            comemo::evict(1);
            let clean = std::thread::scope(|scope| {
                // A clean start forgets everything; the edits that follow go on from what is left.
                scope.spawn(|| { comemo::evict(0); build(&snapshot) }).join().unwrap()
            });
            prop_assert!(after.plan == clean.plan);
            prop_assert_eq!(after.diags, clean.diags);
        }
    }
}

/// The attributes of all tags, as a browser reads them.
fn attributes(html: &str) -> Vec<(String, String)> {
    let mut found = vec![];
    for part in
        html.split('<').skip(1).filter(|part| part.starts_with(|c: char| c.is_ascii_alphabetic()))
    {
        let tag = &part[..part.find('>').unwrap_or(part.len())];
        let mut rest = tag.split_once(char::is_whitespace).map_or("", |(_, rest)| rest);
        while let Some(at) = rest.find('=') {
            let name = rest[..at].split_whitespace().last().unwrap_or_default().to_lowercase();
            let value = &rest[at + 1..];
            let (value, after) = match value.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => value.split_once(char::is_whitespace).unwrap_or((value, "")),
            };
            found.push((name, value.to_owned()));
            rest = after;
        }
    }
    found
}

fn check_link(plan: &gongbu::plan::Plan, page: &OutPath, link: &str) -> Result<(), TestCaseError> {
    let link = link.replace("&amp;", "&").replace("&#x27;", "'").replace("&#39;", "'");
    prop_assert!(!link.to_lowercase().starts_with("javascript:"), "{link} in {page}");
    if link.contains("://") || link.starts_with("mailto:") || link.starts_with("data:") {
        return Ok(());
    }
    let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
    let folder = page.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
    let target = if file.is_empty() {
        page.as_str().to_owned()
    } else {
        resolve(folder, &decode(file)).unwrap_or_default()
    };
    let found = plan.get(&target.as_str().into());
    prop_assert!(found.is_some(), "{page} links to {link}, which is not there");
    if let Some(Artifact::Bytes(bytes)) =
        found.map(|it| &it.artifact).filter(|_| !anchor.is_empty())
    {
        let id = format!("id=\"{}\"", decode(anchor));
        prop_assert!(
            String::from_utf8_lossy(&bytes.unpack()).contains(&id),
            "{page} links to {link}: no such id"
        );
    }
    Ok(())
}
