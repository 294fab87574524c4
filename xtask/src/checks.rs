//! The checks, in the order in which they are cheap to fail.

use std::path::{Path, PathBuf};

use crate::browser;
use crate::dist;
use crate::notebooks::{self, Ready};
use crate::step::{Failure, Step};
use crate::tables;

/// How much to check.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Everything,
    /// What needs nothing but Rust.
    WithoutNotebooks,
    /// Only the notebooks.
    NotebooksOnly,
    /// Only that others can read the tables.
    TablesOnly,
    /// Only the report page in a browser.
    BrowserOnly,
}

/// The scenario whose results the notebooks are run on: a day that simulates in under a second.
const NOTEBOOK_SCENARIO: &str = "scenarios/north-pole.toml";

/// Runs the checks of `extent` in `root`, and stops at the first failure.
pub fn run(root: &Path, extent: Extent) -> Result<(), Failure> {
    if matches!(extent, Extent::Everything | Extent::WithoutNotebooks) {
        for step in rust_steps(root) {
            step.run()?;
        }
    }
    let python = |checks: &[Check]| check_with_python(root, checks);
    let mut skipped = Vec::new();
    match extent {
        Extent::WithoutNotebooks => {}
        Extent::Everything => {
            skipped.extend(
                python(&[dist::lint, tables::check, check_notebooks])?.map(|why| ("TABLES, NOTEBOOKS", why)),
            );
            skipped.extend(browser::check(root)?.map(|why| ("THE REPORT PAGE IN A BROWSER", why)));
            check_installed(root)?;
        }
        Extent::NotebooksOnly => skipped.extend(python(&[check_notebooks])?.map(|why| ("NOTEBOOKS", why))),
        Extent::TablesOnly => skipped.extend(python(&[tables::check])?.map(|why| ("TABLES", why))),
        Extent::BrowserOnly => {
            skipped.extend(browser::check(root)?.map(|why| ("THE REPORT PAGE IN A BROWSER", why)));
        }
    }
    if extent == Extent::WithoutNotebooks {
        println!(
            "\nxtask: every check that ran is good; tables, notebooks, browser and install were not asked for (--fast)"
        );
    } else if skipped.is_empty() {
        println!("\nxtask: every check is good");
    } else {
        println!("\nxtask: every check that ran is good");
        for (what, why) in skipped {
            println!("xtask: {what} WERE SKIPPED: {why}");
        }
    }
    Ok(())
}

fn rust_steps(root: &Path) -> [Step; 4] {
    let cargo = |name: &str, arguments: &[&str]| Step::cargo(name, root).arguments(arguments);
    [
        cargo("format", &["fmt", "--all", "--check"]),
        cargo("clippy", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        cargo("tests", &["test", "--workspace"]),
        cargo("docs", &["doc", "--workspace", "--no-deps"]).variable("RUSTDOCFLAGS", "-D warnings"),
    ]
}

/// A check in the repository's root with that Python.
type Check = fn(&Path, &Path) -> Result<(), Failure>;

/// Runs `checks` with the project's Python; the reason, if they had to be skipped.
fn check_with_python(root: &Path, checks: &[Check]) -> Result<Option<String>, Failure> {
    let python = match notebooks::prepare(root, must_not_skip())? {
        Ready::Python(python) => python,
        Ready::Missing(why) => {
            eprintln!("\n== tables, notebooks: SKIPPED: {why}");
            return Ok(Some(why));
        }
    };
    checks.iter().try_for_each(|check| check(root, &python))?;
    Ok(None)
}

/// Runs the notebooks on fresh results.
fn check_notebooks(root: &Path, python: &Path) -> Result<(), Failure> {
    let folder = target_directory(root).join("notebooks");
    let results = folder.join("results").join("north-pole");
    Step::cargo("results for the notebooks", root)
        .arguments(["run", "--release", "--quiet", "--", "run", NOTEBOOK_SCENARIO, "--force", "--out"])
        .arguments([&results])
        .run()?;
    Step::new("Python in the documentation", python, root)
        .arguments(["tests/tables/questions.py", "docs/questions.md"])
        .arguments([&folder])
        .run()?;
    Step::new("notebooks", python, root)
        // Neither a cache nor the user's own pytest and Jupyter settings may decide what happens.
        .arguments([
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "--nbmake",
            "--nbmake-timeout=300",
            "notebooks/",
        ])
        .variable("TINSEL_RESULTS", results)
        .run()
}

/// Installs the command as whoever has Rust does, and tries it. It is the release build that the checks before it made.
fn check_installed(root: &Path) -> Result<(), Failure> {
    let place = target_directory(root).join("installed");
    Step::cargo("install", root)
        .arguments(["install", "--locked", "--quiet", "--force", "--path", ".", "--root"])
        .arguments([&place])
        .arguments(["--target-dir"])
        .arguments([target_directory(root)])
        .run()?;
    let program = format!("tinsel{}", std::env::consts::EXE_SUFFIX);
    Step::new("installed", place.join("bin").join(program), root)
        .arguments(["check", NOTEBOOK_SCENARIO])
        .run()
}

/// Whether this is CI, where a skipped check would be a check nobody ever runs.
pub fn must_not_skip() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true" || value == "1")
}

/// Where cargo puts what it builds.
pub fn target_directory(root: &Path) -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => root.join(directory),
        None => root.join("target"),
    }
}
