//! `tinsel replay`: the trace is one that Perfetto reads, and the store does what it did in the run.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Printed, north_pole, place, run};

fn replayed(out: &Path, more: &[&str]) -> Printed {
    let out = format!("--out={}", out.display());
    let usual = ["replay", "scenarios/north-pole.toml", "--store=elf-street", &out];
    run(usual.iter().chain(more))
}

/// Lines of a table that are of store `elf-street` in replication 0.
fn rows(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).expect("a table");
    text.lines().filter(|line| line.starts_with("0,elf-street,")).map(str::to_owned).collect()
}

#[test]
fn the_store_does_what_it_did_in_the_run_and_its_trace_is_one() {
    let (directory, out) = place();
    assert_eq!(north_pole(&out, &[]).code, Some(0));
    let again = directory.path().join("again");
    let printed = replayed(&again, &["--journal"]);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    assert!(printed.out.contains("perfetto"), "{}", printed.out);
    for table in ["stores.csv", "stores_daily.csv", "incidents.csv"] {
        let (then, now) = (rows(&out.join(table)), rows(&again.join(table)));
        assert!(!then.is_empty(), "{table}");
        assert_eq!(then, now, "{table}");
    }
    let trace: Value =
        serde_json::from_str(&fs::read_to_string(again.join("trace.json")).expect("a trace")).expect("JSON");
    let events = trace["traceEvents"].as_array().expect("a list");
    let of = |kind: &str| events.iter().filter(|event| event["ph"] == kind).collect::<Vec<_>>();
    let number = |event: &Value, key: &str| event[key].as_f64().expect("a number");
    let names: Vec<&Value> = of("M").into_iter().map(|event| &event["args"]["name"]).collect();
    for track in ["failover", "way of the payments", "server 1"] {
        assert!(names.contains(&&Value::from(track)), "{track} in {names:?}");
    }
    let spans = of("X");
    // Spans of one track follow one another, and last for some time.
    let mut ends: std::collections::BTreeMap<u64, f64> = Default::default();
    for span in &spans {
        assert!(number(span, "dur") >= 0.0 && number(span, "ts") >= 0.0, "{span}");
        let end = ends.entry(span["tid"].as_u64().expect("a number")).or_insert(0.0);
        assert!(number(span, "ts") >= *end - 0.001, "{span} begins before {end}");
        *end = number(span, "ts") + number(span, "dur");
    }
    let all = |name: &str| spans.iter().filter(|span| span["name"] == name).count();
    for name in ["scanning", "authorizing", "LTE", "bringing up", "backup", "down"] {
        assert!(all(name) > 0, "{name}");
    }
    // Alone with its journal it does the same, to the byte.
    let journal = format!("--from={}", again.join("journal.json").display());
    let alone = directory.path().join("alone");
    let printed = replayed(&alone, &[&journal, "--quiet"]);
    assert_eq!((printed.code, printed.out.as_str(), printed.err.as_str()), (Some(0), "", ""));
    for file in ["stores.csv", "stores_daily.csv", "incidents.csv", "trace.json"] {
        let [then, now] = [&again, &alone].map(|folder| fs::read(folder.join(file)).expect("a file"));
        assert!(then == now, "{file}");
    }
    assert_eq!(run(["verify", &alone.display().to_string()]).code, Some(0));
}

#[test]
fn what_is_not_there_is_said() {
    let (_directory, out) = place();
    let path = format!("--out={}", out.display());
    for (more, words) in [
        (&["--store=elf-stret"][..], "did you mean `elf-street`?"),
        (&["--store=elf-street", "--replication=20"], "numbered from 0"),
    ] {
        let printed = run(["replay", "scenarios/north-pole.toml", &path].iter().chain(more));
        assert_eq!((printed.code, printed.out.as_str()), (Some(2), ""));
        assert!(printed.err.contains(words), "{}", printed.err);
    }
    let printed = replayed(&out, &["--from=Cargo.toml"]);
    assert!(printed.code == Some(1) && printed.err.contains("no journal"), "{}", printed.err);
    let again = out.with_file_name("again");
    assert_eq!(replayed(&again, &["--journal", "--quiet"]).code, Some(0));
    let journal = format!("--from={}", again.join("journal.json").display());
    let printed = replayed(&out, &[&journal, "--seed=9"]);
    assert!(printed.code == Some(2) && printed.err.contains("the journal is of store"), "{}", printed.err);
}
