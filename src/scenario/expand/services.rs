//! Services that something uses, and online orders by stretch of time.

use jiff::civil::Date;

use super::{Context, Names};
use crate::scenario::diagnostics::Code;
use crate::scenario::reader::{Named, Problem, unknown_name};
use crate::scenario::resolved::{
    Online, OnlinePiece, Payments, SecondAcquirer, Service, ServiceFault, ServiceId, Window,
};
use crate::scenario::sections::services::Fault;

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

/// The services in the order of `names`.
pub(super) fn services(context: &Context, names: &Names, window: Window) -> Vec<Service> {
    let build = |name: &String| {
        let written = context.written.services.get(name)?;
        let mut faults: Vec<ServiceFault> =
            written.faults.iter().filter_map(|fault| scheduled(context, fault, window)).collect();
        faults.sort_by_key(|fault| fault.window.start);
        Some(Service { name: name.clone(), capacity: written.capacity, standby: written.standby, faults })
    };
    names.0.iter().filter_map(build).collect()
}

fn scheduled(context: &Context, fault: &Fault, window: Window) -> Option<ServiceFault> {
    let start = context.zones.instant(&fault.timezone.as_ref()?.text, fault.at?)?;
    let end = start + fault.duration;
    if start >= window.end || end <= window.start {
        let message = format!("`{}` happens outside the days that are simulated", fault.name);
        context.report(fault.place, Problem::new(Code::NoEffect, message));
    }
    Some(ServiceFault { name: fault.name.clone(), window: Window { start, end }, effect: fault.effect })
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
    Some(Online { service, basket: written.basket, pieces, slow: written.slow })
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
