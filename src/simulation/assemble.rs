//! From finished stores and resources to the rows of a replication, in a fixed order.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

use crate::model::detector::closed;
use crate::model::faults::shared::SharedFaults;
use crate::model::ledger::{Books, DayBook, Helped, Incidents, LossStage, is_own};
use crate::model::shared::Shared;
use crate::model::shared::service::schedule::{Phase, phases};
use crate::model::store::{Store, used_bytes};
use crate::scenario::resolved::{self, Plan, PlanId, Scenario, ServiceId, StoreRank, Window};
use crate::units::{Cents, SimTime, Span};

use super::result::{
    CarrierRow, CellRow, DayRow, IncidentKind, IncidentRow, KernelCounters, LossRow, ReplicationResult,
    Resynced, ServiceRow, StoreRow, TicketRow, Timeline, TimelineCell,
};

/// What one group yields.
pub(super) struct GroupOutcome {
    pub(super) stores: Vec<StoreOutcome>,
    pub(super) shared: Vec<Shared>,
    pub(super) folds: u64,
}

/// What one store yields.
pub(super) struct StoreOutcome {
    pub(super) rank: StoreRank,
    books: Books,
    slowed: Option<SimTime>,
    resynced: Resynced,
    /// Sales of the fault-free twin by day; `None` if the store is its own twin.
    twin_sales: Option<Vec<Cents>>,
    pub(super) events: u64,
    ties: u64,
}

impl StoreOutcome {
    pub(super) fn new(mut store: Store<'_>, twin: Option<Store<'_>>) -> Self {
        if let Some(twin) = &twin {
            store.books.settle_losses(&twin.books, &twin.days_lived());
        }
        let twin_sales = twin.map(|twin| {
            let lived = twin.days_lived();
            let lived = |day: usize| lived.iter().any(|days| days.contains(&day));
            let days = twin.books.days.iter().zip(&store.books.days).enumerate();
            let sales = days.map(|(day, (its, ours))| if lived(day) { its } else { ours }.ledger.sales);
            sales.collect()
        });
        StoreOutcome {
            rank: store.store_rank(),
            slowed: store.slowed(),
            resynced: store.resynced,
            events: store.events,
            ties: store.ties,
            books: store.books,
            twin_sales,
        }
    }

    /// Customers that came.
    pub(super) fn customers(&self) -> u64 {
        self.books.days.iter().map(|day| day.ledger.customers).sum()
    }

    fn lost_to_network(&self, day: usize) -> Cents {
        let sales = self.books.days[day].ledger.sales;
        self.twin_sales.as_ref().map_or(Cents(0), |twin| twin[day] - sales)
    }
}

/// Puts the groups of one replication together.
pub(super) fn replication(
    scenario: &Scenario,
    replication: u32,
    faults: SharedFaults,
    groups: Vec<GroupOutcome>,
) -> ReplicationResult {
    let standby_activations = activations(scenario, &faults);
    let (stratum, rare_onsets) = (faults.stratum, faults.rare_onsets);
    let shared_faults = faults.faults;
    let mut result = ReplicationResult {
        replication,
        stratum,
        rare_onsets,
        shared_faults,
        standby_activations,
        ..ReplicationResult::default()
    };
    let mut outcomes = Vec::new();
    for group in groups {
        result.kernel.folds += group.folds;
        for shared in group.shared {
            match shared {
                Shared::Cell(cell) if cell.usage.stores_max > 0 => result.cells.push(CellRow {
                    cell: cell.id,
                    attached: cell.usage.attached,
                    bytes: 0,
                    stores_max: cell.usage.stores_max,
                    busy: cell.usage.busy,
                    saturated: cell.usage.saturated,
                    intervals: cell.intervals(),
                }),
                Shared::Cell(_) | Shared::Pool(_) => {}
                Shared::Core(mut core) => {
                    let usage = core.close(scenario.window.end);
                    result.carriers.push(CarrierRow { carrier: core.id, usage });
                }
                Shared::Service(service) => {
                    let activated = service.intervals.iter().map(|counts| counts.activations).sum();
                    // Crashes by overload are in this one.
                    result.standby_activations[service.id.0 as usize] = activated;
                    let online = service.online_losses();
                    let row = ServiceRow { service: service.id, intervals: service.intervals, online };
                    result.services.push(row);
                }
                Shared::Noc(noc) => (result.tickets, result.noc_hours) = noc.into_books(),
            }
        }
        outcomes.extend(group.stores);
    }
    result.services.sort_by_key(|row| row.service);
    outcomes.sort_by_key(|outcome| outcome.rank);
    result.cells.sort_by_key(|row| row.cell);
    result.carriers.sort_by_key(|row| row.carrier);
    result.timeline = empty_timeline(scenario);
    for outcome in outcomes {
        add_store(scenario, &mut result, outcome);
    }
    count_overage(scenario, &mut result.stores);
    count_journeys(&mut result);
    result
}

/// The rows of one store, as if there were no others.
pub(super) fn alone(
    scenario: &Scenario,
    replication: u32,
    faults: SharedFaults,
    outcome: StoreOutcome,
) -> ReplicationResult {
    let (shared_faults, timeline) = (faults.faults, empty_timeline(scenario));
    let mut result =
        ReplicationResult { replication, shared_faults, timeline, ..ReplicationResult::default() };
    add_store(scenario, &mut result, outcome);
    result
}

/// How often each service's standby begins to serve in the window because of its faults.
fn activations(scenario: &Scenario, faults: &SharedFaults) -> Vec<u64> {
    let services = scenario.services.iter().enumerate();
    let of_one = |(number, service): (usize, &resolved::Service)| {
        let history = faults.of_service(ServiceId(number as u32));
        let phases = phases(&history.faults, service.standby.as_ref());
        let window = scenario.window;
        let begins = |phase: &&Phase| phase.standby && window.start <= phase.from && phase.from < window.end;
        phases.iter().filter(begins).count() as u64
    };
    services.map(of_one).collect()
}

/// Journeys of technicians: see [`journeys`].
fn count_journeys(result: &mut ReplicationResult) {
    for (store, count) in journeys(&result.tickets, &result.incidents) {
        result.stores[store.0 as usize].truck_rolls += count;
    }
}

/// Journeys of technicians by store: those that tickets tell of, and one for each incident that ends on site without a ticket. One that
/// another hides is mended on the same journey.
pub(super) fn journeys(tickets: &[TicketRow], incidents: &[IncidentRow]) -> BTreeMap<StoreRank, u64> {
    let mut count: BTreeMap<StoreRank, u64> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for ticket in tickets {
        *count.entry(ticket.store).or_default() += u64::from(ticket.dispatched.is_some());
        known.insert((ticket.store, ticket.cause, ticket.onset));
    }
    let alone = |row: &&IncidentRow| !known.contains(&(row.store, row.cause, row.fault));
    let on_site = incidents.iter().filter(|row| row.remedy == "on_site" && row.kind != IncidentKind::Masked);
    for row in on_site.filter(alone) {
        *count.entry(row.store).or_default() += 1;
    }
    count
}

/// What went beyond allowances that charge for it, and what it costs: of a line, or of a pool in proportion to what its lines
/// carried. Parts are differences of rounded sums, so that those of a pool add up to its bytes and to its bill.
fn count_overage(scenario: &Scenario, rows: &mut [StoreRow]) {
    for (number, plan) in scenario.plans.iter().enumerate() {
        let Some(left) = charged_from(plan) else { continue };
        let mine =
            |row: &&mut StoreRow| scenario.stores[row.store.0 as usize].plan == Some(PlanId(number as u32));
        let carried = |row: &StoreRow| row.times.lte_bytes + row.probe_bytes;
        if plan.pooled {
            let total: u64 = rows.iter_mut().filter(mine).map(|row| carried(row)).sum();
            let over = u128::from(total.saturating_sub(left));
            let (mut upto, mut told) = (0, 0);
            for row in rows.iter_mut().filter(mine) {
                upto += u128::from(carried(row));
                let part = (over * upto).checked_div(u128::from(total)).unwrap_or(0) as u64;
                row.over_bytes = part - told;
                row.over_cost = plan.overage(part) - plan.overage(told);
                told = part;
            }
        } else {
            for row in rows.iter_mut().filter(mine) {
                row.over_bytes = carried(row).saturating_sub(left);
                row.over_cost = plan.overage(row.over_bytes);
            }
        }
    }
}

/// Overage of one store's own plan when its traffic over LTE is `lte_bytes`, its days' probes beside that; none of a pooled one.
pub(super) fn overage_alone(scenario: &Scenario, rank: StoreRank, lte_bytes: u64) -> Cents {
    let store = &scenario.stores[rank.0 as usize];
    let Some(plan) = store.plan.map(|plan| &scenario.plans[plan.0 as usize]) else { return Cents(0) };
    let Some(left) = charged_from(plan).filter(|_| !plan.pooled) else { return Cents(0) };
    let carried = lte_bytes + days_probe_bytes(scenario, store);
    plan.overage(carried.saturating_sub(left))
}

/// What is left of a plan's allowance as the window opens, if what goes beyond it is charged.
fn charged_from(plan: &Plan) -> Option<u64> {
    plan.cap_bytes.filter(|_| plan.throttle.is_none()).map(|cap| cap - used_bytes(plan))
}

fn empty_timeline(scenario: &Scenario) -> Timeline {
    let mut regions: Vec<String> = scenario.stores.iter().map(|store| store.region.clone()).collect();
    regions.sort();
    regions.dedup();
    let length = scenario.window.end.since(scenario.window.start).as_nanos();
    let intervals = length.div_ceil(scenario.interval.as_nanos()) as usize;
    Timeline {
        start: scenario.window.start,
        interval: scenario.interval,
        cells: vec![TimelineCell::default(); regions.len() * intervals],
        regions,
    }
}

/// Bytes of probes over the backup of a store in `window`.
fn standby_probe_bytes(scenario: &Scenario, store: &resolved::Store, window: Window) -> u64 {
    let technology = &scenario.technologies[store.technology.0 as usize];
    if technology.is_lte || !store.topology.carries_store_traffic() {
        return 0;
    }
    let profile = &scenario.profiles[store.profile.0 as usize];
    let carrier = &scenario.carriers[store.carrier.0 as usize];
    let rtt = Span::from_secs_f64(carrier.rtt_median_s);
    closed::standby_probe_bytes(profile, rtt, window.end.since(window.start))
}

/// The same in all days of the store.
fn days_probe_bytes(scenario: &Scenario, store: &resolved::Store) -> u64 {
    store.days.iter().map(|day| standby_probe_bytes(scenario, store, day.window)).sum()
}

fn add_store(scenario: &Scenario, result: &mut ReplicationResult, outcome: StoreOutcome) {
    let store = outcome.rank;
    let spec = &scenario.stores[store.0 as usize];
    let days = 0..outcome.books.days.len();
    let lost: Vec<Cents> = days.map(|day| outcome.lost_to_network(day)).collect();
    let books = outcome.books;
    for (day, (book, &lost_sales_network)) in books.days.iter().zip(&lost).enumerate() {
        result.days.push(DayRow {
            store,
            day: day as u32,
            ledger: book.ledger,
            times: book.times,
            payment_p50: book.payment_p50,
            payment_p99: book.payment_p99,
            queue_wait_p95: book.queue_wait_p95,
            failovers: book.failovers,
            false_failovers: book.false_failovers,
            failbacks: book.failbacks,
            flow_breaks: book.flow_breaks,
            lost_sales_network,
            probe_bytes: standby_probe_bytes(scenario, spec, spec.days[day].window),
            gap_over_5min: book.long_gap,
        });
    }
    let mut payment_time = books.payment_time_primary.clone();
    payment_time.merge(&books.payment_time_lte);
    let count = |of: fn(&DayBook) -> u64| books.days.iter().map(of).sum();
    let times = total(books.days.iter().map(|day| day.times));
    result.stores.push(StoreRow {
        store,
        ledger: total(books.days.iter().map(|day| day.ledger)),
        times,
        payment_p50: payment_time.quantile(0.5),
        payment_p99: payment_time.quantile(0.99),
        queue_wait_p95: books.queue_wait.quantile(0.95),
        failovers: count(|day| day.failovers),
        false_failovers: count(|day| day.false_failovers),
        failbacks: count(|day| day.failbacks),
        flow_breaks: count(|day| day.flow_breaks),
        lost_sales_network: lost.into_iter().sum(),
        probe_bytes: days_probe_bytes(scenario, spec),
        over_bytes: 0,
        over_cost: Cents(0),
        slowed: outcome.slowed,
        resynced: outcome.resynced,
        truck_rolls: 0,
    });
    if times.lte_bytes > 0
        && let Ok(position) = result.cells.binary_search_by_key(&spec.cell, |row| row.cell)
    {
        result.cells[position].bytes += times.lte_bytes;
    }
    result.payment_time_primary.merge(&books.payment_time_primary);
    result.payment_time_lte.merge(&books.payment_time_lte);
    result.queue_wait.merge(&books.queue_wait);
    let region = result.timeline.regions.binary_search(&spec.region).unwrap_or(0);
    let intervals = result.timeline.intervals();
    let cells = &mut result.timeline.cells[region * intervals..(region + 1) * intervals];
    for (cell, mine) in cells.iter_mut().zip(&books.timeline) {
        *cell += *mine;
    }
    add_losses(scenario, result, store, books.incidents);
    let KernelCounters { events, ties, .. } = &mut result.kernel;
    *events += outcome.events;
    *ties += outcome.ties;
}

/// The store's incidents, and what it lost under each, or under none, by stage.
fn add_losses(scenario: &Scenario, result: &mut ReplicationResult, store: StoreRank, incidents: Incidents) {
    let offline = scenario.stores[store.0 as usize].offline.is_some();
    let parts = incidents.parts().clone();
    let rows = incidents.into_rows();
    for ((incident, stage), part) in parts {
        let row = incident.checked_sub(1).and_then(|position| rows.get(position as usize));
        let own = row.is_some_and(|row| is_own(row.remedy, row.scope));
        let before = row.map_or(LossStage::Unattributed, |row| row.last_stage);
        let helped = Helped::of(stage, own, offline, before);
        result.losses.push(LossRow { store, incident, stage, helped, part });
    }
    result.incidents.extend(rows);
}

fn total<T: Default + AddAssign>(parts: impl Iterator<Item = T>) -> T {
    parts.fold(T::default(), |mut total, part| {
        total += part;
        total
    })
}
