//! What is known of failover before anything is simulated, on the profiles of the library: how long traffic stays on the
//! backup, when a short outage trips a rule, what scores and ladders of retries do (failover reference, oracles T1 to T8; the
//! others are in `closed.rs`, `failover.rs` and the unit tests of the closed forms).

mod dwell;
mod outages;
mod retries;
mod scores;
mod trips;

pub use outages::{BLACKHOLE, Outage, RTT, profile, seconds};
