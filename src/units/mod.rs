//! Quantities as integer newtypes: time, rates, bytes, money.
//!
//! Events are ordered by integers only and shared resources add integers only, so no sum depends on
//! the order in which threads finish. `f64` appears in variates and estimators, never here.

mod money;
mod parse;
mod rate;
mod time;
pub mod words;

pub use money::Cents;
pub use parse::{
    CURRENCY_SIGNS, UnitError, currency_sign, format_span, parse_bytes, parse_cents, parse_decibels,
    parse_hertz, parse_money, parse_number, parse_rate, parse_share, parse_span,
};
pub use rate::BitRate;
pub use time::{SimTime, Span};
