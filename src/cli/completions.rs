//! `tinsel completions`.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::exit::Failure;

/// Prints the script that completes `tinsel` in `shell`.
pub(super) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut super::Cli::command(), "tinsel", &mut script);
    super::print(&String::from_utf8_lossy(&script))
}
