//! Where the host is: what the user says, else the environment, else the profile.
#![allow(clippy::disallowed_methods, reason = "it asks the environment and reads a profile")]

use std::path::PathBuf;

/// The region where there is no other: the one that S3 began in.
const DEFAULT: &str = "us-east-1";

/// The region that was named, else that of AWS_REGION, AWS_DEFAULT_REGION or the profile.
pub(super) fn region(named: Option<&str>) -> String {
    let found = named.map(str::to_owned).or_else(|| variable("AWS_REGION"));
    let found = found.or_else(|| variable("AWS_DEFAULT_REGION"));
    found.or_else(of_profile).unwrap_or_else(|| DEFAULT.into())
}

/// The endpoint that was named, else that of the variable for the service, else that for all.
pub(super) fn endpoint(named: Option<&str>, service: &str) -> Option<String> {
    let named = named.map(str::to_owned).or_else(|| variable(service));
    named.or_else(|| variable("AWS_ENDPOINT_URL"))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn of_profile() -> Option<String> {
    let file = variable("AWS_CONFIG_FILE").map(PathBuf::from);
    let file = file.or_else(|| Some(std::env::home_dir()?.join(".aws/config")))?;
    let text = std::fs::read_to_string(file).ok()?;
    let profile = variable("AWS_PROFILE").unwrap_or_else(|| "default".into());
    region_in(&text, &profile)
}

/// The region of a profile: `region = …` under `[profile NAME]`, or `[default]`.
fn region_in(text: &str, profile: &str) -> Option<String> {
    let mut is_it = false;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let name = name.trim();
            let plain = name.strip_prefix("profile ").map_or(name, str::trim_start);
            is_it = plain == profile && (name != plain || profile == "default");
        } else if let Some((key, value)) = line.split_once('=')
            && is_it
            && key.trim() == "region"
        {
            return Some(value.trim().to_owned()).filter(|region| !region.is_empty());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_names_its_region() {
        let text =
            "[default]\nregion=eu-west-1\n[profile work]\n output = x\n region = ap-northeast-2\n";
        assert_eq!(region_in(text, "default").as_deref(), Some("eu-west-1"));
        assert_eq!(region_in(text, "work").as_deref(), Some("ap-northeast-2"));
        assert_eq!(region_in(text, "other"), None);
    }
}
