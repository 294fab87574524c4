//! Causes by technology, and scheduled faults by store.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::draw::{FleetPurpose, StoreDraws};
use super::stores::PlacedStore;
use super::{Context, Names, reached, selects, services};
use crate::scenario::diagnostics::Code;
use crate::scenario::reader::{Named, Problem};
use crate::scenario::resolved::{
    CarrierFault, CarrierId, Cause, Hit, Law, Part, Parts, RateWindow, Sampling, Scenario, ScheduledFault,
    Scope, ServiceFault, ServiceId, SharedCause, StoreRank, Unit, Window,
};
use crate::scenario::sections::faults::{ByTechnology, CauseEntry, FreezeEntry, ScheduledEntry};
use crate::scenario::sections::network::{Parent, Technology};
use crate::scenario::values::DAY_MINUTES;
use crate::units::{SimTime, Span};

/// A Julian year.
const SECONDS_PER_YEAR: f64 = 31_557_600.0;

/// The causes that happen, in order of name; rate and repair for each technology.
pub(super) fn causes(
    context: &Context,
    technologies: &[&Technology],
    placed: &[PlacedStore],
    windows: &RateWindows,
    services: &Names,
) -> Vec<Cause> {
    let faults = &context.written.faults;
    let enabled = faults.causes.iter().filter(|(_, entry)| faults.enabled && entry.enabled);
    let build = |(name, entry): (&String, &CauseEntry)| {
        let holiday = if faults.holiday { entry.holiday_factor } else { 1.0 };
        let per_year = |technology: &Technology| match entry.by_technology {
            ByTechnology::Nothing => entry.rate_per_year,
            ByTechnology::Access => entry.rate_per_year * technology.fault_multiplier,
            ByTechnology::Flaps => technology.flaps_per_year,
        };
        let repair = |technology: &Technology| match entry.by_technology {
            ByTechnology::Access => stretch(entry.repair, technology.repair_multiplier),
            ByTechnology::Nothing | ByTechnology::Flaps => entry.repair,
        };
        Cause {
            name: name.clone(),
            scope: entry.scope,
            rate_per_s: technologies.iter().map(|one| per_year(one) * holiday / SECONDS_PER_YEAR).collect(),
            repair: technologies.iter().map(|one| repair(one)).collect(),
            signatures: entry.signatures.clone(),
            remedy: entry.remedy,
            parts: entry.parts,
            takes_lte: entry.takes_lte,
            rate_windows: windows.of(entry),
            load_factor: entry.load_factor,
            load: entry.load,
            shared: entry.scope.is_shared().then(|| SharedCause {
                units: match entry.scope {
                    Scope::Service => services::units(context, &entry.of_service, placed, services),
                    scope => units(context, scope, placed),
                },
                share: entry.share,
                takes_cells: entry.takes_cells,
                cell_battery: entry.cell_battery,
                network: entry.of_service.network,
                capacity: entry.of_service.capacity,
            }),
        }
    };
    enabled.map(build).collect()
}

/// The units of a shared scope in order of name, with what of each store belongs to them.
fn units(context: &Context, scope: Scope, placed: &[PlacedStore]) -> Vec<Unit> {
    let everything = Part::ALL.into_iter().fold(Parts::default(), Parts::with);
    let mut units: BTreeMap<&str, Vec<(StoreRank, Parts)>> = BTreeMap::new();
    for (rank, store) in placed.iter().enumerate() {
        let technology = &context.written.technologies[&store.technology];
        // Nothing of a store without a wired primary hangs on a wire.
        let wired = if technology.resolved.is_lte { everything.without(Part::Uplink) } else { everything };
        let mut join = |name, parts: Parts| {
            if !parts.is_empty() {
                units.entry(name).or_default().push((StoreRank(rank as u32), parts));
            }
        };
        match scope {
            Scope::Market if !store.market.is_empty() => join(store.market.as_str(), wired),
            Scope::Region if !store.region.is_empty() => join(store.region.as_str(), wired),
            Scope::Provider if !technology.resolved.is_lte => join(store.provider.as_str(), wired),
            Scope::Carrier => store.carriers().for_each(|carrier| join(carrier.as_str(), wired)),
            Scope::Fleet => join(scope.name(), wired),
            Scope::Parent => {
                for (name, parent) in &context.written.parents {
                    join(name.as_str(), of_parent(parent, store, technology.resolved.is_lte));
                }
            }
            Scope::Market
            | Scope::Region
            | Scope::Provider
            | Scope::Service
            | Scope::Lane
            | Scope::Router
            | Scope::Switch
            | Scope::StoreServer
            | Scope::Uplink
            | Scope::Backup
            | Scope::SitePower => {}
        }
    }
    let unit = |(name, stores): (&str, _)| Unit {
        name: name.to_owned(),
        drawn_as: name.to_owned(),
        service: None,
        stores,
    };
    units.into_iter().map(unit).collect()
}

/// What of a store hangs on a company.
fn of_parent(parent: &Parent, store: &PlacedStore, is_lte: bool) -> Parts {
    let owns = |names: &[Named], name: &str| names.iter().any(|known| known.text == name);
    let mut parts = Parts::default();
    if !is_lte && owns(&parent.providers, &store.provider) {
        parts = parts.with(Part::Uplink);
    }
    if owns(&parent.carriers, &store.carrier) {
        parts = parts.with(Part::Backup);
    }
    parts
}

/// The stretches in which rates are multiplied, and which entry each is of.
pub(super) struct RateWindows {
    pub(super) windows: Vec<RateWindow>,
    /// How many of them are weather; freezes come after them.
    weather: usize,
    /// The factor of a freeze belongs to the cause: one copy of the freezes for each factor.
    freezes: Vec<(f64, std::ops::Range<u32>)>,
}

impl RateWindows {
    fn of(&self, entry: &CauseEntry) -> Vec<u32> {
        let weather = if entry.weather { 0..self.weather as u32 } else { 0..0 };
        let freeze = self.freezes.iter().find(|(factor, _)| *factor == entry.freeze_factor);
        weather.chain(freeze.map_or(0..0, |(_, range)| range.clone())).collect()
    }
}

/// Weather and freezes with the stores that they are about; one stretch for each clock that they begin by.
pub(super) fn rate_windows(context: &Context, placed: &[PlacedStore]) -> RateWindows {
    let faults = &context.written.faults;
    let mut windows = Vec::new();
    let mut number = 0;
    for entry in &faults.weather {
        let mut by_start: BTreeMap<SimTime, Vec<StoreRank>> = BTreeMap::new();
        for (rank, store) in reached(&entry.reach, placed) {
            if let Some(start) = entry.start.as_ref().and_then(|start| context.begins(start, store)) {
                by_start.entry(start).or_default().push(StoreRank(rank as u32));
            }
        }
        windows.extend(by_start.into_iter().map(|(start, stores)| {
            let window = Window { start, end: start + entry.duration };
            RateWindow { entry: number, window, factor: entry.factor, stores }
        }));
        number += 1;
    }
    let weather = windows.len();
    let mut factors: Vec<f64> = faults.causes.values().map(|cause| cause.freeze_factor).collect();
    factors.retain(|&factor| factor != 1.0);
    factors.sort_by(f64::total_cmp);
    factors.dedup();
    let mut freezes = Vec::new();
    for factor in factors {
        let first = windows.len() as u32;
        for entry in &faults.freezes {
            windows.extend(freeze(context, entry, placed, (number, factor)));
            number += 1;
        }
        freezes.push((factor, first..windows.len() as u32));
    }
    RateWindows { windows, weather, freezes }
}

/// One freeze, by time zone.
fn freeze(
    context: &Context,
    entry: &FreezeEntry,
    placed: &[PlacedStore],
    (number, factor): (u32, f64),
) -> Vec<RateWindow> {
    let Some((first, last)) = entry.days else { return Vec::new() };
    let mut by_zone: BTreeMap<&str, Vec<StoreRank>> = BTreeMap::new();
    for (rank, store) in reached(&entry.reach, placed) {
        by_zone.entry(store.timezone.as_str()).or_default().push(StoreRank(rank as u32));
    }
    let window = |zone: &str| {
        let start = context.zones.at_minute(zone, first, 0)?;
        let end = context.zones.at_minute(zone, last, DAY_MINUTES)?;
        Some(Window { start, end })
    };
    let of_zone = |(zone, stores)| Some(RateWindow { entry: number, window: window(zone)?, factor, stores });
    by_zone.into_iter().filter_map(of_zone).collect()
}

/// Strata need replications, and weights that stand for almost nothing are worth nothing.
pub(super) fn check_sampling(context: &Context, scenario: &Scenario) {
    /// Replications for a variance within a stratum.
    const EACH: u32 = 2;
    let place = context.written.faults.sampling_place;
    match scenario.sampling {
        Sampling::Plain => {}
        Sampling::Strata => {
            let strata = scenario.strata().len() as u32;
            if strata == 1 {
                let message = "no shared fault is rare here, so there are no strata";
                let help = "leave `sampling` out: it has no effect";
                context.report(place, Problem::new(Code::NoEffect, message).help(help));
            } else if scenario.replications < EACH * strata {
                let message = format!(
                    "{} replications are too few for {strata} strata of shared faults",
                    scenario.replications
                );
                let help = format!(
                    "run at least {}, {EACH} for each stratum; 30 for each give intervals to rely on",
                    EACH * strata
                );
                context.report(place, Problem::new(Code::Inconsistent, message).help(help));
            }
        }
        Sampling::Boosted(boost) => {
            let useful = scenario.useful_share();
            if useful < Scenario::USEFUL_MIN {
                let message = format!(
                    "boosted {boost} times, weights degenerate: replications would be worth {:.2} % of as many",
                    100.0 * useful
                );
                let help =
                    format!("write a boost of at most {:.1}, or sampling = \"strata\"", scenario.boost_max());
                context.report(place, Problem::new(Code::Inconsistent, message).help(help));
            }
        }
    }
}

/// From when shared faults are drawn: the lead-in before the first day begins anywhere on earth.
pub(super) fn shared_from(first: Date, lead_in: Span) -> SimTime {
    const EARLIEST_CLOCK: Span = Span::from_secs(14 * 3_600);
    let midnight = first.at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
    let seconds = midnight.map_or(0, |at| at.timestamp().as_second());
    SimTime::from_unix_seconds(seconds.unsigned_abs()).saturating_sub(EARLIEST_CLOCK).saturating_sub(lead_in)
}

/// The same distribution, `factor` times as long.
fn stretch(law: Law, factor: f64) -> Law {
    match law {
        Law::Constant(seconds) => Law::Constant(seconds * factor),
        Law::Uniform { low, high } => Law::Uniform { low: low * factor, high: high * factor },
        Law::Exponential { mean } => Law::Exponential { mean: mean * factor },
        Law::Lognormal { median, sigma } => Law::Lognormal { median: median * factor, sigma },
    }
}

/// What the scenario says breaks.
pub(super) struct Schedule {
    pub(super) faults: Vec<ScheduledFault>,
    /// By carrier: when its core is down.
    pub(super) of_cores: Vec<Vec<CarrierFault>>,
    /// By service: what happens to it, in order of onset.
    pub(super) of_services: Vec<Vec<ServiceFault>>,
}

/// Scheduled faults with the stores they hit, each drawn at (store, fault's name), and what happens to carriers' cores and to
/// services.
pub(super) fn schedule(
    context: &Context,
    placed: &[PlacedStore],
    window: Window,
    carriers: &[String],
    services: &Names,
) -> Schedule {
    let mut scheduled = Vec::new();
    let mut of_services = vec![Vec::new(); services.0.len()];
    let mut of_cores = vec![Vec::new(); carriers.len()];
    for entry in &context.written.faults.scheduled {
        if entry.scope == Scope::Carrier && entry.signature.is_dead() {
            for (fault, of_core) in of_carriers(context, entry, placed, window, carriers) {
                of_cores[fault.carrier.map_or(0, |carrier| carrier.0 as usize)].push(of_core);
                scheduled.push(fault);
            }
            continue;
        }
        let whole = entry.is_of_whole_service();
        let service = (entry.scope == Scope::Service)
            .then(|| services::named(&entry.of_service, context, services))
            .flatten();
        if let Some(id) = service.filter(|_| whole) {
            let number = scheduled.len() as u32;
            of_services[id.0 as usize].extend(services::whole(context, entry, placed, window, number));
        }
        let mut hits: Vec<_> = reached(&entry.reach, placed)
            .filter_map(|(rank, store)| hit(context, entry, rank, store))
            .collect();
        if whole {
            hits.iter_mut().for_each(|hit| hit.parts = hit.parts.without(Part::Service));
            hits.retain(|hit| !hit.parts.is_empty());
        }
        let outside = |hit: &Hit| hit.window.start >= window.end || hit.window.end <= window.start;
        if hits.iter().all(outside) && !hits.is_empty() {
            let message = format!("`{}` happens outside the days that are simulated", entry.name);
            context.report(entry.reach.place, Problem::new(Code::NoEffect, message));
        }
        if entry.scope == Scope::Parent && entry.signature.is_dead() {
            cores_of_parent(entry, placed, &hits, carriers, &mut of_cores);
        }
        scheduled.push(ScheduledFault {
            name: entry.name.clone(),
            scope: entry.scope,
            signature: entry.signature,
            remedy: entry.remedy,
            carrier: None,
            service,
            hits,
        });
    }
    for (id, faults) in of_services.iter_mut().enumerate() {
        faults.extend(services::own(context, ServiceId(id as u32), services, window, &mut scheduled));
        faults.sort_by_key(|fault| fault.window.start);
    }
    of_cores.iter_mut().for_each(|faults: &mut Vec<CarrierFault>| {
        faults.sort_by_key(|fault| fault.window.start);
    });
    Schedule { faults: scheduled, of_cores, of_services }
}

/// A parent's fault takes its carriers' cores along: of their phones, each stretch has the part that its stores are of theirs.
fn cores_of_parent(
    entry: &ScheduledEntry,
    placed: &[PlacedStore],
    hits: &[Hit],
    carriers: &[String],
    of_cores: &mut [Vec<CarrierFault>],
) {
    for (carrier, faults) in carriers.iter().zip(of_cores) {
        let mine: Vec<&Hit> = hits
            .iter()
            .filter(|hit| hit.parts.has(Part::Backup) && placed[hit.store.0 as usize].carrier == *carrier)
            .collect();
        let mut stretches: BTreeMap<(SimTime, SimTime), Vec<StoreRank>> = BTreeMap::new();
        for hit in &mine {
            stretches.entry((hit.window.start, hit.window.end)).or_default().push(hit.store);
        }
        faults.extend(stretches.into_iter().map(|((start, end), stores)| {
            let share = entry.share * stores.len() as f64 / mine.len() as f64;
            CarrierFault { window: Window { start, end }, share, stores }
        }));
    }
}

/// A fault of the core of each of the carriers that `entry` names: one window for all whom it hits.
fn of_carriers(
    context: &Context,
    entry: &ScheduledEntry,
    placed: &[PlacedStore],
    window: Window,
    carriers: &[String],
) -> Vec<(ScheduledFault, CarrierFault)> {
    let seed = context.written.general.seed;
    let mut scheduled = Vec::new();
    let mut outside = false;
    for (id, carrier) in carriers.iter().enumerate().filter(|(_, name)| selects(&entry.reach.carriers, name))
    {
        let subscribers =
            || reached(&entry.reach, placed).filter(|(_, store)| store.carriers().any(|one| one == carrier));
        let begins = subscribers().filter_map(|(_, store)| context.begins(entry.start.as_ref()?, store));
        let Some(start) = begins.min() else { continue };
        let draws = StoreDraws::of_carrier(seed, carrier, &entry.name);
        let lasts = draws.duration(FleetPurpose::ScheduledDuration, entry.duration);
        let down = Window { start, end: start + Span::from_secs_f64(lasts).max(Span::from_millis(1)) };
        outside |= down.start >= window.end || down.end <= window.start;
        let hits: Vec<Hit> = subscribers()
            .filter_map(|(rank, store)| {
                let draws = StoreDraws::new(seed, &store.id, &entry.name);
                let chosen = draws.uniform(FleetPurpose::ScheduledShare) < entry.share;
                let parts = parts_hit(context, entry, store, chosen);
                let store = StoreRank(rank as u32);
                (!parts.is_empty()).then_some(Hit { store, window: down, parts })
            })
            .collect();
        let of_core = hits.iter().filter(|hit| hit.parts.has(Part::Backup));
        let stores: Vec<StoreRank> = of_core.map(|hit| hit.store).collect();
        let fault = ScheduledFault {
            name: entry.name.clone(),
            scope: entry.scope,
            signature: entry.signature,
            remedy: entry.remedy,
            carrier: Some(CarrierId(id as u32)),
            service: None,
            hits,
        };
        scheduled.push((fault, CarrierFault { window: down, share: entry.share, stores }));
    }
    if outside {
        let message = format!("`{}` happens outside the days that are simulated", entry.name);
        context.report(entry.reach.place, Problem::new(Code::NoEffect, message));
    }
    scheduled
}

fn hit(context: &Context, entry: &ScheduledEntry, rank: usize, store: &PlacedStore) -> Option<Hit> {
    let draws = StoreDraws::new(context.written.general.seed, &store.id, &entry.name);
    let parts = parts_hit(context, entry, store, draws.uniform(FleetPurpose::ScheduledShare) < entry.share);
    if parts.is_empty() {
        return None;
    }
    let begin: SimTime = context.begins(entry.start.as_ref()?, store)?;
    let late = draws.uniform(FleetPurpose::ScheduledSpread) * entry.spread.as_secs_f64();
    let start = begin + entry.later + Span::from_secs_f64(late);
    let lasts = Span::from_secs_f64(draws.duration(FleetPurpose::ScheduledDuration, entry.duration));
    let store = StoreRank(rank as u32);
    Some(Hit { store, window: Window { start, end: start + lasts }, parts })
}

/// What a scheduled fault breaks at a store in its reach; `chosen`: the store is of the share that it hits.
fn parts_hit(context: &Context, entry: &ScheduledEntry, store: &PlacedStore, chosen: bool) -> Parts {
    let is_lte = context.written.technologies[&store.technology].resolved.is_lte;
    let mut parts = if chosen { entry.parts } else { Parts::default() };
    if entry.scope.is_shared() && is_lte {
        parts = parts.without(Part::Uplink);
    }
    if let Some(parent) = entry.parent.as_ref().and_then(|name| context.written.parents.get(&name.text)) {
        let of_parent = of_parent(parent, store, is_lte);
        parts = parts.iter().filter(|&part| of_parent.has(part)).fold(Parts::default(), Parts::with);
    }
    if entry.takes_lte.iter().any(|carrier| carrier.text == store.carrier) {
        parts = parts.with(Part::Backup);
    }
    parts
}
