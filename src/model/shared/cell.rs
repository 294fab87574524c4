//! An LTE cell: airtime shared by stores, after the phones have taken theirs.
//!
//! A store that wants d bit/s at a radio rate of R bit/s needs d/R of the airtime. What the phones leave is shared by
//! water-filling: everybody gets the smaller of her need and a common level (processor sharing, as validated on a live
//! network by Salo & Zacarias, IJCNC 9(6) 2017). Radio rates follow the attenuated Shannon bound of 3GPP TR 36.942 Annex A.
//!
//! Airtime is counted in nanoseconds per second (parts per billion), all integers. What was used beyond the capacity
//! of a step, by stores that joined after it had begun or by payments on top of the fluid, is debt in the next.

mod series;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::scenario::resolved::{self, Window};
use crate::units::{BitRate, SimTime, Span};

pub use series::CellInterval;
use series::Series;

/// The need of a store that would take all airtime there is; small enough that sums stay far from overflow.
pub const UNLIMITED: u64 = u32::MAX as u64;

/// Most attempts a server is taken to send in one second.
pub const ATTEMPTS_PER_SECOND: u64 = 8;

/// All airtime, in parts per billion.
pub const FULL: u64 = 1_000_000_000;

/// One number for each direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Pair {
    /// Store to network.
    pub up: u64,
    /// Network to store.
    pub down: u64,
}

/// From a store to its cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellMessage {
    /// The store begins to use the cell.
    Join {
        /// Airtime it needs, parts per billion; above [`FULL`] = more than the cell has.
        need: Pair,
        /// Airtime of one payment at each of its servers, nanoseconds.
        bursts: Pair,
        /// Whether its plan has priority: it is served before the others.
        first: bool,
    },
    /// Its need changes.
    Need(Pair),
    /// It stops.
    Leave,
    /// A payment took this much airtime, nanoseconds.
    Burst(Pair),
}

/// What a cell publishes: parts per billion of airtime.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CellShare {
    /// The level up to which a store that takes part is served.
    pub level: Pair,
    /// The level that a store that joins in this step will find.
    pub joining: Pair,
    /// The same two for stores with priority.
    pub first: Pair,
    /// See [`Self::first`].
    pub first_joining: Pair,
    /// Airtime that phones, stores and debt take, in the direction in which they take more.
    pub load: u64,
    /// Whether there is room for every need and for the most that payments can add in any step.
    pub roomy: bool,
    /// When it was published.
    pub at: SimTime,
}

impl CellShare {
    /// The level of a store that takes part (`joined`) or joins, with priority (`first`) or without.
    #[must_use]
    pub const fn of(&self, first: bool, joined: bool) -> Pair {
        match (first, joined) {
            (false, true) => self.level,
            (false, false) => self.joining,
            (true, true) => self.first,
            (true, false) => self.first_joining,
        }
    }
}

/// What one direction's airtime comes to.
struct Direction {
    wanted: u64,
    level: u64,
    joining: u64,
    first: u64,
    first_joining: u64,
}

impl Direction {
    /// Shares `available` between the ascending needs of those with priority, who come `first`, and the `others`.
    fn share(first: &[u64], others: &[u64], available: u64) -> Self {
        let first_level = level(first, available);
        let taken: u64 = first.iter().map(|&need| need.min(first_level)).sum();
        let left = available.saturating_sub(taken);
        Direction {
            wanted: first.iter().sum::<u64>() + others.iter().sum::<u64>(),
            level: level(others, left),
            joining: joining(others, left),
            first: first_level,
            first_joining: joining(first, available),
        }
    }
}

/// State of one cell.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Which cell, for the rows.
    pub id: resolved::CellId,
    phones: [f64; 24],
    phone_steps: Vec<(SimTime, f64)>,
    utc_offset_s: i64,
    phones_up_share: f64,
    phones_max: f64,
    step: Span,
    members: BTreeMap<u32, Member>,
    debt: Pair,
    /// Whether more is wanted in this step than there is.
    saturated: bool,
    published: CellShare,
    /// What it was used for.
    pub usage: Usage,
    /// The same by interval, if anybody wants to know.
    series: Option<Series>,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    need: Pair,
    bursts: Pair,
    first: bool,
    since: SimTime,
    joined: bool,
}

/// Totals of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Store-time attached.
    pub attached: Span,
    /// Most stores attached at once.
    pub stores_max: u32,
    /// Time with a store attached.
    pub busy: Span,
    /// Time in which the stores needed more airtime than there was.
    pub saturated: Span,
}

impl Cell {
    /// The cell of `spec` under the shared parameters `lte`.
    #[must_use]
    pub fn new(id: resolved::CellId, spec: &resolved::Cell, lte: &resolved::Lte) -> Self {
        Cell {
            id,
            phones: spec.phones,
            phone_steps: spec.phone_steps.clone(),
            utc_offset_s: spec.utc_offset_s,
            phones_up_share: lte.phones_up_share,
            phones_max: lte.phones_max,
            step: lte.cell_step,
            members: BTreeMap::new(),
            debt: Pair::default(),
            saturated: false,
            published: CellShare::default(),
            usage: Usage::default(),
            series: None,
        }
    }

    /// The cell, which keeps what it carries in each interval of `width` in `window`.
    #[must_use]
    pub fn recording(mut self, window: Window, width: Span) -> Self {
        self.series = Some(Series::new(window, width));
        self
    }

    /// What it carried by interval; nothing if it did not keep that.
    #[must_use]
    pub fn intervals(&self) -> Vec<CellInterval> {
        self.series
            .as_ref()
            .map_or_else(Vec::new, |series| series.close(|from, until| self.phones(from, until)))
    }

    /// Airtime of phones between two instants, up and down, parts per billion times nanoseconds.
    fn phones(&self, from: SimTime, until: SimTime) -> (u128, u128) {
        let (mut at, mut up, mut down) = (from, 0, 0);
        while at < until {
            let next = self.next_schedule(at).min(until);
            let (left, nanos) = (self.left(at), u128::from(next.since(at).as_nanos()));
            up += u128::from(FULL - left.up) * nanos;
            down += u128::from(FULL - left.down) * nanos;
            at = next;
        }
        (up, down)
    }

    pub(super) const fn step(&self) -> Span {
        self.step
    }

    pub(super) fn is_idle(&self) -> bool {
        self.members.is_empty() && self.debt == Pair::default()
    }

    /// See [`crate::kernel::driver::Resource::calm_until`]: without debt and with everybody's need known, nothing but the phones'
    /// schedule can change what is published; nor can payments, while it is [roomy](CellShare::roomy).
    pub(super) fn calm_until(&self) -> SimTime {
        let at = self.published.at;
        if self.debt != Pair::default() || self.members.values().any(|member| !member.joined) {
            return at;
        }
        self.next_schedule(at)
    }

    /// Whether every need fits, and the most that payments can add in a step: a server is taken to send at most
    /// [`ATTEMPTS_PER_SECOND`] attempts a second, and at least one in a step of any length, since each takes a round trip and the
    /// host's time.
    fn is_roomy(&self, left: Pair) -> bool {
        let attempts = (self.step.as_nanos() * ATTEMPTS_PER_SECOND).div_ceil(FULL);
        let mut most = Pair::default();
        for member in self.members.values() {
            most.up += member.need.up + per_second(member.bursts.up.saturating_mul(attempts), self.step);
            most.down +=
                member.need.down + per_second(member.bursts.down.saturating_mul(attempts), self.step);
        }
        most.up <= left.up && most.down <= left.down
    }

    /// The next instant at which the phones' share changes: an hour of local time, or a step of the calendar.
    fn next_schedule(&self, at: SimTime) -> SimTime {
        const HOUR_S: i64 = 3_600;
        let second = (at.as_nanos() / 1_000_000_000) as i64 + self.utc_offset_s;
        let next_hour = (second.div_euclid(HOUR_S) + 1) * HOUR_S - self.utc_offset_s;
        let hour = SimTime::from_unix_seconds(next_hour.unsigned_abs());
        self.phone_steps
            .iter()
            .map(|&(from, _)| from)
            .find(|&from| from > at)
            .map_or(hour, |step| step.min(hour))
    }

    /// Publishes at `at` with nobody attached.
    pub fn wake(&mut self, at: SimTime) -> CellShare {
        debug_assert!(self.is_idle(), "only an idle cell can be woken");
        self.publish(at)
    }

    /// Folds the messages of the step that ends at `at` and publishes.
    pub fn fold(
        &mut self,
        at: SimTime,
        messages: impl Iterator<Item = (SimTime, u32, CellMessage)>,
    ) -> CellShare {
        let begun = self.published.at;
        // The first of the steps since then has been booked.
        self.book_saturation(begun + self.step, at);
        let mut used = Pair::default();
        let attached_before = self.members.len();
        let mut joins = 0;
        for (sent, rank, message) in messages {
            match message {
                CellMessage::Join { need, bursts, first } => {
                    self.members.insert(rank, Member { need, bursts, first, since: sent, joined: false });
                    joins += 1;
                    self.usage.stores_max = self.usage.stores_max.max(self.members.len() as u32);
                }
                CellMessage::Need(need) => {
                    if let Some(member) = self.members.get_mut(&rank) {
                        let spent = spend(&self.published, member, sent, self.series.as_mut());
                        (used.up, used.down) = (used.up + spent.up, used.down + spent.down);
                        self.usage.attached += sent.since(member.since);
                        (member.need, member.since) = (need, sent);
                    }
                }
                CellMessage::Leave => {
                    if let Some(member) = self.members.remove(&rank) {
                        let spent = spend(&self.published, &member, sent, self.series.as_mut());
                        (used.up, used.down) = (used.up + spent.up, used.down + spent.down);
                        self.usage.attached += sent.since(member.since);
                    }
                }
                CellMessage::Burst(airtime) => {
                    used.up += airtime.up;
                    used.down += airtime.down;
                    if let Some(series) = &mut self.series {
                        series.burst(sent, airtime);
                    }
                }
            }
        }
        for member in self.members.values_mut() {
            let spent = spend(&self.published, member, at, self.series.as_mut());
            (used.up, used.down) = (used.up + spent.up, used.down + spent.down);
            self.usage.attached += at.since(member.since);
            (member.since, member.joined) = (at, true);
        }
        let capacity = self.left(begun);
        let elapsed = at.since(begun);
        self.debt.up = (self.debt.up + used.up).saturating_sub(in_step(capacity.up, elapsed));
        self.debt.down = (self.debt.down + used.down).saturating_sub(in_step(capacity.down, elapsed));
        if attached_before > 0 || joins > 0 {
            self.usage.busy += elapsed;
        }
        self.publish(at)
    }

    /// Airtime that the phones leave at `at`, parts per billion.
    fn left(&self, at: SimTime) -> Pair {
        let second = (at.as_nanos() / 1_000_000_000) as i64 + self.utc_offset_s;
        let hour = (second.rem_euclid(86_400) / 3_600) as usize;
        let factor = self
            .phone_steps
            .iter()
            .take_while(|&&(from, _)| from <= at)
            .last()
            .map_or(1.0, |&(_, factor)| factor);
        let down = (self.phones[hour] * factor).min(self.phones_max);
        let up = (down * self.phones_up_share).min(self.phones_max);
        Pair { up: FULL - (up * FULL as f64) as u64, down: FULL - (down * FULL as f64) as u64 }
    }

    /// Books the steps from `at` to `until` as saturated if the present one is.
    fn book_saturation(&mut self, mut at: SimTime, until: SimTime) {
        while self.saturated && at < until {
            self.usage.saturated += self.step;
            if let Some(series) = &mut self.series {
                series.saturate(at, self.step);
            }
            at += self.step;
        }
    }

    fn publish(&mut self, at: SimTime) -> CellShare {
        let left = self.left(at);
        let available = Pair {
            up: left.up.saturating_sub(per_second(self.debt.up, self.step)),
            down: left.down.saturating_sub(per_second(self.debt.down, self.step)),
        };
        let needs = |first: bool, of: fn(Pair) -> u64| {
            let mine = self.members.values().filter(|member| member.first == first);
            let mut needs: Vec<u64> = mine.map(|member| of(member.need)).collect();
            needs.sort_unstable();
            needs
        };
        let up = Direction::share(&needs(true, |need| need.up), &needs(false, |need| need.up), available.up);
        let down =
            Direction::share(&needs(true, |need| need.down), &needs(false, |need| need.down), available.down);
        self.saturated = up.wanted > available.up || down.wanted > available.down;
        self.book_saturation(at, at + self.step);
        let busy = |available: u64, wanted: u64| FULL - available.saturating_sub(wanted);
        self.published = CellShare {
            level: Pair { up: up.level, down: down.level },
            joining: Pair { up: up.joining, down: down.joining },
            first: Pair { up: up.first, down: down.first },
            first_joining: Pair { up: up.first_joining, down: down.first_joining },
            load: busy(available.up, up.wanted).max(busy(available.down, down.wanted)),
            roomy: self.is_roomy(left),
            at,
        };
        self.published
    }
}

/// Airtime (nanoseconds) that `member` used from its anchor to `until`.
fn spend(published: &CellShare, member: &Member, until: SimTime, series: Option<&mut Series>) -> Pair {
    let level = published.of(member.first, member.joined);
    let share = Pair { up: member.need.up.min(level.up), down: member.need.down.min(level.down) };
    if let Some(series) = series {
        series.serve(member.since, until, share);
    }
    let span = until.since(member.since);
    Pair { up: in_step(share.up, span), down: in_step(share.down, span) }
}

fn in_step(per_billion: u64, span: Span) -> u64 {
    (u128::from(per_billion) * u128::from(span.as_nanos()) / u128::from(FULL)) as u64
}

fn per_second(airtime: u64, step: Span) -> u64 {
    (u128::from(airtime) * u128::from(FULL) / u128::from(step.as_nanos().max(1))) as u64
}

/// The level φ with Σ min(needᵢ, φ) = available over ascending `needs`; if all needs fit, what one store could have with
/// the others satisfied.
fn level(needs: &[u64], available: u64) -> u64 {
    let Some(&largest) = needs.last() else { return available };
    let total: u64 = needs.iter().sum();
    if total <= available {
        return available - (total - largest);
    }
    fill(needs, available, 0)
}

/// The level that one more store of unlimited need would find.
fn joining(needs: &[u64], available: u64) -> u64 {
    fill(needs, available, 1)
}

/// Water-filling over ascending `needs` and `unlimited` more stores that take whatever the level is.
fn fill(needs: &[u64], available: u64, unlimited: u64) -> u64 {
    let mut left = available;
    for (served, &need) in needs.iter().enumerate() {
        let share = left / (needs.len() as u64 - served as u64 + unlimited);
        if need > share {
            return share;
        }
        left -= need;
    }
    left.checked_div(unlimited).unwrap_or(available)
}

/// Radio rate of a store in one direction: TR 36.942's min(α·log2(1 + SINR), cap) bit/s/Hz over the carrier's resource
/// blocks (180 kHz each), capped by the modem; zero below −10 dB.
#[must_use]
pub fn radio_rate(sinr_db: f64, alpha: f64, cap: f64, resource_blocks: u32, modem: BitRate) -> BitRate {
    const SINR_MIN_DB: f64 = -10.0;
    const RESOURCE_BLOCK_HZ: f64 = 180_000.0;
    if sinr_db < SINR_MIN_DB {
        return BitRate(0);
    }
    let sinr = libm::exp10(sinr_db / 10.0);
    let efficiency = (alpha * libm::log2(1.0 + sinr)).min(cap);
    BitRate((efficiency * RESOURCE_BLOCK_HZ * f64::from(resource_blocks)) as u64).min(modem)
}

/// Airtime (parts per billion) that a demand of `rate` takes at a radio rate of `radio`.
#[must_use]
pub fn airtime(rate: BitRate, radio: BitRate) -> u64 {
    if rate.0 == 0 {
        return 0;
    }
    if radio.0 == 0 {
        return UNLIMITED;
    }
    ((u128::from(rate.0) * u128::from(FULL) / u128::from(radio.0)) as u64).min(UNLIMITED)
}

/// The rate that a share of airtime (parts per billion) gives at a radio rate of `radio`.
#[must_use]
pub fn rate_at(share: u64, radio: BitRate) -> BitRate {
    BitRate((u128::from(share.min(FULL)) * u128::from(radio.0) / u128::from(FULL)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radio_rates_are_those_of_the_published_table() {
        // TR 36.942 Annex A worked out by hand: Mbit/s at 10 MHz (50 resource blocks), single layer.
        let modem = BitRate(u64::MAX);
        for (sinr_db, mbps) in
            [(-10.0, 0.74), (-5.0, 2.14), (0.0, 5.40), (5.0, 11.1), (10.0, 18.7), (20.0, 36.0), (25.0, 39.6)]
        {
            let rate = radio_rate(sinr_db, 0.6, 4.4, 50, modem).0 as f64 / 1e6;
            assert!((rate / mbps - 1.0).abs() < 0.005, "{sinr_db} dB: {rate} against {mbps}");
        }
        assert_eq!(radio_rate(-10.1, 0.6, 4.4, 50, modem), BitRate(0));
    }

    #[test]
    fn water_filling_satisfies_small_needs_first() {
        assert_eq!(level(&[100, 400, 900], 1_000), 500);
        assert_eq!(level(&[100, 200], 1_000), 900, "the larger one could have what the smaller leaves");
        assert_eq!(joining(&[100, 200], 1_000), 700);
        assert_eq!(joining(&[], 1_000), 1_000);
        assert_eq!(level(&[500; 4], 1_000), 250);
    }

    #[test]
    fn priority_is_served_before_the_others() {
        let share = Direction::share(&[300, 400], &[200, 900], 1_000);
        assert_eq!((share.first, share.level), (700, 150), "the others share what is left");
        let share = Direction::share(&[300, 900], &[200], 1_000);
        assert_eq!((share.first, share.level, share.joining), (700, 0, 0));
        let share = Direction::share(&[], &[100, 400, 900], 1_000);
        assert_eq!((share.level, share.first_joining), (500, 1_000));
    }
}
