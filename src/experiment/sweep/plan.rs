//! From lists, ranges and a file of points to points.
//!
//! Each is a factor: columns and rows of values. The points are all combinations of rows, the first factor slowest. All ranges
//! together are one factor, a Latin hypercube.

use std::collections::BTreeSet;

use super::latin::shares;
use crate::model::purpose::Purpose;
use crate::scenario::Setting;
use crate::scenario::vary::{Range, Values, Varied, canonical, check_path};

/// More points than this are a slip of the keyboard.
pub const POINTS_MAX: usize = 100_000;

/// Inputs and the points at which they are to be run.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// Paths as `--set` takes them.
    pub paths: Vec<String>,
    /// By point: one value for each path.
    pub points: Vec<Vec<String>>,
}

struct Factor {
    paths: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// All points of `varied` and of the rows of `file`, which are combined with each other; `settings` tell which ranges are of counts.
///
/// # Errors
/// If an input is varied twice, if there are ranges and no number of points for them, or none that needs one, or too many points.
pub fn plan(
    varied: &[Varied],
    file: Option<(Vec<String>, Vec<Vec<String>>)>,
    latin: Option<u32>,
    (seed, settings): (u64, &[Setting]),
) -> Result<Plan, String> {
    let mut factors: Vec<Factor> = file.map(|(paths, rows)| Factor { paths, rows }).into_iter().collect();
    let mut ranges: Vec<(&str, Range)> = Vec::new();
    for one in varied {
        match &one.values {
            Values::List(values) => factors.push(Factor {
                paths: vec![one.path.clone()],
                rows: values.iter().map(|value| vec![value.clone()]).collect(),
            }),
            Values::Range(range) => ranges.push((&one.path, suited(range, &one.path, settings))),
        }
    }
    match latin {
        Some(count) if !ranges.is_empty() => factors.push(hypercube(&ranges, count, seed)),
        Some(_) => {
            return Err("a Latin hypercube needs ranges: --vary 'payments.timeout=15 s..45 s'".to_owned());
        }
        None => {
            if let Some((path, range)) = ranges.first() {
                return Err(format!(
                    "`{path}` has a range: say how many points of it with --latin N, or list values: --vary '{path}=[{}, {}]'",
                    range.low, range.high
                ));
            }
        }
    }
    combined(&factors)
}

/// The range as its setting's kind of value wants it.
#[must_use]
pub fn suited(range: &Range, path: &str, settings: &[Setting]) -> Range {
    let path = canonical(path);
    let setting = settings.iter().find(|setting| canonical(&setting.path) == path);
    setting.map_or_else(|| range.clone(), |setting| range.clone().of_kind(setting.unit))
}

fn hypercube(ranges: &[(&str, Range)], count: u32, seed: u64) -> Factor {
    let columns: Vec<Vec<String>> = ranges
        .iter()
        .map(|(path, range)| {
            let shares = shares(seed, Purpose::LatinHypercube, &canonical(path), count);
            shares.into_iter().map(|share| range.written(range.number(share))).collect()
        })
        .collect();
    Factor {
        paths: ranges.iter().map(|(path, _)| (*path).to_owned()).collect(),
        rows: (0..count as usize)
            .map(|point| columns.iter().map(|column| column[point].clone()).collect())
            .collect(),
    }
}

fn combined(factors: &[Factor]) -> Result<Plan, String> {
    let paths: Vec<String> = factors.iter().flat_map(|factor| factor.paths.iter().cloned()).collect();
    let mut seen = BTreeSet::new();
    for path in &paths {
        check_path(path)?;
        if !seen.insert(canonical(path)) {
            return Err(format!("`{path}` is varied twice"));
        }
    }
    if paths.is_empty() {
        return Err("nothing is varied: give --vary, --points or --plan".to_owned());
    }
    let count = factors.iter().try_fold(1_usize, |count, factor| count.checked_mul(factor.rows.len()));
    let Some(count) = count.filter(|&count| count <= POINTS_MAX) else {
        return Err(format!("there are more than {POINTS_MAX} points"));
    };
    let mut points: Vec<Vec<String>> = vec![Vec::with_capacity(paths.len())];
    for factor in factors {
        let with =
            |point: &Vec<String>, row: &Vec<String>| point.iter().chain(row).cloned().collect::<Vec<_>>();
        points =
            points.iter().flat_map(|point| factor.rows.iter().map(move |row| with(point, row))).collect();
    }
    debug_assert_eq!(points.len(), count);
    Ok(Plan { paths, points })
}

/// Reads points from CSV: a heading of paths, then one point a row.
///
/// # Errors
/// If it is not such a table; the message names the line.
pub fn read_points(text: &str) -> Result<(Vec<String>, Vec<Vec<String>>), String> {
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(text.as_bytes());
    let heading = reader.headers().map_err(|error| error.to_string())?;
    let paths: Vec<String> = heading.iter().map(str::to_owned).collect();
    for path in &paths {
        check_path(path)?;
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        if let Some(empty) = record.iter().position(str::is_empty) {
            return Err(format!("line {line} has no value of `{}`", paths[empty]));
        }
        rows.push(record.iter().map(str::to_owned).collect());
    }
    if rows.is_empty() { Err("there are no points in it".to_owned()) } else { Ok((paths, rows)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn varied(written: &[&str]) -> Vec<Varied> {
        written.iter().map(|one| one.parse().expect("it is good")).collect()
    }

    #[test]
    fn lists_files_and_ranges_are_combined() {
        let file = read_points("a.x, a.y\n1, 2\n# not now\n3, 4\n").expect("a table");
        let plan = plan(&varied(&["b=[u, v]", "c=0.0..1.0", "d=5..6"]), Some(file), Some(3), (1, &[]))
            .expect("good");
        assert_eq!(plan.paths, ["a.x", "a.y", "b", "c", "d"]);
        assert_eq!(plan.points.len(), 2 * 2 * 3);
        assert_eq!(plan.points[0][..3], ["1", "2", "u"]);
        assert_eq!(plan.points[11][..3], ["3", "4", "v"]);
        assert_eq!(plan.points[0][3..], plan.points[3][3..], "every combination has the same hypercube");
    }

    #[test]
    fn plans_that_make_no_sense_are_refused() {
        let plan = |written: &[&str], latin| plan(&varied(written), None, latin, (1, &[]));
        for (written, latin, words) in [
            (&["a=1..2"][..], None, "--latin"),
            (&["a=[1]"], Some(3), "needs ranges"),
            (&["a.\"b\"=[1]", "a.b=[2]"], None, "twice"),
            (&[], None, "nothing is varied"),
            (&["a=0.0..1.0", "b=[1,2]"], Some(1_000_000), "more than"),
        ] {
            let why = plan(written, latin).expect_err("refused");
            assert!(why.contains(words), "{why}");
        }
        assert!(read_points("a,b\n1,\n").expect_err("refused").contains("line 2 has no value of `b`"));
        assert!(
            read_points("a b\n1\n").is_err()
                && read_points("a\n").is_err()
                && read_points("a,b\n1\n").is_err()
        );
    }
}
