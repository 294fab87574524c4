//! A cell as M/G/1 processor sharing: jobs that come at random and take all the airtime they get stay E[S]/(1 − ρ) in the mean,
//! whatever the law of their sizes (Salo and Zacarias, IJCNC 9(6) 2017); with priority, as if the others were not there.

use super::lab::scenario;
use super::statistics::{Quantity, check};
use tinsel::kernel::draws::{Address, Entity, Key};
use tinsel::kernel::variates::{exponential, unit};
use tinsel::model::shared::cell::{Cell, CellMessage, FULL, Pair, UNLIMITED};
use tinsel::scenario::resolved::CellId;
use tinsel::units::{SimTime, Span};

/// Mean size of a job, seconds of all airtime.
const MEAN_S: f64 = 20.0;
/// Two hundred steps of the cell.
const STEP: Span = Span::from_millis(100);
const JOBS: u64 = 1_500;
const REPLICATIONS: u64 = 20;

#[derive(Clone, Copy)]
enum Law {
    Constant,
    Exponential,
    /// One job in ten is of five and a half means, the others of half a mean.
    TwoSizes,
}

impl Law {
    fn size_s(self, word: u64) -> f64 {
        match self {
            Law::Constant => MEAN_S,
            Law::Exponential => MEAN_S * exponential(word),
            Law::TwoSizes => MEAN_S * if unit(word) < 0.1 { 5.5 } else { 0.5 },
        }
    }
}

struct Job {
    came: SimTime,
    /// Nanoseconds of airtime.
    left: u64,
    first: bool,
    joined: bool,
}

/// Mean stay of jobs of each class (first, others), seconds, at a load of `load` of which `first` has priority.
fn stays(load: f64, first: f64, law: Law, replication: u64) -> [f64; 2] {
    let scenario = scenario(&format!(
        "[scenario]\nname = \"one cell\"\nfirst_day = 2019-11-20\nlast_day = 2019-11-20\n\
         [fleet.generate]\nstores = 1\nformat = \"kiosk\"\ntimezone = \"UTC\"\n[lte]\ncell_step = \"100 ms\"\n\
         [lte.phones]\nhours = [{}]\n",
        ["0"; 24].join(", ")
    ));
    let mut cell = Cell::new(CellId(0), &scenario.cells[0], &scenario.lte);
    let address = Address { entity: Entity::new("job", "sharing", ""), purpose: 0, draw: replication };
    let mut words = Key { seed: 172, replication }.words(address, 1);
    let mut now = SimTime::from_unix_seconds(1_574_208_000);
    let mut arrival = now;
    let (mut jobs, mut done): (Vec<(u32, Job)>, u64) = (Vec::new(), 0);
    let (mut sums, mut counts) = ([0.0; 2], [0_u64; 2]);
    let mut share = cell.wake(now);
    let mut number = 0;
    while done < JOBS {
        let next = now + STEP;
        let mut messages = Vec::new();
        while arrival < next {
            let left = (law.size_s(words.next_word()) * 1e9) as u64;
            let is_first = unit(words.next_word()) < first;
            jobs.push((number, Job { came: arrival, left, first: is_first, joined: false }));
            let need = Pair { up: 0, down: UNLIMITED };
            let join = CellMessage::Join { need, bursts: Pair::default(), first: is_first };
            messages.push((arrival, number, join));
            number += 1;
            arrival += Span::from_secs_f64(MEAN_S / load * exponential(words.next_word()));
        }
        jobs.retain_mut(|(rank, job)| {
            let level = share.of(job.first, job.joined).down.min(FULL);
            let from = job.came.max(now);
            let served =
                (u128::from(level) * u128::from(next.since(from).as_nanos()) / u128::from(FULL)) as u64;
            job.joined = true;
            if served < job.left {
                job.left -= served;
                return true;
            }
            let takes = u128::from(job.left) * u128::from(FULL) / u128::from(level.max(1));
            let left = from + Span::from_nanos(takes as u64);
            messages.push((left, *rank, CellMessage::Leave));
            let class = usize::from(!job.first);
            sums[class] += left.since(job.came).as_secs_f64();
            counts[class] += 1;
            done += 1;
            false
        });
        messages.sort_by_key(|&(at, rank, _)| (at, rank));
        share = cell.fold(next, messages.into_iter());
        now = next;
    }
    [sums[0] / counts[0].max(1) as f64, sums[1] / counts[1].max(1) as f64]
}

fn quantity(name: &str, expected: f64, of: impl Fn(u64) -> f64) -> Quantity {
    Quantity { name: name.to_owned(), values: (0..REPLICATIONS).map(of).collect(), expected }
}

#[test]
fn jobs_stay_as_long_as_in_processor_sharing_whatever_their_law() {
    // A run begins empty and ends with its 1,500th job: no more than a few parts in a thousand at these loads.
    check(&[
        quantity("constant, 0.5", MEAN_S / 0.5, |run| stays(0.5, 0.0, Law::Constant, run)[1]),
        quantity("exponential, 0.5", MEAN_S / 0.5, |run| stays(0.5, 0.0, Law::Exponential, run)[1]),
        quantity("two sizes, 0.5", MEAN_S / 0.5, |run| stays(0.5, 0.0, Law::TwoSizes, run)[1]),
        quantity("exponential, 0.7", MEAN_S / 0.3, |run| stays(0.7, 0.0, Law::Exponential, run)[1]),
    ])
    .unwrap();
}

#[test]
fn priority_does_not_see_the_others() {
    // Load 0.6, half of it first: a processor-sharing queue of its own at 0.3. The others have what it leaves: for
    // exponential sizes of one mean E[T₂] = E[S]/((1 − ρ₁)(1 − ρ)), as in the preemptive queue.
    check(&[
        quantity("first", MEAN_S / 0.7, |run| stays(0.6, 0.5, Law::Exponential, run)[0]),
        quantity("others", MEAN_S / (0.7 * 0.4), |run| stays(0.6, 0.5, Law::Exponential, run)[1]),
    ])
    .unwrap();
}
