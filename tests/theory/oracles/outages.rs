//! Stores without customers, each with an outage at a random phase of whatever watches its link.

use super::super::lab::{replications, scenario};
use tinsel::scenario::library;
use tinsel::scenario::resolved::{Detector, Profile, SequentialProbes};
use tinsel::simulation::result::{IncidentRow, ReplicationResult};
use tinsel::units::{SimTime, Span};

/// Round trip of the links here.
pub const RTT: Span = Span::from_millis(1);

/// What differs from outage to outage. Text is TOML.
#[derive(Clone, Copy)]
pub struct Outage<'a> {
    pub profile: &'a str,
    /// Keys that the profile is changed in.
    pub timers: &'a str,
    pub stores: u32,
    pub signature: &'a str,
    /// As of `duration`.
    pub lasts: &'a str,
    /// Further tables.
    pub more: &'a str,
}

pub const BLACKHOLE: Outage<'static> = Outage {
    profile: "",
    timers: "",
    stores: 1_000,
    signature: "\"blackhole\"",
    lasts: "\"10 min\"",
    more: "",
};

impl Outage<'_> {
    /// The scenario: any time in six hours of 27 November 2019; a backup that is there at once.
    pub fn text(&self) -> String {
        let Outage { profile, timers, stores, signature, lasts, more } = self;
        format!(
            r#"
            [scenario]
            name = "an outage"
            seed = 135
            replications = 1
            first_day = 2019-11-27
            last_day = 2019-11-27
            interval = "1 h"
            [fleet.generate]
            stores = {stores}
            format = "closed"
            timezone = "America/Chicago"
            [fleet.draw]
            technology = "fibre_dia"
            carrier = "att"
            signal = "15 dB"
            topology = "second-router"
            standby = "hot-active"
            profile = "watched"
            [profiles.watched]
            based_on = "{profile}"
            {timers}
            [formats.closed]
            based_on = "kiosk"
            customers_per_day = 0
            [technologies.fibre_dia]
            rtt = "1 ms"
            jitter = "0 s"
            loss = 0
            [lte.bring_up]
            vpn_round_trips = 0
            [faults]
            enabled = false
            [[faults.scheduled]]
            name = "outage"
            signature = {signature}
            at = "2019-11-27 08:00"
            spread = "6 h"
            duration = {lasts}
            {more}
            "#
        )
    }

    pub fn run(&self) -> ReplicationResult {
        replications(&self.text()).swap_remove(0)
    }

    pub fn incidents(&self) -> Vec<IncidentRow> {
        self.run().incidents
    }

    /// The profile as it is run.
    pub fn resolved(&self) -> Profile {
        let mut scenario = scenario(&self.text());
        let used = scenario.stores[0].profile;
        scenario.profiles.swap_remove(used.0 as usize)
    }
}

/// Seconds between two stages that were reached.
pub fn seconds(from: Option<SimTime>, to: Option<SimTime>) -> f64 {
    to.expect("reached").since(from.expect("reached")).as_secs_f64()
}

/// A profile of the library; what starting processes costs mwan3, which the figures it is known by leave out, is left out.
pub fn profile(name: &str) -> Profile {
    let mut found =
        library().into_iter().find(|profile| profile.name == name).expect("a profile of the library");
    if let Some(Detector::SequentialProbes(SequentialProbes { overhead, .. })) = &mut found.detector {
        *overhead = Span::ZERO;
    }
    found
}
