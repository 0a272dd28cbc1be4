//! Where a site goes, and how its paths become keys of a bucket and addresses of a visitor.

use crate::path;

/// Our own folder in the target. Nothing of a site may be in it.
pub(super) const OWN: &str = "_deploy/";

/// A bucket, or a folder in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The name of the bucket.
    pub bucket: String,
    /// What every key begins with: empty, or ending in `/`.
    pub prefix: String,
}

impl Target {
    /// Reads `s3://BUCKET[/PREFIX]`.
    ///
    /// # Errors
    /// One sentence about what is wrong with it. The rules of names of buckets are Amazon's: 3 to 63
    /// small letters, digits, `-` and `.`, and a letter or digit at both ends.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            Err(format!("`{text}` {why}; a target is s3://BUCKET or s3://BUCKET/FOLDER"))
        };
        let Some(rest) = text.strip_prefix("s3://") else { return wrong("is no S3 target") };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_end =
            |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        if !(3..=63).contains(&bucket.len())
            || !bucket.chars().all(is_name)
            || !is_end(bucket.chars().next())
            || !is_end(bucket.chars().next_back())
        {
            return wrong("does not name a bucket");
        }
        let prefix = prefix.trim_end_matches('/');
        let is_part = |part: &str| !matches!(part, "" | "." | "..");
        if !prefix.is_empty() && !prefix.split('/').all(is_part)
            || prefix.contains(char::is_control)
        {
            return wrong("does not name a folder");
        }
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { bucket: bucket.into(), prefix })
    }

    /// The key of a path.
    pub fn key(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// `s3://BUCKET/KEY`, for people and for the manifest.
    pub fn shown(&self, path: &str) -> String {
        format!("s3://{}/{}{path}", self.bucket, self.prefix)
    }
}

/// Percent-encodes a key as the signature of a request asks for it: everything but letters, digits,
/// `-_.~` and `/` (Signature Version 4, "UriEncode").
pub(super) fn encode_key(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The opposite, for what a listing says (`encoding-type=url`, where a space is `+`); none if what
/// comes of it is not UTF-8.
pub(super) fn decode_key(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = || u8::from_str_radix(text.get(at + 1..at + 3)?, 16).ok();
        match byte {
            b'%' => {
                out.push(hex()?);
                at += 3;
                continue;
            }
            b'+' => out.push(b' '),
            _ => out.push(*byte),
        }
        at += 1;
    }
    String::from_utf8(out).ok()
}

/// What the addresses of visitors begin with, from `/` to `/`: the path of the site's own address,
/// else the folder in the bucket.
pub fn url_root(base_url: Option<&str>, target: &Target) -> String {
    let Some(base) = base_url else { return format!("/{}", target.prefix) };
    let host = base.find("://").map_or(0, |at| at + 3);
    base[host..].find('/').map_or("/", |at| &base[host + at..]).to_owned()
}

/// The path by which a visitor asks for a file, encoded once and in the same way as in our links:
/// CloudFront compares bytes. A `*` would be a wildcard.
pub(super) fn url_path(root: &str, path: &str) -> String {
    // With a `/` before it nothing in it can be read as a scheme.
    let file = path::encode(&format!("/{path}"));
    format!("{}{}", root.trim_end_matches('/'), file.replace('*', "%2A"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_buckets_with_folders() {
        let target = |text: &str| Target::parse(text).ok().map(|it| (it.bucket, it.prefix));
        let found = |bucket: &str, prefix: &str| Some((bucket.to_owned(), prefix.to_owned()));
        assert_eq!(target("s3://notes"), found("notes", ""));
        assert_eq!(target("s3://notes/"), found("notes", ""));
        assert_eq!(target("s3://my.notes/a/한글/"), found("my.notes", "a/한글/"));
        for wrong in [
            "notes",
            "s3://",
            "s3://ab",
            "s3://Notes",
            "s3://-ab",
            "s3://notes/../x",
            "s3://notes//x",
        ] {
            assert_eq!(target(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn keys_come_back_byte_for_byte() {
        for key in ["a/b.html", "한글/가 나.html", "a+b%20c#d.html", "100%.txt", "~-_.!*'()"] {
            assert_eq!(decode_key(&encode_key(key)).as_deref(), Some(key));
        }
        assert_eq!(decode_key("a+b%2Bc").as_deref(), Some("a b+c"));
        assert_eq!(decode_key("%FF"), None);
    }

    #[test]
    fn visitors_ask_for_what_links_say() {
        let target = Target { bucket: "notes".into(), prefix: "a/".into() };
        assert_eq!(url_root(None, &target), "/a/");
        assert_eq!(url_root(Some("https://x.org/"), &target), "/");
        assert_eq!(url_root(Some("https://x.org/b/"), &target), "/b/");
        assert_eq!(url_path("/b/", "가 나+(x).html"), "/b/%EA%B0%80%20%EB%82%98%2B(x).html");
        assert_eq!(url_path("/", "c:d*.txt"), "/c:d%2A.txt");
    }
}
