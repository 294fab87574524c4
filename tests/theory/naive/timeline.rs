//! A link whose states are all known beforehand, a detector run over it, and losses found one by one.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;

use tinsel::kernel::draws::{Entity, Key, Words};
use tinsel::kernel::variates::{geometric, unit};
use tinsel::model::detector::{Detector, LinkView, Site, Verdict};
use tinsel::model::purpose::{Purpose, address, quarter_of, quarter_start};
use tinsel::scenario::resolved;
use tinsel::units::{SimTime, Span};

/// What a detector has said, and when.
pub type Verdicts = Vec<(SimTime, Verdict)>;

/// A link through its whole life: from each instant on it is as the view says.
#[derive(Clone, Debug)]
pub struct Timeline {
    views: Vec<(SimTime, LinkView)>,
    pub end: SimTime,
}

/// What happens to a link after some time.
pub type Change = (u64, u8);

/// What a link is like that is not quite well.
#[derive(Clone, Copy, Debug)]
pub struct Ills {
    /// Share of packets lost.
    pub loss: f64,
    /// Round trip.
    pub slow: Span,
}

/// Changes at intervals between a thousandth of `scale_s` and ten times it.
pub fn changes(scale_s: f64, longest: usize) -> impl Strategy<Value = Vec<Change>> {
    let gap = move |share: f64| (scale_s * libm::pow(10.0, 4.0 * share - 3.0) * 1e9) as u64 + 1;
    prop::collection::vec(((0.0..1.0_f64).prop_map(gap), 0..6_u8), 1..longest)
}

impl Timeline {
    /// A link that is well from `start` on and then goes through `changes`.
    pub fn new(start: SimTime, rtt: Span, changes: &[Change], ills: Ills, rest: Span) -> Self {
        let mut link = LinkView::healthy(start, rtt);
        let mut views = vec![(start, link)];
        let mut now = start;
        for &(gap, kind) in changes {
            now += Span::from_nanos(gap);
            let (alive, fault_loss, rtt) = match kind {
                0..=2 => (!link.alive, 0.0, rtt),
                3 => (true, 0.0, rtt),
                4 => (true, ills.loss, rtt),
                _ => (true, 0.0, ills.slow),
            };
            let since = if alive == link.alive { link.since } else { now };
            link = LinkView { alive, since, fault_loss, rtt, ..link };
            views.push((now, link));
        }
        Timeline { views, end: now + rest }
    }

    pub fn start(&self) -> SimTime {
        self.views[0].0
    }

    /// The link at `at`.
    pub fn view(&self, at: SimTime) -> &LinkView {
        let since = self.views.partition_point(|view| view.0 <= at).saturating_sub(1);
        &self.views[since].1
    }

    /// When the answer to what is sent at `sent` arrives, or when it has been waited for as long as `wait`: at the first
    /// instant that is a round trip of the link as it then is, or the wait, after `sent`.
    pub fn known(&self, sent: SimTime, wait: Span) -> SimTime {
        let mut from = sent;
        loop {
            let due = (sent + self.view(from).rtt.min(wait)).max(from);
            match self.instants().find(|&change| change > from) {
                Some(change) if change <= due => from = change,
                Some(_) | None => return due,
            }
        }
    }

    /// When it is answered, if the link lives from `sent` till then and no chance intervenes.
    pub fn answer(&self, sent: SimTime, wait: Span) -> Option<SimTime> {
        let at = self.known(sent, wait);
        let during = |view: &&(SimTime, LinkView)| view.0 > sent && view.0 <= at;
        let lives = self.view(sent).alive && self.views.iter().filter(during).all(|view| view.1.alive);
        (lives && self.view(at).rtt <= wait).then_some(at)
    }

    /// When the link changes.
    pub fn instants(&self) -> impl Iterator<Item = SimTime> {
        self.views.iter().skip(1).map(|view| view.0)
    }

    /// What the detector of `parameters` says of this link.
    pub fn run(&self, parameters: &resolved::Detector, site: Site) -> Verdicts {
        let mut views = self.views.iter().copied();
        let (mut now, mut link) = views.next().expect("a link has a beginning");
        let mut detector = Detector::new(parameters, site, now, &link);
        let mut verdicts = Vec::new();
        let mut change = views.next();
        loop {
            let next = detector.next();
            assert!(next >= now, "its next step, {next:?}, is in the past at {now:?}");
            let changes = change.map_or(SimTime::NEVER, |view| view.0);
            now = next.min(changes);
            if now >= self.end {
                return verdicts;
            }
            if changes <= next {
                link = change.expect("it is not never").1;
                detector.link_changed(now, &link);
                change = views.next();
            } else if let Some(verdict) = detector.handle(now, &link) {
                verdicts.push((now, verdict));
            }
        }
    }
}

/// A clock that ticks at its phase and each period after it.
#[derive(Clone, Copy, Debug)]
pub struct Ticks {
    phase: u64,
    period: u64,
}

impl Ticks {
    pub fn new(period: Span, share: f64) -> Self {
        Ticks { phase: (share * period.as_nanos() as f64) as u64, period: period.as_nanos() }
    }

    pub fn at(self, number: u64) -> SimTime {
        SimTime::from_nanos(self.phase + number * self.period)
    }

    /// Number of the first tick after `now`.
    pub fn after(self, now: SimTime) -> u64 {
        let near = now.as_nanos() / self.period;
        (near.saturating_sub(2)..).find(|&number| self.at(number) > now).expect("clocks go on")
    }

    /// All ticks after `start` and before `end`, with their numbers.
    pub fn between(self, start: SimTime, end: SimTime) -> impl Iterator<Item = (u64, SimTime)> {
        (self.after(start)..)
            .map(move |number| (number, self.at(number)))
            .take_while(move |tick| tick.1 < end)
    }

    /// The quarter hour that holds tick `number`, and the number of the first tick in it.
    pub fn quarter(self, number: u64) -> (u64, u64) {
        let quarter = quarter_of(self.at(number));
        (quarter, self.after(SimTime::from_nanos(quarter_start(quarter).as_nanos() - 1)))
    }
}

/// Losses are a sequence for each purpose, quarter hour and probability (its bits).
type Sequence = (u64, u64, u64);

/// Packets lost by chance, found one after the other and kept.
pub struct Chance {
    pub site: Site,
    found: RefCell<BTreeMap<Sequence, (Words, Vec<u64>)>>,
}

impl Chance {
    /// Everything that is drawn depends on `run`.
    pub fn new(run: u64, base_loss: f64) -> Self {
        let uplink = Entity::new("uplink", "naive", "primary");
        let end = SimTime::from_unix_seconds(1_600_000_000);
        let site = Site { key: Key { seed: 20_191_129, replication: run }, uplink, base_loss, end };
        Chance { site, found: RefCell::default() }
    }

    /// Phases of the two timers of a detector.
    pub fn phases(&self) -> [f64; 2] {
        let words = self.site.key.block(address(self.site.uplink, Purpose::Phase, 0), 1);
        [unit(words[0]), unit(words[1])]
    }

    /// Whether packet `number` is lost, of a quarter hour whose packets begin with `first`: gaps between losses are geometric.
    pub fn loses(
        &self,
        purpose: Purpose,
        probability: f64,
        (quarter, first): (u64, u64),
        number: u64,
    ) -> bool {
        if probability <= 0.0 {
            return false;
        }
        let mut found = self.found.borrow_mut();
        let (words, lost) =
            found.entry((purpose as u64, quarter, probability.to_bits())).or_insert_with(|| {
                (self.site.key.words(address(self.site.uplink, purpose, quarter), 1), Vec::new())
            });
        while lost.last().is_none_or(|&last| last < number) {
            let next = lost.last().map_or(first, |&last| last + 1);
            lost.push(next + geometric(words.next_word(), probability));
        }
        lost.binary_search(&number).is_ok()
    }

    /// Whether a probe is lost, on a link that loses this many by a fault.
    pub fn loses_probe(&self, fault_loss: f64, quarter: (u64, u64), number: u64) -> bool {
        self.loses(Purpose::ProbeLoss, self.site.base_loss, quarter, number)
            || self.loses(Purpose::FaultyProbeLoss, fault_loss, quarter, number)
    }
}
