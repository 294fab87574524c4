//! When a profile returns to its primary, and how it holds a flapping one off.

use crate::scenario::diagnostics::Code;
use crate::scenario::field::Field;
use crate::scenario::reader::{Problem, Section};
use crate::scenario::resolved::{Damping, Failback};
use crate::units::Span;

#[derive(Clone, Copy, PartialEq)]
enum Word {
    Immediate,
    HoldDown,
    Idle,
    Window,
    Manual,
    Never,
}

const WORDS: &[(&str, Word)] = &[
    ("immediate", Word::Immediate),
    ("hold-down", Word::HoldDown),
    ("idle", Word::Idle),
    ("window", Word::Window),
    ("manual", Word::Manual),
    ("never", Word::Never),
];

/// When traffic returns.
pub(super) fn read(section: &Section) -> Failback {
    let word = section.choice(
        Field::new("failback", "When traffic returns to a primary that is up again.")
            .or("immediate", "[EA] most products return at once"),
        WORDS,
    );
    let hold_down: Option<Span> = section.span_optional(
        Field::new("hold_down", "How long the primary must stay up first, with failback = \"hold-down\".")
            .within(0.0, 1e6)
            .optional(),
    );
    let idle = section.span(
        Field::new(
            "failback_idle",
            "No payment may have been under way for this long, with failback = \"idle\".",
        )
        .within(0.0, 86_400.0)
        .or(
            "90 s",
            "[D] Cradlepoint IBR350 manual: failback by usage over 10 to 300 s; 90 s is its default by time",
        ),
    );
    let manual = section.law(
        Field::new(
            "failback_manual",
            "How long somebody takes to lead traffic back, with failback = \"manual\".",
        )
        .or("{ median = \"2 h\", sigma = 0.8 }", "[J] seen and done the same morning or afternoon; sweep it"),
    );
    match (word, hold_down) {
        (Word::Never, _) => Failback::Never,
        (Word::Immediate, _) => Failback::Immediate,
        (Word::Idle, _) => Failback::Idle(idle),
        (Word::Window, _) => Failback::Window,
        (Word::Manual, _) => Failback::Manual(manual),
        (Word::HoldDown, Some(span)) => Failback::HoldDown(span),
        (Word::HoldDown, None) => {
            let problem =
                Problem::new(Code::MissingKey, "failback = \"hold-down\" needs the key `hold_down`");
            section.problem("failback", problem.help("add for example hold_down = \"60 s\""));
            Failback::Immediate
        }
    }
}

/// Local hours of failback in minutes since midnight, if the policy keeps to any. Called after [`read`].
pub(super) fn read_hours(section: &Section, failback: &Failback) -> Option<(u32, u32)> {
    let clock = |key, doc, default, provenance| section.clock(Field::new(key, doc).or(default, provenance));
    const NIGHT: &str = "[EA] a maintenance window at night, when stores are closed";
    let from = clock(
        "failback_from",
        "Traffic returns from this local time on, with failback = \"window\"; with \"manual\", somebody is there from then on.",
        "02:00",
        NIGHT,
    );
    let to = clock("failback_to", "And up to this local time.", "05:00", NIGHT);
    let (from, to) = from.zip(to)?;
    let keeps = match failback {
        Failback::Window => true,
        Failback::Manual(_) => section.is_users("failback_from") || section.is_users("failback_to"),
        Failback::Immediate | Failback::HoldDown(_) | Failback::Idle(_) | Failback::Never => false,
    };
    if keeps && from == to {
        let problem = Problem::new(Code::Inconsistent, "the hours of failback end at the minute they begin");
        section.problem(
            "failback_from",
            problem.help("write for example failback_from = \"02:00\" and failback_to = \"05:00\""),
        );
    }
    keeps.then_some((from, to))
}

/// `[profiles.NAME.damping]`.
pub(super) fn read_damping(section: &Section) -> Option<Damping> {
    let has = section.has("damping");
    let damping = section.section(
        "damping",
        "Flap damping: a primary that goes down too often must rest before traffic returns to it.",
        |table| has.then(|| read_rule(table)),
    );
    damping.filter(|_| !section.reader.schema_mode)
}

fn read_rule(section: &Section) -> Damping {
    const CISCO: &str =
        "[C] Cisco IOS XR dampening: half-life 1 min, reuse 750, suppress 2000, at most four half-lives";
    let number = |key, doc, default| section.number(Field::new(key, doc).within(1.0, 1e6).or(default, CISCO));
    let span = |key, doc, default, provenance| {
        section.span(Field::new(key, doc).within(1.0, 1e6).or(default, provenance))
    };
    let rule = Damping {
        penalty: number("penalty", "What each verdict \"down\" adds.", "1000"),
        suppress: number("suppress", "Above this sum of penalties traffic stays on the backup.", "2000"),
        reuse: number("reuse", "Until it has decayed to this.", "750"),
        half_life: span(
            "half_life",
            "Time in which the sum halves.",
            "15 min",
            "[M] BGP's usual half-life; IOS XR's for interfaces is 1 min",
        ),
        longest: span(
            "longest",
            "Traffic is held back for this long at most after the last flap.",
            "60 min",
            "[D] four half-lives, as IOS XR has it",
        ),
    };
    if rule.reuse >= rule.suppress {
        let problem = Problem::new(
            Code::Inconsistent,
            "`reuse` is not below `suppress`, so nothing is ever suppressed",
        );
        section.problem("reuse", problem.help("write for example suppress = 2000 and reuse = 750"));
    }
    rule
}
