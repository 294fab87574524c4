//! Reads a table of a results directory, whichever format it was written in.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;
use serde_json::Value;

use super::field::unguard;
use crate::scenario::sha256;

/// Why a file of a results directory could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A file of the results is not what it should be.
    #[error(
        "failed to read `{}`: {why}; name a directory that `tinsel run`, `drill`, `size`, `compare` or `uncertainty` has written",
        .path.display()
    )]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Two results that are to be on one page are not of the same scenario.
    #[error(
        "`{}` and `{}` are not of one scenario and seed; run `tinsel uncertainty` on the scenario of the first, with the same `--seed` and \
         `--set`",
        .directory.display(), .other.display()
    )]
    Unlike {
        /// The results of the page.
        directory: PathBuf,
        /// The others.
        other: PathBuf,
    },
    /// Sums over replications would count each once.
    #[error(
        "the replications in `{}` do not all stand for the same (replications.csv), and this counts each once; summary.json \
         weighs them, and a run without `faults.sampling` and `faults.boost` can be read",
        .directory.display()
    )]
    Weighted {
        /// Which results.
        directory: PathBuf,
    },
}

/// The table that says that replications do not all stand for the same.
const WEIGHTS: [&str; 2] = ["replications.csv", "replications.parquet"];

/// One row: the cells of the columns that were asked for, as text, empty where there is nothing.
pub type Cells<'a> = [Cow<'a, str>];

/// Calls `visit` with each row's cells of `columns`; it stops early when `visit` returns false. No file of the table: no rows. A
/// column that the table does not have is empty, as in results of an older version.
///
/// # Errors
/// If a file is there and cannot be read.
pub fn rows(
    directory: &Path,
    table: &str,
    columns: &[&str],
    visit: &mut dyn FnMut(&Cells<'_>) -> bool,
) -> Result<(), ReadError> {
    if table == "attribution" && WEIGHTS.iter().any(|name| directory.join(name).is_file()) {
        return Err(ReadError::Weighted { directory: directory.to_owned() });
    }
    let csv = directory.join(format!("{table}.csv"));
    let parquet = directory.join(format!("{table}.parquet"));
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |why: String| ReadError::Unreadable { path, why }
    };
    if csv.is_file() {
        csv_rows(&csv, columns, visit).map_err(|error| failed(&csv)(error.to_string()))
    } else if parquet.is_file() {
        parquet_rows(&parquet, columns, visit).map_err(failed(&parquet))
    } else {
        Ok(())
    }
}

/// A table that a manifest lists and that is not as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Absent {
    /// Name of the file.
    pub file: String,
    /// Whether there is a file of that name, with other bytes.
    pub is_changed: bool,
}

/// The tables of `manifest` of which [`rows`] finds nothing, or not what was written, in order of name.
#[must_use]
pub fn absent(directory: &Path, manifest: &Value) -> Vec<Absent> {
    let mut tables: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for output in manifest["outputs"].as_array().map_or(&[][..], Vec::as_slice) {
        if let (Some(file), Some(digest)) = (output["file"].as_str(), output["sha256"].as_str())
            && let Some((table, "csv" | "parquet")) = file.rsplit_once('.')
        {
            tables.entry(table).or_default().insert(file, digest);
        }
    }
    let look = |files: BTreeMap<&str, &str>| {
        // Either format will do; of both the CSV, which comes first, is read.
        let found = files
            .iter()
            .find_map(|(file, digest)| Some((file, digest, fs::read(directory.join(file)).ok()?)));
        let absent = |file: &str, is_changed| Some(Absent { file: file.to_owned(), is_changed });
        match found {
            Some((_, digest, bytes)) if sha256(&bytes) == **digest => None,
            Some((file, ..)) => absent(file, true),
            None => absent(files.keys().next()?, false),
        }
    };
    tables.into_values().filter_map(look).collect()
}

fn csv_rows(path: &Path, columns: &[&str], visit: &mut dyn FnMut(&Cells<'_>) -> bool) -> csv::Result<()> {
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 16).from_path(path)?;
    let heading = reader.headers()?.clone();
    let positions: Vec<Option<usize>> =
        columns.iter().map(|column| heading.iter().position(|name| name == *column)).collect();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        let cell = |position: &Option<usize>| {
            Cow::Borrowed(unguard(position.and_then(|at| record.get(at)).unwrap_or_default()))
        };
        let cells: Vec<Cow<'_, str>> = positions.iter().map(cell).collect();
        if !visit(&cells) {
            break;
        }
    }
    Ok(())
}

fn parquet_rows(
    path: &Path,
    columns: &[&str],
    visit: &mut dyn FnMut(&Cells<'_>) -> bool,
) -> Result<(), String> {
    let text = |error: parquet::errors::ParquetError| error.to_string();
    let file = File::open(path).map_err(|error| error.to_string())?;
    let reader = SerializedFileReader::new(file).map_err(text)?;
    let schema = reader.metadata().file_metadata().schema();
    let wanted: Vec<Arc<Type>> =
        schema.get_fields().iter().filter(|field| columns.contains(&field.name())).map(Arc::clone).collect();
    let positions: Vec<Option<usize>> =
        columns.iter().map(|column| wanted.iter().position(|field| field.name() == *column)).collect();
    let projection = Type::group_type_builder(schema.name()).with_fields(wanted).build().map_err(text)?;
    for row in reader.get_row_iter(Some(projection)).map_err(text)? {
        let row = row.map_err(text)?;
        let values: Vec<&Field> = row.get_column_iter().map(|(_, field)| field).collect();
        let cell = |position: &Option<usize>| {
            position.and_then(|at| values.get(at)).map_or(Cow::Borrowed(""), |field| as_text(field))
        };
        let cells: Vec<Cow<'_, str>> = positions.iter().map(cell).collect();
        if !visit(&cells) {
            break;
        }
    }
    Ok(())
}

/// What the CSV has in that cell, but for trailing zeros of decimals.
fn as_text(field: &Field) -> Cow<'_, str> {
    match field {
        Field::Str(text) => Cow::Borrowed(text),
        Field::Long(value) => Cow::Owned(value.to_string()),
        Field::Double(value) => Cow::Owned(value.to_string()),
        Field::Byte(value) => Cow::Owned(value.to_string()),
        Field::Date(days) => {
            let day = jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(*days));
            Cow::Owned(day.to_string())
        }
        Field::TimestampMillis(millis) => {
            let instant = jiff::Timestamp::from_millisecond(*millis);
            Cow::Owned(instant.map_or_else(|_| String::new(), |instant| instant.to_string()))
        }
        // Null, and kinds that no table of ours has.
        _ => Cow::Borrowed(""),
    }
}
