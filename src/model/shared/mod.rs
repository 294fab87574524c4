//! What stores share: LTE cells, carriers' cores, services and the operations centre, advanced only at instants of their own grids.

pub mod cell;
pub mod core;
pub mod noc;
pub mod pool;
pub mod service;

use serde::{Deserialize, Serialize};

use crate::kernel::driver::{Granted, Resource, Stamped};
use crate::units::{SimTime, Span};

use cell::{Cell, CellMessage, CellShare};
use core::{Answer, Core};
use noc::{Noc, NocMessage, Remedy};
use pool::{Pool, PoolMessage, PoolState};
use service::{Service, ServiceMessage, ServiceState};

/// A message from a store to something shared.
///
/// Attempts at services are nearly all there are, and hours of them are kept: what is large and rare stands elsewhere.
#[derive(Clone, Debug)]
pub enum Message {
    /// To a cell.
    Cell(CellMessage),
    /// To the pool of a data plan.
    Pool(PoolMessage),
    /// To a carrier's core: a registration.
    Register {
        /// How long it takes, queueing aside.
        takes: Span,
        /// Number of the request at its store: the grant bears it.
        request: u32,
    },
    /// To a service: an attempt.
    Attempt(ServiceMessage),
    /// To the operations centre.
    Noc(Box<NocMessage>),
}

/// What something shared publishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Published {
    /// A cell's shares.
    Cell(CellShare),
    /// Whether a pool's allowance is used up.
    Pool(PoolState),
    /// A core publishes nothing: it grants.
    Core,
    /// A service's queue.
    Service(ServiceState),
    /// The operations centre publishes nothing: it grants.
    Noc,
}

/// What something shared grants, at the instant of the grant.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub enum Grant {
    /// The core's answer to the registration asked for.
    Registration {
        /// Number of the request at its store.
        request: u32,
        /// What it is.
        answer: Answer,
    },
    /// The fault of this number at its store ends, mended thus.
    Mended(u32, Remedy),
}

/// Anything shared.
#[derive(Clone, Debug)]
pub enum Shared {
    /// An LTE sector.
    Cell(Box<Cell>),
    /// The allowance of a pooled data plan.
    Pool(Box<Pool>),
    /// A carrier's registration service.
    Core(Box<Core>),
    /// A data centre or a processor.
    Service(Box<Service>),
    /// The operations centre.
    Noc(Box<Noc>),
}

impl Resource for Shared {
    type Message = Message;
    type Published = Published;
    type Grant = Grant;

    fn step(&self) -> Span {
        match self {
            Shared::Cell(cell) => cell.step(),
            Shared::Pool(_) => pool::STEP,
            Shared::Core(core) => core.step(),
            Shared::Service(service) => service.step(),
            Shared::Noc(_) => noc::STEP,
        }
    }

    fn lookahead(&self) -> Span {
        match self {
            // They grant nothing, so nothing can come too early.
            Shared::Cell(_) | Shared::Pool(_) | Shared::Service(_) => Span::MAX,
            Shared::Core(core) => core.lookahead(),
            Shared::Noc(_) => noc::STEP,
        }
    }

    fn wake(&mut self, at: SimTime) -> Published {
        match self {
            Shared::Cell(cell) => Published::Cell(cell.wake(at)),
            Shared::Pool(pool) => Published::Pool(pool.wake(at)),
            Shared::Core(_) => Published::Core,
            Shared::Service(service) => Published::Service(service.wake(at)),
            Shared::Noc(_) => Published::Noc,
        }
    }

    fn fold(
        &mut self,
        at: SimTime,
        inbox: &[Stamped<Message>],
        grants: &mut Vec<Granted<Grant>>,
    ) -> Published {
        match self {
            Shared::Cell(cell) => {
                let messages = inbox.iter().filter_map(|stamped| match stamped.message {
                    Message::Cell(message) => Some((stamped.at, stamped.rank, message)),
                    Message::Register { .. } | Message::Pool(_) | Message::Attempt(_) | Message::Noc(_) => {
                        None
                    }
                });
                Published::Cell(cell.fold(at, messages))
            }
            Shared::Pool(pool) => {
                let messages = inbox.iter().filter_map(|stamped| match stamped.message {
                    Message::Pool(message) => Some((stamped.at, stamped.rank, message)),
                    Message::Register { .. } | Message::Cell(_) | Message::Attempt(_) | Message::Noc(_) => {
                        None
                    }
                });
                Published::Pool(pool.fold(at, messages))
            }
            Shared::Core(core) => {
                for stamped in inbox {
                    if let Message::Register { takes, request } = stamped.message {
                        let (at, answer) = core.register(stamped.at, stamped.rank, takes);
                        let grant = Grant::Registration { request, answer };
                        grants.push(Granted { rank: stamped.rank, at, grant });
                    }
                }
                Published::Core
            }
            Shared::Service(service) => {
                let attempts = inbox.iter().filter_map(|stamped| match stamped.message {
                    Message::Attempt(attempt) => Some((stamped.at, attempt)),
                    Message::Cell(_) | Message::Register { .. } | Message::Pool(_) | Message::Noc(_) => None,
                });
                Published::Service(service.fold(at, attempts))
            }
            Shared::Noc(noc) => {
                let messages = inbox.iter().filter_map(|stamped| match stamped.message {
                    Message::Noc(ref message) => Some((stamped.at, stamped.rank, **message)),
                    Message::Cell(_) | Message::Register { .. } | Message::Pool(_) | Message::Attempt(_) => {
                        None
                    }
                });
                let mut mended = Vec::new();
                noc.fold(at, messages, &mut mended);
                grants.extend(mended.into_iter().map(|Granted { rank, at, grant: (fault, remedy) }| {
                    Granted { rank, at, grant: Grant::Mended(fault, remedy) }
                }));
                Published::Noc
            }
        }
    }

    fn calm_until(&self) -> SimTime {
        match self {
            Shared::Cell(cell) => cell.calm_until(),
            Shared::Pool(pool) => pool.calm_until(),
            // A core is only stepped while somebody waits for it.
            Shared::Core(_) => SimTime::default(),
            Shared::Service(service) => service.calm_until(),
            Shared::Noc(noc) => noc.calm_until(),
        }
    }

    fn presumes_until(&self, limit: SimTime) -> Option<SimTime> {
        match self {
            Shared::Service(service) => service.presumes_until(limit),
            Shared::Cell(_) | Shared::Pool(_) | Shared::Core(_) | Shared::Noc(_) => None,
        }
    }

    fn presume(&mut self, until: SimTime) {
        let Shared::Service(service) = self else { unreachable!("nothing else presumes anything") };
        service.presume(until);
    }

    fn note(&mut self, stamped: Stamped<Message>) {
        if let (Shared::Service(service), Message::Attempt(attempt)) = (self, stamped.message) {
            service.note(stamped.at, stamped.rank, attempt);
        }
    }

    fn fold_noted(&mut self) -> Result<Published, SimTime> {
        let Shared::Service(service) = self else { unreachable!("nothing else presumes anything") };
        service.fold_noted().map(Published::Service)
    }

    fn is_idle(&self) -> bool {
        match self {
            Shared::Cell(cell) => cell.is_idle(),
            Shared::Pool(pool) => pool.is_idle(),
            Shared::Core(_) => true,
            // Every store stays coupled to it until its end.
            Shared::Service(_) => false,
            Shared::Noc(noc) => noc.is_idle(),
        }
    }
}
