//! A LAN host's neighbour cache: how long it goes on sending to a gateway that has handed the address back without
//! anybody saying so.
//!
//! A router that takes over announces it (gratuitous ARP), and so does one that takes back what it knows it had lost. If it
//! never noticed, nobody announces anything, and each host finds out by itself (arp(7), RFC 4861 §7.3): an announced entry is
//! stale; traffic to it starts a delay of 5 s, after which three probes, one a second, ask the router that was
//! announced. Answered, it counts as reachable for 15 to 45 s, then all begins anew; not answered, the host asks everybody.
//! Meanwhile its packets go to the demoted router, which forwards them: over the backup.
//!
//! Seen in the laboratory with keepalived 2.2.7: 34 of 119 failbacks came 8.12 to 8.36 s after the takeover, whenever the
//! link had been repaired.

use crate::kernel::draws::Words;
use crate::kernel::variates::unit;
use crate::units::{SimTime, Span};

/// From the first packet to a stale entry until it is probed (Linux delay_first_probe_time).
const DELAY: Span = Span::from_secs(5);
/// Three probes (ucast_solicit), one a second (retrans_time).
pub const PROBES: Span = Span::from_secs(3);
/// An entry is reachable for half to one and a half of this, seconds (base_reachable_time).
const REACHABLE_S: f64 = 30.0;
/// What the kernel's timer and the question to everybody add, seconds [measured: 0.12 to 0.36].
const ASKING_S: (f64, f64) = (0.12, 0.36);

/// When an entry of somebody who sends all the time fails, if nobody has answered since `silent`, at any moment of the entry's
/// life: it is confirmed after 20 to 50 s, and then asked for in vain.
#[must_use]
pub fn fails(silent: SimTime, words: &mut Words) -> SimTime {
    let (least, most) = (0.5 * REACHABLE_S + DELAY.as_secs_f64(), 1.5 * REACHABLE_S + DELAY.as_secs_f64());
    // A moment is the likelier to lie in a stretch the longer that is.
    let stretch = f64::sqrt(least * least + (most * most - least * least) * unit(words.next_word()));
    silent + Span::from_secs_f64(stretch * unit(words.next_word())) + PROBES
}

/// When a host that sends all the time finds the router that took its address back, unannounced, at `back`, after another
/// had announced to have it at `taken`.
#[must_use]
pub fn finds(taken: SimTime, back: SimTime, words: &mut Words) -> SimTime {
    let asking = Span::from_secs_f64(ASKING_S.0 + (ASKING_S.1 - ASKING_S.0) * unit(words.next_word()));
    let mut probed = taken + DELAY;
    while probed < back {
        let reachable = Span::from_secs_f64(REACHABLE_S * (0.5 + unit(words.next_word())));
        probed = probed + reachable + DELAY;
    }
    probed + PROBES + asking
}
