//! A carrier's core: registrations are served one after the other at a finite rate (request and grant).
//!
//! A store asks at `t`; the core grants at the later of `t` + the time that searching and attaching take anyway and
//! the instant at which the queue of earlier requests lets it finish. No public value of the rate exists: it is a
//! scenario's parameter, and without one there is no core to queue at.

use crate::model::bring_up::REGISTRATION_MIN;
use crate::units::{SimTime, Span};

/// Step of a core's grid. A grant never comes sooner than [`REGISTRATION_MIN`] after the request, so that a request made at
/// the start of a step can still be answered at its end.
const STEP: Span = REGISTRATION_MIN;

/// One carrier's registration service: a single server with constant service time.
#[derive(Clone, Debug)]
pub struct Core {
    per_registration: Span,
    free_at: SimTime,
    /// Registrations served.
    pub served: u64,
    /// Sum of the time they waited for earlier ones.
    pub waited: Span,
}

impl Core {
    /// A core that serves `per_second` registrations a second (positive by validation).
    #[must_use]
    pub fn new(per_second: f64) -> Self {
        let per_registration = Span::from_secs_f64(1.0 / per_second);
        Core { per_registration, free_at: SimTime::default(), served: 0, waited: Span::ZERO }
    }

    pub(super) const fn step(&self) -> Span {
        STEP
    }

    pub(super) const fn lookahead(&self) -> Span {
        REGISTRATION_MIN
    }

    /// Serves a request made at `at` that takes `takes` by itself; the instant of the grant. Requests come in (time, store)
    /// order.
    pub fn register(&mut self, at: SimTime, takes: Span) -> SimTime {
        let begins = self.free_at.max(at);
        self.free_at = begins + self.per_registration;
        self.served += 1;
        self.waited += begins.since(at);
        (at + takes.max(REGISTRATION_MIN)).max(self.free_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_drains_at_the_service_rate() {
        let mut core = Core::new(5.0);
        let at = SimTime::from_unix_seconds(1_000);
        let last = (0..300).map(|_| core.register(at, Span::from_secs(3))).last();
        assert_eq!(last, Some(at + Span::from_secs(60)));
        assert_eq!(core.waited.as_secs_f64(), (0..300).map(|n| f64::from(n) / 5.0).sum::<f64>());
        assert_eq!(
            core.register(at + Span::from_secs(600), Span::from_secs(3)),
            at + Span::from_secs(603),
            "an idle core adds nothing"
        );
    }
}
