//! Parquet and CSV of the same table hold the same, cell by cell, and no CSV cell is a formula.

use std::fs::File;
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use tinsel::report::field::unguard;
use tinsel::report::parquet::DICTIONARY_KEY;
use tinsel::report::{Formats, data_dictionary};
use tinsel::scenario::resolved::Scenario;

use super::{TABLES, synthetic, written};

const BOTH: Formats = Formats { parquet: true, ..TABLES };

/// Names as an enemy, or a foreigner, would choose them.
const HOSTILE: [&str; 10] = [
    "=HYPERLINK(\"http://x\",\"y\")",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "'=1",
    "a,\"b\"\nc",
    "\u{202e}cba \u{5d0}\u{5d1}",
    "<script>alert(1)</script>",
];

fn hostile() -> Scenario {
    let mut scenario = synthetic::scenario("hostile", 12, 2, 2);
    for (index, store) in scenario.stores.iter_mut().enumerate() {
        let name = HOSTILE[index % HOSTILE.len()];
        store.id = format!("{name}{index:04}");
        store.region = name.to_owned();
        store.market = String::new();
        store.provider = name.to_owned();
        store.extra = vec![("=head".to_owned(), name.to_owned())];
    }
    for format in &mut scenario.formats {
        format.name = format!("={}", format.name);
    }
    scenario
}

/// A Parquet cell as the CSV cell with the same content.
fn as_csv(field: &Field) -> Option<String> {
    Some(match field {
        Field::Null => String::new(),
        Field::Byte(value) => value.to_string(),
        Field::Long(value) => value.to_string(),
        Field::Str(text) => text.clone(),
        Field::Date(days) => {
            let day = jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(*days));
            day.to_string()
        }
        Field::TimestampMillis(millis) => jiff::Timestamp::from_millisecond(*millis).unwrap().to_string(),
        _ => return None,
    })
}

fn compare(directory: &Path, table: &str) -> usize {
    let mut csv = csv::Reader::from_path(directory.join(format!("{table}.csv"))).unwrap();
    let headings = csv.headers().unwrap().clone();
    let reader =
        SerializedFileReader::new(File::open(directory.join(format!("{table}.parquet"))).unwrap()).unwrap();
    let schema = reader.metadata().file_metadata().schema().get_fields();
    let names: Vec<&str> = schema.iter().map(|field| field.name()).collect();
    assert_eq!(headings.iter().collect::<Vec<_>>(), names, "{table}");
    let entries = reader.metadata().file_metadata().key_value_metadata().unwrap();
    let dictionary = entries.iter().find(|entry| entry.key == DICTIONARY_KEY).unwrap().value.clone().unwrap();
    assert!(dictionary.starts_with(&format!("## `{table}.csv`")), "{table}");
    let mut rows = reader.get_row_iter(None).unwrap();
    let mut count = 0;
    for record in csv.records() {
        let record = record.unwrap();
        let row = rows.next().expect("as many rows as the CSV").unwrap();
        for ((name, field), cell) in row.get_column_iter().zip(&record) {
            let place = format!("{table}, row {count}, {name}");
            if let Field::Double(value) = field {
                assert_eq!(value.to_bits(), cell.parse::<f64>().expect(&place).to_bits(), "{place}");
            } else {
                assert_eq!(as_csv(field).as_deref(), Some(unguard(cell)), "{place}");
            }
            // What a spreadsheet would take for a formula is a number.
            let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert!(!formula || cell.parse::<f64>().is_ok(), "{place}: {cell}");
        }
        count += 1;
    }
    assert!(rows.next().is_none(), "{table}: more rows than the CSV");
    count
}

#[test]
fn parquet_holds_what_the_csv_holds() {
    let scenario = hostile();
    let mut result = synthetic::result(&scenario);
    synthetic::add_odd_incidents(&mut result);
    let [(_one, first), (_other, second)] = [(); 2].map(|()| written(&scenario, &result, BOTH));
    let mut tables = 0;
    for entry in std::fs::read_dir(&first).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let Some(table) = file.strip_suffix(".parquet") else { continue };
        let rows = compare(&first, table);
        assert!(
            rows > 0 || !matches!(table, "stores" | "stores_daily" | "incidents" | "timeline"),
            "{table}"
        );
        let again = std::fs::read(second.join(&file)).unwrap();
        assert!(std::fs::read(first.join(&file)).unwrap() == again, "{file} differs from run to run");
        tables += 1;
    }
    let written = data_dictionary().matches("\n## `").count();
    // Tables of other commands, of weights and the operations centre's two are not of this run.
    let others = data_dictionary().matches("\nWritten by `tinsel").count();
    assert!(tables + 3 + others >= written, "{tables} of {written} tables");
}
