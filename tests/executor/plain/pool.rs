//! The allowance of a pooled plan, read like a meter every ten seconds, in plain floating-point numbers.

use std::collections::BTreeMap;

use tinsel::model::shared::pool::{PoolMessage, PoolState};
use tinsel::units::{SimTime, Span};

/// How often the meter is read: so the plan has it, and it is no error of either executor.
pub const READ_EVERY: Span = Span::from_secs(10);

pub struct PlainPool {
    /// Bits that are left.
    left: f64,
    /// Bits a second of the probes of all lines.
    probes: f64,
    /// Of each line that carries something, by rank.
    rates: BTreeMap<u32, f64>,
    since: SimTime,
    next: SimTime,
    state: PoolState,
}

impl PlainPool {
    pub fn new(left_bytes: u64, probes: u64, begin: SimTime) -> Self {
        PlainPool {
            left: left_bytes as f64 * 8.0,
            probes: probes as f64,
            rates: BTreeMap::new(),
            since: begin,
            next: begin + READ_EVERY,
            state: PoolState::default(),
        }
    }

    pub fn next(&self) -> SimTime {
        if self.state.exhausted { SimTime::NEVER } else { self.next }
    }

    pub fn hear(&mut self, at: SimTime, rank: u32, message: PoolMessage) {
        self.count(at);
        match message {
            PoolMessage::Rate(rate) => {
                self.rates.insert(rank, rate.0 as f64);
            }
            PoolMessage::Bits(bits) => self.left -= bits as f64,
        }
    }

    fn count(&mut self, at: SimTime) {
        let rate = self.probes + self.rates.values().sum::<f64>();
        self.left -= rate * at.since(self.since).as_secs_f64();
        self.since = self.since.max(at);
    }

    /// Reads the meter if it is time.
    pub fn act(&mut self, at: SimTime) -> PoolState {
        self.count(at);
        if at == self.next {
            self.next = at + READ_EVERY;
            if self.left <= 0.0 && !self.state.exhausted {
                self.state = PoolState { exhausted: true, at };
            }
        }
        self.state
    }
}
