//! Fixed-rate probes, one by one: losses in a row, and losses among the last few.

use std::collections::VecDeque;

use super::timeline::{Chance, Ticks, Timeline, Verdicts};
use tinsel::model::detector::Verdict;
use tinsel::units::{SimTime, Span};

/// The rule; `of`: results that count, `None` for those in a row.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub interval: Span,
    pub timeout: Span,
    pub down: usize,
    pub up: usize,
    pub of: Option<usize>,
}

impl Rule {
    /// How many of the `results` so far, newest last, count.
    fn counted(&self, results: &[bool]) -> usize {
        match self.of {
            None => results.iter().rev().take_while(|&&counts| counts).count(),
            Some(of) => results.iter().rev().take(of).filter(|&&counts| counts).count(),
        }
    }
}

/// A loss is known when its timeout is over, and then counts towards "down" in the order of knowing (an answer to a later
/// probe breaks a row at once). On the way up results count in the order of sending.
pub fn verdicts(rule: &Rule, chance: &Chance, link: &Timeline) -> Verdicts {
    let ticks = Ticks::new(rule.interval, chance.phases()[0]);
    let mut verdicts = Vec::new();
    let mut is_up = true;
    let mut results: Vec<bool> = Vec::new();
    let mut timeouts: VecDeque<SimTime> = VecDeque::new();
    for (number, sent) in ticks.between(link.start(), SimTime::NEVER) {
        let known = link.known(sent, rule.timeout);
        while timeouts.front().is_some_and(|&timeout| timeout <= known) {
            let timeout = timeouts.pop_front().expect("there is one");
            results.push(true);
            if rule.counted(&results) >= rule.down {
                is_up = false;
                verdicts.push((timeout, Verdict::Down));
                results.clear();
                timeouts.clear();
            }
        }
        if known >= link.end {
            verdicts.retain(|verdict| verdict.0 < link.end);
            return verdicts;
        }
        let answered = link.answer(sent, rule.timeout).is_some()
            && !chance.loses_probe(link.view(known).fault_loss, ticks.quarter(number), number);
        if is_up && answered {
            results.push(false);
            if rule.of.is_none() {
                timeouts.clear();
            }
        } else if is_up {
            timeouts.push_back(sent + rule.timeout);
        } else {
            results.push(answered);
            if rule.counted(&results) >= rule.up {
                is_up = true;
                verdicts.push((known, Verdict::Up));
                results.clear();
            }
        }
    }
    unreachable!("ticks go on for ever")
}
