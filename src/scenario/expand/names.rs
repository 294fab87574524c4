//! Checks that every name refers to something, before anything is built.

use std::collections::{BTreeMap, BTreeSet};

use super::stores::PlacedStore;
use super::{Context, reached, unknown_zone};
use crate::scenario::diagnostics::Code;
use crate::scenario::reader::{Named, Problem, suggest, unknown_name};
use crate::scenario::sections::calendar::{Reach, Start};
use crate::scenario::sections::fleet::{FleetSource, GENERATORS, MODEMS, NO_CARRIER, STANDBYS, TOPOLOGIES};
use crate::scenario::tree::{Node, Tree};
use crate::scenario::values::{Selection, Weights, closes_after_midnight, unknown_word};

pub(super) fn check(context: &Context) {
    let written = context.written;
    fleet(context);
    let (curves, technologies) = (keys(&written.curves), keys(&written.technologies));
    for format in written.formats.values() {
        refer(context, "curve", format.weekday.iter().chain(&format.weekend), &curves);
        refer(context, "technology", format.technology.iter(), &technologies);
    }
    for entry in &written.calendar {
        refer(context, "curve", entry.curve.iter().flatten().map(|(name, _)| name), &curves);
        formats_of(context, &entry.formats);
    }
    for surge in &written.surges {
        formats_of(context, &surge.reach.formats);
        zone_of(context, surge.start.as_ref());
    }
    for parent in written.parents.values() {
        refer(context, "carrier", parent.carriers.iter(), &keys(&written.carriers));
    }
    for entry in &written.faults.weather {
        formats_of(context, &entry.reach.formats);
        zone_of(context, entry.start.as_ref());
    }
    for entry in &written.faults.freezes {
        formats_of(context, &entry.reach.formats);
    }
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for fault in &written.faults.scheduled {
        formats_of(context, &fault.reach.formats);
        zone_of(context, fault.start.as_ref());
        refer(context, "parent", fault.parent.iter(), &keys(&written.parents));
        refer(context, "carrier", fault.takes_lte.iter(), &keys(&written.carriers));
        if !fault.name.is_empty() && !names.insert(&fault.name) {
            let message = format!("there are two scheduled faults called `{}`", fault.name);
            let problem =
                Problem::new(Code::Duplicate, message).help("their names address their draws: rename one");
            context.report(fault.name_place, problem);
        }
        if written.faults.causes.contains_key(&fault.name) {
            let message = format!("`{}` is also the name of a cause", fault.name);
            context.report(
                fault.name_place,
                Problem::new(Code::Duplicate, message).help("give it another name"),
            );
        }
    }
    super::services::check_names(context);
    calendar(context);
}

fn fleet(context: &Context) {
    let written = context.written;
    let draw = &written.fleet.draw;
    let formats = keys(&written.formats);
    let of = |weights: Option<&Weights>| -> Vec<Named> {
        weights.into_iter().flatten().map(|(name, _)| name.clone()).collect()
    };
    refer(context, "technology", of(draw.technology.as_ref()).iter(), &keys(&written.technologies));
    refer(context, "carrier", of(Some(&draw.carrier)).iter(), &keys(&written.carriers));
    let second = of(draw.second_carrier.as_ref());
    let named = second.iter().filter(|name| name.text != NO_CARRIER);
    refer(context, "carrier", named, &keys(&written.carriers));
    let plans = of(draw.plan.as_ref());
    let named = plans.iter().filter(|name| name.text != NO_CARRIER);
    refer(context, "data plan", named, &keys(&written.plans));
    refer(context, "failover profile", of(Some(&draw.profile)).iter(), &keys(&written.profiles));
    refer(context, "format", of(draw.format.as_ref()).iter(), &formats);
    let modem = draw.modem.iter().flatten().cloned().collect();
    words(context, &modem, &MODEMS.iter().map(|(word, ..)| *word).collect::<Vec<_>>());
    words(context, &draw.topology, &TOPOLOGIES.iter().map(|(word, _)| *word).collect::<Vec<_>>());
    words(context, &draw.generator, &GENERATORS.iter().map(|(word, _)| *word).collect::<Vec<_>>());
    words(context, &draw.standby, &STANDBYS.iter().map(|(word, _)| *word).collect::<Vec<_>>());
    for name in of(draw.timezone.as_ref()) {
        zone(context, &name);
    }
    if let FleetSource::Generate(description) = &written.fleet.source {
        refer(context, "format", of(Some(&description.format)).iter(), &formats);
        description.timezone.iter().for_each(|name| zone(context, name));
    }
}

fn keys<T>(entries: &BTreeMap<String, T>) -> Vec<&str> {
    entries.keys().map(String::as_str).collect()
}

fn refer<'n>(context: &Context, what: &str, names: impl Iterator<Item = &'n Named>, known: &[&str]) {
    for name in names.filter(|name| !known.contains(&name.text.as_str())) {
        context.report(name.place, unknown_name(what, &name.text, known.iter().copied()));
    }
}

fn words(context: &Context, weights: &Weights, known: &[&str]) {
    for (name, _) in weights.iter().filter(|(name, _)| !known.contains(&name.text.as_str())) {
        context.report(name.place, unknown_word(&name.text, known));
    }
}

fn formats_of(context: &Context, selection: &Selection) {
    if let Selection::These(names) = selection {
        refer(context, "format", names.iter(), &keys(&context.written.formats));
    }
}

fn zone(context: &Context, name: &Named) {
    if !context.zones.is_known(&name.text) {
        context.report(name.place, unknown_zone(name));
    }
}

fn zone_of(context: &Context, start: Option<&Start>) {
    if let Some(name) = start.and_then(|start| start.timezone.as_ref()) {
        zone(context, name);
    }
}

/// One entry per day and format, and hours that make sense.
fn calendar(context: &Context) {
    let mut seen: BTreeMap<(jiff::civil::Date, &str), usize> = BTreeMap::new();
    for (index, entry) in context.written.calendar.iter().enumerate() {
        if let (Some(open), Some(close)) = (entry.open, entry.close)
            && close <= open
        {
            context.report(entry.place, closes_after_midnight());
        }
        let Some(date) = entry.date else { continue };
        if let Some((first, last)) = context.written.general.days
            && !(first..=last).contains(&date)
        {
            let problem =
                Problem::new(Code::NoEffect, format!("{date} is not simulated ({first} to {last})"));
            context.report(entry.place, problem);
        }
        let names: Vec<&str> = match &entry.formats {
            Selection::All => context.written.formats.keys().map(String::as_str).collect(),
            Selection::These(names) => names.iter().map(|name| name.text.as_str()).collect(),
        };
        for name in names {
            if seen.insert((date, name), index).is_some() {
                let problem =
                    Problem::new(Code::Duplicate, format!("{date} has two calendar entries for `{name}`"));
                context.report(entry.place, problem.help("keep one entry per day and format"));
            }
        }
    }
}

/// Store ids and regions that are named must exist; a reach that holds no store is worth a warning.
pub(super) fn check_reaches(context: &Context, placed: &[PlacedStore]) {
    if placed.is_empty() {
        return;
    }
    let written = context.written;
    let surges = written.surges.iter().map(|surge| &surge.reach);
    let faults = written.faults.scheduled.iter().map(|fault| &fault.reach);
    let weather = written.faults.weather.iter().map(|entry| &entry.reach);
    let freezes = written.faults.freezes.iter().map(|entry| &entry.reach);
    for reach in surges.chain(faults).chain(weather).chain(freezes) {
        let of = |selection, what, name: fn(&PlacedStore) -> &str| {
            named(context, selection, what, || placed.iter().map(name))
        };
        let shared = of(&reach.markets, "market", |store| &store.market)
            && of(&reach.providers, "provider", |store| &store.provider)
            && named(context, &reach.carriers, "carrier", || {
                placed.iter().flat_map(|store| store.carriers().map(String::as_str))
            });
        let ids = named(context, &reach.stores, "store", || placed.iter().map(|store| store.id.as_str()));
        let regions =
            named(context, &reach.regions, "region", || placed.iter().map(|store| store.region.as_str()));
        if ids && regions && shared && !context.reader.has_errors() && reached(reach, placed).next().is_none()
        {
            warn_empty(context, reach);
        }
    }
}

fn warn_empty(context: &Context, reach: &Reach) {
    let problem = Problem::new(Code::NoEffect, "no store fits all that this reaches by");
    context.report(reach.place, problem.help("all conditions must hold for a store to be reached"));
}

/// Reports names in `selection` that are not among `known`; true if there are none.
fn named<'s, I: Iterator<Item = &'s str>>(
    context: &Context,
    selection: &Selection,
    what: &str,
    known: impl Fn() -> I,
) -> bool {
    let Selection::These(names) = selection else { return true };
    let known: BTreeSet<&str> = known().collect();
    let mut fine = true;
    for name in names.iter().filter(|name| !known.contains(name.text.as_str())) {
        fine = false;
        let problem = Problem::new(Code::NoMatch, format!("the fleet has no {what} `{}`", name.text));
        let near = suggest(&name.text, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        context.report(name.place, Problem { help: near, ..problem });
    }
    fine
}

/// Entries that the user defined, that no store uses and no other entry builds on.
pub(super) fn warn_unused(context: &Context, used: &[(&str, &Vec<String>)]) {
    for (section, names) in used {
        let entries = context.user.as_table().and_then(|root| root.entries.get(*section));
        let Some(table) = entries.and_then(|entry| entry.node.as_table()) else { continue };
        let base_of = |node: &Node| match &node.as_table()?.entries.get("based_on")?.node.value {
            Tree::Text(name) => Some(name.clone()),
            _ => None,
        };
        let bases: BTreeSet<String> =
            table.entries.values().filter_map(|entry| base_of(&entry.node)).collect();
        for (name, entry) in
            table.entries.iter().filter(|(name, _)| !names.contains(name) && !bases.contains(*name))
        {
            let problem = Problem::new(Code::NoEffect, format!("no store uses [{section}.{name}]"));
            context.report(entry.key, problem);
        }
    }
}
