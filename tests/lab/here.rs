//! The daemons of this machine, measured by `cargo xtask lab`, beside tinsel.

use std::path::PathBuf;

use super::{conditions, losses, measured, table, times};

#[test]
#[ignore = "needs trials of this machine: cargo xtask lab measures them and runs this"]
fn this_machine() {
    let directory =
        std::env::var_os("TINSEL_LAB").map(PathBuf::from).expect("TINSEL_LAB names a folder of trials");
    let (mut found, mut lossy, mut means) = (Vec::new(), Vec::new(), Vec::new());
    for series in measured::series(&directory) {
        match conditions::of(&series) {
            None => println!("{}: no profile of the library stands for it", series.name),
            Some(conditions) if conditions.window_s.is_some() => {
                let (of_times, of_means) = losses::comparisons(&series, &conditions);
                lossy.extend(of_times);
                means.extend(of_means);
            }
            Some(conditions) => found.extend(times::comparisons(&series, &conditions)),
        }
    }
    found.extend(lossy);
    println!("{}{}", table::text(&found), table::means(&means));
    let missed =
        found.iter().filter(|it| !it.agrees()).count() + means.iter().filter(|it| !it.agrees()).count();
    println!("{missed} of {} latencies and {} means are missed", found.len(), means.len());
    assert!(!found.is_empty() || !means.is_empty(), "no trials in {}", directory.display());
}
