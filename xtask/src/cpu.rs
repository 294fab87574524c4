//! `cargo xtask cpu`: what everything that stores share costs, in CPU per customer of the flagship.
//!
//! The flagship runs in turn with all of it off and all of it on, three rounds; each round's ratio is of two runs one after the other, so
//! that what else the machine does weighs on both. Not part of `cargo xtask test`: a test asserts no times.

use std::fs;
use std::path::Path;

use crate::step::{Failure, Step};

const ROUNDS: u32 = 3;

/// The most that CPU per customer may grow with everything on.
const LIMIT: f64 = 1.25;

const FLAGSHIP: &str = "scenarios/black-friday-2019.toml";

/// No fault, nothing shared but what is always there.
const OFF: &[&str] = &["faults.enabled=false"];

/// An operations centre with units at the stores, second SIMs, backups that are dead unnoticed, a finite processor, finite cores with
/// their phones, hazards that follow the published load of cells.
const ON: &[&str] = &[
    "noc.enabled=true",
    "fleet.draw.oobm=console-outlet",
    "fleet.draw.carrier2=verizon",
    "lte.latent.rate_per_year=0.5",
    "services.processor.servers=2000",
    "carriers.att.registrations_per_s=5000",
    "carriers.att.phones=1000000",
    "carriers.verizon.registrations_per_s=5000",
    "carriers.verizon.phones=1000000",
    "faults.causes.lte_site_local.load_factor=2",
    "faults.causes.lte_site_local.load=published",
];

/// Measures, and fails if a round's ratio is above [`LIMIT`].
pub fn run(root: &Path) -> Result<(), Failure> {
    Step::cargo("build", root)
        .arguments(["build", "--release", "--package", "tinsel", "--bin", "tinsel"])
        .run()?;
    let mut ratios = Vec::new();
    for round in 1..=ROUNDS {
        let off = measure(root, round, "off", OFF)?;
        let on = measure(root, round, "on", ON)?;
        println!(
            "\nround {round}: {off:.3} us per customer with everything off, {on:.3} with everything on: {:.2}",
            on / off
        );
        ratios.push(on / off);
    }
    let shown: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
    let shown = shown.join(", ");
    if ratios.iter().all(|&ratio| ratio <= LIMIT) {
        println!("\nEverything on over everything off: {shown}; at most {LIMIT} in each round: yes");
        return Ok(());
    }
    Err(Failure {
        what: format!("everything on over everything off: {shown}; at most {LIMIT} in each round: no"),
        remedy: "run it again on a machine with nothing else to do; docs/performance.md has earlier figures"
            .to_owned(),
    })
}

/// CPU per customer, microseconds, of a run with these settings.
fn measure(root: &Path, round: u32, name: &str, settings: &[&str]) -> Result<f64, Failure> {
    let results = root.join("target").join("cpu").join(name);
    let binary = root.join("target").join("release").join(format!("tinsel{}", std::env::consts::EXE_SUFFIX));
    let mut arguments = vec!["run", FLAGSHIP, "--threads", "1", "--no-charts", "--quiet"];
    arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    let step = Step::new(&format!("round {round}, everything {name}"), binary, root)
        .arguments(arguments)
        .arguments(["--out".as_ref(), results.as_os_str()]);
    let _ = fs::remove_dir_all(&results);
    step.run()?;
    let info = results.join("run-info.json");
    let text = fs::read_to_string(&info).unwrap_or_default();
    let _ = fs::remove_dir_all(&results);
    number(&text, "cpu_us_per_customer").ok_or_else(|| Failure {
        what: format!("{} does not say `cpu_us_per_customer`", info.display()),
        remedy: "it is known on Linux only".to_owned(),
    })
}

/// The number of this key in a flat JSON object.
fn number(json: &str, key: &str) -> Option<f64> {
    let (_, after) = json.split_once(&format!("\"{key}\":"))?;
    after.split([',', '}', '\n']).next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_by_its_key() {
        let json = "{\n  \"cpu_s\": 16.5,\n  \"cpu_us_per_customer\": 0.3125,\n  \"kernel\": null\n}";
        assert_eq!(number(json, "cpu_us_per_customer"), Some(0.3125));
        assert_eq!(number(json, "cpu_s"), Some(16.5));
        assert_eq!(number(json, "kernel"), None);
        assert_eq!(number("", "cpu_s"), None);
    }
}
