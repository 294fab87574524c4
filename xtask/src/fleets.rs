//! `cargo xtask fleets`: the fleets of the incident scenarios, made of places and their population.
//!
//! No list of the stores that an incident hit is public, so each fleet is a stand-in: as many stores as the retailer or the
//! area had, shared out over places in proportion to their population (largest remainder), and laid around each place's
//! centre on a square spiral, [`SPACING_KM`] apart. Nothing is random and nothing calls the platform's trigonometry, so the
//! files come out the same everywhere; a test holds the committed files to this code.

mod places;

use std::fmt::Write as _;
use std::path::Path;

use crate::step::Failure;
use places::{AMERICA, ARIZONA, BRITAIN, CANADA, ITALY, Place, TENNESSEE};

/// Distance between neighbours on the spiral: far enough that two stores of a fleet rarely share a hexagon of 5 km².
const SPACING_KM: f64 = 4.0;
/// Length of a degree of latitude.
const KM_PER_DEGREE: f64 = 111.2;

/// One file.
struct Fleet {
    file: &'static str,
    prefix: &'static str,
    stores: u32,
    places: &'static [Place],
}

const FLEETS: &[Fleet] = &[
    Fleet { file: "us_1850.csv", prefix: "US", stores: 1_850, places: AMERICA },
    Fleet { file: "us_200.csv", prefix: "US", stores: 200, places: AMERICA },
    Fleet { file: "us_690.csv", prefix: "US", stores: 690, places: AMERICA },
    Fleet { file: "canada_400.csv", prefix: "CA", stores: 400, places: CANADA },
    Fleet { file: "uk_1000.csv", prefix: "UK", stores: 1_000, places: BRITAIN },
    Fleet { file: "italy_800.csv", prefix: "IT", stores: 800, places: ITALY },
    Fleet { file: "tennessee_300.csv", prefix: "TN", stores: 300, places: TENNESSEE },
    Fleet { file: "arizona_150.csv", prefix: "AZ", stores: 150, places: ARIZONA },
];

/// Where the files are, from the repository's root.
const FOLDER: &str = "scenarios/incidents/data";

/// Writes all fleets below `root`.
pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    let folder = root.join(FOLDER);
    let failed = |path: &Path, error: std::io::Error| Failure {
        what: format!("failed to write {}: {error}", path.display()),
        remedy: "make the folder writable".to_owned(),
    };
    std::fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
    for fleet in FLEETS {
        let path = folder.join(fleet.file);
        std::fs::write(&path, text_of(fleet)).map_err(|error| failed(&path, error))?;
        println!("{FOLDER}/{}: {} stores", fleet.file, fleet.stores);
    }
    Ok(())
}

fn text_of(fleet: &Fleet) -> String {
    let mut text = "id,region,market,timezone,lat,lon\n".to_owned();
    let mut number = 0;
    for (place, count) in fleet.places.iter().zip(share_out(fleet)) {
        for position in 0..count {
            number += 1;
            let (lat, lon) = on_spiral(place, position);
            let Place { region, market, timezone, .. } = place;
            let _ =
                writeln!(text, "{}{number:04},{region},{market},{timezone},{lat:.4},{lon:.4}", fleet.prefix);
        }
    }
    text
}

/// How many stores each place gets: in proportion to its people, what is left over to the largest remainders.
fn share_out(fleet: &Fleet) -> Vec<u32> {
    let people: u64 = fleet.places.iter().map(|place| u64::from(place.thousands)).sum();
    let shares = fleet.places.iter().map(|place| u64::from(fleet.stores) * u64::from(place.thousands));
    let shares: Vec<(u64, u64)> = shares.map(|share| (share / people, share % people)).collect();
    let mut counts: Vec<u32> = shares.iter().map(|&(whole, _)| whole as u32).collect();
    let mut by_remainder: Vec<usize> = (0..shares.len()).collect();
    by_remainder.sort_by_key(|&place| (std::cmp::Reverse(shares[place].1), place));
    let left = fleet.stores - counts.iter().sum::<u32>();
    for &place in by_remainder.iter().take(left as usize) {
        counts[place] += 1;
    }
    counts
}

/// The `position`-th point around a place's centre.
fn on_spiral(place: &Place, position: u32) -> (f64, f64) {
    let (east, north) = square_spiral(position);
    let degrees = SPACING_KM / KM_PER_DEGREE;
    let lat = place.lat + degrees * f64::from(north);
    (lat, place.lon + degrees * f64::from(east) / cosine(place.lat))
}

/// Steps east and north of the `position`-th point of a walk right, up, left, left, down, down, right, right, right, …
fn square_spiral(position: u32) -> (i32, i32) {
    const TURNS: [(i32, i32); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];
    let (mut at, mut side, mut left) = ((0, 0), 0, position);
    while left > 0 {
        let length = (1 + side as u32 / 2).min(left);
        let (east, north) = TURNS[side % 4];
        at = (at.0 + east * length as i32, at.1 + north * length as i32);
        left -= length;
        side += 1;
    }
    at
}

/// Cosine of a latitude in degrees, by its series: good to 1e-4 up to 70 degrees, which is metres here.
fn cosine(degrees: f64) -> f64 {
    let square = (degrees * std::f64::consts::PI / 180.0) * (degrees * std::f64::consts::PI / 180.0);
    1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0 * (1.0 - square / 56.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_files_are_what_this_code_makes() {
        let folder = crate::root().join(FOLDER);
        for fleet in FLEETS {
            let path = folder.join(fleet.file);
            let committed = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(committed == text_of(fleet), "{} is stale: run `cargo xtask fleets`", path.display());
            assert_eq!(committed.lines().count() as u32, fleet.stores + 1);
        }
    }
}
