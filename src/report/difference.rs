//! The first thing in which two results differ, as somebody would point at it.

use std::fmt;

use serde_json::Value;

/// Where two things differ, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// A key, a cell, a byte.
    pub place: String,
    /// What the first has there.
    pub first: String,
    /// What the second has there.
    pub second: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {} and {}", self.place, self.first, self.second)
    }
}

/// What stands for something that is not there.
const ABSENT: &str = "nothing";

/// The first difference of two documents, in the order of the first's keys.
#[must_use]
pub fn first_difference(first: &Value, second: &Value) -> Option<Difference> {
    below(String::new(), first, second)
}

fn below(place: String, first: &Value, second: &Value) -> Option<Difference> {
    match (first, second) {
        (Value::Object(left), Value::Object(right)) => {
            let shared = left.iter().find_map(|(key, value)| {
                below(joined(&place, key), value, right.get(key).unwrap_or(&Value::Null))
            });
            let more = || right.iter().find(|(key, _)| !left.contains_key(*key));
            shared.or_else(|| more().and_then(|(key, value)| below(joined(&place, key), &Value::Null, value)))
        }
        (Value::Array(left), Value::Array(right)) => {
            let absent = Value::Null;
            (0..left.len().max(right.len())).find_map(|index| {
                let (one, other) = (left.get(index).unwrap_or(&absent), right.get(index).unwrap_or(&absent));
                // Elements that have a name are told by it, not by their position.
                let named = one["path"].as_str().or(one["file"].as_str()).or(one["name"].as_str());
                let name = named.map_or_else(|| index.to_string(), str::to_owned);
                below(joined(&place, &name), one, other)
            })
        }
        (left, right) if left == right => None,
        (left, right) => Some(Difference { place, first: shown(left), second: shown(right) }),
    }
}

fn joined(place: &str, key: &str) -> String {
    if place.is_empty() { key.to_owned() } else { format!("{place} > {key}") }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => ABSENT.to_owned(),
        Value::String(text) => format!("`{text}`"),
        other => other.to_string(),
    }
}

/// The first difference of two files: of tables the line and the column, of other text the line, else the byte. `name` ends as the
/// files' names do.
#[must_use]
pub fn file_difference(name: &str, first: &[u8], second: &[u8]) -> Option<Difference> {
    if first == second {
        return None;
    }
    match (std::str::from_utf8(first), std::str::from_utf8(second)) {
        (Ok(first), Ok(second)) => Some(line_difference(name.ends_with(".csv"), first, second)),
        _ => {
            let at = first.iter().zip(second).take_while(|(left, right)| left == right).count();
            let byte = |bytes: &[u8]| {
                bytes.get(at).map_or_else(|| ABSENT.to_owned(), |byte| format!("0x{byte:02x}"))
            };
            Some(Difference { place: format!("byte {at}"), first: byte(first), second: byte(second) })
        }
    }
}

fn line_difference(is_table: bool, first: &str, second: &str) -> Difference {
    let (mut left, mut right) = (first.lines(), second.lines());
    let heading = first.lines().next().unwrap_or_default();
    for number in 1_usize.. {
        let (one, other) = (left.next(), right.next());
        if one.is_some() && one == other {
            continue;
        }
        let place = format!("line {number}");
        if is_table && let Some((one, other)) = one.zip(other) {
            return cell_difference(&place, heading, one, other);
        }
        let quoted = |line: Option<&str>| line.map_or_else(|| ABSENT.to_owned(), |line| format!("`{line}`"));
        return Difference { place, first: quoted(one), second: quoted(other) };
    }
    unreachable!("every text has an end")
}

/// The first cell in which two rows differ. A row that spans lines is told by its line only.
fn cell_difference(line: &str, heading: &str, one: &str, other: &str) -> Difference {
    let [names, ones, others] = [heading, one, other].map(cells);
    let at = ones.iter().zip(&others).take_while(|(left, right)| left == right).count();
    let column = names.get(at).map_or_else(String::new, |name| format!(", column {name}"));
    let cell = |row: &[String]| row.get(at).map_or_else(|| ABSENT.to_owned(), |cell| format!("`{cell}`"));
    Difference { place: format!("{line}{column}"), first: cell(&ones), second: cell(&others) }
}

fn cells(line: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(line.as_bytes());
    let row = reader.records().next().and_then(Result::ok);
    row.map_or_else(Vec::new, |row| row.iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_are_told_by_key_and_name() {
        let one = json!({"seed": 1, "settings": [{"path": "payments.timeout", "value": "20 s"}]});
        let other = json!({"seed": 1, "settings": [{"path": "payments.timeout", "value": "45 s"}]});
        assert_eq!(first_difference(&one, &one), None);
        let difference = first_difference(&one, &other).expect("they differ");
        assert_eq!(difference.to_string(), "settings > payments.timeout > value: `20 s` and `45 s`");
        let fewer = first_difference(&one, &json!({"seed": 1})).expect("they differ");
        assert_eq!((fewer.place.as_str(), fewer.second.as_str()), ("settings", ABSENT));
        let more = first_difference(&json!({"seed": 1}), &one).expect("they differ");
        assert_eq!((more.place.as_str(), more.first.as_str()), ("settings", ABSENT));
    }

    #[test]
    fn tables_are_told_by_line_and_column() {
        let difference = |one: &str, other: &str| {
            file_difference("x.csv", one.as_bytes(), other.as_bytes()).expect("they differ").to_string()
        };
        assert_eq!(difference("a,b\n1,2\n", "a,b\n1,3\n"), "line 2, column b: `2` and `3`");
        assert_eq!(difference("a,b\n1,2\n", "a,b\n"), "line 2: `1,2` and nothing");
        assert_eq!(difference("a,b\n\"x,y\",2\n", "a,b\n\"x,z\",2\n"), "line 2, column a: `x,y` and `x,z`");
        assert_eq!(file_difference("x.csv", b"a\n", b"a\n"), None);
        let binary = file_difference("x.png", &[0xff, 1], &[0xff, 2]).expect("they differ");
        assert_eq!(binary.to_string(), "byte 1: 0x01 and 0x02");
        // Only how lines end differs, or whether the last one does.
        assert!(file_difference("x.txt", b"a\n", b"a").is_some());
    }
}
