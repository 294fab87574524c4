//! What a store keeps open over its uplinks: a tunnel, connections, and the share of its traffic that they carry.

use super::Law;
use crate::units::Span;

/// A VPN tunnel in which the store's traffic goes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tunnel {
    /// From the last packet received until the peer is asked whether it is there.
    pub check: Span,
    /// How long the first answer is waited for.
    pub wait: Span,
    /// Each further wait is longer by this factor.
    pub wait_factor: f64,
    /// How often the question is sent again; then the peer is dead.
    pub retries: u32,
    /// How often the first message of a new tunnel is sent again before it is begun anew.
    pub connect_retries: u32,
    /// Round trips in which it takes a new route by itself; `None`: it stays where it is.
    pub moves: Option<u32>,
    /// Round trips until it is set up.
    pub round_trips: u32,
    /// What computing takes then.
    pub compute: Span,
    /// How much longer it stays on a path that lives and that the route has left, seconds.
    pub stays: Law,
}

/// One connection over which a store sends all its payments.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct KeptConnection {
    /// From the first request without an answer until the connection is given up.
    pub give_up: Span,
    /// From the first packet of a new connection until that is given up.
    pub connect_give_up: Span,
    /// Between two heartbeats; zero: there are none.
    pub heartbeat: Span,
    /// Round trips until it is set up.
    pub round_trips: u32,
    /// As [`Tunnel::stays`].
    pub stays: Law,
}

/// The part of a traffic class that flows over connections which are kept.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct KeptShare {
    /// Which share of the class's rate (0..=1).
    pub share: f64,
    /// As [`Tunnel::stays`].
    pub stays: Law,
    /// Whether the class goes through the tunnel, if the store has one.
    pub in_tunnel: bool,
}
