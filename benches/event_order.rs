//! What finding the next event costs: `cargo bench --bench event_order`.
//!
//! A store keeps one slot per kind of event and scans its servers; the textbook keeps all events in one heap. Both
//! play the same hold model here, at the size of a store: the next event is handled and comes again after an
//! exponential time. Only ratios within one run mean anything (`docs/performance.md`).

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tinsel::kernel::draws::{Address, Entity, Key};
use tinsel::kernel::variates::exponential;
use tinsel::model::checkout::Checkout;
use tinsel::units::{SimTime, Span};

/// Events per timed iteration.
const EVENTS: u64 = 8_192;
/// Servers of a mall shop and of a supercenter.
const SERVERS: [u32; 2] = [10, 34];
/// Slots beside the servers: network and calendar, renege, arrival.
const OTHER_SLOTS: usize = 3;
/// Mean time between two events of one source, seconds.
const MEAN_S: f64 = 120.0;

/// Times between events, the same for both ways.
struct Gaps {
    spans: Vec<Span>,
    next: usize,
}

impl Gaps {
    fn new() -> Gaps {
        let key = Key { seed: 5, replication: 0 };
        let word = |draw| key.block(Address { entity: Entity(9), purpose: 1, draw }, 1)[0];
        Gaps {
            spans: (0..4_096).map(|draw| Span::from_secs_f64(MEAN_S * exponential(word(draw)))).collect(),
            next: 0,
        }
    }

    #[inline]
    fn next(&mut self) -> Span {
        self.next = (self.next + 1) % self.spans.len();
        self.spans[self.next]
    }
}

/// Servers that all have something due.
fn busy_checkout(servers: u32, gaps: &mut Gaps) -> Checkout<u64> {
    let mut checkout = Checkout::new(servers, 0);
    checkout.open(servers);
    for server in 0..servers as usize {
        checkout.seat(server, 0, SimTime::default() + gaps.next());
    }
    checkout
}

fn heap(sources: usize, gaps: &mut Gaps) -> BinaryHeap<Reverse<(SimTime, u32)>> {
    (0..sources).map(|source| Reverse((SimTime::default() + gaps.next(), source as u32))).collect()
}

/// The earliest of the servers: the scan of [`Checkout::next_due`] against a heap of the servers alone.
fn servers(criterion: &mut Criterion) {
    for servers in SERVERS {
        let mut group = criterion.benchmark_group(format!("{servers} servers"));
        group.throughput(Throughput::Elements(EVENTS));
        group.bench_function("scan", |bencher| {
            let mut gaps = Gaps::new();
            let mut checkout = busy_checkout(servers, &mut gaps);
            bencher.iter(|| {
                for _ in 0..EVENTS {
                    let (now, server) = checkout.next_due();
                    checkout.update(server, black_box(0), now + gaps.next());
                }
            });
        });
        group.bench_function("heap", |bencher| {
            let mut gaps = Gaps::new();
            let mut heap = heap(servers as usize, &mut gaps);
            bencher.iter(|| {
                for _ in 0..EVENTS {
                    let Some(mut next) = heap.peek_mut() else { return };
                    let Reverse((now, server)) = *next;
                    *next = Reverse((now + gaps.next(), black_box(server)));
                }
            });
        });
        group.finish();
    }
}

/// The next event of a whole store: slots and the scan, against one heap of everything that popped and pushes.
fn store(criterion: &mut Criterion) {
    for servers in SERVERS {
        let mut group = criterion.benchmark_group(format!("store of {servers} servers"));
        group.throughput(Throughput::Elements(EVENTS));
        group.bench_function("slots", |bencher| {
            let mut gaps = Gaps::new();
            let mut checkout = busy_checkout(servers, &mut gaps);
            let mut slots = [SimTime::default(); OTHER_SLOTS];
            slots.iter_mut().for_each(|slot| *slot += gaps.next());
            bencher.iter(|| {
                for _ in 0..EVENTS {
                    let (till, server) = checkout.next_due();
                    let now = slots[0].min(slots[1]).min(slots[2]).min(till);
                    let again = now + gaps.next();
                    if now == till {
                        checkout.update(server, black_box(0), again);
                    } else if let Some(slot) = slots.iter_mut().find(|slot| **slot == now) {
                        *slot = black_box(again);
                    }
                }
            });
        });
        group.bench_function("heap", |bencher| {
            let mut gaps = Gaps::new();
            let mut heap = heap(servers as usize + OTHER_SLOTS, &mut gaps);
            bencher.iter(|| {
                for _ in 0..EVENTS {
                    let Some(Reverse((now, source))) = heap.pop() else { return };
                    heap.push(Reverse((now + gaps.next(), black_box(source))));
                }
            });
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    // The crate's own use of plotters (embedded fonts only) leaves criterion's plots without a font.
    config = Criterion::default().without_plots();
    targets = servers, store
}
criterion_main!(benches);
