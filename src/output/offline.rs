//! What makes the site one that can be kept: the manifest of an app, and the worker that answers
//! without a network. The worker holds the hash of each file, so it comes after all other outputs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Made, View, gather, previews, search};
use crate::path::{OutPath, encode};
use crate::plan::{File, Plan};

/// Up to this many pages a site is kept whole: 200 notes and services, with the sheets to print. Of a
/// larger one, what was read.
const WHOLE: usize = 400;

/// What the pieces of the search's index and of the previews are called.
const PIECES: [&str; 4] = ["assets/words.", "assets/pages.", "assets/text.", previews::FOLDER];

/// A file of more bytes is not fetched before it is asked for.
const MAX_FILE: u64 = 2 * 1024 * 1024;

/// `sw.js`
#[derive(Serialize)]
struct Worker {
    /// The files that are kept: their addresses in the site, each with the beginning of its hash.
    files: String,
}

/// What is shown where a page is not kept.
const PAGE: &str = "offline.html";

/// Its page, which the plan holds before the worker is made.
pub(super) fn page(view: &View<'_>) -> Made {
    let page = OutPath::from(PAGE);
    let frame = view.frame(&page, "offline", &view.theme.word("offline"), None, None);
    gather([view.page(page, "offline.html", frame, &super::model::Filled {})])
}

/// The worker and the manifest, once the plan holds everything else.
pub(super) fn render(view: &View<'_>, plan: &Plan) -> Made {
    let whole = plan.pages() <= WHOLE;
    let kept = plan.files().filter(|(path, file)| file.len <= MAX_FILE && is_kept(path, whole));
    let files: BTreeMap<String, String> =
        kept.map(|(path, file)| (encode(path.as_str()), short(file))).collect();
    let model = Worker { files: serde_json::to_string(&files).unwrap_or_default() };
    let worker = view.theme.fill("sw.js", &model);
    let worker = worker.map(|bytes| ("sw.js".into(), File::bytes(&bytes)));
    gather([worker, Ok(("site.webmanifest".into(), manifest(view)))])
}

/// Of a whole site its pages and what they load; else what every page loads. What is for programs is
/// never kept.
fn is_kept(path: &OutPath, whole: bool) -> bool {
    let path = path.as_str();
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    let first = ["index.html", "services/index.html", search::PAGE, PAGE].contains(&path);
    match ending {
        "html" => first || whole && path != "404.html",
        // What a large site has in pieces comes piece by piece, as it is asked for.
        "css" | "js" => whole || !PIECES.iter().any(|name| path.starts_with(name)),
        "svg" | "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif" => whole,
        _ => false,
    }
}

/// Ten digits of a hash tell the versions of one file apart.
fn short(file: &File) -> String {
    file.hash.to_hex()[..10].to_owned()
}

#[derive(Serialize)]
struct Manifest<'a> {
    name: &'a str,
    short_name: &'a str,
    description: &'a str,
    lang: &'a str,
    id: &'a str,
    start_url: &'a str,
    scope: &'a str,
    display: &'a str,
    background_color: &'a str,
    theme_color: &'a str,
    icons: Vec<Icon>,
}

#[derive(Serialize)]
struct Icon {
    src: String,
    sizes: &'static str,
    r#type: &'static str,
}

fn manifest(view: &View<'_>) -> File {
    let icon =
        |name: &str, sizes, r#type| Icon { src: view.theme.file(name).to_string(), sizes, r#type };
    let title = view.site.title();
    let manifest = Manifest {
        name: title,
        // What stands below an icon: the first words that have room there.
        short_name: title.char_indices().nth(12).map_or(title, |(end, _)| title[..end].trim_end()),
        description: &view.site.config.description,
        lang: &view.site.config.language,
        id: "./",
        start_url: "index.html",
        scope: "./",
        display: "standalone",
        background_color: "#ffffff",
        theme_color: "#0a58ca",
        icons: vec![
            icon("icon.svg", "any", "image/svg+xml"),
            icon("icon-192.png", "192x192", "image/png"),
            icon("icon-512.png", "512x512", "image/png"),
        ],
    };
    File::bytes(serde_json::to_string(&manifest).unwrap_or_default().as_bytes())
}
