//! A shop with nothing random but when customers come: every duration constant, every payment by card.

use super::lab::replications;
use tinsel::simulation::result::{ReplicationResult, TimelineCell};

/// Noon, in seconds of the day, when most faults here begin.
pub const NOON_S: usize = 43_200;

/// What differs from shop to shop. Text is TOML.
#[derive(Clone, Copy)]
pub struct Shop {
    pub stores: u32,
    pub technology: &'static str,
    pub topology: &'static str,
    pub standby: &'static str,
    pub profile: &'static str,
    /// Keys of `[payments]` on top of no retries.
    pub payments: &'static str,
    pub interval: &'static str,
    /// Further tables.
    pub more: &'static str,
}

pub const SHOP: Shop = Shop {
    stores: 1,
    technology: "fibre_dia",
    topology: "none",
    standby: "hot-active",
    profile: "fortinet-sdwan",
    payments: "retries = 0",
    interval: "1 h",
    more: "",
};

impl Shop {
    /// The scenario: 20 November 2019, open around the clock, two customers a minute.
    pub fn text(&self) -> String {
        let Shop { stores, technology, topology, standby, profile, payments, interval, more } = self;
        format!(
            r#"
            [scenario]
            name = "a shop"
            seed = 1120
            replications = 1
            first_day = 2019-11-20
            last_day = 2019-11-20
            interval = "{interval}"
            [fleet.generate]
            stores = {stores}
            format = "shop"
            timezone = "UTC"
            [fleet.draw]
            technology = "{technology}"
            carrier = "att"
            signal = "15 dB"
            topology = "{topology}"
            standby = "{standby}"
            profile = "{profile}"
            sales_spread = 0
            [formats.shop]
            based_on = "mall_specialty"
            customers_per_day = 2880
            basket = "$60"
            basket_sigma = 0
            lanes = 60
            scan = "5 s"
            cash_share = 0
            cash_fallback = 0
            patience = "1 h"
            [formats.shop.hours]
            open = "00:00"
            close = "24:00"
            [formats.shop.curve]
            weekday = "flat"
            weekend = "flat"
            [formats.shop.staffing]
            all_open = true
            [technologies.fibre_dia]
            rtt = "20 ms"
            jitter = "0 s"
            loss = 0
            [payments]
            terminal = "1 s"
            host = "0.5 s"
            decline = 0
            timeout = "30 s"
            {payments}
            [lte]
            loss = 0
            [lte.bring_up]
            bearer = "0.2 s"
            [faults]
            enabled = false
            {more}
            "#
        )
    }

    pub fn run(&self) -> ReplicationResult {
        replications(&self.text()).swap_remove(0)
    }
}

/// One count of the timeline by interval.
pub fn series(run: &ReplicationResult, count: fn(&TimelineCell) -> u64) -> Vec<u64> {
    run.timeline.cells.iter().map(count).collect()
}
