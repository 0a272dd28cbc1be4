//! The `gongbu` command. All of it is in the library.

fn main() -> std::process::ExitCode {
    gongbu::cli::main()
}
