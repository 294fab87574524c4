//! What a draw costs: `cargo bench --bench draws`.
//!
//! Every benchmark makes its draws from addresses that count up, as a run does, and reports time per address.
//! The `rand_distr` ones draw the same distributions by ziggurat from the same generator, in the same run on
//! the same machine: only their ratio to ours means anything (`docs/adr/0002-inversion.md`).

use std::hint::black_box;

use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use rand_distr::{Distribution, Exp1, LogNormal, StandardNormal, StandardUniform};
use tinsel::kernel::draws::{Address, Entity, Key, Words};
use tinsel::kernel::variates::{
    exponential, gamma, geometric, halves, lognormal, poisson, standard_normal, unit_from_u32, unit_open,
    weibull,
};

const KEY: Key = Key { seed: 20_191_128, replication: 0 };
/// Addresses per timed iteration: enough to amortise the harness, few enough to stay in cache.
const ADDRESSES: u64 = 4_096;
const LN_MEDIAN: f64 = 3.5;
const SIGMA: f64 = 0.6;

fn address(draw: u64) -> Address {
    Address { entity: Entity(0x0123_4567_89AB_CDEF), purpose: 1, draw }
}

/// Times `sample` over consecutive addresses.
fn per_address(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, mut sample: impl FnMut(Address) -> f64) {
    group.bench_function(name, |bencher| {
        bencher.iter(|| (0..ADDRESSES).map(|draw| sample(address(black_box(draw)))).sum::<f64>());
    });
}

/// The words themselves.
fn words(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("block");
    group.throughput(Throughput::Elements(ADDRESSES));
    group.bench_function("philox4x64-10", |bencher| {
        bencher.iter(|| {
            (0..ADDRESSES).fold(0, |all, draw| {
                KEY.block(address(black_box(draw)), 1).into_iter().fold(all, |all, word| all ^ word)
            })
        });
    });
    group.finish();
}

/// What one customer asks of a block: exponential, lognormal, two uniforms, normal.
fn customer(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("customer");
    group.throughput(Throughput::Elements(ADDRESSES));
    per_address(&mut group, "inversion", |address| {
        let [first, second, third, fourth] = KEY.block(address, 1);
        let (high, low) = halves(third);
        exponential(first)
            + lognormal(second, LN_MEDIAN, SIGMA)
            + unit_from_u32(high)
            + unit_from_u32(low)
            + standard_normal(fourth)
    });
    let baskets = LogNormal::new(LN_MEDIAN, SIGMA).expect("valid parameters");
    per_address(&mut group, "rand_distr", |address| {
        let mut words = KEY.words(address, 1);
        let exponential: f64 = Exp1.sample(&mut words);
        let uniforms: f64 = {
            let (one, two): (f32, f32) =
                (StandardUniform.sample(&mut words), StandardUniform.sample(&mut words));
            f64::from(one) + f64::from(two)
        };
        let normal: f64 = StandardNormal.sample(&mut words);
        exponential + baskets.sample(&mut words) + uniforms + normal
    });
    group.finish();
}

/// Single variates, four to a block so that the generator's share is that of a packed block.
fn variates(criterion: &mut Criterion) {
    type Variate = (&'static str, fn(u64) -> f64);
    let ours: [Variate; 6] = [
        ("unit_open", unit_open),
        ("exponential", exponential),
        ("standard_normal", standard_normal),
        ("lognormal", |word| lognormal(word, LN_MEDIAN, SIGMA)),
        ("weibull", |word| weibull(word, 0.7, 3.0)),
        ("geometric", |word| geometric(word, 1e-4) as f64),
    ];
    let mut group = criterion.benchmark_group("four of a kind");
    group.throughput(Throughput::Elements(ADDRESSES));
    for (name, variate) in ours {
        per_address(&mut group, name, |address| KEY.block(address, 1).into_iter().map(variate).sum());
    }
    let four =
        |words: &mut Words, sample: &dyn Fn(&mut Words) -> f64| (0..4).map(|_| sample(words)).sum::<f64>();
    per_address(&mut group, "rand_distr Exp1", |address| {
        four(&mut KEY.words(address, 1), &|words| Exp1.sample(words))
    });
    per_address(&mut group, "rand_distr StandardNormal", |address| {
        four(&mut KEY.words(address, 1), &|words| StandardNormal.sample(words))
    });
    for (name, mean) in [("poisson 3", 3.0), ("poisson 300", 300.0)] {
        per_address(&mut group, name, |address| {
            four(&mut KEY.words(address, 1), &|words| poisson(words, mean) as f64)
        });
    }
    per_address(&mut group, "gamma 2.5", |address| {
        four(&mut KEY.words(address, 1), &|words| gamma(words, 2.5, 1.0))
    });
    group.finish();
}

criterion_group! {
    name = benches;
    // The crate's own use of plotters (embedded fonts only) leaves criterion's plots without a font.
    config = Criterion::default().without_plots();
    targets = words, customer, variates
}
criterion_main!(benches);
