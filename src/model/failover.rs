//! The controller: from "declared down" to traffic on the backup, and back.
//!
//! ```text
//!            down                usable            route changed
//! Primary ─────────▶ BringingUp ────────▶ Switching ───────────▶ Backup ◀─ down ─┐
//!    ▲                   │  │ dead            │ up                 │ up           │
//!    │                   │  ▼                 │                    ▼              │
//!    │                   │ Stalled ─ alive ▶ …│               HoldingDown ────────┤
//!    │ ready             ▼                    ▼                    ▼              │
//!    ├──────────────── Restoring ◀────────────┘               Returning ──────────┘
//!    └─────────────────────────────────────────────────────────────┘ ready
//! ```
//!
//! *Ready* is when the route over the primary is there again: some time after it was declared up, or, with a routing
//! session, some time after the session was established again ([`Ready`]). Until then traffic that had moved stays on the backup
//! (`Returning`), and traffic that had not has no route (`Restoring`).
//!
//! A pure state machine: it is told what the detector thinks, whether the backup passes traffic and what time it is; it
//! answers with the steps it took. It decides the route; what the route is worth is physics ([`super::path`]).

use crate::scenario::resolved::Failback;
use crate::units::{SimTime, Span};

use super::bring_up::{Plan, Registration};

/// Where new packets go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Route {
    /// Over the primary uplink.
    Primary,
    /// Over LTE as the backup.
    Backup,
    /// Nowhere: the router answers "unreachable" at once.
    Unreachable,
}

/// When the route over a primary that is up again will be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ready {
    /// This long after traffic may return.
    After(Span),
    /// From this instant on.
    At(SimTime),
    /// Nobody knows yet: a session has to be established first.
    Unknown,
}

/// A step of an incident.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The modem asks the carrier for registration; the span is what it takes by itself.
    Registering(Span),
    /// The backup path is usable.
    BackupReady,
    /// New packets take the backup.
    FailedOver,
    /// New packets take the primary again.
    FailedBack,
    /// The primary has its route again before traffic had moved to the backup.
    Restored,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Primary,
    /// Modem starting; asks for registration at the instant.
    Starting {
        at: SimTime,
        takes: Span,
        after: Span,
    },
    /// Waiting for the core's grant.
    Registering {
        after: Span,
    },
    /// Usable at the instant.
    BringingUp {
        at: SimTime,
    },
    /// The backup was dead when it should have become usable.
    Stalled,
    /// Route changes at the instant.
    Switching {
        at: SimTime,
    },
    Backup,
    /// The primary is up but has to stay up until the instant.
    HoldingDown {
        until: SimTime,
    },
    /// Route changes back at the instant.
    Returning {
        at: SimTime,
    },
    /// Traffic never left, or had no backup yet: it goes on over the primary from the instant.
    Restoring {
        at: SimTime,
    },
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Controller {
    stage: Stage,
    failback: Failback,
    /// Traffic that has moved stays on the backup at least this long.
    backup_min: Span,
    /// Whether there is a backup for store traffic.
    has_backup: bool,
    switch_over: Span,
    ready: Ready,
    /// When traffic moved to the backup last.
    moved: SimTime,
}

impl Controller {
    /// A controller with traffic on the primary.
    #[must_use]
    pub const fn new(failback: Failback, backup_min: Span, has_backup: bool) -> Self {
        Controller {
            stage: Stage::Primary,
            failback,
            backup_min,
            has_backup,
            switch_over: Span::ZERO,
            ready: Ready::After(Span::ZERO),
            moved: SimTime::NEVER,
        }
    }

    /// Where new packets go, as far as failover decides.
    #[must_use]
    pub const fn route(&self) -> Route {
        match self.stage {
            Stage::Primary => Route::Primary,
            Stage::Starting { .. }
            | Stage::Registering { .. }
            | Stage::BringingUp { .. }
            | Stage::Stalled
            | Stage::Switching { .. }
            | Stage::Restoring { .. } => Route::Unreachable,
            Stage::Backup | Stage::HoldingDown { .. } | Stage::Returning { .. } => Route::Backup,
        }
    }

    /// Whether a bring-up stands still because the backup is dead.
    #[must_use]
    pub const fn is_stalled(&self) -> bool {
        matches!(self.stage, Stage::Stalled)
    }

    /// Whether the primary is up and only its route has to be found again, before traffic had moved.
    #[must_use]
    pub const fn is_restoring(&self) -> bool {
        matches!(self.stage, Stage::Restoring { .. })
    }

    /// When it next does something by itself.
    #[must_use]
    pub const fn next(&self) -> SimTime {
        match self.stage {
            Stage::Starting { at, .. }
            | Stage::BringingUp { at }
            | Stage::Switching { at }
            | Stage::Returning { at }
            | Stage::Restoring { at } => at,
            Stage::HoldingDown { until } => until,
            Stage::Primary | Stage::Registering { .. } | Stage::Stalled | Stage::Backup => SimTime::NEVER,
        }
    }

    /// Whether its next own step asks the carrier's core for registration.
    #[must_use]
    pub const fn is_about_to_register(&self) -> bool {
        matches!(self.stage, Stage::Starting { .. })
    }

    /// Whether it waits for a grant.
    #[must_use]
    pub const fn is_registering(&self) -> bool {
        matches!(self.stage, Stage::Registering { .. })
    }

    /// The primary is declared down at `now`. A bring-up, if one is needed, goes by `plan`; `queues` says whether
    /// registrations queue at a core. `route_change` is the delay until new packets take the other way.
    pub fn down(&mut self, now: SimTime, plan: impl FnOnce() -> Plan, queues: bool, route_change: Span) {
        match self.stage {
            Stage::Primary | Stage::Restoring { .. } if self.has_backup => {
                self.switch_over = route_change;
                self.start(now, plan(), queues);
            }
            Stage::HoldingDown { .. } | Stage::Returning { .. } => self.stage = Stage::Backup,
            Stage::Primary
            | Stage::Starting { .. }
            | Stage::Registering { .. }
            | Stage::BringingUp { .. }
            | Stage::Stalled
            | Stage::Switching { .. }
            | Stage::Restoring { .. }
            | Stage::Backup => {}
        }
    }

    fn start(&mut self, now: SimTime, plan: Plan, queues: bool) {
        self.stage = match plan.registration {
            Some(Registration { before, takes }) if queues => {
                Stage::Starting { at: now + before, takes, after: plan.after }
            }
            Some(_) | None => Stage::BringingUp { at: now + plan.total() },
        };
    }

    /// The primary is declared up at `now`; returns whether traffic is on it at once because it had not left yet.
    pub fn up(&mut self, now: SimTime, ready: Ready) -> bool {
        self.ready = ready;
        match self.stage {
            Stage::Starting { .. }
            | Stage::Registering { .. }
            | Stage::BringingUp { .. }
            | Stage::Stalled
            | Stage::Switching { .. } => {
                // A route that was never replaced is there as soon as the link is up; a session's has to be learnt again.
                let at = match ready {
                    Ready::After(_) => now,
                    Ready::At(at) => at,
                    Ready::Unknown => SimTime::NEVER,
                };
                self.stage = if at <= now { Stage::Primary } else { Stage::Restoring { at } };
                self.stage == Stage::Primary
            }
            Stage::Backup => {
                let hold = match self.failback {
                    Failback::Immediate => Span::ZERO,
                    Failback::HoldDown(hold) => hold,
                    Failback::Never => return false,
                };
                let until = (now + hold).max(self.moved + self.backup_min);
                if until > now {
                    self.stage = Stage::HoldingDown { until };
                } else {
                    self.begin_return(now);
                }
                false
            }
            Stage::Primary => true,
            Stage::HoldingDown { .. } | Stage::Returning { .. } | Stage::Restoring { .. } => false,
        }
    }

    /// The primary has taken traffic back, although nobody here has declared it up: it moves, or stays, after `takes`.
    pub fn reclaim(&mut self, now: SimTime, takes: Span) {
        match self.stage {
            Stage::Starting { .. }
            | Stage::Registering { .. }
            | Stage::BringingUp { .. }
            | Stage::Stalled
            | Stage::Switching { .. } => self.stage = Stage::Restoring { at: now + takes },
            Stage::Backup | Stage::HoldingDown { .. } => self.stage = Stage::Returning { at: now + takes },
            Stage::Primary | Stage::Returning { .. } | Stage::Restoring { .. } => {}
        }
    }

    /// Traffic may return from `now` on.
    fn begin_return(&mut self, now: SimTime) {
        let at = match self.ready {
            Ready::After(span) => now + span,
            Ready::At(at) => at.max(now),
            Ready::Unknown => SimTime::NEVER,
        };
        self.stage = Stage::Returning { at };
    }

    /// It is known now when the route over the primary will be there.
    pub fn ready(&mut self, at: SimTime) {
        if self.ready == Ready::Unknown {
            self.ready = Ready::At(at);
            match self.stage {
                Stage::Returning { .. } => self.stage = Stage::Returning { at },
                Stage::Restoring { .. } => self.stage = Stage::Restoring { at },
                Stage::Primary
                | Stage::Starting { .. }
                | Stage::Registering { .. }
                | Stage::BringingUp { .. }
                | Stage::Stalled
                | Stage::Switching { .. }
                | Stage::Backup
                | Stage::HoldingDown { .. } => {}
            }
        }
    }

    /// The backup passes traffic again: a bring-up that stood still starts again by `plan`.
    pub fn backup_alive(&mut self, now: SimTime, plan: impl FnOnce() -> Plan, queues: bool) {
        if self.stage == Stage::Stalled {
            self.start(now, plan(), queues);
        }
    }

    /// The backup died: traffic that was to return to an up primary after a hold-down returns without it.
    pub fn backup_dead(&mut self, now: SimTime) {
        if let Stage::HoldingDown { .. } = self.stage {
            self.begin_return(now);
        }
    }

    /// The core granted the registration at `now`.
    pub fn registered(&mut self, now: SimTime) {
        if let Stage::Registering { after } = self.stage {
            self.stage = Stage::BringingUp { at: now + after };
        }
    }

    /// Does what is due at `now`, which is [`Controller::next`].
    pub fn handle(&mut self, now: SimTime, backup_alive: bool) -> Option<Step> {
        match self.stage {
            Stage::Starting { takes, after, .. } => {
                self.stage = Stage::Registering { after };
                Some(Step::Registering(takes))
            }
            Stage::BringingUp { .. } if !backup_alive => {
                self.stage = Stage::Stalled;
                None
            }
            Stage::BringingUp { .. } => {
                self.stage = Stage::Switching { at: now + self.switch_over };
                Some(Step::BackupReady)
            }
            Stage::Switching { .. } => {
                self.moved = now;
                self.stage = Stage::Backup;
                Some(Step::FailedOver)
            }
            Stage::HoldingDown { .. } => {
                self.begin_return(now);
                None
            }
            Stage::Restoring { .. } => {
                self.stage = Stage::Primary;
                Some(Step::Restored)
            }
            Stage::Returning { .. } => {
                self.stage = Stage::Primary;
                Some(Step::FailedBack)
            }
            Stage::Primary | Stage::Registering { .. } | Stage::Stalled | Stage::Backup => None,
        }
    }

    /// The device that hosts it was restarted: traffic goes over the primary.
    pub const fn reset(&mut self) {
        self.stage = Stage::Primary;
    }
}
