//! The design that sizing finds against trying all designs, on twenty random small fleets, in most of which one engineer is not enough.

use tinsel::experiment::size::{Branch, Combination, Design, YearOf, search};
use tinsel::kernel::draws::{Address, Entity, Key};
use tinsel::kernel::variates::unit;
use tinsel::measure::estimators::{Interval, mean_interval};
use tinsel::simulation::{Execution, run_some};

use super::Lab;

const FLEETS: u64 = 20;
/// Replications by which all designs are tried: none of them is one that the search sees.
const TRIED_FROM: u32 = 500_000;
const TRIED: u32 = 80;
/// Of the trial's intervals of paired differences between two designs.
const LEVEL: f64 = 0.95;

/// Three stores, two levers, and perhaps more engineers, for one day on which much breaks.
pub(super) fn text(fleet: u64) -> String {
    let address = Address { entity: Entity::new("fleet", "exhaustive", ""), purpose: 0, draw: fleet };
    let mut words = Key { seed: 5, replication: 0 }.words(address, 1);
    let mut between = |low: f64, high: f64| low + (high - low) * unit(words.next_word());
    let rate = between(100.0, 500.0);
    let router = between(100.0, 900.0);
    // A modem in the router and its line cost $580 a year: in every fleet there is something to choose.
    let budget = between(500.0, 1_400.0).max(600.0);
    // In half of the fleets an engineer costs less than a store's gear: whether that is better is the question.
    let engineer = if fleet.is_multiple_of(2) { between(200.0, 500.0) } else { between(900.0, 2_000.0) };
    let sales: Vec<f64> = (0..3).map(|_| between(0.4, 2.0)).collect();
    let formats: String = sales
        .iter()
        .enumerate()
        .map(|(store, size)| {
            let customers = 300.0 * size;
            format!(
                "[formats.shop{store}]\nbased_on = \"kiosk\"\ncustomers_per_day = {customers:.0}\nlanes = 3\n"
            )
        })
        .collect();
    format!(
        r#"
[scenario]
name = "three shops {fleet}"
seed = {fleet}
replications = 1
first_day = 2019-11-29
last_day = 2019-11-29
[fleet.generate]
stores = 3
format = {{ shop0 = 1, shop1 = 1, shop2 = 1 }}
timezone = "UTC"
market = "M"
[fleet.draw]
technology = "cable"
topology = "none"
signal = "15 dB"
carrier = "att"
{formats}
[faults.causes.access_provider_equipment_or_config]
rate_per_year = {rate:.0}
[faults.causes.cpe_hang_or_firmware]
rate_per_year = {router:.0}
[noc]
enabled = true
[noc.shifts]
day = 1
night = 1
[noc.playbooks.cpe_hang_or_firmware]
staff_time = {{ median = "90 min", sigma = 0.5 }}
staff = 1
[sizing]
budget = "${budget:.0}"
draws = 12
search_replications = 120
verify_replications = 2
neighbours = 40
[sizing.exposure]
normal = 0
holiday = 0
cyber5 = 363
closed = 2
[sizing.levers.lte]
topology = "in-router"
items = ["lte-router", "lte-line"]
[sizing.levers.gateway]
topology = "oobm-gateway"
oobm = "console-outlet"
items = ["console-gateway", "lte-line"]
[sizing.shared.engineers]
settings = ["noc.shifts.day=3", "noc.shifts.night=3"]
year = "${engineer:.0}"
"#
    )
}

/// All designs of such a fleet.
pub(super) fn every() -> Vec<Design> {
    let of = |shared: Combination| {
        (0..27_usize).map(move |code| {
            let lever = |store: u32| (code / 3_usize.pow(store) % 3).checked_sub(1);
            Design { shared: shared.clone(), stores: (0..3).map(lever).collect() }
        })
    };
    of(Combination::default()).chain(of(Combination(vec![0]))).collect()
}

/// What the trial says of a design.
struct Tried {
    /// Loss of a year by replication; the same draws for all designs.
    losses: Vec<f64>,
    /// Replications in which somebody waited for an engineer.
    waited: usize,
}

impl Tried {
    fn mean(&self) -> f64 {
        self.losses.iter().sum::<f64>() / self.losses.len() as f64
    }

    /// By how much more than the other it loses, with what the trial cannot tell.
    fn more_than(&self, other: &Tried) -> Interval {
        let pairs: Vec<f64> = self.losses.iter().zip(&other.losses).map(|(one, other)| one - other).collect();
        mean_interval(&pairs, LEVEL).expect("values")
    }
}

fn tried(lab: &Lab, design: &Design) -> Tried {
    let scenario = lab.designs().scenario(design).expect("it loads");
    let year = YearOf::new(&scenario, lab.sizing().exposure);
    let numbers: Vec<u32> = (TRIED_FROM..TRIED_FROM + TRIED).collect();
    let result = run_some(&scenario, &numbers, Execution::default(), &lab.progress).expect("nobody cancels");
    let waited = result
        .replications
        .iter()
        .filter(|replication| replication.noc_hours.iter().any(|hour| hour.waiting_max > 0));
    Tried {
        waited: waited.count(),
        losses: result.replications.iter().map(|replication| year.of(replication).loss).collect(),
    }
}

#[test]
fn sizing_finds_what_trying_all_designs_finds() {
    let (mut same, mut ranking_wrong, mut binding) = (0, 0, 0);
    for fleet in 0..FLEETS {
        let lab = Lab::new(&text(fleet));
        let designs = lab.designs();
        let found = search(&designs).expect("levers make scenarios that run");
        let mut all = every();
        all.retain(|design| designs.fits(design));
        let trial: Vec<Tried> = all.iter().map(|design| tried(&lab, design)).collect();
        let of = |design: &Design| &trial[all.iter().position(|one| one == design).expect("it fits")];
        let least = |left: &&Tried, right: &&Tried| left.mean().total_cmp(&right.mean());
        let best = trial.iter().min_by(least).expect("designs");
        let chosen = of(&found.design);
        let more = chosen.more_than(best);
        // What the search is allowed to leave undecided is the zone; its draws are not the trial's.
        let zone = of(&designs.bare(Combination::default())).mean() * lab.sizing().zone_share;
        let is_same = more.low.is_none_or(|low| low <= 0.0) && more.estimate <= 2.0 * zone;
        // What benefits that add up would choose, for each number of engineers, and of these what turns out to be the best.
        let alone = |branch: &Branch| {
            of(&Design { shared: branch.shared.clone(), stores: branch.packed.chosen.clone() })
        };
        let ranked = found.branches.iter().map(alone).min_by(least).expect("branches");
        let worse = ranked.more_than(chosen);
        let is_wrong = worse.low.is_some_and(|low| low > 0.0);
        println!(
            "{fleet}: {} designs, as it stands {:.0}, best {:.0}, found {:.0} ({:?}), ranked {:.0} ({:?}), waits in {} of {TRIED}{}{}",
            all.len(),
            of(&designs.bare(Combination::default())).mean(),
            best.mean(),
            chosen.mean(),
            more,
            ranked.mean(),
            worse,
            ranked.waited,
            if is_same { "" } else { " NOT THE SAME" },
            if is_wrong { " WRONG" } else { "" },
        );
        same += u64::from(is_same);
        ranking_wrong += u64::from(is_wrong);
        binding += u64::from(is_wrong && ranked.waited > 0);
    }
    println!(
        "same as trying all: {same} of {FLEETS}; ranking alone wrong: {ranking_wrong}, {binding} of these with waits"
    );
    assert_eq!(same, FLEETS, "sizing finds another design than trying all");
    assert!(binding >= 3, "ranking alone is wrong, and somebody waits for an engineer, in {binding} only");
}
