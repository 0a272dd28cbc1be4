//! What a host has to be told once, by hand: who may do what, which headers, and bare addresses of
//! folders. Pure.

use serde_json::{Value, json};

use super::target::{OWN, Target};

/// One year, in seconds: the least that browsers take for their built-in lists.
const YEAR: u32 = 31_536_000;

/// A function for CloudFront for addresses of folders, which a private bucket does not know. The site itself needs none: each
/// of its links names its file.
pub const FUNCTION: &str = "// A CloudFront function (viewer request, cloudfront-js-2.0).
function handler(event) {
  var request = event.request;
  if (request.uri.endsWith('/')) {
    request.uri += 'index.html';
  }
  return request;
}
";

fn pretty(value: &Value) -> String {
    // A value has a text.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// A policy for whoever deploys, as JSON: the rights for the calls that are made, and no others.
pub fn iam(target: &Target, distribution: Option<&str>) -> String {
    let Target { bucket, prefix } = target;
    let arn = format!("arn:aws:s3:::{bucket}");
    let mut list = json!({
        "Sid": "List",
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": arn,
    });
    if !prefix.is_empty() {
        list["Condition"] = json!({ "StringLike": { "s3:prefix": format!("{prefix}*") } });
    }
    let mut statements = vec![
        list,
        json!({
            "Sid": "Objects",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            "Resource": format!("{arn}/{prefix}*"),
        }),
    ];
    if let Some(distribution) = distribution {
        statements.push(json!({
            "Sid": "Invalidate",
            "Effect": "Allow",
            "Action": ["cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"],
            "Resource": format!("arn:aws:cloudfront::*:distribution/{distribution}"),
        }));
    }
    pretty(&json!({ "Version": "2012-10-17", "Statement": statements }))
}

/// A response headers policy for CloudFront, as `aws cloudfront create-response-headers-policy
/// --response-headers-policy-config` takes it. `csp` is the policy that every page carries.
pub fn headers(csp: &str) -> String {
    pretty(&json!({
        "Name": "gongbu",
        "Comment": format!("Headers of a gongbu site; keep {OWN} out of sight in the bucket policy"),
        "SecurityHeadersConfig": {
            "ContentSecurityPolicy": {
                "Override": true,
                // In a meta element this one would be ignored.
                "ContentSecurityPolicy": format!("{csp}; frame-ancestors 'none'"),
            },
            "StrictTransportSecurity": {
                "Override": true,
                "AccessControlMaxAgeSec": YEAR,
                "IncludeSubdomains": false,
                "Preload": false,
            },
            "ContentTypeOptions": { "Override": true },
            "ReferrerPolicy": {
                "Override": true,
                "ReferrerPolicy": "strict-origin-when-cross-origin",
            },
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_gives_no_right_that_is_not_used() {
        let target = Target { bucket: "notes".into(), prefix: "a/".into() };
        let text = iam(&target, Some("E1"));
        for needed in [
            "s3:ListBucket",
            "s3:PutObject",
            "s3:GetObject",
            "s3:DeleteObject",
            "arn:aws:s3:::notes/a/*",
            "distribution/E1",
        ] {
            assert!(text.contains(needed), "{needed}");
        }
        assert!(!text.contains("s3:*") && !text.contains("\"*\""), "{text}");
        assert!(!iam(&target, None).contains("cloudfront"));
    }

    #[test]
    fn the_headers_carry_the_policy_of_the_pages() {
        let text = headers("default-src 'none'");
        assert!(text.contains("default-src 'none'; frame-ancestors 'none'"), "{text}");
        assert!(text.contains("StrictTransportSecurity") && text.contains("ContentTypeOptions"));
    }
}
