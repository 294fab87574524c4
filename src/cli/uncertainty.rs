//! `tinsel uncertainty`: what inputs that nobody knows exactly do to a number, or to a decision.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::exit::Failure;
use super::points::{Point, Points};
use super::recipe::Recipe;
use super::run::{describe, heed, inputs_of, listen_for_signals};
use super::{HowArgs, ScenarioArgs, TableArgs, open};
use crate::experiment::sweep::plan::suited;
use crate::experiment::sweep::store::{Store, file_name, point_text};
use crate::experiment::uncertainty::{Input, all_together, of_difference, of_metric, one_at_a_time};
use crate::report::output::directory_of;
use crate::report::sweep::{Measured, PointFile};
use crate::report::thresholds;
use crate::report::uncertainty::{Decision, Uncertainty, Valued, write_uncertainty};
use crate::report::{OutputDir, RunMeta};
use crate::scenario::Loaded;
use crate::scenario::parse_target;
use crate::scenario::resolved::{Relation, Scenario};
use crate::scenario::vary::canonical;

#[derive(Args, Debug)]
pub(super) struct UncertaintyArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// The number that decides, as summary.json names it: `lost_sales_network`, or with its group, `money.lost_margin`.
    #[arg(long, value_name = "NAME", default_value = "verdict.lost_sales_network")]
    metric: String,
    /// What it is compared with, e.g. `--target '<= $5000'`: at which value of which input would it be missed, or met?
    #[arg(long, value_name = "LIMIT", conflicts_with = "versus")]
    target: Option<String>,
    /// Decide between the scenario and itself with this setting, e.g. `--versus fleet.draw.standby=hot`; may be repeated for a design of
    /// several settings. The number is then by how much the metric of the second is larger.
    #[arg(long, value_name = "PATH=VALUE")]
    versus: Vec<String>,
    /// Draw all uncertain inputs this many times.
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    samples: u32,
    /// Run all points again, those too that are kept from before.
    #[arg(long)]
    fresh: bool,
    /// Directory for the results [default: results/<scenario file's stem>-uncertainty]. Finished points wait in DIR.points until all are.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    how: HowArgs,
    #[command(flatten)]
    tables: TableArgs,
    /// Do not draw the chart.
    #[arg(long)]
    no_charts: bool,
    /// Do not write report.html.
    #[arg(long)]
    no_report: bool,
    /// Print what was found as JSON.
    #[arg(long)]
    json: bool,
    /// Print nothing but errors.
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,
}

/// Runs the scenario at many values of its uncertain inputs, writes the results, tells the planner.
pub(super) fn uncertainty(args: &UncertaintyArgs) -> Result<(), Failure> {
    let signal = listen_for_signals()?;
    let base = open(&args.scenario.file, &args.scenario.options(), args.quiet)?;
    let metric = thresholds::metric_path(&base.scenario, &args.metric).map_err(Failure::Usage)?;
    let decision = decision(args, &metric, &base.scenario)?;
    let inputs = inputs(&base)?;
    let out = args.out.clone().unwrap_or_else(|| directory_of(&args.scenario.file, "uncertainty"));
    let files = inputs_of(&args.scenario.file, &base);
    let place = OutputDir::prepare(&out, &files, args.how.force)?.target().to_owned();
    let points = Points::new(
        &args.scenario,
        Store::of(&place),
        (&signal, args.how.grid),
        args.how.threads,
        args.quiet,
    )?;
    if args.fresh {
        points.store.clear();
    }
    check_ends(&points, &inputs)?;
    let measuring =
        Measuring { args, metric: &metric, points: &points, seen: RefCell::default(), fresh: args.fresh };
    let mut at = |changes: &[(String, String)]| measuring.value(changes);
    let (at_base, unit) = (at(&[])?, measuring.unit()?);
    let bars = one_at_a_time(&inputs, decision.as_ref(), at_base, &mut at)?;
    let samples = all_together(&inputs, args.samples, base.scenario.seed, &mut at)?;
    let quantity = match args.versus.is_empty() {
        true => metric.clone(),
        false => format!("change of {metric} by {}", args.versus.join(" ")),
    };
    let paths = inputs.iter().map(|input| input.path.clone()).collect();
    let found = Uncertainty { quantity, unit, decision, base: at_base, bars, paths, samples };
    let out = OutputDir::prepare(&out, &files, args.how.force)?;
    let recipe = args.recipe();
    let meta = RunMeta {
        arguments: recipe.arguments(),
        reproduce: recipe.typed(),
        ..describe(args.how.grid, &base)
    };
    let formats = args.tables.formats(!args.no_charts, !args.no_report);
    write_uncertainty(&out, &base.scenario, &found, &measuring.files()?, &meta, formats)?;
    heed(&signal)?;
    let place = out.commit()?;
    points.store.clear();
    super::tell(
        (args.json, args.quiet),
        "what was found",
        || found.to_json(&base.scenario),
        || found.to_terminal(&base.scenario, &place),
    )
}

/// What is to be decided about `metric`, if anything; refuses limits that make no sense before anything runs.
fn decision(args: &UncertaintyArgs, metric: &str, scenario: &Scenario) -> Result<Option<Decision>, Failure> {
    let Some(written) = &args.target else {
        let words = || format!("whether {} makes {metric} larger", args.versus.join(" "));
        let versus = || Decision { at: 0.0, equal_is_above: false, words: words(), sides: ("yes", "no") };
        return Ok((!args.versus.is_empty()).then(versus));
    };
    let (relation, limit) = parse_target(written).ok_or_else(|| {
        Failure::Usage(format!("`--target {written}` is not a limit; write for example --target '<= $5000'"))
    })?;
    let at = thresholds::target(scenario, metric, limit).map_err(Failure::Usage)?;
    let (sides, equal_is_above) = match relation {
        Relation::AtMost => (("missed", "met"), false),
        Relation::Below => (("missed", "met"), true),
        Relation::Above => (("met", "missed"), false),
        Relation::AtLeast => (("met", "missed"), true),
    };
    let words = format!("{metric} {}", written.trim());
    Ok(Some(Decision { at, equal_is_above, words, sides }))
}

/// The scenario's uncertain inputs with their own values.
fn inputs(base: &Loaded) -> Result<Vec<Input>, Failure> {
    let own = |path: &str| {
        let path = canonical(path);
        let setting = base.origins.iter().find(|setting| canonical(&setting.path) == path);
        setting.map_or_else(String::new, |setting| setting.value.clone())
    };
    let inputs: Vec<Input> = base
        .uncertain
        .iter()
        .map(|one| Input {
            path: one.path.clone(),
            range: suited(&one.range, &one.path, &base.origins),
            source: one.source.clone(),
            base: own(&one.path),
        })
        .collect();
    let outside = |input: &&Input| {
        let (low, high) = input.range.numbers();
        // An end in another unit is converted, and may miss by a rounding.
        let slack = 1e-9 * (high - low);
        input.range.number_of(&input.base).is_some_and(|own| own < low - slack || own > high + slack)
    };
    if let Some(Input { path, range, base, .. }) = inputs.iter().find(outside) {
        return Err(Failure::Usage(format!(
            "{path} is {base} in the scenario, outside of its range in [uncertainty], {} to {}; widen the range or change the setting",
            range.low, range.high
        )));
    }
    if inputs.is_empty() {
        return Err(Failure::Usage(
            "the scenario has no [uncertainty]; write for example\n\n  [uncertainty]\n  \
             \"payments.timeout\" = { low = \"15 s\", high = \"45 s\", source = \"terminals differ\" }"
                .to_owned(),
        ));
    }
    Ok(inputs)
}

/// A range whose ends the scenario does not take fails now and not in an hour.
fn check_ends(points: &Points<'_>, inputs: &[Input]) -> Result<(), Failure> {
    for input in inputs {
        for end in [&input.range.low, &input.range.high] {
            points.load(&[(input.path.clone(), end.clone())]).inspect_err(|_| {
                super::warn(&format!("[uncertainty] {} = {end}:\n", input.path));
            })?;
        }
    }
    Ok(())
}

/// Points by their keys, so that each is in the files once.
struct Measuring<'a> {
    args: &'a UncertaintyArgs,
    /// As `group.name`.
    metric: &'a str,
    points: &'a Points<'a>,
    seen: RefCell<BTreeMap<String, Vec<Measured>>>,
    fresh: bool,
}

impl Measuring<'_> {
    /// The number that decides, with those inputs changed.
    fn value(&self, changes: &[(String, String)]) -> Result<Valued, Failure> {
        let first = self.metric(changes)?;
        let value = if self.args.versus.is_empty() {
            of_metric(&first)
        } else {
            let mut both = Vec::new();
            for written in &self.args.versus {
                let (path, value) = written
                    .split_once('=')
                    .ok_or_else(|| Failure::Usage(format!("`--versus {written}` is not PATH=VALUE")))?;
                both.push((path.to_owned(), value.to_owned()));
            }
            // What is uncertain is so in both; a design's own settings stand.
            both.splice(0..0, changes.iter().cloned());
            of_difference(&first, &self.metric(&both)?)
        };
        value.ok_or_else(|| {
            Failure::Usage(format!(
                "there was nothing to measure of `{}` at {}",
                self.metric,
                Points::at(changes)
            ))
        })
    }

    /// The metric at a point.
    fn metric(&self, changes: &[(String, String)]) -> Result<Measured, Failure> {
        let Point { key, metrics, from_before: _ } = self.points.metrics(changes, self.fresh)?;
        let of = |metric: &&Measured| metric.day.is_none() && metric.path() == self.metric;
        let found = metrics.iter().find(of).cloned();
        let found = found.ok_or_else(|| {
            Failure::Usage(format!("there is no metric `{}` at {}", self.metric, Points::at(changes)))
        });
        self.seen.borrow_mut().insert(key, metrics);
        found
    }

    fn unit(&self) -> Result<String, Failure> {
        Ok(self.metric(&[])?.unit)
    }

    fn files(&self) -> Result<Vec<PointFile>, Failure> {
        let seen = self.seen.borrow();
        let file = |(key, metrics): (&String, &Vec<Measured>)| {
            let text = point_text(key, metrics)
                .map_err(|error| Failure::Unexpected(format!("failed to write a point: {error}")))?;
            Ok(PointFile { name: file_name(key), text })
        };
        seen.iter().map(file).collect()
    }
}

impl UncertaintyArgs {
    /// The arguments that decide the results.
    fn recipe(&self) -> Recipe {
        let UncertaintyArgs {
            scenario,
            metric,
            target,
            versus,
            samples,
            fresh: _,
            out: _,
            how: _,
            tables,
            no_charts,
            no_report,
            json: _,
            quiet: _,
        } = self;
        let mut numbers = vec!["uncertainty".to_owned()];
        numbers.extend(scenario.recipe());
        numbers.push(format!("--metric={metric}"));
        numbers.extend(target.iter().map(|limit| format!("--target={limit}")));
        numbers.extend(versus.iter().map(|setting| format!("--versus={setting}")));
        numbers.push(format!("--samples={samples}"));
        let mut files = Vec::from_iter(tables.recipe());
        files.extend(no_charts.then(|| "--no-charts".to_owned()));
        files.extend(no_report.then(|| "--no-report".to_owned()));
        Recipe { numbers, files }
    }
}
