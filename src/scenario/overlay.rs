//! An incident laid over a fleet: the `[[faults.scheduled]]` of another file, begun at another time.
//!
//! Of that file nothing else is read (but the companies of `[parents]` that its faults name), so it may be an incident with a
//! fleet of its own. The first of its faults begins at the time asked for, the others keep their distance from it. What they
//! select by names that this fleet does not have (its stores, its carriers, …) is taken as all, and a warning says so: another
//! chain's bad day, as it would hit this one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::str::FromStr;

use jiff::civil::DateTime;

use super::diagnostics::{Code, Diagnostic};
use super::expand::time::Zones;
use super::expand::{PlacedStore, unknown_zone};
use super::reader::{Named, Origin, Problem, Reader, Section, Setting};
use super::sections::Written;
use super::sections::calendar::Start;
use super::sections::faults::{ScheduledEntry, read_scheduled};
use super::sections::network::{Parent, read_parent};
use super::tree::{Entry, Node, Place, SourceKind, Table, Tree};
use super::values::{Selection, in_years};
use super::{InputFile, Rejected, sha256};
use crate::units::{SimTime, Span};

/// The incident to lay over a scenario, and when.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// A scenario file, or any file with `[[faults.scheduled]]`.
    pub file: PathBuf,
    /// When its first fault begins.
    pub at: ClockTime,
}

/// An instant by a clock: each store's own, or one of a time zone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClockTime {
    written: String,
    at: DateTime,
    zone: Option<String>,
}

impl ClockTime {
    /// As it was written.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }
}

impl FromStr for ClockTime {
    type Err = String;

    /// Reads `2019-11-29 14:00`, the same with `local` behind it, or with an IANA time zone.
    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (date, time, zone) = match words[..] {
            [date, time] | [date, time, "local"] => (date, time, None),
            [date, time, zone] => (date, time, Some(zone.to_owned())),
            _ => {
                return Err("write a date, a time and perhaps a clock: \"2019-11-29 14:00 local\"".to_owned());
            }
        };
        let at = format!("{date} {time}").parse();
        let at: DateTime =
            at.map_err(|_| format!("`{date} {time}` is not a date and a time such as 2019-11-29 14:00"))?;
        in_years(at.date()).map_err(|problem| problem.message)?;
        match zone {
            Some(zone) if !Zones::new().is_known(&zone) => {
                Err(format!("`{zone}` is neither `local` nor a time zone such as America/New_York"))
            }
            zone => Ok(ClockTime { written: text.trim().to_owned(), at, zone }),
        }
    }
}

/// An overlay's file as it was read.
pub(super) struct Incident {
    node: Node,
    at: ClockTime,
}

/// What is taken from it.
pub(super) struct Taken {
    scheduled: Vec<ScheduledEntry>,
    /// Companies that the file describes; those of the scenario win.
    parents: BTreeMap<String, Parent>,
}

/// Reads the file of `overlay`; what is wrong with what it schedules is noted later, by [`Incident::taken`].
pub(super) fn read(
    reader: &mut Reader,
    overlay: &Overlay,
    inputs: &mut Vec<InputFile>,
) -> Result<Incident, Rejected> {
    let name = overlay.file.display().to_string();
    let bytes = std::fs::read(&overlay.file).map_err(|source| Rejected::Io { path: name.clone(), source })?;
    inputs.push(InputFile { path: name.clone(), sha256: sha256(&bytes) });
    let node = parse(reader, &name, bytes).map_err(|problem| Rejected::Invalid(vec![*problem]))?;
    Ok(Incident { node, at: overlay.at.clone() })
}

fn parse(reader: &mut Reader, name: &str, bytes: Vec<u8>) -> Result<Node, Box<Diagnostic>> {
    let source = reader.sources.add_bytes(SourceKind::User, name, bytes)?;
    reader.sources.parse(source)
}

impl Incident {
    /// What the file schedules, and the companies that its faults may be of.
    pub(super) fn taken(&self, reader: &Reader) -> Taken {
        let place = self.node.place;
        let root = self.node.as_table();
        let faults = root.and_then(|root| root.entries.get("faults"));
        let scheduled = faults.and_then(|entry| entry.node.as_table()?.entries.get("scheduled"));
        if scheduled.is_none() {
            let message = "an overlay needs at least one [[faults.scheduled]]";
            let help = "it is the only part of the file that is laid over the scenario";
            reader.report(place, Problem::new(Code::MissingKey, message).help(help));
        }
        let parents = root.and_then(|root| root.entries.get("parents"));
        let part = |key: &str, entry: Option<&Entry>| {
            let entries = entry.map(|entry| (key.to_owned(), entry.clone())).into_iter().collect();
            Node { place, value: Tree::Table(Table { entries }) }
        };
        let (faults, companies) = (part("scheduled", scheduled), part("parents", parents));
        let faults = Section::root_at(reader, "overlay.faults", place, std::iter::once(&faults));
        let companies = Section::root_at(reader, "overlay", place, std::iter::once(&companies));
        let taken = Taken {
            scheduled: faults.list("scheduled", "Faults of the overlay.", read_scheduled),
            parents: companies.catalogue("parents", "Companies of the overlay.", read_parent),
        };
        faults.close();
        companies.close();
        reader.record(Setting {
            path: "overlay.at".to_owned(),
            value: self.at.written.clone(),
            unit: "local time",
            origin: Origin::Override,
        });
        taken
    }

    /// Moves what was `taken` from this file to its new time, fits it to the fleet and adds it to `written`.
    pub(super) fn lay(
        &self,
        (reader, zones): (&Reader, &Zones),
        mut taken: Taken,
        written: &mut Written,
        placed: &[PlacedStore],
    ) {
        self.move_in_time(reader, zones, &mut taken.scheduled, placed);
        let fleet = FleetNames::of(placed);
        for entry in &mut taken.scheduled {
            let ScheduledEntry { reach, takes_lte, parent, of_service, .. } = entry;
            for (selection, what, names) in [
                (&mut reach.formats, "format", &fleet.formats),
                (&mut reach.regions, "region", &fleet.regions),
                (&mut reach.markets, "market", &fleet.markets),
                (&mut reach.providers, "provider", &fleet.providers),
                (&mut reach.carriers, "carrier", &fleet.carriers),
                (&mut reach.stores, "store", &fleet.stores),
            ] {
                fit(reader, selection, what, names);
            }
            fit_list(reader, takes_lte, "carrier", &fleet.carriers);
            if let Some(name) = of_service.service.take_if(|name| !written.services.contains_key(&name.text))
            {
                let message = format!("there is no service `{}`: taken as the first acquirer's", name.text);
                let help = "describe it in [services] to hit another";
                reader.report(name.place, Problem::new(Code::Adjusted, message).help(help));
            }
            let Some(name) = parent.as_ref().filter(|name| !written.parents.contains_key(&name.text)) else {
                continue;
            };
            if let Some(mut company) = taken.parents.remove(&name.text) {
                fit_list(reader, &mut company.providers, "provider", &fleet.providers);
                fit_list(reader, &mut company.carriers, "carrier", &fleet.carriers);
                written.parents.insert(name.text.clone(), company);
            }
        }
        written.faults.scheduled.extend(taken.scheduled);
    }

    /// The first fault begins at the time asked for, the others as much later as they did.
    fn move_in_time(
        &self,
        reader: &Reader,
        zones: &Zones,
        incident: &mut [ScheduledEntry],
        placed: &[PlacedStore],
    ) {
        let later = distances(reader, zones, incident);
        let clocks: BTreeSet<&str> = placed.iter().map(|store| store.timezone.as_str()).collect();
        for (entry, later) in incident.iter_mut().zip(later) {
            let Some(start) = &mut entry.start else { continue };
            if start.timezone.is_some() && self.at.zone.is_none() && clocks.len() > 1 {
                let message =
                    format!("`{}` struck everywhere at once; here it follows each store's clock", entry.name);
                let help =
                    "name a time zone to keep it one instant: --at \"2019-11-29 14:00 America/New_York\"";
                reader.report(entry.name_place, Problem::new(Code::Adjusted, message).help(help));
            }
            let place = entry.name_place;
            let timezone = self.at.zone.as_ref().map(|zone| Named { text: zone.clone(), place });
            *start = Start { at: self.at.at, timezone };
            entry.later = later;
        }
    }
}

/// How long after the first of them each begins. Of faults by one clock each it is the time between the instants; where some
/// follow the stores' clocks, what clocks show.
fn distances(reader: &Reader, zones: &Zones, incident: &[ScheduledEntry]) -> Vec<Span> {
    let starts = || incident.iter().filter_map(|entry| entry.start.as_ref());
    let unknown =
        starts().filter_map(|start| start.timezone.as_ref()).filter(|zone| !zones.is_known(&zone.text));
    unknown.for_each(|zone| reader.report(zone.place, unknown_zone(zone)));
    let absolute = starts().all(|start| start.timezone.is_some());
    let shown = |start: &Start| {
        let zone = start.timezone.as_ref().filter(|_| absolute).map_or("UTC", |zone| zone.text.as_str());
        zones.instant(zone, start.at)
    };
    let first = starts().filter_map(shown).min().unwrap_or(SimTime::default());
    let distance = |entry: &ScheduledEntry| {
        entry.start.as_ref().and_then(shown).map_or(Span::ZERO, |at| at.since(first))
    };
    incident.iter().map(distance).collect()
}

/// The names that a fleet has.
struct FleetNames<'p> {
    formats: BTreeSet<&'p str>,
    regions: BTreeSet<&'p str>,
    markets: BTreeSet<&'p str>,
    providers: BTreeSet<&'p str>,
    carriers: BTreeSet<&'p str>,
    stores: BTreeSet<&'p str>,
}

impl<'p> FleetNames<'p> {
    fn of(placed: &'p [PlacedStore]) -> Self {
        let names = |of: fn(&PlacedStore) -> &str| placed.iter().map(of).collect();
        FleetNames {
            formats: names(|store| &store.format),
            regions: names(|store| &store.region),
            markets: names(|store| &store.market),
            providers: names(|store| &store.provider),
            carriers: names(|store| &store.carrier),
            stores: names(|store| &store.id),
        }
    }
}

/// Leaves out of a selection what the fleet does not have; if nothing is left, it is all.
fn fit(reader: &Reader, selection: &mut Selection, what: &str, fleet: &BTreeSet<&str>) {
    let Selection::These(names) = selection else { return };
    match known(reader, std::mem::take(names), what, fleet) {
        Ok(known) => *selection = Selection::These(known),
        Err(_) => *selection = Selection::All,
    }
}

/// The same of a list of names, in which all are the fleet's own.
fn fit_list(reader: &Reader, names: &mut Vec<Named>, what: &str, fleet: &BTreeSet<&str>) {
    *names = known(reader, std::mem::take(names), what, fleet)
        .unwrap_or_else(|place| fleet.iter().map(|&name| Named { text: name.to_owned(), place }).collect());
}

/// Those of `names` that the fleet has; if it has none of them, where they are written. What it does not have is said.
fn known(
    reader: &Reader,
    names: Vec<Named>,
    what: &str,
    fleet: &BTreeSet<&str>,
) -> Result<Vec<Named>, Place> {
    let (known, unknown): (Vec<Named>, Vec<Named>) =
        names.into_iter().partition(|name| fleet.contains(name.text.as_str()));
    let Some(first) = unknown.first() else { return Ok(known) };
    let list: Vec<String> = unknown.iter().map(|name| format!("`{}`", name.text)).collect();
    let (taken, help) = if known.is_empty() {
        ("taken as all", "select by names of this fleet to hit a part of it")
    } else {
        ("left out", "the other names are kept")
    };
    let message = format!("the fleet has no {what} {}: {taken}", list.join(", "));
    reader.report(first.place, Problem::new(Code::Adjusted, message).help(help));
    if known.is_empty() { Err(first.place) } else { Ok(known) }
}
