//! Where a store is on a map: the outlines of the US states and the projection that they are drawn in.
//!
//! The projection is Albers' equal-area conic with Alaska and Hawaii set in below the lower 48, with the parameters of d3's
//! `geoAlbersUsa` (scale 1300, translated to the middle of 975 × 610), in which `assets/map/us-states.txt` is given. A fleet that is
//! mostly elsewhere is shown on plain longitude and latitude, without outlines.

use std::f64::consts::PI;

/// Width of the map, pixels.
pub const WIDTH: f64 = 975.0;
/// Height of the map, pixels.
pub const HEIGHT: f64 = 610.0;

const STATES: &str = include_str!("../../assets/map/us-states.txt");
const SCALE: f64 = 1_300.0;
const CENTRE: (f64, f64) = (487.5, 305.0);
/// Free space around stores on a map without outlines, pixels.
const MARGIN: f64 = 30.0;

/// A point on the map: pixels from the left, pixels from the top.
pub type Point = (f64, f64);

/// A state's name and rings.
pub struct Outline {
    /// Name in English.
    pub name: &'static str,
    /// Closed rings; the last point is not the first again.
    pub rings: Vec<Vec<Point>>,
}

/// The 50 states and the District of Columbia.
#[must_use]
pub fn outlines() -> Vec<Outline> {
    STATES.lines().filter_map(outline).collect()
}

fn outline(line: &'static str) -> Option<Outline> {
    let mut parts = line.split(';');
    let name = parts.next()?;
    let rings = parts.map(|ring| {
        let mut at = (0.0, 0.0);
        let steps = ring.split(' ').filter_map(|step| {
            let (x, y) = step.split_once(',')?;
            at = (at.0 + x.parse::<f64>().ok()? / 10.0, at.1 + y.parse::<f64>().ok()? / 10.0);
            Some(at)
        });
        steps.collect()
    });
    Some(Outline { name, rings: rings.collect() })
}

/// A conic equal-area projection about a centre, as one part of the map.
struct Conic {
    /// The meridian that points up, degrees.
    meridian: f64,
    /// What is at `place`: degrees east of the meridian, degrees north.
    centre: (f64, f64),
    parallels: (f64, f64),
    scale: f64,
    /// Offset from the middle of the map, in units of [`SCALE`].
    offset: (f64, f64),
}

const LOWER_48: Conic = Conic {
    meridian: -96.0,
    centre: (-0.6, 38.7),
    parallels: (29.5, 45.5),
    scale: SCALE,
    offset: (0.0, 0.0),
};
const ALASKA: Conic = Conic {
    meridian: -154.0,
    centre: (-2.0, 58.5),
    parallels: (55.0, 65.0),
    scale: SCALE * 0.35,
    offset: (-0.307, 0.201),
};
const HAWAII: Conic = Conic {
    meridian: -157.0,
    centre: (-3.0, 19.9),
    parallels: (8.0, 18.0),
    scale: SCALE,
    offset: (-0.205, 0.212),
};

impl Conic {
    fn project(&self, lat: f64, lon: f64) -> Point {
        let east = wrapped(lon - self.meridian);
        let (x, y) = self.raw(east, lat);
        let (x0, y0) = self.raw(self.centre.0, self.centre.1);
        (
            CENTRE.0 + self.offset.0 * SCALE + self.scale * (x - x0),
            CENTRE.1 + self.offset.1 * SCALE - self.scale * (y - y0),
        )
    }

    /// On the unit sphere: `east` of the meridian and north, degrees.
    fn raw(&self, east: f64, lat: f64) -> Point {
        let sine = |degrees: f64| libm::sin(degrees * PI / 180.0);
        let (south, north) = (sine(self.parallels.0), sine(self.parallels.1));
        let n = f64::midpoint(south, north);
        let c = 1.0 + south * (2.0 * n - south);
        let radius = libm::sqrt(c - 2.0 * n * sine(lat)) / n;
        let angle = east * n * PI / 180.0;
        (radius * libm::sin(angle), libm::sqrt(c) / n - radius * libm::cos(angle))
    }
}

/// Degrees in −180..180.
fn wrapped(degrees: f64) -> f64 {
    if degrees < -180.0 {
        degrees + 360.0
    } else if degrees >= 180.0 {
        degrees - 360.0
    } else {
        degrees
    }
}

/// Where a place of the United States is; `None` for a place that is not on the map.
#[must_use]
pub fn us_point(lat: f64, lon: f64) -> Option<Point> {
    let inside = |(x, y): Point| (0.0..=WIDTH).contains(&x) && (0.0..=HEIGHT).contains(&y);
    let part = if lat > 50.5 && !(-129.0..=170.0).contains(&lon) {
        ALASKA
    } else if (18.0..24.0).contains(&lat) && (-162.0..-150.0).contains(&lon) {
        HAWAII
    } else if (24.0..50.5).contains(&lat) && (-130.0..-60.0).contains(&lon) {
        LOWER_48
    } else {
        return None;
    };
    Some(part.project(lat, lon)).filter(|&point| inside(point))
}

/// A map of stores.
pub struct StoreMap {
    /// By store; `None` where it cannot be shown.
    pub points: Vec<Option<Point>>,
    /// Whether the states' outlines belong to it.
    pub united_states: bool,
}

/// The map that suits stores at `places` (latitude, longitude); `None` if none of them has a place.
#[must_use]
pub fn store_map(places: &[Option<(f64, f64)>]) -> Option<StoreMap> {
    let located: Vec<(f64, f64)> = places.iter().flatten().copied().collect();
    if located.is_empty() {
        return None;
    }
    let points: Vec<Option<Point>> =
        places.iter().map(|place| place.and_then(|(lat, lon)| us_point(lat, lon))).collect();
    if points.iter().flatten().count() * 2 >= located.len() {
        return Some(StoreMap { points, united_states: true });
    }
    let range = |of: fn(&(f64, f64)) -> f64| {
        let values = located.iter().map(of);
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
    };
    let (south, north) = range(|place| place.0);
    let (west, east) = range(|place| place.1);
    // A degree of longitude is as long as one of latitude at the equator only.
    let squeeze = libm::cos(f64::midpoint(south, north) * PI / 180.0).max(0.05);
    let scale = f64::min(
        (WIDTH - 2.0 * MARGIN) / ((east - west) * squeeze).max(0.01),
        (HEIGHT - 2.0 * MARGIN) / (north - south).max(0.01),
    );
    let (middle_lat, middle_lon) = (f64::midpoint(south, north), f64::midpoint(west, east));
    let place = |&(lat, lon): &(f64, f64)| {
        (WIDTH / 2.0 + (lon - middle_lon) * squeeze * scale, HEIGHT / 2.0 - (lat - middle_lat) * scale)
    };
    let points = places.iter().map(|one| one.as_ref().map(place)).collect();
    Some(StoreMap { points, united_states: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `point` is within the rings (even-odd).
    fn within(outline: &Outline, (x, y): Point) -> bool {
        let mut inside = false;
        for ring in &outline.rings {
            for (index, &(x1, y1)) in ring.iter().enumerate() {
                let (x2, y2) = ring[(index + 1) % ring.len()];
                if (y1 > y) != (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1 {
                    inside = !inside;
                }
            }
        }
        inside
    }

    #[test]
    fn cities_are_in_their_states() {
        let outlines = outlines();
        assert_eq!(outlines.len(), 51);
        for (city, lat, lon, state) in [
            ("Denver", 39.74, -104.99, "Colorado"),
            ("Miami", 25.80, -80.25, "Florida"),
            ("Bangor", 44.80, -68.77, "Maine"),
            ("San Diego", 32.80, -117.05, "California"),
            ("Seattle", 47.55, -122.10, "Washington"),
            ("Chicago", 41.85, -87.80, "Illinois"),
            ("Brownsville", 26.1, -97.6, "Texas"),
            ("Fairbanks", 64.84, -147.72, "Alaska"),
            ("Anchorage", 61.15, -149.50, "Alaska"),
            ("Hilo", 19.65, -155.3, "Hawaii"),
            ("Washington", 38.91, -77.02, "District of Columbia"),
        ] {
            let point = us_point(lat, lon).expect(city);
            let found: Vec<&str> = outlines.iter().filter(|o| within(o, point)).map(|o| o.name).collect();
            assert_eq!(found, [state], "{city} at {point:?}");
        }
        assert_eq!(us_point(48.85, 2.35), None);
        assert_eq!(us_point(f64::NAN, -100.0), None);
    }

    #[test]
    fn a_fleet_elsewhere_has_a_map_without_outlines() {
        let map = store_map(&[Some((48.85, 2.35)), None, Some((52.52, 13.40))]).expect("a map");
        assert!(!map.united_states);
        let (paris, berlin) = (map.points[0].expect("shown"), map.points[2].expect("shown"));
        assert!(paris.0 < berlin.0 && paris.1 > berlin.1);
        assert!((MARGIN - 1.0..WIDTH).contains(&paris.0) && berlin.1 > 0.0);
        assert_eq!(map.points[1], None);
        assert!(store_map(&[None]).is_none());
        assert!(store_map(&[Some((40.0, -100.0))]).expect("a map").united_states);
    }
}
