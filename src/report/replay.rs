//! The results of a replay: the store's rows, `trace.json`, and the journal if it is wanted.
//!
//! `trace.json` is in the trace event format of Chrome, which Perfetto (ui.perfetto.dev) opens: complete events (`X`), counters (`C`),
//! names of tracks (`M`), times in microseconds from the start of the run ("Trace Event Format", Chromium project).

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::manifest::{RunMeta, manifest, run_info};
use super::output::{MANIFEST, OutputDir, RUN_INFO};
use super::tables::{Context, incidents, stores};
use super::write::{Folder, Formats, ReportError};
use crate::scenario::resolved::{Scenario, StoreRank};
use crate::simulation::result::{RunResult, Trace};
use crate::units::SimTime;

/// Name of the trace.
const TRACE: &str = "trace.json";
/// Name of the journal.
pub const JOURNAL: &str = "journal.json";
/// The only process of a trace.
const PROCESS: u32 = 1;

/// What a replay of one store yields.
#[derive(Clone, Copy, Debug)]
pub struct ReplayFiles<'a> {
    /// Which store.
    pub store: StoreRank,
    /// Its rows.
    pub result: &'a RunResult,
    /// What it did.
    pub trace: &'a Trace,
    /// What it was told, as JSON.
    pub journal: Option<&'a [u8]>,
}

/// Writes the tables of one store, its trace and its journal, run-info and manifest into `dir`.
///
/// # Errors
/// If a file cannot be written. The caller then drops `dir`, which removes it.
pub fn write_replay(
    dir: &OutputDir,
    scenario: &Scenario,
    files: ReplayFiles<'_>,
    meta: &RunMeta,
    formats: Formats,
) -> Result<(), ReportError> {
    let mut folder = Folder::new(dir.path(), formats);
    let context = Context::new(scenario)?;
    let extra = stores::extra_columns(scenario);
    folder.table(&stores::stores(&extra), stores::store_lines(&context, files.result))?;
    folder.table(&stores::stores_daily(), stores::day_lines(&context, files.result))?;
    folder.table(&incidents::incidents(), incidents::incident_lines(&context, files.result))?;
    let id = &scenario.stores[files.store.0 as usize].id;
    folder.file(TRACE, |out| write_trace(out, files.trace, id, scenario.window.start))?;
    if let Some(journal) = files.journal {
        folder.file(JOURNAL, |out| out.write_all(journal))?;
    }
    let manifest = manifest(scenario, meta, folder.written());
    folder.json(RUN_INFO, &run_info(meta, files.result))?;
    folder.json(MANIFEST, &manifest)
}

/// Writes `trace` of store `store`, times from `start`.
fn write_trace(out: &mut dyn Write, trace: &Trace, store: &str, start: SimTime) -> io::Result<()> {
    let micros = |at: SimTime| at.since(start).as_nanos() as f64 / 1_000.0;
    out.write_all(b"{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n")?;
    let about = |track: Option<usize>, name: &str, args: Value| {
        let thread = track.map_or(0, |track| track + 1);
        json!({ "ph": "M", "pid": PROCESS, "tid": thread, "name": name, "args": args })
    };
    let name = about(None, "process_name", json!({ "name": format!("store {store}") }));
    serde_json::to_writer(&mut *out, &name)?;
    for (track, name) in trace.tracks.iter().enumerate() {
        line(out, &about(Some(track), "thread_name", json!({ "name": name })))?;
        line(out, &about(Some(track), "thread_sort_index", json!({ "sort_index": track })))?;
    }
    for span in &trace.spans {
        let args: Map<String, Value> =
            span.about.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
        let (from, to) = (micros(span.from), micros(span.to));
        let event = json!({
            "ph": "X",
            "pid": PROCESS,
            "tid": span.track + 1,
            "name": span.name,
            "ts": from,
            "dur": to - from,
            "args": args,
        });
        line(out, &event)?;
    }
    for (name, at, value) in &trace.counts {
        let args = json!({ "value": value });
        line(out, &json!({ "ph": "C", "pid": PROCESS, "name": name, "ts": micros(*at), "args": args }))?;
    }
    out.write_all(b"\n]}\n")
}

fn line(out: &mut dyn Write, event: &Value) -> io::Result<()> {
    out.write_all(b",\n")?;
    Ok(serde_json::to_writer(out, event)?)
}
