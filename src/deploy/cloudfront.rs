//! The cache before the bucket: CloudFront, of whose many calls two are needed.

use http::Method;
use quick_xml::escape::escape;
use serde::Deserialize;

use super::credentials::Service;
use super::fail::Failure;
use super::store::{Asked, Edge};
use super::wire::{Call, Wire};

/// The version of its language, which is part of every address and of every document.
const VERSION: &str = "2020-05-31";

/// A distribution.
pub(super) struct CloudFront<'a> {
    pub(super) wire: &'a Wire,
    pub(super) distribution: &'a str,
    /// Where CloudFront answers, without a slash at the end.
    pub(super) url: String,
}

/// Where CloudFront answers.
pub(super) fn edge_url(region: &str, endpoint: Option<&str>) -> String {
    match endpoint {
        Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
        None if region.starts_with("cn-") => {
            "https://cloudfront.cn-northwest-1.amazonaws.com.cn".to_owned()
        }
        None => "https://cloudfront.amazonaws.com".to_owned(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Invalidation {
    #[serde(default)]
    id: String,
    #[serde(default)]
    status: String,
}

impl CloudFront<'_> {
    fn call<'b>(
        &self,
        method: Method,
        end: &str,
        verb: &str,
        permission: &'static str,
        body: &'b [u8],
    ) -> Call<'b> {
        let Self { url, distribution, .. } = self;
        Call {
            service: Service::Edge,
            method,
            url: format!("{url}/{VERSION}/distribution/{distribution}/invalidation{end}"),
            headers: vec![("content-type", "application/xml".into())],
            body,
            permission,
            what: format!("cannot {verb} distribution {distribution}"),
        }
    }

    fn gone(&self) -> Failure {
        Failure::new(
            super::fail::Kind::Refused,
            format!("there is no CloudFront distribution `{}`", self.distribution),
            "look at `[deploy] distribution` in gongbu.toml and at whose credentials these are",
        )
    }
}

impl Edge for CloudFront<'_> {
    fn invalidate(&self, paths: &[String], reference: &str) -> Result<Asked, Failure> {
        let items: String =
            paths.iter().map(|path| format!("<Path>{}</Path>", escape(path.as_str()))).collect();
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><InvalidationBatch \
             xmlns=\"http://cloudfront.amazonaws.com/doc/{VERSION}/\"><Paths><Quantity>{}</Quantity>\
             <Items>{items}</Items></Paths><CallerReference>{}</CallerReference></InvalidationBatch>",
            paths.len(),
            escape(reference),
        );
        let call = self.call(
            Method::POST,
            "",
            "invalidate",
            "cloudfront:CreateInvalidation",
            body.as_bytes(),
        );
        match self.wire.send(&call) {
            Ok(reply) if reply.status == 404 => Err(self.gone()),
            Ok(reply) => {
                let text = String::from_utf8_lossy(&reply.body);
                let made: Result<Invalidation, _> = quick_xml::de::from_str(&text);
                Ok(Asked::Accepted(made.map(|it| it.id).unwrap_or_default()))
            }
            Err(failure) if failure.code == "TooManyInvalidationsInProgress" => Ok(Asked::TooMany),
            Err(failure) => Err(failure),
        }
    }

    fn is_done(&self, id: &str) -> Result<bool, Failure> {
        let end = format!("/{id}");
        let permission = "cloudfront:GetInvalidation";
        let reply = self.wire.send(&self.call(Method::GET, &end, "look at", permission, b""))?;
        let text = String::from_utf8_lossy(&reply.body);
        let found: Result<Invalidation, _> = quick_xml::de::from_str(&text);
        Ok(found.is_ok_and(|it| it.status.eq_ignore_ascii_case("completed")))
    }
}
