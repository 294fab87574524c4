//! The detector of a profile: which family, and the family's keys.

use crate::scenario::diagnostics::Code;
use crate::scenario::field::Field;
use crate::scenario::reader::{Problem, Section};
use crate::scenario::resolved::{Detector, Ends, HelloDead, IdleCheck, SequentialProbes, WindowedLoss};
use crate::units::Span;

#[derive(Clone, Copy, PartialEq)]
enum Family {
    Consecutive,
    Sequential,
    MOfN,
    IdleCheck,
    HelloDead,
    WindowedLoss,
    CarrierOnly,
}

const FAMILIES: &[(&str, Family)] = &[
    ("consecutive-probes", Family::Consecutive),
    ("sequential-probes", Family::Sequential),
    ("m-of-n", Family::MOfN),
    ("idle-check", Family::IdleCheck),
    ("hello-dead", Family::HelloDead),
    ("windowed-loss", Family::WindowedLoss),
    ("carrier-only", Family::CarrierOnly),
];

/// Hellos that come closer than this have no numbers of their own (the model numbers those of a quarter hour by 24 bits).
const CLOSEST_HELLOS_S: f64 = 1e-4;

const ENDS: &[(&str, Ends)] =
    &[("one", Ends::One), ("both", Ends::Both), ("contending", Ends::Contending), ("session", Ends::Session)];

/// The keys of the family; in schema mode those of all families.
pub(super) fn read(section: &Section) -> Option<Detector> {
    let family =
        section.choice_optional(Field::new("family", "How it notices that the primary is down."), FAMILIES);
    if section.reader.schema_mode {
        let readers =
            [read_consecutive, read_sequential, read_m_of_n, read_idle_check, read_hello_dead, read_windowed];
        return readers.map(|read| read(section)).first().copied();
    }
    let detector = match family? {
        Family::Consecutive => read_consecutive(section),
        Family::Sequential => read_sequential(section),
        Family::MOfN => read_m_of_n(section),
        Family::IdleCheck => read_idle_check(section),
        Family::HelloDead => read_hello_dead(section),
        Family::WindowedLoss => read_windowed(section),
        Family::CarrierOnly => return None,
    };
    check(&detector, section);
    Some(detector)
}

/// Keys that several families share are optional in the schema, which knows nothing of families.
fn key(section: &Section, key: &'static str, doc: &'static str) -> Field {
    let field = Field::new(key, doc);
    if section.reader.schema_mode { field.optional() } else { field }
}

/// A time without a default, asked for once in the schema however many families have it.
fn time(section: &Section, name: &'static str, doc: &'static str) -> Span {
    shared(section, name, || section.span(key(section, name, doc).within(0.001, 1e6)))
}

fn number(section: &Section, name: &'static str, doc: &'static str) -> u32 {
    shared(section, name, || section.count(key(section, name, doc).within(1.0, 1e6)))
}

/// Reads `name` unless the schema has it already from another family.
fn shared<T: Default>(section: &Section, name: &str, read: impl FnOnce() -> T) -> T {
    if section.reader.schema_mode && section.has_asked(name) { T::default() } else { read() }
}

fn read_interval(section: &Section) -> Span {
    time(section, "interval", "From one probe, cycle of probes or hello to the next.")
}

fn read_timeout(section: &Section) -> Span {
    time(section, "timeout", "How long an answer to a probe may take.")
}

fn read_down(section: &Section) -> u32 {
    number(section, "down", "Losses (or bad cycles) in a row, or among the last `of`, until it is down.")
}

fn read_up(section: &Section) -> u32 {
    number(section, "up", "Answers (or good cycles) in a row, or among the last `of`, until it is up again.")
}

fn read_consecutive(section: &Section) -> Detector {
    Detector::ConsecutiveProbes {
        interval: read_interval(section),
        timeout: read_timeout(section),
        down: read_down(section),
        up: read_up(section),
    }
}

fn read_m_of_n(section: &Section) -> Detector {
    Detector::MOfN {
        interval: read_interval(section),
        timeout: read_timeout(section),
        of: number(section, "of", "Probes that are looked at, counted back from the last."),
        down: read_down(section),
        up: read_up(section),
    }
}

fn read_sequential(section: &Section) -> Detector {
    let count = |key, doc, default, provenance| {
        section.count(Field::new(key, doc).within(1.0, 1_000.0).or(default, provenance))
    };
    let interval = read_interval(section);
    let as_interval = |key, doc| {
        let written = section.span_optional(Field::new(key, doc).within(0.001, 1e6).optional());
        written.unwrap_or(interval)
    };
    Detector::SequentialProbes(SequentialProbes {
        targets: count(
            "targets",
            "Targets, probed one after the other.",
            "1",
            "[C] mwan3: one track_ip at least",
        ),
        reliability: count("reliability", "Targets that must answer.", "1", "[C] mwan3 2.12.2: mwan3track"),
        count: count("count", "Packets per target, one second apart.", "1", "[C] mwan3 2.12.2: mwan3track"),
        timeout: read_timeout(section),
        interval,
        failure_interval: as_interval(
            "failure_interval",
            "Sleep after a bad cycle while going down; `interval` if absent.",
        ),
        keep_failure_interval: section.flag(
            Field::new("keep_failure_interval", "Whether `failure_interval` is kept while down.")
                .or("false", "[C] mwan3 2.12.2: mwan3track"),
        ),
        recovery_interval: as_interval(
            "recovery_interval",
            "Sleep after a good cycle while coming up; `interval` if absent.",
        ),
        down: read_down(section),
        up: read_up(section),
        overhead: section.span(
            Field::new("overhead", "What starting the probes of one cycle costs.")
                .within(0.0, 60.0)
                .or("30 ms", "[D] measured with mwan3 2.12.2: about 30 ms a cycle for starting processes"),
        ),
        trusts_link: section.flag(
            Field::new("trusts_link", "Whether a link whose carrier returns counts as up before any probe.")
                .or(
                    "true",
                    "[C] mwan3 2.12.2: initial_state online; measured one timeout after the interface is up",
                ),
        ),
    })
}

fn read_idle_check(section: &Section) -> Detector {
    let none = ("0 s", "[EA] none unless the product has it");
    let span = |key, doc| section.span(Field::new(key, doc).within(0.0, 1e6).or(none.0, none.1));
    Detector::IdleCheck(IdleCheck {
        idle: time(section, "idle", "From one check to the next, or from the last packet received."),
        from_traffic: section.flag(
            Field::new("from_traffic", "Whether any packet received makes the wait for a check begin anew.")
                .or("false", "[EA] a timer of its own unless said"),
        ),
        clock: span(
            "clock",
            "Steps in which the device reads its clock: a check is off by half of it at most.",
        ),
        wait: time(section, "wait", "How long the first try is waited for."),
        wait_jitter: span("wait_jitter", "Added to each wait, uniform from zero."),
        wait_factor: section.number(
            Field::new("wait_factor", "Each wait over the one before.")
                .within(1.0, 100.0)
                .or("1", "[EA] equal waits unless said"),
        ),
        retries: section.count(
            Field::new("retries", "Tries after the first.")
                .within(0.0, 100.0)
                .or("0", "[EA] none unless said"),
        ),
    })
}

fn read_hello_dead(section: &Section) -> Detector {
    const EVEN: (&str, &str) = ("1", "[EA] no jitter unless the protocol has one");
    let jitter = |key, doc| section.number(Field::new(key, doc).within(0.01, 10.0).or(EVEN.0, EVEN.1));
    Detector::HelloDead(HelloDead {
        interval: read_interval(section),
        jitter_min: jitter("jitter_min", "Shortest interval between hellos over the nominal one."),
        jitter_max: jitter("jitter_max", "Longest interval between hellos over the nominal one."),
        dead: time(section, "dead", "Down when this passes without a hello."),
        restart: time(section, "restart", "Interval between hellos while the session is down."),
        ends: section.choice(
            Field::new("ends", "How the two ends agree: one, both, contending or session.")
                .or("one", "[EA] only the store's end watches unless said"),
            ENDS,
        ),
        goodbye: section.span_optional(
            Field::new("goodbye", "A peer that says goodbye is down after this; absent if it says nothing.")
                .within(0.0, 1e6)
                .optional(),
        ),
        rejoin: section.span(
            Field::new("rejoin", "A peer that said goodbye takes over again this long after its return.")
                .within(0.0, 1e6)
                .or("0 s", "[EA] at once unless the protocol waits"),
        ),
    })
}

fn read_windowed(section: &Section) -> Detector {
    Detector::WindowedLoss(WindowedLoss {
        send: time(section, "send", "From one probe to the next."),
        loss_after: time(section, "loss_after", "Age at which an unanswered probe counts as lost."),
        period: time(section, "period", "Length of the window of probes."),
        check: time(section, "check", "From one comparison with the threshold to the next."),
        loss_percent: section.count(
            key(section, "loss_percent", "Down above this percentage of lost probes.").within(0.0, 99.0),
        ),
        latency: section.span_optional(
            Field::new("latency", "Down above this mean round trip; no such rule if absent.")
                .within(0.001, 600.0)
                .optional(),
        ),
        hold_checks: number(section, "hold_checks", "Good comparisons in a row until it is up again."),
        pause: section.span(
            Field::new("pause", "No comparison for this long after an alarm.")
                .within(0.0, 3_600.0)
                .or("0 s", "[EA] none unless the product pauses"),
        ),
        lag: section.law_optional(
            Field::new("lag", "How much before a probe a comparison comes; any phase if absent.").optional(),
        ),
    })
}

/// Timers that contradict each other. A zero stands for a value that could not be read.
fn check(detector: &Detector, section: &Section) {
    let complain = |key: &str, message: String, help: &str| {
        section.problem(key, Problem::new(Code::Inconsistent, message).help(help));
    };
    match *detector {
        Detector::ConsecutiveProbes { .. } | Detector::IdleCheck(_) => {}
        Detector::SequentialProbes(SequentialProbes { targets, reliability, .. }) => {
            if reliability > targets {
                let message = format!("`reliability` asks for {reliability} answers of {targets} targets");
                complain("reliability", message, "name more `targets`, or ask for fewer");
            }
        }
        Detector::MOfN { of, down, up, .. } => {
            for (name, wanted) in [("down", down), ("up", up)] {
                if wanted > of && of > 0 {
                    let message = format!("`{name}` asks for {wanted} of the last {of} probes");
                    complain(name, message, "make `of` larger");
                }
            }
        }
        Detector::HelloDead(HelloDead { interval, jitter_min, jitter_max, dead, restart, ends, .. }) => {
            if jitter_min > jitter_max {
                complain("jitter_min", "`jitter_min` is above `jitter_max`".to_owned(), "exchange them");
            }
            let closest_s = interval.as_secs_f64().min(restart.as_secs_f64()) * jitter_min;
            if closest_s > 0.0 && closest_s < CLOSEST_HELLOS_S {
                let message = format!("hellos would come every {:.0} µs", closest_s * 1e6);
                complain("jitter_min", message, "leave at least 0.1 ms between hellos");
            }
            if !dead.is_zero() && dead.as_secs_f64() <= interval.as_secs_f64() * jitter_max {
                let message =
                    "the dead time ends before the next hello is due: the link would never be up".to_owned();
                complain("dead", message, "make `dead` longer than `interval` × `jitter_max`");
            }
            if ends == Ends::Session && !section.has("session") {
                let message = "ends = \"session\" needs the table `session`".to_owned();
                complain("ends", message, "add [profiles.NAME.session]; it may be empty");
            }
        }
        Detector::WindowedLoss(WindowedLoss { send, loss_after, period, .. }) => {
            if !period.is_zero() && loss_after + send > period {
                let message = "a probe leaves the window before it can count as lost".to_owned();
                complain("period", message, "make `period` longer than `loss_after` + `send`");
            }
        }
    }
}
