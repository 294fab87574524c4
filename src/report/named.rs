//! The metric that is meant by what somebody typed: `money.lost_margin`, `lost_margin`, or a slip of either.

use std::collections::BTreeSet;

/// No more names than this are put before somebody who slipped.
const NEAR_MAX: usize = 6;

/// The one of `known`, all as `group.name`, that `written` names with its group or alone.
///
/// # Errors
/// If it names none, or several: the message has those that it may have been.
pub fn metric_named<'k>(written: &str, known: &'k [String]) -> Result<&'k str, String> {
    if let Some(whole) = known.iter().find(|path| *path == written) {
        return Ok(whole);
    }
    let alone: Vec<&String> = known.iter().filter(|path| name_of(path) == written).collect();
    match alone[..] {
        [one] => Ok(one),
        [] => Err(format!("there is no metric `{written}`; {}", near(written, known))),
        [..] => Err(format!("`{written}` may be {}: write one of them", any_of(alone.into_iter()))),
    }
}

fn name_of(path: &str) -> &str {
    path.split_once('.').map_or(path, |(_, name)| name)
}

/// What it may have been: names that contain it, of its group first, then those that are spelt nearly so.
fn near(written: &str, known: &[String]) -> String {
    let wanted = written.to_lowercase();
    let own = name_of(&wanted);
    let distance = |path: &str| {
        let whole = strsim::damerau_levenshtein(&wanted, path);
        whole.min(strsim::damerau_levenshtein(own, name_of(path)))
    };
    let allowed = own.chars().count() / 3 + 1;
    let group = wanted.split_once('.').map(|(group, _)| format!("{group}."));
    let is_elsewhere = |path: &str| group.as_ref().is_some_and(|group| !path.starts_with(group));
    let mut ranked: BTreeSet<(bool, bool, usize, &String)> = BTreeSet::new();
    for path in known {
        let contains = own.len() > 2 && name_of(path).contains(own);
        if contains || distance(path) <= allowed {
            ranked.insert((!contains, is_elsewhere(path), distance(path), path));
        }
    }
    match ranked.is_empty() {
        true => format!("there are {}", known.join(", ")),
        false => {
            let names = ranked.into_iter().take(NEAR_MAX).map(|(_, _, _, path)| path);
            format!("did you mean {}? summary.json of a run has them all", any_of(names))
        }
    }
}

fn any_of<'n>(names: impl Iterator<Item = &'n String>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_goes_by_its_name_and_slips_are_told() {
        let known =
            ["verdict.lost_sales_network", "money.lost_margin", "noc.truck_rolls", "drill.truck_rolls"];
        let known = known.map(str::to_owned);
        let named = |written: &str| metric_named(written, &known);
        assert_eq!(named("money.lost_margin"), Ok("money.lost_margin"));
        assert_eq!(named("lost_margin"), Ok("money.lost_margin"));
        for (written, words) in [
            ("truck_rolls", "may be `noc.truck_rolls` or `drill.truck_rolls`"),
            ("lost", "did you mean `money.lost_margin` or `verdict.lost_sales_network`?"),
            ("money.lost_magrin", "did you mean `money.lost_margin`?"),
            ("Lost_Margin", "did you mean `money.lost_margin`?"),
            ("zzz", "there are verdict.lost_sales_network, money.lost_margin"),
        ] {
            let why = named(written).expect_err(written);
            assert!(why.contains(words), "{written}: {why}");
        }
    }
}
