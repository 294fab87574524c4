//! tinsel against a second executor that shares nothing with it but the store: one heap, no grid, no folds.
//!
//! [`plain`] steps stores event by event and couples them without delay; what they share is written anew there, as plainly as it
//! can be. Where both agree, neither the driver nor the published state nor a fold has bent what a scenario says.

mod agreement;
mod collapse;
#[expect(dead_code, reason = "other tests write scenarios of several replications")]
#[path = "../theory/lab.rs"]
mod lab;
mod plain;
mod raised;
mod random;
mod steps;
mod storm;
