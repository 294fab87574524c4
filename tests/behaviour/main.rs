//! What a store does when its network breaks: one small scenario for each rule.

mod attribution;
mod beside;
mod columns;
mod drill;
mod failback;
mod failover;
mod flows;
#[path = "../theory/lab.rs"]
mod lab;
mod noc;
mod payments;
mod properties;
mod regressions;
mod resync;
mod services;
mod shop;
mod staffing;
mod twin;
