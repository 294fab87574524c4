//! Forced faults against brute force on 200 stores of three formats and three technologies, causes that stores share among theirs: the same
//! yearly benefit of a lever, for every format, every technology and the fleet, by two ways that share nothing but the model.
//!
//! Familywise false-alarm rate [`FALSE_ALARM`] by Bonferroni over all comparisons, each a normal band on both standard errors; seeds fixed.

use tinsel::experiment::size::{Combination, StoreBenefit, YearOf, benefits};
use tinsel::kernel::variates::normal_quantile;
use tinsel::scenario::resolved::{CauseId, Scenario, StoreRank};
use tinsel::simulation::result::ReplicationResult;
use tinsel::simulation::{Execution, run_some};

use super::{Lab, mean_with_error};

/// Stores' own faults are twenty times as frequent as usual, so that 600 days show enough of them, and shared ones more frequent, too: a
/// part of what a lever avoids is theirs. A store is hit for three hours in a hundred: by how much less faults that meet cost than two
/// that do not, which forced faults cannot see, is well within the bands.
const TEXT: &str = r#"
[scenario]
name = "two hundred mixed stores"
seed = 77
replications = 1
first_day = 2019-11-29
last_day = 2019-11-30
[fleet]
file = "fleet.csv"
[fleet.draw]
topology = "none"
[formats.stall]
based_on = "kiosk"
customers_per_day = 120
[formats.boutique]
based_on = "mall_specialty"
customers_per_day = 150
lanes = 2
[formats.corner]
based_on = "convenience"
customers_per_day = 300
[faults.causes.access_provider_equipment_or_config]
rate_per_year = 14
[faults.causes.cpe_hang_or_firmware]
rate_per_year = 12
[faults.causes.provider_core]
rate_per_year = 4
[faults.causes.market_fibre_cut]
rate_per_year = 10
[faults.causes.store_power_major]
rate_per_year = 10
[faults.causes.mobile_core]
rate_per_year = 5
[sizing]
draws = 60
[sizing.levers.lte]
topology = "in-router"
items = ["lte-router", "lte-line"]
[sizing.levers.second]
topology = "second-router"
standby = "hot"
items = ["lte-router", "lte-line"]
"#;

const STORES: usize = 200;
const FORMATS: [&str; 3] = ["stall", "boutique", "corner"];
const TECHNOLOGIES: [&str; 3] = ["cable", "dsl", "t1_mpls"];
const LEVERS: usize = 2;
/// Replications of whole runs.
const RUNS: u32 = 300;
/// Probability that any of the comparisons fails if both ways are right.
const FALSE_ALARM: f64 = 0.001;

fn fleet() -> String {
    let row = |store: usize| {
        let (format, technology) = (FORMATS[store % 3], TECHNOLOGIES[store / 3 % 3]);
        let (market, region, provider) = (store / 8, store / 8 % 10, store % 23);
        format!("s{store:03},{format},{technology},UTC,M{market},R{region},P{provider}\n")
    };
    let rows: String = (0..STORES).map(row).collect();
    format!("id,format,technology,timezone,market,region,provider\n{rows}")
}

/// Some of the stores.
struct Part {
    name: &'static str,
    /// By rank: whether it is in.
    has: Vec<bool>,
}

/// Every format, every technology, all.
fn parts(scenario: &Scenario) -> Vec<Part> {
    let part = |name, has: &dyn Fn(usize) -> bool| Part { name, has: (0..STORES).map(has).collect() };
    let stores = &scenario.stores;
    let format = |rank: usize| &scenario.formats[stores[rank].format.0 as usize].name;
    let technology = |rank: usize| &scenario.technologies[stores[rank].technology.0 as usize].name;
    let formats = FORMATS.iter().map(|&name| part(name, &|rank| format(rank) == name));
    let technologies = TECHNOLOGIES.iter().map(|&name| part(name, &|rank| technology(rank) == name));
    formats.chain(technologies).chain([part("all", &|_| true)]).collect()
}

/// Losses of a year by replication, then part.
fn losses(lab: &Lab, scenario: &Scenario, parts: &[Part]) -> Vec<Vec<f64>> {
    let year = YearOf::new(scenario, lab.sizing().exposure);
    let of = |result: &ReplicationResult| -> Vec<f64> {
        let loss = |part: &Part| {
            let has = |rank: StoreRank| part.has[rank.0 as usize];
            let own = ReplicationResult {
                days: result.days.iter().filter(|row| has(row.store)).cloned().collect(),
                stores: result.stores.iter().filter(|row| has(row.store)).cloned().collect(),
                losses: result.losses.iter().filter(|row| has(row.store)).cloned().collect(),
                ..ReplicationResult::default()
            };
            year.of(&own).loss
        };
        parts.iter().map(loss).collect()
    };
    let one = |number: u32| {
        let run = run_some(scenario, &[number], Execution::default(), &lab.progress).expect("nobody cancels");
        of(&run.replications[0])
    };
    (0..RUNS).map(one).collect()
}

/// Own means, pooled estimates and the standard error of their sum: errors of stores are their own, those of a group's mean one error.
pub fn forced_sum(members: &[&StoreBenefit], groups: usize) -> (f64, f64, f64) {
    let own: f64 = members.iter().map(|one| one.pooled.own).sum();
    let pooled: f64 = members.iter().map(|one| one.pooled.estimate).sum();
    let own_variance: f64 = members.iter().map(|one| one.pooled.sd_own * one.pooled.sd_own).sum();
    let shared = |group: usize| {
        let sum: f64 = members.iter().filter(|one| one.group == group).map(|one| one.pooled.sd_shared).sum();
        sum * sum
    };
    let shared_variance: f64 = (0..groups).map(shared).sum();
    (own, pooled, f64::sqrt(own_variance + shared_variance))
}

#[test]
fn benefits_from_forced_faults_are_those_of_whole_runs() {
    let lab = Lab::with_fleet(TEXT, &fleet());
    let designs = lab.designs();
    let none = Combination::default();
    let parts = parts(designs.base());
    let forced = benefits(&designs, &none).expect("levers make scenarios that run");
    let bare = designs.scenario(&designs.bare(none.clone())).expect("it loads");
    let before = losses(&lab, &bare, &parts);
    let comparisons = (LEVERS * parts.len() * 2) as f64;
    let limit = normal_quantile(1.0 - FALSE_ALARM / comparisons / 2.0);
    let mut complaints = Vec::new();
    for lever in 0..LEVERS {
        let scenario = designs.scenario(&designs.everywhere(none.clone(), lever)).expect("it loads");
        let after = losses(&lab, &scenario, &parts);
        for (number, part) in parts.iter().enumerate() {
            let saved: Vec<f64> =
                before.iter().zip(&after).map(|(before, after)| before[number] - after[number]).collect();
            let (brute, brute_se) = mean_with_error(&saved);
            let members: Vec<&StoreBenefit> = forced
                .of
                .iter()
                .zip(&part.has)
                .filter(|(_, has)| **has)
                .filter_map(|(levers, _)| levers[lever].as_ref())
                .collect();
            let (own, pooled, forced_se) = forced_sum(&members, forced.groups);
            let band = limit * f64::sqrt(brute_se * brute_se + forced_se * forced_se);
            println!(
                "lever {lever}, {} ({} stores): forced {own:.0}, pooled {pooled:.0} ± {forced_se:.0}; whole runs {:.0} ± {brute_se:.0}; \
                 band {band:.0}",
                part.name,
                members.len(),
                brute
            );
            for estimate in [own, pooled] {
                if (estimate - brute).abs() > band {
                    complaints.push(format!(
                        "lever {lever}, {}: {estimate} against {} within {band}",
                        part.name, brute
                    ));
                }
            }
            // The test must be able to fail: a part's benefit half off would, and the fleet's a third off.
            let seen = if number + 1 == parts.len() { 3.0 } else { 2.0 };
            assert!(band < brute / seen, "{}: {band} is too wide for {}", part.name, brute);
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    // Shared causes take part: to some stores the greatest single reason for a lever is one.
    let is_shared = |reason: Option<(CauseId, f64)>| {
        reason.is_some_and(|(cause, _)| designs.base().causes[cause.0 as usize].shared.is_some())
    };
    let first = forced.of.iter().filter_map(|levers| levers[0].as_ref());
    let shared = first.filter(|benefit| is_shared(benefit.reason)).count();
    println!("{shared} stores owe most to a shared cause");
    assert!(shared >= STORES / 20, "{shared} stores");
}
