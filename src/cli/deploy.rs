//! `gongbu deploy`: the site in a bucket, and CloudFront told what changed.
#![allow(clippy::disallowed_methods, reason = "it looks at the clock and at who deploys")]

use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};

use super::steps::{Told, size};
use super::{COULD_NOT_RUN, DONE, NOTES_WRONG, REMOTE_FAILED, project, report};
use crate::build::Built;
use crate::config;
use crate::deploy::{
    self, Allowed, Claim, Edge, Event, Failure, Host, Kind, Lock, Means, Place, Steps, Target,
    Terms,
};
use crate::disk;
use crate::output;
use crate::path::OutPath;
use crate::plan::File;
use crate::snapshot::Options;

/// Put the site into an S3 bucket, and tell CloudFront what changed
///
/// Only what differs is written: first what pages load, then pages, then what lists them, and what is no
/// longer needed is deleted last, so that visitors never meet half a site. If it is cut off, run it again:
/// it goes on from there. Objects that are not ours are neither overwritten nor deleted.
///
/// Credentials come from where the host's own tools keep them (environment, profile, SSO, web identity,
/// container, instance), never from gongbu.toml. Exit code 2 if it refuses, 5 if the host does.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: gongbu deploy s3://my-notes/aws --distribution E2QWRUHAPOMQZL --dry-run"
)]
pub(super) struct Args {
    /// Where to: s3://BUCKET or s3://BUCKET/FOLDER [default: `[deploy] target` in gongbu.toml]
    target: Option<String>,
    /// Tell what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// How to tell it
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The CloudFront distribution before the bucket [default: `[deploy] distribution`]
    #[arg(long, value_name = "ID")]
    distribution: Option<String>,
    /// Where the site will be, for absolute addresses [default: `base_url` in gongbu.toml]
    #[arg(long, value_name = "URL", value_parser = config::site_url)]
    base_url: Option<String>,
    /// Let this many files be deleted, even if they are many [default: `[deploy] max_delete`]
    #[arg(long, value_name = "N")]
    max_delete: Option<u64>,
    /// Overwrite objects that are not ours where the site needs their paths
    #[arg(long)]
    adopt: bool,
    /// Take the place of another site, or of a bucket that was copied
    #[arg(long)]
    take_over: bool,
    /// Break the lock of a deploy that is no longer running
    #[arg(long)]
    break_lock: bool,
    /// Wait until CloudFront has forgotten what changed
    #[arg(long)]
    wait: bool,
    /// The region of the bucket [default: AWS_REGION, or that of the profile]
    #[arg(long)]
    region: Option<String>,
    /// Talk to this address in place of Amazon's, for stores that speak the same language
    #[arg(long, value_name = "URL", value_parser = config::site_url)]
    endpoint_url: Option<String>,
    /// Try a request, or wait for a place among the invalidations, for at most this long
    #[arg(long, value_name = "SECONDS", default_value_t = deploy::PATIENCE.as_secs())]
    patience: u64,
    /// Print what the host has to be told once, and do nothing else
    #[arg(long, value_enum)]
    print: Option<Print>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For the terminal
    Text,
    /// JSON, on stdout
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Print {
    /// A policy for whoever deploys, with no right that is not used
    Iam,
    /// A response headers policy for CloudFront
    Headers,
    /// A CloudFront function that answers bare addresses of folders
    Function,
}

/// Deploys. Exit code 1 if the notes have errors, 2 if it refuses, 5 if the host refuses or fails.
///
/// # Errors
/// If the project cannot be read, or no target is named.
pub(super) fn run(root: Option<&Path>, args: &Args) -> Result<ExitCode> {
    let root = project::root(root)?;
    let options = Options { drafts: false, base_url: args.base_url.clone(), check: false };
    let (snapshot, built) = project::open(&root, options)?;
    if let Some(what) = args.print {
        let text = match what {
            Print::Iam => deploy::iam(&target(args, &built)?, distribution(args, &built)),
            Print::Headers => deploy::headers(&output::csp(&built.site)),
            Print::Function => deploy::FUNCTION.to_owned(),
        };
        std::io::stdout().lock().write_all(text.as_bytes())?;
        return Ok(ExitCode::from(DONE));
    }
    report::diagnostics(&root, &snapshot, &built.diags);
    if built.has_errors() {
        writeln!(std::io::stderr(), "nothing was deployed: {}", report::count(&built.diags))?;
        return Ok(ExitCode::from(NOTES_WRONG));
    }
    let target = target(args, &built)?;
    match go(&root, args, &built, &target) {
        Ok((text, code)) => {
            std::io::stdout().lock().write_all(text.as_bytes())?;
            Ok(ExitCode::from(code))
        }
        Err(failure) => {
            writeln!(std::io::stderr(), "gongbu: {failure}\n  help: {}", failure.hint)?;
            let is_ours = failure.kind == Kind::Guard;
            Ok(ExitCode::from(if is_ours { COULD_NOT_RUN } else { REMOTE_FAILED }))
        }
    }
}

fn target(args: &Args, built: &Built) -> Result<Target> {
    let named = args.target.as_ref().or(built.site.config.deploy.target.as_ref());
    let Some(text) = named else {
        return Err(anyhow!(
            "no target is named; say `gongbu deploy s3://BUCKET`, or set `[deploy] target` in {}",
            config::FILE
        ));
    };
    Target::parse(text).map_err(|message| anyhow!(message))
}

fn distribution<'a>(args: &'a Args, built: &'a Built) -> Option<&'a str> {
    let of_config = built.site.config.deploy.distribution.as_ref();
    args.distribution.as_ref().or(of_config).map(String::as_str).filter(|it| !it.is_empty())
}

/// Looks, plans, guards, and takes the steps; gives what is to be said about it, and the exit code.
fn go(root: &Path, args: &Args, built: &Built, target: &Target) -> Result<(String, u8), Failure> {
    let start = Instant::now();
    let config = &built.site.config;
    let base = config.base_url.as_deref();
    deploy::check(&built.plan, base)?;
    let bytes = |_: &OutPath, file: &File| read(root, file);
    let wanted = deploy::want(&built.plan, config.deploy.cache_pages.as_deref(), &bytes)?;
    let distribution = distribution(args, built);
    let terms = Terms {
        site: built.site.title().to_owned(),
        address: base.map(str::to_owned),
        home: target.shown(""),
        now: now(),
        id: unique(),
        cached: distribution.is_some(),
    };
    let allowed = Allowed {
        max_delete: args.max_delete.or(config.deploy.max_delete),
        adopt: args.adopt,
        take_over: args.take_over,
    };
    let patience = Duration::from_secs(args.patience);
    let place =
        Place { region: args.region.clone(), endpoint: args.endpoint_url.clone(), patience };
    let host = Host::new(place)?;
    let store = host.objects(target);
    let edge = distribution.map(|id| host.edge(id));

    let look = project::patiently("looking at the bucket", || deploy::look(&store, &terms))?;
    if let Some(ahead) = look.ahead.filter(|ahead| ahead.abs() > deploy::SKEW) {
        let way = if ahead > 0 { "behind" } else { "ahead of" };
        say(&format!("the clock here is {} seconds {way} the host's", ahead.abs()));
    }
    let steps = deploy::plan(&wanted, &look.remote, &terms);
    let url_root = deploy::url_root(base, target);
    let refused = deploy::guard(&steps, &wanted, &look.remote, &terms, allowed);
    if args.dry_run {
        if look.is_locked() {
            say("somebody is deploying there, or was cut off");
        }
        let message = refused.as_ref().err().map(|it| it.message.as_str());
        let told = Told::of(&steps, &terms.home, &url_root, message);
        let text = match args.format {
            Format::Json => json(&told)?,
            Format::Text => {
                let refused = message.map(|it| format!("refused: {it}\n")).unwrap_or_default();
                format!("{}{refused}would be: {}\n", told.lines(), told.totals())
            }
        };
        return Ok((text, if message.is_some() { COULD_NOT_RUN } else { DONE }));
    }
    refused?;
    let claim = Claim {
        lock: Lock {
            token: unique(),
            owner: owner(),
            life: deploy::own_life(),
            since: now(),
            until: 0,
        },
        break_lock: args.break_lock,
        allowed,
    };
    let bars = Bars::new();
    let means = Means {
        edge: edge.as_ref().map(|edge| edge as &dyn Edge),
        root: &url_root,
        bytes: &|path| match built.plan.get(&path.into()) {
            Some(file) => read(root, file),
            None => Err(Failure::new(Kind::Guard, format!("{path} is gone"), "deploy again")),
        },
        tell: &|event| bars.tell(event),
        clock: &now,
        patience,
        wait: args.wait,
    };
    let shown = steps.clone();
    let done = deploy::deploy(&store, &wanted, (look, steps), &terms, claim, &means);
    bars.clear();
    let done = done?;
    Ok((summary(&shown, &done, args, &terms, &url_root, start)?, DONE))
}

fn summary(
    steps: &Steps,
    done: &deploy::Done,
    args: &Args,
    terms: &Terms,
    url_root: &str,
    start: Instant,
) -> Result<String, Failure> {
    let told = Told::of(steps, &terms.home, url_root, None).done(done);
    if args.format == Format::Json {
        return json(&told);
    }
    let seconds = start.elapsed().as_secs_f64();
    let state = if steps.nothing { "nothing to do" } else { "deployed" };
    Ok(format!("{state}: {} → {} in {seconds:.2} s\n", told.totals(), terms.home))
}

fn json(told: &Told<'_>) -> Result<String, Failure> {
    told.json().map_err(|error| Failure::new(Kind::Guard, error.to_string(), "use --format text"))
}

fn read(root: &Path, file: &File) -> Result<Vec<u8>, Failure> {
    disk::fetch(root, file)
        .map_err(|error| Failure::new(Kind::Guard, error.to_string(), error.hint()))
}

/// Something to know that is no reason to stop.
fn say(text: &str) {
    // There is nowhere left to say that stderr is closed.
    let _ = writeln!(std::io::stderr(), "gongbu: {text}");
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// A name that no other deploy has, on any machine.
fn unique() -> String {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let seeds = [(); 4].map(|()| RandomState::new().hash_one(time));
    let hash = blake3::hash(format!("{seeds:?} {} {}", std::process::id(), owner()).as_bytes());
    hash.to_hex()[..32].to_owned()
}

/// Who deploys, for whoever finds the lock.
fn owner() -> String {
    let variable = |names: &[&str]| names.iter().find_map(|name| std::env::var(name).ok());
    let user = variable(&["GITHUB_ACTOR", "USER", "LOGNAME", "USERNAME"]);
    let host = variable(&["HOSTNAME", "COMPUTERNAME"]);
    let host = host.or_else(|| std::fs::read_to_string("/proc/sys/kernel/hostname").ok());
    format!(
        "{}@{} (process {})",
        user.as_deref().unwrap_or("somebody"),
        host.as_deref().map_or("somewhere", str::trim),
        std::process::id()
    )
}

/// A bar for each group of objects.
struct Bars(std::sync::Mutex<Option<ProgressBar>>);

impl Bars {
    fn new() -> Self {
        Self(std::sync::Mutex::new(None))
    }

    fn tell(&self, event: Event<'_>) {
        let mut bar = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match event {
            Event::Group(name, objects, bytes) => {
                if let Some(old) = bar.take() {
                    old.finish_and_clear();
                }
                let style = ProgressStyle::with_template("{msg} [{wide_bar}] {pos}/{len} {eta}");
                let new = ProgressBar::new(objects as u64).with_message(match bytes {
                    0 => name.to_owned(),
                    _ => format!("{name}, {}", size(bytes)),
                });
                *bar = Some(match style {
                    Ok(style) => new.with_style(style),
                    Err(_) => new,
                });
            }
            Event::Object(_) => {
                if let Some(bar) = &*bar {
                    bar.inc(1);
                }
            }
            Event::Invalidate(paths) => {
                if let Some(old) = bar.take() {
                    old.finish_and_clear();
                }
                let new =
                    ProgressBar::new_spinner().with_message(format!("invalidating {paths} paths"));
                new.enable_steady_tick(Duration::from_millis(100));
                *bar = Some(new);
            }
        }
    }

    fn clear(&self) {
        let mut bar = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(bar) = bar.take() {
            bar.finish_and_clear();
        }
    }
}
