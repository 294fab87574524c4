//! Where results go, and what they may replace.

use std::fs;

use super::{entries, north_pole, place, printed, shipped, tinsel};

#[test]
fn results_go_where_they_should_and_nothing_stays_beside_them() {
    let (directory, out) = place();
    let printed = north_pole(&out, &[]);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    assert_eq!(entries(directory.path()), ["run"]);
    let files = entries(&out);
    for file in
        ["manifest.json", "run-info.json", "summary.json", "stores.csv", "incidents.csv", "timeline.csv"]
    {
        assert!(files.iter().any(|name| name == file), "{file} in {files:?}");
    }
    assert!(!files.iter().any(|name| name == "charts"), "--no-charts");
}

#[test]
fn without_out_they_go_to_results_and_the_scenarios_name() {
    let (directory, _) = place();
    let scenario = shipped("scenarios/north-pole.toml");
    let mut command = tinsel(["run", &scenario, "--replications", "1"]);
    let output = command.current_dir(directory.path()).output().expect("the command starts");
    assert_eq!(printed(&output).code, Some(0));
    let results = directory.path().join("results/north-pole");
    assert!(results.join("manifest.json").is_file());
    let charts = entries(&results.join("charts"));
    assert!(
        charts.iter().any(|name| name.ends_with(".svg")) && charts.iter().any(|name| name.ends_with(".png"))
    );
}

#[test]
fn tinsels_own_results_are_replaced() {
    let (directory, out) = place();
    assert_eq!(north_pole(&out, &["--seed", "1"]).code, Some(0));
    let first = fs::read(out.join("stores.csv")).expect("results");
    assert_eq!(north_pole(&out, &["--seed", "2"]).code, Some(0));
    assert_ne!(first, fs::read(out.join("stores.csv")).expect("results"));
    fs::write(out.join("notes.txt"), "mine").expect("writable");
    let refused = north_pole(&out, &["--seed", "3"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("notes.txt"), "{}", refused.err);
    assert_eq!(north_pole(&out, &["--seed", "3", "--force"]).code, Some(0));
    assert!(!out.join("notes.txt").exists(), "the directory is replaced, not added to");
    assert_eq!(entries(directory.path()), ["run"]);
}

#[test]
fn what_others_made_is_refused_without_force() {
    let (directory, out) = place();
    fs::create_dir(&out).expect("creatable");
    fs::write(out.join("thesis.tex"), "three years").expect("writable");
    let refused = north_pole(&out, &[]);
    assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""));
    assert!(refused.err.contains("--force") && refused.err.contains("--out"), "{}", refused.err);
    assert_eq!(entries(&out), ["thesis.tex"]);
    assert_eq!(entries(directory.path()), ["run"], "nothing was begun");
    assert_eq!(north_pole(&out, &["--force"]).code, Some(0));
    assert!(!out.join("thesis.tex").exists() && out.join("stores.csv").exists());
}

#[test]
fn places_that_cannot_be_written_are_refused_before_the_run() {
    let (directory, out) = place();
    let file = directory.path().join("file");
    fs::write(&file, "").expect("writable");
    // A directory below a file can be made by nobody, not even by root.
    for bad in [file.join("below/run"), file] {
        let printed = north_pole(&bad, &[]);
        assert_eq!((printed.code, printed.out.as_str()), (Some(1), ""), "{}", bad.display());
        assert!(printed.err.starts_with("error: ") && printed.err.contains("--out"), "{}", printed.err);
    }
    assert!(!out.exists());
    assert_eq!(entries(directory.path()), ["file"]);
}

#[test]
fn a_rejected_scenario_touches_no_results() {
    let (directory, out) = place();
    assert_eq!(north_pole(&out, &[]).code, Some(0));
    let before = fs::read(out.join("manifest.json")).expect("results");
    assert_eq!(north_pole(&out, &["--set", "payments.timeout=\"never\""]).code, Some(3));
    assert_eq!(before, fs::read(out.join("manifest.json")).expect("results"));
    assert_eq!(entries(directory.path()), ["run"]);
}

#[test]
fn tables_come_in_the_formats_that_were_asked_for() {
    for (formats, csv, parquet) in
        [("csv", true, false), ("parquet", false, true), ("csv,parquet", true, true)]
    {
        let (_directory, out) = place();
        assert_eq!(north_pole(&out, &["--format", formats]).code, Some(0));
        for (file, wanted) in
            [("stores.csv", csv), ("stores.parquet", parquet), ("incidents.parquet", parquet)]
        {
            assert_eq!(out.join(file).is_file(), wanted, "{file} with --format {formats}");
        }
        // They are tinsel's own, so the next run may replace them.
        assert_eq!(north_pole(&out, &[]).code, Some(0));
    }
    let (_directory, out) = place();
    assert_eq!(north_pole(&out, &["--format", "xlsx"]).code, Some(2));
}
