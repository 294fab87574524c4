//! Whether DuckDB, polars and pandas read every table, and get the same from CSV and Parquet.

use std::path::Path;

use crate::checks::target_directory;
use crate::step::{Failure, Step};

const FORMATS: &str = "csv,parquet";

/// Runs that together write every table of the data dictionary, one of them of names that nobody would choose: their folders' names
/// and arguments.
const RUNS: [(&str, &[&str]); 9] = [
    ("hostile", &["run", "tests/hostile/scenario.toml", "--replications", "4", "--no-charts"]),
    ("north-pole", &["run", "scenarios/north-pole.toml", "--no-charts"]),
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
    // A finite service, a carrier's finite core, replications that do not stand for the same, and tickets.
    (
        "strata",
        &[
            "run",
            "scenarios/small-chain.toml",
            "--no-charts",
            "--replications",
            "8",
            "--set",
            "faults.sampling=strata",
            "--set",
            "services.processor.servers=2",
            "--set",
            "noc.enabled=true",
            "--set",
            "carriers.att.registrations_per_s=10",
        ],
    ),
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
    (
        "sizing",
        &[
            "size",
            "scenarios/sizing.toml",
            "--set",
            "fleet.generate.stores=12",
            "--set",
            "sizing.draws=3",
            "--set",
            "sizing.budget=\"$1500\"",
            "--set",
            "sizing.search_replications=20",
            "--set",
            "sizing.verify_replications=4",
        ],
    ),
    (
        "comparison",
        &["compare", "scenarios/north-pole.toml", "--set-b", "payments.retries=0", "--replications", "4"],
    ),
    (
        "sweep",
        &[
            "sweep",
            "scenarios/north-pole.toml",
            "--vary",
            "payments.timeout=[15 s, 30 s]",
            "--replications",
            "2",
        ],
    ),
    (
        "uncertainty",
        &[
            "uncertainty",
            "scenarios/sizing.toml",
            "--set",
            "fleet.generate.stores=6",
            "--replications",
            "2",
            "--samples",
            "4",
            "--target",
            "<= $5000",
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
        .arguments(["tests/tables/check.py", "--dictionary", "docs/data-dictionary.md"])
        .arguments(RUNS.map(|(name, _)| folder.join(name)))
        .run()
}
