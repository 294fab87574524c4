//! What is said and changes nothing in this scenario: tests of backups that never fail unnoticed, traffic kept off an LTE that is
//! not there. Each is a warning, for the scenario runs all the same.

use super::{Context, PlacedStore};
use crate::scenario::diagnostics::Code;
use crate::scenario::reader::{Named, Problem};
use crate::scenario::resolved::Topology;
use crate::scenario::sections::Written;
use crate::scenario::sections::fleet::TOPOLOGIES;
use crate::scenario::sections::sizing::Lever;
use crate::scenario::tree::{Node, Place};

/// Whether a backup may be dead unnoticed: only then tests find something.
fn has_latent_faults(written: &Written) -> bool {
    written.faults.enabled && written.lte.resolved.latent.rate_per_s > 0.0
}

/// What to say of tests of backups (`what`) where there is nothing that they could find.
pub(super) fn tests_find_nothing(written: &Written, what: &str) -> Option<Problem> {
    let why = match (has_latent_faults(written), written.faults.enabled) {
        (true, _) => return None,
        (false, true) => {
            ("no backup is ever dead unnoticed", "give [lte.latent] a rate_per_year, for example 0.5")
        }
        (false, false) => ("[faults] is not enabled", "add enabled = true to [faults]"),
    };
    Some(Problem::new(Code::NoEffect, format!("{what} has no effect: {}", why.0)).help(why.1))
}

/// Warns of what is said of all stores' tests.
pub(super) fn check_tests(context: &Context) {
    let key = |node: &'_ Node, key: &str| node.as_table().and_then(|table| table.entries.get(key).cloned());
    let latent = key(context.user, "lte").and_then(|lte| key(&lte.node, "latent"));
    if let Some(test) = latent.and_then(|latent| key(&latent.node, "test_interval"))
        && let Some(problem) = tests_find_nothing(context.written, "`test_interval`")
    {
        context.report(test.node.place, problem);
    }
}

/// Warns once of stores that keep traffic off an LTE which they do not have.
pub(super) fn check_blocked(context: &Context, placed: &[PlacedStore]) {
    let idle = |store: &&PlacedStore| !store.lte_block.is_empty() && !has_lte(context, store, None);
    let mut idle = placed.iter().filter(idle);
    if let Some(first) = idle.next() {
        let others = match idle.count() {
            0 => String::new(),
            1 => " (nor has one other)".to_owned(),
            others => format!(" (nor have {others} others)"),
        };
        let message = format!("`lte_block` has no effect: store `{}` has no LTE{others}", first.id);
        context.report(first.place, Problem::new(Code::NoEffect, message).help(NO_LTE_HELP));
    }
}

const NO_LTE_HELP: &str = "LTE is there as backup (`topology` in-router, second-router or oobm-gateway) or as an access that is a cell";

/// What a lever's `lte_block` does at the stores that it reaches, if it does anything.
pub(super) fn check_lever_blocks(context: &Context, lever: &Lever, word: &Named, stores: &[&PlacedStore]) {
    let topology = lever.set.iter().find(|(key, _)| *key == "topology").and_then(|(_, word)| {
        TOPOLOGIES.iter().find(|(name, _)| *name == word.text).map(|(_, topology)| *topology)
    });
    let warn = |place: Place, message: &str, help: &str| {
        context.report(place, Problem::new(Code::NoEffect, message).help(help));
    };
    if stores.is_empty() {
        return;
    }
    if !stores.iter().any(|store| has_lte(context, store, topology)) {
        warn(word.place, "`lte_block` has no effect: no store that this lever reaches has LTE", NO_LTE_HELP);
    } else if word.text.trim() == super::stores::NOTHING
        && stores.iter().all(|store| store.lte_block.is_empty())
    {
        let message =
            "`lte_block` has no effect: no store that this lever reaches keeps anything off LTE of its own";
        warn(
            word.place,
            message,
            "`none` takes back what the fleet file's column says, not what the format does",
        );
    }
}

/// Whether the store has LTE, as backup or as its access; `topology`: instead of its own.
fn has_lte(context: &Context, store: &PlacedStore, topology: Option<Topology>) -> bool {
    let technology = context.written.technologies.get(&store.technology);
    topology.unwrap_or(store.topology).carries_store_traffic()
        || technology.is_some_and(|technology| technology.resolved.is_lte)
}
