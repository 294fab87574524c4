//! Ctrl-C and termination: at once, with the shell's exit code, and as if the run had never begun.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::{TINSEL, entries, north_pole, place, root};

/// How often to look whether something has happened, and how often before giving up (a minute).
const GLANCE: Duration = Duration::from_millis(2);
const GLANCES_MAX: u32 = 30_000;

fn start(arguments: &[&str], out: &Path) -> Child {
    let mut command = Command::new(TINSEL);
    command.args(arguments).arg("--out").arg(out).current_dir(root());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts")
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
    assert!(sent.expect("`kill` is part of every Unix").success());
}

/// Waits until a hidden directory in `directory` holds `file`, or exists at all if that is empty.
fn wait_for_partial(directory: &Path, file: &str) {
    for _ in 0..GLANCES_MAX {
        let partial = entries(directory).into_iter().find(|name| name.ends_with(".partial"));
        if partial.is_some_and(|partial| directory.join(partial).join(file).exists()) {
            return;
        }
        sleep(GLANCE);
    }
    panic!("no partial results after a minute");
}

#[test]
fn a_signal_during_the_simulation_leaves_the_old_results_and_no_trace() {
    let (directory, out) = place();
    assert_eq!(north_pole(&out, &[]).code, Some(0));
    let old = fs::read(out.join("manifest.json")).expect("results");
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        // Far longer than this test, if nobody stopped it.
        let child = start(&["run", "scenarios/black-friday-2019.toml", "--replications", "50"], &out);
        wait_for_partial(directory.path(), "");
        sleep(Duration::from_millis(300));
        signal(&child, name);
        let printed = super::printed(&child.wait_with_output().expect("it ends"));
        assert_eq!((printed.code, printed.out.as_str()), (Some(code), ""), "{}", printed.err);
        assert_eq!(printed.err, "interrupted: nothing was written\n");
        assert_eq!(entries(directory.path()), ["run"]);
        assert_eq!(old, fs::read(out.join("manifest.json")).expect("results"));
    }
}

/// All or nothing: whether the signal comes just before or just after the results are put in their place.
#[test]
fn a_signal_while_files_are_written_leaves_old_results_or_new_ones_and_no_trace() {
    let (directory, out) = place();
    assert_eq!(north_pole(&out, &[]).code, Some(0));
    let old = fs::read(out.join("manifest.json")).expect("results");
    let mut stopped = 0;
    for _ in 0..3 {
        // With charts, so that writing takes a while.
        let child = start(&["run", "scenarios/north-pole.toml", "--replications", "20", "--seed", "1"], &out);
        wait_for_partial(directory.path(), "stores.csv");
        signal(&child, "INT");
        let printed = super::printed(&child.wait_with_output().expect("it ends"));
        assert_eq!(entries(directory.path()), ["run"]);
        let now = fs::read(out.join("manifest.json")).expect("results");
        match printed.code {
            Some(130) => {
                stopped += 1;
                assert_eq!((printed.out.as_str(), now == old), ("", true));
            }
            // The signal came when the results were in their place already.
            Some(0) => return assert_ne!(now, old),
            code => panic!("{code:?}: {}", printed.err),
        }
    }
    assert!(stopped > 0);
}
