//! The tills: one queue, staffed lanes and self-checkouts, customers who give up. Knows nothing of payments.
//!
//! Servers stand in a fixed order, staffed lanes first; a customer takes the first idle one. Each server has one pending
//! instant, and the earliest of a few dozen is found by a scan: faster than a heap at ten servers, a little slower at 34
//! (`docs/performance.md`), and any server's instant may change without a search. The queue is first come, first
//! served; whoever reneges leaves a hole that is skipped, so leaving costs O(log n).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::scenario::resolved::SERVERS_MAX;
use crate::units::SimTime;

/// One queue and the servers behind it. `C` is what a customer carries along.
#[derive(Clone, Debug)]
pub struct Checkout<C> {
    servers: Vec<Option<C>>,
    /// When something is due at each server; never while idle.
    due: Vec<SimTime>,
    staffed: u32,
    staffed_open: u32,
    idle: u128,
    /// Servers at which nobody can be served, a bit each.
    dead: u128,
    queue: VecDeque<Option<Waiting<C>>>,
    /// Number of the customer at the front of `queue`, holes included.
    front: u64,
    waiting: u32,
    patience: BinaryHeap<Reverse<(SimTime, u64)>>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting<C> {
    customer: C,
    until: SimTime,
}

impl<C: Copy> Checkout<C> {
    /// `staffed` lanes, all closed, and `self_checkouts`, always open.
    ///
    /// # Panics
    /// If there are more than [`SERVERS_MAX`]; validation sees to that.
    #[must_use]
    pub fn new(staffed: u32, self_checkouts: u32) -> Self {
        let servers = staffed + self_checkouts;
        assert!(servers <= SERVERS_MAX, "validated: at most {SERVERS_MAX} lanes and self-checkouts");
        let mut checkout = Checkout {
            servers: vec![None; servers as usize],
            due: vec![SimTime::NEVER; servers as usize],
            staffed,
            staffed_open: 0,
            idle: 0,
            dead: 0,
            queue: VecDeque::new(),
            front: 0,
            waiting: 0,
            patience: BinaryHeap::new(),
        };
        checkout.open(0);
        checkout
    }

    /// Opens the first `staffed` lanes and closes the others, each after the customer it has.
    pub fn open(&mut self, staffed: u32) {
        self.staffed_open = staffed.min(self.staffed);
        self.idle = 0;
        for server in 0..self.servers.len() {
            if self.servers[server].is_none() && self.is_open(server as u32) {
                self.idle |= 1 << server;
            }
        }
    }

    fn is_open(&self, server: u32) -> bool {
        self.dead >> server & 1 == 0 && (server < self.staffed_open || server >= self.staffed)
    }

    /// From now on nobody takes a place at the servers of this mask (a bit each). Who is there stays.
    pub fn set_dead(&mut self, dead: u128) {
        self.dead = dead;
        self.open(self.staffed_open);
    }

    /// Servers at which nobody can be served.
    #[must_use]
    pub const fn dead(&self) -> u128 {
        self.dead
    }

    /// Whether `server` is a self-checkout.
    #[must_use]
    pub const fn is_self_checkout(&self, server: usize) -> bool {
        server >= self.staffed as usize
    }

    /// Open servers, busy or idle.
    #[must_use]
    pub fn open_servers(&self) -> u32 {
        let open = self.staffed_open + self.servers.len() as u32 - self.staffed;
        if self.dead == 0 {
            return open;
        }
        (0..self.servers.len() as u32).filter(|&server| self.is_open(server)).count() as u32
    }

    /// Customers in the queue.
    #[must_use]
    pub const fn waiting(&self) -> u32 {
        self.waiting
    }

    /// The first idle open server.
    #[inline]
    #[must_use]
    pub const fn idle_server(&self) -> Option<usize> {
        if self.idle == 0 { None } else { Some(self.idle.trailing_zeros() as usize) }
    }

    /// Puts `customer` at the idle `server`, where something is next due at `due`.
    #[inline]
    pub fn seat(&mut self, server: usize, customer: C, due: SimTime) {
        debug_assert!(self.servers[server].is_none(), "a server has one customer at a time");
        self.servers[server] = Some(customer);
        self.due[server] = due;
        self.idle &= !(1 << server);
    }

    /// Puts `customer` at the end of the queue until a server is free or `until` comes.
    pub fn enqueue(&mut self, customer: C, until: SimTime) {
        let number = self.front + self.queue.len() as u64;
        self.queue.push_back(Some(Waiting { customer, until }));
        self.patience.push(Reverse((until, number)));
        self.waiting += 1;
    }

    /// Takes the customer at the front of the queue.
    pub fn dequeue(&mut self) -> Option<C> {
        while let Some(place) = self.queue.pop_front() {
            self.front += 1;
            if let Some(waiting) = place {
                self.waiting -= 1;
                return Some(waiting.customer);
            }
        }
        None
    }

    /// When the next customer loses patience.
    #[inline]
    #[must_use]
    pub fn next_renege(&mut self) -> SimTime {
        if self.waiting == 0 {
            self.patience.clear();
            return SimTime::NEVER;
        }
        while let Some(&Reverse((until, number))) = self.patience.peek() {
            if number >= self.front && self.queue[(number - self.front) as usize].is_some() {
                return until;
            }
            self.patience.pop();
        }
        SimTime::NEVER
    }

    /// Takes the customer whose patience ends next.
    pub fn renege(&mut self) -> Option<C> {
        while let Some(Reverse((until, number))) = self.patience.pop() {
            let Some(place) = number.checked_sub(self.front) else { continue };
            if let Some(waiting) = self.queue[place as usize].take() {
                debug_assert_eq!(waiting.until, until);
                self.waiting -= 1;
                return Some(waiting.customer);
            }
        }
        None
    }

    /// The earliest instant at which something is due at a server, and which server (the first of several).
    #[inline]
    #[must_use]
    pub fn next_due(&self) -> (SimTime, usize) {
        let mut earliest = (SimTime::NEVER, 0);
        for (server, &due) in self.due.iter().enumerate() {
            if due < earliest.0 {
                earliest = (due, server);
            }
        }
        earliest
    }

    /// The customer at `server`.
    #[inline]
    #[must_use]
    pub fn at(&self, server: usize) -> Option<&C> {
        self.servers[server].as_ref()
    }

    /// Changes the customer at `server` and when something is next due there.
    #[inline]
    pub fn update(&mut self, server: usize, customer: C, due: SimTime) {
        debug_assert!(self.servers[server].is_some(), "only a busy server has a customer to change");
        self.servers[server] = Some(customer);
        self.due[server] = due;
    }

    /// Frees `server`; a lane that was to be closed closes.
    #[inline]
    pub fn leave(&mut self, server: usize) {
        self.servers[server] = None;
        self.due[server] = SimTime::NEVER;
        if self.is_open(server as u32) {
            self.idle |= 1 << server;
        }
    }

    /// Servers in order with their customers and what is due.
    pub fn servers(&self) -> impl Iterator<Item = (usize, &C, SimTime)> + '_ {
        self.servers.iter().zip(&self.due).enumerate().filter_map(|(server, (customer, &due))| {
            customer.as_ref().map(|customer| (server, customer, due))
        })
    }

    /// Everybody who is in the queue, from the front.
    pub fn queued(&self) -> impl Iterator<Item = &C> + '_ {
        self.queue.iter().flatten().map(|waiting| &waiting.customer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> SimTime {
        SimTime::from_unix_seconds(second)
    }

    #[test]
    fn first_come_first_served_with_holes_where_somebody_left() {
        let mut checkout = Checkout::new(1, 0);
        checkout.enqueue('a', at(30));
        checkout.enqueue('b', at(10));
        checkout.enqueue('c', at(20));
        assert_eq!(checkout.next_renege(), at(10));
        assert_eq!(checkout.renege(), Some('b'));
        assert_eq!(checkout.dequeue(), Some('a'));
        assert_eq!(checkout.next_renege(), at(20));
        assert_eq!(checkout.dequeue(), Some('c'));
        assert_eq!((checkout.waiting(), checkout.next_renege()), (0, SimTime::NEVER));
        assert_eq!(checkout.renege(), None);
    }

    #[test]
    fn a_closing_lane_finishes_its_customer() {
        let mut checkout = Checkout::new(2, 1);
        checkout.open(2);
        checkout.seat(0, 'a', at(5));
        checkout.seat(1, 'b', at(4));
        checkout.open(1);
        assert_eq!(checkout.next_due(), (at(4), 1));
        checkout.leave(1);
        assert_eq!(checkout.idle_server(), Some(2), "lane 1 closed, the self-checkout is idle");
        checkout.open(2);
        assert_eq!(checkout.idle_server(), Some(1));
        assert_eq!(checkout.open_servers(), 3);
    }
}
