//! `gongbu completions` and `gongbu man`: what shells and manuals want to know, from the commands
//! themselves. The only door to clap_complete and clap_mangen.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;

use super::DONE;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: gongbu completions zsh > ~/.zfunc/_gongbu")]
pub(super) struct CompletionArgs {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

/// Print the manual page
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: gongbu man > ~/.local/share/man/man1/gongbu.1")]
pub(super) struct ManArgs {
    /// The page of this command [default: of gongbu itself]
    command: Option<String>,
}

/// Prints completions to stdout.
///
/// # Errors
/// If stdout is closed.
pub(super) fn completions(mut gongbu: clap::Command, args: &CompletionArgs) -> Result<ExitCode> {
    let mut text = vec![];
    clap_complete::generate(args.shell, &mut gongbu, "gongbu", &mut text);
    std::io::stdout().lock().write_all(&text)?;
    Ok(ExitCode::from(DONE))
}

/// What ends a page is called by what it is.
fn with_examples(page: &[u8]) -> String {
    let page = String::from_utf8_lossy(page);
    page.replace(".SH EXTRA\nExample: ", ".SH EXAMPLES\n")
}

/// Prints a manual page to stdout, in roff.
///
/// # Errors
/// If there is no such command, or stdout is closed.
pub(super) fn man(mut gongbu: clap::Command, args: &ManArgs) -> Result<ExitCode> {
    gongbu.build();
    let page = match &args.command {
        None => gongbu,
        Some(name) => match gongbu.find_subcommand(name) {
            Some(command) => command.clone(),
            None => anyhow::bail!("there is no command `{name}`; `gongbu --help` lists them"),
        },
    };
    let mut text = vec![];
    clap_mangen::Man::new(page).render(&mut text)?;
    std::io::stdout().lock().write_all(with_examples(&text).as_bytes())?;
    Ok(ExitCode::from(DONE))
}
