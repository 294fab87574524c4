//! `[formats.NAME]`: what stores of one kind have in common.

use crate::scenario::field::Field;
use crate::scenario::reader::{Named, Section};
use crate::scenario::resolved::{
    self, KeptShare, OfflineAuthorization, SERVERS_MAX, Scan, Staffing, TrafficClass,
};
use crate::scenario::values::{DAY_MINUTES, closes_after_midnight};
use crate::scenario::{diagnostics::Code, reader::Problem};
use crate::units::BitRate;

/// A format with what the stores take from it.
pub(crate) struct Format {
    pub resolved: resolved::Format,
    pub customers_per_day: f64,
    /// In currency units; a store's own sales over this scale its customers.
    pub annual_sales: f64,
    pub lanes: u32,
    pub self_checkouts: u32,
    /// Technology where neither column nor draw says otherwise.
    pub technology: Option<Named>,
    /// Minutes since local midnight.
    pub open: u32,
    pub close: u32,
    pub weekday: Option<Named>,
    pub weekend: Option<Named>,
}

pub(crate) fn read(name: &str, section: &Section) -> Format {
    let (open, close) = section.section("hours", "Opening hours of a usual day, local time.", read_hours);
    let curve = |key, doc| move |curves: &Section| curves.name(Field::new(key, doc));
    let (weekday, weekend) =
        section.section("curve", "Shape of a usual day, by name of a curve.", |curves| {
            (curve("weekday", "Monday to Friday.")(curves), curve("weekend", "Saturday and Sunday.")(curves))
        });
    let customers_per_day = section.number(
        Field::new("customers_per_day", "Customers at the tills on an average day.").within(0.0, 1e6),
    );
    let annual_sales =
        section.money(Field::new("annual_sales", "Sales of a typical store in a year.").within(0.0, 1e12));
    let (lanes, self_checkouts) = read_tills(section);
    Format {
        customers_per_day,
        annual_sales: annual_sales.as_units_f64(),
        lanes,
        self_checkouts,
        technology: section.name(Field::new("technology", "Usual primary access.")),
        open,
        close,
        weekday,
        weekend,
        resolved: read_resolved(name, section),
    }
}

/// Staffed lanes and self-checkouts.
fn read_tills(section: &Section) -> (u32, u32) {
    let count = |key, doc| section.count(Field::new(key, doc).within(0.0, f64::from(SERVERS_MAX)));
    let lanes = count("lanes", "Staffed lanes there are.");
    let self_checkouts = count("self_checkouts", "Self-checkouts there are.");
    if let Some(problem) = too_many_tills(Code::OutOfRange, lanes, self_checkouts) {
        // No format of the catalogue has as many as half of the limit, so the larger number is the user's.
        let key = if lanes > self_checkouts { "lanes" } else { "self_checkouts" };
        section.problem(key, problem);
    }
    (lanes, self_checkouts)
}

/// What to say of more tills than a store may have.
pub(crate) fn too_many_tills(code: Code, lanes: u32, self_checkouts: u32) -> Option<Problem> {
    let tills = lanes + self_checkouts;
    (tills > SERVERS_MAX).then(|| {
        let message = format!(
            "{tills} tills ({lanes} lanes and {self_checkouts} self-checkouts) are more than the {SERVERS_MAX} that a store may have"
        );
        Problem::new(code, message).help("lower `lanes` or `self_checkouts`, or split the store into two")
    })
}

fn read_resolved(name: &str, section: &Section) -> resolved::Format {
    let basket = section.money(Field::new("basket", "Mean value of a basket.").within(0.01, 1e7));
    let offline = section.section("offline", "Offline authorization (store and forward).", read_offline);
    resolved::Format {
        name: name.to_owned(),
        basket_mean: basket.as_units_f64(),
        basket_sigma: section.number(
            Field::new("basket_sigma", "Standard deviation of the logarithm of a basket's value.")
                .within(0.0, 3.0),
        ),
        items_mean: section.number(Field::new("items", "Mean items in a basket.").within(0.0, 10_000.0)),
        scan: read_scan(section),
        cash_time: section.law(Field::new("cash_time", "Paying with cash.")),
        cash_share: section.share(Field::new("cash_share", "Share of customers who mean to pay with cash.")),
        patience: section
            .law(Field::new("patience", "How long a customer waits in the queue before leaving it.")),
        balking: section.flag(Field::new(
            "balking",
            "Whether customers who see a queue longer than their patience leave at once.",
        )),
        staffing: section.section("staffing", "How many lanes are open.", read_staffing),
        gross_margin: section.share(Field::new("gross_margin", "Gross margin on sales.")),
        traffic: section
            .catalogue("traffic", "Other traffic of a store, by class.", read_traffic)
            .into_values()
            .collect(),
        offline: offline.0.then_some(offline.1),
        offline_count_max: offline.1.count_max,
        cash_fallback: section.share(Field::new(
            "cash_fallback",
            "Probability that a card customer who cannot pay by card pays cash.",
        )),
    }
}

fn read_hours(section: &Section) -> (u32, u32) {
    let open = section.clock(Field::new("open", "When doors open."));
    let close = section.clock(Field::new("close", "When doors close, up to \"24:00\"."));
    if let (Some(open), Some(close)) = (open, close)
        && close <= open
    {
        let problem = match close == open {
            true => Problem::new(Code::Inconsistent, "the doors close at the minute they open").help(
                "write open = \"00:00\" and close = \"24:00\" for stores that never close, or [[calendar]] entries with closed = true",
            ),
            false => closes_after_midnight(),
        };
        section.reader.report(section.place, problem);
    }
    (open.unwrap_or(0), close.unwrap_or(DAY_MINUTES))
}

fn read_scan(section: &Section) -> Scan {
    let drawn = section.law_optional(
        Field::new("scan", "Scan time of a whole basket, whatever is in it (instead of the keys scan_…).")
            .optional(),
    );
    let required = |field: Field| if drawn.is_some() { field.optional() } else { field };
    let span = |key, doc| {
        section.span_optional(required(Field::new(key, doc).within(0.0, 3600.0))).unwrap_or_default()
    };
    let per_item = Scan::PerItem {
        base: span("scan_base", "Scan-and-bag time of a basket without its items.").as_secs_f64(),
        per_item: span("scan_per_item", "Scan-and-bag time of one item.").as_secs_f64(),
        self_checkout_factor: section
            .number_optional(required(
                Field::new("self_checkout_factor", "Scan time at a self-checkout over that at a lane.")
                    .within(0.01, 100.0),
            ))
            .unwrap_or(1.0),
    };
    drawn.map_or(per_item, Scan::Drawn)
}

fn read_staffing(section: &Section) -> Staffing {
    Staffing {
        target_load: section.number(
            Field::new("target_load", "Busy lanes per open lane that the forecaster aims at.")
                .within(0.01, 1.0),
        ),
        forecast_error: section.number(
            Field::new("forecast_error", "Relative standard deviation of a day's forecast.").within(0.0, 2.0),
        ),
        review: section.span(
            Field::new("review", "How often the number of open lanes is reviewed.").within(1.0, 86_400.0),
        ),
        lanes_min: section.count(
            Field::new("lanes_min", "Never fewer staffed lanes than this while open.").within(0.0, 1000.0),
        ),
        all_open: section.flag(
            Field::new("all_open", "All lanes open all the time (for validation).")
                .or("false", "[EA] lanes follow the forecast"),
        ),
    }
}

/// What becomes of a class of traffic on an LTE route.
#[derive(Clone, Copy)]
enum OnLte {
    Allow,
    Shape,
    Block,
}

fn read_traffic(name: &str, section: &Section) -> TrafficClass {
    const NONE: (&str, &str) = ("0 bps", "[EA] no traffic in a direction that is not given");
    let rate = |key, doc| section.rate(Field::new(key, doc).or(NONE.0, NONE.1));
    let (up, down) = (rate("up", "Towards the network."), rate("down", "Towards the store."));
    let policy = section.choice(
        Field::new("lte", "On an LTE route: allowed, shaped to shape_to_…, or blocked.")
            .or("allow", "[EA] nothing is held back unless said"),
        &[("allow", OnLte::Allow), ("shape", OnLte::Shape), ("block", OnLte::Block)],
    );
    let shaped = |key, doc| section.rate_optional(Field::new(key, doc).optional());
    let to_up = shaped("shape_to_up", "Rate let through towards the network when shaped.");
    let to_down = shaped("shape_to_down", "Rate let through towards the store when shaped.");
    if matches!(policy, OnLte::Shape) && to_up.is_none() && to_down.is_none() {
        let problem = Problem::new(Code::MissingKey, "a shaped class needs shape_to_up or shape_to_down");
        section.problem("lte", problem.help("add for example shape_to_up = \"200 kbps\""));
    }
    let let_through = |full: BitRate, shaped: Option<BitRate>| match policy {
        OnLte::Allow => full,
        OnLte::Shape => shaped.map_or(full, |limit| limit.min(full)),
        OnLte::Block => BitRate(0),
    };
    let kept = read_kept(section);
    let piles_up = read_piles_up(section);
    if piles_up && kept.share > 0.0 && !section.reader.schema_mode {
        let problem = Problem::new(
            Code::Inconsistent,
            "a class that piles up follows the route: none of it can be kept",
        );
        section.problem("kept", problem.help("leave out `kept` or `piles_up`"));
    }
    TrafficClass {
        name: name.to_owned(),
        up,
        down,
        lte_up: let_through(up, to_up),
        lte_down: let_through(down, to_down),
        open_hours_only: section.flag(
            Field::new("open_hours_only", "Whether it flows only in opening hours.")
                .or("true", "[EA] most traffic is made by people"),
        ),
        piles_up,
        kept,
    }
}

fn read_piles_up(section: &Section) -> bool {
    section.flag(
            Field::new(
                "piles_up",
                "Whether what no path carries of it, or LTE does not let through, is stored and caught up later (sales logs, \
                 inventory, price files).",
            )
            .or("false", "[J] off: which classes are stored is the retailer's own; views, voice and the web are not"),
    )
}

fn read_kept(section: &Section) -> KeptShare {
    KeptShare {
        share: section.share(
            Field::new("kept", "Share of it that flows over connections which are kept, and do not follow the route.")
                .or("0 %", "[EA] all of it follows the route; a camera's upload or a synchronization is one long connection"),
        ),
        stays: section.law(
            Field::new("stays", "How much longer such connections stay on a path that works and that the route has left.").or(
                "{ low = \"0 s\", high = \"24 h\" }",
                "[EA] whatever is opened anew once a day; OPNsense issue 10684 has 15 h on LTE",
            ),
        ),
        in_tunnel: section.flag(
            Field::new("in_tunnel", "Whether it goes in the store's tunnel, if the profile has one.")
                .or("true", "[EA] all traffic goes to the chain's own network unless said"),
        ),
    }
}

/// Whether there is any, and what it is like if there is.
fn read_offline(section: &Section) -> (bool, OfflineAuthorization) {
    let enabled = section.flag(Field::new("enabled", "Whether terminals accept cards without a connection."));
    let authorization = OfflineAuthorization {
        floor_limit: section
            .money(Field::new("floor_limit", "Largest sale accepted offline.").within(0.0, 1e9)),
        count_max: section
            .count(Field::new("count_max", "How many stored payments a store may hold.").within(0.0, 1e9)),
    };
    (enabled, authorization)
}
