//! `tinsel profiles import`: what it prints, writes and refuses.

use super::{assert_golden, place, run};

const MWAN3: &str = "tests/import/mwan3.uci";

#[test]
fn a_profile_is_printed() {
    let printed = run(["profiles", "import", "mwan3", MWAN3, "--interface", "wan", "--name", "store-router"]);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    let typed = format!("$ tinsel profiles import mwan3 {MWAN3} --interface wan --name store-router\n");
    assert_golden("tests/golden/cli/profiles-import.txt", &(typed + &printed.out));
}

#[test]
fn a_bad_configuration_is_3_with_all_problems() {
    let printed = run(["profiles", "import", "mwan3", "tests/import/broken/mwan3-everything.uci"]);
    assert_eq!((printed.code, printed.out.as_str()), (Some(3), ""));
    assert!(printed.err.matches("error[").count() > 5, "{}", printed.err);
    let printed = run(["profiles", "import", "mwan3", MWAN3]);
    assert_eq!(printed.code, Some(3));
    assert!(printed.err.contains("wan, wwan") && printed.err.contains("--interface NAME"), "{}", printed.err);
    let (_directory, out) = place();
    std::fs::write(&out, b"config interface '\xff'\n").expect("writable");
    let printed = run(["profiles", "import", "mwan3", &out.display().to_string()]);
    assert_eq!(printed.code, Some(3));
    assert!(printed.err.contains("not UTF-8"), "{}", printed.err);
}

#[test]
fn files_are_read_written_and_not_overwritten() {
    let (_directory, out) = place();
    let out_text = out.display().to_string();
    let arguments = ["profiles", "import", "dpinger", "tests/import/dpinger.cmd", "--out", &out_text];
    let printed = run(arguments);
    assert_eq!((printed.code, printed.out.as_str(), printed.err.as_str()), (Some(0), "", ""));
    let written = std::fs::read_to_string(&out).expect("it was written");
    assert!(written.starts_with("[profiles.dpinger]"), "{written}");
    std::fs::write(&out, "mine").expect("writable");
    let printed = run(arguments);
    assert_eq!(printed.code, Some(1));
    assert!(printed.err.contains("it exists; --force replaces it"), "{}", printed.err);
    assert_eq!(std::fs::read_to_string(&out).expect("readable"), "mine");
    assert_eq!(run(arguments.iter().chain(&["--force"])).code, Some(0));
    assert_eq!(std::fs::read_to_string(&out).expect("readable"), written);
    let printed = run(["profiles", "import", "dpinger", "no/such/file"]);
    assert_eq!((printed.code, printed.out.as_str()), (Some(1), ""));
    assert!(
        printed.err.starts_with("error: failed to read the configuration `no/such/file`"),
        "{}",
        printed.err
    );
}

#[test]
fn wrong_usage_is_2() {
    let wrong: [&[&str]; 5] = [
        &["router", MWAN3],
        &["mwan3"],
        &["mwan3", MWAN3, "--track", "1"],
        &["keepalived", "tests/import/keepalived.conf", "--peer-priority", "0"],
        &["mwan3", MWAN3, "--force"],
    ];
    for arguments in wrong {
        let printed = run(["profiles", "import"].iter().chain(arguments));
        assert_eq!((printed.code, printed.out.as_str()), (Some(2), ""), "{arguments:?}");
    }
}
