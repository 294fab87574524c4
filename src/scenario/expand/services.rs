//! Services that something uses, and online orders by stretch of time.

use jiff::civil::Date;

use super::draw::{FleetPurpose, StoreDraws};
use super::stores::PlacedStore;
use super::{Context, Names};
use crate::scenario::diagnostics::Code;
use crate::scenario::reader::{Named, Problem, unknown_name};
use crate::scenario::resolved::{
    Online, OnlinePiece, Part, Parts, Payments, ScheduledFault, Scope, SecondAcquirer, Service,
    ServiceEffect, ServiceFault, ServiceId, StoreRank, Unit, Window,
};
use crate::scenario::sections::faults::{OfService, ScheduledEntry};
use crate::scenario::sections::services::Fault;
use crate::units::Span;

/// Checks the names that payments and online orders refer to.
pub(super) fn check_names(context: &Context) {
    let written = context.written;
    let (payments, online) = (&written.payments, &written.online);
    let services = written.services.keys().map(String::as_str);
    for name in payments.service.iter().chain(&payments.second).chain(&online.service) {
        if !written.services.contains_key(&name.text) {
            context.report(name.place, unknown_name("service", &name.text, services.clone()));
        }
    }
    let of_causes = written.faults.causes.values().map(|cause| &cause.of_service);
    let of_scheduled = written.faults.scheduled.iter().map(|fault| &fault.of_service);
    let used = used(context);
    for name in of_causes.chain(of_scheduled).filter_map(|fault| fault.service.as_ref()) {
        if !written.services.contains_key(&name.text) {
            context.report(name.place, unknown_name("service", &name.text, services.clone()));
        } else if !used.0.contains(&name.text) {
            let message = format!("nobody uses the service `{}`, so its fault has no effect", name.text);
            let help = "name it in [payments] or [online], or leave `service` out";
            context.report(name.place, Problem::new(Code::NoEffect, message).help(help));
        }
    }
    for fault in written.faults.scheduled.iter().filter(|fault| fault.is_of_whole_service()) {
        if let Some(playbook) = &fault.playbook {
            let problem =
                Problem::new(Code::NoEffect, "nobody at the stores mends a service: it takes its time");
            context.report(playbook.place, problem.help("leave `playbook` out"));
        }
    }
    let curves = written.curves.keys().map(String::as_str);
    for name in online.curve.iter().chain(online.days.iter().filter_map(|day| day.curve.as_ref())) {
        if !written.curves.contains_key(&name.text) {
            context.report(name.place, unknown_name("curve", &name.text, curves.clone()));
        }
    }
    for (index, day) in online.days.iter().enumerate() {
        if online.days[..index].iter().any(|other| other.date.is_some() && other.date == day.date) {
            let problem =
                Problem::new(Code::Duplicate, "there are two entries for this day of online orders");
            context.report(day.place, problem.help("keep one"));
        }
    }
    if let (Some(first), Some(second)) = (&payments.service, &payments.second)
        && first.text == second.text
    {
        let problem = Problem::new(Code::Inconsistent, "the second acquirer is the first");
        context.report(second.place, problem.help("name another entry of [services]"));
    }
    let faults = written.services.values().flat_map(|service| &service.faults);
    let zones = faults.filter_map(|fault| fault.timezone.as_ref()).chain(&online.timezone);
    for zone in zones.filter(|zone| !context.zones.is_known(&zone.text)) {
        context.report(zone.place, super::unknown_zone(zone));
    }
}

/// Names of the services that payments and online orders use, in order.
pub(super) fn used(context: &Context) -> Names {
    let (payments, online) = (&context.written.payments, &context.written.online);
    let ordered = online.service.iter().filter(|_| online.orders_per_day > 0.0);
    Names::used(payments.service.iter().chain(&payments.second).chain(ordered).map(|name| &name.text))
}

/// `[payments]` with its services.
pub(super) fn payments(context: &Context, names: &Names) -> Payments {
    let written = &context.written.payments;
    let id = |name: &Named| ServiceId(names.position(&name.text));
    Payments {
        service: written.service.as_ref().map_or(ServiceId(0), id),
        second: written.second.as_ref().map(|name| SecondAcquirer {
            service: id(name),
            after: written.second_after,
            detection: written.second_detection,
        }),
        ..written.resolved.clone()
    }
}

/// The services in the order of `names`, with what happens to them.
pub(super) fn services(context: &Context, names: &Names, faults: Vec<Vec<ServiceFault>>) -> Vec<Service> {
    let build = |(name, faults): (&String, Vec<ServiceFault>)| {
        let written = context.written.services.get(name)?;
        Some(Service { name: name.clone(), capacity: written.capacity, standby: written.standby, faults })
    };
    names.0.iter().zip(faults).filter_map(build).collect()
}

/// The services that payments use, the first acquirer's first.
fn of_payments<'c>(context: &Context<'c>) -> impl Iterator<Item = &'c Named> + use<'c> {
    let payments = &context.written.payments;
    payments.service.iter().chain(&payments.second)
}

/// The service that a fault names, else the first acquirer's; `None` if nobody uses it.
pub(super) fn named(of: &OfService, context: &Context, names: &Names) -> Option<ServiceId> {
    let name = of.service.as_ref().or_else(|| of_payments(context).next())?;
    names.0.contains(&name.text).then(|| ServiceId(names.position(&name.text)))
}

/// The services that a cause is drawn for: that which it names, else those that payments use.
pub(super) fn units(context: &Context, of: &OfService, placed: &[PlacedStore], names: &Names) -> Vec<Unit> {
    let everything = Part::ALL.into_iter().fold(Parts::default(), Parts::with);
    let stores: Vec<(StoreRank, Parts)> = placed
        .iter()
        .enumerate()
        .map(|(rank, store)| {
            let wired = !context.written.technologies[&store.technology].resolved.is_lte;
            (StoreRank(rank as u32), if wired { everything } else { everything.without(Part::Uplink) })
        })
        .collect();
    let first = of_payments(context).next().map(|name| &name.text);
    let unit = |name: &Named| {
        let drawn_as = if first == Some(&name.text) { Scope::Service.name() } else { &name.text };
        Unit {
            name: name.text.clone(),
            drawn_as: drawn_as.to_owned(),
            service: Some(ServiceId(names.position(&name.text))),
            stores: stores.clone(),
        }
    };
    let used = |name: &&Named| names.0.contains(&name.text);
    match &of.service {
        Some(name) => std::iter::once(name).filter(used).map(unit).collect(),
        None => of_payments(context).map(unit).collect(),
    }
}

/// The fault `number` of those scheduled, which hits a service as a whole: at once for everybody, by the clock that comes first.
pub(super) fn whole(
    context: &Context,
    entry: &ScheduledEntry,
    placed: &[PlacedStore],
    window: Window,
    number: u32,
) -> Option<ServiceFault> {
    let begins = placed.iter().filter_map(|store| context.begins(entry.start.as_ref()?, store));
    let start = begins.min()? + entry.later;
    let draws = StoreDraws::of_service(context.written.general.seed, &entry.name);
    let lasts = draws.duration(FleetPurpose::ScheduledDuration, entry.duration);
    let end = start + Span::from_secs_f64(lasts).max(Span::from_millis(1));
    if start >= window.end || end <= window.start {
        let message = format!("`{}` happens outside the days that are simulated", entry.name);
        context.report(entry.reach.place, Problem::new(Code::NoEffect, message));
    }
    let OfService { network, capacity, .. } = entry.of_service;
    Some(ServiceFault {
        name: entry.name.clone(),
        scheduled: Some(number),
        window: Window { start, end },
        effect: ServiceEffect::of(entry.signature, network, capacity),
    })
}

/// What is scheduled at a service itself (`[[services.NAME.fault]]`); it goes among the `scheduled` faults, too.
pub(super) fn own(
    context: &Context,
    id: ServiceId,
    names: &Names,
    window: Window,
    scheduled: &mut Vec<ScheduledFault>,
) -> Vec<ServiceFault> {
    let service = names.0.get(id.0 as usize).and_then(|name| context.written.services.get(name));
    let mut build = |fault: &Fault| {
        let start = context.zones.instant(&fault.timezone.as_ref()?.text, fault.at?)?;
        let end = start + fault.duration;
        if start >= window.end || end <= window.start {
            let message = format!("`{}` happens outside the days that are simulated", fault.name);
            context.report(fault.place, Problem::new(Code::NoEffect, message));
        }
        let number = scheduled.len() as u32;
        scheduled.push(ScheduledFault {
            name: fault.name.clone(),
            scope: Scope::Service,
            signature: fault.effect.signature(),
            remedy: "provider",
            carrier: None,
            service: Some(id),
            hits: Vec::new(),
        });
        let window = Window { start, end };
        Some(ServiceFault { name: fault.name.clone(), scheduled: Some(number), window, effect: fault.effect })
    };
    service.iter().flat_map(|service| &service.faults).filter_map(&mut build).collect()
}

/// Online orders in `window`: hour by hour of each of their own days.
pub(super) fn online(context: &Context, names: &Names, window: Window) -> Option<Online> {
    let written = &context.written.online;
    if written.orders_per_day <= 0.0 {
        return None;
    }
    let zone = &written.timezone.as_ref()?.text;
    let (first, last) = context.written.general.days?;
    let mut pieces = Vec::new();
    // A day's last hours fall on the next, and the stores' days begin before or after those of this clock.
    let mut date = first.yesterday().ok()?.yesterday().ok()?;
    while date <= last.tomorrow().ok()? {
        let entry = written.days.iter().find(|day| day.date == Some(date));
        let curve = entry.and_then(|day| day.curve.as_ref()).or(written.curve.as_ref())?;
        let weights = context.written.curves.get(&curve.text)?;
        let total: f64 = weights.iter().sum();
        let orders = written.orders_per_day * entry.map_or(1.0, |day| day.factor);
        for (hour, weight) in weights.iter().enumerate() {
            let hour = hour as u32;
            let day = if hour * 60 < written.day_begins { date.tomorrow().ok()? } else { date };
            pieces.extend(hour_of(context, zone, day, hour, window, orders * weight / total));
        }
        date = date.tomorrow().ok()?;
    }
    pieces.sort_by_key(|piece| piece.window.start);
    let service = ServiceId(names.position(&written.service.as_ref()?.text));
    Some(Online {
        service,
        basket: written.basket,
        service_time: written
            .service_time
            .unwrap_or_else(|| Span::from_secs_f64(context.written.payments.resolved.host.mean())),
        gross_margin: written.gross_margin,
        pieces,
        slow: written.slow,
    })
}

/// The part of a local hour that lies in `window`; none where clocks skip it.
fn hour_of(
    context: &Context,
    zone: &str,
    date: Date,
    hour: u32,
    window: Window,
    orders: f64,
) -> Option<OnlinePiece> {
    let start = context.zones.at_minute(zone, date, hour * 60)?;
    let end = context.zones.at_minute(zone, date, (hour + 1) * 60)?;
    let length = end.since(start).as_secs_f64();
    let part = Window { start: start.max(window.start), end: end.min(window.end) };
    (part.start < part.end && length > 0.0)
        .then_some(OnlinePiece { window: part, per_second: orders / length })
}
