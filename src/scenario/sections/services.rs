//! `[services.NAME]` and `[online]`.

use jiff::civil::{Date, DateTime};

use crate::scenario::diagnostics::Code;
use crate::scenario::field::Field;
use crate::scenario::reader::{Named, Problem, Section};
use crate::scenario::resolved::{Capacity, Control, ServiceEffect, ServiceOverload, StandbySite};
use crate::scenario::tree::Place;
use crate::units::{Cents, Span};

/// The clock of what happens to services and online, unless another is named.
const NEW_YORK: (&str, &str) = ("America/New_York", "[C] S08: Adobe's days are those of the US coasts");

/// A service as written.
pub(crate) struct Service {
    pub capacity: Option<Capacity>,
    pub standby: Option<StandbySite>,
    pub faults: Vec<Fault>,
}

/// A fault at a given instant.
pub(crate) struct Fault {
    pub place: Place,
    pub name: String,
    pub at: Option<DateTime>,
    pub timezone: Option<Named>,
    pub duration: Span,
    pub effect: ServiceEffect,
}

/// `[online]`.
pub(crate) struct Online {
    pub orders_per_day: f64,
    pub basket: Cents,
    pub gross_margin: f64,
    /// `None`: a payment's mean.
    pub service_time: Option<Span>,
    pub service: Option<Named>,
    pub timezone: Option<Named>,
    pub day_begins: u32,
    pub curve: Option<Named>,
    pub days: Vec<OnlineDay>,
    /// Delay and share of orders given up, parts per billion.
    pub slow: [(Span, u64); 2],
}

/// A day with more or other orders.
pub(crate) struct OnlineDay {
    pub place: Place,
    pub date: Option<Date>,
    pub factor: f64,
    pub curve: Option<Named>,
}

impl Online {
    /// Names of the curves it uses.
    pub(crate) fn curves(&self) -> impl Iterator<Item = &str> {
        let days = self.days.iter().filter_map(|day| day.curve.as_ref());
        self.curve.iter().chain(days).map(|name| name.text.as_str())
    }
}

/// Parts per billion.
pub(super) fn billionths(share: f64) -> u64 {
    (share * 1e9 + 0.5) as u64
}

pub(crate) fn read(_name: &str, section: &Section) -> Service {
    let servers = section.integer_optional(
        Field::new("servers", "Attempts it serves at once; without it, it is never short of anything.")
            .within(1.0, 1e6)
            .optional(),
    );
    let queue_limit = section.integer(
        Field::new("queue_limit", "Attempts that may wait; more are refused at once.")
            .within(0.0, 1e9)
            .or("10000", "[EA] long enough that terminals give up first"),
    );
    let step = section.span(
        Field::new("step", "Step of its grid while it is busy or anything waits; ten times as long while it is calm.")
            .within(0.01, 60.0)
            .or("1 s", "[D] what stores do not know of each other for so long costs less than 2 % in a collapse (docs/validation.md)"),
    );
    let overload = section.section("overload", "What it suffers from its own queue.", read_overload);
    Service {
        capacity: servers.map(|servers| Capacity { servers: servers as u32, queue_limit, step, overload }),
        standby: section.section("standby", "Its second site.", read_standby),
        faults: section.list("fault", "What happens to its first site at given instants.", read_fault),
    }
}

fn read_overload(section: &Section) -> ServiceOverload {
    let wait = |key, doc, default, provenance| {
        section.span(Field::new(key, doc).within(0.001, 3_600.0).or(default, provenance))
    };
    let overload =
        ServiceOverload {
            begins: wait(
                "begins",
                "Wait of a new attempt at which overload begins.",
                "5 s",
                "[EA] a sixth of a terminal's timeout",
            ),
            full: wait("full", "Wait at which it is complete.", "30 s", "[EA] a terminal's timeout"),
            efficiency: section.number(
                Field::new("efficiency", "Work done at complete overload over what a healthy service does.")
                    .within(0.01, 1.0)
                    .or("1", "[EA] no collapse unless stated; no measurement of a processor was found"),
            ),
            crashes_per_hour: section.number(
                Field::new("crashes_per_hour", "Crashes an hour at complete overload.")
                    .within(0.0, 1_000.0)
                    .or("0", "[EA] none unless stated"),
            ),
            restart: section.law(Field::new("restart", "From a crash until it serves again.").or(
                "{ median = \"15 min\", sigma = 0.8 }",
                "[EA] published post-mortems span minutes to hours",
            )),
        };
    if overload.full <= overload.begins {
        let problem = Problem::new(Code::Inconsistent, "overload is complete before it begins");
        section.problem("full", problem.help("make `full` longer than `begins`"));
    }
    overload
}

fn read_standby(section: &Section) -> Option<StandbySite> {
    let enabled =
        section.flag(Field::new("enabled", "Whether there is one.").or("false", "[EA] none unless stated"));
    let span = |key, doc, default, provenance| {
        section.span(Field::new(key, doc).within(0.0, 30.0 * 86_400.0).or(default, provenance))
    };
    let out_of_band = section.choice(
        Field::new("control", "How it is told: `in-band`, not while the service's network is down; `out-of-band`, over LTE or OOBM.")
            .or("in-band", "[EA] the usual case; the outage of Meta on 4 October 2021 is what comes of it"),
        &[("in-band", false), ("out-of-band", true)],
    );
    let delay = span(
        "control_delay",
        "What `out-of-band` takes longer.",
        "3 min",
        "[EA] dial in, log in, find the console",
    );
    let site = StandbySite {
        control: if out_of_band { Control::OutOfBand(delay) } else { Control::InBand },
        detection: span(
            "detection",
            "Until the outage of the first site is noticed.",
            "2 min",
            "[EA] a monitor's poll and a confirmation",
        ),
        activation: span(
            "activation",
            "From the order until it serves.",
            "10 min",
            "[EA] a rehearsed switch; unrehearsed ones take hours",
        ),
        capacity: billionths(
            section.number(
                Field::new("capacity", "What it can do over what the first site can.")
                    .within(0.001, 100.0)
                    .or("1", "[EA] built alike"),
            ),
        ),
        extra: span("latency", "Added to every answer.", "20 ms", "[EA] it stands elsewhere"),
        resync: span(
            "resync",
            "From the repair of the first site until its data are those of the standby.",
            "30 min",
            "[EA] replay of an hour's journal",
        ),
        returns: section.flag(
            Field::new("returns", "Whether traffic goes back by itself then.")
                .or("true", "[EA] it does, sooner or later"),
        ),
        switch: span(
            "switch",
            "How long nobody serves while traffic goes back.",
            "1 min",
            "[EA] a planned switch",
        ),
    };
    enabled.then_some(site)
}

fn read_fault(section: &Section) -> Fault {
    let outage = section.choice(
        Field::new("kind", "`outage`: nothing is answered; `brownout`: it limps.")
            .or("outage", "[EA] the plain case"),
        &[("outage", true), ("brownout", false)],
    );
    let network = section.flag(
        Field::new(
            "network",
            "Whether the outage takes the site's network too, so that an in-band order cannot get out.",
        )
        .or("false", "[EA] the application alone"),
    );
    let share = |key, doc, default, provenance| section.share(Field::new(key, doc).or(default, provenance));
    let brownout = ServiceEffect::Brownout {
        failing: billionths(share(
            "failing",
            "Share of attempts without an answer in a brownout.",
            "0",
            "[EA] none unless stated",
        )),
        extra: section.span(
            Field::new("latency", "Added to every answer in a brownout.")
                .within(0.0, 3_600.0)
                .or("0 s", "[EA] none unless stated"),
        ),
        capacity: billionths(
            share("capacity", "What it can still do in a brownout.", "1", "[EA] all unless stated").max(1e-6),
        ),
    };
    if !outage && network {
        let problem = Problem::new(Code::Inconsistent, "a brownout does not take the network along");
        section.problem("network", problem.help("write kind = \"outage\", or leave `network` out"));
    }
    Fault {
        place: section.place,
        name: section
            .new_name(Field::new("name", "Name of the fault."))
            .map(|name| name.text)
            .unwrap_or_default(),
        at: section.local_time(Field::new("at", "When it begins, for example \"2019-11-29 12:00\".")),
        timezone: section.name(Field::new("timezone", "By which clock.").or(NEW_YORK.0, NEW_YORK.1)),
        duration: section.span(Field::new("duration", "How long it lasts.").within(0.001, 365.0 * 86_400.0)),
        effect: if outage { ServiceEffect::Outage { network } } else { brownout },
    }
}

pub(crate) fn read_online(section: &Section) -> Online {
    let slow = |key, doc, default, delay| {
        let share = section.share(
            Field::new(key, doc).or(default, "[C] S92: conversion on desktops; on phones 7.1 % and 26.2 %"),
        );
        (delay, billionths(share))
    };
    Online {
        orders_per_day: section.number(
            Field::new("orders_per_day", "Orders on a usual day; 0: none.")
                .within(0.0, 1e8)
                .or("0", "[EA] none unless stated"),
        ),
        basket: section
            .money(Field::new("basket", "Value of an order.").or("$168", "[C] S99: Black Friday 2019")),
        service_time: section.span_optional(
            Field::new("service_time", "Service time of an order; else the mean of `host` in [payments].")
                .within(0.001, 3_600.0)
                .optional(),
        ),
        gross_margin: section.share(
            Field::new("gross_margin", "Gross margin on online sales.").or("0.27", "[J] general merchandise"),
        ),
        service: section.name(
            Field::new("service", "Service that they use: an entry of [services].")
                .or("processor", "[EA] the stores' own"),
        ),
        timezone: section
            .name(Field::new("timezone", "Clock of the curves and days.").or(NEW_YORK.0, NEW_YORK.1)),
        day_begins: section
            .clock(
                Field::new("day_begins", "When a day begins; hours before it belong to the night after.")
                    .or("03:00", "[EA] S08: Adobe's day taken as midnight to midnight on the west coast"),
            )
            .unwrap_or(0),
        curve: section.name(
            Field::new("curve", "Curve of a usual day.")
                .or("online_normal_weekday", "[EA] peaks in the evening"),
        ),
        days: section.list("day", "Days with more or other orders.", |day| OnlineDay {
            place: day.place,
            date: day.date(Field::new("date", "Which day.")),
            factor: day.number(
                Field::new("factor", "Orders that day over those of a usual day.")
                    .within(0.0, 1_000.0)
                    .or("1", "[EA] as usual"),
            ),
            curve: day.name(Field::new("curve", "Its curve, if not the usual one.").optional()),
        }),
        slow: [
            slow(
                "lost_at_100_ms",
                "Share of orders given up when answers are 100 ms late.",
                "2.4 %",
                Span::from_millis(100),
            ),
            slow(
                "lost_at_2_s",
                "Share given up when they are 2 s late or more.",
                "36.5 %",
                Span::from_secs(2),
            ),
        ],
    }
}
