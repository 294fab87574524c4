//! `tinsel report`, and the command that a report names.

use std::fs;

use serde_json::Value;

use super::{north_pole, place, run};

#[test]
fn the_page_is_written_again_from_the_results() {
    let (directory, out) = place();
    assert_eq!(north_pole(&out, &[]).code, Some(0));
    let page = fs::read(out.join("report.html")).expect("a page");
    let manifest = fs::read(out.join("manifest.json")).expect("a manifest");
    fs::remove_file(out.join("report.html")).expect("it is there");
    let path = out.display().to_string();
    let printed = run(["report", &path]);
    assert_eq!((printed.code, printed.out.as_str(), printed.err.as_str()), (Some(0), "", ""));
    assert!(fs::read(out.join("report.html")).expect("a page") == page);
    assert!(fs::read(out.join("manifest.json")).expect("a manifest") == manifest);

    let elsewhere = directory.path().join("mail.html");
    assert_eq!(run(["report", &path, "--out", &elsewhere.display().to_string()]).code, Some(0));
    assert!(fs::read(elsewhere).expect("a page") == page);
    // With a page in it, the directory is still tinsel's own.
    assert_eq!(north_pole(&out, &["--no-report"]).code, Some(0));
    assert!(!out.join("report.html").exists());
}

#[test]
fn what_is_no_result_has_no_page() {
    let (directory, _) = place();
    let printed = run(["report", &directory.path().display().to_string()]);
    assert_eq!(printed.code, Some(1));
    assert!(printed.err.contains("summary.json") && printed.err.contains("tinsel run"), "{}", printed.err);
    assert!(!directory.path().join("report.html").exists());
}

#[test]
fn the_command_named_is_the_one_that_gives_the_same() {
    let (_directory, out) = place();
    let printed = north_pole(&out, &["--seed", "5", "--set", "payments.timeout=\"30 s\"", "--threads", "1"]);
    assert_eq!(printed.code, Some(0), "{}", printed.err);
    let manifest: Value =
        serde_json::from_slice(&fs::read(out.join("manifest.json")).expect("a manifest")).expect("JSON");
    assert_eq!(
        manifest["reproduce"],
        "tinsel run scenarios/north-pole.toml --seed=5 --replications=1 '--set=payments.timeout=\"30 s\"'"
    );
}
