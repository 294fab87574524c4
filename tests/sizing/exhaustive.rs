//! The design that sizing finds against trying all designs, on twenty random small fleets, in most of which one engineer is not enough.

use tinsel::experiment::size::{Combination, Design, search};
use tinsel::kernel::draws::{Address, Entity, Key};
use tinsel::kernel::variates::unit;

use super::Lab;

const FLEETS: u64 = 20;
/// Replications by which all designs are tried: none of them is one that the search sees.
const TRIED_FROM: u32 = 500_000;
const TRIED: u32 = 80;

/// Three stores, two levers, and perhaps more engineers, for one day on which much breaks.
pub(super) fn text(fleet: u64) -> String {
    let address = Address { entity: Entity::new("fleet", "exhaustive", ""), purpose: 0, draw: fleet };
    let mut words = Key { seed: 5, replication: 0 }.words(address, 1);
    let mut between = |low: f64, high: f64| low + (high - low) * unit(words.next_word());
    let rate = between(100.0, 500.0);
    let router = between(100.0, 900.0);
    let budget = between(500.0, 1_400.0);
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

#[test]
fn sizing_finds_what_trying_all_designs_finds() {
    let (mut same, mut separable_wrong) = (0, 0);
    for fleet in 0..FLEETS {
        let lab = Lab::new(&text(fleet));
        let designs = lab.designs();
        let found = search(&designs).expect("levers make scenarios that run");
        let mut all = every();
        all.retain(|design| designs.fits(design));
        let losses: Vec<f64> = all
            .iter()
            .map(|design| {
                let years = lab.years(&designs.scenario(design).expect("it loads"), TRIED_FROM, TRIED);
                years.iter().map(|year| year.loss).sum::<f64>() / f64::from(TRIED)
            })
            .collect();
        let of = |design: &Design| losses[all.iter().position(|one| one == design).expect("it fits")];
        let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
        let bare = of(&designs.bare(Combination::default()));
        let zone = bare * lab.sizing().zone_share;
        // What ranking by separable benefits alone would do: it cannot see what engineers are worth.
        let alone = &found.branches[0];
        let ranked = Design { shared: alone.shared.clone(), stores: alone.packed.chosen.clone() };
        let (chosen, ranked) = (of(&found.design), of(&ranked));
        println!("{fleet}: as it stands {bare:.0}, best {best:.0}, found {chosen:.0}, ranked {ranked:.0}");
        // Draws of the search and of the trial differ: what is nearer than two zones is the same.
        same += u64::from(chosen <= best + 2.0 * zone);
        separable_wrong += u64::from(ranked > chosen + 2.0 * zone);
    }
    println!("same as trying all: {same} of {FLEETS}; ranking alone wrong: {separable_wrong}");
    // Each search may be wrong with probability 0.05: two or more wrong ones of twenty would be no surprise, four are one (0.016).
    assert!(same >= FLEETS - 3, "only {same} of {FLEETS}");
    assert!(separable_wrong >= 3, "ranking alone is wrong in {separable_wrong} only");
}
