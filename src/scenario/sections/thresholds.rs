//! `[thresholds]`: what a run is held to.
//!
//! A key is the name of a metric of `summary.json`, with its group before it where two groups have the name (`noc.truck_rolls`), and
//! in braces the part of the fleet that is meant: `"failover_latency{region=TX}" = ["p(95) < 30s"]`. Whether there is such a metric
//! is known to who makes the summary (`report::thresholds`); here is read what can be read without.

use crate::scenario::diagnostics::Code;
use crate::scenario::field::Field;
use crate::scenario::reader::{Named, Problem, Reader, Section};
use crate::scenario::resolved::{Limit, Relation, Statistic, Threshold};
use crate::scenario::tree::Place;
use crate::units::{
    CURRENCY_SIGNS, UnitError, parse_bytes, parse_money, parse_number, parse_share, parse_span,
};

pub(crate) const DOC: &str = "What a run is held to: metrics of summary.json (`\"failover_latency{region=TX}\"`) with conditions that all \
                              have to hold; exit code 99 if one does not, 98 if the replications do not tell.";

const CONDITIONS: Field = Field::new(
    "NAME",
    "Conditions such as \"p(95) < 30s\", \"mean < $5k\", \"share <= 0.1 %\", \"max < 2 min\", \"count > 10\".",
)
.optional();

const HELP: &str = "write a statistic (mean, share, count, max, p(50), p(95), p(99)), <, <=, > or >=, and a limit with its unit, for \
                    example \"p(95) < 30s\"";

/// Reads all conditions.
pub(crate) fn read(root: &Section) -> Vec<Threshold> {
    let mut found = Vec::new();
    for (key, place, conditions) in root.texts_by_name("thresholds", DOC, CONDITIONS) {
        let (metric, part) = match target(&key) {
            Ok(target) => target,
            Err(problem) => {
                root.reader.report(place, problem);
                continue;
            }
        };
        for condition in conditions {
            match parse(&condition.text, root.reader.currency.as_deref()) {
                Ok((statistic, relation, limit)) => found.push(Threshold {
                    metric: metric.clone(),
                    part: part.clone(),
                    statistic,
                    relation,
                    limit,
                    text: format!("{key}: {}", condition.text),
                    place: line(root.reader, &condition, place),
                }),
                Err(problem) => root.reader.report(condition.place, problem),
            }
        }
    }
    found
}

fn line(reader: &Reader, condition: &Named, key: Place) -> String {
    let file = reader.sources.of(condition.place);
    // A key of the file may have conditions from the command line.
    let start = if condition.place.source == key.source { key.start } else { 0 };
    let (line, _) = file.line_and_column(condition.place.start.max(start));
    format!("{}:{line}", file.name)
}

/// The metric and, in braces, what it is grouped by and which part.
fn target(key: &str) -> Result<(String, Option<(String, String)>), Problem> {
    let Some((metric, rest)) = key.split_once('{') else { return Ok((key.trim().to_owned(), None)) };
    let part = rest.trim_end().strip_suffix('}').and_then(|inside| inside.split_once('='));
    match part {
        Some((grouping, part))
            if matches!(grouping.trim(), "region" | "format") && !part.trim().is_empty() =>
        {
            Ok((metric.trim().to_owned(), Some((grouping.trim().to_owned(), part.trim().to_owned()))))
        }
        _ => {
            let problem =
                Problem::new(Code::UnknownWord, format!("`{{{rest}` does not name a part of the fleet"));
            Err(problem.help(
                "write for example \"failover_latency{region=TX}\" or \"failover_latency{format=grocery}\"",
            ))
        }
    }
}

/// What stands before a relation, the relation, what stands behind it.
fn split(text: &str) -> Option<(&str, Relation, &str)> {
    // The longer ones first: `<=` begins with `<`.
    let relations =
        [("<=", Relation::AtMost), (">=", Relation::AtLeast), ("<", Relation::Below), (">", Relation::Above)];
    relations.iter().find_map(|(sign, relation)| {
        let (left, right) = text.split_once(sign)?;
        Some((left.trim(), *relation, right.trim()))
    })
}

/// Reads a limit without a statistic, such as `<= $5000`.
pub(crate) fn parse_target(text: &str) -> Option<(Relation, Limit)> {
    let (before, relation, limit) = split(text)?;
    Some((relation, parse_limit(limit, None).ok()?)).filter(|_| before.is_empty())
}

fn parse(text: &str, currency: Option<&str>) -> Result<(Statistic, Relation, Limit), Problem> {
    let bad = |what: String| Problem::new(Code::BadQuantity, what).help(HELP);
    let Some((statistic, relation, limit)) = split(text) else {
        return Err(bad(format!("`{text}` compares nothing")));
    };
    let statistic = match statistic {
        "mean" | "value" => Statistic::Value,
        "share" => Statistic::Share,
        "count" => Statistic::Count,
        "max" => Statistic::Max,
        "p(50)" | "median" => Statistic::P50,
        "p(95)" => Statistic::P95,
        "p(99)" => Statistic::P99,
        other => return Err(bad(format!("`{other}` is no statistic"))),
    };
    let limit = parse_limit(limit, currency)
        .map_err(|error| Problem::new(Code::BadQuantity, error.message).help(error.remedy))?;
    Ok((statistic, relation, limit))
}

/// Reads a limit; money has the sign of `currency`, if that is known.
fn parse_limit(text: &str, currency: Option<&str>) -> Result<Limit, UnitError> {
    if text.starts_with(CURRENCY_SIGNS) {
        return parse_money(text, currency).map(|cents| Limit::Money(cents.as_units_f64()));
    }
    let none = || UnitError { message: format!("`{text}` is no limit"), remedy: HELP.to_owned() };
    if text.ends_with('%') {
        return parse_share(text).map(Limit::Share).map_err(|_| none());
    }
    match parse_number(text) {
        Ok(number) if number >= 0.0 => return Ok(Limit::Number(number)),
        Err(error) if text.contains(',') => return Err(error),
        Ok(_) | Err(_) => {}
    }
    if let Ok(span) = parse_span(text) {
        return Ok(Limit::Time(span.as_secs_f64()));
    }
    parse_bytes(text).map(|bytes| Limit::Bytes(bytes as f64)).map_err(|_| none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_with_or_without_blanks() {
        for text in ["p(95) < 30s", "p(95)<30 s"] {
            let (statistic, relation, limit) =
                parse(text, None).map_err(|problem| problem.message).expect("good");
            assert_eq!((statistic, relation, limit), (Statistic::P95, Relation::Below, Limit::Time(30.0)));
        }
        let limit = |text| parse(text, None).map_err(|problem| problem.message).expect("good").2;
        assert_eq!(limit("share <= 0.1 %"), Limit::Share(0.001));
        assert_eq!(limit("mean < $5k"), Limit::Money(5_000.0));
        assert_eq!(limit("mean < 2.5 GB"), Limit::Bytes(2.5e9));
        assert_eq!(limit("count > 1,000"), Limit::Number(1_000.0));
        assert_eq!(parse_target(">= 99.5 %"), Some((Relation::AtLeast, Limit::Share(0.995))));
        for text in ["5000", "mean < 3", "< soon", "= 4"] {
            assert_eq!(parse_target(text), None, "{text}");
        }
        for text in ["p(95)", "p(95) < soon", "p95 < 3 s", "mean < -3"] {
            assert!(parse(text, None).is_err(), "{text}");
        }
        for (text, remedy) in
            [("count > 12,5", "12.5"), ("mean < €1.250,50", "€1250.50"), ("mean < $5", "€5")]
        {
            let problem = parse(text, Some("EUR")).expect_err(text);
            assert!(problem.help.is_some_and(|help| help.contains(remedy)), "{text}");
        }
    }
}
