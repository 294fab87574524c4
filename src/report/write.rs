//! Fills an output directory with everything a run yields.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::charts::{ChartError, SizingFrontier, SizingPoint, write_charts};
use super::comparison::{Comparison, Side};
use super::csv::CsvSink;
use super::curves::curves as failover_curves;
use super::drill::{DrillPlan, DrillSummary};
use super::ledger;
use super::manifest::{OutputDigest, RunMeta, manifest, run_info};
use super::output::{MANIFEST, OutputDir, RUN_INFO};
use super::page::{COMPARISON, PAGE, PageError, SUMMARY, page, page_of};
use super::parquet::ParquetSink;
use super::sizing::{FrontierRow, SizingReport};
use super::summary::Summary;
use super::tables::replications;
use super::tables::{
    Context, Sink, Table, UnknownZone, attribution, carriers, cells, comparison, curves, drill, incidents,
    noc, services, sizing, stores, timeline,
};
use crate::scenario::resolved::{Sampling, Scenario};
use crate::scenario::{hexadecimal, sha256};
use crate::simulation::result::{DrillRow, RunResult};

const CHARTS: &str = "charts";

/// What to write besides manifest, run-info and summary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Formats {
    /// The tables as CSV.
    pub csv: bool,
    /// The tables as Parquet.
    pub parquet: bool,
    /// The charts as SVG and PNG.
    pub charts: bool,
    /// The page.
    pub page: bool,
}

impl Default for Formats {
    fn default() -> Self {
        Formats { csv: true, parquet: false, charts: true, page: true }
    }
}

/// Why results could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The run contradicts itself: a bug of tinsel.
    #[error("{what}; this is a bug of tinsel, and nothing was written. To replay: {replay}")]
    Ledger {
        /// Which ledger, where, and by how much.
        what: String,
        /// The command line of the run.
        replay: String,
    },
    /// A store's clock is unknown.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
    /// A chart could not be written.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// What was written could not be read again for the page.
    #[error(transparent)]
    Page(#[from] PageError),
    /// A file could not be written.
    #[error("failed to write `{}`: {source}; check the free space", .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Checks the ledgers of `result`, then writes tables, charts, summary, run-info and manifest into `dir`.
///
/// # Errors
/// If a ledger does not close, or a file cannot be written. The caller then drops `dir`, which removes it.
pub fn write_results(
    dir: &OutputDir,
    scenario: &Scenario,
    result: &RunResult,
    meta: &RunMeta,
    formats: Formats,
) -> Result<(), ReportError> {
    ledger::check(result).map_err(|what| ReportError::Ledger { what, replay: meta.command.clone() })?;
    // Charts and page count every replication once.
    let alike = scenario.sampling == Sampling::Plain;
    let formats = Formats { charts: formats.charts && alike, page: formats.page && alike, ..formats };
    let mut folder = Folder::new(dir.path(), formats);
    if formats.csv || formats.parquet {
        write_tables(&mut folder, scenario, result)?;
    }
    if formats.charts {
        let charts = write_charts(scenario, result, &dir.path().join(CHARTS))?;
        for chart in charts {
            folder.adopt(&chart)?;
        }
    }
    folder.finish(scenario, meta, &Summary::new(scenario, result).to_json(), result)
}

/// Writes the table, the summary, run-info and manifest of a drill into `dir`.
///
/// # Errors
/// If a file cannot be written. The caller then drops `dir`, which removes it.
pub fn write_drill(
    dir: &OutputDir,
    scenario: &Scenario,
    plan: &DrillPlan,
    rows: &[DrillRow],
    meta: &RunMeta,
    formats: Formats,
) -> Result<(), ReportError> {
    let mut folder = Folder::new(dir.path(), formats);
    let context = Context::new(scenario)?;
    folder.table(&drill::drill(), drill::drill_lines(&context, plan.extent, rows))?;
    let summary = DrillSummary::new(scenario, plan, rows).to_json();
    folder.finish(scenario, meta, &summary, &RunResult::default())
}

/// Writes what `tinsel size` answers into a prepared directory.
///
/// # Errors
/// If a file cannot be written. The caller then drops `dir`, which removes it.
pub fn write_sizing(
    dir: &OutputDir,
    scenario: &Scenario,
    report: &SizingReport,
    meta: &RunMeta,
    formats: Formats,
) -> Result<(), ReportError> {
    let mut folder = Folder::new(dir.path(), formats);
    folder.table(&sizing::frontier(), report.frontier.iter().cloned())?;
    folder.table(&sizing::deployment(), report.deployment.iter().cloned())?;
    folder.table(&sizing::bill(), report.bill.iter().cloned())?;
    if formats.charts {
        let charts = dir.path().join(CHARTS);
        fs::create_dir_all(&charts).map_err(|source| ReportError::Io { path: charts.clone(), source })?;
        for name in ["frontier.svg", "frontier.png"] {
            let path = charts.join(name);
            frontier_chart(report).write(&path)?;
            folder.adopt(&path)?;
        }
    }
    folder.finish(scenario, meta, &report.to_json(), &RunResult::default())
}

/// The way to the chosen design.
fn frontier_chart(report: &SizingReport) -> SizingFrontier {
    let shared = report.shared.join("+");
    let point = |row: &FrontierRow| SizingPoint {
        cost: row.cost,
        avoided: row.avoided.estimate,
        low: row.avoided.low.unwrap_or(row.avoided.estimate),
        high: row.avoided.high.unwrap_or(row.avoided.estimate),
    };
    let rows = || report.frontier.iter().filter(|row| row.shared == shared);
    let ends = (report.estimated.low, report.estimated.high);
    SizingFrontier {
        currency: report.currency.clone(),
        title: report.scenario.clone(),
        subtitle: "what money at stores buys, most per cost first; estimates from forced faults".to_owned(),
        points: rows().map(point).collect(),
        knee: rows().find(|row| row.knee).map(point),
        chosen: (!report.deployment.is_empty()).then(|| SizingPoint {
            cost: report.cost,
            avoided: report.estimated.estimate,
            low: ends.0.unwrap_or(report.estimated.estimate),
            high: ends.1.unwrap_or(report.estimated.estimate),
        }),
    }
}

/// Makes the page of the results in `directory` again, with those of `tinsel uncertainty` in another, and says so in its manifest.
///
/// # Errors
/// If the directory has no results, or a file in it cannot be read or written.
pub fn renew_page(directory: &Path, uncertainty: Option<&Path>) -> Result<(), ReportError> {
    let page = page_of(directory, uncertainty)?;
    let path = directory.join(MANIFEST);
    let failed = |source| ReportError::Io { path: path.clone(), source };
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(&path).map_err(failed)?).map_err(io::Error::from).map_err(failed)?;
    let mut folder = Folder { root: directory, formats: Formats::default(), written: Vec::new() };
    folder.file(PAGE, |out| out.write_all(page.as_bytes()))?;
    let written: Vec<serde_json::Value> = folder.written.iter().map(OutputDigest::to_json).collect();
    // `tinsel verify` runs the command again: what that does not write is not among its outputs.
    let arguments = manifest["arguments"].as_array();
    let left_out = arguments.into_iter().flatten().any(|argument| argument == "--no-report");
    if let Some(outputs) = manifest["outputs"].as_array_mut() {
        outputs.retain(|output| output["file"] != PAGE);
        if !left_out && uncertainty.is_none() {
            outputs.extend(written);
        }
    }
    folder.json(MANIFEST, &manifest)
}

/// Writes the table, the JSON, run-info and manifest of a comparison into `dir`.
///
/// # Errors
/// If a ledger of either run does not close, or a file cannot be written. The caller then drops `dir`, which removes it.
pub fn write_comparison(
    dir: &OutputDir,
    comparison: &Comparison,
    sides: [Side<'_>; 2],
    metas: &[RunMeta; 2],
    formats: Formats,
) -> Result<(), ReportError> {
    for (side, meta) in sides.iter().zip(metas) {
        ledger::check(side.result)
            .map_err(|what| ReportError::Ledger { what, replay: meta.command.clone() })?;
    }
    let mut folder = Folder::new(dir.path(), formats);
    folder.table(&comparison::comparison(), comparison::comparison_lines(comparison))?;
    let content = comparison.to_json();
    folder.json(COMPARISON, &content)?;
    // The first's manifest is the comparison's, with all that was read; the second's stands in it without what is the same.
    let mut both = manifest(sides[0].scenario, &metas[0], &folder.written);
    let second = manifest(sides[1].scenario, &metas[1], &[]);
    for key in ["scenario", "drawn_stores", "settings"] {
        both["second"][key] = second[key].clone();
    }
    if folder.formats.page {
        let page = page(folder.root, &content, &both)?;
        folder.file(PAGE, |out| out.write_all(page.as_bytes()))?;
        both["outputs"] = folder.written.iter().map(OutputDigest::to_json).collect();
    }
    let infos = [0, 1].map(|side| run_info(&metas[side], sides[side].result));
    folder.json(RUN_INFO, &json!({ "first": infos[0], "second": infos[1] }))?;
    folder.json(MANIFEST, &both)
}

fn write_tables(folder: &mut Folder<'_>, scenario: &Scenario, result: &RunResult) -> Result<(), ReportError> {
    let context = Context::new(scenario)?;
    let extra = stores::extra_columns(scenario);
    folder.table(&stores::stores(&extra), stores::store_lines(&context, result))?;
    folder.table(&stores::stores_daily(), stores::day_lines(&context, result))?;
    folder.table(&incidents::incidents(), incidents::incident_lines(&context, result))?;
    folder.table(&curves::curves(), curves::curve_lines(&failover_curves(scenario, result, None)))?;
    folder.table(&timeline::timeline(), timeline::timeline_lines(&context, result))?;
    folder.table(&cells::cells(), cells::cell_lines(&context, result))?;
    if scenario.cell_timeline {
        folder.table(&cells::cells_timeline(), cells::interval_lines(&context, result))?;
    }
    folder.table(&carriers::carriers(), carriers::carrier_lines(&context, result))?;
    if scenario.sampling != Sampling::Plain {
        let design = result.design(scenario);
        folder.table(&replications::replications(), replications::replication_lines(&design, result))?;
    }
    folder.table(&services::services(), services::service_lines(&context, result))?;
    folder
        .table(&attribution::attribution(), attribution::attribution_lines(&context, result).into_iter())?;
    if scenario.noc.is_some() {
        folder.table(&noc::tickets(), noc::ticket_lines(&context, result))?;
        folder.table(&noc::hours(), noc::hour_lines(&context, result))?;
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Format {
    Csv,
    Parquet,
}

/// A directory that remembers the digest of every file written into it.
pub(super) struct Folder<'a> {
    root: &'a Path,
    formats: Formats,
    written: Vec<OutputDigest>,
}

impl<'a> Folder<'a> {
    pub(super) fn new(root: &'a Path, formats: Formats) -> Self {
        Folder { root, formats, written: Vec::new() }
    }

    /// The files so far.
    pub(super) fn written(&self) -> &[OutputDigest] {
        &self.written
    }

    /// Writes the table in every format that is wanted, in one pass over its rows.
    pub(super) fn table<R>(
        &mut self,
        table: &Table<R>,
        rows: impl Iterator<Item = R>,
    ) -> Result<(), ReportError> {
        let parquet_name = table.file.replace(".csv", ".parquet");
        let wanted = [
            (self.formats.csv, table.file, Format::Csv),
            (self.formats.parquet, &parquet_name, Format::Parquet),
        ];
        let mut outs = Vec::new();
        for (_, name, format) in wanted.into_iter().filter(|(wanted, _, _)| *wanted) {
            let path = self.root.join(name);
            let file =
                File::create(&path).map_err(|source| ReportError::Io { path: path.clone(), source })?;
            outs.push((name, path, format, Hashing::new(BufWriter::with_capacity(1 << 16, file))));
        }
        let Some(first) = outs.first().map(|(_, path, _, _)| path.clone()) else { return Ok(()) };
        let failed = |source| ReportError::Io { path: first.clone(), source };
        let mut sinks: Vec<Box<dyn Sink + '_>> = Vec::new();
        for (_, path, format, out) in &mut outs {
            let sink = match format {
                Format::Csv => CsvSink::new(&mut *out, table).map(|sink| Box::new(sink) as Box<dyn Sink>),
                Format::Parquet => {
                    ParquetSink::new(&mut *out, table).map(|sink| Box::new(sink) as Box<dyn Sink>)
                }
            };
            sinks.push(sink.map_err(|source| ReportError::Io { path: path.clone(), source })?);
        }
        let mut borrowed: Vec<&mut dyn Sink> =
            sinks.iter_mut().map(|sink| &mut **sink as &mut dyn Sink).collect();
        table.feed(rows, &mut borrowed).map_err(failed)?;
        drop(sinks);
        for (name, path, _, mut out) in outs {
            out.flush().map_err(|source| ReportError::Io { path, source })?;
            self.written.push(out.digest(name));
        }
        Ok(())
    }

    /// Writes summary, page, run information and, last, the manifest: a directory with a manifest is a finished one.
    fn finish(
        &mut self,
        scenario: &Scenario,
        meta: &RunMeta,
        summary: &serde_json::Value,
        result: &RunResult,
    ) -> Result<(), ReportError> {
        self.json(SUMMARY, summary)?;
        if self.formats.page {
            let page = page(self.root, summary, &manifest(scenario, meta, &self.written))?;
            self.file(PAGE, |out| out.write_all(page.as_bytes()))?;
        }
        let manifest = manifest(scenario, meta, &self.written);
        self.json(RUN_INFO, &run_info(meta, result))?;
        self.json(MANIFEST, &manifest)
    }

    pub(super) fn json(&mut self, name: &str, value: &serde_json::Value) -> Result<(), ReportError> {
        self.file(name, |out| {
            serde_json::to_writer_pretty(&mut *out, value)?;
            out.write_all(b"\n")
        })
    }

    /// Digests a file that something else wrote below the root.
    pub(super) fn adopt(&mut self, path: &Path) -> Result<(), ReportError> {
        let bytes = fs::read(path).map_err(|source| ReportError::Io { path: path.to_owned(), source })?;
        let below = path.strip_prefix(self.root).unwrap_or(path);
        let names: Vec<_> = below.iter().map(|name| name.to_string_lossy()).collect();
        self.written.push(OutputDigest {
            file: names.join("/"),
            bytes: bytes.len() as u64,
            sha256: sha256(&bytes),
        });
        Ok(())
    }

    pub(super) fn file(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut Hashing<BufWriter<File>>) -> io::Result<()>,
    ) -> Result<(), ReportError> {
        let path = self.root.join(name);
        let digest = || -> io::Result<OutputDigest> {
            let mut out = Hashing::new(BufWriter::with_capacity(1 << 16, File::create(&path)?));
            write(&mut out)?;
            out.flush()?;
            Ok(out.digest(name))
        };
        let digest = digest().map_err(|source| ReportError::Io { path: path.clone(), source })?;
        self.written.push(digest);
        Ok(())
    }
}

/// Passes bytes on and digests them.
pub(super) struct Hashing<W> {
    inner: W,
    sha256: Sha256,
    bytes: u64,
}

impl<W: Write> Hashing<W> {
    fn new(inner: W) -> Self {
        Hashing { inner, sha256: Sha256::new(), bytes: 0 }
    }

    fn digest(self, file: &str) -> OutputDigest {
        OutputDigest {
            file: file.to_owned(),
            bytes: self.bytes,
            sha256: hexadecimal(&self.sha256.finalize()),
        }
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(bytes)?;
        self.sha256.update(&bytes[..taken]);
        self.bytes += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
