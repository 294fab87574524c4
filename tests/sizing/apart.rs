//! Forced faults against whole runs where faults hardly ever meet, so that both must tell the same: no bias in the weights, and what a
//! lever brings or costs when nothing breaks counted once.
//!
//! Two-sided z-tests, both standard errors in, of [`FALSE_ALARM`] each; seeds fixed.

use tinsel::experiment::size::{Combination, benefits, search};
use tinsel::kernel::variates::normal_quantile;

use super::benefits::forced_sum;
use super::{Lab, mean_with_error};

const STORES: usize = 120;
const FALSE_ALARM: f64 = 0.001;

/// For the names of all causes.
const SHIPPED: &str = r#"
[scenario]
name = "all causes"
first_day = 2019-11-29
last_day = 2019-11-29
[fleet.generate]
stores = 1
format = "kiosk"
timezone = "UTC"
"#;

/// One cause of half an hour, a hundred times a year: a store is hit for six hours in a thousand. `more` comes before the levers.
fn text(more: &str, lever: &str) -> String {
    let shipped = Lab::new(SHIPPED);
    let causes = shipped.base.scenario.causes.iter();
    let off: String =
        causes.map(|cause| format!("[faults.causes.{}]\nenabled = false\n", cause.name)).collect();
    format!(
        r#"
[scenario]
name = "faults that do not meet"
seed = 1958
replications = 1
first_day = 2019-11-29
last_day = 2019-11-30
[fleet.generate]
stores = {STORES}
format = "stall"
timezone = "UTC"
region = "R"
[fleet.draw]
technology = "cable"
topology = "none"
[formats.stall]
based_on = "kiosk"
customers_per_day = 120
[faults]
lead_in = "2 days"
{off}
[faults.causes.cut]
scope = "uplink"
signature = "carrier-lost"
rate_per_year = 100
repair = "30 min"
remedy = "provider"
{more}
[sizing]
draws = 60
search_replications = 60
verify_replications = 40
[sizing.exposure]
normal = 316
holiday = 42
cyber5 = 5
closed = 2
[sizing.levers.lte]
topology = "in-router"
standby = "warm"
items = ["lte-router", "lte-line"]
{lever}
"#
    )
}

/// The fleet's benefit of the one lever in a year, by forced faults and by `runs` whole runs: estimate and standard error of both.
fn both(lab: &Lab, runs: u32) -> ((f64, f64), (f64, f64)) {
    let designs = lab.designs();
    let none = Combination::default();
    let found = benefits(&designs, &none).expect("levers make scenarios that run");
    let members: Vec<_> = found.of.iter().filter_map(|levers| levers[0].as_ref()).collect();
    assert_eq!(members.len(), STORES);
    let (own, _, error) = forced_sum(&members, found.groups);
    let years = |design| {
        let scenario = designs.scenario(&design).expect("it loads");
        lab.years(&scenario, 0, runs)
    };
    let (before, after) = (years(designs.bare(none.clone())), years(designs.everywhere(none.clone(), 0)));
    let saved: Vec<f64> = before.iter().zip(&after).map(|(before, after)| before.loss - after.loss).collect();
    ((own, error), mean_with_error(&saved))
}

/// Asserts that both agree, and that the test would see `sharp` (share of the estimate) of a difference.
fn agree(what: &str, lab: &Lab, runs: u32, sharp: f64) -> f64 {
    let ((forced, forced_se), (whole, whole_se)) = both(lab, runs);
    let se = f64::sqrt(forced_se * forced_se + whole_se * whole_se);
    let z = (forced - whole) / se;
    println!("{what}: forced {forced:.1} ± {forced_se:.1}, whole runs {whole:.1} ± {whole_se:.1}, z {z:.2}");
    let limit = normal_quantile(1.0 - FALSE_ALARM / 2.0);
    assert!(z.abs() < limit, "{what}: {forced} against {whole}, z {z}");
    assert!(limit * se < sharp * whole.abs(), "{what}: a band of {} is too wide for {whole}", limit * se);
    forced
}

#[test]
fn forced_faults_have_no_bias_where_faults_do_not_meet() {
    agree("one cause", &Lab::new(&text("", "")), 200, 0.12);
}

/// Cap of 1 MB, beyond which a GB costs so much that a lever at some stores costs more than it avoids.
const DEAR: &str = "[plans.dear]\nprice = \"$5\"\ncap = \"1 MB\"\noverage_per_gb = \"$2000\"";

/// What stores on LTE alone run up day by day, and stores with a backup in a fault: both are in, each as often as it happens.
#[test]
fn overage_of_a_stores_own_plan_is_in_its_benefit() {
    let dear = agree("a dear plan", &Lab::new(&text(DEAR, "plan = \"dear\"")), 60, 0.3);
    assert!(dear < 0.0, "overage is most of it: {dear}");
}

/// Backups that die unnoticed and are mended by a technician break without any fault of the store's.
#[test]
fn what_happens_without_a_fault_counts_once() {
    let latent = "[lte.latent]\nrate_per_year = 60\ntest_interval = \"1 day\"\nrepair = \"2 h\"\n[money]\ntruck_roll = \"$5\"";
    agree("latent failures", &Lab::new(&text(latent, "")), 100, 0.6);
}

/// Without overage in the benefits of single stores the lever would be at all of them.
#[test]
fn a_ruinous_plan_is_not_bought() {
    let ruin = DEAR.replace("$2000", "$200000");
    let lab = Lab::new(&text(&ruin, "plan = \"dear\""));
    let designs = lab.designs();
    let found = search(&designs).expect("levers make scenarios that run");
    let branch = &found.branches[found.branch];
    let estimates = branch.benefits.of.iter().filter_map(|levers| levers[0].as_ref());
    assert!(estimates.clone().count() == STORES && estimates.clone().all(|one| one.pooled.estimate < 0.0));
    assert_eq!(found.design, designs.bare(Combination::default()));
}

/// No store is on the pool as it stands: who would be is known of the lever alone.
#[test]
fn levers_that_put_stores_into_a_pool_are_known() {
    let pool = "[plans.pool]\nprice = \"$5\"\ncap = \"1 GB\"\npooled = true\noverage_per_gb = \"$20\"";
    let of = |plan: &str, lever: &str| {
        let lab = Lab::new(&text(plan, lever));
        lab.designs().pooled().map(Vec::from_iter).expect("levers make scenarios that run")
    };
    assert_eq!(of(pool, "plan = \"pool\""), [0]);
    assert!(of(&pool.replace("pooled = true", "pooled = false"), "plan = \"pool\"").is_empty());
    assert!(of(&pool.replace("\"$20\"", "\"$0\""), "plan = \"pool\"").is_empty());
    assert!(of("", "").is_empty());
}
