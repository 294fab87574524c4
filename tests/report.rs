//! Reports from results made by hand: golden tables, ledgers, the directory, the summary, the charts.

#[path = "report/synthetic.rs"]
mod synthetic;

use std::fs;
use std::path::Path;

use tinsel::report::{Formats, InputDigest, OutputDir, RunMeta, Setting, Summary, write_results};

fn meta() -> RunMeta {
    RunMeta {
        command: "tinsel run scenarios/small.toml".to_owned(),
        inputs: vec![InputDigest { path: "scenarios/small.toml".to_owned(), sha256: "00".repeat(32) }],
        settings: vec![Setting {
            path: "payments.timeout".to_owned(),
            value: "45 s".to_owned(),
            origin: "default: S12".to_owned(),
        }],
        version: "0.1.0".to_owned(),
        results_version: 1,
        grid: "skip".to_owned(),
        threads: 2,
        wall_s: 1.25,
        cpu_s: 2.4,
        peak_memory_bytes: Some(812_000_000),
        customers: 2_400_000,
        results: "results/small".to_owned(),
    }
}

#[test]
fn look() {
    let scenario = synthetic::scenario("Small chain, Thanksgiving 2019", 40, 5, 20);
    let result = synthetic::result(&scenario);
    println!("{}", Summary::new(&scenario, &result).to_terminal(false, &meta()));
    let dir = OutputDir::prepare(Path::new("/tmp/report-look"), true).unwrap();
    write_results(&dir, &scenario, &result, &meta(), Formats { csv: true, charts: false }).unwrap();
    dir.commit().unwrap();
    let _ = fs::metadata("/tmp/report-look");
}

#[test]
fn look_charts() {
    let scenario = synthetic::scenario("Black Friday 2019 over 2,992 stores", 300, 5, 3);
    let result = synthetic::result(&scenario);
    tinsel::report::write_charts(&scenario, &result, Path::new("/tmp/report-charts")).unwrap();
}
