//! Sizing against brute force: forced-fault benefits against whole runs, and the chosen design against trying all.

#[path = "sizing/apart.rs"]
mod apart;
#[path = "sizing/benefits.rs"]
mod benefits;
#[path = "sizing/exhaustive.rs"]
mod exhaustive;
#[path = "sizing/targets.rs"]
mod targets;

use std::path::PathBuf;

use tempfile::TempDir;
use tinsel::experiment::size::{Designs, Study, Year, YearOf};
use tinsel::measure::design::Design;
use tinsel::scenario::resolved::{Scenario, Sizing};
use tinsel::scenario::{LoadOptions, Loaded, Rejected, load, render};
use tinsel::simulation::{Execution, Progress, run_some};

/// Mean and its standard error.
fn mean_with_error(values: &[f64]) -> (f64, f64) {
    let variance = Design::plain(values.len()).variance(values).expect("many values");
    (values.iter().sum::<f64>() / values.len() as f64, variance.standard_error())
}

/// A scenario in a file, loaded.
struct Lab {
    _directory: TempDir,
    file: PathBuf,
    options: LoadOptions,
    base: Loaded,
    progress: Progress,
}

impl Lab {
    fn new(text: &str) -> Self {
        Self::with_fleet(text, "")
    }

    /// With `fleet.csv` next to it.
    fn with_fleet(text: &str, fleet: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(directory.path().join("fleet.csv"), fleet).expect("a file in a temporary directory");
        let file = directory.path().join("scenario.toml");
        std::fs::write(&file, text).expect("a file in a temporary directory");
        let options = LoadOptions::default();
        let base = match load(&file, &options) {
            Ok(loaded) => loaded,
            Err(Rejected::Invalid(diagnostics)) => panic!("{}", render(&diagnostics, false)),
            Err(error) => panic!("{error}"),
        };
        Lab { _directory: directory, file, options, base, progress: Progress::default() }
    }

    fn sizing(&self) -> &Sizing {
        self.base.sizing.as_ref().expect("the scenario says what can be bought")
    }

    fn designs(&self) -> Designs<'_> {
        Designs::new(Study {
            file: &self.file,
            options: &self.options,
            base: &self.base,
            sizing: self.sizing(),
            execution: Execution::default(),
            progress: &self.progress,
        })
    }

    /// Years of the replications `from`, `from` + 1, …
    fn years(&self, scenario: &Scenario, from: u32, count: u32) -> Vec<Year> {
        let year = YearOf::new(scenario, self.sizing().exposure);
        let numbers: Vec<u32> = (from..from + count).collect();
        let result =
            run_some(scenario, &numbers, Execution::default(), &self.progress).expect("nobody cancels");
        result.replications.iter().map(|replication| year.of(replication)).collect()
    }
}
