//! The same in tinsel: one store a trial, through the whole simulator.

use tinsel::kernel::draws::{Address, Key};
use tinsel::kernel::variates::unit;
use tinsel::scenario::resolved::{Hit, Scenario, Window};
use tinsel::scenario::{LoadOptions, Rejected, load, render};
use tinsel::simulation::result::IncidentRow;
use tinsel::simulation::{Execution, Progress, run};
use tinsel::units::{SimTime, Span};

use super::conditions::Conditions;

/// Stores, each with one trial of its own phases.
pub const STORES: u32 = 2_000;
const SEED: u64 = 20_261_122;

/// What one trial gave, seconds, as the laboratory's driver writes it.
#[derive(Clone, Copy, Default, Debug)]
pub struct Trial {
    pub detect: Option<f64>,
    pub failover: Option<f64>,
    pub recover: Option<f64>,
    pub failback: Option<f64>,
    /// Times declared down.
    pub alarms: u32,
    /// Share of the fault's time that traffic was on the backup.
    pub backup_share: f64,
}

/// Draws of the laboratory itself: how long a fault is held, when its prober sends, how long a packet takes.
struct Bench(Key);

impl Bench {
    fn words(&self, store: u32) -> [f64; 4] {
        // A purpose that the model does not have.
        let address = Address {
            entity: tinsel::kernel::draws::Entity::new("bench", &store.to_string(), ""),
            purpose: 9_999,
            draw: 0,
        };
        self.0.block(address, 1).map(unit)
    }
}

/// Runs `conditions`; `app_interval_s` is the prober's.
pub fn trials(conditions: &Conditions, app_interval_s: f64) -> Vec<Trial> {
    let bench = Bench(Key { seed: SEED, replication: 1 });
    let mut scenario = scenario(conditions);
    let rows = match conditions.window_s {
        Some(_) => incidents(&scenario),
        None => {
            // Draws do not depend on what becomes of a trial, so a first run tells when each failover will be seen, and the fault of
            // the second ends some seconds after that.
            let first = incidents(&scenario);
            let faults = &mut scenario.scheduled_faults[0].hits;
            for (hit, row) in faults.iter_mut().zip(&first) {
                let seen = row.as_ref().and_then(|row| row.failover.or(row.detected));
                let Some(seen) = seen else { continue };
                let [hold, ..] = bench.words(hit.store.0);
                let (least, most) = conditions.hold_s;
                hit.window.end = seen + Span::from_secs_f64(0.05 + least + (most - least) * hold);
            }
            incidents(&scenario)
        }
    };
    let hits = scenario.scheduled_faults[0].hits.clone();
    let trial = |(row, hit): (Option<IncidentRow>, Hit)| {
        row.map_or_else(Trial::default, |row| {
            observe(&row, hit.window, conditions, app_interval_s, bench.words(hit.store.0))
        })
    };
    rows.into_iter().zip(hits).map(trial).collect()
}

/// What the laboratory sees of an incident: the daemon's own words, and the first packets delivered over either link.
fn observe(
    row: &IncidentRow,
    window: Window,
    conditions: &Conditions,
    app_interval_s: f64,
    [_, phase, lte, wan]: [f64; 4],
) -> Trial {
    let since = |from: SimTime, to: Option<SimTime>| to.map(|to| to.since(from).as_secs_f64());
    // The next packet of the prober (or the one after a dropped one) takes the new route, and arrives after that link's delay:
    // 30 ms + U(0, 10) over LTE, 10 ms + U(0, 1) over the wire.
    let next_s = app_interval_s * phase;
    let over_lte_s = next_s + app_interval_s * f64::from(conditions.dropped) + 0.030 + 0.010 * lte;
    let over_wan_s = next_s + 0.010 + 0.001 * wan;
    // What a path that was left after the window still carried does not belong to it.
    let tail = row
        .failback
        .filter(|&failback| failback > window.end)
        .map_or(Span::ZERO, |failback| failback.since(window.end));
    let on_backup_s = row.on_backup.saturating_sub(tail).as_secs_f64();
    Trial {
        detect: since(window.start, row.detected),
        failover: since(window.start, row.failover).map(|after_s| after_s + over_lte_s),
        recover: since(window.end, row.recovery_detected),
        failback: since(window.end, row.failback).map(|after_s| after_s + over_wan_s),
        alarms: row.alarms,
        backup_share: on_backup_s / window.end.since(window.start).as_secs_f64(),
    }
}

/// The fault's incident at each store, in order of store.
fn incidents(scenario: &Scenario) -> Vec<Option<IncidentRow>> {
    let result = run(scenario, Execution::default(), &Progress::default()).expect("nobody cancels it");
    let mut of_store: Vec<Option<IncidentRow>> = vec![None; scenario.stores.len()];
    for row in &result.replications[0].incidents {
        of_store[row.store.0 as usize].get_or_insert_with(|| row.clone());
    }
    of_store
}

fn scenario(conditions: &Conditions) -> Scenario {
    let Conditions { profile, timers, fault, window_s, .. } = conditions;
    // Long enough for the slowest to notice.
    let duration_s = window_s.unwrap_or(3_000.0);
    let text = format!(
        r#"
        [scenario]
        name = "laboratory"
        seed = {SEED}
        replications = 1
        first_day = 2019-11-27
        last_day = 2019-11-27
        interval = "1 h"
        [fleet.generate]
        stores = {STORES}
        id_prefix = "L"
        format = "closed"
        timezone = "America/Chicago"
        [fleet.draw]
        technology = "fibre_dia"
        topology = "second-router"
        standby = "hot-active"
        profile = "daemon"
        [formats.closed]
        based_on = "kiosk"
        customers_per_day = 0
        [technologies.fibre_dia]
        rtt = "21 ms"
        jitter = "0 s"
        loss = 0
        [lte.bring_up]
        vpn_round_trips = 0
        [faults]
        enabled = false
        [[faults.scheduled]]
        name = "trial"
        at = "2019-11-27 06:00"
        spread = "6 h"
        duration = "{duration_s} s"
        {fault}
        [profiles.daemon]
        based_on = "{profile}"
        {timers}
        "#
    );
    load_text(&text)
}

/// The scenario written as `text`.
pub fn load_text(text: &str) -> Scenario {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("scenario.toml");
    std::fs::write(&path, text).expect("a file in a temporary directory");
    match load(&path, &LoadOptions::default()) {
        Ok(loaded) => loaded.scenario,
        Err(Rejected::Invalid(diagnostics)) => panic!("{}\n{text}", render(&diagnostics, false)),
        Err(error) => panic!("{error}"),
    }
}
