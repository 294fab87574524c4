//! `report.html`: the same from results alone, whatever they are written as; safe from names; small enough to mail.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use tinsel::report::Formats;
use tinsel::report::curves::{Point, curves};
use tinsel::report::page::{PAGE, page_of};
use tinsel::report::write::renew_page;
use tinsel::scenario::resolved::Scenario;

use super::synthetic;

fn written(scenario: &Scenario, formats: Formats) -> (TempDir, PathBuf) {
    let mut result = synthetic::result(scenario);
    synthetic::add_odd_incidents(&mut result);
    super::written(scenario, &result, formats)
}

fn page(directory: &Path) -> String {
    fs::read_to_string(directory.join(PAGE)).unwrap()
}

const CSV: Formats = Formats { page: true, ..super::TABLES };

#[test]
fn the_page_is_made_again_from_results_alone() {
    let scenario = synthetic::scenario("Small chain", 30, 2, 20);
    let (_root, directory) = written(&scenario, CSV);
    let first = page(&directory);
    assert!(page_of(&directory, None).unwrap() == first, "the page made again is another");
    let manifest = fs::read_to_string(directory.join("manifest.json")).unwrap();
    fs::write(directory.join(PAGE), "overwritten").unwrap();
    renew_page(&directory, None).unwrap();
    assert!(page(&directory) == first);
    assert_eq!(fs::read_to_string(directory.join("manifest.json")).unwrap(), manifest);

    let (_root, parquet) = written(&scenario, Formats { csv: false, parquet: true, ..CSV });
    assert!(page(&parquet) == first, "the page of Parquet files is another");
}

#[test]
fn no_name_is_markup_and_nothing_leads_to_the_network() {
    let evil = "</script><img src=x onerror=alert(1)>@@data@@";
    let mut scenario = synthetic::scenario(evil, 4, 1, 2);
    for store in &mut scenario.stores {
        store.id = format!("{evil}{}", store.id);
        store.region = evil.to_owned();
    }
    scenario.formats[0].name = evil.to_owned();
    let (_root, directory) = written(&scenario, CSV);
    let page = page(&directory);
    assert!(!page.contains("<img"), "a name is markup");
    assert_eq!(page.matches("{\"about\":").count(), 1, "a mark of the template in a name was filled in");
    assert_eq!(page.matches("<script").count(), 2, "one block of data, one of script");
    assert!(page.contains("&lt;/script&gt;&lt;img"), "the title shows what the scenario is called");
    assert!(page.contains("default-src 'none'"));
    for attribute in
        ["src=\"", "url(", "@import", "fetch(", "XMLHttpRequest", "innerHTML", "document.write", "eval("]
    {
        assert!(!page.contains(attribute), "{attribute} in the page");
    }
}

/// What the page's script is given.
fn data(page: &str) -> Value {
    let (_, rest) = page.split_once("{\"about\":").unwrap();
    let (text, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(&format!("{{\"about\":{text}")).unwrap()
}

#[test]
fn the_pages_failover_curves_are_those_of_the_chart_with_bands_from_two_replications_on() {
    for replications in [1, 20] {
        let scenario = synthetic::scenario("Curves", 60, 2, replications);
        let mut result = synthetic::result(&scenario);
        synthetic::add_odd_incidents(&mut result);
        let (_root, directory) = super::written(&scenario, &result, CSV);
        let shown = data(&page(&directory))["curves"].clone();
        let drawn = curves(&scenario, &result, None);
        assert_eq!(shown.as_array().unwrap().len(), drawn.len());
        assert_eq!(drawn.len(), 3, "profiles");
        for (shown, drawn) in shown.as_array().unwrap().iter().zip(&drawn) {
            assert_eq!((&shown["name"], &shown["faults"]), (&json!(drawn.name), &json!(drawn.faults)));
            let list = |name: &str| -> Vec<Option<f64>> {
                shown[name].as_array().unwrap().iter().map(Value::as_f64).collect()
            };
            let of = |value: fn(&Point) -> Option<f64>| drawn.points.iter().map(value).collect::<Vec<_>>();
            let expected = [
                ("latency_s", of(|point| Some(point.seconds))),
                ("failed_over_share", of(|point| Some(point.moved.estimate))),
                ("failed_over_low", of(|point| point.moved.low)),
                ("failed_over_high", of(|point| point.moved.high)),
                ("open_share", of(|point| Some(point.open))),
            ];
            for (name, expected) in expected {
                let near = |(one, other): (&Option<f64>, &Option<f64>)| match (one, other) {
                    (Some(one), Some(other)) => (one - other).abs() < 6e-4,
                    (None, None) => true,
                    (Some(_), None) | (None, Some(_)) => false,
                };
                let list = list(name);
                assert_eq!(list.len(), expected.len());
                assert!(list.iter().zip(&expected).all(near), "{name}: {list:?}, {expected:?}");
            }
            let has_band = list("failed_over_low").iter().all(Option::is_some);
            assert_eq!(has_band, replications > 1);
        }
    }
}

#[test]
fn ten_thousand_stores_fit() {
    let scenario = synthetic::scenario("Large", 10_000, 1, 1);
    let (_root, directory) = written(&scenario, CSV);
    let bytes = page(&directory).len();
    assert!(bytes < 5_000_000, "{bytes} bytes");
}

#[test]
fn a_directory_without_results_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let refusal = page_of(root.path(), None).unwrap_err().to_string();
    assert!(refusal.contains("summary.json") && refusal.contains("tinsel run"), "{refusal}");
}
