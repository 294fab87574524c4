//! `[faults]`: causes with rates, and faults at given instants.

use std::collections::BTreeMap;

use super::calendar::{Reach, Start, read_reach, read_start};
use crate::scenario::diagnostics::Code;
use crate::scenario::field::Field;
use crate::scenario::reader::{Named, Problem, Section};
use crate::scenario::resolved::{Law, Scope, Signature};
use crate::scenario::values::unknown_word;
use crate::units::Span;

/// What breaks.
pub(crate) struct Faults {
    pub enabled: bool,
    pub lead_in: Span,
    /// Whether causes' holiday factors apply.
    pub holiday: bool,
    pub causes: BTreeMap<String, CauseEntry>,
    pub scheduled: Vec<ScheduledEntry>,
}

/// What a cause's rate and repair depend on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum ByTechnology {
    /// The same everywhere.
    Nothing,
    /// Rate and repair times the technology's multipliers.
    Access,
    /// The rate is the technology's `flaps_per_year`.
    Flaps,
}

/// A cause as written.
pub(crate) struct CauseEntry {
    pub enabled: bool,
    pub rate_per_year: f64,
    pub by_technology: ByTechnology,
    pub repair: Law,
    pub scope: Scope,
    pub signatures: Vec<(Signature, f64)>,
    pub remedy: &'static str,
    pub holiday_factor: f64,
}

/// A scheduled fault as written.
pub(crate) struct ScheduledEntry {
    pub name: String,
    pub name_place: crate::scenario::tree::Place,
    pub scope: Scope,
    pub signature: Signature,
    pub start: Option<Start>,
    pub duration: Law,
    pub spread: Span,
    pub reach: Reach,
    /// Share of the stores reached that it hits, drawn at each store's own address.
    pub share: f64,
}

const SCOPES: &[(&str, Scope)] = &[
    (Scope::Uplink.name(), Scope::Uplink),
    (Scope::Router.name(), Scope::Router),
    (Scope::Switch.name(), Scope::Switch),
    (Scope::Backup.name(), Scope::Backup),
];

const REMEDIES: &[(&str, &str)] = &[
    ("provider", "provider"),
    ("self", "self"),
    ("on_site", "on_site"),
    ("remote", "remote"),
    ("staff", "staff"),
];

const BY_TECHNOLOGY: &[(&str, ByTechnology)] =
    &[("nothing", ByTechnology::Nothing), ("access", ByTechnology::Access), ("flaps", ByTechnology::Flaps)];

/// Loss of a `partial-loss` signature where none is given.
const LOSS: (&str, &str) = ("0.3", "[EA] enough to hurt every payment, not enough for most probes");
/// Delay of a `latency` signature where none is given.
const LATENCY: (&str, &str) = ("500 ms", "[EA] the threshold at which common products call a link down");

pub(crate) fn read(section: &Section) -> Faults {
    Faults {
        enabled: section.flag(
            Field::new("enabled", "Whether causes break things; scheduled faults happen anyway.").or("true", "[EA] things break"),
        ),
        lead_in: section.span(
            Field::new("lead_in", "How long before the first day fault processes run, without customers.")
                .within(0.0, 365.0 * 86_400.0)
                .or("30 days", "[EA] longer than nearly all repairs, so a run opens with the links down that would be down"),
        ),
        holiday: section.flag(
            Field::new("holiday", "Whether causes' holiday factors apply (change freezes, fewer diggers).")
                .or("false", "[EA] only in holiday weeks"),
        ),
        causes: section.catalogue("causes", "Fault processes, by name.", read_cause),
        scheduled: section.list("scheduled", "Faults at given instants.", read_scheduled),
    }
}

fn read_cause(_name: &str, section: &Section) -> CauseEntry {
    let by_technology = section.choice(
        Field::new(
            "by_technology",
            "Whether rate and repair follow the technology's multipliers or its flaps.",
        )
        .or("nothing", "[EA] the same for all technologies unless said"),
        BY_TECHNOLOGY,
    );
    let rate = Field::new(
        "rate_per_year",
        "Onsets a year and store (for fibre DIA, if by_technology = \"access\").",
    )
    .within(0.0, 1e6);
    let flaps = by_technology == ByTechnology::Flaps;
    CauseEntry {
        enabled: section
            .flag(Field::new("enabled", "Whether it happens.").or("true", "[EA] all causes happen")),
        rate_per_year: section.number_optional(if flaps { rate.optional() } else { rate }).unwrap_or(0.0),
        by_technology,
        repair: section.law(Field::new("repair", "Time to restore.")),
        scope: section.choice(Field::new("scope", "What it breaks."), SCOPES),
        signatures: read_signatures(section),
        remedy: section.choice(Field::new("remedy", "Who ends it."), REMEDIES),
        holiday_factor: section.number(
            Field::new("holiday_factor", "Factor on the rate in a holiday week.")
                .within(0.0, 100.0)
                .or("1", "[EA] no effect unless said"),
        ),
    }
}

fn read_scheduled(section: &Section) -> ScheduledEntry {
    let signatures = read_signatures(section);
    if signatures.len() > 1 {
        let problem = Problem::new(Code::WrongType, "a scheduled fault has one signature");
        section.problem("signature", problem.help("write one word, for example signature = \"blackhole\""));
    }
    let name = section.new_name(Field::new("name", "Name of the fault; its cause in the output."));
    ScheduledEntry {
        name_place: name.as_ref().map_or(section.place, |name| name.place),
        name: name.map(|name| name.text).unwrap_or_default(),
        scope: section
            .choice(Field::new("scope", "What it breaks.").or("uplink", "[EA] the primary uplink"), SCOPES),
        signature: signatures.first().map_or(Signature::Blackhole, |(signature, _)| *signature),
        start: read_start(section, Field::new("at", "When it begins, for example \"2019-11-29 05:10\".")),
        duration: read_duration(section),
        spread: section.span(
            Field::new("spread", "It begins at each store this much later, at most (uniform).")
                .within(0.0, 365.0 * 86_400.0)
                .or("0 s", "[EA] at once"),
        ),
        reach: read_reach(section),
        share: section.share(
            Field::new("share", "Share of these stores that it hits, drawn per store.")
                .or("1", "[EA] all of them"),
        ),
    }
}

/// How long a scheduled fault lasts; never of no length, because that breaks nothing.
fn read_duration(section: &Section) -> Law {
    let duration = section.law_optional(Field::new("duration", "How long it lasts at a store."));
    let longest_is_zero = match duration {
        Some(Law::Constant(longest) | Law::Uniform { high: longest, .. }) => longest <= 0.0,
        Some(Law::Exponential { mean: scale } | Law::Lognormal { median: scale, .. }) => scale <= 0.0,
        None => false,
    };
    if longest_is_zero {
        let problem = Problem::new(Code::OutOfRange, "a fault that lasts no time breaks nothing");
        section.problem("duration", problem.help("write for example duration = \"20 min\""));
    }
    duration.unwrap_or(Law::Constant(0.0))
}

/// The keys `signature`, `loss`, `latency`.
fn read_signatures(section: &Section) -> Vec<(Signature, f64)> {
    let words = section.weights(
        Field::new(
            "signature",
            "How it looks: carrier-lost, blackhole, announced, partial-loss, latency; or these with weights.",
        )
        .or("blackhole", "[EA] most faults beyond the first hop leave the link's carrier up"),
    );
    let loss = section
        .share(Field::new("loss", "Loss of the signature partial-loss.").within(0.0, 1.0).or(LOSS.0, LOSS.1));
    let latency = section.span(
        Field::new("latency", "Extra round trip of the signature latency.")
            .within(0.0, 600.0)
            .or(LATENCY.0, LATENCY.1),
    );
    let known = [
        Signature::CarrierLost,
        Signature::Blackhole,
        Signature::PartialLoss(loss),
        Signature::Latency(latency),
        Signature::Announced,
    ];
    let total: f64 = words.iter().map(|(_, weight)| weight).sum();
    let mut signatures = Vec::new();
    for (Named { text, place }, weight) in &words {
        match known.iter().find(|signature| signature.name() == text) {
            Some(signature) => signatures.push((*signature, weight / total)),
            None => section.reader.report(*place, unknown_word(text, &known.map(Signature::name))),
        }
    }
    signatures
}
