//! The answer of `tinsel size`, as plain data: what to buy and where, what it costs, what it saves, and how sure that is.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::measure::estimators::Interval;
use crate::report::summary::{Unit, count_text, grouped, with_interval};

/// Stores that the terminal names.
const NAMED_MAX: usize = 5;
const MONTHS: f64 = 12.0;

/// A point on the way from nothing to everything.
#[derive(Clone, PartialEq, Debug)]
pub struct FrontierRow {
    /// Shared levers that are pulled, joined by `+`; empty: none.
    pub shared: String,
    /// Number of the step, 0: nothing at any store.
    pub step: usize,
    /// The store of the step; empty of step 0.
    pub store: String,
    /// What it gets.
    pub lever: String,
    /// Units so far.
    pub units: u32,
    /// Cost of a year so far, shared levers included, currency units.
    pub cost: f64,
    /// Estimated loss avoided in a year so far by what is at stores, with its 95 % interval.
    pub avoided: Interval,
    /// Whether it is the knee.
    pub knee: bool,
    /// Whether it is within all limits.
    pub within: bool,
}

/// What a store gets.
#[derive(Clone, PartialEq, Debug)]
pub struct DeploymentRow {
    /// Identity.
    pub store: String,
    /// From 1, the most avoided loss per cost first.
    pub rank: usize,
    /// The lever.
    pub lever: String,
    /// Its units' names, joined by `+`.
    pub unit: String,
    /// Console ports of them.
    pub ports: u32,
    /// The LTE carrier then, and the second SIM's after a `+`.
    pub carrier: String,
    /// The data plan then; empty: none.
    pub plan: String,
    /// Loss avoided in a year with its 95 % interval, currency units.
    pub avoided: Interval,
    /// What the store's own forced faults say, before pooling.
    pub own: f64,
    /// Weight of its own faults against those of like stores, 0 to 1.
    pub weight: f64,
    /// Cost of a year.
    pub cost: f64,
    /// Cost once.
    pub upfront: f64,
    /// Years until what was paid once is earned; `None`: never.
    pub payback: Option<f64>,
    /// The cause behind most of it, with its share.
    pub reason: String,
    /// Probability that it is among as many best as are chosen.
    pub top: f64,
    /// Week of installation from 1; `None`: not scheduled.
    pub week: Option<u32>,
}

/// What has to be bought.
#[derive(Clone, PartialEq, Debug)]
pub struct BillRow {
    /// The item.
    pub item: String,
    /// What it is.
    pub what: String,
    /// How many.
    pub quantity: u64,
    /// Price of one, once, currency units.
    pub price: f64,
    /// Price of one a year, plans and licences.
    pub yearly: f64,
    /// When the price was seen.
    pub date: String,
    /// Where it is from.
    pub origin: String,
    /// How far to trust it.
    pub confidence: String,
}

/// What fresh replications say.
#[derive(Clone, PartialEq, Debug)]
pub struct Verified {
    /// How many.
    pub replications: u32,
    /// Loss of a year as it stands: margin for good, journeys, overage.
    pub before: Interval,
    /// With the chosen design.
    pub after: Interval,
    /// The paired difference.
    pub saved: Interval,
    /// Sales that the network costs in a year, before and after.
    pub sales: (Interval, Interval),
    /// Variance of the unpaired difference over that of the paired one; `None` if nothing varied.
    pub reduction: Option<f64>,
    /// Targets: name, bound, mean with interval.
    pub targets: Vec<(String, f64, Interval)>,
}

/// What came of the search.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// The design is what was looked for.
    Made,
    /// It leads, or is the cheapest known to do, but why another may be what was looked for.
    Open(String),
    /// No design within the limits is known to meet all targets, and why that may change with more replications, if it may.
    NoneMeets(Option<String>),
}

impl Decision {
    fn word(&self) -> &'static str {
        match self {
            Decision::Made => "made",
            Decision::Open(_) => "open",
            Decision::NoneMeets(None) => "targets-missed",
            Decision::NoneMeets(Some(_)) => "targets-open",
        }
    }

    /// What there is to say about it.
    #[must_use]
    pub fn why(&self) -> Option<String> {
        match self {
            Decision::Made => None,
            Decision::Open(why) => Some(why.clone()),
            Decision::NoneMeets(open) => {
                let open = open.as_ref().map_or(String::new(), |open| format!("; {open}"));
                Some(format!(
                    "no design within the limits was shown to meet all targets{open}; the dearest tried is shown"
                ))
            }
        }
    }
}

/// The whole answer.
#[derive(Clone, PartialEq, Debug)]
pub struct SizingReport {
    /// Name of the scenario.
    pub scenario: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Number of stores.
    pub stores: usize,
    /// What was looked for, in words.
    pub aim: String,
    /// Shared levers of the chosen design.
    pub shared: Vec<String>,
    /// Its cost of a year, currency units.
    pub cost: f64,
    /// Its cost once.
    pub upfront: f64,
    /// Units that it has.
    pub units: u32,
    /// Whether the procedures came to a decision.
    pub decision: Decision,
    /// No choice at stores within the limits can avoid more than this by the estimates; `None` if something else was looked for.
    pub bound: Option<f64>,
    /// What the choice at stores avoids by the estimates.
    pub estimated: Interval,
    /// Mean weight of stores' own faults against those of like stores.
    pub weight: f64,
    /// Forced faults in all.
    pub faults: usize,
    /// Designs compared in whole runs.
    pub compared: usize,
    /// The way to it.
    pub frontier: Vec<FrontierRow>,
    /// The chosen design store by store.
    pub deployment: Vec<DeploymentRow>,
    /// What it takes.
    pub bill: Vec<BillRow>,
    /// What fresh replications say of it.
    pub verified: Verified,
    /// What all of this rests on, in sentences.
    pub rests: Vec<String>,
}

impl SizingReport {
    /// Years until what was paid once is earned back by what is saved over running costs.
    #[must_use]
    pub fn payback(&self) -> Option<f64> {
        let running: f64 = self.bill.iter().map(|row| row.quantity as f64 * row.yearly).sum();
        let once: f64 = self.bill.iter().map(|row| row.quantity as f64 * row.price).sum();
        let earned = self.verified.saved.estimate - running;
        (earned > 0.0).then(|| once / earned)
    }

    fn money(&self, value: &Interval) -> String {
        let (value, interval) = with_interval(Unit::Money, value, &self.currency);
        format!("{value} {interval}").trim_end().to_owned()
    }

    fn amount(&self, value: f64) -> String {
        self.money(&Interval::point(value, 0.95))
    }

    /// Three sentences for a director.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let nothing = self.deployment.is_empty() && self.shared.is_empty();
        let now = format!(
            "{} a year that failures cost us now (margin lost for good, late declines, journeys, overage)",
            self.amount(self.verified.before.estimate)
        );
        if let Decision::NoneMeets(open) = &self.decision {
            let first = match open {
                None => "Every design on offer misses a target.",
                Some(_) => "No design on offer was shown to meet all targets.",
            };
            let dearest = if nothing {
                "There is none within the limits but to leave everything as it stands.".to_owned()
            } else {
                format!(
                    "The dearest that was tried, {} of {} for {} a year all in, avoids {} of the {now}.",
                    grouped(self.deployment.len() as f64, 0),
                    count_text(self.stores, "store"),
                    self.amount(self.cost),
                    self.money(&self.verified.saved)
                )
            };
            let remedy = match open {
                None => "Look for other levers, a larger budget or a looser target.",
                Some(_) => "More replications (`search_replications`) may tell, or a wider `tolerance`.",
            };
            return vec![first.to_owned(), dearest, remedy.to_owned()];
        }
        if nothing {
            let why = if self.verified.targets.is_empty() {
                "Nothing on offer is worth having: leave everything as it stands."
            } else {
                "Nothing has to be bought: all targets are met as it stands."
            };
            return vec![why.to_owned(), format!("It stays at the {now}.")];
        }
        let shared = match self.shared.as_slice() {
            [] => String::new(),
            names => format!(" and {} for all", names.join(" and ")),
        };
        let what = format!(
            "Equip {} of {}{shared}, for {} once and {} a year all in.",
            grouped(self.deployment.len() as f64, 0),
            count_text(self.stores, "store"),
            self.amount(self.upfront),
            self.amount(self.cost)
        );
        let saves = format!("That avoids {} of the {now}.", self.money(&self.verified.saved));
        let saved = &self.verified.saved;
        let worth = match (self.payback(), saved.low) {
            _ if saved.high.is_some_and(|high| high < 0.0) => {
                "It loses money: leave everything as it stands. Single stores gain; what they share (engineers, cells, a pool of data) \
                 costs more."
                    .to_owned()
            }
            (_, Some(low)) if low <= 0.0 => {
                "Whether it saves anything at all is not certain: fresh replications do not exclude zero."
                    .to_owned()
            }
            (Some(years), _) if self.upfront > 0.0 => {
                format!("It pays for itself in {}.", time_text(years))
            }
            (Some(_), _) => "There is nothing to pay once.".to_owned(),
            (None, _) => "It does not pay for itself: its running cost is more than it avoids.".to_owned(),
        };
        vec![what, saves, worth]
    }

    /// For a planner.
    #[must_use]
    pub fn to_terminal(&self, results: &str) -> String {
        let mut text = format!("{}: {}\n{}\n\n", self.scenario, count_text(self.stores, "store"), self.aim);
        for sentence in self.sentences() {
            let _ = writeln!(text, "{sentence}");
        }
        let verified = &self.verified;
        let _ = writeln!(text, "\nA year, by {} fresh replications", verified.replications);
        let rows = [
            ("loss as it stands", &verified.before),
            ("loss with this design", &verified.after),
            ("avoided (paired)", &verified.saved),
            ("lost sales as it stands", &verified.sales.0),
            ("lost sales with this design", &verified.sales.1),
        ];
        for (name, value) in rows {
            let _ = writeln!(text, "  {name:30}{}", self.money(value));
        }
        for (name, at_most, value) in &verified.targets {
            let high = value.high.unwrap_or(f64::INFINITY);
            let said = if high <= *at_most { "within it" } else { "not surely within it" };
            let interval = match (value.low, value.high) {
                (Some(low), Some(high)) => format!(" ({} to {})", grouped(low, 1), grouped(high, 1)),
                _ => String::new(),
            };
            let bound = grouped(*at_most, 1);
            let _ = writeln!(
                text,
                "  {name:30}{}{interval}, at most {bound}: {said}",
                grouped(value.estimate, 1)
            );
        }
        if !self.deployment.is_empty() {
            let _ = writeln!(
                text,
                "\nFirst of {}, most avoided loss per cost first",
                count_text(self.deployment.len(), "store")
            );
        }
        for row in self.deployment.iter().take(NAMED_MAX) {
            let _ = writeln!(
                text,
                "  {:12}{:16}{:>26} a year  {}",
                row.store,
                row.lever,
                self.money(&row.avoided),
                row.reason
            );
        }
        let _ = writeln!(text, "\nWhat it rests on");
        for sentence in &self.rests {
            let _ = writeln!(text, "  {sentence}");
        }
        if let Some(why) = self.decision.why() {
            let _ = writeln!(text, "\nNot decided: {why}.");
        }
        let _ = writeln!(
            text,
            "\nStore by store: {results}/deployment.csv; what to buy: {results}/bill.csv; the way there: {results}/frontier.csv"
        );
        text
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let interval = |value: &Interval| json!({ "estimate": value.estimate, "low": value.low, "high": value.high, "level": value.level });
        let verified = &self.verified;
        let targets = verified.targets.iter().map(
            |(name, at_most, value)| json!({ "metric": name, "at_most": at_most, "value": interval(value) }),
        );
        json!({
            "scenario": self.scenario,
            "aim": self.aim,
            "stores": self.stores,
            "verdict": self.sentences(),
            "stores_equipped": self.deployment.len(),
            "shared": self.shared,
            "units": self.units,
            "cost_year_usd": self.cost,
            "upfront_usd": self.upfront,
            "payback_years": self.payback(),
            "decision": self.decision.word(),
            "decision_open": self.decision.why(),
            "estimated_avoided_usd": interval(&self.estimated),
            "bound_avoided_usd": self.bound,
            "own_weight": self.weight,
            "forced_faults": self.faults,
            "designs_compared": self.compared,
            "verification": {
                "replications": verified.replications,
                "loss_before_usd": interval(&verified.before),
                "loss_after_usd": interval(&verified.after),
                "avoided_usd": interval(&verified.saved),
                "lost_sales_before_usd": interval(&verified.sales.0),
                "lost_sales_after_usd": interval(&verified.sales.1),
                "variance_reduction": verified.reduction,
                "targets": targets.collect::<Vec<_>>(),
            },
            "rests_on": self.rests,
        })
    }
}

fn time_text(years: f64) -> String {
    let months = years * MONTHS;
    if months < 1.0 {
        "less than a month".to_owned()
    } else if months < 1.5 {
        "a month".to_owned()
    } else if months < 24.0 {
        format!("{months:.0} months")
    } else {
        format!("{years:.1} years")
    }
}
