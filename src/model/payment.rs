//! One card payment: an authorization over the route in use, attempts, and what happens without an answer.

use crate::kernel::draws::{Entity, Key};
use crate::kernel::variates::{geometric, lognormal, unit};
use crate::scenario::resolved::{Format, Payments, Scan, Scenario};
use crate::units::Span;

use super::law::{self, Sampler};
use super::purpose::{Purpose, address};

/// First retransmission timeout of TCP before a round trip is measured (RFC 6298 §2.1); it doubles each time.
pub const INITIAL_RTO: Span = Span::from_secs(1);
/// The same once one is known (Linux TCP_RTO_MIN).
pub const MEASURED_RTO: Span = Span::from_millis(200);

/// Parameters of payments, compiled.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// Terminal interaction before an authorization is sent.
    pub interaction: Sampler,
    /// The host's own time.
    pub host: Sampler,
    /// How long a terminal waits.
    pub timeout: Span,
    /// How many times it tries again.
    pub retries: u32,
    /// Pause before trying again.
    pub backoff: Span,
    /// Bits per authorization and direction.
    pub bits: u64,
    /// Probability of a refusal by the issuer.
    pub decline: f64,
    /// The first timeout after which a packet is sent again; it doubles each time.
    pub retransmission: Span,
}

impl Terminal {
    /// Compiles `payments`.
    #[must_use]
    pub fn new(payments: &Payments) -> Self {
        Terminal {
            interaction: Sampler::new(&payments.terminal),
            host: Sampler::new(&payments.host),
            timeout: payments.timeout,
            retries: payments.retries,
            backoff: payments.backoff,
            bits: payments.bytes * 8,
            decline: payments.decline,
            // A connection that is kept knows its round trip.
            retransmission: if payments.kept.is_some() { MEASURED_RTO } else { INITIAL_RTO },
        }
    }
}

/// The path of an attempt, as it is when the attempt is sent.
#[derive(Clone, Copy, Debug)]
pub struct AttemptPath {
    /// Round trip without queueing.
    pub round_trip: RoundTrip,
    /// Probability that a packet and its answer do not both arrive.
    pub loss: f64,
    /// Waiting and sending at the bottleneck, both directions.
    pub queueing: Span,
}

/// How a round trip is drawn.
#[derive(Clone, Copy, Debug)]
pub enum RoundTrip {
    /// Base plus uniform jitter.
    Wired {
        /// Without jitter.
        base: Span,
        /// Largest jitter.
        jitter: Span,
    },
    /// Lognormal about the carrier's median.
    Lte {
        /// ln of the median in seconds.
        ln_median_s: f64,
        /// Log-sd.
        sigma: f64,
        /// Added by a fault.
        extra: Span,
    },
}

impl RoundTrip {
    /// The round trip that `word` stands for.
    #[inline]
    #[must_use]
    pub fn draw(self, word: u64) -> Span {
        match self {
            RoundTrip::Wired { base, jitter } => {
                base + Span::from_nanos((unit(word) * jitter.as_nanos() as f64) as u64)
            }
            RoundTrip::Lte { ln_median_s, sigma, extra } => {
                Span::from_secs_f64(lognormal(word, ln_median_s, sigma)) + extra
            }
        }
    }
}

/// What an attempt would bring if the path stayed as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response {
    /// Request sent until answer received.
    pub takes: Span,
    /// The host's own part of it.
    pub host: Span,
    /// Whether the issuer refuses.
    pub declined: bool,
}

/// The response to attempt `attempt` (from 0) of the customer at (`store`, `draw`) over `path`.
///
/// Loss costs retransmission timeouts of 1, 2, 4, … s (RFC 6298; a fifth of that on a connection that is kept); attempts draw at
/// their own addresses, so that what the host does belongs to the attempt and not to the path.
#[inline]
#[must_use]
pub fn response(
    terminal: &Terminal,
    path: &AttemptPath,
    key: Key,
    store: Entity,
    draw: u64,
    attempt: u32,
) -> Response {
    let words = key.block(address(store, Purpose::Attempt, draw), 1 + u64::from(attempt));
    let round_trip = path.round_trip.draw(words[0]);
    let retransmitting = if unit(words[1]) < path.loss {
        // The word is uniform below `loss` now; rescaled, it says how many more are lost.
        let word = ((unit(words[1]) / path.loss) * (u64::MAX as f64)) as u64;
        let more = geometric(word, 1.0 - path.loss).min(8);
        terminal.retransmission.times((2 << more) - 1)
    } else {
        Span::ZERO
    };
    let host = terminal.host.span(words[2]);
    Response {
        takes: round_trip + path.queueing + host + retransmitting,
        host,
        declined: terminal.decline > 0.0 && unit(words[3]) < terminal.decline,
    }
}

/// The first retransmission of an attempt that has gone unanswered for `elapsed`, with a first timeout of `first`: of 1 s, 1, 3, 7,
/// 15, 31, … s after sending.
#[must_use]
pub fn next_retransmission(first: Span, elapsed: Span) -> Span {
    let mut at = first;
    let mut timeout = first;
    while at < elapsed {
        timeout = timeout.times(2);
        at += timeout;
    }
    at
}

/// Mean time a customer spends at a staffed server on a healthy network, seconds.
#[must_use]
pub fn mean_service_s(scenario: &Scenario, format: &Format) -> f64 {
    let payments = &scenario.payments;
    let card_s = law::mean(&payments.terminal) + law::mean(&payments.host);
    let cash_s = law::mean(&format.cash_time);
    let tender_s = format.cash_share * cash_s + (1.0 - format.cash_share) * card_s;
    match format.scan {
        Scan::PerItem { base, per_item, .. } => base + per_item * format.items_mean + tender_s,
        Scan::Drawn(law) => law::mean(&law),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retransmissions_follow_the_doubling_timer() {
        let after = |millis| next_retransmission(INITIAL_RTO, Span::from_millis(millis)).as_secs_f64();
        assert_eq!(
            [after(0), after(1_000), after(1_001), after(3_500), after(15_001)],
            [1.0, 1.0, 3.0, 7.0, 31.0]
        );
    }
}
