//! A file that is published because a note refers to it. The only door to the picture reader.

use crate::path::{self, OutPath, SrcPath};
use crate::snapshot::Entry;

/// A picture, a PDF or any other file beside the notes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asset {
    /// The file of the project.
    pub source: SrcPath,
    /// Where it is published: its name holds its hash, so that it may be cached for ever.
    pub page: OutPath,
    /// Its width and height in pixels, if it is a picture and says so at its beginning.
    pub size: Option<(u32, u32)>,
    /// The hash of its bytes.
    pub hash: blake3::Hash,
    /// Its size in bytes.
    pub len: u64,
}

impl Asset {
    /// The asset that a file is; none if it is read as text or was refused.
    /// `on_disk` is where it is to be copied from.
    pub fn of(source: &SrcPath, on_disk: impl FnOnce() -> SrcPath, entry: &Entry) -> Option<Self> {
        let Entry::Asset { len, hash, head } = entry else { return None };
        let name = path::nfc(source.as_str().rsplit('/').next().unwrap_or_default());
        let page = hashed_name(&name, *hash);
        let size = if ending(&name) == "svg" { svg_size(head) } else { picture_size(head) };
        Some(Self { source: on_disk(), page, size, hash: *hash, len: *len })
    }

    /// True for what a browser shows as a picture.
    pub fn is_picture(&self) -> bool {
        let pictures = ["png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "bmp", "ico"];
        pictures.contains(&ending(self.source.as_str()).as_str())
    }

    /// True for a picture by name whose bytes are none.
    pub fn is_broken_picture(&self) -> bool {
        let known = ["png", "jpg", "jpeg", "gif", "webp"];
        self.size.is_none() && known.contains(&ending(self.source.as_str()).as_str())
    }
}

/// `assets/NAME.HASH.ext`.
pub fn hashed_name(name: &str, hash: blake3::Hash) -> OutPath {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "bin"));
    let stem = path::url_part(stem);
    // Room for the hash and the ending within the 255 bytes that a file name may have.
    let end = (0..=stem.len().min(200)).rev().find(|at| stem.is_char_boundary(*at)).unwrap_or(0);
    let hash = &hash.to_hex()[..10];
    format!("assets/{}.{hash}.{}", &stem[..end], path::url_part(ending)).into()
}

fn ending(name: &str) -> String {
    name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_lowercase())
}

fn picture_size(head: &[u8]) -> Option<(u32, u32)> {
    let size = imagesize::blob_size(head).ok()?;
    Some((size.width.try_into().ok()?, size.height.try_into().ok()?))
}

/// The size that the first tag of an SVG names, or the proportions of its `viewBox`.
fn svg_size(head: &[u8]) -> Option<(u32, u32)> {
    let text = String::from_utf8_lossy(head);
    let start = text.find("<svg")?;
    let tag = &text[start..start + text[start..].find('>')?];
    let attribute = |name: &str| {
        let at = tag.find(&format!(" {name}=")).or_else(|| tag.find(&format!("\n{name}=")))?;
        tag[at + name.len() + 2..].split(['"', '\'']).nth(1)
    };
    let number = |text: &str| {
        let number = text.trim_end_matches("px").parse::<f32>().ok()?;
        // The cast is of a size in pixels that was just checked.
        (1.0..=100_000.0).contains(&number).then_some(number.round() as u32)
    };
    let named = |name| attribute(name).and_then(number);
    if let (Some(width), Some(height)) = (named("width"), named("height")) {
        return Some((width, height));
    }
    let mut numbers = attribute("viewBox")?.split([' ', ',']).filter(|it| !it.is_empty()).skip(2);
    Some((number(numbers.next()?)?, number(numbers.next()?)?))
}
