//! Opens report pages in a headless Chromium: `tests/browser/report.mjs` says what must work.
//!
//! Chromium, Node and npm come from Debian's packages where they may be installed, Playwright's core from npm, pinned in
//! `tests/browser/package-lock.json`; it drives the system's browser and downloads none.

use std::path::{Path, PathBuf};

use crate::checks::{must_not_skip, target_directory};
use crate::notebooks::{can_install_debian_packages, install_debian_packages};
use crate::step::{Failure, Step};

/// Runs whose pages are opened: their folders' names and arguments.
const RUNS: [(&str, &[&str]); 8] = [
    ("flagship", &["run", "scenarios/black-friday-2019.toml", "--no-charts"]),
    ("hostile", &["run", "tests/hostile/scenario.toml", "--no-charts"]),
    ("ten-thousand", &["run", "scenarios/lab/detection.toml", "--replications", "1", "--no-charts"]),
    (
        "drill",
        &[
            "drill",
            "scenarios/north-pole.toml",
            "--together",
            "--fault",
            "primary-blackhole",
            "--at",
            "2019-12-20 11:00",
        ],
    ),
    (
        "mall",
        &[
            "run",
            "scenarios/packed-mall.toml",
            "--no-charts",
            "--replications",
            "2",
            "--set",
            "scenario.cell_timeline=true",
        ],
    ),
    (
        "sizing",
        &[
            "size",
            "scenarios/sizing.toml",
            "--set",
            "sizing.draws=6",
            "--set",
            "sizing.verify_replications=20",
        ],
    ),
    ("comparison", &["compare", "scenarios/north-pole.toml", "--set-b", "payments.retries=0"]),
    (
        "uncertainty",
        &[
            "uncertainty",
            "scenarios/sizing.toml",
            "--replications",
            "4",
            "--samples",
            "8",
            "--target",
            "<= $5000",
        ],
    ),
];

/// Programs that are needed, and the Debian packages that have them.
const NEEDED: [(&str, &str); 3] = [("chromium", "chromium"), ("node", "nodejs"), ("npm", "npm")];

/// Opens the pages; the reason, if that had to be skipped.
pub fn check(root: &Path) -> Result<Option<String>, Failure> {
    if let Some(why) = missing(root)? {
        let remedy = "install them (Debian: apt-get install chromium nodejs npm)".to_owned();
        if must_not_skip() {
            return Err(Failure { what: format!("the report page cannot be opened: {why}"), remedy });
        }
        eprintln!("\n== browser: SKIPPED: {why}; {remedy}");
        return Ok(Some(why));
    }
    let folder = target_directory(root).join("browser");
    let tests = root.join("tests").join("browser");
    Step::new("browser driver", "npm", &tests)
        .arguments(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .run()?;
    for (name, arguments) in RUNS {
        Step::cargo("results for the browser", root)
            .arguments(["run", "--release", "--quiet", "--"])
            .arguments(arguments)
            .arguments(["--quiet", "--force", "--out"])
            .arguments([folder.join(name)])
            .run()?;
    }
    let page = |name: &str| -> PathBuf { folder.join(name).join("report.html") };
    Step::new("browser", "node", root)
        .arguments(["tests/browser/report.mjs", "--shots"])
        .arguments([folder.join("shots")])
        .arguments(RUNS.map(|(name, _)| format!("{name}={}", page(name).display())))
        .run()?;
    Ok(None)
}

/// What is still missing after installing what may be installed.
fn missing(root: &Path) -> Result<Option<String>, Failure> {
    let lacking = || -> Vec<(&str, &str)> {
        let is_there =
            |program: &str| Step::new("", program, root).arguments(["--version"]).output().is_some();
        NEEDED.into_iter().filter(|(program, _)| !is_there(program)).collect()
    };
    let mut list = lacking();
    if !list.is_empty() && can_install_debian_packages(root) {
        let packages: Vec<&str> = list.iter().map(|(_, package)| *package).collect();
        install_debian_packages(root, &packages)?;
        list = lacking();
    }
    let programs: Vec<&str> = list.iter().map(|(program, _)| *program).collect();
    Ok((!programs.is_empty()).then(|| format!("there is no {}", programs.join(", no "))))
}
