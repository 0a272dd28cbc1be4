//! Names of things, so that no two kinds of string can be confused.

use std::fmt;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

/// A file of the project as it is named on disk, relative to the project's root, with `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SrcPath(pub Arc<str>);

/// A note: its path under `notes/` without `.md`, in NFC, such as `03-technology/06-s3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoteId(pub Arc<str>);

/// A file of the finished site, relative to its root, such as `services/ec2.html`. Each part of it
/// is short enough to be the name of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutPath(Arc<str>);

/// A service: the part of its page's name before `.html`, such as `ec2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermId(pub Arc<str>);

macro_rules! name {
    ($($name:ident)*) => {$(
        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self {
                text.as_str().into()
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}
name!(SrcPath NoteId OutPath TermId);

macro_rules! plain_name {
    ($($name:ident)*) => {$(
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }
    )*};
}
plain_name!(SrcPath NoteId TermId);

/// The longest name of a file that Linux, macOS and Windows all take, in bytes of UTF-8. A note may
/// use all of it for `.md`, and `.html` is longer.
const MAX_NAME: usize = 255;

impl From<&str> for OutPath {
    fn from(text: &str) -> Self {
        if text.split('/').all(|part| part.len() <= MAX_NAME) {
            return Self(text.into());
        }
        Self(text.split('/').map(shortened).collect::<Vec<_>>().join("/").into())
    }
}

/// A name that fits: its end gives way to a hash of all of it.
fn shortened(name: &str) -> String {
    if name.len() <= MAX_NAME {
        return name.to_owned();
    }
    let ending = name.rfind('.').map_or("", |at| &name[at..]);
    let ending = if ending.len() <= 12 { ending } else { "" };
    let hash = blake3::hash(name.as_bytes()).to_hex();
    let mut end = MAX_NAME - ending.len() - 9;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}-{}{ending}", &name[..end], &hash[..8])
}

impl SrcPath {
    /// The folder that the file is in, without a slash at its end; empty at the root.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

impl NoteId {
    /// The note that a file under `notes/` holds; none if it is no Markdown file.
    pub fn of(path: &SrcPath) -> Option<Self> {
        let name = path.0.strip_prefix("notes/")?.strip_suffix(".md")?;
        Some(Self(nfc(name).into()))
    }

    /// The section that the note is in: its folder under `notes/`, empty at the top.
    pub fn section(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The last part of the name.
    pub fn stem(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, stem)| stem)
    }
}

impl OutPath {
    /// The folder that the page is in, without a slash at its end; empty at the root.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The prefix that leads from this page to the root of the site: `../` for each folder.
    pub fn root(&self) -> String {
        "../".repeat(depth(&self.0))
    }

    /// The relative link from this page to `target`, percent-encoded. A link names its file,
    /// so that the same bytes work from a disk, under any base path and on a bare bucket.
    pub fn link_to(&self, target: &OutPath, anchor: Option<&str>) -> String {
        let most = "../".len() * depth(&self.0) + target.0.len() + anchor.map_or(0, str::len) * 3;
        let mut link = String::with_capacity(most);
        self.push_link(&mut link, target, anchor);
        link
    }

    /// Writes what [`link_to`](Self::link_to) gives.
    pub fn push_link(&self, link: &mut String, target: &OutPath, anchor: Option<&str>) {
        if self != target || anchor.is_none() {
            // The folders that both are in.
            let mut common = 0;
            for (at, byte) in self.0.bytes().enumerate() {
                if target.0.as_bytes().get(at) != Some(&byte) {
                    break;
                }
                common = if byte == b'/' { at + 1 } else { common };
            }
            let up = depth(&self.0[common..]);
            for _ in 0..up {
                link.push_str("../");
            }
            encode_into(link, &target.0[common..], up == 0);
        }
        if let Some(anchor) = anchor {
            link.push('#');
            encode_anchor(link, anchor);
        }
    }
}

/// How many folders a path names.
fn depth(path: &str) -> usize {
    path.bytes().filter(|byte| *byte == b'/').count()
}

/// Text in Unicode's composed form, which is what names, targets and ids are compared in.
pub fn nfc(text: &str) -> String {
    if is_composed(text) { text.to_owned() } else { text.nfc().collect() }
}

/// True for text of ASCII and whole Hangul syllables: most text, and Unicode's tables are slow to ask.
fn is_composed(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii() || matches!(c, '가'..='힣'))
}

/// Turns text into an id that stays readable in Korean: letters and digits of any script in
/// lower case, everything between them one `-`; `+` and `#` after a letter keep their meaning
/// (`C++` is `cplusplus`, `C#` is `csharp`). Empty if the text has no letter or digit.
pub fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    let mut gap = false;
    let mut after_letter = false;
    for c in nfc(text).chars() {
        let word = match c {
            '+' if after_letter => "plus",
            '#' if after_letter => "sharp",
            _ if is_letter(c) || is_mark(c) => {
                if gap && !slug.is_empty() {
                    slug.push('-');
                }
                gap = false;
                slug.extend(lower(c));
                after_letter = true;
                continue;
            }
            _ => {
                gap = true;
                after_letter = false;
                continue;
            }
        };
        slug.push_str(word);
    }
    slug
}

/// A combining mark that NFC could not fold into its letter belongs to the word.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// What two spellings of a heading or a title have in common: letters and digits only, lower case.
/// Other tools make other ids of one heading; a link written for any of them is found by this.
pub fn squeeze(text: &str) -> String {
    letters(&nfc(text)).collect()
}

/// True if this is the [`squeeze`] of a text, which is not made for it.
pub fn is_squeezed(squeezed: &str, text: &str) -> bool {
    match is_composed(text) {
        true => letters(text).eq(squeezed.chars()),
        false => squeeze(text) == squeezed,
    }
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| is_letter(*c)).flat_map(lower)
}

/// True for letters and digits. Most are Hangul or ASCII, and Unicode's tables are slow to ask.
fn is_letter(c: char) -> bool {
    matches!(c, '가'..='힣') || c.is_alphanumeric()
}

fn lower(c: char) -> impl Iterator<Item = char> {
    let (plain, other) = match c.is_ascii() || matches!(c, '가'..='힣') {
        true => (Some(c.to_ascii_lowercase()), None),
        false => (None, Some(c.to_lowercase())),
    };
    plain.into_iter().chain(other.into_iter().flatten())
}

/// Turns one part of a note's file name into the part of a URL: what a host, a shell or a file
/// system may trip over becomes `-`; case and script are kept. `C#` is `C-sharp`, beside `C`.
pub fn url_part(name: &str) -> String {
    let is_sharp = |(at, _): &(usize, &str)| {
        let (before, after) = (&name[..*at], &name[at + 1..]);
        before.ends_with(|c: char| c.is_ascii_alphabetic())
            && !after.starts_with(char::is_alphanumeric)
    };
    if let Some((at, _)) = name.match_indices('#').find(is_sharp) {
        return url_part(&format!("{}-sharp {}", &name[..at], &name[at + 1..]));
    }
    let unsafe_char = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || is_bidi_control(c)
            || r#"\:*?"<>|#%&'`^{}[]~"#.contains(c)
    };
    let parts = name.split(unsafe_char).filter(|part| !part.is_empty());
    let part = parts.collect::<Vec<_>>().join("-");
    // No host is asked for a file that begins with a dot.
    part.trim_start_matches('.').to_owned()
}

/// The folder of pages that a folder under `notes/` becomes, with a slash at its end; empty at the top.
pub fn folder_url(section: &str) -> String {
    let parts = section.split('/').filter(|part| !part.is_empty());
    parts.map(|part| url_part(part) + "/").collect()
}

/// Characters that turn the direction of what follows them, known from "Trojan Source".
pub fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The path that a relative link in a file of `folder` means, `.` and `..` resolved.
/// None if it leaves the project.
pub fn resolve(folder: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Endings of what is a file and no note, wherever it is named.
const FILES: [&str; 9] =
    [".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg", ".pdf", ".mp4"];

/// True for the name of a file that is no note, by its ending in any case.
pub fn is_file(name: &str) -> bool {
    let name = name.to_lowercase();
    FILES.iter().any(|ending| name.ends_with(ending))
}

/// True for the name of Markdown, by the endings that tools know it by, in any case. A note ends in `.md`.
pub fn is_markdown(name: &str) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ["md", "markdown", "mdown", "mkd"].iter().any(|it| ending.eq_ignore_ascii_case(it))
}

/// Percent-encodes what may not stand in the path or fragment of a URL. Hangul is encoded too:
/// every host and every reader of `href` agrees on that form.
pub fn encode(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    encode_into(&mut out, path, true);
    out
}

fn encode_into(out: &mut String, path: &str, is_start: bool) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    // `a:b.html` would be read as a scheme.
    if is_start && path.bytes().take_while(|byte| *byte != b'/').any(|byte| byte == b':') {
        out.push_str("./");
    }
    // In runs: most of it may stand as it is.
    let mut done = 0;
    for (at, byte) in path.bytes().enumerate().filter(|(_, byte)| !MAY_STAND[usize::from(*byte)]) {
        // What may stand is ASCII, so such a run is whole characters.
        if done < at {
            out.push_str(&path[done..at]);
        }
        out.push('%');
        out.push(char::from(HEX[usize::from(byte >> 4)]));
        out.push(char::from(HEX[usize::from(byte & 15)]));
        done = at + 1;
    }
    out.push_str(&path[done..]);
}

/// The bytes that may stand in a path as they are.
const MAY_STAND: [bool; 256] = {
    let mut may = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        may[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let others = b"-_.~/!$'()*,;=:@";
    let mut at = 0;
    while at < others.len() {
        may[others[at] as usize] = true;
        at += 1;
    }
    may
};

/// A fragment is never sent to a host, and browsers take letters of all scripts in it: Hangul stays
/// readable, at a third of the bytes.
fn encode_anchor(out: &mut String, anchor: &str) {
    let mut done = 0;
    for (at, c) in anchor.char_indices() {
        let may_stand = match c {
            _ if c.is_ascii() => MAY_STAND[c as usize],
            // Most are Hangul, and to look up what else is a letter takes its time.
            '가'..='힣' => true,
            _ => c.is_alphanumeric(),
        };
        if !may_stand {
            let end = at + c.len_utf8();
            out.push_str(&anchor[done..at]);
            encode_into(out, &anchor[at..end], false);
            done = end;
        }
    }
    out.push_str(&anchor[done..]);
}

/// The page at an old address such as `/old/`, `/old` (both `old/index.html`) or `/old.html`; none if
/// no page can be there.
pub fn redirect(address: &str) -> Option<OutPath> {
    let path = nfc(&decode(address.strip_prefix('/')?));
    let path = match path.strip_suffix('/').unwrap_or(&path) {
        file if path.ends_with(".html") => file.to_owned(),
        folder => format!("{folder}/index.html"),
    };
    let is_plain = |part: &str| !part.is_empty() && url_part(part) == part;
    let own = path.starts_with("assets/") || path == "index.html" || path.starts_with("/");
    // `/sitemap.xml` would be a folder of that name.
    let folder = path.strip_suffix("/index.html").unwrap_or_default();
    let is_file = folder.rsplit('/').next().is_some_and(|name| name.contains('.'));
    (path.split('/').all(is_plain) && !own && !is_file).then(|| path.into())
}

/// Undoes percent-encoding; bytes that are no UTF-8 stay encoded.
pub fn decode(path: &str) -> String {
    if !path.contains('%') {
        return path.to_owned();
    }
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = path.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| path.to_owned())
}

/// What a name is sorted by: its number, then the text that follows.
pub fn natural_key(name: &str) -> (u64, String) {
    let digits = name.len() - name.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    (name[..digits].parse().unwrap_or(u64::MAX), name[digits..].to_owned())
}

/// Compares names the way people number them: `2` before `10`, then by text.
pub fn natural(a: &str, b: &str) -> std::cmp::Ordering {
    let mut left = a.split('/').map(natural_key);
    let mut right = b.split('/').map(natural_key);
    loop {
        match (left.next(), right.next()) {
            (None, None) => return a.cmp(b),
            (x, y) if x == y => {}
            (x, y) => return x.cmp(&y),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs() {
        for (text, expected) in [
            ("EC2 (Elastic Compute Cloud)", "ec2-elastic-compute-cloud"),
            ("Route 53", "route-53"),
            ("클라우드 컴퓨팅(Cloud Computing)", "클라우드-컴퓨팅-cloud-computing"),
            ("\u{1112}\u{1161}\u{11ab}글", "한글"),
            ("C++", "cplusplus"),
            ("C#과 .NET", "csharp과-net"),
            ("../../etc", "etc"),
            ("😊", ""),
        ] {
            assert_eq!(slug(text), expected, "{text}");
        }
    }

    #[test]
    fn links_are_relative_and_name_their_file() {
        let link = |from: &str, to: &str| OutPath::from(from).link_to(&to.into(), None);
        assert_eq!(link("index.html", "a/b.html"), "a/b.html");
        assert_eq!(link("a/b.html", "a/c.html"), "c.html");
        assert_eq!(link("a/b.html", "services/ec2.html"), "../services/ec2.html");
        assert_eq!(link("a/b/c.html", "a/d.html"), "../d.html");
        assert_eq!(link("a/b.html", "index.html"), "../index.html");
        assert_eq!(link("index.html", "한글.html"), "%ED%95%9C%EA%B8%80.html");
        let page = OutPath::from("a/b.html");
        assert_eq!(page.link_to(&page, Some("x")), "#x");
        assert_eq!(link("a/b.html", "a/b:c.html"), "./b:c.html");
    }

    #[test]
    fn old_addresses() {
        let page = |address| redirect(address).map(|page| page.to_string());
        assert_eq!(page("/old/").as_deref(), Some("old/index.html"));
        assert_eq!(page("/2021/글").as_deref(), Some("2021/글/index.html"));
        assert_eq!(page("/a/b.html").as_deref(), Some("a/b.html"));
        for wrong in
            ["/", "/../x", "/a//b", "/a?b", "old", "/index.html", "/assets/x.html", "/%2e%2e/x"]
        {
            assert_eq!(page(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_sort_as_numbers() {
        let mut names = ["10-b", "2-a/10", "2-a/9", "x", "2-a"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["2-a", "2-a/9", "2-a/10", "10-b", "x"]);
    }

    #[test]
    fn a_link_cannot_leave_the_project() {
        assert_eq!(resolve("notes/a", "../b/c.md").as_deref(), Some("notes/b/c.md"));
        assert_eq!(resolve("notes", "../../etc"), None);
        assert_eq!(decode("%ED%95%9C%20x%"), "한 x%");
    }
}
