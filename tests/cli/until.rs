//! As many replications as a metric's interval needs: where it stops, what it writes, and when it does not decide.

use std::fs;
use std::path::Path;

use super::{Printed, entries, place, run};

fn until(out: &Path, more: &[&str]) -> Printed {
    let out = format!("--out={}", out.display());
    run(["run", "scenarios/north-pole.toml", "--no-charts", &out].iter().chain(more))
}

fn manifest(out: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(out.join("manifest.json")).expect("a manifest")).expect("JSON")
}

#[test]
fn it_stops_at_a_look_with_the_results_of_a_run_told_that_number() {
    let (directory, out) = place();
    let wanted = ["--until=10%", "--metric=customers.customers", "--max-replications=100"];
    let printed = until(&out, &wanted);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""), "{}", printed.out);
    let last = printed.out.lines().last().unwrap_or_default();
    assert!(last.contains("(95 % over all looks) after 40 replications: within 10 %"), "{last}");
    let told = directory.path().join("told");
    assert_eq!(until(&told, &["--replications=40", "--quiet"]).code, Some(0));
    assert_eq!(entries(&out), entries(&told));
    for file in
        entries(&out).iter().filter(|file| !["manifest.json", "run-info.json"].contains(&file.as_str()))
    {
        let [one, other] = [&out, &told].map(|place| fs::read(place.join(file)).expect("a file"));
        assert!(one == other, "{file} differs");
    }
    let (mut one, other) = (manifest(&out), manifest(&told));
    assert_eq!(one["reproduce"], other["reproduce"]);
    assert_eq!(one["until"]["looks"], serde_json::json!([20, 40]));
    assert_eq!(one["until"]["reached"], true);
    assert!(one["arguments"].as_array().expect("words").iter().any(|word| word == "--until=0.1"));
    // Beside the rule and the words that asked for it, the manifests are one.
    one["arguments"] = other["arguments"].clone();
    one.as_object_mut().expect("a table").remove("until");
    assert_eq!(one, other);
    let again = run(["verify", &out.display().to_string()]);
    assert_eq!(again.code, Some(0), "{}{}", again.out, again.err);
}

#[test]
fn what_replications_do_not_decide_is_98_and_their_results_are_written() {
    let cases: [(&[&str], &str); 2] = [
        (&["--until=0.01%", "--metric=customers.customers"], "replications would bring it to ±0.01 %"),
        (&["--until=2%", "--metric=incidents_failover"], "all replications show the same"),
    ];
    for (arguments, why) in cases {
        let (_directory, out) = place();
        let most = ["--max-replications=40", "--no-report"];
        let printed = until(&out, &[arguments, &most].concat());
        assert_eq!(printed.code, Some(98), "{arguments:?}: {}", printed.err);
        assert!(printed.err.starts_with("error: 40 replications do not decide"), "{}", printed.err);
        assert!(printed.err.contains(why) && printed.err.contains("--max-replications"), "{}", printed.err);
        let manifest = manifest(&out);
        assert_eq!((&manifest["replications"], &manifest["until"]["reached"]), (&40.into(), &false.into()));
    }
}

#[test]
fn what_makes_no_sense_is_2() {
    let cases: [(&[&str], &str); 7] = [
        (&["--until=2%", "--replications=5"], "--replications"),
        (&["--until=2%", "--shard-index=0", "--shard-count=2"], "--shard-"),
        (&["--until=0%"], "no width"),
        (&["--metric=lost_sales"], "--until"),
        (&["--until=2%", "--max-replications=29"], "29"),
        (&["--until=30%"], "at most 20 %"),
        (&["--until=2%", "--metric=lost_sails"], "customers.lost_sales"),
    ];
    for (arguments, word) in cases {
        let (_directory, out) = place();
        let printed = until(&out, arguments);
        assert_eq!(printed.code, Some(2), "{arguments:?}: {}", printed.err);
        assert!(printed.err.contains(word), "{}", printed.err);
        assert!(!out.exists());
    }
}
