//! Faults that a cell's load raises, where the stores themselves are the load: which candidates happen, under both executors.

use super::agreement::{both, farthest};
use super::storm::mall;

#[test]
fn a_crowded_cell_fails_alike() {
    let usual = ["faults.enabled=true", "fleet.generate.stores=60", "scenario.replications=2"];
    let others =
        mall(&usual).causes.into_iter().map(|cause| format!("faults.causes.{}.enabled=false", cause.name));
    let mut overrides: Vec<String> = usual.map(str::to_owned).into_iter().chain(others).collect();
    let raised = [
        "scope=\"backup\"",
        "remedy=\"provider\"",
        "rate_per_year=600",
        "repair=\"4 min\"",
        "load_factor=20",
        "load=\"published\"",
    ];
    overrides.extend(raised.map(|one| format!("faults.causes.raised.{one}")));
    let overrides: Vec<&str> = overrides.iter().map(String::as_str).collect();
    let scenario = mall(&overrides);
    for (run, plain) in both(&scenario) {
        let raised = run.incidents.iter().filter(|row| row.cause.name(&scenario) == "raised").count();
        let (farthest, compared) = farthest(&run, &plain).expect("the same incidents");
        println!("{raised} raised, {compared} instants, {} ns apart at most", farthest.as_nanos());
        assert!(raised > 100 && farthest <= scenario.lte.cell_step);
    }
}
