//! The driver on toys: counters that want a share of wells. Nothing here knows of retail.

use proptest::prelude::*;

use super::*;

const STEP: Span = Span::from_secs(1);

/// What a toy does at an instant of its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// Nothing that concerns anybody else.
    Alone,
    /// Begins to use a well.
    Join(ResourceIndex),
    /// Stops using it.
    Leave(ResourceIndex),
    /// Asks a well it uses for a grant.
    Ask(ResourceIndex),
}

/// A process that plays a script and writes down all that it sees.
#[derive(Clone, Debug)]
struct Toy {
    rank: u32,
    script: Vec<(SimTime, Act)>,
    next: usize,
    using: Vec<ResourceIndex>,
    coupled: Vec<ResourceIndex>,
    granted: Vec<(SimTime, ResourceIndex)>,
    /// Grants that have been asked for and have not come.
    asked: Vec<ResourceIndex>,
    /// What happened: instant, and what the wells in use published then or what was granted.
    seen: Vec<(SimTime, Vec<u64>)>,
}

impl Toy {
    fn new(rank: u32, script: Vec<(SimTime, Act)>) -> Toy {
        let (using, coupled, granted, asked, seen) = (vec![], vec![], vec![], vec![], vec![]);
        Toy { rank, script, next: 0, using, coupled, granted, asked, seen }
    }

    fn next_event(&self) -> SimTime {
        let scripted = self.script.get(self.next).map_or(SimTime::NEVER, |&(at, _)| at);
        let granted = self.granted.iter().map(|&(at, _)| at).min().unwrap_or(SimTime::NEVER);
        scripted.min(granted)
    }

    fn act(&mut self, now: SimTime, act: Act, board: &[u64], outbox: &mut Vec<Stamped<Ask>>) {
        let mut send = |to, message| outbox.push(Stamped { at: now, rank: self.rank, to, message });
        match act {
            Act::Alone => {}
            Act::Join(well) => {
                send(well, Ask::Join);
                self.using.push(well);
            }
            Act::Leave(well) if self.using.contains(&well) => {
                send(well, Ask::Leave);
                self.using.retain(|&used| used != well);
            }
            Act::Ask(well) if self.using.contains(&well) => {
                send(well, Ask::Grant);
                self.asked.push(well);
            }
            Act::Leave(_) | Act::Ask(_) => {}
        }
        self.seen.push((now, self.using.iter().map(|well| board[well.0 as usize]).collect()));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    Join,
    Leave,
    Grant,
}

impl Process for Toy {
    type Message = Ask;
    type Published = u64;
    type Grant = u64;

    fn rank(&self) -> u32 {
        self.rank
    }

    fn run(&mut self, horizon: SimTime, board: &[u64], outbox: &mut Vec<Stamped<Ask>>) -> Progress {
        loop {
            let now = self.next_event();
            if now == SimTime::NEVER && self.asked.is_empty() {
                return Progress::Done;
            }
            if now >= horizon {
                return Progress::Horizon;
            }
            if let Some(position) = self.granted.iter().position(|&(at, _)| at == now) {
                let (at, well) = self.granted.remove(position);
                self.seen.push((at, vec![u64::from(well.0)]));
                continue;
            }
            let (_, act) = self.script[self.next];
            if let Act::Join(well) = act
                && !self.coupled.contains(&well)
            {
                return Progress::Wants(well, now);
            }
            self.next += 1;
            self.act(now, act, board, outbox);
        }
    }

    fn couple(&mut self, resource: ResourceIndex) {
        self.coupled.push(resource);
    }

    fn is_coupled(&self, resource: ResourceIndex) -> bool {
        self.using.contains(&resource) || self.asked.contains(&resource)
    }

    fn uncouple(&mut self, resource: ResourceIndex) {
        self.coupled.retain(|&coupled| coupled != resource);
    }

    fn grant(&mut self, resource: ResourceIndex, at: SimTime, _grant: u64) {
        let position = self.asked.iter().position(|&asked| asked == resource).expect("it was asked for");
        self.asked.remove(position);
        self.granted.push((at, resource));
    }

    fn next_change(&self, _: ResourceIndex, _: &u64, _: SimTime) -> SimTime {
        let changes = self.script[self.next..].iter().find(|&&(_, act)| act != Act::Alone);
        changes.map_or(SimTime::NEVER, |&(at, _)| at)
    }

    fn resources(&self) -> Vec<ResourceIndex> {
        let mut wells: Vec<ResourceIndex> = self
            .script
            .iter()
            .filter_map(|&(_, act)| match act {
                Act::Join(well) | Act::Leave(well) | Act::Ask(well) => Some(well),
                Act::Alone => None,
            })
            .collect();
        wells.sort_unstable();
        wells.dedup();
        wells
    }
}

/// How long a well's own schedule stays the same: it is calm in between.
const SCHEDULE: Span = Span::from_secs(4);

/// A well: publishes a digest of its users, of the order in which they came and of its schedule; grants one request at a
/// time.
#[derive(Clone, Debug)]
struct Well {
    step: Span,
    users: Vec<u32>,
    free_at: SimTime,
    /// When it last published.
    at: SimTime,
    /// Every message it folded: fold, sender's instant, sender.
    folded: Vec<(SimTime, SimTime, u32, Ask)>,
}

impl Well {
    const fn new(step: Span) -> Well {
        Well {
            step,
            users: Vec::new(),
            free_at: SimTime::from_nanos(0),
            at: SimTime::from_nanos(0),
            folded: Vec::new(),
        }
    }

    fn publish(&self, at: SimTime) -> u64 {
        let mix =
            |digest: u64, word: u64| (digest ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
        let schedule = at.floor_to(SCHEDULE).as_nanos();
        self.users.iter().fold(mix(0, schedule), |digest, &user| mix(digest, u64::from(user)))
    }
}

impl Resource for Well {
    type Message = Ask;
    type Published = u64;
    type Grant = u64;

    fn step(&self) -> Span {
        self.step
    }

    fn lookahead(&self) -> Span {
        self.step
    }

    fn wake(&mut self, at: SimTime) -> u64 {
        assert!(self.users.is_empty(), "only an idle well is woken");
        self.at = at;
        self.publish(at)
    }

    fn fold(&mut self, at: SimTime, inbox: &[Stamped<Ask>], grants: &mut Vec<Granted<u64>>) -> u64 {
        for stamped in inbox {
            self.folded.push((at, stamped.at, stamped.rank, stamped.message));
            match stamped.message {
                Ask::Join => self.users.push(stamped.rank),
                Ask::Leave => self.users.retain(|&user| user != stamped.rank),
                Ask::Grant => {
                    self.free_at = self.free_at.max(stamped.at + self.step) + Span::from_millis(300);
                    grants.push(Granted { rank: stamped.rank, at: self.free_at, grant: 0 });
                }
            }
        }
        self.at = at;
        self.publish(at)
    }

    fn is_idle(&self) -> bool {
        self.users.is_empty()
    }

    fn calm_until(&self) -> SimTime {
        self.at.next_multiple(SCHEDULE)
    }
}

const fn ms(millis: u64) -> SimTime {
    SimTime::from_nanos(millis * 1_000_000)
}

const FIRST: ResourceIndex = ResourceIndex(0);

fn run(toys: &[Toy], wells: &[Well], stepping: Stepping) -> (Vec<Toy>, Vec<Well>, u64) {
    Group::new(toys.to_vec(), wells.to_vec(), ms(0), stepping)
        .run(&|| false)
        .finished()
        .expect("not cancelled")
}

#[test]
fn messages_are_folded_in_order_of_time_then_rank_whoever_ran_first() {
    // Rank 9 sends first in time; ranks 2 and 5 send at the same instant.
    let join_at =
        |rank, millis| Toy::new(rank, vec![(ms(millis), Act::Join(FIRST)), (ms(9_000), Act::Leave(FIRST))]);
    let toys = [join_at(2, 1_700), join_at(5, 1_700), join_at(9, 1_200)];
    let (_, wells, _) = run(&toys, &[Well::new(STEP)], Stepping::Skipping);
    let joins: Vec<(SimTime, u32)> =
        wells[0].folded[..3].iter().map(|&(_, at, rank, _)| (at, rank)).collect();
    assert_eq!(joins, [(ms(1_200), 9), (ms(1_700), 2), (ms(1_700), 5)]);
    assert!(wells[0].folded[..3].iter().all(|&(fold, ..)| fold == ms(2_000)));
}

#[test]
fn a_message_at_a_grid_instant_belongs_to_the_step_that_begins_there() {
    let toy = Toy::new(1, vec![(ms(2_000), Act::Join(FIRST)), (ms(2_999), Act::Leave(FIRST))]);
    let (toys, wells, _) = run(&[toy], &[Well::new(STEP)], Stepping::Skipping);
    let folds: Vec<SimTime> = wells[0].folded.iter().map(|&(fold, ..)| fold).collect();
    assert_eq!(folds, [ms(3_000), ms(3_000)]);
    let empty = Well::new(STEP).publish(ms(2_000));
    assert_eq!(toys[0].seen[0], (ms(2_000), vec![empty]), "it reads what was published at that instant");
}

#[test]
fn a_want_before_a_fold_comes_before_it_and_one_at_it_after_it() {
    let user = Toy::new(1, vec![(ms(100), Act::Join(FIRST)), (ms(5_500), Act::Leave(FIRST))]);
    let wants = |millis| {
        let late = Toy::new(2, vec![(ms(millis), Act::Join(FIRST)), (ms(5_000), Act::Leave(FIRST))]);
        run(&[user.clone(), late], &[Well::new(STEP)], Stepping::Skipping)
    };
    let published = |users: &[u32], at| Well { users: users.to_vec(), ..Well::new(STEP) }.publish(at);
    let (toys, ..) = wants(2_999);
    assert_eq!(toys[1].seen[0].1, [published(&[1], ms(2_000))]);
    let (toys, ..) = wants(3_000);
    assert_eq!(toys[1].seen[0].1, [published(&[1], ms(3_000))]);
}

#[test]
fn a_grant_takes_effect_at_its_own_instant_and_never_before_the_fold() {
    let script = vec![(ms(100), Act::Join(FIRST)), (ms(1_900), Act::Ask(FIRST)), (ms(2_500), Act::Alone)];
    let toys: Vec<Toy> = (0..3).map(|rank| Toy::new(rank, script.clone())).collect();
    for stepping in [Stepping::Skipping, Stepping::Every] {
        let (toys, ..) = run(&toys, &[Well::new(STEP)], stepping);
        for (toy, granted) in toys.iter().zip([3_200, 3_500, 3_800]) {
            let order: Vec<SimTime> = toy.seen.iter().map(|&(at, _)| at).collect();
            assert_eq!(order, [ms(100), ms(1_900), ms(2_500), ms(granted)], "{stepping:?}");
        }
    }
}

#[test]
#[should_panic(expected = "a grant must not lie in the past of its receiver")]
fn a_grant_in_the_past_is_a_bug_that_is_noticed() {
    /// Grants at the instant of the request, which its receiver has passed.
    #[derive(Debug)]
    struct Hasty;
    impl Resource for Hasty {
        type Message = Ask;
        type Published = u64;
        type Grant = u64;
        fn step(&self) -> Span {
            STEP
        }
        fn lookahead(&self) -> Span {
            STEP
        }
        fn wake(&mut self, _at: SimTime) -> u64 {
            0
        }
        fn fold(&mut self, _at: SimTime, inbox: &[Stamped<Ask>], grants: &mut Vec<Granted<u64>>) -> u64 {
            grants.extend(inbox.iter().map(|asked| Granted { rank: asked.rank, at: asked.at, grant: 0 }));
            0
        }
        fn is_idle(&self) -> bool {
            true
        }
        fn calm_until(&self) -> SimTime {
            SimTime::default()
        }
    }
    let toy = Toy::new(1, vec![(ms(100), Act::Join(FIRST)), (ms(200), Act::Ask(FIRST))]);
    let _ = Group::new(vec![toy], vec![Hasty], ms(0), Stepping::Skipping).run(&|| false);
}

#[test]
#[should_panic(expected = "processes stand in order of rank")]
fn processes_out_of_order_are_a_bug_that_is_noticed() {
    let toys = vec![Toy::new(2, Vec::new()), Toy::new(1, Vec::new())];
    let _ = Group::new(toys, vec![Well::new(STEP)], ms(0), Stepping::Skipping);
}

#[test]
fn what_is_sent_in_the_last_step_is_folded_too() {
    let toy = Toy::new(1, vec![(ms(100), Act::Join(FIRST)), (ms(7_300), Act::Leave(FIRST))]);
    for stepping in [Stepping::Skipping, Stepping::Every] {
        let (_, wells, _) = run(std::slice::from_ref(&toy), &[Well::new(STEP)], stepping);
        assert_eq!(wells[0].folded.last(), Some(&(ms(8_000), ms(7_300), 1, Ask::Leave)), "{stepping:?}");
        assert!(wells[0].users.is_empty());
    }
}

#[test]
fn nobody_steps_with_a_resource_that_nobody_uses() {
    let alone = Toy::new(1, (0..1_000).map(|second| (ms(second * 1_000), Act::Alone)).collect());
    let brief = Toy::new(2, vec![(ms(500_000), Act::Join(FIRST)), (ms(502_500), Act::Leave(FIRST))]);
    let (_, _, folds) = run(&[alone, brief], &[Well::new(STEP)], Stepping::Skipping);
    assert!((2..=4).contains(&folds), "{folds} folds for three seconds of use");
}

#[test]
fn a_calm_resource_is_folded_only_when_something_changes() {
    let user = Toy::new(1, vec![(ms(100), Act::Join(FIRST)), (ms(1_000_100), Act::Leave(FIRST))]);
    let (_, _, folds) = run(std::slice::from_ref(&user), &[Well::new(STEP)], Stepping::Skipping);
    let (_, _, all) = run(&[user], &[Well::new(STEP)], Stepping::Every);
    // Once for each period of its schedule, and for the join and the leave.
    assert!((250..=254).contains(&folds) && all >= 1_000, "{folds} of {all}");
}

/// Random scripts: joins and leaves alternate per well, requests and lonely events in between.
fn toys(count: std::ops::Range<usize>, wells: u32) -> impl Strategy<Value = Vec<Toy>> {
    let events = prop::collection::vec((0_u64..12_000, 0_u32..wells, 0_u8..4), 0..14);
    prop::collection::vec(events, count).prop_map(|scripts| {
        scripts
            .into_iter()
            .enumerate()
            .map(|(rank, mut events)| {
                // A coarse clock makes ties, among toys and with the grid.
                events.iter_mut().for_each(|event| event.0 = event.0 / 250 * 250);
                events.sort_unstable();
                let mut using: Vec<u32> = Vec::new();
                let script = events.into_iter().map(|(millis, well, kind)| {
                    let index = ResourceIndex(well);
                    let act = match kind {
                        0 => Act::Alone,
                        1 | 2 if !using.contains(&well) => {
                            using.push(well);
                            Act::Join(index)
                        }
                        1 | 2 => {
                            using.retain(|&used| used != well);
                            Act::Leave(index)
                        }
                        _ => Act::Ask(index),
                    };
                    (ms(millis), act)
                });
                Toy::new(rank as u32 * 3, script.collect())
            })
            .collect()
    })
}

fn what_was_seen(toys: &[Toy]) -> Vec<&[(SimTime, Vec<u64>)]> {
    toys.iter().map(|toy| toy.seen.as_slice()).collect()
}

fn what_was_folded(wells: &[Well]) -> Vec<&[(SimTime, SimTime, u32, Ask)]> {
    wells.iter().map(|well| well.folded.as_slice()).collect()
}

/// Wells with different grids, two of which share every instant.
fn three_wells() -> [Well; 3] {
    [Well::new(STEP), Well::new(Span::from_millis(500)), Well::new(Span::from_millis(1_500))]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// The grid is the semantics, skipping an optimisation.
    #[test]
    fn skipping_sees_what_stepping_every_instant_sees(toys in toys(1..7, 3)) {
        let wells = three_wells();
        let (skipping, skipped_wells, fewer) = run(&toys, &wells, Stepping::Skipping);
        let (every, every_well, more) = run(&toys, &wells, Stepping::Every);
        prop_assert_eq!(what_was_seen(&skipping), what_was_seen(&every));
        prop_assert_eq!(what_was_folded(&skipped_wells), what_was_folded(&every_well));
        prop_assert!(fewer <= more);
    }

    /// Nothing a toy sees goes back in time, and everything in its script happens.
    #[test]
    fn time_never_goes_back_and_nothing_is_left_out(toys in toys(1..7, 3)) {
        let (after, wells, _) = run(&toys, &three_wells(), Stepping::Skipping);
        for toy in &after {
            prop_assert!(toy.seen.is_sorted_by_key(|&(at, _)| at));
            prop_assert_eq!(toy.next, toy.script.len());
            prop_assert!(toy.asked.is_empty() && toy.granted.is_empty());
        }
        for well in &wells {
            let in_order = |&(fold, at, rank, _): &(SimTime, SimTime, u32, Ask)| (fold, at, rank);
            prop_assert!(well.folded.is_sorted_by_key(in_order));
            prop_assert!(well.folded.iter().all(|&(fold, at, ..)| fold.since(at) <= well.step && at < fold));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(8) })]

    /// Enough processes for threads: the same as one by one, on any number of threads.
    #[test]
    fn the_parallel_path_sees_what_the_serial_one_sees(
        toys in toys(PARALLEL_PROCESSES_MIN + 1..PARALLEL_PROCESSES_MIN + 60, 3)
    ) {
        let wells = three_wells();
        let mut group = Group::new(toys.clone(), wells.to_vec(), ms(0), Stepping::Skipping);
        group.parallel_min = usize::MAX;
        let (serial, serial_wells, folds) = group.run(&|| false).finished().expect("not cancelled");
        for threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let (parallel, parallel_wells, same) = pool.install(|| run(&toys, &wells, Stepping::Skipping));
            prop_assert_eq!(what_was_seen(&parallel), what_was_seen(&serial));
            prop_assert_eq!(what_was_folded(&parallel_wells), what_was_folded(&serial_wells));
            prop_assert_eq!(same, folds);
        }
    }
}

/// A process that pours a drop into the tank at every instant of its script, and writes down whether the tank was full then.
#[derive(Clone, Debug)]
struct Drip {
    rank: u32,
    script: Vec<SimTime>,
    coupled: bool,
    saw_full: Vec<bool>,
}

impl Process for Drip {
    type Message = ();
    type Published = bool;
    type Grant = ();

    fn rank(&self) -> u32 {
        self.rank
    }

    fn run(&mut self, horizon: SimTime, board: &[bool], outbox: &mut Vec<Stamped<()>>) -> Progress {
        while let Some(&at) = self.script.get(self.saw_full.len()) {
            if at >= horizon {
                return Progress::Horizon;
            }
            if !self.coupled {
                return Progress::Wants(ResourceIndex(0), at);
            }
            outbox.push(Stamped { at, rank: self.rank, to: ResourceIndex(0), message: () });
            self.saw_full.push(board[0]);
        }
        Progress::Done
    }

    fn couple(&mut self, _: ResourceIndex) {
        self.coupled = true;
    }

    fn is_coupled(&self, _: ResourceIndex) -> bool {
        self.coupled
    }

    fn uncouple(&mut self, _: ResourceIndex) {
        self.coupled = false;
    }

    fn grant(&mut self, _: ResourceIndex, _: SimTime, (): ()) {}

    fn next_change(&self, _: ResourceIndex, _: &bool, _: SimTime) -> SimTime {
        SimTime::default()
    }

    fn resources(&self) -> Vec<ResourceIndex> {
        vec![ResourceIndex(0)]
    }
}

/// Publishes whether it holds `limit` drops; one leaves every second. While it is not full it presumes that it stays so.
#[derive(Clone, Debug)]
struct Tank {
    limit: u64,
    drops: u64,
    now: SimTime,
    presumes: bool,
    until: SimTime,
    noted: Vec<Stamped<()>>,
    levels: Vec<(SimTime, u64)>,
}

impl Tank {
    fn is_full(&self) -> bool {
        self.drops >= self.limit
    }
}

impl Resource for Tank {
    type Message = ();
    type Published = bool;
    type Grant = ();

    fn step(&self) -> Span {
        STEP
    }

    fn lookahead(&self) -> Span {
        Span::MAX
    }

    fn wake(&mut self, at: SimTime) -> bool {
        self.now = at;
        self.is_full()
    }

    fn fold(&mut self, at: SimTime, inbox: &[Stamped<()>], _: &mut Vec<Granted<()>>) -> bool {
        self.now = at;
        self.drops = self.drops.saturating_sub(1) + inbox.len() as u64;
        if !inbox.is_empty() {
            self.levels.push((at, self.drops));
        }
        self.is_full()
    }

    fn is_idle(&self) -> bool {
        false
    }

    fn calm_until(&self) -> SimTime {
        self.now
    }

    fn presumes_until(&self, limit: SimTime) -> Option<SimTime> {
        (self.presumes && !self.is_full()).then(|| (self.now + STEP.times(7)).min(limit))
    }

    fn presume(&mut self, until: SimTime) {
        assert!(self.noted.is_empty());
        self.until = until;
    }

    fn note(&mut self, stamped: Stamped<()>) {
        assert!(self.now <= stamped.at && stamped.at < self.until);
        self.noted.push(stamped);
    }

    fn fold_noted(&mut self) -> Result<bool, SimTime> {
        let mut noted = std::mem::take(&mut self.noted);
        noted.sort_by_key(|stamped| (stamped.at, stamped.rank));
        let mut rest = &*noted;
        while self.now < self.until {
            let next = self.now.next_multiple(STEP);
            let (step, later) = rest.split_at(rest.partition_point(|stamped| stamped.at < next));
            rest = later;
            if self.fold(next, step, &mut Vec::new()) && next < self.until {
                return Err(next);
            }
        }
        Ok(self.is_full())
    }
}

proptest! {
    #[test]
    fn a_presumption_changes_nothing_right_or_wrong(
        scripts in prop::collection::vec(prop::collection::vec(0_u64..60_000, 1..60), 1..6),
        limit in 1_u64..12,
    ) {
        let drips: Vec<Drip> = scripts
            .into_iter()
            .enumerate()
            .map(|(rank, mut script)| {
                script.sort_unstable();
                let script = script.into_iter().map(ms).collect();
                Drip { rank: rank as u32, script, coupled: false, saw_full: Vec::new() }
            })
            .collect();
        let run = |presumes| {
            let begin = SimTime::default();
            let (noted, levels) = (Vec::new(), Vec::new());
            let tank = Tank { limit, drops: 0, now: begin, presumes, until: begin, noted, levels };
            let build = || (drips.clone(), vec![tank.clone()], begin);
            let (drips, tanks, folds) = run_to_end(build, Stepping::Skipping, &|| false).expect("not cancelled");
            let saw: Vec<Vec<bool>> = drips.into_iter().map(|drip| drip.saw_full).collect();
            (saw, tanks[0].levels.clone(), folds)
        };
        let (saw, levels, folds) = run(true);
        let (saw_by_steps, levels_by_steps, folds_by_steps) = run(false);
        prop_assert_eq!(saw, saw_by_steps);
        prop_assert_eq!(levels, levels_by_steps);
        prop_assert!(folds <= folds_by_steps);
    }
}
