//! A check, tries, and tries again, each waited for in turn.

use super::timeline::{Chance, Ticks, Timeline, Verdicts};
use tinsel::kernel::draws::Words;
use tinsel::kernel::variates::unit;
use tinsel::model::detector::Verdict;
use tinsel::model::purpose::{Purpose, address};
use tinsel::scenario::resolved;
use tinsel::units::{SimTime, Span};

pub fn verdicts(parameters: &resolved::Detector, chance: &Chance, link: &Timeline) -> Verdicts {
    let resolved::Detector::IdleCheck(resolved::IdleCheck {
        idle,
        from_traffic,
        clock,
        wait,
        wait_jitter,
        wait_factor,
        retries,
    }) = *parameters
    else {
        unreachable!("parameters of its own family")
    };
    let site = &chance.site;
    let ticks = Ticks::new(idle, chance.phases()[0]);
    let words_at = |at: SimTime| site.key.words(address(site.uplink, Purpose::Wait, at.as_nanos()), 2);
    // The wait for try `number` of a ladder.
    let waited = |number: u32, words: &mut Words| {
        let mut length = wait.as_secs_f64();
        for _ in 0..number {
            length *= wait_factor;
        }
        Span::from_secs_f64(length + wait_jitter.as_secs_f64() * unit(words.next_word()))
    };
    let answer = |sent: SimTime, wait: Span| -> Option<SimTime> {
        let at = link.answer(sent, wait).filter(|&at| at < sent + wait)?;
        let number = ticks.after(SimTime::from_nanos(sent.as_nanos() - 1));
        let is_check = !from_traffic && ticks.at(number) == sent;
        let base = if is_check { 0.0 } else { site.base_loss };
        let loss = 1.0 - (1.0 - base) * (1.0 - link.view(at).fault_loss);
        let word = site.key.block(address(site.uplink, Purpose::PacketLoss, sent.as_nanos()), 1)[0];
        let is_lost =
            is_check && chance.loses(Purpose::ProbeLoss, site.base_loss, ticks.quarter(number), number);
        (!is_lost && unit(word) >= loss).then_some(at)
    };
    // The check after the last packet: the link's traffic stops when it dies.
    let from_death = |died: SimTime| {
        let word = site.key.block(address(site.uplink, Purpose::Wait, died.as_nanos()), 1)[0];
        let early = Span::from_nanos(clock.as_nanos() / 2);
        died + idle.saturating_sub(early) + Span::from_secs_f64(unit(word) * clock.as_secs_f64())
    };
    let next_check = |now: SimTime| {
        if !from_traffic {
            return Some(ticks.at(ticks.after(now)));
        }
        let changes: Vec<SimTime> = link.instants().collect();
        let dies =
            |at: &SimTime| !link.view(*at).alive && link.view(SimTime::from_nanos(at.as_nanos() - 1)).alive;
        let lives_again =
            |from: SimTime| changes.iter().copied().find(|&at| at > from && link.view(at).alive);
        changes.iter().copied().filter(|&at| at > now).filter(dies).find_map(|died| {
            let check = from_death(died);
            lives_again(died).is_none_or(|again| again > check).then_some(check)
        })
    };
    let mut verdicts = Vec::new();
    let mut is_up = true;
    let mut now = link.start();
    while let Some(check) = next_check(now) {
        now = check;
        // Ladders follow each other until there is an answer.
        'tries: loop {
            let mut words = words_at(now);
            for number in 0..=retries {
                let length = waited(number, &mut words);
                if let Some(at) = answer(now, length) {
                    now = at;
                    break 'tries;
                }
                now += length;
                if now >= link.end {
                    return verdicts;
                }
            }
            if is_up {
                is_up = false;
                verdicts.push((now, Verdict::Down));
            }
        }
        if now >= link.end {
            return verdicts;
        }
        if !is_up {
            is_up = true;
            verdicts.push((now, Verdict::Up));
        }
    }
    verdicts
}
