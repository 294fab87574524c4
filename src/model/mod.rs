//! Store-side processes and shared resources: pure state machines.
//!
//! Nothing here does I/O, reads a clock or spawns a thread, and events are handled without `Result`: bad input
//! was rejected in [`crate::scenario`]; what remains is a bug and panics.

pub mod bring_up;
pub mod bulk;
pub mod cause;
pub mod checkout;
pub mod damping;
pub mod demand;
pub mod detector;
pub mod failover;
pub mod faults;
pub mod flows;
pub mod latent;
pub mod law;
pub mod ledger;
pub mod modem;
pub mod neighbour;
pub mod path;
pub mod payment;
pub mod purpose;
pub mod resync;
pub mod session;
pub mod shared;
pub mod store;
pub mod uplink;
