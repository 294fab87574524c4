//! A modem whose registration the network has lost: until it has registered again, nothing passes.
//!
//! ```text
//!             fault of the carrier              due                  registered
//! Registered ─────────────────────▶ Pausing ────────────▶ Asking ───────────────▶ Attaching ──▶ Registered
//!                                      ▲     (no finite core: answered by itself)     │
//!                                      └──────── refused, or no answer ◀──────────────┘
//! ```
//!
//! The pauses are those of 3GPP TS 24.301 §5.5.1.2: T3411 after an attempt without an answer, T3402 after five of them in a row,
//! T3346 after a refusal for congestion, which begins the count anew ([`super::bring_up::after_failure`]).

use crate::scenario::resolved::BringUp;
use crate::units::{SimTime, Span};

use super::bring_up::{self, REGISTRATION_MIN};
use super::shared::core::Answer;

/// What the modem does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Act {
    /// Nothing.
    #[default]
    None,
    /// It asks the core for registration, which takes so long by itself.
    Asks(Span),
    /// It is registered again.
    Registered,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Stage {
    /// Nothing was lost.
    #[default]
    Registered,
    /// Asks at the instant.
    Pausing { at: SimTime },
    /// Waits for the core.
    Asking,
    /// Registered at the instant.
    Attaching { at: SimTime },
}

/// See the module.
#[derive(Clone, Copy, Debug, Default)]
pub struct Modem {
    stage: Stage,
    failures: u32,
}

impl Modem {
    /// Whether it has lost its registration.
    #[must_use]
    pub const fn is_lost(&self) -> bool {
        !matches!(self.stage, Stage::Registered)
    }

    /// Whether its next step asks the core.
    #[must_use]
    pub const fn is_about_to_ask(&self) -> bool {
        matches!(self.stage, Stage::Pausing { .. })
    }

    /// Whether it waits for the core.
    #[must_use]
    pub const fn is_asking(&self) -> bool {
        matches!(self.stage, Stage::Asking)
    }

    /// When it next does something by itself.
    #[must_use]
    pub const fn next(&self) -> SimTime {
        match self.stage {
            Stage::Registered | Stage::Asking => SimTime::NEVER,
            Stage::Pausing { at } | Stage::Attaching { at } => at,
        }
    }

    /// The network has lost it; it notices and tries from `at` on.
    pub fn lose(&mut self, at: SimTime) {
        *self = Modem { stage: Stage::Pausing { at }, failures: 0 };
    }

    /// It is switched off, or its SIM is changed: there is nothing to get back.
    pub fn forget(&mut self) {
        *self = Modem::default();
    }

    /// Does what is due at `now`. `takes` is what searching and attaching take; with a finite core it is asked (`queues`),
    /// without one it answers unless it is down (`alive`).
    pub fn handle(&mut self, now: SimTime, takes: Span, queues: bool, alive: bool, timers: &BringUp) -> Act {
        match self.stage {
            Stage::Pausing { .. } if queues => {
                self.stage = Stage::Asking;
                Act::Asks(takes)
            }
            Stage::Pausing { .. } if alive => {
                self.stage = Stage::Attaching { at: now + takes.max(REGISTRATION_MIN) };
                Act::None
            }
            Stage::Pausing { .. } => {
                self.failures += 1;
                self.stage = Stage::Pausing { at: now + bring_up::after_failure(timers, self.failures) };
                Act::None
            }
            Stage::Attaching { .. } => {
                *self = Modem::default();
                Act::Registered
            }
            Stage::Registered | Stage::Asking => Act::None,
        }
    }

    /// The core's answer, at its instant; `t3346` is the pause after a refusal.
    pub fn answer(&mut self, now: SimTime, answer: Answer, t3346: Span, timers: &BringUp) {
        if self.is_asking() {
            self.stage = match answer {
                Answer::Registered => Stage::Attaching { at: now },
                Answer::Refused | Answer::Unanswered => {
                    Stage::Pausing { at: now + pause(answer, &mut self.failures, t3346, timers) }
                }
            };
        }
    }
}

/// From `answer`, which is no registration, to the next attempt; `failures` counts attempts in a row without an answer.
#[must_use]
pub fn pause(answer: Answer, failures: &mut u32, t3346: Span, timers: &BringUp) -> Span {
    match answer {
        Answer::Registered => Span::ZERO,
        Answer::Refused => {
            *failures = 0;
            t3346
        }
        Answer::Unanswered => {
            *failures += 1;
            // The answer that did not come has taken T3410 already.
            bring_up::after_failure(timers, *failures).saturating_sub(timers.t3410)
        }
    }
}
