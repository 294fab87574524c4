//! What stores share: LTE cells and carriers' cores, advanced only at instants of their own grids.

pub mod cell;
pub mod core;

use crate::kernel::driver::{Granted, Resource, Stamped};
use crate::units::{SimTime, Span};

use cell::{Cell, CellMessage, CellShare};
use core::Core;

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
}

/// What something shared publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// A cell's shares.
    Cell(CellShare),
    /// A core publishes nothing: it grants.
    Core,
}

/// What something shared grants, at the instant of the grant.
#[derive(Clone, Copy, Debug)]
pub enum Grant {
    /// The registration asked for under this number is done.
    Registered(u32),
}

/// Anything shared.
#[derive(Clone, Debug)]
pub enum Shared {
    /// An LTE sector.
    Cell(Box<Cell>),
    /// A carrier's registration service.
    Core(Core),
}

impl Resource for Shared {
    type Message = Message;
    type Published = Published;
    type Grant = Grant;

    fn step(&self) -> Span {
        match self {
            Shared::Cell(cell) => cell.step(),
            Shared::Core(core) => core.step(),
        }
    }

    fn lookahead(&self) -> Span {
        match self {
            // A cell grants nothing, so nothing can come too early.
            Shared::Cell(_) => Span::MAX,
            Shared::Core(core) => core.lookahead(),
        }
    }

    fn wake(&mut self, at: SimTime) -> Published {
        match self {
            Shared::Cell(cell) => Published::Cell(cell.wake(at)),
            Shared::Core(_) => Published::Core,
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
                    Message::Register { .. } => None,
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
        }
    }

    fn calm_until(&self) -> SimTime {
        match self {
            Shared::Cell(cell) => cell.calm_until(),
            // A core is only stepped while somebody waits for it.
            Shared::Core(_) => SimTime::default(),
        }
    }

    fn is_idle(&self) -> bool {
        match self {
            Shared::Cell(cell) => cell.is_idle(),
            Shared::Core(_) => true,
        }
    }
}
