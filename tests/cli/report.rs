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
fn tables_that_are_gone_or_changed_are_told() {
    let (_directory, out) = place();
    let results = out.display().to_string();
    let made =
        run(["run", "scenarios/north-pole.toml", "--replications=1", "--no-charts", "--out", &results]);
    assert_eq!(made.code, Some(0), "{}", made.err);
    fs::remove_file(out.join("stores.csv")).expect("it is there");
    fs::write(out.join("incidents.csv"), "nothing\n").expect("writable");
    let printed = run(["report", &results]);
    assert_eq!((printed.code, printed.out.as_str()), (Some(0), ""), "{}", printed.err);
    for words in [
        format!("warning: `{}` is missing", out.join("stores.csv").display()),
        format!("warning: `{}` is not what was written", out.join("incidents.csv").display()),
        "`reproduce` in manifest.json".to_owned(),
    ] {
        assert!(printed.err.contains(&words), "{words}: {}", printed.err);
    }
    assert_eq!(printed.err.lines().count(), 3, "{}", printed.err);
    fs::write(out.join("services.csv"), "a,b\n1\n").expect("writable");
    let broken = run(["report", &results, "--out", &out.join("other.html").display().to_string()]);
    assert!(broken.err.contains("services.csv"), "{}", broken.err);
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

#[test]
fn a_page_does_not_overwrite_what_is_no_page() {
    let (directory, out) = place();
    let results = out.display().to_string();
    let made = run(["run", "scenarios/north-pole.toml", "--no-report", "--no-charts", "--out", &results]);
    assert_eq!(made.code, Some(0), "{}", made.err);
    let summary = out.join("summary.json");
    let before = fs::read(&summary).expect("written");
    let refused = run(["report", &results, "--out", &summary.display().to_string()]);
    assert_eq!(refused.code, Some(1), "{}", refused.out);
    assert!(refused.err.contains("left as it is"), "{}", refused.err);
    assert!(fs::read(&summary).expect("still there") == before);
    let page = directory.path().join("page.html").display().to_string();
    for _ in 0..2 {
        assert_eq!(run(["report", &results, "--out", &page]).code, Some(0), "a page may be made again");
    }
    // A page that the run itself did not write is none of the results that come out again.
    assert_eq!(run(["report", &results]).code, Some(0));
    let verified = run(["verify", &results]);
    assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
}
