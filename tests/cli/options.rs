//! What options do.

use std::fs;

use serde_json::Value;

use super::{north_pole, place, run, tinsel};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn json_prints_the_summary_and_nothing_else() {
    let (_directory, out) = place();
    let printed = north_pole(&out, &["--json"]);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    let written = fs::read_to_string(out.join("summary.json")).expect("results");
    assert_eq!(json(&printed.out), json(&written));
}

#[test]
fn quiet_prints_nothing() {
    let (_directory, out) = place();
    for option in ["--quiet", "-q"] {
        let printed = north_pole(&out, &[option]);
        assert_eq!((printed.code, printed.out.as_str(), printed.err.as_str()), (Some(0), "", ""));
    }
}

#[test]
fn quiet_still_says_what_is_wrong() {
    let (_directory, out) = place();
    let printed = north_pole(&out, &["--quiet", "--set", "payments.timeout=\"never\""]);
    assert_eq!(printed.code, Some(3));
    assert!(printed.err.contains("payments.timeout"), "{}", printed.err);
}

#[test]
fn seed_and_replications_replace_the_files() {
    let (_directory, out) = place();
    assert_eq!(north_pole(&out, &["--seed", "18446744073709551615"]).code, Some(0));
    let manifest = json(&fs::read_to_string(out.join("manifest.json")).expect("results"));
    assert_eq!(manifest["seed"], u64::MAX);
    assert_eq!(manifest["replications"], 1);
    let stores = fs::read_to_string(out.join("stores.csv")).expect("results");
    assert!(stores.lines().skip(1).all(|line| line.starts_with("0,")));
}

#[test]
fn threads_change_no_byte() {
    let (_directory, out) = place();
    let files = |threads: &str| {
        assert_eq!(north_pole(&out, &["--threads", threads, "--quiet"]).code, Some(0));
        let info = json(&fs::read_to_string(out.join("run-info.json")).expect("results"));
        assert_eq!(info["threads"].to_string(), threads);
        ["stores.csv", "incidents.csv", "summary.json", "manifest.json"]
            .map(|file| fs::read(out.join(file)).expect("results"))
    };
    assert_eq!(files("1"), files("3"));
}

#[test]
fn both_grids_change_no_byte() {
    let (_directory, out) = place();
    let manifest = |grid: &str| {
        assert_eq!(north_pole(&out, &["--grid", grid, "--quiet"]).code, Some(0));
        fs::read_to_string(out.join("manifest.json")).expect("results")
    };
    assert_eq!(manifest("skip"), manifest("every"), "it holds the digest of every other file");
}

#[test]
fn set_changes_a_setting_and_the_manifest_says_so() {
    let (_directory, out) = place();
    let set = ["--set", "payments.timeout=\"45 s\"", "--set", "formats.toy_shop.lanes=3"];
    assert_eq!(north_pole(&out, &set).code, Some(0));
    let manifest = json(&fs::read_to_string(out.join("manifest.json")).expect("results"));
    let settings = manifest["settings"].as_array().expect("a list");
    let setting = |path: &str| settings.iter().find(|setting| setting["path"] == path).expect("the setting");
    let origin = setting("payments.timeout")["origin"].as_str().expect("text");
    assert!(origin.contains("command line"), "{origin}");
    assert_eq!(setting("payments.timeout")["value"], "45 s");
    let printed = run(["check", "scenarios/north-pole.toml", "--set", "payments.tiemout=\"45 s\""]);
    assert_eq!(printed.code, Some(3));
    assert!(printed.err.contains("timeout"), "did you mean: {}", printed.err);
}

#[test]
fn show_resolved_lists_every_setting_with_its_origin() {
    let printed = run(["check", "scenarios/north-pole.toml", "--show-resolved"]);
    assert_eq!(printed.code, Some(0));
    let line = |path: &str| {
        let mut lines = printed.out.lines();
        lines
            .find(|line| line.split_whitespace().next() == Some(path))
            .unwrap_or_else(|| panic!("{path} is listed"))
    };
    assert!(line("payments.timeout").contains("default"), "{}", line("payments.timeout"));
    assert!(line("scenario.seed").contains("north-pole.toml"), "{}", line("scenario.seed"));
    assert!(printed.out.lines().all(|line| line.contains(" = ") && line.contains("  # ")));
}

#[test]
fn schema_prints_the_committed_schema() {
    let committed =
        fs::read_to_string(super::root().join("schemas/scenario.schema.json")).expect("the schema");
    assert_eq!(json(&run(["schema"]).out), json(&committed));
}

/// Colours are for terminals, and never under `NO_COLOR`. `script` makes a terminal.
#[cfg(target_os = "linux")]
#[test]
fn no_color_means_no_colour_even_on_a_terminal() {
    let typed = format!("{} check tests/broken/02-misspelt-key.toml", super::TINSEL);
    let on_a_terminal = |no_color: Option<&str>| {
        let mut command = assert_cmd::Command::new("script");
        command.args(["-qec", &typed, "/dev/null"]).current_dir(super::root()).env_remove("NO_COLOR");
        if let Some(value) = no_color {
            command.env("NO_COLOR", value);
        }
        super::printed(&command.output().expect("`script` of bsdutils is part of every Debian")).out
    };
    assert!(on_a_terminal(None).contains('\u{1b}'));
    assert!(on_a_terminal(Some("")).contains('\u{1b}'), "an empty NO_COLOR is none (no-color.org)");
    let plain = on_a_terminal(Some("1"));
    assert!(plain.contains("error") && !plain.contains('\u{1b}'), "{plain:?}");
    let piped = tinsel(["check", "tests/broken/02-misspelt-key.toml"]).output().expect("the command starts");
    assert!(!super::printed(&piped).err.contains('\u{1b}'));
}
