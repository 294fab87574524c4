//! `tinsel check`: validation only.

use std::fmt::Write as _;

use super::CheckArgs;
use super::exit::Failure;
use crate::report::summary::count_text;
use crate::scenario::{Loaded, load, render};

/// Validates a scenario; prints what it is, or everything that is wrong with it.
pub(super) fn check(args: &CheckArgs) -> Result<(), Failure> {
    let loaded = load(&args.scenario.file, &args.scenario.options_with(&args.overlay))?;
    super::run::check_thresholds(&loaded)?;
    if let Some(sizing) = &loaded.sizing {
        let options = args.scenario.options_with(&args.overlay);
        super::size::check_levers(&args.scenario.file, &options, sizing)?;
    }
    super::warn(&render(&loaded.warnings, super::colour(&std::io::stderr())));
    let text = if args.show_resolved { resolved(&loaded) } else { verdict(&loaded) };
    super::print(&text)
}

fn verdict(loaded: &Loaded) -> String {
    let scenario = &loaded.scenario;
    let expected: f64 = scenario
        .stores
        .iter()
        .flat_map(|store| &store.days)
        .flat_map(|day| &day.demand)
        .map(|piece| piece.customers)
        .sum();
    let mut text = format!(
        "ok: {}: {}, {} to {}, {}, about {:.0} customers each before surges\n",
        scenario.name,
        count_text(scenario.stores.len(), "store"),
        scenario.first_day,
        scenario.last_day,
        count_text(scenario.replications as usize, "replication"),
        expected
    );
    for (attribute, stores) in &loaded.drawn {
        let stores = count_text(*stores as usize, "store");
        let _ = writeln!(text, "  drawn: {attribute} of {stores} (the fleet does not give it)");
    }
    text
}

fn resolved(loaded: &Loaded) -> String {
    let width = loaded.origins.iter().map(|setting| setting.path.len()).max().unwrap_or(0);
    let mut text = String::new();
    for setting in &loaded.origins {
        let _ = writeln!(text, "{:width$} = {}  # {}", setting.path, setting.value, setting.origin);
    }
    text
}
