//! The same bytes, whatever does not belong to the inputs: threads, grid, twins, order of the fleet file, neighbours.
//!
//! Every test compares the files that a run writes, byte for byte, through the same writer as the command line.
//! What builds and platforms do to the bytes is the part of `cargo xtask determinism`; `docs/determinism.md` has the map.

mod additions;
mod execution;
mod neighbours;
mod replay;
mod replications;
mod world;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tinsel::kernel::driver::Stepping;
use tinsel::report::{Formats, OutputDir, RunMeta, write_results};
use tinsel::scenario::resolved::Scenario;
use tinsel::scenario::{LoadOptions, Rejected, load, render};
use tinsel::simulation::result::RunResult;
use tinsel::simulation::{Execution, Progress, run};

/// The execution that the command line uses.
const USUAL: Execution = Execution { stepping: Stepping::Skipping, every_twin: false };

/// A file of the repository.
fn shipped(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The scenario in `file`, which must load.
fn loaded(file: &Path, options: &LoadOptions) -> Scenario {
    match load(file, options) {
        Ok(loaded) => loaded.scenario,
        Err(Rejected::Invalid(problems)) => panic!("{}:\n{}", file.display(), render(&problems, false)),
        Err(error) => panic!("{}: {error}", file.display()),
    }
}

/// Runs `scenario` to its end.
fn simulate(scenario: &Scenario, execution: Execution) -> RunResult {
    run(scenario, execution, &Progress::default()).expect("nobody cancels it")
}

/// The same on `threads` threads of a pool of its own.
fn simulate_on(threads: usize, scenario: &Scenario) -> RunResult {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
    pool.install(|| simulate(scenario, USUAL))
}

/// What a run writes, by file name: tables, summary and manifest, without `run-info.json`.
#[derive(Debug)]
struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// Writes `result` as the command line would, charts aside, and reads it back.
    fn of(scenario: &Scenario, result: &RunResult) -> Files {
        let root = tempfile::tempdir().expect("a temporary directory");
        let output = OutputDir::prepare(&root.path().join("run"), &[], false).expect("a free place");
        let formats = Formats { charts: false, ..Formats::default() };
        write_results(&output, scenario, result, &RunMeta::default(), formats).expect("ledgers close");
        let place = output.commit().expect("a free place");
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(place).expect("the results") {
            let entry = entry.expect("a directory entry");
            let name = entry.file_name().to_string_lossy().into_owned();
            if name != "run-info.json" {
                files.insert(name, fs::read(entry.path()).expect("a file of the results"));
            }
        }
        assert!(
            files.contains_key("incidents.csv") && files.contains_key("manifest.json"),
            "{:?}",
            files.keys()
        );
        Files(files)
    }

    /// SHA-256 by file name, for messages that can be read.
    fn digests(&self) -> Vec<(&str, String)> {
        let hex = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        self.0.iter().map(|(name, bytes)| (name.as_str(), hex(bytes))).collect()
    }

    /// A table's heading and rows, cells as text.
    fn table(&self, name: &str) -> Table {
        let mut reader = csv::Reader::from_reader(self.0[name].as_slice());
        let line = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let heading = line(reader.headers().expect("a heading"));
        let rows = reader.records().map(|record| line(&record.expect("a row"))).collect();
        Table { heading, rows }
    }
}

/// A table as text.
struct Table {
    heading: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Position of the column called `name`.
    fn column(&self, name: &str) -> usize {
        self.heading.iter().position(|heading| heading == name).expect("a column of the table")
    }

    /// The rows whose cell in column `name` passes.
    fn rows_where(&self, name: &str, passes: impl Fn(&str) -> bool) -> Vec<&[String]> {
        let column = self.column(name);
        self.rows.iter().filter(|row| passes(&row[column])).map(Vec::as_slice).collect()
    }

    /// The column `name`, top to bottom.
    fn cells(&self, name: &str) -> impl Iterator<Item = &str> {
        let column = self.column(name);
        self.rows.iter().map(move |row| row[column].as_str())
    }

    /// Sum of a numeric column.
    fn sum(&self, name: &str) -> f64 {
        self.cells(name).filter_map(|cell| cell.parse::<f64>().ok()).sum()
    }
}

/// Fails if any file differs in any byte, and shows the first line that does.
fn assert_same(what: &str, left: &Files, right: &Files) {
    if left.digests() == right.digests() {
        return;
    }
    for (name, bytes) in &left.0 {
        let other = right.0.get(name).map_or(&[][..], Vec::as_slice);
        let lines =
            |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect::<Vec<_>>();
        let (ours, theirs) = (lines(bytes), lines(other));
        if let Some(number) = (0..ours.len().max(theirs.len())).find(|&n| ours.get(n) != theirs.get(n)) {
            panic!(
                "{what}: {name} differs first in line {}:\n  {:?}\n  {:?}",
                number + 1,
                ours.get(number),
                theirs.get(number)
            );
        }
    }
    panic!("{what}: {:?} against {:?}", left.digests(), right.digests());
}
