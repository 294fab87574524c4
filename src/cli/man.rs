//! `tinsel man`.

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory as _};
use clap_mangen::Man;

use super::exit::Failure;

#[derive(Args, Debug)]
pub(super) struct ManArgs {
    /// Directory to write a page of each command to, instead of printing the first page.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints the manual page of `tinsel`, or writes those of all commands.
pub(super) fn man(args: &ManArgs) -> Result<(), Failure> {
    let mut command = super::Cli::command();
    // Fills in the help of every subcommand.
    command.build();
    match &args.out {
        None => super::print(&String::from_utf8_lossy(&rendered(command)?)),
        Some(directory) => {
            std::fs::create_dir_all(directory).map_err(|error| failed(directory, &error))?;
            write_pages(&command, "tinsel", directory)
        }
    }
}

/// The page of `command`, called `name`, and those of the commands below it.
fn write_pages(command: &clap::Command, name: &str, directory: &Path) -> Result<(), Failure> {
    let file = directory.join(format!("{name}.1"));
    let page = rendered(command.clone().display_name(name.to_owned()))?;
    std::fs::write(&file, page).map_err(|error| failed(&file, &error))?;
    let below = command.get_subcommands().filter(|below| below.get_name() != "help");
    below
        .into_iter()
        .try_for_each(|below| write_pages(below, &format!("{name}-{}", below.get_name()), directory))
}

fn rendered(command: clap::Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    Man::new(command)
        .render(&mut page)
        .map_err(|error| Failure::Unexpected(format!("failed to make a manual page: {error}")))?;
    Ok(page)
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Unexpected(format!("failed to write `{}`: {error}; check the place", path.display()))
}
