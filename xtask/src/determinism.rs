//! `cargo xtask determinism`: the same bytes from every build and every way to run it.
//!
//! The binary is built four ways: debug; release; release for this machine's own processor; and release together
//! with a benchmark, so that dev-dependencies are in the build and switch on features that a plain build does not have. Each build runs
//! each scenario; the release build also runs it on other numbers of threads and with every grid instant visited.
//! Every file of the results but `run-info.json` is compared by SHA-256 with the release build's.
//!
//! Not part of `cargo xtask test`: four builds take minutes. `tests/determinism` covers there what one build can show.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::step::{Failure, Step};

/// How much to run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The small scenarios.
    Usual,
    /// The flagship too.
    Full,
}

/// The one file that says how results were computed, and may differ.
const RUN_INFO: &str = "run-info.json";

/// A way to build the binary. Each has its own target directory, for they would overwrite each other.
struct Build {
    name: &'static str,
    arguments: &'static [&'static str],
    rustflags: Option<&'static str>,
    profile_directory: &'static str,
}

/// All ways to build it; the first is what the others are compared with.
const BUILDS: [Build; 4] = [
    Build {
        name: "release",
        arguments: &["--release", "--package", "tinsel", "--bin", "tinsel"],
        rustflags: None,
        profile_directory: "release",
    },
    Build {
        name: "debug",
        arguments: &["--package", "tinsel", "--bin", "tinsel"],
        rustflags: None,
        profile_directory: "debug",
    },
    Build {
        name: "native",
        arguments: &["--release", "--package", "tinsel", "--bin", "tinsel"],
        rustflags: Some("-C target-cpu=native"),
        profile_directory: "release",
    },
    Build {
        name: "with-dev",
        // One benchmark is enough to bring all dev-dependencies, and with them their features, into the build.
        arguments: &["--release", "--package", "tinsel", "--bin", "tinsel", "--bench", "draws"],
        rustflags: None,
        profile_directory: "release",
    },
];

/// Ways in which the release build runs every scenario again.
const EXECUTIONS: [(&str, &[&str]); 4] = [
    ("1 thread", &["--threads", "1"]),
    ("3 threads", &["--threads", "3"]),
    ("8 threads", &["--threads", "8"]),
    ("grid every", &["--grid", "every"]),
];

/// A scenario and what keeps it short.
struct Case {
    scenario: &'static str,
    arguments: &'static [&'static str],
    /// Whether visiting every grid instant takes seconds and not hours.
    every_grid_instant: bool,
}

const CASES: [Case; 4] = [
    Case { scenario: "scenarios/north-pole.toml", arguments: &[], every_grid_instant: true },
    Case {
        scenario: "scenarios/small-chain.toml",
        arguments: &["--replications", "2"],
        every_grid_instant: true,
    },
    Case { scenario: "scenarios/lab/mall-storm.toml", arguments: &[], every_grid_instant: true },
    Case { scenario: "scenarios/black-friday-2019.toml", arguments: &[], every_grid_instant: false },
];

/// SHA-256 of every file of a results directory, by path below it.
type Digests = BTreeMap<String, String>;

/// One line of the closing table.
struct Comparison {
    scenario: &'static str,
    way: String,
    files: usize,
    digest: String,
    /// Files that differ from the reference.
    different: Vec<String>,
}

/// Builds, runs and compares; prints a table; fails on a difference.
pub fn run(root: &Path, extent: Extent) -> Result<(), Failure> {
    let scratch = crate::checks::target_directory(root).join("determinism");
    let mut binaries = Vec::new();
    for build in &BUILDS {
        binaries.push((build.name, build.binary(root, &scratch)?));
    }
    let cases = match extent {
        Extent::Usual => &CASES[..CASES.len() - 1],
        Extent::Full => &CASES[..],
    };
    let mut comparisons = Vec::new();
    for case in cases {
        compare(root, &scratch, case, &binaries, &mut comparisons)?;
    }
    print_table(&comparisons);
    let different: Vec<&Comparison> = comparisons.iter().filter(|line| !line.different.is_empty()).collect();
    if different.is_empty() {
        println!("\nxtask: the same bytes, every way");
        return Ok(());
    }
    let ways: Vec<String> = different
        .iter()
        .map(|line| format!("{} of {} ({})", line.different.join(", "), line.scenario, line.way))
        .collect();
    Err(Failure {
        what: format!("results differ: {}", ways.join("; ")),
        remedy: format!("the results of all runs are in {}", scratch.join("results").display()),
    })
}

impl Build {
    /// Builds it; where the binary is.
    fn binary(&self, root: &Path, scratch: &Path) -> Result<PathBuf, Failure> {
        let target = scratch.join(self.name);
        let mut step = Step::cargo(&format!("build {}", self.name), root)
            .arguments(["build", "--quiet"])
            .arguments(self.arguments)
            .arguments(["--target-dir".as_ref(), target.as_os_str()]);
        // Also when it is empty: flags of the caller's environment would make the builds alike.
        step = step.variable("RUSTFLAGS", self.rustflags.unwrap_or_default());
        step.run()?;
        Ok(target.join(self.profile_directory).join(format!("tinsel{}", std::env::consts::EXE_SUFFIX)))
    }
}

/// Runs `case` every way and adds a line for each.
fn compare(
    root: &Path,
    scratch: &Path,
    case: &Case,
    binaries: &[(&'static str, PathBuf)],
    comparisons: &mut Vec<Comparison>,
) -> Result<(), Failure> {
    let mut ways: Vec<(String, &Path, &[&str])> =
        binaries.iter().map(|(name, binary)| ((*name).to_owned(), binary.as_path(), &[][..])).collect();
    let (release, binary, _) = ways[0].clone();
    for (name, arguments) in EXECUTIONS {
        if case.every_grid_instant || !arguments.contains(&"every") {
            ways.push((format!("{release}, {name}"), binary, arguments));
        }
    }
    let mut reference: Option<Digests> = None;
    for (way, binary, arguments) in ways {
        let stem = Path::new(case.scenario).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let results = scratch.join("results").join(stem).join(way.replace([',', ' '], "-"));
        Step::new(&format!("{} ({way})", case.scenario), binary, root)
            .arguments(["run", case.scenario, "--quiet", "--force", "--out"])
            .arguments([&results])
            .arguments(case.arguments)
            .arguments(arguments)
            .run()?;
        let digests = digests(&results)?;
        let expected = reference.get_or_insert_with(|| digests.clone());
        comparisons.push(Comparison {
            scenario: case.scenario,
            way,
            files: digests.len(),
            digest: of_all(&digests),
            different: differences(expected, &digests),
        });
    }
    Ok(())
}

/// Names of files that only one side has, or whose digests differ.
fn differences(expected: &Digests, actual: &Digests) -> Vec<String> {
    let names = expected.keys().chain(actual.keys().filter(|name| !expected.contains_key(*name)));
    names.filter(|name| expected.get(*name) != actual.get(*name)).cloned().collect()
}

/// One digest for a whole directory: of the list of names and digests, as `sha256sum` would print it.
fn of_all(digests: &Digests) -> String {
    let list: String = digests.iter().map(|(name, digest)| format!("{digest}  {name}\n")).collect();
    hexadecimal(list.as_bytes())
}

fn digests(directory: &Path) -> Result<Digests, Failure> {
    let mut digests = Digests::new();
    let mut left = vec![directory.to_path_buf()];
    while let Some(folder) = left.pop() {
        let unreadable = |error: std::io::Error| Failure {
            what: format!("failed to read the results in {}: {error}", folder.display()),
            remedy: "run it again".to_owned(),
        };
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.is_dir() {
                left.push(path);
                continue;
            }
            let below = path.strip_prefix(directory).unwrap_or(&path);
            let name = below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            if name != RUN_INFO {
                digests.insert(name, hexadecimal(&fs::read(&path).map_err(unreadable)?));
            }
        }
    }
    Ok(digests)
}

fn hexadecimal(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn print_table(comparisons: &[Comparison]) {
    println!(
        "\n{:34} {:20} {:>5}  {:16}  verdict",
        "scenario", "build and execution", "files", "SHA-256 of all"
    );
    for line in comparisons {
        let verdict = match line.different.as_slice() {
            [] => "same".to_owned(),
            files => format!("DIFFERS in {}", files.join(", ")),
        };
        let Comparison { scenario, way, files, digest, .. } = line;
        println!("{scenario:34} {way:20} {files:>5}  {:16}  {verdict}", &digest[..16]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named_and_run_info_is_left_out() {
        let root = std::env::temp_dir().join(format!("xtask-determinism-{}", std::process::id()));
        let [left, right] = ["left", "right"].map(|name| root.join(name));
        for (directory, stores) in [(&left, "a,b\n"), (&right, "a,c\n")] {
            fs::create_dir_all(directory.join("charts")).unwrap();
            fs::write(directory.join("stores.csv"), stores).unwrap();
            fs::write(directory.join("charts/demand.svg"), "<svg/>").unwrap();
            fs::write(directory.join(RUN_INFO), stores).unwrap();
        }
        fs::write(right.join("extra.csv"), "").unwrap();
        let (one, other) = (digests(&left).unwrap(), digests(&right).unwrap());
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(one.keys().collect::<Vec<_>>(), ["charts/demand.svg", "stores.csv"]);
        assert_eq!(differences(&one, &one), [""; 0]);
        assert_eq!(differences(&one, &other), ["stores.csv", "extra.csv"]);
        assert_eq!(differences(&other, &one), ["extra.csv", "stores.csv"]);
        assert_ne!(of_all(&one), of_all(&other));
        assert_eq!(hexadecimal(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
