//! `tinsel verify`: results are what was written, and come out again.

use std::fs;
use std::path::Path;

use super::{Printed, entries, north_pole, place, run, shipped, tinsel};

fn verify(directory: &Path, more: &[&str]) -> Printed {
    let directory = directory.display().to_string();
    run(["verify", &directory].iter().chain(more))
}

#[test]
fn results_come_out_again() {
    let (directory, out) = place();
    assert_eq!(north_pole(&out, &["--set", "payments.timeout=40 s"]).code, Some(0));
    let printed = verify(&out, &[]);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    assert!(printed.out.starts_with("ok: all ") && printed.out.contains("byte for byte"), "{}", printed.out);
    assert_eq!(entries(directory.path()), ["run"], "nothing stays beside them");
    assert_eq!(verify(&out, &["--quiet", "--threads", "1"]).out, "");
}

#[test]
fn those_of_a_drill_and_of_a_part_too() {
    let (_directory, out) = place();
    let path = out.display().to_string();
    let at = ["--at", "2019-12-20 11:00 local", "--fault", "router", "--each-alone", "--quiet"];
    let drill = ["drill", "scenarios/north-pole.toml", "--replications", "1", "--out", &path];
    assert_eq!(run(drill.iter().chain(&at)).code, Some(0));
    assert_eq!(verify(&out, &[]).code, Some(0));
    assert_eq!(north_pole(&out, &["--shard-index", "0", "--shard-count", "2"]).code, Some(0));
    assert_eq!(verify(&out, &[]).code, Some(0));
}

#[test]
fn what_was_changed_afterwards_is_named() {
    let (_directory, out) = place();
    assert_eq!(north_pole(&out, &[]).code, Some(0));
    let stores = fs::read_to_string(out.join("stores.csv")).expect("written");
    fs::write(out.join("stores.csv"), stores + "one more line\n").expect("writable");
    fs::remove_file(out.join("cells.csv")).expect("written");
    for more in [&["--files-only"][..], &[]] {
        let printed = verify(&out, more);
        assert_eq!(printed.code, Some(6), "{}", printed.err);
        assert!(printed.out.contains("stores.csv: was changed after the run\n"), "{}", printed.out);
        assert!(printed.out.contains("cells.csv: cannot be read"), "{}", printed.out);
    }
}

/// Somebody has mended the manifest as well.
#[test]
fn what_does_not_come_out_again_is_told_by_line_and_column() {
    let (_directory, out) = place();
    assert_eq!(north_pole(&out, &[]).code, Some(0));
    let (stores, manifest) = (out.join("stores.csv"), out.join("manifest.json"));
    let text = fs::read_to_string(&stores).expect("written");
    let better = text.replacen("standard", "splendid", 1);
    let better = if better == text { text.replacen("0,", "1,", 1) } else { better };
    fs::write(&stores, &better).expect("writable");
    let digests = [text, better].map(|text| digest(text.as_bytes()));
    let written = fs::read_to_string(&manifest).expect("written");
    fs::write(&manifest, written.replace(&digests[0], &digests[1])).expect("writable");
    assert_eq!(verify(&out, &["--files-only"]).code, Some(0));
    let printed = verify(&out, &[]);
    assert_eq!(printed.code, Some(6));
    assert!(printed.out.starts_with("stores.csv: line 2, column "), "{}", printed.out);
    assert!(printed.err.starts_with("error: 1 difference"), "{}", printed.err);
}

#[test]
fn a_scenario_that_has_changed_or_moved_is_told_before_anything_is_run() {
    let (directory, out) = place();
    let scenario = directory.path().join("mine.toml");
    fs::copy(shipped("scenarios/north-pole.toml"), &scenario).expect("copied");
    fs::create_dir(directory.path().join("data")).expect("creatable");
    let fleet = directory.path().join("data/north_pole.csv");
    fs::copy(shipped("scenarios/data/north_pole.csv"), &fleet).expect("copied");
    let mut command = tinsel(["run", "mine.toml", "--replications", "1", "--no-charts", "--out", "run"]);
    assert!(command.current_dir(directory.path()).output().expect("the command starts").status.success());
    let printed = verify(&out, &[]);
    assert_eq!(printed.code, Some(1));
    assert!(printed.err.contains("`mine.toml`") && printed.err.contains("--from"), "{}", printed.err);
    let from = directory.path().display().to_string();
    assert_eq!(verify(&out, &["--from", &from]).code, Some(0));
    let text = fs::read_to_string(&scenario).expect("written");
    fs::write(&scenario, text + "\n# a remark\n").expect("writable");
    let printed = verify(&out, &["--from", &from]);
    assert_eq!(printed.code, Some(6));
    assert!(printed.err.contains("`mine.toml` is not what the results were made from"), "{}", printed.err);
}

#[test]
fn what_tinsel_did_not_make_cannot_be_verified() {
    let (_directory, out) = place();
    fs::create_dir(&out).expect("creatable");
    assert_eq!(verify(&out, &[]).code, Some(1));
    fs::write(out.join("manifest.json"), "{\"name\": \"a web page\"}").expect("writable");
    let printed = verify(&out, &[]);
    assert_eq!(printed.code, Some(1));
    assert!(printed.err.contains("tinsel did not write it"), "{}", printed.err);
}

fn digest(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
