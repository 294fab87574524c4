//! Exit codes: an interface for scripts (`docs/exit-codes.md`).

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use super::{TINSEL, north_pole, place, root, run, shipped};

#[test]
fn success_is_0() {
    let (_directory, out) = place();
    assert_eq!(north_pole(&out, &[]).code, Some(0));
    assert_eq!(run(["check", "scenarios/north-pole.toml"]).code, Some(0));
    assert_eq!(run(["schema"]).code, Some(0));
}

#[test]
fn files_that_cannot_be_read_are_1() {
    for (scenario, reason) in [("no/such/scenario.toml", "No such file"), ("scenarios", "directory")] {
        for command in ["run", "check"] {
            let printed = run([command, scenario]);
            assert_eq!((printed.code, printed.out.as_str()), (Some(1), ""), "{command} {scenario}");
            assert!(printed.err.starts_with("error: failed to read the scenario"), "{}", printed.err);
            assert!(printed.err.contains(scenario) && printed.err.contains(reason), "{}", printed.err);
        }
    }
}

#[test]
fn wrong_usage_is_2() {
    let wrong: [&[&str]; 8] = [
        &[],
        &["simulate"],
        &["run"],
        &["run", "scenarios/north-pole.toml", "--sed", "1"],
        &["run", "scenarios/north-pole.toml", "--seed", "-1"],
        &["run", "scenarios/north-pole.toml", "--replications", "0"],
        &["run", "scenarios/north-pole.toml", "--threads", "0"],
        &["run", "scenarios/north-pole.toml", "--json", "--quiet"],
    ];
    for arguments in wrong {
        let printed = run(arguments);
        assert_eq!((printed.code, printed.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(printed.err.contains("Usage:") || printed.err.contains("--help"), "{}", printed.err);
    }
    assert!(run(["run", "x.toml", "--sed", "1"]).err.contains("--seed"), "it says what may have been meant");
}

#[test]
fn a_rejected_scenario_is_3_with_all_diagnostics_on_standard_error() {
    for command in ["run", "check"] {
        let printed = run([command, "tests/broken/39-everything-at-once.toml"]);
        assert_eq!((printed.code, printed.out.as_str()), (Some(3), ""), "{command}");
        let problems = printed.err.matches("error[").count();
        assert!(problems >= 5, "{problems} problems:\n{}", printed.err);
        assert!(!printed.err.contains('\u{1b}'), "no colours where nobody has eyes");
    }
}

/// `tinsel … | head -1`: the reader has seen what it wanted.
#[test]
fn a_closed_pipe_is_0() {
    let (_directory, out) = place();
    let out = out.display().to_string();
    let commands: [&[&str]; 6] = [
        &["schema"],
        &["profiles"],
        &["profiles", "tune", "fortinet-sdwan", "--json"],
        &["check", "scenarios/black-friday-2019.toml", "--show-resolved"],
        &["run", "scenarios/north-pole.toml", "--no-charts", "--out", &out],
        &["run", "scenarios/north-pole.toml", "--no-charts", "--json", "--out", &out],
    ];
    for arguments in commands {
        let mut command = Command::new(TINSEL);
        command.args(arguments).current_dir(root()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Gone before the first word.
        let mut child = command.spawn().expect("the command starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(output.stderr.is_empty(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        // Gone after the first line.
        let mut child = command.spawn().expect("the command starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        assert!(!line.is_empty());
        assert_eq!(child.wait().expect("it ends").code(), Some(0), "{arguments:?}");
    }
}

/// `tinsel … 2>&1 | head -1`: complaints that nobody reads do not change the exit code.
#[test]
fn a_closed_standard_error_does_not_change_the_code() {
    let broken = shipped("tests/broken/39-everything-at-once.toml");
    for (arguments, code) in [(["check", broken.as_str()], 3), (["check", "no-such-file.toml"], 1)] {
        let mut command = Command::new(TINSEL);
        let mut child = command.args(arguments).stderr(Stdio::piped()).spawn().expect("the command starts");
        drop(child.stderr.take());
        assert_eq!(child.wait().expect("it ends").code(), Some(code));
    }
}
