//! Failover timing of real daemons beside tinsel's (data and how they were measured: `tests/lab/README.md`).
//!
//! Each measured series is run under its own conditions: the daemon's configuration becomes a profile of the library
//! with the configured timers, the fault and how long it was held are the trial's, and what comes out is seen through the
//! laboratory's prober. No parameter is fitted here: the profiles of the library are as shipped, and the conditions are
//! those that the manifest states.
//!
//! The criterion: median and 95th percentile of each latency lie within the measurement's own 99 % order-statistic interval,
//! widened by 5 %. Where so few trials have no such limit on one side, the largest trial stands for it.

mod compare;
mod conditions;
mod controls;
mod flaps;
mod here;
mod losses;
mod measured;
mod simulated;
mod table;
mod times;
