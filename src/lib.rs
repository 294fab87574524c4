//! tinsel: a deterministic, parallel discrete-event simulator of holiday-peak retail networks.
//!
//! It simulates stores one customer and one card payment at a time, breaks their links, and tells what that did:
//! who could not pay, how long failover took at every stage, what LTE had to carry, and what all of it cost
//! compared with the same weekend on a network that never fails.
//!
//! # From a file to a number
//!
//! ```text
//!   scenario.toml, stores.csv              what the user writes
//!            │  scenario::load             every default filled in, every problem reported at once
//!            ▼
//!   resolved::Scenario                     stores, days, laws, instants: no units, no zones, no options left
//!            │  simulation::run            replications × groups of stores, in parallel
//!            ▼
//!   ┌─ group: stores that can ever share something ──────────────────────────────────┐
//!   │                                                                                │
//!   │   Store ──────────────────────●·····▶  runs alone, as far as it needs nobody   │
//!   │   Store ────●─────●─────●─────●·····▶  on LTE: stepped with its cell           │
//!   │             │  ▲  │  ▲  │  ▲  │                                                │
//!   │   Cell  ────▼──┴──▼──┴──▼──┴──▼·····▶  folds messages, publishes, once a second│
//!   │                                                                                │
//!   └────────────────────────────────────────────────────────────────────────────────┘
//!            │                             and a fault-free twin of every disturbed store
//!            ▼
//!   result::RunResult                      rows of integers, in order of replication and store
//!            │  report::ledger::check, report::Summary, report::write_results
//!            ▼
//!   verdict, CSV, charts, manifest
//! ```
//!
//! # Example
//!
//! One shop on one day, and an outage at noon that LTE bridges:
//!
//! ```
//! use tinsel::scenario::{LoadOptions, load};
//! use tinsel::simulation::{Execution, Progress, run};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("corner-shop.toml");
//! std::fs::write(
//!     &file,
//!     r#"
//!     [scenario]
//!     name = "The corner shop"
//!     first_day = 2019-11-29
//!     last_day = 2019-11-29
//!     replications = 1
//!
//!     [fleet.generate]
//!     stores = 1
//!     format = "convenience"
//!
//!     [fleet.draw]
//!     profile = "fortinet-sdwan"
//!     topology = "second-router"
//!
//!     [faults]
//!     enabled = false
//!
//!     [[faults.scheduled]]
//!     name = "dead fibre"
//!     at = "2019-11-29 12:00"
//!     duration = "1 h"
//!     "#,
//! )?;
//!
//! let loaded = load(&file, &LoadOptions::default())?;
//! let result = run(&loaded.scenario, Execution::default(), &Progress::default())
//!     .expect("nobody cancelled the run");
//!
//! let weekend = &result.replications[0];
//! tinsel::report::ledger::check(&result)?;
//! assert!(weekend.stores[0].ledger.customers > 500);
//! assert_eq!(weekend.stores[0].failovers, 1);
//!
//! // Five probes lost, half a second apart; then a registered modem makes a data call.
//! let outage = &weekend.incidents[0];
//! let detection = outage.detected.expect("it was noticed").since(outage.fault);
//! assert!((2.5..=3.0).contains(&detection.as_secs_f64()));
//! # Ok(())
//! # }
//! ```
//!
//! The same from the command line, with tables and charts: `tinsel run corner-shop.toml`.
//!
//! # Where things are
//!
//! From the top; each layer knows only what stands below it, and a test reads every path to see to that.
//!
//! | module | what it is | begin with |
//! |---|---|---|
//! | [`cli`] | the command `tinsel` | `cli/mod.rs` |
//! | [`experiment`] | comparisons: many runs, one question | [`experiment::compare`] |
//! | [`report`] | tables, charts, summary, results directory; reads results only | [`report::write_results`] |
//! | [`simulation`] | builds a world from a scenario and runs it | [`simulation::run`] |
//! | [`model`] | the store and what stores share: state machines without I/O | [`model::store::Store`] |
//! | [`scenario`] | what the user writes, and what is run | [`scenario::load`], [`scenario::resolved`] |
//! | [`kernel`] | time order, draws, variates, the driver; knows nothing of retail | [`kernel::driver`], [`kernel::draws`] |
//! | [`measure`] | histograms and estimators; knows nothing of retail | [`measure::estimators`] |
//! | [`units`] | time, rates, money; the one parser of quantities | [`units::SimTime`] |
//!
//! # What can be relied on
//!
//! * **The same bytes.** A result is a pure function of scenario, fleet file, built-in catalogue, seed and
//!   [`simulation::RESULTS_VERSION`]; threads, stepping, order of rows and build profile do not enter.
//! * **Draws have addresses** ([`kernel::draws`]). Two scenarios under one seed meet the same customers and the same
//!   faults; one more store changes only stores that share something finite with it.
//! * **Ledgers close** ([`report::ledger`]), or nothing is written.
//!
//! `ARCHITECTURE.md` follows one payment and one incident through the code and numbers the invariants; `docs/model.md`
//! has the formulas, `docs/limitations.md` what is not modelled, `docs/adr/` why it is built this way.

pub mod cli;
pub mod experiment;
pub mod kernel;
pub mod measure;
pub mod model;
pub mod report;
pub mod scenario;
pub mod simulation;
pub mod units;
