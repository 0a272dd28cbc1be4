//! The unbroken run of characters around a name, and whether it is an address, a path, a file name or
//! a qualified name, in which nothing is linked (R9).

use std::ops::Range;

use crate::hangul;

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
            let part = |c: char| {
                c.is_ascii_alphanumeric()
                    || matches!(
                        c,
                        '-' | '_'
                            | '.'
                            | '/'
                            | ':'
                            | '@'
                            | '#'
                            | '$'
                            | '~'
                            | '\\'
                            | '%'
                            | '?'
                            | '&'
                            | '='
                            | '+'
                            | '*'
                    )
            };
            let mut start = text[..range.start].trim_end_matches(part).len();
            if text[..start].ends_with(char::is_alphabetic) {
                // `네트워크/VPC`: what follows a word without a space begins no path.
                let token = &text[start..range.start];
                start +=
                    token.len() - token.trim_start_matches(['/', '.', '~', '#', '@', '$']).len();
            }
            let after = &text[range.end..];
            let end = range.end + after.len() - after.trim_start_matches(part).len();
            // `람다.js`
            let mut ending = after.chars();
            let is_file = text[..range.end].ends_with(hangul::is_hangul)
                && ending.next() == Some('.')
                && ending.next().is_some_and(|c| c.is_ascii_lowercase());
            let is_address = is_file || is_address(&text[start..end]);
            *self = Self { range: start..end, is_address };
        }
        // `Node.js` is what it is called.
        let token = text[self.range.clone()].trim_end_matches(MARKS);
        let whole = range.start == self.range.start && range.end >= range.start + token.len();
        self.is_address && !whole
    }
}

/// What may follow a token and is no part of it.
const MARKS: [char; 10] = ['.', ',', ':', ';', '!', '?', '*', '&', '=', '/'];

fn is_address(token: &str) -> bool {
    let token = token.trim_end_matches(MARKS);
    // Nearly always it is a name and nothing else.
    if token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    let begins = ["/", "./", "../", "~/", "#", "@", "$", "arn:", "www."];
    // `3.S3` begins an item of a list, and `EC2:2대` counts.
    let joined = |mark: char, may_follow: fn(&char) -> bool| {
        let mut parts = token.split(mark);
        let is_name = |part: &str| {
            part.ends_with(|c: char| c.is_ascii_alphanumeric())
                && (mark != '.' || !part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let first = parts.next().is_some_and(is_name);
        first
            && parts.next().is_some_and(|part| part.chars().next().as_ref().is_some_and(may_follow))
    };
    begins.iter().any(|mark| token.len() > mark.len() && token.starts_with(mark))
        || token.contains("://")
        || token.contains("::")
        || token.contains('\\')
        || joined('@', char::is_ascii_alphanumeric)
        || joined(':', char::is_ascii_alphabetic)
        || joined('.', char::is_ascii_alphanumeric)
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
