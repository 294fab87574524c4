//! Scenario files: what is shipped loads, what is broken is rejected with a clear diagnostic, nothing panics.

use std::path::Path;

use tinsel::scenario::{LoadOptions, Loaded, Rejected, load, render};

fn loaded(path: &str) -> Loaded {
    match load(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path), &LoadOptions::default()) {
        Ok(loaded) => loaded,
        Err(Rejected::Invalid(problems)) => panic!("{path}:\n{}", render(&problems, false)),
        Err(error) => panic!("{path}: {error}"),
    }
}

#[test]
fn the_flagship_loads() {
    let flagship = loaded("scenarios/black-friday-2019.toml");
    assert_eq!(flagship.scenario.stores.len(), 2_992);
    println!("{}", render(&flagship.warnings, false));
    let customers: f64 = flagship
        .scenario
        .stores
        .iter()
        .flat_map(|store| &store.days)
        .flat_map(|day| &day.demand)
        .map(|piece| piece.customers)
        .sum();
    println!("customers {customers} drawn {:?} cells {}", flagship.drawn, flagship.scenario.cells.len());
    println!("{} settings", flagship.origins.len());
}
