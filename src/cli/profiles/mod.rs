//! `tinsel profiles`: what products and modems do by themselves, without a run. One file per question.

mod bring_up;
mod import;

use clap::Subcommand;

use super::exit::Failure;

#[derive(Subcommand, Debug)]
pub(super) enum ProfilesCommand {
    /// How long a backup modem takes from each standby state until LTE is usable.
    BringUp(bring_up::BringUpArgs),
    /// Make a profile of a router's own configuration.
    Import(import::ImportArgs),
}

/// Answers one question about the profiles.
pub(super) fn profiles(command: &ProfilesCommand) -> Result<(), Failure> {
    match command {
        ProfilesCommand::BringUp(args) => bring_up::bring_up(args),
        ProfilesCommand::Import(args) => import::import(args),
    }
}
