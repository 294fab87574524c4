//! A carrier's core that grants at the request: whoever asks is told at once when it will be served.

use tinsel::units::{SimTime, Span};

/// One server, first come, first served.
pub struct PlainCore {
    takes: Span,
    free: SimTime,
}

impl PlainCore {
    pub fn new(per_second: f64) -> Self {
        PlainCore { takes: Span::from_secs_f64(1.0 / per_second), free: SimTime::default() }
    }

    /// When a registration asked for at `at` is done, that takes `attach` if nobody is before it.
    pub fn register(&mut self, at: SimTime, attach: Span) -> SimTime {
        self.free = self.free.max(at) + self.takes;
        self.free.max(at + attach)
    }
}
