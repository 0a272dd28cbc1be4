//! Objects in S3, or in what speaks its language.

use http::Method;
use serde::Deserialize;

use super::credentials::Service;
use super::fail::{Failure, Kind};
use super::store::{Listing, Only, Seen, Store};
use super::target::{Target, decode_key, encode_key};
use super::want::Object;
use super::wire::{Call, Reply, Wire};

/// Beside each object of ours stands the hash of its bytes: should the manifest get lost, this tells
/// what is ours.
const OURS: &str = "x-amz-meta-gongbu-sha256";

/// The objects of a target.
pub(super) struct S3<'a> {
    pub(super) wire: &'a Wire,
    pub(super) target: &'a Target,
    /// The address of the bucket, without a slash at its end.
    pub(super) url: String,
}

/// The address of a bucket: its own host, but for endpoints that were named and for names with dots,
/// which no certificate covers.
pub(super) fn bucket_url(bucket: &str, region: &str, endpoint: Option<&str>) -> String {
    if let Some(endpoint) = endpoint {
        return format!("{}/{bucket}", endpoint.trim_end_matches('/'));
    }
    // China is a partition of its own.
    let end = if region.starts_with("cn-") { ".cn" } else { "" };
    if bucket.contains('.') {
        return format!("https://s3.{region}.amazonaws.com{end}/{bucket}");
    }
    format!("https://{bucket}.s3.{region}.amazonaws.com{end}")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(default)]
    is_truncated: bool,
    #[serde(default)]
    next_continuation_token: Option<String>,
    #[serde(default)]
    encoding_type: Option<String>,
    #[serde(default)]
    contents: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "ETag")]
    etag: String,
}

impl S3<'_> {
    fn call<'b>(
        &self,
        method: Method,
        path: &str,
        verb: &str,
        permission: &'static str,
        body: &'b [u8],
    ) -> Call<'b> {
        Call {
            service: Service::Objects,
            method,
            url: format!("{}/{}", self.url, encode_key(&self.target.key(path))),
            headers: vec![],
            body,
            permission,
            what: format!("cannot {verb} {}", self.target.shown(path)),
        }
    }

    /// A bucket that is not there answers as an object that is not there, but with its own name.
    fn check_bucket(&self, reply: &Reply) -> Result<(), Failure> {
        let text = String::from_utf8_lossy(&reply.body);
        if reply.status == 404 && text.contains("NoSuchBucket") {
            return Err(Failure::new(
                Kind::Refused,
                format!("there is no bucket `{}`", self.target.bucket),
                "make it (`aws s3 mb`), or look at its name and at whose credentials these are",
            ));
        }
        Ok(())
    }
}

impl Store for S3<'_> {
    fn list(&self, under: &str) -> Result<Listing, Failure> {
        let mut listing = Listing::default();
        let mut token: Option<String> = None;
        loop {
            let mut call = self.call(Method::GET, "", "list", "s3:ListBucket", b"");
            call.url = format!(
                "{}?encoding-type=url&list-type=2&prefix={}",
                self.url,
                encode_query(&self.target.key(under))
            );
            if let Some(token) = &token {
                call.url.push_str(&format!("&continuation-token={}", encode_query(token)));
            }
            let reply = self.wire.send(&call)?;
            self.check_bucket(&reply)?;
            let odd = || {
                let message = format!("{}: the answer is no listing", call.what);
                Failure::new(
                    Kind::Failed,
                    message,
                    "look at the endpoint and at proxies in between",
                )
            };
            let text = str::from_utf8(&reply.body).map_err(|_| odd())?;
            if reply.status != 200 || !text.contains("<ListBucketResult") {
                return Err(odd());
            }
            listing.ahead = listing.ahead.or(reply.ahead());
            let page: Page = quick_xml::de::from_str(text).map_err(|_| odd())?;
            // Not every store that was asked to encode keys does.
            let is_encoded = page.encoding_type.as_deref() == Some("url");
            for entry in page.contents {
                let key = if is_encoded { decode_key(&entry.key) } else { Some(entry.key) };
                let Some(key) = key else { continue };
                // What has no name here is a folder that somebody's tool made.
                match key.strip_prefix(&self.target.prefix).filter(|path| !path.is_empty()) {
                    Some(path) => listing.objects.insert(path.to_owned(), entry.etag),
                    None => continue,
                };
            }
            token = page.next_continuation_token.filter(|_| page.is_truncated);
            if token.is_none() {
                return Ok(listing);
            }
        }
    }

    fn get(&self, path: &str) -> Result<Option<(Vec<u8>, String)>, Failure> {
        let reply = self.wire.send(&self.call(Method::GET, path, "read", "s3:GetObject", b""))?;
        self.check_bucket(&reply)?;
        let etag = reply.header("etag").unwrap_or_default().to_owned();
        Ok((reply.status == 200).then_some((reply.body, etag)))
    }

    fn look_at(&self, path: &str) -> Result<Option<Seen>, Failure> {
        let reply =
            self.wire.send(&self.call(Method::HEAD, path, "look at", "s3:GetObject", b""))?;
        if reply.status != 200 {
            return Ok(None);
        }
        let text = |name: &str| reply.header(name).unwrap_or_default().to_owned();
        let object = |sha256: &str| Object {
            sha256: sha256.to_owned(),
            len: text("content-length").parse().unwrap_or_default(),
            content_type: text("content-type"),
            cache_control: text("cache-control"),
        };
        Ok(Some(Seen { etag: text("etag"), ours: reply.header(OURS).map(object) }))
    }

    fn put(
        &self,
        path: &str,
        bytes: &[u8],
        object: &Object,
        only: Only<'_>,
    ) -> Result<Option<String>, Failure> {
        let mut call = self.call(Method::PUT, path, "write", "s3:PutObject", bytes);
        call.headers = vec![
            ("content-type", object.content_type.clone()),
            ("cache-control", object.cache_control.clone()),
            // The host refuses bytes that are not these.
            ("x-amz-checksum-sha256", base64_of_hex(&object.sha256)),
            (OURS, object.sha256.clone()),
        ];
        match only {
            Only::Always => {}
            Only::IfNone => call.headers.push(("if-none-match", "*".into())),
            Only::Over(etag) => call.headers.push(("if-match", etag.to_owned())),
        }
        let reply = self.wire.send(&call)?;
        self.check_bucket(&reply)?;
        // With If-Match an object that is gone is a 404.
        let is_there = (200..300).contains(&reply.status);
        Ok(is_there.then(|| reply.header("etag").unwrap_or_default().to_owned()))
    }

    fn delete(&self, path: &str) -> Result<(), Failure> {
        let call = self.call(Method::DELETE, path, "delete", "s3:DeleteObject", b"");
        let reply = self.wire.send(&call)?;
        self.check_bucket(&reply)
    }

    fn slowed(&self) -> usize {
        self.wire.slowed()
    }

    fn hurry(&self) {
        self.wire.hurry();
    }
}

/// Percent-encodes a value of a query: as a key, and `/` too.
fn encode_query(text: &str) -> String {
    encode_key(text).replace('/', "%2F")
}

fn base64_of_hex(hex: &str) -> String {
    let digits = hex.as_bytes().chunks(2).map(|pair| {
        let pair = str::from_utf8(pair).unwrap_or_default();
        u8::from_str_radix(pair, 16).unwrap_or_default()
    });
    reqsign_core::hash::base64_encode(&digits.collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_have_their_own_hosts() {
        let url = |bucket, region, endpoint| bucket_url(bucket, region, endpoint);
        assert_eq!(url("notes", "eu-west-1", None), "https://notes.s3.eu-west-1.amazonaws.com");
        assert_eq!(url("a.b", "eu-west-1", None), "https://s3.eu-west-1.amazonaws.com/a.b");
        assert!(url("notes", "cn-north-1", None).ends_with(".amazonaws.com.cn"));
        assert_eq!(url("notes", "x", Some("http://[::1]:9/")), "http://[::1]:9/notes");
    }

    #[test]
    fn a_hash_in_two_spellings() {
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(base64_of_hex(hex), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
