//! The stores, each by its mean over replications, and where they are.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::PageError;
use super::numbers::{Words, number, parsed};
use crate::report::map::{HEIGHT, WIDTH, outlines, store_map};
use crate::report::read::rows;
use crate::report::tables::{Kind, stores};

/// Columns of words that the page shows, as in `stores.csv`.
const WORDS: [&str; 6] = ["store_id", "format", "region", "market", "wan_provider", "lte_carrier"];
/// Columns of numbers that the page shows as means over replications.
const NUMBERS: [&str; 14] = [
    "lost_sales_network_usd",
    "payments_lost",
    "service_gap_open_s",
    "dark_s",
    "lte_s",
    "failovers",
    "false_failovers",
    "customers",
    "payments",
    "authorized_offline",
    "payment_p99_ms",
    "lte_mb",
    "truck_rolls",
    "sales_usd",
];
const DECIMALS: i32 = 2;

/// What the page knows of the stores.
pub struct Fleet {
    /// Columns for the page.
    pub columns: Value,
    /// The map for the page; null without places.
    pub map: Value,
    /// The time zone of most stores.
    pub zone: String,
    /// Position by store.
    pub index: BTreeMap<String, usize>,
}

#[derive(Default)]
struct Store {
    words: [String; WORDS.len()],
    sums: [f64; NUMBERS.len()],
    counts: [u32; NUMBERS.len()],
    place: Option<(f64, f64)>,
}

/// Reads `stores`.
pub fn read(directory: &Path) -> Result<Fleet, PageError> {
    let mut columns: Vec<&str> = WORDS.to_vec();
    columns.extend(NUMBERS);
    columns.extend(["lat", "lon", "timezone"]);
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    let mut all: Vec<Store> = Vec::new();
    let mut zones: BTreeMap<String, usize> = BTreeMap::new();
    rows(directory, "stores", &columns, &mut |cells| {
        let next = all.len();
        let at = *index.entry(cells[0].to_string()).or_insert(next);
        let (words, rest) = cells.split_at(WORDS.len());
        let (numbers, rest) = rest.split_at(NUMBERS.len());
        if at == next {
            let words = std::array::from_fn(|column| words[column].to_string());
            let place = parsed(&rest[0]).zip(parsed(&rest[1]));
            all.push(Store { words, place, ..Store::default() });
            *zones.entry(rest[2].to_string()).or_default() += 1;
        }
        let store = &mut all[at];
        for (column, cell) in numbers.iter().enumerate() {
            if let Some(value) = parsed(cell) {
                store.sums[column] += value;
                store.counts[column] += 1;
            }
        }
        true
    })?;
    let places: Vec<Option<(f64, f64)>> = all.iter().map(|store| store.place).collect();
    // Of equally many stores, the first in order of name.
    let zone = zones.iter().rev().max_by_key(|(_, stores)| **stores);
    Ok(Fleet {
        columns: columns_json(&all),
        map: map_json(&places),
        zone: zone.map_or_else(String::new, |(zone, _)| zone.clone()),
        index,
    })
}

fn columns_json(all: &[Store]) -> Value {
    let table = stores::stores(&[]);
    let definition = |name: &str| table.columns.iter().find(|column| column.name == name);
    let words = WORDS.iter().enumerate().map(|(at, name)| {
        let mut column = Words::default();
        all.iter().for_each(|store| column.push(&store.words[at]));
        let (words, rows) = column.into_json();
        let meaning = definition(name).map_or("", |column| column.meaning);
        json!({ "name": name, "unit": "", "meaning": meaning, "words": words, "rows": rows })
    });
    let numbers = NUMBERS.iter().enumerate().map(|(at, name)| {
        let mean = |store: &Store| match store.counts[at] {
            0 => Value::Null,
            count => number(store.sums[at] / f64::from(count), DECIMALS),
        };
        let rows: Vec<Value> = all.iter().map(mean).collect();
        let column = definition(name).filter(|column| column.kind != Kind::Text);
        let (unit, meaning) = column.map_or(("", ""), |column| (column.unit, column.meaning));
        json!({ "name": name, "unit": unit, "meaning": meaning, "rows": rows })
    });
    Value::Array(words.chain(numbers).collect())
}

fn map_json(places: &[Option<(f64, f64)>]) -> Value {
    let Some(map) = store_map(places) else { return Value::Null };
    let states: Vec<Value> = if map.united_states {
        let path = |ring: &Vec<(f64, f64)>| {
            let points: Vec<String> = ring.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            format!("M{}Z", points.join("L"))
        };
        let outline = |rings: &[Vec<(f64, f64)>]| rings.iter().map(path).collect::<String>();
        outlines().iter().map(|state| json!({ "name": state.name, "path": outline(&state.rings) })).collect()
    } else {
        Vec::new()
    };
    let axis = |of: fn(&(f64, f64)) -> f64| -> Vec<Value> {
        let points = map.points.iter().map(|point| point.as_ref().map(of));
        points.map(|value| value.map_or(Value::Null, |value| number(value, 1))).collect()
    };
    json!({
        "width": number(WIDTH, 0),
        "height": number(HEIGHT, 0),
        "states": states,
        "x": axis(|point| point.0),
        "y": axis(|point| point.1),
    })
}
