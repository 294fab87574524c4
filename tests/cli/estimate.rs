//! `tinsel estimate`: how right it is.

use std::fs;

use serde_json::Value;

use super::{place, run};

/// More stores than a probe runs, of three formats.
const LARGE: &str = r#"
[scenario]
name = "300 stores"
seed = 7
replications = 1
first_day = 2019-11-29
last_day = 2019-11-29

[fleet.generate]
stores = 300
format = { big_box = 0.3, grocery = 0.3, kiosk = 0.4 }

[[calendar]]
date = 2019-11-29
formats = "all"
multiplier = 1.4
baseline = "average day"
"#;

/// What `tinsel estimate` says by its own word.
fn estimated(arguments: &[&str]) -> Value {
    let printed = run(["estimate", "--json"].iter().chain(arguments));
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    serde_json::from_str(&printed.out).expect("JSON")
}

#[test]
fn events_are_within_the_factor_that_is_promised() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let file = folder.path().join("large.toml");
    fs::write(&file, LARGE).expect("writable");
    let large = file.display().to_string();
    for arguments in [
        &["scenarios/north-pole.toml"][..],
        &["scenarios/small-chain.toml", "--replications=3"],
        &["scenarios/packed-mall.toml", "--replications=2", "--set=services.processor.servers=50"],
        // Of these the probe runs a few only.
        &[large.as_str()],
    ] {
        let estimate = estimated(arguments);
        let (_directory, out) = place();
        let path = format!("--out={}", out.display());
        let printed = run(["run", &path, "--quiet", "--no-charts", "--no-report"].iter().chain(arguments));
        assert_eq!(printed.code, Some(0), "{}", printed.err);
        let text = fs::read_to_string(out.join("run-info.json")).expect("run information");
        let run_info: Value = serde_json::from_str(&text).expect("JSON");
        let number = |value: &Value| value.as_f64().expect("a number");
        let ratio = number(&estimate["events"]) / number(&run_info["kernel"]["events"]);
        let factor = number(&estimate["events_factor"]);
        assert!((1.0 / factor..=factor).contains(&ratio), "{arguments:?}: {ratio}");
        let customers = number(&estimate["customers"]) / number(&run_info["customers"]);
        assert!((0.95..1.05).contains(&customers), "{arguments:?}: {customers}");
        assert!(number(&estimate["memory_bytes"]) > 1e7);
        let whole = number(&estimate["probe"]["events"]) >= number(&estimate["events"]) * 0.5;
        assert!(!whole || arguments != [large.as_str()], "a probe is small");
    }
}

#[test]
fn an_estimate_is_said_in_words() {
    let printed = run(["estimate", "scenarios/small-chain.toml"]);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    for word in ["customers", "events", "within a factor of", "memory", "probe of"] {
        assert!(printed.out.contains(word), "{}", printed.out);
    }
    let printed = run(["estimate", "tests/broken/02-misspelt-key.toml"]);
    assert_eq!(printed.code, Some(3));
}
