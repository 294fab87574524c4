//! Points of a scenario that are run one by one and kept as soon as they are finished.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::sync::atomic::AtomicUsize;

use super::exit::Failure;
use super::run::{compute, heed, threads};
use super::{Grid, ScenarioArgs};
use crate::experiment::sweep::store::Store;
use crate::experiment::sweep::{key_of, measure};
use crate::report::sweep::Measured;
use crate::scenario::{Loaded, Rejected};
use crate::simulation::Execution;

/// A point that is there.
pub(super) struct Point {
    /// Digest of all that decides it.
    pub(super) key: String,
    /// What was measured.
    pub(super) metrics: Vec<Measured>,
    /// Whether an earlier command had run it.
    pub(super) from_before: bool,
}

/// Runs points and keeps them.
pub(super) struct Points<'a> {
    scenario: &'a ScenarioArgs,
    /// Where they are kept.
    pub(super) store: Store,
    signal: &'a AtomicUsize,
    execution: Execution,
    pool: rayon::ThreadPool,
    quiet: bool,
    /// Keys of those that are there so far, found or run.
    done: RefCell<BTreeSet<String>>,
    /// How many there will be, if that is known.
    pub(super) total: Option<usize>,
}

impl<'a> Points<'a> {
    pub(super) fn new(
        scenario: &'a ScenarioArgs,
        store: Store,
        (signal, grid): (&'a AtomicUsize, Grid),
        asked: Option<u16>,
        quiet: bool,
    ) -> Result<Self, Failure> {
        let execution = Execution { stepping: grid.stepping(), ..Execution::default() };
        Ok(Points {
            scenario,
            store,
            signal,
            execution,
            pool: threads(asked)?,
            quiet,
            done: RefCell::default(),
            total: None,
        })
    }

    /// The scenario with those settings changed: path and value.
    pub(super) fn load(&self, changes: &[(String, String)]) -> Result<Loaded, Rejected> {
        self.scenario.load_with(changes.iter().map(|(path, value)| (path, value)))
    }

    /// The key and the metrics of a point: found, unless it is to be run in any case and was not yet; or run and kept.
    pub(super) fn metrics(&self, changes: &[(String, String)], fresh: bool) -> Result<Point, Failure> {
        let loaded =
            self.load(changes).inspect_err(|_| super::warn(&format!("at {}:\n", Points::at(changes))))?;
        let key = key_of(&loaded.scenario);
        let found = if fresh { self.store.find_pending(&key) } else { self.store.find(&key) };
        let is_there = found.is_some();
        let metrics = match found {
            Some(metrics) => metrics,
            None => self.run(&loaded, &key, &Points::at(changes))?,
        };
        let is_new = self.done.borrow_mut().insert(key.clone());
        let from_before = is_there && is_new;
        Ok(Point { key, metrics, from_before })
    }

    /// Runs a point and keeps it.
    fn run(&self, loaded: &Loaded, key: &str, place: &str) -> Result<Vec<Measured>, Failure> {
        let stopped = |failure: Failure| match failure {
            Failure::Signal(number) => Failure::Stopped {
                number,
                kept: format!(
                    "{}{} points are finished and kept in {}; the same command goes on from there",
                    self.done.borrow().len(),
                    self.total.map_or_else(String::new, |total| format!(" of {total}")),
                    self.store.pending().display()
                ),
            },
            other => other,
        };
        heed(self.signal).map_err(stopped)?;
        if !self.quiet && std::io::stderr().is_terminal() {
            super::warn(&format!("point {}: {place}\n", self.done.borrow().len() + 1));
        }
        let (scenario, execution) = (&loaded.scenario, self.execution);
        let (metrics, _) =
            compute(&self.pool, self.signal, self.quiet, |progress| measure(scenario, execution, progress))
                .map_err(stopped)?;
        let metrics = metrics?;
        self.store.keep(key, &metrics).map_err(|error| {
            Failure::Unexpected(format!(
                "failed to keep a point in `{}`: {error}",
                self.store.pending().display()
            ))
        })?;
        Ok(metrics)
    }

    /// `payments.timeout = 15 s, noc.enabled = true`.
    pub(super) fn at(changes: &[(String, String)]) -> String {
        let inputs = changes.iter().map(|(path, value)| format!("{path} = {value}"));
        let words = inputs.collect::<Vec<_>>().join(", ");
        if words.is_empty() { "the scenario as it is".to_owned() } else { words }
    }
}
