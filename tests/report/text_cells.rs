//! Any text survives the way through a CSV file, and none of it can run as a formula.

use proptest::prelude::*;
use tinsel::report::field::unguard;
use tinsel::report::tables::{Context, stores};

use super::synthetic;

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "['=+@,\"\\-\t\r\n]{0,6}[a-z]{0,3}",
        Just("=HYPERLINK(\"http://x\",\"y\")".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn text_cells_come_back(id in any_text(), region in any_text(), heading in any_text(), extra in any_text()) {
        let mut scenario = synthetic::scenario("text", 2, 1, 1);
        let result = synthetic::result(&scenario);
        for store in &mut scenario.stores {
            store.region = region.clone();
            store.extra = vec![(heading.clone(), extra.clone()), ("plain".to_owned(), String::new())];
        }
        scenario.stores[1].id = id.clone();
        let context = Context::new(&scenario).unwrap();
        let mut bytes = Vec::new();
        let table = stores::stores(&stores::extra_columns(&scenario));
        table.write(&mut bytes, stores::store_lines(&context, &result)).unwrap();

        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let headings = reader.headers().unwrap().clone();
        let column = |name: &str| headings.iter().position(|heading| heading == name).unwrap();
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(rows.len(), 2);
        let row = &rows[1];
        prop_assert_eq!(unguard(&row[column("store_id")]), id.as_str());
        prop_assert_eq!(unguard(&row[column("region")]), region.as_str());
        prop_assert_eq!(unguard(&row[column(&format!("fleet_{heading}"))]), extra.as_str());
        for name in ["store_id", "region"] {
            prop_assert!(!row[column(name)].starts_with(['=', '+', '-', '@', '\t', '\r']));
        }
    }
}
