//! From a scenario as written to the one that is run: names looked up, stores placed, local time made absolute.

mod cells;
mod demand;
pub mod draw;
mod effects;
mod faults;
mod names;
mod noc;
mod rows;
mod services;
mod sizing;
mod stores;
pub(crate) mod table;
pub(crate) mod time;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::diagnostics::Code;
use super::reader::{Named, Problem, Reader};
use super::resolved::{
    self, CarrierId, CellId, FormatId, OfflineAuthorization, OobmKind, PlanId, ProfileId, Scenario,
    SecondSim, Store, TechnologyId, TrafficClass, Window,
};
use super::sections::Written;
use super::sections::calendar::Reach;
use super::sections::fleet::{Attribute, FleetSource};
use super::tree::{Node, Place};
use super::values::Selection;
use crate::units::{BitRate, Cents, SimTime};
pub(crate) use stores::PlacedStore;
use table::Cell;
use time::{LocalDays, Zones};

/// What every step of the expansion reads.
pub(crate) struct Context<'a> {
    pub reader: &'a Reader,
    pub written: &'a Written,
    pub zones: &'a Zones,
    /// The scenario file's own tree.
    pub user: &'a Node,
    /// By id, what the stores are said to have instead of what the fleet says.
    pub assigned: BTreeMap<String, BTreeMap<Attribute, Cell>>,
}

/// What was drawn because the fleet did not give it: attribute and number of stores.
pub type DrawnSummary = BTreeMap<&'static str, u32>;

/// The stores with every attribute, in order of id.
pub(crate) fn place(context: &Context, table: Option<&table::FleetTable>) -> Vec<PlacedStore> {
    let mut placed = match (&context.written.fleet.source, table) {
        (FleetSource::File(file), Some(table)) => stores::from_table(context, table, file),
        (FleetSource::Generate(description), _) => {
            stores::generate(context, description, context.written.fleet.place)
        }
        _ => Vec::new(),
    };
    stores::sort_and_check(context, &mut placed);
    placed
}

/// A scenario that can be run, and what goes with it.
pub(crate) struct Expanded {
    pub scenario: Scenario,
    pub drawn: DrawnSummary,
    pub sizing: Option<resolved::Sizing>,
}

/// Checks names and builds the scenario of the stores `placed`; `None` if any error was noted on the way.
pub(crate) fn expand(context: &Context, placed: &[PlacedStore]) -> Option<Expanded> {
    names::check(context);
    noc::check(context);
    names::check_reaches(context, placed);
    effects::check_tests(context);
    effects::check_blocked(context, placed);
    let sizing = sizing::sizing(context, placed);
    if context.reader.has_errors() {
        return None;
    }
    let scenario = build(context, placed)?;
    if context.reader.has_errors() {
        return None;
    }
    let mut drawn = DrawnSummary::new();
    for attribute in placed.iter().flat_map(|store| &store.drawn) {
        *drawn.entry(attribute).or_default() += 1;
    }
    Some(Expanded { scenario, drawn, sizing })
}

/// The names that stores use, in order: positions in it are ids.
struct Names(Vec<String>);

impl Names {
    fn used<'s>(names: impl Iterator<Item = &'s String>) -> Self {
        Names(names.collect::<BTreeSet<_>>().into_iter().cloned().collect())
    }

    fn position(&self, name: &str) -> u32 {
        self.0.binary_search_by(|known| known.as_str().cmp(name)).unwrap_or(0) as u32
    }
}

/// The names in use, and those that levers would bring into use.
fn with_levers(written: &Written, attribute: &str, used: &[String]) -> Vec<String> {
    let levers = written.sizing.iter().flat_map(|sizing| sizing.levers.values());
    let set = levers.flat_map(|lever| &lever.set).filter(|(key, _)| *key == attribute);
    let set = set.map(|(_, word)| word.text.clone());
    let items = written.items.values().filter_map(|item| item.plan.clone()).filter(|_| attribute == "plan");
    used.iter().cloned().chain(set).chain(items).collect()
}

/// What its terminals accept offline: as the store says, or as its format does.
fn offline_of(written: &Written, store: &PlacedStore) -> Option<OfflineAuthorization> {
    let format = &written.formats.get(&store.format)?.resolved;
    match store.offline_floor {
        None => format.offline,
        Some(Cents(0)) => None,
        Some(floor_limit) => {
            let count_max = format.offline.map_or(format.offline_count_max, |rule| rule.count_max);
            Some(OfflineAuthorization { floor_limit, count_max })
        }
    }
}

/// Its background traffic: its format's, less what it keeps off LTE.
fn traffic_of(written: &Written, store: &PlacedStore) -> Arc<[TrafficClass]> {
    let Some(format) = written.formats.get(&store.format) else { return Arc::default() };
    let usual = &format.resolved.traffic;
    if store.lte_block.is_empty() {
        return Arc::clone(usual);
    }
    let class = |class: &TrafficClass| {
        let blocked = store.lte_block.contains(&class.name);
        let rate = |rate| if blocked { BitRate(0) } else { rate };
        TrafficClass { lte_up: rate(class.lte_up), lte_down: rate(class.lte_down), ..class.clone() }
    };
    usual.iter().map(class).collect()
}

fn build(context: &Context, placed: &[PlacedStore]) -> Option<Scenario> {
    let written = context.written;
    let general = &written.general;
    let (first, last) = general.days?;
    let formats = Names::used(placed.iter().map(|store| &store.format));
    let technologies = Names::used(placed.iter().map(|store| &store.technology));
    let profiles = Names::used(placed.iter().map(|store| &store.profile));
    let carriers = Names::used(placed.iter().flat_map(|store| {
        let other = (store.oobm != OobmKind::None).then_some(&store.oobm_carrier);
        store.carriers().chain(other)
    }));
    let plans = Names::used(placed.iter().filter_map(|store| store.plan.as_ref()));
    names::warn_unused(
        context,
        &[
            ("formats", &formats.0),
            ("technologies", &technologies.0),
            ("profiles", &with_levers(written, "profile", &profiles.0)),
            ("plans", &with_levers(written, "plan", &plans.0)),
        ],
    );
    let zones = local_days(context, placed, first, last)?;
    let mut days = demand::build(context, placed, &zones);
    let mut surges = demand::surges(context, placed, &zones);
    let (cells, cell_of, second_cell_of) = cells::build(context, placed, &zones, &carriers.0);
    let window = union(zones.values().map(LocalDays::window));
    let services = services::used(context);
    let schedule = faults::schedule(context, placed, window, &carriers.0, &services);
    let rate_windows = faults::rate_windows(context, placed);
    let mut failback_hours = FailbackHours::new(context, first, last);
    let stores = placed.iter().enumerate().map(|(rank, store)| Store {
        id: store.id.clone(),
        format: FormatId(formats.position(&store.format)),
        region: store.region.clone(),
        market: store.market.clone(),
        timezone: store.timezone.clone(),
        lat: store.lat,
        lon: store.lon,
        provider: store.provider.clone(),
        technology: TechnologyId(technologies.position(&store.technology)),
        carrier: CarrierId(carriers.position(&store.carrier)),
        cell: CellId(cell_of[rank]),
        sinr_db: store.sinr_db,
        plan: store.plan.as_ref().map(|plan| PlanId(plans.position(plan))),
        modem: store.modem.unwrap_or((written.lte.resolved.modem_up, written.lte.resolved.modem_down)),
        second: store.second.as_ref().map(|(carrier, sinr_db)| SecondSim {
            carrier: CarrierId(carriers.position(carrier)),
            cell: CellId(second_cell_of[rank]),
            sinr_db: *sinr_db,
        }),
        profile: ProfileId(profiles.position(&store.profile)),
        topology: store.topology,
        standby: store.standby,
        ups: store.ups,
        generator: store.generator,
        oobm: noc::oobm(store, &carriers),
        backup_test: store.backup_test.unwrap_or(written.lte.resolved.latent.test_interval),
        offline: offline_of(written, store),
        traffic: traffic_of(written, store),
        lanes: store.lanes,
        self_checkouts: store.self_checkouts,
        days: std::mem::take(&mut days[rank]),
        surges: std::mem::take(&mut surges[rank]),
        failback_hours: failback_hours.of(store),
        drawn: store.drawn.clone(),
        extra: store.extra.clone(),
    });
    let stores: Vec<Store> = stores.collect();
    let technologies: Vec<_> =
        technologies.0.iter().filter_map(|name| written.technologies.get(name)).collect();
    let causes = faults::causes(context, &technologies, placed, &rate_windows, &services);
    let formats: Vec<_> = formats
        .0
        .iter()
        .filter_map(|name| written.formats.get(name))
        .map(|one| one.resolved.clone())
        .collect();
    let noc = noc::build(context, placed, &stores, &formats, &causes, &schedule.faults);
    let scenario = Scenario {
        name: general.name.clone(),
        seed: general.seed,
        replications: general.replications,
        window,
        first_day: first.to_string(),
        last_day: last.to_string(),
        interval: general.interval,
        cell_timeline: general.cell_timeline,
        currency: general.currency.clone(),
        money: written.money.clone(),
        year: written.year,
        formats,
        causes,
        shared_faults_from: faults::shared_from(first, written.faults.lead_in),
        rate_windows: rate_windows.windows,
        sampling: written.faults.sampling,
        technologies: technologies.iter().map(|technology| technology.resolved.clone()).collect(),
        profiles: profiles.0.iter().filter_map(|name| written.profiles.get(name)).cloned().collect(),
        carriers: carriers.0.iter().filter_map(|name| written.carriers.get(name)).cloned().collect(),
        plans: plans
            .0
            .iter()
            .filter_map(|name| written.plans.get(name))
            .map(|plan| plan.priced(written.money.lte_plan))
            .collect(),
        cells,
        fault_lead_in: written.faults.lead_in,
        scheduled_faults: schedule.faults,
        carrier_faults: schedule.of_cores,
        payments: services::payments(context, &services),
        online: services::online(context, &services, window),
        services: services::services(context, &services, schedule.of_services),
        lte: lte_of(written),
        noc,
        resync: written.resync,
        thresholds: written.thresholds.clone(),
        stores,
    };
    faults::check_sampling(context, &scenario);
    (!context.reader.has_errors()).then_some(scenario)
}

/// `[lte]`; without faults no backup fails unnoticed either.
fn lte_of(written: &Written) -> resolved::Lte {
    let mut lte = written.lte.resolved.clone();
    if !written.faults.enabled {
        lte.latent.rate_per_s = 0.0;
    }
    lte
}

/// When traffic may return at stores, once for all of one profile and zone.
struct FailbackHours<'c> {
    context: &'c Context<'c>,
    first: Date,
    last: Date,
    known: BTreeMap<(String, String), Arc<[Window]>>,
}

impl<'c> FailbackHours<'c> {
    /// Of runs over the days `first..=last`, and of the faults' lead-in.
    fn new(context: &'c Context<'c>, first: Date, last: Date) -> Self {
        FailbackHours { context, first, last, known: BTreeMap::new() }
    }

    fn of(&mut self, store: &PlacedStore) -> Arc<[Window]> {
        let key = (store.profile.clone(), store.timezone.clone());
        if let Some(known) = self.known.get(&key) {
            return Arc::clone(known);
        }
        let profile = self.context.written.profiles.get(&store.profile);
        let hours = profile
            .and_then(|profile| profile.failback_hours)
            .map_or_else(Vec::new, |hours| self.days(&store.timezone, hours));
        let hours: Arc<[Window]> = hours.into();
        self.known.insert(key, Arc::clone(&hours));
        hours
    }

    fn days(&self, zone: &str, (from, to): (u32, u32)) -> Vec<Window> {
        const DAY_S: f64 = 86_400.0;
        // A day more at each end, for what begins the evening before or ends the morning after.
        let lead_in = (self.context.written.faults.lead_in.as_secs_f64() / DAY_S) as i64 + 2;
        let mut date = self.first.saturating_sub(jiff::Span::new().days(lead_in));
        let end = self.last.saturating_add(jiff::Span::new().days(2));
        let mut found = Vec::new();
        while date < end {
            let next = date.saturating_add(jiff::Span::new().days(1));
            let at = |date, minutes| self.context.zones.at_minute(zone, date, minutes);
            let until = if to > from { at(date, to) } else { at(next, to) };
            if let Some((start, end)) = at(date, from).zip(until)
                && start < end
            {
                found.push(Window { start, end });
            }
            date = next;
        }
        found
    }
}

/// The simulated days in every time zone that a store is in.
fn local_days<'z>(
    context: &'z Context,
    placed: &[PlacedStore],
    first: Date,
    last: Date,
) -> Option<BTreeMap<String, LocalDays<'z>>> {
    let mut zones = BTreeMap::new();
    for store in placed {
        let name = &store.timezone;
        if zones.contains_key(name) {
            continue;
        }
        let days = LocalDays::new(context.zones, name, first, last)?;
        if days.is_empty() {
            let message = format!("store `{}`: {name} skips {first}, so it has no day to simulate", store.id);
            let help =
                "the calendar moved across the date line there: choose other days or another time zone";
            context.report(store.place, Problem::new(Code::BadTime, message).help(help));
        }
        zones.insert(name.clone(), days);
    }
    (!context.reader.has_errors()).then_some(zones)
}

fn union(windows: impl Iterator<Item = Window>) -> Window {
    windows
        .reduce(|all, one| Window { start: all.start.min(one.start), end: all.end.max(one.end) })
        .unwrap_or(Window { start: SimTime::default(), end: SimTime::default() })
}

/// Whether a selection contains a name.
fn selects(selection: &Selection, name: &str) -> bool {
    match selection {
        Selection::All => true,
        Selection::These(names) => names.iter().any(|known| known.text == name),
    }
}

/// The stores that something reaches, by rank.
fn reached<'s>(
    reach: &'s Reach,
    placed: &'s [PlacedStore],
) -> impl Iterator<Item = (usize, &'s PlacedStore)> {
    placed.iter().enumerate().filter(|(_, store)| {
        selects(&reach.formats, &store.format)
            && selects(&reach.regions, &store.region)
            && selects(&reach.stores, &store.id)
            && selects(&reach.markets, &store.market)
            && selects(&reach.providers, &store.provider)
            && store.carriers().any(|carrier| selects(&reach.carriers, carrier))
    })
}

impl Context<'_> {
    fn report(&self, place: Place, problem: Problem) {
        self.reader.report(place, problem);
    }

    /// The instant at which something begins at a store.
    fn begins(&self, start: &super::sections::calendar::Start, store: &PlacedStore) -> Option<SimTime> {
        let zone = start.timezone.as_ref().map_or(store.timezone.as_str(), |name| name.text.as_str());
        self.zones.instant(zone, start.at)
    }
}

/// A time zone name that is not known.
pub(crate) fn unknown_zone(name: &Named) -> Problem {
    Problem::new(Code::BadTime, format!("`{}` is not a time zone", name.text))
        .help("use an IANA name such as America/New_York")
}
