//! The same notes for other generators, with what a study site needs of each: pages with their
//! section's navigation, highlighted code, and an index to search in.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

/// A program that may be on the machine.
pub(super) struct Other {
    /// Its name, and that of its command.
    pub(super) name: &'static str,
    /// More notes than this it does not finish in a reasonable time.
    pub(super) most: usize,
    /// Writes its project from that of the corpus.
    pub(super) prepare: fn(corpus: &Path, folder: &Path) -> io::Result<()>,
    /// The command that builds the project into a folder.
    pub(super) build: fn(folder: &Path, out: &Path) -> Command,
}

/// What is compared. mdBook is quadratic: 10,000 notes took 339 s.
pub(super) const OTHERS: [Other; 2] = [
    Other { name: "hugo", most: usize::MAX, prepare: hugo, build: hugo_build },
    Other { name: "mdbook", most: 2_000, prepare: mdbook, build: mdbook_build },
];

impl Other {
    /// Whether its command can be started.
    pub(super) fn is_there(&self) -> bool {
        let version = if self.name == "hugo" { "version" } else { "--version" };
        Command::new(self.name).arg(version).output().is_ok_and(|it| it.status.success())
    }
}

fn hugo(corpus: &Path, folder: &Path) -> io::Result<()> {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, text)
    };
    write(
        "hugo.toml",
        "title = \"Corpus\"\nbaseURL = \"https://example.org/\"\nuglyURLs = true\nhasCJKLanguage = true\n[markup.highlight]\nnoClasses = false\n[outputs]\nhome = [\"html\", \"json\"]\n",
    )?;
    write(
        "layouts/_default/baseof.html",
        "<!doctype html><html lang=ko><head><meta charset=utf-8><title>{{ .Title }}</title></head><body><nav>{{ with .CurrentSection }}{{ range .RegularPages }}<a href=\"{{ .RelPermalink }}\">{{ .Title }}</a>{{ end }}{{ end }}</nav><main><h1>{{ .Title }}</h1>{{ block \"main\" . }}{{ end }}</main></body></html>\n",
    )?;
    write(
        "layouts/_default/single.html",
        "{{ define \"main\" }}{{ .TableOfContents }}{{ .Content }}{{ with .PrevInSection }}<a href=\"{{ .RelPermalink }}\">{{ .Title }}</a>{{ end }}{{ with .NextInSection }}<a href=\"{{ .RelPermalink }}\">{{ .Title }}</a>{{ end }}{{ end }}\n",
    )?;
    write(
        "layouts/_default/list.html",
        "{{ define \"main\" }}{{ range .Pages }}<a href=\"{{ .RelPermalink }}\">{{ .Title }}</a>{{ end }}{{ end }}\n",
    )?;
    write(
        "layouts/index.json",
        "[{{ range $at, $page := .Site.RegularPages }}{{ if $at }},{{ end }}{{ dict \"title\" .Title \"href\" .RelPermalink \"text\" .Plain | jsonify }}{{ end }}]\n",
    )?;
    notes(corpus, |path, text, _| write(&format!("content/{path}"), text))
}

fn hugo_build(folder: &Path, out: &Path) -> Command {
    let mut command = Command::new("hugo");
    command.arg("--quiet").arg("--source").arg(folder).arg("--destination").arg(out);
    command.env("GOMAXPROCS", "2").env("HUGO_CACHEDIR", folder.join("cache"));
    command
}

fn mdbook(corpus: &Path, folder: &Path) -> io::Result<()> {
    let mut summary = String::from("# Summary\n\n");
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("book.toml"), "[book]\ntitle = \"Corpus\"\nlanguage = \"ko\"\n")?;
    notes(corpus, |path, text, title| {
        let file = folder.join("src").join(path);
        fs::create_dir_all(file.parent().unwrap_or(folder))?;
        // It has no front matter.
        let body = text.splitn(3, "+++\n").nth(2).unwrap_or(text);
        fs::write(file, format!("# {title}\n{body}"))?;
        summary.push_str(&format!("- [{title}]({path})\n"));
        Ok(())
    })?;
    fs::write(folder.join("src/SUMMARY.md"), summary)
}

fn mdbook_build(folder: &Path, out: &Path) -> Command {
    let mut command = Command::new("mdbook");
    command.arg("build").arg(folder).arg("--dest-dir").arg(out);
    command
}

/// Calls `each` with the path, the text and the title of every note.
fn notes(
    corpus: &Path,
    mut each: impl FnMut(&str, &str, &str) -> io::Result<()>,
) -> io::Result<()> {
    let notes = corpus.join("notes");
    let mut sections: Vec<_> = fs::read_dir(&notes)?.flatten().map(|it| it.path()).collect();
    sections.sort();
    for section in sections {
        let mut files: Vec<_> = fs::read_dir(section)?.flatten().map(|it| it.path()).collect();
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file)?;
            let title = text.split('"').nth(1).unwrap_or_default().to_owned();
            let path = file.strip_prefix(&notes).unwrap_or(&file).to_string_lossy().into_owned();
            each(&path, &text, &title)?;
        }
    }
    Ok(())
}
