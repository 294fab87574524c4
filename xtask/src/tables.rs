//! Whether DuckDB, polars and pandas read every table, and get the same from CSV and Parquet.

use std::path::Path;

use crate::checks::target_directory;
use crate::step::{Failure, Step};

const FORMATS: &str = "csv,parquet";

/// Runs that together write every table, one of them of names that nobody would choose: their folders' names and arguments.
const RUNS: [(&str, &[&str]); 3] = [
    ("hostile", &["run", "tests/hostile/scenario.toml", "--replications", "4", "--no-charts"]),
    ("north-pole", &["run", "scenarios/north-pole.toml", "--no-charts"]),
    (
        "drill",
        &[
            "drill",
            "tests/hostile/scenario.toml",
            "--replications",
            "2",
            "--together",
            "--fault",
            "primary-blackhole",
            "--at",
            "2019-11-29 14:00",
        ],
    ),
];

/// Writes results in both formats and has `python` read them.
pub fn check(root: &Path, python: &Path) -> Result<(), Failure> {
    let folder = target_directory(root).join("tables");
    for (name, arguments) in RUNS {
        Step::cargo("results for the tables", root)
            .arguments(["run", "--release", "--quiet", "--"])
            .arguments(arguments)
            .arguments(["--quiet", "--force", "--format", FORMATS, "--out"])
            .arguments([folder.join(name)])
            .run()?;
    }
    Step::new("tables", python, root)
        .arguments(["tests/tables/check.py"])
        .arguments(RUNS.map(|(name, _)| folder.join(name)))
        .run()
}
