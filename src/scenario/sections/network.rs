//! `[technologies.NAME]` and `[carriers.NAME]`.

use crate::scenario::diagnostics::Code;
use crate::scenario::field::Field;
use crate::scenario::reader::{Named, Problem, Section};
use crate::scenario::resolved::{self, QueueDiscipline};

/// Width of one LTE physical resource block with its share of the guard band (3GPP TS 36.101: 50 blocks in 10 MHz).
const HERTZ_PER_BLOCK: u64 = 200_000;

/// A kind of access with what fault processes take from it.
pub(crate) struct Technology {
    pub resolved: resolved::Technology,
    /// Access faults per year over those of fibre DIA.
    pub fault_multiplier: f64,
    /// Time to restore over that of fibre DIA.
    pub repair_multiplier: f64,
    pub flaps_per_year: f64,
}

pub(crate) const QUEUES: &[(&str, QueueDiscipline)] =
    &[("priority", QueueDiscipline::Priority), ("fifo", QueueDiscipline::Fifo)];

pub(crate) fn read_technology(name: &str, section: &Section) -> Technology {
    let is_lte = section.flag(
        Field::new("is_lte", "Whether this access is a cell: rates then come from the cell.")
            .or("false", "[EA] wired unless said"),
    );
    // A cell has all of these from elsewhere, so they may be left out.
    let wired = |key, doc| {
        let field = Field::new(key, doc);
        if is_lte { field.optional() } else { field }
    };
    let resolved = resolved::Technology {
        name: name.to_owned(),
        is_lte,
        up: section.rate(wired("up", "Towards the network.")),
        down: section.rate(wired("down", "Towards the store.")),
        rtt: section.span(wired("rtt", "Round trip to the service without queueing.").within(0.0, 60.0)),
        jitter: section.span(wired("jitter", "Largest extra round trip, uniform.").within(0.0, 60.0)),
        loss: section
            .share(wired("loss", "Probability that a packet or its answer is lost.").within(0.0, 0.99)),
        buffer_bytes: section.bytes(wired("buffer", "Buffer at the bottleneck.")),
        queue: section.choice(Field::new("queue", "Whether payments overtake other traffic."), QUEUES),
    };
    if is_lte {
        warn_wired_settings(name, section);
    }
    if !resolved.is_lte && (resolved.up.0 == 0 || resolved.down.0 == 0) && section.is_written() {
        let problem = Problem::new(Code::OutOfRange, format!("`{name}` carries nothing: a rate is zero"));
        section.problem("up", problem.help("give both `up` and `down` a rate such as \"50 Mbps\""));
    }
    let factor = |key, doc| section.number(Field::new(key, doc).within(0.0, 10_000.0));
    Technology {
        resolved,
        fault_multiplier: factor("fault_multiplier", "Access faults per year over those of fibre DIA."),
        repair_multiplier: factor("repair_multiplier", "Time to restore over that of fibre DIA."),
        flaps_per_year: factor("flaps_per_year", "Short interruptions a year."),
    }
}

/// Says which of the user's settings a cell does not use.
fn warn_wired_settings(name: &str, section: &Section) {
    for key in ["up", "down", "rtt", "jitter", "loss", "buffer"] {
        if section.is_users(key) {
            let message =
                format!("`{key}` has no effect: `{name}` is LTE, whose links are those of its cells");
            let help = "see [carriers.NAME] for bandwidth and round trip, [lte] for the rest";
            section.problem(key, Problem::new(Code::NoEffect, message).help(help));
        }
    }
}

/// A company that owns providers and carriers.
pub(crate) struct Parent {
    pub providers: Vec<Named>,
    pub carriers: Vec<Named>,
}

pub(crate) fn read_parent(_name: &str, section: &Section) -> Parent {
    let names = |key, doc| section.texts(Field::new(key, doc).or("[]", "[EA] none unless named"));
    Parent {
        providers: names("providers", "Providers of primary access that fail with it."),
        carriers: names("carriers", "Cellular carriers that fail with it."),
    }
}

/// What a core does with requests that would have to wait long.
#[derive(Clone, Copy, PartialEq)]
enum OverloadWord {
    Wait,
    Unanswered,
    Refuse,
}

pub(crate) fn read_carrier(name: &str, section: &Section) -> resolved::Carrier {
    let bandwidth = Field::new("bandwidth", "Bandwidth of one cell in one direction: 5, 10, 15 or 20 MHz.");
    let carrier = resolved::Carrier {
        name: name.to_owned(),
        rtt_median_s: section.span(Field::new("rtt", "Median round trip.").within(0.0, 60.0)).as_secs_f64(),
        resource_blocks: (section.hertz(bandwidth.within(1.4e6, 100e6)) / HERTZ_PER_BLOCK) as u32,
        registrations_per_s: section.number_optional(
            Field::new(
                "registrations_per_s",
                "Registrations its core serves per second; no limit if absent.",
            )
            .within(1e-6, 1e9)
            .optional(),
        ),
        phones: section.number(
            Field::new("phones", "Phones that register again after a fault of its whole core.")
                .within(0.0, 1e10)
                .or("0", "[EA] none unless stated: nobody publishes what a core has to serve"),
        ),
        phones_return: section.span(
            Field::new("phones_return", "After a fault they come back within this long, uniformly.")
                .within(1.0, 86_400.0)
                .or("60 s", "[EA] phones notice within a minute; sweep it"),
        ),
        phones_registering_per_s: section.number(
            Field::new("phones_registering_per_s", "Phones that register in any second, fault or not.")
                .within(0.0, 1e9)
                .or("0", "[EA] registrations_per_s is what is left for a storm, unless said"),
        ),
        overload: read_overload(section),
        refusal_work: section.number(
            Field::new("refusal_work", "Work of a refusal for congestion over that of a registration.")
                .within(0.0, 1.0)
                .or("0.1", "[EA] it takes one answer, and no exchange with the subscriber database"),
        ),
    };
    check_core(section, &carrier);
    carrier
}

fn read_overload(section: &Section) -> resolved::Overload {
    let word = section.choice(
        Field::new(
            "overload",
            "What its core does with more than it can serve soon: wait (serves all in order), unanswered (the same, but \
             modems give up after T3410 and ask again), refuse (for congestion, beyond overload_wait).",
        )
        .or("wait", "[EA] the least that a finite rate does"),
        &[
            ("wait", OverloadWord::Wait),
            ("unanswered", OverloadWord::Unanswered),
            ("refuse", OverloadWord::Refuse),
        ],
    );
    let wait = section.span(
        Field::new("overload_wait", "With overload = \"refuse\": the longest wait that it accepts.")
            .within(0.0, 86_400.0)
            .or("10 s", "[EA] below T3410, so that whoever is accepted is answered in time"),
    );
    match word {
        OverloadWord::Wait => resolved::Overload::Wait,
        OverloadWord::Unanswered => resolved::Overload::Unanswered,
        OverloadWord::Refuse => resolved::Overload::Refuse { wait },
    }
}

/// Says which of a carrier's settings have no effect, or never let a storm end.
fn check_core(section: &Section, carrier: &resolved::Carrier) {
    let usual = carrier.phones_registering_per_s;
    match carrier.registrations_per_s {
        Some(rate) if usual >= rate => {
            let message =
                format!("phones register as fast ({usual}/s) as its core serves ({rate}/s), or faster");
            let help = "a backlog would never end: raise registrations_per_s";
            section.problem("phones_registering_per_s", Problem::new(Code::Inconsistent, message).help(help));
        }
        Some(_) => {}
        None => {
            const KEYS: [&str; 6] = [
                "phones",
                "phones_return",
                "phones_registering_per_s",
                "overload",
                "overload_wait",
                "refusal_work",
            ];
            for key in KEYS.into_iter().filter(|key| section.is_users(key)) {
                let message = format!("`{key}` has no effect: the core has no limit");
                let help = "give the carrier registrations_per_s";
                section.problem(key, Problem::new(Code::NoEffect, message).help(help));
            }
        }
    }
}
