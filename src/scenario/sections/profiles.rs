//! `[profiles.NAME]`: failover products, how they notice and how they return.

use crate::scenario::diagnostics::Code;
use crate::scenario::field::Field;
use crate::scenario::reader::{Problem, Section};
use crate::scenario::resolved::{Detector, Failback, Profile};

#[derive(Clone, Copy, PartialEq)]
enum Family {
    Consecutive,
    HelloDead,
    WindowedLoss,
    CarrierOnly,
}

const FAMILIES: &[(&str, Family)] = &[
    ("consecutive-probes", Family::Consecutive),
    ("hello-dead", Family::HelloDead),
    ("windowed-loss", Family::WindowedLoss),
    ("carrier-only", Family::CarrierOnly),
];

#[derive(Clone, Copy, PartialEq)]
enum FailbackWord {
    Immediate,
    HoldDown,
    Never,
}

const FAILBACKS: &[(&str, FailbackWord)] = &[
    ("immediate", FailbackWord::Immediate),
    ("hold-down", FailbackWord::HoldDown),
    ("never", FailbackWord::Never),
];

pub(crate) fn read(name: &str, section: &Section) -> Profile {
    let family =
        section.choice_optional(Field::new("family", "How it notices that the primary is down."), FAMILIES);
    Profile {
        name: name.to_owned(),
        source: section.text(
            Field::new("source", "Where its parameters come from.").or("the scenario", "[EA] a profile of your own"),
        ),
        carrier_delay: section.law_optional(
            Field::new("carrier_delay", "From the loss of the link's carrier until it is seen.").or(
                "{ low = \"0 s\", high = \"1 s\" }",
                "[C] the Linux kernel coalesces link events to one a second (linkwatch), PHYs are polled each second",
            ),
        ),
        detector: read_detector(family, section),
        route_change: section.law(Field::new("route_change", "From detection until new packets take the other route.").or(
            "0.1 s",
            "[D] measured with FRR 8.4.4 (BFD): the first packet takes the other route 0.117 s after detection, mean of 120 trials",
        )),
        failback: read_failback(section),
        flush_flows: section.flag(
            Field::new("flush_flows", "Whether flows are reset when the route changes; else they stay on the old path.")
                .or("false", "[C] the default of mwan3, pfSense, OPNsense and Teltonika"),
        ),
    }
}

/// The keys of the family; in schema mode those of all families.
fn read_detector(family: Option<Family>, section: &Section) -> Option<Detector> {
    let all = section.reader.schema_mode;
    let consecutive = (all || family == Some(Family::Consecutive)).then(|| read_consecutive(section));
    let hello_dead = (all || family == Some(Family::HelloDead)).then(|| read_hello_dead(section));
    let windowed = (all || family == Some(Family::WindowedLoss)).then(|| read_windowed(section));
    let detector = consecutive.or(hello_dead).or(windowed)?;
    if !all {
        check(&detector, section);
    }
    Some(detector)
}

/// Keys that several families share are optional in the schema, which knows nothing of families.
fn key(section: &Section, key: &'static str, doc: &'static str) -> Field {
    let field = Field::new(key, doc);
    if section.reader.schema_mode { field.optional() } else { field }
}

fn read_consecutive(section: &Section) -> Detector {
    Detector::ConsecutiveProbes {
        interval: section
            .span(key(section, "interval", "From one probe or hello to the next.").within(0.001, 1e6)),
        timeout: section
            .span(key(section, "timeout", "How long an answer to a probe may take.").within(0.001, 1e6)),
        down: section.count(key(section, "down", "Losses in a row until it is down.").within(1.0, 1e6)),
        up: section.count(key(section, "up", "Successes in a row until it is up again.").within(1.0, 1e6)),
    }
}

fn read_hello_dead(section: &Section) -> Detector {
    const EVEN: (&str, &str) = ("1", "[EA] no jitter unless the protocol has one");
    let jitter = |key, doc| section.number(Field::new(key, doc).within(0.01, 10.0).or(EVEN.0, EVEN.1));
    let interval = key(section, "interval", "From one probe or hello to the next.");
    Detector::HelloDead {
        interval: if section.reader.schema_mode {
            Default::default()
        } else {
            section.span(interval.within(0.001, 1e6))
        },
        jitter_min: jitter("jitter_min", "Shortest interval between hellos over the nominal one."),
        jitter_max: jitter("jitter_max", "Longest interval between hellos over the nominal one."),
        dead: section.span(key(section, "dead", "Down when this passes without a hello.").within(0.001, 1e6)),
        restart: section.span(
            key(section, "restart", "Interval between hellos while the session is down.").within(0.001, 1e6),
        ),
    }
}

fn read_windowed(section: &Section) -> Detector {
    Detector::WindowedLoss {
        send: section.span(key(section, "send", "From one probe to the next.").within(0.001, 1e6)),
        loss_after: section.span(
            key(section, "loss_after", "Age at which an unanswered probe counts as lost.").within(0.001, 1e6),
        ),
        period: section.span(key(section, "period", "Length of the window of probes.").within(0.001, 1e6)),
        check: section.span(
            key(section, "check", "From one comparison with the threshold to the next.").within(0.001, 1e6),
        ),
        loss_percent: section.count(
            key(section, "loss_percent", "Down above this percentage of lost probes.").within(0.0, 99.0),
        ),
        hold_checks: section.count(
            key(section, "hold_checks", "Good comparisons in a row until it is up again.").within(1.0, 1e6),
        ),
    }
}

/// Timers that contradict each other. A zero stands for a value that could not be read.
fn check(detector: &Detector, section: &Section) {
    let complain = |key: &str, message: String, help: &str| {
        section.problem(key, Problem::new(Code::Inconsistent, message).help(help));
    };
    match *detector {
        Detector::ConsecutiveProbes { .. } => {}
        Detector::HelloDead { interval, jitter_min, jitter_max, dead, .. } => {
            if jitter_min > jitter_max {
                complain("jitter_min", "`jitter_min` is above `jitter_max`".to_owned(), "exchange them");
            }
            if !dead.is_zero() && dead.as_secs_f64() <= interval.as_secs_f64() * jitter_max {
                let message =
                    "the dead time ends before the next hello is due: the link would never be up".to_owned();
                complain("dead", message, "make `dead` longer than `interval` × `jitter_max`");
            }
        }
        Detector::WindowedLoss { send, loss_after, period, .. } => {
            if !period.is_zero() && loss_after + send > period {
                let message = "a probe leaves the window before it can count as lost".to_owned();
                complain("period", message, "make `period` longer than `loss_after` + `send`");
            }
        }
    }
}

fn read_failback(section: &Section) -> Failback {
    let word = section.choice(
        Field::new("failback", "When traffic returns to a primary that is up again.")
            .or("immediate", "[EA] most products return at once"),
        FAILBACKS,
    );
    let hold_down = section.span_optional(
        Field::new("hold_down", "How long the primary must stay up first, with failback = \"hold-down\".")
            .within(0.0, 1e6)
            .optional(),
    );
    match (word, hold_down) {
        (FailbackWord::Never, _) => Failback::Never,
        (FailbackWord::Immediate, _) => Failback::Immediate,
        (FailbackWord::HoldDown, Some(span)) => Failback::HoldDown(span),
        (FailbackWord::HoldDown, None) => {
            let problem =
                Problem::new(Code::MissingKey, "failback = \"hold-down\" needs the key `hold_down`");
            section.problem("failback", problem.help("add for example hold_down = \"60 s\""));
            Failback::Immediate
        }
    }
}
