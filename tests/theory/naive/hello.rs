//! A dead timer, restarted by each hello that comes.

use super::timeline::{Chance, Ticks, Timeline, Verdicts};
use tinsel::model::detector::{LinkView, Verdict};
use tinsel::model::purpose::Purpose;
use tinsel::scenario::resolved;
use tinsel::units::{SimTime, Span};

/// Hellos come without jitter, take no time, and were all heard before the start but for those lost by chance.
pub fn verdicts(parameters: &resolved::Detector, chance: &Chance, link: &Timeline) -> Verdicts {
    let resolved::Detector::HelloDead(resolved::HelloDead { interval, jitter_min, dead, restart, .. }) =
        *parameters
    else {
        unreachable!("parameters of its own family")
    };
    let phase = chance.phases()[0];
    let shortened = |span: Span| Span::from_nanos((span.as_nanos() as f64 * jitter_min) as u64);
    let (usual, restarting) = (Ticks::new(shortened(interval), phase), Ticks::new(shortened(restart), phase));
    let base = LinkView::one_way(chance.site.base_loss);
    let is_lost = |is_up: bool, number: u64, at: SimTime| {
        let fault = LinkView::one_way(link.view(at).fault_loss);
        if is_up {
            let quarter = usual.quarter(number);
            chance.loses(Purpose::ProbeLoss, base, quarter, number)
                || chance.loses(Purpose::FaultyProbeLoss, fault, quarter, number)
        } else {
            let either = 1.0 - (1.0 - base) * (1.0 - fault);
            chance.loses(Purpose::RestartHelloLoss, either, restarting.quarter(number), number)
        }
    };
    let mut verdicts = Vec::new();
    let mut is_up = true;
    let mut heard = (0..)
        .map(|back| usual.after(link.start()) - 1 - back)
        .find(|&number| !chance.loses(Purpose::ProbeLoss, base, usual.quarter(number), number))
        .map(|number| usual.at(number))
        .expect("not all are lost");
    let mut now = link.start();
    loop {
        let clock = if is_up { usual } else { restarting };
        let number = clock.after(now);
        let hello = clock.at(number);
        if is_up && heard + dead < hello {
            now = now.max(heard + dead);
            if now >= link.end {
                return verdicts;
            }
            is_up = false;
            verdicts.push((now, Verdict::Down));
            continue;
        }
        now = hello;
        if now >= link.end {
            return verdicts;
        }
        if link.view(now).alive && !is_lost(is_up, number, now) {
            heard = now;
            if !is_up {
                is_up = true;
                verdicts.push((now, Verdict::Up));
            }
        }
    }
}
