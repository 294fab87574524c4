//! Bytes over a cell whose shares change were all booked to the interval in which a store joined it: 37 Gbit in the
//! first minute for ten stores, and nothing in the fifty-nine after it.

use tinsel::scenario::{LoadOptions, load};
use tinsel::simulation::{Execution, Progress, run};

/// Ten shops on one cell, all cut for an hour; enough of them to change each other's share when they join.
const SCENARIO: &str = r#"
[scenario]
name = "Ten shops, one cell"
first_day = 2019-11-29
last_day = 2019-11-29
replications = 1
interval = "1 min"

[fleet.generate]
stores = 10
format = "mall_specialty"
site = "mall"

[fleet.draw]
technology = "fibre_dia"
carrier = "att"
signal = "12 dB"
profile = "fortinet-sdwan"
topology = "in-router"

[faults]
enabled = false

[[faults.scheduled]]
name = "cut"
at = "2019-11-29 14:00"
duration = "1 h"
spread = "1 s"
"#;

#[test]
fn what_lte_carries_is_booked_when_it_is_carried() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let file = folder.path().join("scenario.toml");
    std::fs::write(&file, SCENARIO).expect("writable");
    let loaded = load(&file, &LoadOptions::default()).expect("a good scenario");
    let result = run(&loaded.scenario, Execution::default(), &Progress::default()).expect("not cancelled");
    let bytes: Vec<u64> = result.replications[0].timeline.cells.iter().map(|cell| cell.lte_bytes).collect();
    // The first minute has a few seconds of detection in it, the last of the hour the way back.
    let first = bytes.iter().position(|&bytes| bytes > 0).expect("the shops were on LTE");
    let whole = &bytes[first + 1..first + 59];
    let (least, most) = (whole.iter().min(), whole.iter().max());
    let (least, most) = (*least.expect("58 minutes"), *most.expect("58 minutes"));
    assert!(least > 0 && most < least + least / 5, "a constant demand: {least} to {most} bytes a minute");
    assert!(bytes[first] < most, "{} bytes in the first minute, {most} in a whole one", bytes[first]);
}
