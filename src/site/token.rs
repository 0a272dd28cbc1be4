//! The unbroken run of characters around a name, and whether it is an address, a path, a file name or
//! a qualified name, in which nothing is linked (R9).

use std::ops::Range;

/// The last token that was looked at: names come from left to right, so the answer is kept.
#[derive(Debug, Default)]
pub(super) struct Token {
    range: Range<usize>,
    is_address: bool,
}

impl Token {
    /// True if the token around a part of `text` is an address.
    pub(super) fn is_address(&mut self, text: &str, range: &Range<usize>) -> bool {
        if !self.range.contains(&range.start) {
            let part = |c: char| c.is_ascii_alphanumeric() || r"-_./:@#$~\%?&=+*".contains(c);
            let before = text[..range.start].trim_end_matches(part).len();
            let after = &text[range.start..];
            let length = after.len() - after.trim_start_matches(part).len();
            let end = (range.start + length).max(range.end);
            *self = Self { range: before..end, is_address: is_address(&text[before..end]) };
        }
        self.is_address
    }
}

fn is_address(token: &str) -> bool {
    let token = token.trim_end_matches(['.', ',', ':', ';', '!', '?', '*', '&', '=', '/']);
    let begins = ["/", "./", "../", "~/", "#", "@", "$", "arn:", "www."];
    let joined = |mark: char| {
        let mut parts = token.split(mark);
        let ends_well = |part: &str| part.ends_with(|c: char| c.is_ascii_alphanumeric());
        let first = parts.next().is_some_and(ends_well);
        first
            && parts
                .next()
                .is_some_and(|part| part.starts_with(|c: char| c.is_ascii_alphanumeric()))
    };
    begins.iter().any(|mark| token.len() > mark.len() && token.starts_with(mark))
        || token.contains("://")
        || token.contains("::")
        || token.contains('\\')
        || joined('@')
        || joined(':')
        || joined('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (token, expected) in [
            ("s3://my-bucket/key", true),
            ("arn:aws:s3:::b", true),
            ("s3:GetObject", true),
            ("AWS::S3::Bucket", true),
            ("Lambda@Edge", true),
            ("ec2.amazonaws.com", true),
            ("s3.tf", true),
            ("/etc/s3", true),
            (r"C:\S3", true),
            ("#S3", true),
            ("S3/EFS", false),
            ("S3.", false),
            ("S3:", false),
            ("S3-IA", false),
        ] {
            assert_eq!(is_address(token), expected, "{token}");
        }
    }
}
