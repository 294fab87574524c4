//! What was measured, as a table: one line for each series and time.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::{cannot, entries};
use crate::step::Failure;

/// Name of a line, and the columns whose sum it is.
const LINES: [(&str, &[&str]); 6] = [
    ("detect", &["detect_s"]),
    ("detect + phase", &["detect_s", "fault_phase_s"]),
    ("failover", &["failover_s"]),
    ("app gap", &["app_gap_s"]),
    ("recover detect", &["recover_detect_s"]),
    ("failback", &["failback_s"]),
];

/// Prints a table of the trials in `out`.
pub fn print(out: &Path) -> Result<(), Failure> {
    let mut tables = BTreeMap::new();
    for path in entries(&out.join("data"))? {
        if path.extension().is_some_and(|extension| extension == "csv") {
            let text = fs::read_to_string(&path).map_err(|error| cannot("read", &path, &error))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            tables.insert(name, text);
        }
    }
    if tables.is_empty() {
        return Err(Failure {
            what: format!("there are no trials in {}", out.display()),
            remedy: "to make some: cargo xtask lab --measure-only".to_owned(),
        });
    }
    print!("\n{:26} {:14} {:>3}", "seconds", "", "n");
    ["min", "p5", "p50", "mean", "p95", "max"].iter().for_each(|heading| print!(" {heading:>7}"));
    println!();
    for (name, text) in &tables {
        print!("{}", lines(name, text));
    }
    Ok(())
}

/// The lines of one series, whose file holds a comment, a header and the trials.
fn lines(name: &str, text: &str) -> String {
    let mut rows = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(','));
    let header: Vec<&str> = rows.next().map(Iterator::collect).unwrap_or_default();
    let rows: Vec<Vec<&str>> = rows.map(Iterator::collect).collect();
    let mut lines = String::new();
    for (label, columns) in LINES {
        // The phase is the age of the last frame, which decides nothing where the daemon says goodbye.
        if columns.len() > 1 && !name.ends_with("_blackhole") {
            continue;
        }
        let places: Option<Vec<usize>> =
            columns.iter().map(|column| header.iter().position(|other| other == column)).collect();
        let Some(places) = places else { continue };
        let value = |row: &Vec<&str>| places.iter().map(|place| row.get(*place)?.parse::<f64>().ok()).sum();
        let mut values: Vec<f64> = rows.iter().filter_map(value).collect();
        values.sort_by(f64::total_cmp);
        let (Some(first), Some(last)) = (values.first(), values.last()) else { continue };
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let shown =
            [*first, quantile(&values, 0.05), quantile(&values, 0.5), mean, quantile(&values, 0.95), *last];
        write!(lines, "{name:26} {label:14} {:>3}", values.len()).expect("writing to a string does not fail");
        for value in shown {
            write!(lines, " {value:>7.3}").expect("writing to a string does not fail");
        }
        lines.push('\n');
    }
    lines
}

/// The quantile of sorted values, linear between them (type 7, as in R and NumPy).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let position = share * (sorted.len() - 1) as f64;
    let below = position.floor();
    let left = sorted[below as usize];
    let right = sorted[(below as usize + 1).min(sorted.len() - 1)];
    left + (right - left) * (position - below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_linear_between_values() {
        assert_eq!(quantile(&[3.0], 0.95), 3.0);
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.5), 2.0);
        assert_eq!(quantile(&[1.0, 2.0, 4.0, 8.0, 16.0], 0.875), 12.0);
    }

    #[test]
    fn what_a_trial_does_not_have_is_left_out() {
        let text = "# {}\nrep,fault_phase_s,detect_s,failover_s\n0,0.1,0.8,0.9\n0,,0.6,\n";
        let expected = "\
            x_blackhole                detect           2   0.600   0.610   0.700   0.700   0.790   0.800\n\
            x_blackhole                detect + phase   1   0.900   0.900   0.900   0.900   0.900   0.900\n\
            x_blackhole                failover         1   0.900   0.900   0.900   0.900   0.900   0.900\n";
        assert_eq!(lines("x_blackhole", text), expected);
        assert!(!lines("x_sigterm", text).contains("phase"));
        assert_eq!(lines("empty", ""), "");
    }
}
