//! `[items.NAME]` and `[sizing]`: what can be bought or changed, at what price, and what for.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::calendar::{Reach, read_reach};
use super::general::days_between;
use super::money::PRICE_MAX;
use crate::scenario::diagnostics::Code;
use crate::scenario::field::Field;
use crate::scenario::reader::{Named, Problem, Section};
use crate::scenario::resolved::{Aim, Item, Target, TargetMetric};
use crate::scenario::tree::Place;
use crate::units::Cents;

/// Every choice of levers for all takes its own forced faults.
const CHOICES_MAX: u64 = 64;

/// `[sizing]` as written; `None` of [`super::Written`] if it is not.
pub(crate) struct Sizing {
    pub aim: Aim,
    pub budget: Option<Cents>,
    pub max_units: Option<u32>,
    pub installs_per_week: Option<u32>,
    pub begin: Option<Date>,
    pub freeze: Option<Date>,
    /// `None`: as `[year]`.
    pub exposure: Option<[u32; 4]>,
    pub draws: u32,
    pub forced_share: f64,
    pub replications_max: u32,
    pub verify: u32,
    pub alpha: f64,
    pub zone_share: f64,
    pub neighbours: u32,
    pub candidates: u32,
    pub levers: BTreeMap<String, Lever>,
    pub shared: BTreeMap<String, SharedLever>,
    pub targets: Vec<Target>,
}

/// What can be done at a store, as written.
pub(crate) struct Lever {
    /// Attribute's key, word, place of the word.
    pub set: Vec<(&'static str, Named)>,
    pub gain_db: f64,
    pub items: Vec<Named>,
    pub reach: Reach,
    /// Whether it says nothing of what it changes: then an item has to bring it.
    pub is_bare: bool,
    /// Where to point if nothing does.
    pub place: Place,
}

/// What can be done for all, as written.
pub(crate) struct SharedLever {
    pub group: Option<String>,
    pub settings: Vec<Named>,
    pub place: Place,
    pub items: Vec<Named>,
    pub year: Cents,
}

pub(crate) fn read_item(name: &str, section: &Section) -> Item {
    let money = |key, doc| {
        section.money(Field::new(key, doc).within(0.0, PRICE_MAX).or("$0", "[EA] nothing unless given"))
    };
    Item {
        name: name.to_owned(),
        what: section.title(Field::new("what", "What it is.")),
        price: money("price", "Price, once."),
        month: money("month", "Price of a month."),
        year: money("year", "Price of a year."),
        ports: section.count(
            Field::new("ports", "Console ports that it has.")
                .within(0.0, 96.0)
                .or("0", "[EA] most things have none"),
        ),
        plan: section
            .name(
                Field::new(
                    "plan",
                    "Data plan of [plans], pooled or not, that comes with it: a lever that takes it gives it to the store.",
                )
                .optional(),
            )
            .map(|name| name.text),
        unit: section.flag(
            Field::new("unit", "Whether somebody has to put it in: such units are counted.")
                .or("false", "[EA] plans and parts are not"),
        ),
        date: section.title(Field::new("date", "When the price was seen.")),
        origin: section.title(Field::new("origin", "Where it comes from.")),
        confidence: section
            .choice(
                Field::new("confidence", "How far to trust it; see docs/sources.md."),
                &[("C", "C"), ("D", "D"), ("M", "M"), ("EA", "EA"), ("J", "J")],
            )
            .to_owned(),
    }
}

/// Attributes that a lever may set, with what that means.
const SETS: [(&str, &str); 16] = [
    ("topology", "Where the backup lives then: in-router, second-router, oobm-gateway, oobm-only, none."),
    ("standby", "State of the backup modem before it is needed."),
    ("modem", "The modem's category."),
    ("carrier", "Carrier of the LTE uplink."),
    ("carrier2", "Carrier of the modem's second SIM."),
    ("plan", "Data plan of the LTE line."),
    ("profile", "Failover profile."),
    ("ups", "Minutes that batteries carry network and tills."),
    ("generator", "Whether there is a generator: none, standby."),
    ("oobm", "Out-of-band unit: none, console, console-outlet, by-topology."),
    ("oobm_carrier", "Carrier of the out-of-band unit."),
    ("console_ports", "Devices on console ports."),
    ("outlets", "Devices on switched outlets."),
    ("backup_test", "Days between two tests of the backup."),
    ("offline_floor", "Largest sale that terminals accept offline, 0 = none."),
    ("lte_block", "Classes of traffic that stay off LTE, separated by spaces."),
];

/// Those of them that are numbers, which may stand without quotes.
const NUMBERS: [&str; 5] = ["ups", "console_ports", "outlets", "backup_test", "offline_floor"];

pub(crate) fn read_lever(_name: &str, section: &Section) -> Lever {
    let mut set = Vec::new();
    for (key, doc) in SETS {
        let field = Field::new(key, doc).optional();
        let word = if NUMBERS.contains(&key) { section.word_or_number(field) } else { section.name(field) };
        set.extend(word.map(|word| (key, word)));
    }
    let gain_db = section.number(
        Field::new("gain_db", "What it adds to the LTE signal, dB: an antenna.")
            .within(0.0, 30.0)
            .or("0", "[EA] no antenna; outdoor ones gain 3 to 10 dB"),
    );
    Lever {
        set,
        gain_db,
        items: read_items(section),
        reach: read_reach(section),
        is_bare: gain_db == 0.0 && !SETS.iter().any(|(key, _)| section.has(key)),
        place: section.place_of("items"),
    }
}

fn read_items(section: &Section) -> Vec<Named> {
    section.texts(
        Field::new("items", "What it takes: names of [items]; what is needed twice is written twice.")
            .or("[]", "[EA] a lever may be free"),
    )
}

pub(crate) fn read_shared(_name: &str, section: &Section) -> SharedLever {
    SharedLever {
        place: section.place_of("settings"),
        group: section
            .text_optional(Field::new("group", "Of levers of one group at most one is pulled.").optional()),
        settings: section.texts(Field::new(
            "settings",
            "What it changes: path=value, as for `--set`, for example noc.shifts.day=9.",
        )),
        items: read_items(section),
        year: section.money(
            Field::new("year", "What it costs a year besides its items.")
                .within(0.0, PRICE_MAX)
                .or("$0", "[EA] timers and policies are free"),
        ),
    }
}

fn read_target(section: &Section) -> Target {
    let metric = section.choice(
        Field::new(
            "metric",
            "Of what, of the whole fleet in a year: lost-sales (currency), payments-lost, \
             dark-hours (stores without a way out that works), gap-days (days of stores with \
             a gap of five minutes).",
        ),
        &TargetMetric::WORDS,
    );
    let at_most = section.number(Field::new("at_most", "Its mean may be this at most.").within(0.0, 1e15));
    let tolerance = section.share(
        Field::new(
            "tolerance",
            "What is nearer to the bound than this share of it may be judged either way.",
        )
        .within(1e-6, 1.0)
        .or("5 %", "[EA] what a planner would not argue about"),
    );
    // A bound of nothing has no share: then half a unit is the tolerance.
    Target { metric, at_most, tolerance: if at_most > 0.0 { at_most * tolerance } else { 0.5 } }
}

pub(crate) fn read(section: &Section) -> Option<Sizing> {
    if !section.is_written() && !section.reader.schema_mode {
        return None;
    }
    let targets =
        section.list("target", "Bounds on the mean of a year, for mode = \"targets\".", read_target);
    let count = |key, doc, least, default, why| {
        section.count(Field::new(key, doc).within(least, 1e6).or(default, why))
    };
    let optional = |key, doc| {
        let value = section.integer_optional(Field::new(key, doc).within(0.0, 1e6).optional());
        value.map(|value| value as u32)
    };
    section.text_optional(
        Field::new(
            "catalogue",
            "File of [items.NAME] tables, relative to the scenario, as if they were written in it.",
        )
        .optional(),
    );
    let sizing = Sizing {
        aim: section.choice(
            Field::new(
                "mode",
                "What is looked for: least loss within the `budget`, least loss and cost together, or the cheapest design \
             that meets the [[sizing.target]]s.",
            )
            .or("budget", "[EA] most planners have one"),
            &[("budget", Aim::Budget), ("total", Aim::Total), ("targets", Aim::Targets)],
        ),
        budget: section.money_optional(
            Field::new(
                "budget",
                "What all of it may cost a year, devices written off over money.gear_life; \
             unlimited if absent.",
            )
            .within(0.0, 1e12)
            .optional(),
        ),
        max_units: optional("max_units", "Most units that may be put in."),
        installs_per_week: optional(
            "installs_per_week",
            "Units that can be put in a week, from `begin` until `freeze`.",
        ),
        begin: section.date(Field::new("begin", "First day of installation.").optional()),
        freeze: section
            .date(Field::new("freeze", "First day on which nothing may be put in any more.").optional()),
        exposure: section.section(
            "exposure",
            "Days of each kind in the year that is judged; without it those of [year].",
            |year| (year.is_written() || year.reader.schema_mode).then(|| super::year::read(year)),
        ),
        draws: count(
            "draws",
            "Forced faults of each store and lever.",
            2.0,
            "20",
            "[EA] what a kind of store has in common comes from all of them",
        ),
        forced_share: section.share(
            Field::new("forced_share", "Share of the stores that are hit in one replication.")
                .within(1e-4, 1.0)
                .or("5 %", "[EA] few enough that they hardly meet"),
        ),
        replications_max: count(
            "search_replications",
            "Most replications of a design while designs are compared.",
            20.0,
            "200",
            "[EA] beyond, the leading one is taken and said to be undecided",
        ),
        verify: count(
            "verify_replications",
            "Fresh replications of the chosen design and of the design as it stands.",
            2.0,
            "40",
            "[EA] enough for a t interval",
        ),
        alpha: section.share(
            Field::new("alpha", "Probability that the choice among designs may be wrong.")
                .within(1e-4, 0.4)
                .or("5 %", "[EA] as usual"),
        ),
        zone_share: section.share(
            Field::new(
                "indifference",
                "Difference a year that does not matter, as a share of what the design as it \
             stands loses.",
            )
            .within(1e-4, 1.0)
            .or("2 %", "[EA] below what prices are known to"),
        ),
        neighbours: count(
            "neighbours",
            "Most neighbours of the best design (one store more, less, or otherwise) that are \
             tried in whole runs; 0: none.",
            0.0,
            "0",
            "[EA] worth its time for small fleets with a scarce shared resource",
        ),
        candidates: count(
            "candidates",
            "Most designs on the way from nothing to everything that are held to the targets, \
             for each choice of shared levers.",
            1.0,
            "8",
            "[EA] steps of an eighth of the fleet",
        ),
        levers: section.catalogue("levers", "What can be done at a store.", read_lever),
        shared: section.catalogue(
            "shared",
            "What can be done for all stores at once: engineers, services, timers, policies.",
            read_shared,
        ),
        targets,
    };
    check(section, &sizing);
    Some(sizing)
}

fn check(section: &Section, sizing: &Sizing) {
    if section.reader.schema_mode {
        return;
    }
    let inconsistent = |key, message: &str, help: &str| {
        section.problem(key, Problem::new(Code::Inconsistent, message).help(help));
    };
    if sizing.aim == Aim::Targets && sizing.targets.is_empty() {
        inconsistent(
            "mode",
            "there are no targets to meet",
            "add a [[sizing.target]] with metric and at_most",
        );
    }
    if sizing.levers.is_empty() && sizing.shared.is_empty() {
        inconsistent(
            "mode",
            "there is nothing to choose from",
            "add a [sizing.levers.NAME] or [sizing.shared.NAME]",
        );
    }
    let mut groups: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, lever) in &sizing.shared {
        *groups.entry(lever.group.as_deref().unwrap_or(name)).or_default() += 1;
    }
    let choices = groups.values().fold(1_u64, |all, members| all.saturating_mul(members + 1));
    if choices > CHOICES_MAX {
        inconsistent(
            "mode",
            &format!("the levers for all make {choices} choices; {CHOICES_MAX} at most are looked through"),
            "put levers of which one excludes the other into one `group`, or ask about fewer at a time",
        );
    }
    if let Some((begin, freeze)) = sizing.begin.zip(sizing.freeze)
        && days_between(begin, freeze) < 0
    {
        inconsistent(
            "freeze",
            "the freeze is before the first day of installation",
            "exchange `begin` and `freeze`",
        );
    }
    if sizing.installs_per_week.is_none() {
        for (key, date) in [("begin", sizing.begin), ("freeze", sizing.freeze)] {
            if date.is_some() {
                let problem = Problem::new(
                    Code::NoEffect,
                    format!("`{key}` limits nothing without `installs_per_week`"),
                );
                section.problem(key, problem.help("say how many units can be put in a week"));
            }
        }
    }
    if sizing.installs_per_week.is_some() && (sizing.begin.is_none() || sizing.freeze.is_none()) {
        let problem =
            Problem::new(Code::NoEffect, "`installs_per_week` limits nothing without `begin` and `freeze`");
        section.problem("installs_per_week", problem.help("say from when until when units can be put in"));
    }
}
