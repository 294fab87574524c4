//! A cell that shares out its airtime anew at every message, in plain floating-point numbers.

use std::collections::BTreeMap;

use tinsel::model::shared::cell::{CellMessage, CellShare, Pair};
use tinsel::scenario::resolved;
use tinsel::units::{SimTime, Span};

const HOUR_S: i64 = 3_600;
/// Parts per billion, in which stores speak of airtime.
const PARTS: f64 = 1e9;
const NANOSECOND_S: f64 = 1e-9;
/// Airtime of payments comes out of what the others get over this long.
const PAID_BACK_S: f64 = 1.0;

/// One direction of the radio: shares of one second's airtime.
#[derive(Clone, Default)]
struct Direction {
    /// By rank.
    needs: BTreeMap<u32, f64>,
    /// What phones leave.
    left: f64,
    /// Seconds of airtime that payments have taken and that have not been paid back.
    debt: f64,
    /// The common level.
    level: f64,
}

impl Direction {
    fn available(&self) -> f64 {
        (self.left - self.debt / PAID_BACK_S).max(0.0)
    }

    /// Part of the airtime that is used by nobody, and so pays debt back.
    fn spare(&self) -> f64 {
        let used: f64 = self.needs.values().map(|need| need.min(self.level)).sum();
        (self.left - used).max(0.0)
    }

    /// Shares out what is there: everybody gets the smaller of need and level.
    fn share_out(&mut self) {
        let needs: Vec<f64> = self.needs.values().copied().collect();
        self.level = if needs.iter().sum::<f64>() <= self.available() {
            // Everybody has enough; she who needs most could have all that the others leave.
            let largest = needs.iter().copied().fold(0.0, f64::max);
            self.available() - (needs.iter().sum::<f64>() - largest)
        } else {
            water_level(&needs, self.available())
        };
    }

    /// The level that one more store of unlimited need would find.
    fn joining(&self) -> f64 {
        let needs: Vec<f64> = self.needs.values().copied().chain([f64::INFINITY]).collect();
        water_level(&needs, self.available())
    }
}

/// The level to which `available` fills vessels of the sizes `needs`, of which at least one overflows.
fn water_level(needs: &[f64], available: f64) -> f64 {
    let (mut filled, mut left) = (vec![false; needs.len()], available);
    loop {
        let unfilled = filled.iter().filter(|&&full| !full).count();
        let level = left / unfilled.max(1) as f64;
        let Some(next) = (0..needs.len()).find(|&one| !filled[one] && needs[one] <= level) else {
            return level;
        };
        filled[next] = true;
        left -= needs[next];
    }
}

pub struct PlainCell {
    spec: resolved::Cell,
    up_share: f64,
    phones_max: f64,
    up: Direction,
    down: Direction,
    /// Up to when debt has been paid back.
    since: SimTime,
    /// When levels were last shared out.
    acted: SimTime,
    /// When it next acts.
    next: SimTime,
}

impl PlainCell {
    pub fn new(spec: &resolved::Cell, lte: &resolved::Lte) -> Self {
        PlainCell {
            spec: spec.clone(),
            up_share: lte.phones_up_share,
            phones_max: lte.phones_max,
            up: Direction::default(),
            down: Direction::default(),
            since: SimTime::default(),
            acted: SimTime::default(),
            next: SimTime::default(),
        }
    }

    pub fn next(&self) -> SimTime {
        self.next
    }

    pub fn hear(&mut self, at: SimTime, rank: u32, message: CellMessage) {
        self.pay_back(at);
        match message {
            CellMessage::Join { need, .. } | CellMessage::Need(need) => {
                self.up.needs.insert(rank, need.up as f64 / PARTS);
                self.down.needs.insert(rank, need.down as f64 / PARTS);
            }
            CellMessage::Leave => {
                self.up.needs.remove(&rank);
                self.down.needs.remove(&rank);
            }
            CellMessage::Burst(airtime) => {
                self.up.debt += airtime.up as f64 / 1e9;
                self.down.debt += airtime.down as f64 / 1e9;
            }
        }
        // What is said in answer to what was published at this very instant is acted upon in the next.
        self.next = if at == self.acted { at + Span::from_nanos(1) } else { at };
    }

    /// Debt is paid back out of what is not used.
    fn pay_back(&mut self, at: SimTime) {
        let elapsed_s = at.since(self.since).as_secs_f64();
        for direction in [&mut self.up, &mut self.down] {
            let debt = direction.debt - direction.spare() * elapsed_s;
            direction.debt = if debt < NANOSECOND_S { 0.0 } else { debt };
        }
        self.since = self.since.max(at);
    }

    /// Shares out anew.
    pub fn act(&mut self, at: SimTime) -> CellShare {
        self.pay_back(at);
        self.acted = at;
        let second = (at.as_nanos() / 1_000_000_000) as i64 + self.spec.utc_offset_s;
        let hour = second.rem_euclid(24 * HOUR_S) / HOUR_S;
        let steps = &self.spec.phone_steps;
        let factor = steps.iter().rev().find(|&&(from, _)| from <= at).map_or(1.0, |&(_, factor)| factor);
        let phones = (self.spec.phones[hour as usize] * factor).min(self.phones_max);
        self.down.left = 1.0 - phones;
        self.up.left = 1.0 - (phones * self.up_share).min(self.phones_max);
        let next_hour = (second.div_euclid(HOUR_S) + 1) * HOUR_S - self.spec.utc_offset_s;
        self.next = SimTime::from_unix_seconds(next_hour.unsigned_abs());
        if let Some(&(from, _)) = steps.iter().find(|&&(from, _)| from > at) {
            self.next = self.next.min(from);
        }
        for direction in [&mut self.up, &mut self.down] {
            direction.share_out();
            if direction.debt > 0.0 && direction.spare() > 0.0 {
                let over = Span::from_secs_f64(direction.debt / direction.spare()).max(Span::from_nanos(1));
                self.next = self.next.min(at + over);
            }
        }
        let parts = |share: f64| (share * PARTS) as u64;
        let busy = |direction: &Direction| {
            1.0 - (direction.available() - direction.needs.values().sum::<f64>()).max(0.0)
        };
        CellShare {
            level: Pair { up: parts(self.up.level), down: parts(self.down.level) },
            joining: Pair { up: parts(self.up.joining()), down: parts(self.down.joining()) },
            load: parts(busy(&self.up).max(busy(&self.down))),
            at,
            ..CellShare::default()
        }
    }
}
