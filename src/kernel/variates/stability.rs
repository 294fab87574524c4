//! Value stability: the exact bits of every generator and variate, compared at run time.
//!
//! The table changes only together with `RESULTS_VERSION`. To print what the code yields now:
//!
//! ```text
//! cargo test --lib variates::stability -- --ignored --nocapture print_the_table
//! ```

use super::super::draws::{Address, Entity, Key, Words};
use super::{
    Categorical, Empirical, Piecewise, bernoulli, bernoulli_threshold, exponential, gamma, geometric,
    ln_factorial, lognormal, lognormal_parameters, poisson, standard_normal, unit, unit_from_u32, unit_open,
    weibull,
};

mod expected;
use expected::EXPECTED;

/// Results per row of the table.
const COLUMNS: usize = 8;
/// One row: what is drawn, and its bits.
type Row = (&'static str, [u64; COLUMNS]);

/// Both ends, the centre, the far tail, and ordinary words.
const WORDS: [u64; COLUMNS] = [
    0,
    1 << 30,
    0x0123_4567_89AB_CDEF,
    0x5A82_7999_FCEF_3242,
    1 << 63,
    0x9E37_79B9_7F4A_7C15,
    0xFEDC_BA98_7654_3210,
    u64::MAX,
];

/// Compares draws and variates of this build, on this machine, with the committed values, bit for bit.
///
/// # Errors
/// A sentence that names every variate that differs: results of this build are then not comparable with those
/// of others.
pub fn self_check() -> Result<(), String> {
    let actual = actual_rows();
    if actual.len() != EXPECTED.len() {
        return Err(format!("the table has {} rows, the code yields {}", EXPECTED.len(), actual.len()));
    }
    let differing: Vec<String> = actual
        .iter()
        .zip(EXPECTED)
        .filter(|(got, wanted)| *got != *wanted)
        .map(|(got, wanted)| {
            let column = got.1.iter().zip(&wanted.1).position(|(left, right)| left != right).unwrap_or(0);
            format!(
                "{} (value {column}: {:#018x}, expected {:#018x})",
                got.0, got.1[column], wanted.1[column]
            )
        })
        .collect();
    if differing.is_empty() {
        Ok(())
    } else {
        Err(format!("draws differ from the committed values: {}", differing.join("; ")))
    }
}

/// Everything the table covers, computed now.
fn actual_rows() -> Vec<Row> {
    let mut rows = vec![
        ("philox", from_address(Words::next_word)),
        (
            "entity",
            ["", "0042", "1", "2", "3", "store", "é", "a b"].map(|id| Entity::new("store", id, "edge").0),
        ),
    ];
    rows.extend(uniform_rows());
    rows.extend(continuous_rows());
    rows.extend(discrete_rows());
    rows.extend(table_rows());
    rows
}

fn uniform_rows() -> [Row; 4] {
    let rare = bernoulli_threshold(0.012_5);
    [
        ("unit", WORDS.map(|word| unit(word).to_bits())),
        ("unit_open", WORDS.map(|word| unit_open(word).to_bits())),
        ("unit_from_u32", WORDS.map(|word| unit_from_u32((word >> 32) as u32).to_bits())),
        ("bernoulli 1/80", WORDS.map(|word| u64::from(bernoulli(word, rare)))),
    ]
}

fn continuous_rows() -> [Row; 8] {
    let ln_median = lognormal_parameters(40.0, 0.6);
    [
        ("exponential", WORDS.map(|word| exponential(word).to_bits())),
        ("standard_normal", WORDS.map(|word| standard_normal(word).to_bits())),
        ("lognormal mean 40 sigma 0.6", WORDS.map(|word| lognormal(word, ln_median, 0.6).to_bits())),
        ("weibull 0.7, 3", WORDS.map(|word| weibull(word, 0.7, 3.0).to_bits())),
        ("weibull 2.5, 100", WORDS.map(|word| weibull(word, 2.5, 100.0).to_bits())),
        ("gamma 0.4, 2", from_address(|words| gamma(words, 0.4, 2.0).to_bits())),
        ("gamma 3.7, 0.5", from_address(|words| gamma(words, 3.7, 0.5).to_bits())),
        ("gamma 250, 1", from_address(|words| gamma(words, 250.0, 1.0).to_bits())),
    ]
}

fn discrete_rows() -> [Row; 7] {
    let sizes = [0, 2, 15, 16, 17, 1_000, 1_000_000_000, u64::MAX];
    [
        ("geometric 0.3", WORDS.map(|word| geometric(word, 0.3))),
        ("geometric 1e-6", WORDS.map(|word| geometric(word, 1e-6))),
        ("poisson 0.8", from_address(|words| poisson(words, 0.8))),
        ("poisson 9.9", from_address(|words| poisson(words, 9.9))),
        ("poisson 42.5", from_address(|words| poisson(words, 42.5))),
        ("poisson 1e9", from_address(|words| poisson(words, 1e9))),
        ("ln_factorial", sizes.map(|n| ln_factorial(n).to_bits())),
    ]
}

/// Tables are built from constants that are valid; were they not, the row would differ and the check say so.
fn table_rows() -> [Row; 3] {
    let choice = Categorical::new(&[0.5, 0.25, 0.15, 0.1]);
    let empirical = Empirical::new(&[9.0, 1.0, 4.0], &[0.2, 0.5, 0.3]);
    let intensity = Piecewise::new(&[0, 900_000_000_000, 1_800_000_000_000], &[12.5, 31.1]);
    let hazards = [0.0, 0.1, 7.77, 12.4, 12.5, 20.0, 43.59, 50.0];
    [
        (
            "categorical",
            WORDS.map(|word| choice.as_ref().map_or(u64::MAX, |choice| choice.index(word) as u64)),
        ),
        ("empirical", WORDS.map(|word| empirical.as_ref().map_or(u64::MAX, |e| e.sample(word).to_bits()))),
        (
            "piecewise",
            hazards.map(|h| intensity.as_ref().ok().and_then(|i| i.time_of(h)).unwrap_or(u64::MAX)),
        ),
    ]
}

/// Successive results from the words of one fixed address.
fn from_address(mut next: impl FnMut(&mut Words) -> u64) -> [u64; COLUMNS] {
    let address = Address { entity: Entity(0x0123_4567_89AB_CDEF), purpose: 5, draw: 1_234_567 };
    let mut words = Key { seed: 20_191_128, replication: 7 }.words(address, 1);
    std::array::from_fn(|_| next(&mut words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_build_yields_the_committed_bits() {
        assert_eq!(self_check(), Ok(()));
    }

    #[test]
    #[ignore = "prints the table for stability/expected.rs; run when a change of results is decided"]
    fn print_the_table() {
        for (name, bits) in actual_rows() {
            println!("    (\n        \"{name}\",\n        [");
            for value in bits {
                println!("            0x{},", grouped(value));
            }
            println!("        ],\n    ),");
        }
    }

    fn grouped(value: u64) -> String {
        let digits = format!("{value:016X}");
        let groups: Vec<&str> = (0..4).map(|group| &digits[4 * group..4 * group + 4]).collect();
        groups.join("_")
    }
}
