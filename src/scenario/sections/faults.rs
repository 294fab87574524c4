//! `[faults]`: causes with rates, and faults at given instants.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::calendar::{Reach, Start, read_reach, read_start};
use super::services::billionths;
use crate::scenario::diagnostics::Code;
use crate::scenario::field::Field;
use crate::scenario::reader::{Named, Problem, Section};
use crate::scenario::resolved::{Law, Part, Parts, RaisedBy, Sampling, Scope, Signature};
use crate::scenario::tree::Place;
use crate::scenario::values::unknown_word;
use crate::units::Span;

/// What breaks.
pub(crate) struct Faults {
    pub enabled: bool,
    pub lead_in: Span,
    /// Whether causes' holiday factors apply.
    pub holiday: bool,
    /// From a loss of power until a generator has taken over.
    pub generator_start: Span,
    pub sampling: Sampling,
    /// Where that is written.
    pub sampling_place: Place,
    pub causes: BTreeMap<String, CauseEntry>,
    pub scheduled: Vec<ScheduledEntry>,
    pub weather: Vec<WeatherEntry>,
    pub freezes: Vec<FreezeEntry>,
}

/// Bad weather as written.
pub(crate) struct WeatherEntry {
    pub start: Option<Start>,
    pub duration: Span,
    pub factor: f64,
    pub reach: Reach,
}

/// Days on which nothing is changed that need not be.
pub(crate) struct FreezeEntry {
    /// First and last local day.
    pub days: Option<(Date, Date)>,
    pub reach: Reach,
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
    pub parts: Parts,
    /// Factor on the rate in a change freeze.
    pub freeze_factor: f64,
    /// Whether bad weather raises the rate.
    pub weather: bool,
    pub load_factor: f64,
    pub load: RaisedBy,
    pub share: (f64, f64),
    pub takes_lte: f64,
    pub takes_cells: f64,
    pub cell_battery: Span,
    pub of_service: OfService,
}

/// What only faults of scope `service` have.
pub(crate) struct OfService {
    /// Which one; `None`: what payments use.
    pub service: Option<Named>,
    /// Whether an outage takes its network too.
    pub network: bool,
    /// What it can still do in a brownout, parts per billion.
    pub capacity: u64,
}

/// A scheduled fault as written.
pub(crate) struct ScheduledEntry {
    pub name: String,
    pub name_place: Place,
    pub scope: Scope,
    pub parts: Parts,
    pub signature: Signature,
    pub remedy: &'static str,
    /// Name of the provider, carrier, … that fails, for output and for parents.
    pub parent: Option<Named>,
    /// Carriers whose LTE fails too at the stores reached.
    pub takes_lte: Vec<Named>,
    pub start: Option<Start>,
    /// It begins this much after `start`: an overlay's second fault and those after it.
    pub later: Span,
    pub duration: Law,
    pub spread: Span,
    pub reach: Reach,
    /// Share of the stores reached that it hits, drawn at each store's own address.
    pub share: f64,
    /// What the operations centre does about it, if there is one; then its duration is only that without one.
    pub playbook: Option<Named>,
    pub of_service: OfService,
}

impl ScheduledEntry {
    /// Whether it hits a service as a whole, and not some stores' way into it.
    pub(crate) fn is_of_whole_service(&self) -> bool {
        self.scope == Scope::Service
            && self.parts.has(Part::Service)
            && self.share >= 1.0
            && self.spread.is_zero()
            && self.reach.is_everywhere()
    }
}

/// Remedies of causes that are the retailer's own to mend.
pub(crate) const OWN_REMEDIES: [&str; 3] = ["on_site", "remote", "staff"];

const SCOPES: &[(&str, Scope)] = &[
    (Scope::Lane.name(), Scope::Lane),
    (Scope::Router.name(), Scope::Router),
    (Scope::Switch.name(), Scope::Switch),
    (Scope::StoreServer.name(), Scope::StoreServer),
    (Scope::Uplink.name(), Scope::Uplink),
    (Scope::Backup.name(), Scope::Backup),
    (Scope::SitePower.name(), Scope::SitePower),
    (Scope::Market.name(), Scope::Market),
    (Scope::Region.name(), Scope::Region),
    (Scope::Provider.name(), Scope::Provider),
    (Scope::Carrier.name(), Scope::Carrier),
    (Scope::Parent.name(), Scope::Parent),
    (Scope::Fleet.name(), Scope::Fleet),
    (Scope::Service.name(), Scope::Service),
];

const REMEDIES: &[(&str, &str)] = &[
    ("provider", "provider"),
    ("self", "self"),
    ("on_site", "on_site"),
    ("remote", "remote"),
    ("staff", "staff"),
];

const LOADS: &[(&str, RaisedBy)] = &[("expected", RaisedBy::Expected), ("published", RaisedBy::Published)];

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
        generator_start: section.span(
            Field::new("generator_start", "From a loss of power until a generator has taken over.")
                .within(0.0, 86_400.0)
                .or("15 s", "[EA] NFPA 110 type 10 generators take 10 s; most batteries bridge that"),
        ),
        sampling: read_sampling(section),
        sampling_place: section.place_of(if section.is_users("boost") { "boost" } else { "sampling" }),
        weather: section.list("weather", "Stretches of bad weather.", read_weather),
        freezes: section.list("freeze", "Change freezes.", read_freeze),
        causes: section.catalogue("causes", "Fault processes, by name.", read_cause),
        scheduled: section.list("scheduled", "Faults at given instants.", read_scheduled),
    }
}

/// How shared faults are drawn.
fn read_sampling(section: &Section) -> Sampling {
    let sampling = section.choice(
        Field::new(
            "sampling",
            "How shared faults are drawn: `plain`, as they come; `strata`, replications in turn with none of them, and with some of the \
             chain's, of operators, of regions and markets, each weighted by its exact probability.",
        )
        .or("plain", "[EA] every replication stands for the same; strata need several replications each"),
        &[("plain", Sampling::Plain), ("strata", Sampling::Strata)],
    );
    let boost = section.number(
        Field::new(
            "boost",
            "How many times as often the rare shared faults (fleet, service, carrier, provider, parent) are drawn as they happen; \
             each replication is weighted by its likelihood ratio.",
        )
        .within(1.0, 1_000.0)
        .or("1", "[EA] as often as they happen"),
    );
    if boost == 1.0 {
        return sampling;
    }
    if sampling == Sampling::Strata {
        let problem =
            Problem::new(Code::Inconsistent, "shared faults are drawn in strata or boosted, not both");
        section.problem("boost", problem.help("leave `boost` out, or write sampling = \"plain\""));
    }
    Sampling::Boosted(boost)
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
        "Onsets a year and unit of the scope: store, till, market, … (for fibre DIA, if by_technology = \"access\").",
    )
    .within(0.0, 1e6);
    let flaps = by_technology == ByTechnology::Flaps;
    let scope = section.choice(Field::new("scope", "For what one fault is drawn."), SCOPES);
    check_scope(section, scope, by_technology);
    let signatures = read_signatures(section);
    let parts = read_parts(section, scope);
    CauseEntry {
        of_service: read_of_service(section, scope, &signatures),
        parts,
        freeze_factor: section.number(
            Field::new("freeze_factor", "Factor on the rate in a change freeze ([[faults.freeze]]).")
                .within(0.0, 100.0)
                .or("1", "[EA] no effect unless said"),
        ),
        weather: section.flag(
            Field::new("weather", "Whether bad weather ([[faults.weather]]) raises the rate.")
                .or("false", "[EA] no effect unless said"),
        ),
        load_factor: section.number(
            Field::new(
                "load_factor",
                "Rate at full load of the tills over the rate at none; of what breaks LTE alone, load of the cell. Store scopes only.",
            )
            .within(1.0, 1_000.0)
            .or("1", "[EA] no hazard that load raises has a published size"),
        ),
        load: read_load(section, parts),
        share: read_share(section),
        takes_lte: section.share(
            Field::new(
                "takes_lte",
                "Probability that LTE fails too (a shared conduit), drawn per fault; of a shared scope per fault and carrier.",
            )
            .or("0", "[EA] not unless said"),
        ),
        takes_cells: section.share(
            Field::new(
                "takes_cells",
                "Probability that a cell in the same unit loses its power too, drawn per fault and cell.",
            )
            .or("0", "[EA] not unless said"),
        ),
        cell_battery: section.span(
            Field::new("cell_battery", "How long a cell's batteries last then.")
                .within(0.0, 604_800.0)
                .or("4 h", "[EA] common design of US macro sites; the FCC asked for 8 h in 2007"),
        ),
        enabled: section
            .flag(Field::new("enabled", "Whether it happens.").or("true", "[EA] all causes happen")),
        rate_per_year: section.number_optional(if flaps { rate.optional() } else { rate }).unwrap_or(0.0),
        by_technology,
        repair: section.law(Field::new("repair", "Time to restore.")),
        scope,
        signatures,
        remedy: section.choice(Field::new("remedy", "Who ends it."), REMEDIES),
        holiday_factor: section.number(
            Field::new("holiday_factor", "Factor on the rate in a holiday week.")
                .within(0.0, 100.0)
                .or("1", "[EA] no effect unless said"),
        ),
    }
}

/// The key `load`.
fn read_load(section: &Section, parts: Parts) -> RaisedBy {
    let load = section.choice(
        Field::new(
            "load",
            "Which load raises the rate: `expected` at the tills or in the cell, or, of what breaks LTE alone, the cell's `published` one.",
        )
        .or("expected", "[EA] known before the run, so that faults are the same in every design"),
        LOADS,
    );
    if load == RaisedBy::Published && parts != Parts::of(Part::Backup) {
        let message = "only what breaks LTE alone can go by the published load of a cell";
        let help = "leave `load` out, or let the cause break nothing but `backup`";
        section.problem("load", Problem::new(Code::Inconsistent, message).help(help));
    }
    load
}

/// Keys that mean nothing for a cause of this scope.
fn check_scope(section: &Section, scope: Scope, by_technology: ByTechnology) {
    if scope.is_shared() && by_technology != ByTechnology::Nothing {
        let message = format!("what a whole {} shares has no technology", scope.name());
        let help = "leave `by_technology` out: rate and repair are the unit's";
        section.problem("by_technology", Problem::new(Code::Inconsistent, message).help(help));
    }
    let (without, of) = if scope.is_shared() {
        (&["load_factor", "load"][..], "one store")
    } else {
        (&["share", "share_max", "takes_cells", "cell_battery"][..], "many stores")
    };
    for key in without.iter().filter(|key| section.is_users(key)) {
        let message =
            format!("`{key}` is for causes whose scope is something of {of}; here it has no effect");
        section.problem(key, Problem::new(Code::NoEffect, message).help("leave it out, or change `scope`"));
    }
}

pub(crate) fn read_scheduled(section: &Section) -> ScheduledEntry {
    let signatures = read_signatures(section);
    if signatures.len() > 1 {
        let problem = Problem::new(Code::WrongType, "a scheduled fault has one signature");
        section.problem("signature", problem.help("write one word, for example signature = \"blackhole\""));
    }
    let scope = section.choice(
        Field::new("scope", "What fails: something of each store's, or something that they share.")
            .or("uplink", "[EA] the primary uplink"),
        SCOPES,
    );
    if scope == Scope::Carrier && section.is_users("spread") {
        let problem = Problem::new(Code::NoEffect, "`spread` has no effect on a fault of scope \"carrier\"");
        section.problem(
            "spread",
            problem.help("a carrier's core is down at once for everybody whom the fault hits"),
        );
    }
    let parent =
        section.name(Field::new("parent", "Scope parent only: which one, of [parents.NAME].").optional());
    if (scope == Scope::Parent) != parent.is_some() && !section.reader.schema_mode {
        let (message, help) = match parent {
            Some(_) => {
                ("only a fault of scope `parent` has a `parent`", "leave it out, or write scope = \"parent\"")
            }
            None => ("a fault of scope `parent` needs a `parent`", "name one of [parents.NAME]"),
        };
        section.problem("parent", Problem::new(Code::Inconsistent, message).help(help));
    }
    let name = section.new_name(Field::new("name", "Name of the fault; its cause in the output."));
    ScheduledEntry {
        of_service: read_of_service(section, scope, &signatures),
        name_place: name.as_ref().map_or(section.place, |name| name.place),
        name: name.map(|name| name.text).unwrap_or_default(),
        parts: read_parts(section, scope),
        scope,
        parent,
        takes_lte: section.texts(
            Field::new("takes_lte", "Carriers whose LTE fails too at the stores in reach, hit or not.")
                .or("[]", "[EA] none unless named"),
        ),
        remedy: section.choice(
            Field::new("remedy", "Who ends it.").or("provider", "[EA] a fault beyond the store"),
            REMEDIES,
        ),
        signature: signatures.first().map_or(Signature::Blackhole, |(signature, _)| *signature),
        start: read_start(section, Field::new("at", "When it begins, for example \"2019-11-29 05:10\".")),
        later: Span::ZERO,
        duration: read_duration(section),
        spread: section.span(
            Field::new("spread", "It begins at each store this much later, at most (uniform).")
                .within(0.0, 365.0 * 86_400.0)
                .or("0 s", "[EA] at once"),
        ),
        reach: read_reach(section),
        share: section.share(
            Field::new(
                "share",
                "Share of these stores that it hits, drawn per store; of a carrier's phones, too.",
            )
            .or("1", "[EA] all of them"),
        ),
        playbook: section.name(
            Field::new("playbook", "What the operations centre does about it, if [noc] is on: then that ends it, not its duration.")
                .optional(),
        ),
    }
}

/// The keys `service`, `network`, `capacity`.
fn read_of_service(section: &Section, scope: Scope, signatures: &[(Signature, f64)]) -> OfService {
    let of_service = OfService {
        service: section.name(
            Field::new(
                "service",
                "Scope service only: which of [services] fails; else those that payments use, or, if scheduled, the first.",
            )
            .optional(),
        ),
        network: section.flag(
            Field::new(
                "network",
                "Scope service only: whether an outage takes the site's network too, so that an in-band order cannot get out.",
            )
            .or("false", "[EA] the application alone"),
        ),
        capacity: billionths(
            section
                .share(
                    Field::new(
                        "capacity",
                        "Scope service only: what it can still do in a brownout (signature partial-loss or latency).",
                    )
                    .or("1", "[EA] all unless stated"),
                )
                .max(1e-6),
        ),
    };
    let users = |key: &&&str| section.is_users(key);
    if scope != Scope::Service {
        for key in ["service", "network", "capacity"].iter().filter(users) {
            let message = format!("`{key}` is for faults of scope `service`; here it has no effect");
            let help = "leave it out, or write scope = \"service\"";
            section.problem(key, Problem::new(Code::NoEffect, message).help(help));
        }
        return of_service;
    }
    let (dead, limping) = (
        signatures.iter().any(|(signature, _)| signature.is_dead()),
        signatures.iter().any(|(signature, _)| !signature.is_dead()),
    );
    for (key, means, of) in [("network", dead, "what is dead"), ("capacity", limping, "a service that limps")]
    {
        if section.is_users(key) && !means {
            let message = format!("`{key}` is about {of}, and this fault's signature is not");
            let help = "leave it out, or change `signature`";
            section.problem(key, Problem::new(Code::NoEffect, message).help(help));
        }
    }
    of_service
}

/// What a fault breaks at a store that it hits.
fn read_parts(section: &Section, scope: Scope) -> Parts {
    let words = section.texts(
        Field::new("breaks", "What it breaks at a store: uplink, router, switch, backup, store-server, lane, site-power, service.")
            .or("[]", "[EA] what the scope says: docs/model.md has the table"),
    );
    let mut parts = Parts::default();
    for Named { text, place } in &words {
        match Part::ALL.iter().find(|part| part.name() == text) {
            Some(&part) => parts = parts.with(part),
            None => section.reader.report(*place, unknown_word(text, &Part::ALL.map(Part::name))),
        }
    }
    if words.is_empty() { scope.usual_parts() } else { parts }
}

/// The keys `share` and `share_max`.
fn read_share(section: &Section) -> (f64, f64) {
    let least = section.share(
        Field::new("share", "Shared scopes only: share of the unit's stores that one fault hits.")
            .or("1", "[EA] all of them"),
    );
    let most = section.share_optional(
        Field::new("share_max", "If given, the share is drawn per fault, uniform between `share` and this.")
            .optional(),
    );
    let most = most.unwrap_or(least);
    if most < least {
        let problem = Problem::new(Code::Inconsistent, "`share_max` is less than `share`");
        section.problem("share_max", problem.help("exchange them"));
    }
    (least, most)
}

fn read_weather(section: &Section) -> WeatherEntry {
    section.new_name(Field::new("name", "Name of the stretch of weather."));
    WeatherEntry {
        start: read_start(section, Field::new("at", "When it begins, for example \"2019-11-29 05:10\".")),
        duration: section.span(Field::new("duration", "How long it lasts.").within(1.0, 31_557_600.0)),
        factor: section.number(
            Field::new("factor", "Factor on the rate of causes with weather = true: rain 2, thunderstorm 4.")
                .within(0.0, 1_000.0)
                .or("2", "[C] S73: failures of residential links twice as often in rain, four times in thunderstorms"),
        ),
        reach: read_reach(section),
    }
}

fn read_freeze(section: &Section) -> FreezeEntry {
    let first = section.date(Field::new("first_day", "First local day of the freeze."));
    let last = section.date(Field::new("last_day", "Last local day of the freeze."));
    if first > last {
        let problem = Problem::new(Code::Inconsistent, "the last day is before the first day");
        section.problem("last_day", problem.help("exchange first_day and last_day"));
    }
    FreezeEntry { days: first.zip(last), reach: read_reach(section) }
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
