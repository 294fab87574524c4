//! Ledgers: what must add up in every run, whatever was simulated.
//!
//! A violated ledger is a bug of tinsel, never of a scenario: nothing is written, and the run ends with the
//! line that replays it.

use std::collections::BTreeMap;

use crate::simulation::result::{
    DayRow, Ledger, LossPart, PathTimes, ReplicationResult, RunResult, StoreRow,
};
use crate::units::Cents;

/// Checks every ledger of a run.
///
/// For every store and every day: customers = served + balked + reneged + unpaid + inside; payments =
/// authorized + authorized offline + declined + lost + pending; the gap in opening hours is part of the gap.
/// The days add up to the store. What a store's incidents lost, and what no incident explains, adds up to what the network
/// cost the store, and the stages of an incident add up to the incident. The timeline adds up to the stores.
///
/// # Errors
/// The first ledger that does not close: replication, store's rank, what was expected and found.
pub fn check(result: &RunResult) -> Result<(), String> {
    for replication in &result.replications {
        check_replication(replication)
            .map_err(|what| format!("ledger violated in replication {}: {what}", replication.replication))?;
    }
    Ok(())
}

fn check_replication(replication: &ReplicationResult) -> Result<(), String> {
    let mut days = replication.days.iter().peekable();
    let mut incidents = replication.incidents.iter().peekable();
    let mut losses = replication.losses.iter().peekable();
    for store in &replication.stores {
        let in_store = |what: String| format!("store of rank {}: {what}", store.store.0);
        check_ledger(&store.ledger, &store.times).map_err(in_store)?;
        let mut total = DayTotals::default();
        while let Some(day) = days.next_if(|day| day.store == store.store) {
            check_ledger(&day.ledger, &day.times)
                .map_err(|what| in_store(format!("day {}: {what}", day.day)))?;
            total.add(day);
        }
        total.matches(store).map_err(in_store)?;
        let mut attributed = Cents(0);
        let mut parts: BTreeMap<u32, LossPart> = BTreeMap::new();
        while let Some(loss) = losses.next_if(|loss| loss.store == store.store) {
            *parts.entry(loss.incident).or_default() += loss.part;
            attributed += loss.part.lost_sales;
        }
        equal("losses by incident and stage, cents", store.lost_sales_network.0, attributed.0)
            .map_err(in_store)?;
        let mut payments_lost = 0;
        while let Some(incident) = incidents.next_if(|incident| incident.store == store.store) {
            payments_lost += incident.payments_lost;
            let part = parts.remove(&incident.number).unwrap_or_default();
            let of_incident = |what: String| in_store(format!("incident {}: {what}", incident.number));
            equal("lost sales by stage, cents", incident.lost_sales.0, part.lost_sales.0)
                .map_err(of_incident)?;
            equal("payments lost by stage", incident.payments_lost, part.payments_lost)
                .map_err(of_incident)?;
        }
        if let Some((number, _)) = parts.range(1..).next() {
            return Err(in_store(format!("losses of incident {number}, which there is not")));
        }
        at_most("payments lost in incidents", payments_lost, store.ledger.payments_lost).map_err(in_store)?;
    }
    if let Some(day) = days.next() {
        return Err(format!("day {} of rank {} is out of order or has no store", day.day, day.store.0));
    }
    if let Some(incident) = incidents.next() {
        return Err(format!(
            "incident {} of rank {} is out of order or has no store",
            incident.number, incident.store.0
        ));
    }
    if let Some(loss) = losses.next() {
        return Err(format!("a loss of rank {} is out of order or has no store", loss.store.0));
    }
    check_services(replication)?;
    check_timeline(replication)
}

/// Offered = done + queued + shed + failed at the end of every interval, since the start; online orders lost are those of all
/// causes, to the order and to the cent.
fn check_services(replication: &ReplicationResult) -> Result<(), String> {
    for row in &replication.services {
        let of_service = |what: String| format!("service {}: {what}", row.service.0);
        let lost: u64 = row.intervals.iter().map(|one| one.orders_lost).sum();
        let attributed: u64 = row.online.iter().map(|loss| loss.orders).sum();
        equal("online orders lost by cause", lost, attributed).map_err(of_service)?;
        // All orders have the same value, so it is that of any.
        for loss in &row.online {
            let share = i128::from(loss.sales.0) * i128::from(lost);
            let total: i128 = row.online.iter().map(|loss| i128::from(loss.sales.0)).sum();
            equal("online sales lost by cause, cents", total * i128::from(loss.orders), share)
                .map_err(of_service)?;
        }
        let (mut offered, mut ended) = (0, 0);
        for one in &row.intervals {
            offered += one.offered;
            ended += one.done + one.shed + one.failed;
            equal("attempts offered = done + queued + shed + failed", offered, ended + one.queued)
                .map_err(of_service)?;
        }
    }
    Ok(())
}

fn check_ledger(ledger: &Ledger, times: &PathTimes) -> Result<(), String> {
    let left = ledger.served + ledger.balked + ledger.reneged + ledger.unpaid + ledger.inside;
    equal("customers = served + balked + reneged + unpaid + inside", ledger.customers, left)?;
    let answered = ledger.authorized
        + ledger.authorized_offline
        + ledger.declined
        + ledger.payments_lost
        + ledger.pending;
    equal(
        "payments = authorized + authorized_offline + declined + payments_lost + pending",
        ledger.payments,
        answered,
    )?;
    at_most("payments lost at a service", ledger.payments_lost_service, ledger.payments_lost)?;
    if ledger.replayed > ledger.authorized_offline {
        return Err(format!(
            "{} payments replayed of {} approved offline",
            ledger.replayed, ledger.authorized_offline
        ));
    }
    at_most("bytes of flows stuck on LTE", times.stuck_bytes, times.lte_bytes)?;
    at_most("service gap in opening hours, ns", times.gap_open.as_nanos(), times.gap.as_nanos())
}

/// Sums over a store's days.
#[derive(Default)]
struct DayTotals {
    days: u32,
    ledger: Ledger,
    times: PathTimes,
    failovers: u64,
    false_failovers: u64,
    failbacks: u64,
    flow_breaks: u64,
    lost_sales_network: Cents,
}

impl DayTotals {
    fn add(&mut self, day: &DayRow) {
        self.days += 1;
        self.ledger += day.ledger;
        self.times += day.times;
        self.failovers += day.failovers;
        self.false_failovers += day.false_failovers;
        self.failbacks += day.failbacks;
        self.flow_breaks += day.flow_breaks;
        self.lost_sales_network += day.lost_sales_network;
    }

    fn matches(&self, store: &StoreRow) -> Result<(), String> {
        if self.days == 0 {
            return Err("it has no days, or they are out of order".to_owned());
        }
        if self.ledger != store.ledger {
            return Err(format!("its days add up to {:?}, its row says {:?}", self.ledger, store.ledger));
        }
        if self.times != store.times {
            return Err(format!("its days add up to {:?}, its row says {:?}", self.times, store.times));
        }
        equal("failovers over days", store.failovers, self.failovers)?;
        equal("false failovers over days", store.false_failovers, self.false_failovers)?;
        equal("failbacks over days", store.failbacks, self.failbacks)?;
        equal("flow breaks over days", store.flow_breaks, self.flow_breaks)?;
        equal(
            "lost sales due to the network over days, cents",
            store.lost_sales_network.0,
            self.lost_sales_network.0,
        )
    }
}

fn check_timeline(replication: &ReplicationResult) -> Result<(), String> {
    let mut stores = Ledger::default();
    for store in &replication.stores {
        stores += store.ledger;
    }
    let sum = |count: fn(&crate::simulation::result::TimelineCell) -> u64| -> u64 {
        replication.timeline.cells.iter().map(count).sum()
    };
    let of_timeline = |what: String| format!("timeline against stores: {what}");
    equal("customers", stores.customers, sum(|cell| cell.customers)).map_err(of_timeline)?;
    equal("payments", stores.payments, sum(|cell| cell.payments)).map_err(of_timeline)?;
    equal("authorized", stores.authorized, sum(|cell| cell.authorized)).map_err(of_timeline)?;
    equal("authorized offline", stores.authorized_offline, sum(|cell| cell.authorized_offline))
        .map_err(of_timeline)?;
    equal("payments lost", stores.payments_lost, sum(|cell| cell.payments_lost)).map_err(of_timeline)?;
    let abandoned = stores.balked + stores.reneged + stores.unpaid;
    equal("abandoned", abandoned, sum(|cell| cell.abandoned)).map_err(of_timeline)
}

fn equal<T: PartialEq + std::fmt::Display>(what: &str, expected: T, found: T) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("{what}: {expected} is not {found}")) }
}

fn at_most<T: PartialOrd + std::fmt::Display>(what: &str, found: T, limit: T) -> Result<(), String> {
    if found <= limit { Ok(()) } else { Err(format!("{what}: {found} is more than the store's {limit}")) }
}
