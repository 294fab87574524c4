//! `tinsel profiles`: one file per subcommand.

mod import;

use clap::{Args, Subcommand};

use super::exit::Failure;

#[derive(Args, Debug)]
pub(super) struct ProfilesArgs {
    #[command(subcommand)]
    command: ProfilesCommand,
}

#[derive(Subcommand, Debug)]
enum ProfilesCommand {
    /// Make a profile of a router's own configuration.
    Import(import::ImportArgs),
}

/// Runs a subcommand of `tinsel profiles`.
pub(super) fn profiles(args: &ProfilesArgs) -> Result<(), Failure> {
    match &args.command {
        ProfilesCommand::Import(args) => import::import(args),
    }
}
