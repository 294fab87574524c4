//! The cheapest design that meets a target, against trying all designs: it meets it in runs that the search has not seen, and is not much
//! dearer than the cheapest that does.

use tinsel::experiment::size::{Combination, Design, search};
use tinsel::report::sizing::Decision;

use super::Lab;
use super::exhaustive::{every, text};

const FLEETS: u64 = 3;
const TRIED_FROM: u32 = 500_000;
const TRIED: u32 = 40;

/// The fleet with a bound on hours in the dark, and no bound on money.
fn bounded(fleet: u64, at_most: f64, tolerance: &str) -> String {
    let text = text(fleet);
    let budget = text.lines().find(|line| line.starts_with("budget")).expect("it has a budget");
    let bound = format!(
        "[[sizing.target]]\nmetric = \"dark-hours\"\nat_most = {at_most}\ntolerance = \"{tolerance}\"\n\
         [sizing.exposure]"
    );
    text.replace(budget, "mode = \"targets\"")
        .replace("[sizing.exposure]", &bound)
        .replace("search_replications = 120", "search_replications = 400")
}

#[test]
fn the_design_meets_the_target_and_is_hardly_dearer_than_the_cheapest_that_does() {
    let mut cheapest = 0;
    for fleet in 0..FLEETS {
        let dark_of = |lab: &Lab, design: &Design| {
            let scenario = lab.designs().scenario(design).expect("it loads");
            let years = lab.years(&scenario, TRIED_FROM, TRIED);
            years.iter().map(|year| year.dark_hours).sum::<f64>() / f64::from(TRIED)
        };
        let unbounded = Lab::new(&bounded(fleet, 1e9, "25 %"));
        let bare = dark_of(&unbounded, &unbounded.designs().bare(Combination::default()));
        // Well below what there is, well above what is left with everything: something has to be chosen.
        let bound = libm::round(bare * 0.35);
        let lab = Lab::new(&bounded(fleet, bound, "25 %"));
        let designs = lab.designs();
        let found = search(&designs).expect("levers make scenarios that run");
        assert_eq!(found.decision, Decision::Made, "{fleet}");
        let tolerance = lab.sizing().targets[0].tolerance;
        let dark = dark_of(&lab, &found.design);
        // Whoever is within the tolerance of the bound may be judged either way; the trial's own error adds half as much.
        assert!(dark <= bound + 1.5 * tolerance, "{fleet}: {dark} hours of at most {bound}");
        let mut meeting: Vec<f64> = every()
            .iter()
            .filter(|design| dark_of(&lab, design) <= bound - tolerance)
            .map(|design| designs.cost(design))
            .collect();
        meeting.sort_by(f64::total_cmp);
        let (cost, least) = (designs.cost(&found.design), meeting[0]);
        println!(
            "{fleet}: {bare:.0} hours, at most {bound}: {dark:.0} for {cost:.0}, the cheapest {least:.0}"
        );
        cheapest += u64::from(cost <= least + 1e-6);
        // Neighbours are looked at up to a number: at worst one store too many, or the dearer lever.
        let dearest = designs.cost_lever(0).max(designs.cost_lever(1));
        assert!(cost <= least + dearest + 1e-6, "{fleet}: {cost} against {least}");
    }
    println!("the cheapest: {cheapest} of {FLEETS}");
    assert!(cheapest >= 2, "{cheapest}");
}

#[test]
fn a_target_that_nothing_meets_is_said_to_be_missed() {
    let lab = Lab::new(&bounded(3, 1_000.0, "100 %").replace("mode = ", "budget = \"$1\"\nmode = "));
    let found = search(&lab.designs()).expect("levers make scenarios that run");
    assert_eq!(found.decision, Decision::NoneMeets(None));
}
