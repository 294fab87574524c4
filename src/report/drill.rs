//! A drill's answer: who is starved by what, and what the fleet has to expect.
//!
//! **Starvation.** A store on LTE offers its cell the classes that policy lets over LTE, at their full rates (those of opening hours
//! only if the doors were open at the onset). It is starved if that is more, in a direction in which payments have to wait behind
//! it, than the cell would have carried for it on average while the store was on its backup: then its buffer fills. Payments
//! wait behind it downwards always, upwards only if LTE's queue is `fifo`. If both are short, the direction is the one with the
//! larger ratio. The class to blame is the one with the largest rate in that direction: of all classes its removal frees the
//! most airtime. Whether that would do is said too, because often it would not.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::measure::estimators::{Interval, mean_interval};
use crate::report::stages::Stage;
use crate::report::summary::{LEVEL, Unit, count_text, duration_text, grouped, with_interval};
use crate::report::tables::incidents::latency;
use crate::scenario::resolved::{QueueDiscipline, Scenario, Store, TrafficClass};
use crate::simulation::result::{DrillRow, Extent, IncidentRow};
use crate::units::{BitRate, Span};

/// Stores that the terminal names.
const NAMED_MAX: usize = 5;
const LABEL_WIDTH: usize = 38;
const COLUMN_WIDTH: usize = 11;

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Direction {
    /// Store to network.
    Up,
    /// Network to store.
    Down,
}

impl Direction {
    /// The word used in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
        }
    }
}

/// Why a store's payments wait on LTE; see the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Starvation<'a> {
    /// Where it is worse.
    pub direction: Direction,
    /// All that the store offers there.
    pub offered: BitRate,
    /// The class with the largest rate there.
    pub class: &'a str,
    /// That rate.
    pub class_rate: BitRate,
    /// Whether the rest fits.
    pub fits_without: bool,
}

/// Whether the store of `row` was starved on LTE, and by what.
#[must_use]
pub fn starvation<'a>(scenario: &'a Scenario, row: &DrillRow) -> Option<Starvation<'a>> {
    let given = row.lte_given?;
    let open = row.incident.as_ref().is_none_or(|incident| incident.open_at_fault);
    let store = &scenario.stores[row.store.0 as usize];
    let traffic = &store.traffic;
    let classes = || traffic.iter().filter(|class| open || !class.open_hours_only);
    let one_way = |direction, given: BitRate, rate: fn(&TrafficClass) -> BitRate| {
        let offered: BitRate = classes().fold(BitRate(0), |sum, class| sum + rate(class));
        // Of equal ones the first by name.
        let class = classes().rev().max_by_key(|class| rate(class))?;
        let starved = Starvation {
            direction,
            offered,
            class: &class.name,
            class_rate: rate(class),
            fits_without: offered.0 - rate(class).0 <= given.0,
        };
        (offered > given).then_some((starved, given))
    };
    let up = match scenario.lte.queue {
        QueueDiscipline::Priority => None,
        QueueDiscipline::Fifo => one_way(Direction::Up, given.0, |class| class.lte_up),
    };
    let down = one_way(Direction::Down, given.1, |class| class.lte_down);
    match (up, down) {
        (Some((up, given_up)), Some((down, given_down))) => {
            // offered/given compared without dividing by what may be zero.
            let up_is_worse = u128::from(up.offered.0) * u128::from(given_down.0)
                >= u128::from(down.offered.0) * u128::from(given_up.0);
            Some(if up_is_worse { up } else { down })
        }
        (Some((one, _)), None) | (None, Some((one, _))) => Some(one),
        (None, None) => None,
    }
}

/// What was drilled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DrillPlan {
    /// The fault, as on the command line.
    pub fault: String,
    /// When, as on the command line.
    pub at: String,
    /// How long, as on the command line.
    pub duration: String,
    /// Who with whom.
    pub extent: Extent,
}

/// The fleet-level answer of a drill.
pub struct DrillSummary<'a> {
    scenario: &'a Scenario,
    plan: &'a DrillPlan,
    rows: &'a [DrillRow],
}

/// A stage with its name for programs, for people, and its length.
type StageOf = (&'static str, &'static str, fn(&IncidentRow) -> Option<Span>);

/// In order of time, the whole after its parts.
const STAGES: [StageOf; 6] = [
    ("detection", "detection: fault to declared down", |row| Stage::Detection.latency(row)),
    ("bringup", "bring-up: until LTE is usable", |row| Stage::BringUp.latency(row)),
    ("switch", "switch: until traffic flows", |row| Stage::Switch.latency(row)),
    ("failover", "failover: fault to traffic on LTE", |row| Stage::Failover.latency(row)),
    ("recovery", "recovery: repair to declared up", |row| latency(row.repaired, row.recovery_detected)),
    ("failback", "failback: repair to primary in use", |row| Stage::Failback.latency(row)),
];

/// Shown of every stage: name for programs, for people, and which part of the stores is at most as slow.
const QUANTILES: [(&str, &str, f64); 4] =
    [("p50", "median", 0.5), ("p90", "90 %", 0.9), ("p95", "95 %", 0.95), ("max", "slowest", 1.0)];

impl<'a> DrillSummary<'a> {
    /// The answer of `rows` to `plan`.
    #[must_use]
    pub const fn new(scenario: &'a Scenario, plan: &'a DrillPlan, rows: &'a [DrillRow]) -> Self {
        DrillSummary { scenario, plan, rows }
    }

    /// Ascending, of all rows whose traffic moved: a stage of a failover that did not come to its end is none.
    fn latencies(&self, of: fn(&IncidentRow) -> Option<Span>) -> Vec<Span> {
        let incidents = self.rows.iter().filter_map(|row| row.incident.as_ref());
        let mut latencies: Vec<Span> =
            incidents.filter(|incident| incident.failover.is_some()).filter_map(of).collect();
        latencies.sort_unstable();
        latencies
    }

    /// Stores whose traffic moved in no replication, in order of id.
    fn never_moved(&self) -> Vec<&'a str> {
        let mut moved = vec![false; self.scenario.stores.len()];
        for row in self.rows {
            moved[row.store.0 as usize] |= row.incident.as_ref().is_some_and(|row| row.failover.is_some());
        }
        let stores = self.scenario.stores.iter().zip(moved);
        stores.filter(|(_, moved)| !moved).map(|(store, _)| store.id.as_str()).collect()
    }

    /// How many of those have LTE as their only link, and how many have no backup that carries traffic.
    fn without_backup(&self) -> (usize, usize) {
        let is_lte = |store: &&Store| self.scenario.technologies[store.technology.0 as usize].is_lte;
        let (lte, wired): (Vec<&Store>, Vec<&Store>) = self.scenario.stores.iter().partition(is_lte);
        let without = wired.iter().filter(|store| !store.topology.carries_store_traffic());
        (lte.len(), without.count())
    }

    /// Mean over replications of a sum over stores, with its interval.
    fn per_replication(&self, of: impl Fn(&DrillRow) -> f64) -> Option<Interval> {
        let mut sums = vec![0.0; self.scenario.replications as usize];
        self.rows.iter().for_each(|row| sums[row.replication as usize] += of(row));
        mean_interval(&sums, LEVEL)
    }

    fn attempts(&self) -> (u64, u64) {
        self.rows
            .iter()
            .fold((0, 0), |(sent, in_time), row| (sent + row.attempts.sent, in_time + row.attempts.in_time))
    }

    /// Rows starved by each class in each direction, the most frequent first.
    fn starved(&self) -> Vec<((&'a str, Direction), usize)> {
        let mut counts: BTreeMap<(&str, Direction), usize> = BTreeMap::new();
        for starvation in self.rows.iter().filter_map(|row| starvation(self.scenario, row)) {
            *counts.entry((starvation.class, starvation.direction)).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|&(class, count)| (std::cmp::Reverse(count), class));
        counts
    }

    fn fit_without(&self) -> usize {
        let starvations = self.rows.iter().filter_map(|row| starvation(self.scenario, row));
        starvations.filter(|starvation| starvation.fits_without).count()
    }

    /// Rows with the largest losses of sales; of equal ones the first.
    fn worst(&self) -> Vec<&'a DrillRow> {
        let mut rows: Vec<&DrillRow> = self.rows.iter().filter(|row| row.lost_sales.0 > 0).collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.lost_sales), row.replication, row.store));
        rows.truncate(NAMED_MAX);
        rows
    }

    fn id(&self, row: &DrillRow) -> &'a str {
        &self.scenario.stores[row.store.0 as usize].id
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut stages = Map::new();
        for (name, _, of) in STAGES {
            let latencies = self.latencies(of);
            let mut stage = Map::new();
            stage.insert("rows".to_owned(), json!(latencies.len()));
            for (name, _, share) in QUANTILES {
                let value = quantile(&latencies, share).map(Span::as_secs_f64);
                stage.insert(format!("{name}_s"), json!(value));
            }
            stages.insert(name.to_owned(), Value::Object(stage));
        }
        let (sent, in_time) = self.attempts();
        let starved: Vec<Value> = self
            .starved()
            .into_iter()
            .map(|((class, direction), rows)| {
                json!({ "class": class, "direction": direction.name(), "rows": rows })
            })
            .collect();
        let worst: Vec<Value> = self
            .worst()
            .into_iter()
            .map(|row| {
                json!({
                    "replication": row.replication,
                    "store_id": self.id(row),
                    "lost_sales_usd": row.lost_sales.0 as f64 / 100.0,
                    "payments_lost": row.payments_lost,
                })
            })
            .collect();
        let interval = |value: Option<Interval>| {
            value.map(|value| json!({ "mean": value.estimate, "low": value.low, "high": value.high }))
        };
        json!({
            "scenario": self.scenario.name,
            "fault": self.plan.fault,
            "at": self.plan.at,
            "duration": self.plan.duration,
            "extent": self.plan.extent.name(),
            "other_faults": "none",
            "stores": self.scenario.stores.len(),
            "replications": self.scenario.replications,
            "seed": self.scenario.seed,
            "verdict": self.sentences(),
            "never_moved": self.never_moved(),
            "stores_on_lte_only": self.without_backup().0,
            "stores_without_backup": self.without_backup().1,
            "stages": stages,
            "backup": {
                "attempts": sent,
                "attempts_in_5s": in_time,
                "starved_rows": starved,
                "starved_rows_that_fit_without_that_class": self.fit_without(),
            },
            "per_replication": {
                "payments_lost": interval(self.per_replication(|row| row.payments_lost as f64)),
                "lost_sales_usd": interval(self.per_replication(|row| row.lost_sales.0 as f64 / 100.0)),
                "lte_mb": interval(self.per_replication(|row| row.lte_bytes as f64 / 1e6)),
            },
            "worst": worst,
        })
    }

    /// For a planner.
    #[must_use]
    pub fn to_terminal(&self, results: &str) -> String {
        let mut text = String::new();
        self.write_head(&mut text);
        self.write_stages(&mut text);
        self.write_lte(&mut text);
        self.write_cost(&mut text);
        self.write_stores(&mut text);
        let _ = writeln!(text, "\nStore by store: {results}/drill.csv");
        text
    }

    /// The answer in a few sentences.
    fn sentences(&self) -> Vec<String> {
        let stores = self.scenario.stores.len();
        let moved = stores - self.never_moved().len();
        let mut sentences = vec![format!(
            "Traffic moves to the backup at {} of {}.",
            grouped(moved as f64, 0),
            count_text(stores, "store")
        )];
        let latencies = self.latencies(|row| Stage::Failover.latency(row));
        if let (Some(half), Some(most)) = (quantile(&latencies, 0.5), quantile(&latencies, 0.95)) {
            sentences.push(format!(
                "Half of them need no more than {}, 95 % no more than {}, from the fault to traffic on LTE.",
                duration_text(half.as_secs_f64()),
                duration_text(most.as_secs_f64())
            ));
        }
        if let Some(lost) = self.per_replication(|row| row.lost_sales.0 as f64 / 100.0) {
            let (value, interval) = with_interval(Unit::Money, &lost, &self.scenario.currency);
            let number = format!("{value} {interval}");
            let drills = match self.plan.extent {
                Extent::EachAlone => "The drills of all stores, added up, cost",
                Extent::Together => "The drill costs",
            };
            sentences.push(format!("{drills} {} in lost sales.", number.trim_end()));
        }
        sentences
    }

    fn write_head(&self, text: &mut String) {
        let DrillPlan { fault, at, duration, extent } = self.plan;
        let who = match extent {
            Extent::EachAlone => "each store alone, the others as they are undisturbed",
            Extent::Together => "all stores together",
        };
        let stores = self.scenario.stores.len();
        let never = self.never_moved().len();
        let (lte, none) = self.without_backup();
        let stayed = never.saturating_sub(lte + none);
        let reasons = [
            (lte, "LTE as the only link"),
            (none, "no backup that carries traffic"),
            (stayed, "a backup that was not used"),
        ];
        let reasons = reasons.iter().filter(|(count, _)| *count > 0);
        let without: String = reasons.map(|(count, what)| format!("; {what}: {count}")).collect();
        let _ = writeln!(
            text,
            "{}: {}, {}\nDrill: {fault} at {at} for {duration}, {who}. No other fault happens.\n\n\
             Traffic moved to the backup at {} of {}{}.",
            self.scenario.name,
            count_text(stores, "store"),
            count_text(self.scenario.replications as usize, "replication"),
            grouped((stores - never) as f64, 0),
            count_text(stores, "store"),
            without,
        );
    }

    fn write_stages(&self, text: &mut String) {
        let _ = write!(text, "\nHow long it took where traffic moved\n  {:LABEL_WIDTH$}", "");
        for (_, title, _) in QUANTILES {
            let _ = write!(text, "{title:>COLUMN_WIDTH$}");
        }
        text.push('\n');
        for (_, label, of) in STAGES {
            let latencies = self.latencies(of);
            let _ = write!(text, "  {label:LABEL_WIDTH$}");
            for (_, _, share) in QUANTILES {
                let value = quantile(&latencies, share);
                let shown = value.map_or_else(|| "–".to_owned(), |span| duration_text(span.as_secs_f64()));
                let _ = write!(text, "{shown:>COLUMN_WIDTH$}");
            }
            text.push('\n');
        }
    }

    fn write_lte(&self, text: &mut String) {
        let (sent, in_time) = self.attempts();
        text.push_str("\nWhile on the backup\n");
        let share = if sent == 0 {
            "–".to_owned()
        } else {
            format!(
                "{} % of {} attempts",
                grouped(100.0 * in_time as f64 / sent as f64, 1),
                grouped(sent as f64, 0)
            )
        };
        line(text, "authorizations answered within 5 s", &share);
        let starved = self.starved();
        let rows: usize = starved.iter().map(|(_, count)| count).sum();
        let of = if self.scenario.replications == 1 { "stores" } else { "stores × replications" };
        let shown = format!("{} of {} {of}", grouped(rows as f64, 0), grouped(self.rows.len() as f64, 0));
        line(text, "starved of airtime", &shown);
        for ((class, direction), count) in starved {
            let label = format!("  most of it {class}, {}", direction.name());
            line(text, &label, &grouped(count as f64, 0));
        }
        if rows > 0 {
            line(text, "  would fit without that class", &grouped(self.fit_without() as f64, 0));
        }
    }

    fn write_cost(&self, text: &mut String) {
        text.push_str(match self.plan.extent {
            Extent::EachAlone => {
                "\nWhat it cost against the undisturbed run, added over the drills of all stores\n"
            }
            Extent::Together => "\nWhat it cost against the undisturbed run\n",
        });
        let currency = &self.scenario.currency;
        let mut shown = |label, unit, value: Option<Interval>| {
            if let Some(value) = value {
                let (value, interval) = with_interval(unit, &value, currency);
                line(text, label, format!("{value} {interval}").trim_end());
            }
        };
        shown("payments lost", Unit::Payments, self.per_replication(|row| row.payments_lost as f64));
        shown("lost sales", Unit::Money, self.per_replication(|row| row.lost_sales.0 as f64 / 100.0));
        shown("data over LTE", Unit::Gigabytes, self.per_replication(|row| row.lte_bytes as f64 / 1e9));
    }

    fn write_stores(&self, text: &mut String) {
        let worst = self.worst();
        if !worst.is_empty() {
            text.push_str("\nLargest losses of sales\n");
        }
        for row in worst {
            let (sales, _) = with_interval(
                Unit::Money,
                &Interval { estimate: row.lost_sales.0 as f64 / 100.0, low: None, high: None, level: LEVEL },
                &self.scenario.currency,
            );
            let payments = match row.payments_lost {
                1 => "1 payment".to_owned(),
                payments => format!("{} payments", grouped(payments as f64, 0)),
            };
            let moved = row.incident.as_ref().and_then(|incident| Stage::Failover.latency(incident));
            let moved = moved.map_or_else(
                || "traffic never moved".to_owned(),
                |span| format!("moved after {}", duration_text(span.as_secs_f64())),
            );
            let starved = starvation(self.scenario, row).map_or_else(String::new, |one| {
                format!(", starved {} by {}", one.direction.name(), one.class)
            });
            let replication = match self.scenario.replications {
                1 => String::new(),
                _ => format!(" (replication {})", row.replication),
            };
            let label = format!("{}{replication}", self.id(row));
            line(text, &label, &format!("{sales}, {payments}; {moved}{starved}"));
        }
        let never = self.never_moved();
        if !never.is_empty() {
            let mut names = never[..never.len().min(NAMED_MAX)].join(", ");
            if never.len() > NAMED_MAX {
                let _ = write!(names, " and {} more", grouped((never.len() - NAMED_MAX) as f64, 0));
            }
            let _ = writeln!(text, "\nTraffic never moved at: {names}");
        }
    }
}

fn line(text: &mut String, label: &str, value: &str) {
    let _ = writeln!(text, "  {label:LABEL_WIDTH$} {value}");
}

/// The smallest of ascending `values` that at least this share of them does not exceed.
fn quantile(values: &[Span], share: f64) -> Option<Span> {
    let rank = (share * values.len() as f64).ceil() as usize;
    values.get(rank.max(1) - 1).copied()
}
