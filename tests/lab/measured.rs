//! The measured trials, as they are in the data folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One series: trials of one daemon under one configuration and fault.
pub struct Series {
    pub name: String,
    pub config: String,
    pub params: serde_json::Value,
    pub fault: String,
    /// Between two probes of the laboratory's prober, seconds.
    pub app_interval_s: f64,
    /// How long the fault was held once the failover had been seen, seconds, uniform.
    pub hold_s: (f64, f64),
    columns: BTreeMap<String, Vec<Option<f64>>>,
    /// The last column, as written.
    pub extra: Vec<String>,
}

impl Series {
    /// The kind of daemon: the first part of the name.
    pub fn kind(&self) -> &str {
        self.name.split('_').next().unwrap_or_default()
    }

    /// The values of a column that are there.
    pub fn values(&self, column: &str) -> Vec<f64> {
        self.columns.get(column).into_iter().flatten().flatten().copied().collect()
    }
}

/// Where the shipped trials are.
pub fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/data")
}

/// All series of timed faults that the manifest of `directory` names, in order of name.
pub fn series(directory: &Path) -> Vec<Series> {
    let text = std::fs::read_to_string(directory.join("manifest.json")).expect("the manifest is there");
    let manifest: serde_json::Value = serde_json::from_str(&text).expect("the manifest is JSON");
    let named = manifest["series"].as_object().expect("the manifest names series");
    let timed = named.iter().filter(|(_, entry)| entry["fault"].is_string());
    let mut all: Vec<Series> = timed.map(|(name, entry)| read(directory, name, entry)).collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

/// The series of this name.
pub fn one(name: &str) -> Series {
    let found = series(&shipped()).into_iter().find(|series| series.name == name);
    found.unwrap_or_else(|| panic!("no series {name}"))
}

fn read(directory: &Path, name: &str, entry: &serde_json::Value) -> Series {
    let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let path = [directory.join(text("file")), directory.join("data").join(text("file"))]
        .into_iter()
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("{name}: no file {}", text("file")));
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_path(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let headers: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let mut columns: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
    let mut extra = Vec::new();
    for record in reader.records() {
        let record = record.expect("a row");
        for (header, field) in headers.iter().zip(&record) {
            columns.entry(header.clone()).or_default().push(field.parse().ok());
        }
        extra.push(record.get(headers.len() - 1).unwrap_or_default().to_owned());
    }
    Series {
        name: name.to_owned(),
        config: text("config"),
        params: entry["params"].clone(),
        fault: text("fault"),
        app_interval_s: entry["app_interval_us"].as_f64().unwrap_or(20_000.0) * 1e-6,
        hold_s: entry["hold_s"].as_array().map_or((2.0, 5.0), |range| {
            (range[0].as_f64().expect("seconds"), range[1].as_f64().expect("seconds"))
        }),
        columns,
        extra,
    }
}
