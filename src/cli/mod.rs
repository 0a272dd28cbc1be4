//! The command line: one file for each command, and what they share. The only door to clap.

mod build;
mod check;
#[cfg(feature = "deploy")]
mod deploy;
mod elsewhere;
pub mod fresh;
pub mod import;
pub mod init;
mod new;
mod pages;
mod project;
mod report;
mod serve;
mod shell;
pub mod split;
#[cfg(feature = "deploy")]
mod steps;
mod summary;
mod terminal;
mod terms;
mod theme;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// Done.
const DONE: u8 = 0;
/// The notes have errors; with `--strict`, warnings too.
const NOTES_WRONG: u8 = 1;
/// The command could not run.
const COULD_NOT_RUN: u8 = 2;
/// A host refused or failed.
#[cfg(feature = "deploy")]
const REMOTE_FAILED: u8 = 5;

/// Turns a folder of Markdown study notes into a cross-linked static site.
#[derive(Debug, Parser)]
#[command(
    name = "gongbu",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = "Example: gongbu init my-notes && cd my-notes && gongbu serve --open"
)]
struct Cli {
    /// The project: the folder with gongbu.toml [default: the nearest one upwards from here]
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    New(new::Args),
    Import(import::Args),
    Build(build::Args),
    Check(check::Args),
    Serve(serve::Args),
    #[cfg(feature = "deploy")]
    Deploy(deploy::Args),
    Summary(summary::Args),
    Terms(terms::Args),
    Theme(theme::Args),
    Completions(shell::CompletionArgs),
    Man(shell::ManArgs),
}

/// Runs the command and says how it went: 0 done, 1 the notes have errors, 2 could not run,
/// 5 a host refused or failed.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let named = cli.root.clone();
    let root = named.as_deref();
    let result = match cli.command {
        Command::Init(mut args) => {
            args.dir = args.dir.or(cli.root);
            init::run(&args)
        }
        Command::Import(mut args) => {
            args.into = args.into.or(cli.root);
            import::run(&args)
        }
        Command::Build(args) => build::run(root, &args),
        Command::Check(args) => check::run(root, &args),
        Command::Serve(args) => serve::run(root, &args),
        #[cfg(feature = "deploy")]
        Command::Deploy(args) => deploy::run(root, &args),
        Command::Summary(args) => summary::run(root, &args),
        Command::Terms(args) => terms::run(root, &args),
        Command::Theme(args) => theme::run(root, &args),
        Command::New(args) => new::run(root, &args),
        Command::Completions(args) => shell::completions(Cli::command(), &args),
        Command::Man(args) => shell::man(Cli::command(), &args),
    };
    result.unwrap_or_else(|error| {
        // A reader that has seen enough (`| head`) is no failure.
        let closed = error.downcast_ref::<std::io::Error>();
        if closed.is_some_and(|it| it.kind() == std::io::ErrorKind::BrokenPipe) {
            return ExitCode::from(DONE);
        }
        report::failure(&error);
        ExitCode::from(COULD_NOT_RUN)
    })
}
