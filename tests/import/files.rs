//! Files of profiles beside a scenario: what is imported can be used as it is.

use std::path::Path;

use tinsel::scenario::import::{ImportOptions, Kind};
use tinsel::scenario::{LoadOptions, Loaded, Origin, Rejected, load, render};

use super::{file, import};

const SCENARIO: &str = r#"[scenario]
name = "One kiosk with its own router"
first_day = 2019-11-29
last_day = 2019-11-29
profile_files = ["my-router.toml", "others/second.toml"]

[fleet.generate]
stores = 1
format = "kiosk"

[fleet.draw]
topology = "in-router"
profile = "mine"
"#;

const SECOND: &str = "[profiles.second]\nbased_on = \"mine\"\ndown = 7\n";

fn write(directory: &Path, scenario: &str, first: &str, second: &str) {
    std::fs::create_dir_all(directory.join("others")).expect("creatable");
    std::fs::write(directory.join("scenario.toml"), scenario).expect("writable");
    std::fs::write(directory.join("my-router.toml"), first).expect("writable");
    std::fs::write(directory.join("others/second.toml"), second).expect("writable");
}

/// The scenario with these files beside it.
fn loaded(scenario: &str, first: &str, second: &str) -> Result<Loaded, String> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    write(directory.path(), scenario, first, second);
    match load(&directory.path().join("scenario.toml"), &LoadOptions::default()) {
        Ok(loaded) => Ok(loaded),
        Err(Rejected::Invalid(problems)) => {
            Err(render(&problems, false).replace(&directory.path().display().to_string(), "."))
        }
        Err(error) => panic!("{error}"),
    }
}

fn mine() -> String {
    let options = ImportOptions {
        name: Some("mine".to_owned()),
        interface: Some("wan".to_owned()),
        ..ImportOptions::default()
    };
    import(Kind::Mwan3, "tests/import/mwan3.uci", &options).expect("a good configuration")
}

#[test]
fn an_imported_profile_runs_in_a_scenario() {
    let loaded = loaded(SCENARIO, &mine(), SECOND).expect("a good scenario");
    assert!(loaded.warnings.is_empty(), "{}", render(&loaded.warnings, false));
    let profile = &loaded.scenario.profiles[0];
    assert_eq!((profile.name.as_str(), loaded.scenario.profiles.len()), ("mine", 1));
    let inputs: Vec<&str> = loaded.inputs.iter().map(|input| input.path.as_str()).collect();
    assert_eq!(inputs[1..], ["my-router.toml", "others/second.toml"]);
    assert!(loaded.inputs.iter().all(|input| input.sha256.len() == 64));
    let down = loaded.origins.iter().find(|setting| setting.path == "profiles.mine.down").expect("listed");
    let Origin::File { file, line } = &down.origin else { panic!("{:?}", down.origin) };
    assert_eq!((file.as_str(), *line), ("my-router.toml", 15));
    assert!(
        !loaded.origins.iter().any(|setting| setting.path.starts_with("profiles.second.")),
        "nobody uses it"
    );
}

#[test]
fn the_scenario_wins_over_its_files_and_they_over_the_library() {
    let scenario = format!("{SCENARIO}\n[profiles.mine]\nup_delay = \"9 s\"\n");
    let profile = loaded(&scenario, &mine(), SECOND).expect("a good scenario").scenario.profiles.remove(0);
    assert_eq!(profile.up_delay, tinsel::units::Span::from_secs(9));
    assert!(profile.flush_flows, "the file's keys are still there");
    let scenario = SCENARIO.replace("\"mine\"", "\"digi-surelink\"");
    let first = "[profiles.digi-surelink]\nup_delay = \"8 s\"\n";
    let profile = loaded(&scenario, first, "").expect("a good scenario").scenario.profiles.remove(0);
    assert_eq!(profile.up_delay, tinsel::units::Span::from_secs(8));
    assert!(profile.detector.is_some(), "the library's keys are still there");
}

#[test]
fn problems_are_in_the_file_that_has_them() {
    let first =
        "[profiles.mine]\nbased_on = \"digi-surelink\"\ndonw = 3\ntimeout = 5\n\n[fleet]\nfile = \"a.csv\"\n";
    let second = "[profiles.mine]\nbased_on = \"bgp\"\n";
    let scenario = SCENARIO.replace("second.toml\"", "second.toml\", \"missing.toml\"");
    let problems = loaded(&scenario, first, second).expect_err("it is broken");
    for place in
        ["my-router.toml:3:1", "my-router.toml:4:11", "my-router.toml:6:2", "others/second.toml:1:11"]
    {
        assert!(problems.contains(place), "{place}:\n{problems}");
    }
    assert!(problems.contains("E001") && problems.contains("missing.toml cannot be read"), "{problems}");
    let problems = loaded(&SCENARIO.replace("[\"my-router.toml\", \"others/second.toml\"]", "\"a\""), "", "");
    assert!(problems.expect_err("it is no list").contains("expected a list of texts"));
    let problems = loaded(SCENARIO, "[profiles.mine\n", "").expect_err("it is not TOML");
    assert!(problems.contains("E002") && problems.contains("my-router.toml:1"), "{problems}");
}

#[test]
fn a_file_of_profiles_can_be_loaded_alone() {
    let shipped = file("assets/profiles/bgp.toml");
    let profiles = tinsel::scenario::load_profiles(&shipped).expect("it is shipped");
    assert_eq!(profiles.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["bgp"]);
    let missing = tinsel::scenario::load_profiles(Path::new("no-such-file.toml"));
    assert!(matches!(missing, Err(Rejected::Io { .. })));
    let scenario = tinsel::scenario::load_profiles(&file("scenarios/north-pole.toml"));
    assert!(matches!(scenario, Err(Rejected::Invalid(_))), "a scenario is no file of profiles");
}
