//! Which failures are worth another try, and when. Pure.

use std::time::Duration;

/// A request is tried this often.
pub(super) const TRIES: u32 = 8;

/// And for this long, unless the user has less patience.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// The first pause and the longest.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(20);

/// What an answer means for the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the answer.
    Answer,
    /// Ask again.
    Again,
    /// Ask again, and ask for less at a time.
    Slower,
    /// Asking again would change nothing.
    Never,
}

/// What an answer with this status and this name of an error means. S3 answers 200 and then fails;
/// `code` is not empty then.
pub(super) fn verdict(status: u16, code: &str) -> Verdict {
    match (status, code) {
        (_, "SlowDown" | "Throttling" | "ThrottlingException" | "RequestLimitExceeded") => {
            Verdict::Slower
        }
        (429, _) => Verdict::Slower,
        (_, "RequestTimeout" | "ConditionalRequestConflict" | "OperationAborted") => Verdict::Again,
        (501, _) => Verdict::Never,
        (408 | 409 | 500..=599, _) => Verdict::Again,
        // The request stands, whatever the status of the answer was when it began.
        (200..=299, "InternalError" | "ServiceUnavailable") => Verdict::Again,
        (200..=299, "") | (304 | 404 | 412, _) => Verdict::Answer,
        _ => Verdict::Never,
    }
}

/// How long to wait after this many tries: somewhere between nothing and twice as long as the time
/// before, so that those who failed together do not come back together. `chance` is from 0 to 255.
/// What the host asks for (`Retry-After`, in seconds) comes first.
pub(super) fn pause(tries: u32, chance: u8, asked: Option<u64>) -> Duration {
    if let Some(seconds) = asked {
        return Duration::from_secs(seconds).min(LONGEST);
    }
    let most = FIRST.saturating_mul(1 << tries.min(16)).min(LONGEST);
    // Half of it is certain: with none at all eight tries may be over in no time.
    most / 2 + most / 2 * u32::from(chance) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for (status, code, expected) in [
            (200, "", Verdict::Answer),
            (200, "InternalError", Verdict::Again),
            (200, "AccessDenied", Verdict::Never),
            (204, "", Verdict::Answer),
            (404, "NoSuchKey", Verdict::Answer),
            (412, "PreconditionFailed", Verdict::Answer),
            (403, "AccessDenied", Verdict::Never),
            (403, "RequestTimeTooSkewed", Verdict::Never),
            (409, "ConditionalRequestConflict", Verdict::Again),
            (400, "RequestTimeout", Verdict::Again),
            (408, "", Verdict::Again),
            (429, "", Verdict::Slower),
            (503, "SlowDown", Verdict::Slower),
            (503, "", Verdict::Again),
            (501, "NotImplemented", Verdict::Never),
            (301, "PermanentRedirect", Verdict::Never),
            (400, "ExpiredToken", Verdict::Never),
        ] {
            assert_eq!(verdict(status, code), expected, "{status} {code}");
        }
    }

    #[test]
    fn all_pauses_fit_into_three_minutes() {
        let all: Duration = (0..TRIES).map(|tries| pause(tries, 255, None)).sum();
        assert!(all < PATIENCE, "{all:?}");
        assert!(pause(0, 255, None) <= FIRST && pause(30, 255, None) <= LONGEST);
        assert_eq!(pause(0, 0, Some(3)), Duration::from_secs(3));
        assert_eq!(pause(0, 0, Some(3600)), LONGEST);
    }
}
