//! The gate errs as often as it says: on samples as skewed as real ones and on real runs, at no change and exactly at the margin.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

use super::lab::{outcome, scenario_file};
use tinsel::experiment::baseline::Baseline;
use tinsel::experiment::gate::{ALPHA, hold_against, judge, judge_timers};
use tinsel::kernel::draws::{Address, Entity, Key, Words};
use tinsel::kernel::variates::{exponential, poisson, standard_normal, unit};
use tinsel::measure::design::Design;
use tinsel::measure::sample::{Sample, Times};
use tinsel::measure::worsening::{Change, Verdict, test_all};
use tinsel::report::Summary;
use tinsel::report::gate::{Outcome, Way};
use tinsel::scenario::resolved::Scenario;
use tinsel::simulation::RESULTS_VERSION;

const SEED: u64 = 99;
const PAIRS: u64 = 500;
const REPLICATIONS: usize = 20;
const MARGIN: f64 = 0.05;
/// Binomial (500, 0.01) exceeds this with probability 7·10⁻⁵: mean 5, standard deviation 2.2.
const FALSE_FAILURES_MAX: usize = 15;

/// What one run shows of seven metrics, each `worse` times what it is: failover and failback by lognormal bring-ups behind a
/// detection, some of them slow; gaps with repairs of hours among minutes; false failovers that most runs do not have; moves; probes.
fn shown(words: &mut Words, worse: f64) -> Vec<Sample> {
    let mut lists: [Vec<Vec<u64>>; 2] = Default::default();
    let (mut gaps, mut incidents, mut alarms, mut moves, mut probes) =
        (vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..REPLICATIONS {
        let count = 3 + poisson(words, 6.0);
        for list in &mut lists {
            let mut times: Vec<u64> = (0..count)
                .map(|_| {
                    let bring_up = libm::exp(0.5 * standard_normal(words.next_word()) + 1.0);
                    let slow = if unit(words.next_word()) < 0.1 {
                        30.0 * exponential(words.next_word())
                    } else {
                        0.0
                    };
                    (worse * (2.0 + bring_up + slow) * 1e9) as u64
                })
                .collect();
            times.sort_unstable();
            list.push(times);
        }
        // A sum of lognormals of sigma 1.2: skewness of one is 11.
        let gap = |words: &mut Words| 60.0 * libm::exp(1.2 * standard_normal(words.next_word()));
        gaps.push(worse * (0..count).map(|_| gap(words)).sum::<f64>());
        incidents.push(count as f64);
        alarms.push(worse * poisson(words, 0.4) as f64);
        moves.push(worse * (2 * count + poisson(words, 0.8)) as f64);
        probes.push(worse * (300.0 + 5.0 * standard_normal(words.next_word())));
    }
    let [failover, failback] = lists.map(|list| Arc::new(Times::Exact(list)));
    let quantile = |times: &Arc<Times>, q| Sample::Quantile { times: Arc::clone(times), q };
    vec![
        quantile(&failover, 0.5),
        quantile(&failover, 0.95),
        Sample::Ratio { numerators: gaps, denominators: incidents },
        Sample::Mean(alarms),
        Sample::Mean(moves),
        quantile(&failback, 0.5),
        Sample::Mean(probes),
    ]
}

/// How many of the pairs fail, and how many pass, where everything is `worse` times what it was.
fn synthetic(what: &str, worse: f64) -> (usize, usize) {
    let design = Design::plain(REPLICATIONS);
    let (mut failed, mut passed) = (0, 0);
    for draw in 0..PAIRS {
        let address = Address { entity: Entity::new("gate", what, ""), purpose: 0, draw };
        let mut words = Key { seed: SEED, replication: 0 }.words(address, 1);
        let (before, now) = (shown(&mut words, 1.0), shown(&mut words, worse));
        let pairs = before.iter().zip(&now);
        let changes: Vec<Change> = pairs
            .filter_map(|(one, other)| Change::new((one, &design), (other, &design), MARGIN, false))
            .collect();
        assert_eq!(changes.len(), 7);
        let tested = test_all(&changes, ALPHA);
        failed += usize::from(tested.iter().any(|one| one.verdict == Verdict::Fail));
        passed += usize::from(tested.iter().all(|one| one.verdict == Verdict::Pass));
    }
    (failed, passed)
}

#[test]
fn no_change_and_a_change_exactly_at_the_margin_fail_one_call_in_a_hundred_at_most() {
    for (what, worse) in [("nothing", 1.0), ("margin", 1.0 + MARGIN)] {
        let (failed, passed) = synthetic(what, worse);
        println!("{what}: {failed} of {PAIRS} fail, {passed} pass");
        assert!(failed <= FALSE_FAILURES_MAX, "{what}: {failed} of {PAIRS} fail");
        assert!(worse == 1.0 || passed <= FALSE_FAILURES_MAX, "{what}: {passed} of {PAIRS} pass");
    }
}

#[test]
fn twice_as_bad_is_seen() {
    let (failed, passed) = synthetic("twice", 2.0);
    assert!(failed == PAIRS as usize && passed == 0, "{failed} of {PAIRS} fail");
}

fn north_pole(overrides: &[&str]) -> Scenario {
    scenario_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/north-pole.toml"), overrides)
}

fn run(scenario: &Scenario) -> Summary {
    Summary::measure(scenario, &outcome(scenario))
}

fn baseline(scenario: &Scenario) -> Baseline {
    Baseline::new(scenario, &run(scenario), ("0", RESULTS_VERSION), "")
}

#[test]
fn real_runs_under_other_seeds_do_not_fail() {
    const RUNS: usize = 24;
    let runs: Vec<(Scenario, Summary)> = (0..RUNS)
        .map(|seed| {
            let scenario = north_pole(&[&format!("scenario.seed={seed}")]);
            let summary = run(&scenario);
            (scenario, summary)
        })
        .collect();
    let mut failed = 0;
    let mut pairs = 0;
    for (one, first) in &runs {
        let baseline = Baseline::new(one, first, ("0", RESULTS_VERSION), "");
        for (other, second) in &runs {
            let outcome = judge(&baseline, other, second, RESULTS_VERSION, MARGIN);
            if one.seed == other.seed {
                assert_eq!((outcome.way, outcome.verdict), (Way::Identical, Verdict::Pass));
                continue;
            }
            assert_eq!(outcome.way, Way::Apart);
            failed += usize::from(outcome.verdict == Verdict::Fail);
            pairs += 1;
        }
    }
    println!("{failed} of {pairs} pairs of real runs fail");
    // 552 pairs of 24 runs depend on each other, so their number varies more than a binomial one: three times 1 % of them.
    assert!(failed * 100 <= pairs * 3, "{failed} of {pairs}");
}

/// What `tinsel gate` does: closed forms, and only if they pass a run.
fn gate(baseline: &Baseline, scenario: &Scenario) -> Outcome {
    let Ok((outcome, _)) = hold_against(baseline, scenario, MARGIN, || Ok::<_, Infallible>(run(scenario)));
    outcome
}

/// Profiles that probe, with the time between two probes, milliseconds: detection waits for a number of probes that are lost.
const PROBING: [(&str, u64); 8] = [
    ("digi-surelink", 900_000),
    ("fortinet-sdwan", 500),
    ("ipsla-default", 60_000),
    ("netcomm-ntc-140", 10_000),
    ("networkmanager", 300_000),
    ("opengear-om-oob", 30_000),
    ("peplink-default", 5_000),
    ("vrrp-script", 2_000),
];
/// Those that wait for hellos, with the time between two and the time without one, milliseconds, which is a multiple of it.
const HELLOS: [(&str, u64, u64); 4] =
    [("bfd-300x3", 300, 900), ("bgp", 60_000, 180_000), ("ospf", 10_000, 40_000), ("vrrp", 1_000, 3_610)];
/// Those that wait for something else for most of the time: a delay, a share of a window.
const OTHERS: [(&str, &str, u64); 4] = [
    ("ipsla-fast", "interval", 3_000),
    ("meraki-mx-soft", "interval", 2_000),
    ("opnsense-dpinger", "send", 1_000),
    ("pfsense-dpinger", "send", 500),
];

/// A case of the gate: settings as they were, and what makes probes a tenth slower.
struct Case {
    before: Vec<String>,
    slower: Vec<String>,
}

/// A hundred: probes as often as shipped, two thirds as often and half as often, over four kinds of links; and hellos.
fn cases() -> Vec<Case> {
    let links = [("10 ms", "0 %"), ("60 ms", "0 %"), ("10 ms", "0.5 %"), ("60 ms", "0.5 %")];
    let link = |(rtt, loss): (&str, &str)| {
        let of = |technology: &str| {
            [format!("technologies.{technology}.rtt={rtt}"), format!("technologies.{technology}.loss={loss}")]
        };
        [of("fibre_dia"), of("cable")].concat()
    };
    let usual =
        |profile: &str| vec![format!("fleet.draw.profile={profile}"), REPLICATIONS_OF_CASE.to_owned()];
    let paced = |profile: &str, key: &str, ms: f64| format!("profiles.{profile}.{key}={ms} ms");
    let mut cases = Vec::new();
    for (profile, interval) in PROBING {
        for stretch in [1.0, 1.5, 2.0] {
            for one in links {
                let at = |slower: f64| vec![paced(profile, "interval", interval as f64 * stretch * slower)];
                let before = [usual(profile), link(one), at(1.0)].concat();
                cases.push(Case { before, slower: at(1.1) });
            }
        }
    }
    for (profile, interval, dead) in HELLOS {
        let at = |slower: f64| {
            vec![
                paced(profile, "interval", interval as f64 * slower),
                paced(profile, "dead", dead as f64 * slower),
            ]
        };
        cases.push(Case { before: [usual(profile), at(1.0)].concat(), slower: at(1.1) });
    }
    cases
}

/// What is unchanged is the same to the bit after few as after many.
const REPLICATIONS_OF_CASE: &str = "scenario.replications=5";

fn north_pole_of(settings: &[&[String]]) -> Scenario {
    let all: Vec<&str> = settings.iter().flat_map(|some| some.iter().map(String::as_str)).collect();
    north_pole(&all)
}

/// The baseline is read back from its file's text.
fn baseline_of_file(scenario: &Scenario) -> Baseline {
    Baseline::from_text(&baseline(scenario).to_text()).expect("its own text")
}

#[test]
fn probes_that_are_a_tenth_slower_are_caught_and_what_is_unchanged_passes() {
    let cases = cases();
    assert_eq!(cases.len(), 100);
    let (mut caught, mut unchanged) = (0, 0);
    for Case { before, slower } in &cases {
        let scenario = north_pole_of(&[before]);
        let baseline = baseline_of_file(&scenario);
        unchanged += usize::from(gate(&baseline, &scenario).verdict == Verdict::Pass);
        let outcome = gate(&baseline, &north_pole_of(&[before, slower]));
        if outcome.verdict == Verdict::Fail {
            caught += 1;
        } else {
            println!("not caught: {before:?} {slower:?}");
        }
    }
    println!("{caught} of 100 caught, {unchanged} of 100 unchanged pass");
    assert!(caught >= 95, "{caught} of 100");
    assert_eq!(unchanged, 100);
}

/// Where probes are not what detection waits for, a tenth slower ones make failover less than the margin longer.
#[test]
fn slower_probes_that_hardly_matter_do_not_fail_by_failover() {
    for (profile, key, ms) in OTHERS {
        let usual = format!("fleet.draw.profile={profile}");
        let slower = format!("profiles.{profile}.{key}={} ms", ms as f64 * 1.1);
        let (before, now) = (north_pole(&[&usual]), north_pole(&[&usual, &slower]));
        let summary = Summary::measure(&before, &Default::default());
        let outcome =
            judge_timers(&Baseline::new(&before, &summary, ("0", RESULTS_VERSION), ""), &now, MARGIN);
        let failover = outcome.lines.iter().filter(|line| line.label.ends_with(": failover"));
        let relative: Vec<f64> = failover.filter_map(|line| line.relative).collect();
        println!("{profile}: {relative:?}");
        assert!(
            !relative.is_empty() && relative.iter().all(|worse| *worse < MARGIN),
            "{profile}: {relative:?}"
        );
        // Whatever else is worse, it is not how long failover takes.
        let failed = outcome.lines.iter().filter(|line| line.verdict == Verdict::Fail);
        let labels: Vec<&str> = failed.map(|line| line.label.as_str()).collect();
        println!("{profile}: {labels:?}");
        assert!(labels.iter().all(|label| !label.ends_with(": failover")), "{labels:?}");
    }
}

/// Whatever the seed: closed forms do not ask for it. And what happens tells too, where much happens: 200 stores that fail over once each.
#[test]
fn a_tenth_slower_is_caught_by_what_happens_alone() {
    const RUNS: usize = 100;
    let detection = |more: &[&str]| {
        let usual =
            ["fleet.generate.stores=200", "fleet.draw.profile=peplink-default", "scenario.replications=20"];
        let overrides: Vec<&str> = usual.iter().chain(more).copied().collect();
        scenario_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/lab/detection.toml"), &overrides)
    };
    let mut caught = 0;
    for seed in 0..RUNS {
        let seed = format!("scenario.seed={seed}");
        let before = detection(&[&seed]);
        let now = detection(&[&seed, "profiles.peplink-default.interval=\"5.5 s\""]);
        let outcome = judge(&baseline(&before), &now, &run(&now), RESULTS_VERSION, MARGIN);
        assert_eq!(outcome.way, Way::Paired);
        caught += usize::from(outcome.verdict == Verdict::Fail);
    }
    println!("{caught} of {RUNS} caught by what happens");
    assert!(caught * 100 >= 95 * RUNS, "{caught} of {RUNS}");
}

/// Few failovers tell coarser changes only: in five shops with two failovers each time, twenty replications tell twice as slow ones.
#[test]
fn twice_as_slow_is_caught_by_what_happens_in_five_shops() {
    let slower = "profiles.peplink-default.interval=\"10 s\"";
    let mut caught = 0;
    for seed in 0..20 {
        let seed = format!("scenario.seed={seed}");
        let (before, now) = (north_pole(&[&seed]), north_pole(&[slower, &seed]));
        let outcome = judge(&baseline(&before), &now, &run(&now), RESULTS_VERSION, MARGIN);
        assert_eq!(outcome.way, Way::Paired);
        caught += usize::from(outcome.verdict == Verdict::Fail);
    }
    println!("{caught} of 20 caught by what happens");
    assert!(caught >= 19, "{caught} of 20");
}
