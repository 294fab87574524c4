//! The structure of the charts: series, labels, words. Coordinates are nobody's contract.

use tinsel::report::charts::{Chart, SizingFrontier, SizingPoint, Tornado};
use tinsel::report::curves::curves;
use tinsel::report::summary::Summary;
use tinsel::report::uncertainty::{Bar, Decision, Switch, Uncertainty, Valued};
use tinsel::report::write_charts;
use tinsel::scenario::resolved::{ProfileId, ServiceId};
use tinsel::simulation::result::{HourRow, RunResult, ServiceCounts, ServiceRow};
use tinsel::units::Span;

use super::synthetic;

/// How many shapes of this element are in the colour, as stroke or fill.
fn count(svg: &str, element: &str, colour: &str) -> usize {
    svg.split('<').filter(|tag| tag.starts_with(element) && tag.contains(&format!("=\"{colour}\""))).count()
}

const BLUE: &str = "#0072B2";
const ORANGE: &str = "#E69F00";
const GREEN: &str = "#009E73";
const VERMILLION: &str = "#D55E00";
const SKY: &str = "#56B4E9";
const INK: &str = "#222222";
const GREY: &str = "#666666";
const SHADE: &str = "#CFCFCF";

/// The words of the chart, each text element once.
fn words(svg: &str) -> Vec<&str> {
    let texts = svg.split("<text ").skip(1).filter_map(|rest| rest.split_once('>'));
    texts.filter_map(|(_, rest)| rest.split_once("</text>")).map(|(text, _)| text.trim()).collect()
}

fn has_words(svg: &str, expected: &[&str]) {
    let words = words(svg);
    for &word in expected {
        assert!(words.contains(&word), "no `{word}` among {words:?}");
    }
}

#[test]
fn demand_has_an_area_two_lines_and_the_surges() {
    let scenario = synthetic::scenario("A & B <stores>", 60, 5, 2);
    let svg = Chart::Demand.svg(&scenario, &synthetic::result(&scenario)).unwrap();
    assert_eq!((count(&svg, "polyline", BLUE), count(&svg, "polyline", VERMILLION)), (1, 1));
    assert_eq!(count(&svg, "polygon", SHADE), 1);
    assert_eq!(count(&svg, "polygon", INK), 2, "surges begin in two time zones");
    has_words(
        &svg,
        &[
            "Demand and payments: A &amp; B &lt;stores&gt;",
            "All stores, mean of 2 replications; pale: where 90 % of them lie",
            "Customers and payments per hour",
            "Local time in most stores (America/Chicago)",
            "Thu 28 Nov",
            "Mon 2 Dec",
            "customers expected",
            "payments authorized",
            "surge begins",
        ],
    );
    assert!(svg.contains("<title>A &amp; B &lt;stores"), "a title for screen readers");
}

#[test]
fn a_short_run_has_hours_on_its_time_axis() {
    let scenario = synthetic::scenario("short", 6, 1, 1);
    let svg = Chart::Demand.svg(&scenario, &synthetic::result(&scenario)).unwrap();
    has_words(
        &svg,
        &[
            "06:00",
            "18:00",
            "00:00",
            "Local time in most stores (America/Chicago), from 2019-11-28",
            "All stores, one replication",
        ],
    );
}

#[test]
fn states_are_two_panels_of_areas() {
    let scenario = synthetic::scenario("states", 60, 5, 1);
    let svg = Chart::StoresByState.svg(&scenario, &synthetic::result(&scenario)).unwrap();
    for colour in [SKY, ORANGE, INK] {
        assert_eq!(count(&svg, "polygon", colour), 1, "{colour}");
    }
    has_words(&svg, &["On LTE, stores", "No service, stores", "on LTE", "Fri 29 Nov"]);
}

#[test]
fn charts_over_time_show_where_most_replications_lie() {
    let bands = |replications| {
        let scenario = synthetic::scenario("bands", 60, 5, replications);
        let result = synthetic::result(&scenario);
        [Chart::StoresByState, Chart::Demand].map(|chart| {
            let svg = chart.svg(&scenario, &result).unwrap();
            assert_eq!(words(&svg).iter().any(|word| word.contains("90 % of them")), replications > 1);
            svg.matches("opacity=\"0.25\"").count()
        })
    };
    assert_eq!(bands(1), [0, 0]);
    assert_eq!(bands(20), [2, 1]);
}

#[test]
fn long_subtitles_are_broken_not_cut() {
    let scenario = synthetic::scenario("long", 60, 5, 20);
    let result = with_service(&scenario);
    for chart in [Chart::StoresByState, Chart::Services] {
        let svg = chart.svg(&scenario, &result).unwrap();
        let words = words(&svg);
        assert!(words.iter().any(|word| word.contains("20 replications")), "{words:?}");
        assert!(!words.iter().any(|word| word.ends_with('…')), "{words:?}");
    }
}

#[test]
fn failover_latency_has_one_curve_per_profile() {
    let scenario = synthetic::scenario("curves", 90, 2, 1);
    let svg = Chart::FailoverLatency.svg(&scenario, &synthetic::result(&scenario)).unwrap();
    for colour in [BLUE, ORANGE, GREEN] {
        assert_eq!(count(&svg, "polyline", colour), 1, "{colour}");
    }
    has_words(&svg, &["Failover latency (logarithmic)", "Faults failed over", "100 %", "10 s", "1 min"]);
    assert!(words(&svg).iter().any(|word| word.starts_with("fortinet-sdwan (n = ")));
    for colour in [BLUE, ORANGE, GREEN] {
        assert_eq!(count(&svg, "polygon", colour), 0, "no band with one replication");
    }
    let scenario = synthetic::scenario("bands", 90, 2, 6);
    let svg = Chart::FailoverLatency.svg(&scenario, &synthetic::result(&scenario)).unwrap();
    for colour in [BLUE, ORANGE, GREEN] {
        assert_eq!((count(&svg, "polyline", colour), count(&svg, "polygon", colour)), (1, 1), "{colour}");
    }
    assert!(words(&svg).iter().any(|word| word.ends_with("; pale: 95 % intervals")));
}

/// With one profile the curve ends where the summary's `failover_incidence` is, and so does its band.
#[test]
fn failover_curves_end_at_the_incidence_of_the_summary() {
    let mut scenario = synthetic::scenario("ends", 90, 2, 6);
    scenario.stores.iter_mut().for_each(|store| store.profile = ProfileId(1));
    let mut result = synthetic::result(&scenario);
    synthetic::add_odd_incidents(&mut result);
    let found = curves(&scenario, &result, None);
    let summary = Summary::new(&scenario, &result);
    let expected = summary.metric("failover", "failover_incidence").unwrap().value.unwrap();
    let end = found[0].points.last().unwrap().moved;
    assert_eq!(found.len(), 1);
    let pairs = [Some(end.estimate), end.low, end.high].into_iter().zip([
        Some(expected.estimate),
        expected.low,
        expected.high,
    ]);
    for (one, other) in pairs {
        assert!((one.unwrap() - other.unwrap()).abs() < 1e-9, "{end:?}, {expected:?}");
    }
}

/// Left and right end of the boxes in that colour, in order; the legend's swatch first.
fn boxes(svg: &str, colour: &str) -> Vec<(f64, f64)> {
    let number = |tag: &str, name: &str| -> f64 {
        let (_, rest) = tag.split_once(&format!(" {name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    svg.split('<')
        .filter(|tag| tag.starts_with("rect") && tag.contains(&format!("fill=\"{colour}\"")))
        .map(|tag| (number(tag, "x"), number(tag, "x") + number(tag, "width")))
        .collect()
}

#[test]
fn failover_stages_are_a_waterfall_at_the_median_and_at_the_tail() {
    let scenario = synthetic::scenario("stages", 90, 2, 1);
    let svg = Chart::FailoverStages.svg(&scenario, &synthetic::result(&scenario)).unwrap();
    // Three stages in two panels, and the legend's swatch; the whole and the way back in both panels.
    assert_eq!([BLUE, ORANGE, GREEN].map(|colour| boxes(&svg, colour).len()), [7, 3, 3]);
    let (stages, whole) = (boxes(&svg, BLUE), boxes(&svg, ORANGE));
    for (panel, whole) in stages[1..].chunks(3).zip(&whole[1..]) {
        assert_eq!(panel[0].0, whole.0, "detection begins with the whole");
        for pair in panel.windows(2) {
            assert!((pair[1].0 - pair[0].1).abs() <= 1.0, "each from where the one before ended: {panel:?}");
        }
    }
    let words = words(&svg);
    assert_eq!(words.iter().filter(|word| **word == "detection").count(), 2);
    has_words(&svg, &["bring-up", "switch", "failover", "failback", "failover, the whole"]);
    for quantile in ["Median, ", "95th percentile, "] {
        assert_eq!(words.iter().filter(|word| word.starts_with(quantile)).count(), 2, "{quantile} and unit");
    }
    assert!(words.iter().any(|word| word.contains("medians of stages do not add up")));
    let durations = words.iter().filter(|word| word.ends_with(" s") || word.ends_with(" ms")).count();
    assert!(durations >= 10, "each bar carries its value: {words:?}");
}

/// In one replication every fourth failover takes ten hours: the bars are still to be seen, and the interval's end is told.
#[test]
fn an_interval_far_beyond_the_bars_is_cut_and_told() {
    let scenario = synthetic::scenario("cut", 300, 2, 8);
    let mut result = synthetic::result(&scenario);
    for incident in result.replications[0].incidents.iter_mut().step_by(4) {
        incident.failover = incident.failover.map(|at| at + Span::from_secs(36_000));
    }
    let summary = Summary::new(&scenario, &result);
    let longest = summary.metric("failover", "failover_latency_p95").unwrap().value.unwrap();
    assert!(longest.high.unwrap() > 3.0 * longest.estimate, "{longest:?}");
    let svg = Chart::FailoverStages.svg(&scenario, &result).unwrap();
    assert!(words(&svg).iter().any(|word| word.contains(" (to ")), "{:?}", words(&svg));
    let (from, to) = boxes(&svg, ORANGE)[2];
    assert!(to - from > 100.0, "the whole at the tail is {} pixels long", to - from);
}

#[test]
fn failover_stages_have_the_summarys_intervals_where_there_are_any() {
    const THICK: &str = "stroke-width=\"4\"";
    let whiskers = |replications: u32| {
        let scenario = synthetic::scenario("whiskers", 90, 2, replications);
        let result = synthetic::result(&scenario);
        let svg = Chart::FailoverStages.svg(&scenario, &result).unwrap();
        let drawn = svg.split('<').filter(|tag| tag.starts_with("polyline") && tag.contains(THICK)).count();
        assert_eq!(words(&svg).contains(&"95 % interval over replications"), drawn > 0);
        let summary = Summary::new(&scenario, &result);
        let stages = ["detection", "bringup", "switch", "failover", "failback"];
        let names = stages.iter().flat_map(|stage| ["p50", "p95"].map(|q| format!("{stage}_latency_{q}")));
        let has_width = |name: &String| {
            let value = summary.metric("failover", name).unwrap().value.unwrap();
            value.low.zip(value.high).is_some_and(|(low, high)| low < high)
        };
        (drawn, names.filter(has_width).count())
    };
    assert_eq!(whiskers(1), (0, 0));
    let (drawn, intervals) = whiskers(8);
    assert!(intervals >= 5, "{intervals}");
    assert_eq!(drawn, 3 * intervals, "a line and two caps each");
}

#[test]
fn losses_are_bars_in_the_colour_of_what_would_have_helped() {
    let scenario = synthetic::scenario("losses", 60, 2, 4);
    let svg = Chart::Losses.svg(&scenario, &synthetic::result(&scenario)).unwrap();
    let bars: usize = [BLUE, GREEN, ORANGE, GREY].iter().map(|colour| count(&svg, "rect", colour)).sum();
    assert!(bars > 4, "the legend's four swatches, and bars");
    has_words(
        &svg,
        &["a backup path", "remote hands", "offline authorization", "none of these", "Lost sales, USD"],
    );
    assert!(words(&svg).iter().any(|word| word.contains("95 % intervals")), "it says what the lines are");
}

#[test]
fn the_map_has_the_states_and_every_store() {
    let mut scenario = synthetic::scenario("map", 60, 2, 1);
    for (at, store) in scenario.stores.iter_mut().enumerate() {
        (store.lat, store.lon) = (31.0 + (at % 15) as f64, -118.0 + (at % 40) as f64);
    }
    let svg = Chart::Map.svg(&scenario, &synthetic::result(&scenario)).unwrap();
    assert!(count(&svg, "polygon", "#F1F3F5") >= 50, "states");
    let dots = svg.matches("<circle").count();
    assert!(dots >= 60, "{dots} dots");
    has_words(&svg, &["Sales lost to the network, by store: map"]);
    for store in &mut scenario.stores {
        (store.lat, store.lon) = (f64::NAN, f64::NAN);
    }
    let result = synthetic::result(&scenario);
    assert!(!Chart::Map.applies(&scenario, &result));
    has_words(&Chart::Map.svg(&scenario, &result).unwrap(), &["no store of this fleet has a place"]);
}

#[test]
fn the_same_result_gives_the_same_text_in_a_portable_font() {
    let scenario = synthetic::scenario("same", 30, 3, 2);
    let result = synthetic::result(&scenario);
    for chart in Chart::ALL {
        let svg = chart.svg(&scenario, &result).unwrap();
        assert_eq!(svg, chart.svg(&scenario, &result).unwrap());
        assert!(svg.contains("DejaVu Sans, Verdana"), "{chart:?}");
        assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{chart:?}");
    }
}

#[test]
fn nothing_to_show_is_said_and_drawn() {
    let scenario = synthetic::scenario("quiet", 4, 2, 1);
    let mut quiet = synthetic::result(&scenario);
    quiet.replications[0].incidents.clear();
    for chart in [Chart::FailoverLatency, Chart::FailoverStages] {
        has_words(&chart.svg(&scenario, &quiet).unwrap(), &["no failovers in this run"]);
    }
    for cell in &mut quiet.replications[0].timeline.cells {
        *cell = Default::default();
    }
    let directory = tempfile::tempdir().unwrap();
    let applying = Chart::ALL.iter().filter(|chart| chart.applies(&scenario, &quiet)).count();
    assert!(applying >= 5);
    assert_eq!(write_charts(&scenario, &quiet, directory.path()).unwrap().len(), 2 * applying);
    has_words(&Chart::Services.svg(&scenario, &quiet).unwrap(), &["no service of this run is finite"]);
    has_words(&Chart::Noc.svg(&scenario, &quiet).unwrap(), &["this run has no operations centre"]);
    let nothing = RunResult::default();
    has_words(&Chart::Demand.svg(&scenario, &nothing).unwrap(), &["no timeline in this run"]);
    write_charts(&scenario, &nothing, directory.path()).unwrap();
}

#[test]
fn extreme_latencies_stay_inside_the_chart() {
    let scenario = synthetic::scenario("extreme", 12, 2, 1);
    let mut result = synthetic::result(&scenario);
    for (position, incident) in result.replications[0].incidents.iter_mut().enumerate() {
        let latency = if position % 2 == 0 { Span::ZERO } else { Span::from_secs(40_000_000) };
        incident.failover = Some(incident.fault + latency);
    }
    let directory = tempfile::tempdir().unwrap();
    write_charts(&scenario, &result, directory.path()).unwrap();
}

#[test]
fn cells_have_a_row_each_that_darkens_with_load() {
    let scenario = synthetic::scenario("Cells", 60, 5, 2);
    let svg = Chart::Cells.svg(&scenario, &synthetic::result(&scenario)).unwrap();
    // A third before and after, 58 % while stores are there, everything for two quarter hours; and the legend.
    let boxes = ["#7AD151", "#22A884", "#440154", VERMILLION].map(|colour| count(&svg, "rect", colour));
    assert_eq!(boxes, [2 + 1, 2 + 1, 1 + 1, 1 + 1]);
    has_words(
        &svg,
        &[
            "Load of LTE cells: Cells",
            "Airtime in the busier direction; all cells that stores used; mean of 2 replications",
            "to 20 %",
            "to 100 %",
            "stores wanted more",
            "att/mall-1",
            "Thu 28 Nov",
        ],
    );
    let mut calm = synthetic::result(&scenario);
    calm.replications.iter_mut().for_each(|one| one.cells.clear());
    has_words(&Chart::Cells.svg(&scenario, &calm).unwrap(), &["no store used LTE in this run"]);
}

/// An input that moves the number from `low` to `high`, each give or take 50.
fn bar(path: &str, (low, high): (f64, f64), switch: Switch) -> Bar {
    let value = |estimate| Valued { estimate, low: Some(estimate - 50.0), high: Some(estimate + 50.0) };
    Bar {
        path: path.to_owned(),
        source: "S90".to_owned(),
        base: "62 %".to_owned(),
        ends: ("40 %".to_owned(), "90 %".to_owned()),
        at: (value(low), value(high)),
        switch,
    }
}

#[test]
fn a_tornado_has_two_bars_an_input_with_whiskers_and_both_marks() {
    let flips = Switch::Flips { at: "71 %".to_owned(), from: None, to: None };
    let bars = vec![
        bar("money.lost_share", (-400.0, 900.0), flips),
        bar("faults.causes.construction_cut.repair.median", (250.0, 100.0), Switch::Holds),
    ];
    let found = Uncertainty {
        quantity: "verdict.lost_sales_network".to_owned(),
        unit: "USD".to_owned(),
        decision: Some(Decision {
            at: 500.0,
            equal_is_above: false,
            words: "at most $500".to_owned(),
            sides: ("missed", "met"),
        }),
        base: Valued { estimate: 150.0, low: Some(100.0), high: Some(200.0) },
        bars,
        paths: Vec::new(),
        samples: Vec::new(),
    };
    let svg = Tornado::new("A & B", &found).svg().unwrap();
    // A bar and a key each; a line and a key each.
    assert_eq!((count(&svg, "rect", BLUE), count(&svg, "rect", ORANGE)), (3, 3));
    assert_eq!((count(&svg, "polyline", VERMILLION), count(&svg, "rect", VERMILLION)), (1, 1));
    // Four whiskers, the scenario, and what the axes are drawn with.
    assert!(count(&svg, "polyline", INK) >= 5, "{}", count(&svg, "polyline", INK));
    has_words(
        &svg,
        &[
            "What it rests on: A &amp; B",
            "Each input alone, 95 % intervals; 1 flips the decision",
            "input at its low end",
            "at its high end",
            "as in the scenario",
            "where the decision flips",
            "money.lost_share",
            "…struction_cut.repair.median",
            "40 %",
            "90 %",
            "verdict.lost_sales_network, USD",
            "0",
            "500",
        ],
    );
    let nothing = Uncertainty { bars: Vec::new(), decision: None, ..found };
    has_words(&Tornado::new("A & B", &nothing).svg().unwrap(), &["no uncertain inputs"]);
}

/// As the synthetic result, and its service is finite: a third of what it can do asked of it, thrice that at the end of each day.
fn with_service(scenario: &tinsel::scenario::resolved::Scenario) -> RunResult {
    let mut result = synthetic::result(scenario);
    for (number, one) in result.replications.iter_mut().enumerate() {
        let per_day = (86_400.0 / scenario.interval.as_secs_f64()) as usize;
        let load = |at: usize| {
            if at % per_day > per_day - 5 { 1_500_000_000 } else { 400_000_000 + 10_000_000 * number as u64 }
        };
        let counts = |at: usize| ServiceCounts { utilisation_max: load(at), ..ServiceCounts::default() };
        let intervals = (0..one.timeline.intervals()).map(counts).collect();
        one.services = vec![ServiceRow { service: ServiceId(0), intervals, online: Vec::new() }];
    }
    result
}

#[test]
fn services_have_a_line_each_over_what_their_servers_can_do() {
    for (replications, bands) in [(1, 0), (20, 1)] {
        let scenario = synthetic::scenario("A & B", 6, 5, replications);
        let result = with_service(&scenario);
        assert!(Chart::Services.applies(&scenario, &result));
        let svg = Chart::Services.svg(&scenario, &result).unwrap();
        // The service's line; its key is a box.
        assert_eq!((count(&svg, "polyline", BLUE), count(&svg, "rect", BLUE)), (1, 1));
        assert_eq!(count(&svg, "polygon", BLUE), bands, "where most replications lie");
        assert!(count(&svg, "polyline", INK) >= 1, "the line at 100 %");
        has_words(
            &svg,
            &[
                "Services, load against capacity: A &amp; B",
                "Load, % of capacity",
                "processor",
                "0",
                "100",
                "150",
                "Fri 29 Nov",
            ],
        );
    }
}

#[test]
fn the_operations_centre_has_tickets_above_and_people_below() {
    for (replications, bands) in [(1, 0), (20, 1)] {
        let scenario = synthetic::scenario("A & B", 6, 5, replications);
        let mut result = synthetic::result(&scenario);
        for (number, one) in result.replications.iter_mut().enumerate() {
            let hour = |at: u64| {
                let people = |count: u64| Span::from_secs(count * 3_600);
                HourRow {
                    start: scenario.window.start + people(at),
                    opened: 1,
                    waiting_max: (at % 4) as u32 + number as u32 % 3,
                    on_duty: people(if at % 24 < 7 { 1 } else { 4 }),
                    busy: people(at % 3),
                    out: people(at % 2),
                    ..HourRow::default()
                }
            };
            one.noc_hours = (0..120).map(hour).collect();
        }
        let svg = Chart::Noc.svg(&scenario, &result).unwrap();
        for colour in [VERMILLION, BLUE, GREEN] {
            assert_eq!((count(&svg, "polyline", colour), count(&svg, "rect", colour)), (1, 1), "{colour}");
        }
        assert_eq!(count(&svg, "polygon", SHADE), 1, "people on duty are an area");
        assert_eq!(count(&svg, "polygon", VERMILLION), bands, "where most replications lie");
        has_words(
            &svg,
            &[
                "Operations centre: A &amp; B",
                "Tickets",
                "People",
                "tickets waiting",
                "engineers on duty",
                "busy",
                "technicians out",
                "4",
                "Fri 29 Nov",
            ],
        );
    }
}

#[test]
fn the_sizing_frontier_has_a_line_in_its_interval_with_knee_and_choice() {
    let point =
        |cost: f64, avoided: f64| SizingPoint { cost, avoided, low: avoided * 0.5, high: avoided * 1.5 };
    let points =
        vec![point(0.0, 0.0), point(2_000.0, 9_000.0), point(4_000.0, 12_000.0), point(8_000.0, 13_000.0)];
    let frontier = SizingFrontier {
        title: "A & B".to_owned(),
        subtitle: "what money buys".to_owned(),
        currency: "USD".to_owned(),
        knee: Some(points[1]),
        chosen: Some(points[2]),
        points,
    };
    let svg = frontier.svg().unwrap();
    assert_eq!((count(&svg, "polyline", BLUE), count(&svg, "polygon", SHADE)), (1, 1));
    // A dot in its colour and a ring around it each.
    let dots = [GREEN, VERMILLION, INK].map(|colour| count(&svg, "circle", colour));
    assert_eq!(dots, [1, 1, 2]);
    has_words(
        &svg,
        &[
            "A &amp; B",
            "what money buys",
            "avoided loss",
            "95 % interval",
            "knee",
            "chosen",
            "Cost of a year, USD",
            "Avoided loss of a year, USD",
            "0",
        ],
    );
    assert!(svg.contains("<title>A &amp; B"), "a title for screen readers");
    let bare = SizingFrontier { knee: None, chosen: None, ..frontier.clone() };
    assert_eq!(bare.svg().unwrap().matches("<circle").count(), 0);
    let nothing = SizingFrontier { points: Vec::new(), ..frontier };
    has_words(&nothing.svg().unwrap(), &["nothing to buy for stores"]);
}
