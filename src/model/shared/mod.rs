//! What stores share: LTE cells, carriers' cores and the operations centre, advanced only at instants of their own grids.

pub mod cell;
pub mod core;
pub mod noc;

use crate::kernel::driver::{Granted, Resource, Stamped};
use crate::units::{SimTime, Span};

use cell::{Cell, CellMessage, CellShare};
use core::Core;
use noc::{Noc, NocMessage, Remedy};

/// A message from a store to something shared.
#[derive(Clone, Copy, Debug)]
pub enum Message {
    /// To a cell.
    Cell(CellMessage),
    /// To a carrier's core: a registration.
    Register {
        /// How long it takes, queueing aside.
        takes: Span,
        /// Number of the request at its store: the grant bears it.
        request: u32,
    },
    /// To the operations centre.
    Noc(NocMessage),
}

/// What something shared publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// A cell's shares.
    Cell(CellShare),
    /// A core publishes nothing: it grants.
    Core,
    /// The operations centre publishes nothing: it grants.
    Noc,
}

/// What something shared grants, at the instant of the grant.
#[derive(Clone, Copy, Debug)]
pub enum Grant {
    /// The registration asked for under this number is done.
    Registered(u32),
    /// The fault of this number at its store ends, mended thus.
    Mended(u32, Remedy),
}

/// Anything shared.
#[derive(Clone, Debug)]
pub enum Shared {
    /// An LTE sector.
    Cell(Box<Cell>),
    /// A carrier's registration service.
    Core(Core),
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
            Shared::Core(core) => core.step(),
            Shared::Noc(_) => noc::STEP,
        }
    }

    fn lookahead(&self) -> Span {
        match self {
            // A cell grants nothing, so nothing can come too early.
            Shared::Cell(_) => Span::MAX,
            Shared::Core(core) => core.lookahead(),
            Shared::Noc(_) => noc::STEP,
        }
    }

    fn wake(&mut self, at: SimTime) -> Published {
        match self {
            Shared::Cell(cell) => Published::Cell(cell.wake(at)),
            Shared::Core(_) => Published::Core,
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
                    Message::Register { .. } | Message::Noc(_) => None,
                });
                Published::Cell(cell.fold(at, messages))
            }
            Shared::Core(core) => {
                for stamped in inbox {
                    if let Message::Register { takes, request } = stamped.message {
                        let at = core.register(stamped.at, takes);
                        grants.push(Granted { rank: stamped.rank, at, grant: Grant::Registered(request) });
                    }
                }
                Published::Core
            }
            Shared::Noc(noc) => {
                let messages = inbox.iter().filter_map(|stamped| match stamped.message {
                    Message::Noc(message) => Some((stamped.at, stamped.rank, message)),
                    Message::Cell(_) | Message::Register { .. } => None,
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
            // A core is only stepped while somebody waits for it.
            Shared::Core(_) => SimTime::default(),
            Shared::Noc(noc) => noc.calm_until(),
        }
    }

    fn is_idle(&self) -> bool {
        match self {
            Shared::Cell(cell) => cell.is_idle(),
            Shared::Core(_) => true,
            Shared::Noc(noc) => noc.is_idle(),
        }
    }
}
