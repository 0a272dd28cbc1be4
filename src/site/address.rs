//! What an address looks like before anything is looked up.

/// `www.example.org/x`: the address of a site, written without its scheme.
pub(super) fn looks_like_host(dest: &str) -> bool {
    let host = dest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_host = host.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
    let known = [".com", ".org", ".net", ".io", ".dev", ".kr"];
    let ends = |host: &str| known.iter().any(|it| host.ends_with(it));
    is_host && (host.starts_with("www.") || ends(&host.to_ascii_lowercase()))
}

/// The scheme of an address, if it has one.
pub(super) fn scheme(dest: &str) -> Option<&str> {
    let (scheme, _) = dest.split_once(':')?;
    let letter = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let rest = scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    (letter && rest).then_some(scheme)
}
