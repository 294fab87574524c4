//! The operations centre: shifts to instants, playbooks to causes, technicians to markets, what each store sells in an hour.

use std::sync::Arc;

use jiff::civil::Date;

use super::stores::PlacedStore;
use super::{Context, Names};
use crate::scenario::diagnostics::Code;
use crate::scenario::reader::{Problem, unknown_name};
use crate::scenario::resolved::{
    CarrierId, Cause, Format, Noc, NocStore, Oobm, OobmKind, Playbook, PlaybookId, Pool, ScheduledFault,
    Store, Window,
};
use crate::scenario::sections::faults::OWN_REMEDIES;
use crate::scenario::sections::fleet::Attribute;
use crate::scenario::sections::noc::PlaybookEntry;
use crate::scenario::tree::{Place, SourceKind};
use crate::units::{Cents, SimTime};

/// Zone and playbooks must make sense, whether or not the centre is on; unused gear is worth a warning.
pub(super) fn check(context: &Context) {
    let written = context.written;
    let noc = &written.noc;
    if let Some(name) = noc.timezone.as_ref().filter(|name| !context.zones.is_known(&name.text)) {
        context.report(name.place, super::unknown_zone(name));
    }
    let own = |place: Place| context.reader.sources.of(place).kind != SourceKind::Builtin;
    let causes = &written.faults.causes;
    let scheduled = || written.faults.scheduled.iter().filter_map(|fault| fault.playbook.as_ref());
    for (name, entry) in noc.playbooks.iter().filter(|(_, entry)| own(entry.place)) {
        match causes.get(name) {
            None if scheduled().any(|used| used.text == *name) => {}
            None => {
                let problem = unknown_name("cause", name, causes.keys().map(String::as_str));
                context.report(entry.place, problem);
            }
            Some(cause) if !OWN_REMEDIES.contains(&cause.remedy) => {
                let message = format!("`{name}` is not ours to mend: its remedy is \"{}\"", cause.remedy);
                let help = "remove the playbook, or give the cause remedy = \"on_site\"";
                context.report(entry.place, Problem::new(Code::Inconsistent, message).help(help));
            }
            Some(_) => {}
        }
    }
    for used in scheduled().filter(|used| !noc.playbooks.contains_key(&used.text)) {
        let known = noc.playbooks.keys().map(String::as_str);
        context.report(used.place, unknown_name("playbook", &used.text, known));
    }
    let gear = [Attribute::Oobm, Attribute::OobmCarrier, Attribute::ConsolePorts, Attribute::Outlets];
    let column = written.fleet.columns.iter().find(|(attribute, _)| gear.contains(attribute));
    if let (false, Some((_, name))) = (noc.enabled, column) {
        let problem = Problem::new(Code::NoEffect, "out-of-band units have no effect: [noc] is off");
        context.report(name.place, problem.help("add enabled = true to [noc]"));
    }
}

/// The centre, if it is on.
pub(super) fn build(
    context: &Context,
    placed: &[PlacedStore],
    stores: &[Store],
    formats: &[Format],
    causes: &[Cause],
    scheduled: &[ScheduledFault],
) -> Option<Arc<Noc>> {
    let written = context.written;
    let noc = &written.noc;
    if !noc.enabled {
        return None;
    }
    let names: Vec<&String> = noc.playbooks.keys().collect();
    let id = |name: &str| {
        let position = names.binary_search_by(|known| known.as_str().cmp(name)).ok()?;
        Some(PlaybookId(position as u16))
    };
    // What is the retailer's own and has no playbook keeps its own time to restore.
    let playbook_of_cause =
        causes.iter().map(|cause| id(&cause.name).filter(|_| OWN_REMEDIES.contains(&cause.remedy)));
    let playbook_of_cause = playbook_of_cause.collect();
    let used = |fault: &ScheduledFault| {
        let entry = written.faults.scheduled.iter().find(|entry| entry.name == fault.name)?;
        id(&entry.playbook.as_ref()?.text)
    };
    let pools = Names::used(placed.iter().map(pool_name));
    let mut pools_of: Vec<Pool> =
        pools.0.iter().map(|name| Pool { name: name.clone(), technicians: 0 }).collect();
    for store in placed {
        pools_of[pools.position(pool_name(store)) as usize].technicians += 1;
    }
    for pool in &mut pools_of {
        pool.technicians = pool.technicians.div_ceil(noc.stores_per_technician);
    }
    let known = placed.iter().zip(stores).map(|(place, store)| {
        let open: Vec<Window> = store.days.iter().flat_map(|day| day.open.iter().copied()).collect();
        NocStore {
            pool: pools.position(pool_name(place)),
            hourly_sales: hourly_sales(store, &formats[store.format.0 as usize], &open),
            from: store.days.first().map_or(SimTime::default(), |day| day.window.start),
            open,
            oobm: store.oobm,
        }
    });
    let known = known.collect();
    Some(Arc::new(Noc {
        poll: noc.poll,
        polls_to_alarm: noc.polls_to_alarm,
        acknowledge: noc.acknowledge,
        at_risk: noc.at_risk,
        at_risk_on_backup: noc.at_risk_on_backup,
        engineers: engineers(context)?,
        sessions: noc.sessions,
        provider_call: noc.provider_call,
        dispatch: noc.dispatch,
        travel: noc.travel,
        close_after: noc.close_after,
        oobm_alarm: noc.oobm_alarm,
        oobm_dead: noc.oobm_dead,
        playbooks: noc.playbooks.iter().map(|(name, entry)| playbook(name, entry)).collect(),
        playbook_of_cause,
        playbook_of_scheduled: scheduled.iter().map(used).collect(),
        pools: pools_of,
        stores: known,
    }))
}

/// Technicians belong to a market, or to a region where stores have no market.
fn pool_name(store: &PlacedStore) -> &String {
    if store.market.is_empty() { &store.region } else { &store.market }
}

fn playbook(name: &str, entry: &PlaybookEntry) -> Playbook {
    Playbook {
        name: name.to_owned(),
        device: entry.device,
        console: entry.console,
        outlet: entry.outlet,
        remote_time: entry.remote_time,
        staff: entry.staff,
        staff_time: entry.staff_time,
        on_site_time: entry.on_site_time,
        parts: entry.parts,
        parts_wait: entry.parts_wait,
    }
}

/// Expected sales in an average open hour of the days that are simulated, surges aside.
fn hourly_sales(store: &Store, format: &Format, open: &[Window]) -> Cents {
    let seconds: f64 = open.iter().map(|window| window.end.since(window.start).as_secs_f64()).sum();
    let customers: f64 = store.days.iter().flat_map(|day| &day.demand).map(|piece| piece.customers).sum();
    if seconds > 0.0 {
        Cents::from_units_f64(customers * format.basket_mean / (seconds / 3_600.0))
    } else {
        Cents(0)
    }
}

/// Engineers on duty from a day before the first to two days after the last, by the centre's clock.
fn engineers(context: &Context) -> Option<Vec<(SimTime, u32)>> {
    let noc = &context.written.noc;
    let zone = noc.timezone.as_ref()?.text.as_str();
    let (first, last) = context.written.general.days?;
    let mut schedule = Vec::new();
    let mut add = |date: Date, minutes: u32, engineers: u32| -> Option<()> {
        schedule.push((context.zones.at_minute(zone, date, minutes)?, engineers));
        Some(())
    };
    let mut date = first.yesterday().ok()?.yesterday().ok()?;
    let until = last.tomorrow().ok()?.tomorrow().ok()?;
    while date <= until {
        add(date, 0, noc.shifts.engineers_night)?;
        add(date, noc.shifts.day.0, noc.shifts.engineers_day)?;
        add(date, noc.shifts.day.1, noc.shifts.engineers_night)?;
        date = date.tomorrow().ok()?;
    }
    schedule.sort_by_key(|&(at, _)| at);
    // What changes nothing is no change of shift.
    schedule.dedup_by(|later, earlier| later.1 == earlier.1);
    Some(schedule)
}

/// What a store's unit can do, and through whom, with names looked up.
pub(super) fn oobm(store: &PlacedStore, carriers: &Names) -> Oobm {
    let none = store.oobm == OobmKind::None;
    Oobm {
        kind: store.oobm,
        carrier: CarrierId(carriers.position(&store.oobm_carrier)),
        shares_carrier: store.oobm_carrier == store.carrier,
        console_ports: if none { 0 } else { store.console_ports },
        outlets: if store.oobm == OobmKind::ConsoleOutlet { store.outlets } else { 0 },
    }
}
