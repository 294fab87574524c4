//! `[sizing]` with its names looked up and its stores found.

use std::collections::BTreeMap;

use super::stores::{BACKUP_TEST_DAYS, NOTHING, offline_floor, unknown_class};
use super::{Context, PlacedStore, effects, reached};
use crate::scenario::diagnostics::Code;
use crate::scenario::reader::{Named, Problem, unknown_name};
use crate::scenario::resolved::{Item, Lever, SharedLever, Sizing, StoreRank};
use crate::scenario::sections;
use crate::scenario::sections::fleet::{
    GENERATORS, MODEMS, NO_CARRIER, OOBMS, SAME_CARRIER, STANDBYS, TOPOLOGIES,
};
use crate::scenario::sections::general::days_between;
use crate::scenario::values::unknown_word;

/// Days in a week.
const WEEK: i64 = 7;

/// What `tinsel size` is to do; `None` if the scenario does not say.
pub(crate) fn sizing(context: &Context, placed: &[PlacedStore]) -> Option<Sizing> {
    let written = context.written.sizing.as_ref()?;
    let items: Vec<Item> = context.written.items.values().cloned().collect();
    let positions: BTreeMap<&str, usize> =
        items.iter().enumerate().map(|(position, item)| (item.name.as_str(), position)).collect();
    let find = |names: &[Named]| -> Vec<usize> {
        let one = |name: &Named| {
            let found = positions.get(name.text.as_str()).copied();
            if found.is_none() {
                context.report(name.place, unknown_name("item", &name.text, positions.keys().copied()));
            }
            found
        };
        names.iter().filter_map(one).collect()
    };
    written
        .levers
        .values()
        .flat_map(|lever| &lever.set)
        .for_each(|(key, word)| check_word(context, key, word));
    let lever = |(name, lever): (&String, &sections::sizing::Lever)| {
        let stores: Vec<StoreRank> =
            reached(&lever.reach, placed).map(|(rank, _)| StoreRank(rank as u32)).collect();
        if stores.is_empty() {
            let problem = Problem::new(Code::NoMatch, format!("the lever `{name}` is for no store"));
            context.report(lever.reach.place, problem.help("widen its formats, regions or stores"));
        }
        let there: Vec<&PlacedStore> = stores.iter().map(|store| &placed[store.0 as usize]).collect();
        check_effects(context, lever, &there);
        let taken = find(&lever.items);
        let mut set: Vec<_> = lever.set.iter().map(|(key, word)| (*key, word.text.clone())).collect();
        let plan = plan_with(context, lever, taken.iter().map(|&item| &items[item]));
        if !set.iter().any(|(key, _)| *key == "plan") {
            set.extend(plan.map(|plan| ("plan", plan)));
        }
        // An item that is not there was complained of, and may have been meant to bring a plan.
        if lever.is_bare && set.is_empty() && taken.len() == lever.items.len() {
            let problem = Problem::new(Code::MissingKey, "this lever changes nothing");
            let help = "write for example topology = \"in-router\", or take an item that brings a data plan (`plan`); what \
                        is set for all stores belongs into [sizing.shared]";
            context.report(lever.place, problem.help(help));
        }
        Lever { name: name.clone(), set, gain_db: lever.gain_db, items: taken, stores }
    };
    written.shared.iter().for_each(|(name, lever)| check_settings(context, name, lever));
    let levers = written.levers.iter().map(lever).collect();
    let shared = written.shared.iter().map(|(name, lever)| {
        check_without_plans(context, name, lever);
        SharedLever {
            name: name.clone(),
            group: lever.group.clone().unwrap_or_else(|| name.clone()),
            settings: lever.settings.iter().map(|setting| setting.text.clone()).collect(),
            items: find(&lever.items),
            year: lever.year,
        }
    });
    let shared = shared.collect();
    let weeks = written
        .begin
        .zip(written.freeze)
        .map(|(begin, freeze)| u32::try_from(days_between(begin, freeze) / WEEK).unwrap_or(0));
    Some(Sizing {
        aim: written.aim,
        budget: written.budget,
        max_units: written.max_units,
        installs_per_week: written.installs_per_week,
        weeks,
        begin: written.begin.map(|date| date.to_string()),
        exposure: written.exposure.unwrap_or(context.written.year),
        draws: written.draws,
        forced_share: written.forced_share,
        replications_max: written.replications_max,
        verify: written.verify,
        alpha: written.alpha,
        zone_share: written.zone_share,
        neighbours: written.neighbours,
        candidates: written.candidates,
        items,
        levers,
        shared,
        targets: written.targets.clone(),
    })
}

/// What a lever may not set: it would change the question (days, seed, money, what is sized), not the answer.
const NOT_FOR_LEVERS: [&str; 14] = [
    "scenario",
    "calendar",
    "sizing",
    "items",
    "uncertainty",
    "thresholds",
    "money",
    "year",
    "curves",
    "fleet.generate",
    "fleet.file",
    "faults.enabled",
    "faults.sampling",
    "faults.boost",
];

/// Whether a lever for all sets something, and nothing that all designs must have in common.
fn check_settings(context: &Context, name: &str, lever: &sections::sizing::SharedLever) {
    if lever.settings.is_empty() {
        let problem = Problem::new(Code::MissingKey, format!("the lever `{name}` changes nothing"));
        let help = "write for example settings = [\"noc.shifts.night=2\"]";
        context.report(lever.place, problem.help(help));
    }
    for setting in &lever.settings {
        let Some((path, _)) = setting.text.split_once('=') else {
            let problem = Problem::new(Code::BadOverride, format!("`{}` is not path=value", setting.text));
            context.report(
                setting.place,
                problem.help("write it as for `--set`, for example noc.shifts.night=2"),
            );
            continue;
        };
        let path = path.trim();
        let within = |table: &&&str| {
            path == **table || path.strip_prefix(**table).is_some_and(|rest| rest.starts_with('.'))
        };
        if let Some(table) = NOT_FOR_LEVERS.iter().find(within) {
            let problem = Problem::new(Code::Inconsistent, format!("a lever cannot set `{path}`"));
            let help = format!(
                "designs are judged on the same days, draws, faults and money: `{table}` belongs to the question; change it for \
                 all of them outside [sizing]"
            );
            context.report(setting.place, problem.help(help));
        }
    }
}

/// A lever for all has no store whose line would get the plan of an item.
fn check_without_plans(context: &Context, name: &str, lever: &sections::sizing::SharedLever) {
    for item in &lever.items {
        let plan = context.written.items.get(&item.text).and_then(|known| known.plan.as_ref());
        if let Some(plan) = plan {
            let message = format!(
                "the item `{}` brings the data plan `{plan}`, but `{name}` is a lever for all and gives it to no store",
                item.text
            );
            let help =
                "take the item with a lever at stores, [sizing.levers.NAME], or one without `plan` here";
            context.report(item.place, Problem::new(Code::Inconsistent, message).help(help));
        }
    }
}

/// The data plan that comes with a lever's items; there is one at most, and the scenario has to know it.
fn plan_with<'i>(
    context: &Context,
    lever: &sections::sizing::Lever,
    items: impl Iterator<Item = &'i Item>,
) -> Option<String> {
    let mut items = items.filter_map(|item| Some((item, item.plan.as_ref()?)));
    let (item, plan) = items.next()?;
    let plans = &context.written.plans;
    if let Some((other, another)) = items.find(|(_, another)| *another != plan) {
        let message =
            format!("`{}` brings the plan `{plan}`, `{}` the plan `{another}`", item.name, other.name);
        let problem =
            Problem::new(Code::Inconsistent, message).help("a line has one plan: leave one of them out");
        context.report(lever.reach.place, problem);
    }
    if !plans.contains_key(plan) {
        let problem = unknown_name("data plan", plan, plans.keys().map(String::as_str));
        let message = format!("the item `{}`: {}", item.name, problem.message);
        let place = lever
            .items
            .iter()
            .find(|name| name.text == item.name)
            .map_or(lever.reach.place, |name| name.place);
        context.report(place, Problem { message, ..problem });
    }
    Some(plan.clone())
}

/// Whether all `stores`, which a lever reaches, have the classes of traffic that it keeps off LTE, and whether its words do anything.
fn check_effects(context: &Context, lever: &sections::sizing::Lever, stores: &[&PlacedStore]) {
    let word_of = |wanted: &str| lever.set.iter().find(|(key, _)| *key == wanted).map(|(_, word)| word);
    if let Some(word) = word_of("backup_test").filter(|word| is_days(&word.text))
        && let Some(problem) = effects::tests_find_nothing(context.written, "`backup_test`")
    {
        context.report(word.place, problem);
    }
    let Some(word) = word_of("lte_block") else { return };
    if word.text.trim().is_empty() {
        let problem = Problem::new(Code::UnknownName, "`lte_block` names no class of traffic");
        let help = "name some, separated by spaces, for example \"software_updates\"; none = nothing but what the format blocks";
        return context.report(word.place, problem.help(help));
    }
    let wrong = stores.iter().find_map(|store| {
        let classes = &context.written.formats.get(&store.format)?.resolved.traffic;
        let known: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
        let mut named = word.text.split_whitespace().filter(|&name| name != NOTHING);
        let unknown = named.find(|name| !known.contains(name))?;
        Some(unknown_class(unknown, &store.format, &known))
    });
    match wrong {
        Some(problem) => context.report(word.place, problem),
        None => effects::check_lever_blocks(context, lever, word, stores),
    }
}

/// Whether a text is a time between two tests of a backup.
fn is_days(text: &str) -> bool {
    let (least, most) = BACKUP_TEST_DAYS;
    text.parse::<f64>().is_ok_and(|days| (least..=most).contains(&days))
}

/// Whether a lever's word is one that the column takes.
fn check_word(context: &Context, key: &str, word: &Named) {
    fn words<T>(list: &[(&'static str, T)]) -> Vec<&'static str> {
        list.iter().map(|(word, _)| *word).collect()
    }
    let written = context.written;
    let one_of = |words: Vec<&'static str>| {
        let known = words.contains(&word.text.as_str());
        (!known).then(|| unknown_word(&word.text, &words))
    };
    let named = |what: &str, mut known: Vec<&str>, extra: Option<&'static str>| {
        known.extend(extra);
        let found = known.contains(&word.text.as_str());
        (!found).then(|| unknown_name(what, &word.text, known.iter().copied()))
    };
    let carriers = || written.carriers.keys().map(String::as_str).collect();
    let problem = match key {
        "topology" => one_of(words(TOPOLOGIES)),
        "standby" => one_of(words(STANDBYS)),
        "modem" => one_of(MODEMS.iter().map(|(word, ..)| *word).collect()),
        "generator" => one_of(words(GENERATORS)),
        "oobm" => one_of(words(OOBMS)),
        "carrier" => named("carrier", carriers(), None),
        "carrier2" => named("carrier", carriers(), Some(NO_CARRIER)),
        "oobm_carrier" => named("carrier", carriers(), Some(SAME_CARRIER)),
        "plan" => named("data plan", written.plans.keys().map(String::as_str).collect(), Some(NO_CARRIER)),
        "profile" => named("failover profile", written.profiles.keys().map(String::as_str).collect(), None),
        // Formats differ in their classes: looked at store by store.
        "lte_block" => None,
        "offline_floor" => offline_floor(&word.text, &written.general.currency)
            .err()
            .map(|problem| Problem { code: Code::BadQuantity, ..problem }),
        "backup_test" => {
            let (least, most) = BACKUP_TEST_DAYS;
            (!is_days(&word.text)).then(|| {
                let message = format!("`{}` is not a number of days between {least} and {most}", word.text);
                Problem::new(Code::BadQuantity, message).help("write for example \"7\"")
            })
        }
        _ => {
            let number = word.text.parse::<f64>().ok().filter(|number| *number >= 0.0);
            let message = format!("`{}` is not a number", word.text);
            number
                .is_none()
                .then(|| Problem::new(Code::BadQuantity, message).help("write for example \"30\""))
        }
    };
    if let Some(problem) = problem {
        context.report(word.place, problem);
    }
}
