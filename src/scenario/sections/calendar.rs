//! `[curves]`, `[[calendar]]` and `[[surge]]`: demand over the days and hours.

use jiff::civil::{Date, DateTime};

use crate::scenario::diagnostics::Code;
use crate::scenario::field::Field;
use crate::scenario::reader::{Named, Problem, Section};
use crate::scenario::resolved::DayKind;
use crate::scenario::tree::Place;
use crate::scenario::values::{Selection, Weights};
use crate::units::Span;

/// A day of some formats that is not an average day.
pub(crate) struct CalendarEntry {
    pub place: Place,
    pub date: Option<Date>,
    pub formats: Selection,
    pub multiplier: f64,
    /// Names of curves with weights; `None` leaves the format's own.
    pub curve: Option<Weights>,
    /// Minutes since local midnight.
    pub open: Option<u32>,
    pub close: Option<u32>,
    pub closed: bool,
    /// `None` leaves it to the date.
    pub kind: Option<DayKind>,
}

/// A surge as written.
pub(crate) struct SurgeEntry {
    pub reach: Reach,
    pub start: Option<Start>,
    pub ramp: Span,
    pub plateau: Span,
    pub decay: Span,
    pub peak: f64,
    /// Factor on the phones' airtime in the cells of the stores it reaches.
    pub phones: f64,
}

/// Which stores something reaches: all conditions must hold.
pub(crate) struct Reach {
    pub place: Place,
    pub formats: Selection,
    pub regions: Selection,
    pub stores: Selection,
    pub markets: Selection,
    pub providers: Selection,
    pub carriers: Selection,
}

impl Reach {
    /// Whether it is all stores.
    pub(crate) fn is_everywhere(&self) -> bool {
        let Reach { place: _, formats, regions, stores, markets, providers, carriers } = self;
        let all = |selection: &Selection| matches!(selection, Selection::All);
        [formats, regions, stores, markets, providers, carriers].into_iter().all(all)
    }
}

/// An instant by the clock.
pub(crate) struct Start {
    pub at: DateTime,
    /// `None`: each store's own clock.
    pub timezone: Option<Named>,
}

/// The 24 weights of a curve; only their proportions matter.
pub(crate) fn read_curve(_name: &str, section: &Section) -> [f64; 24] {
    let weights =
        section.hours(Field::new("weights", "Customers in each local hour from 00:00, in any unit."));
    if weights.is_some_and(|weights| weights.iter().sum::<f64>() <= 0.0) {
        section.problem("weights", Problem::new(Code::BadWeights, "a curve needs customers in some hour"));
    }
    weights.unwrap_or([0.0; 24])
}

pub(crate) fn read_entry(section: &Section) -> CalendarEntry {
    let closed = section.flag(
        Field::new("closed", "Whether the stores stay closed all day.")
            .or("false", "[EA] stores open unless said otherwise"),
    );
    let multiplier =
        Field::new("multiplier", "The day's customers over those of the baseline's day.").within(0.0, 1000.0);
    let baseline = Field::new(
        "baseline",
        "What the multiplier multiplies, in words; always named, because sources differ.",
    );
    let needs = |field: Field| if closed { field.optional() } else { field };
    let entry = CalendarEntry {
        place: section.place,
        date: section.date(Field::new("date", "Local day.")),
        formats: section.selection(Field::new("formats", "Formats it is about, or \"all\".")),
        multiplier: section.number_optional(needs(multiplier)).unwrap_or(0.0),
        curve: section.has("curve").then(|| {
            section.weights(
                Field::new("curve", "Curve of the day, or curves with weights; else the format's own.")
                    .optional(),
            )
        }),
        open: section.clock(Field::new("open", "When doors open that day; else as usual.").optional()),
        close: section.clock(
            Field::new("close", "When doors close that day, up to \"24:00\"; else as usual.").optional(),
        ),
        closed,
        kind: if closed { Some(DayKind::Closed) } else { kind(section) },
    };
    section.text_optional(needs(baseline));
    entry
}

fn kind(section: &Section) -> Option<DayKind> {
    section.choice_optional(
        Field::new("kind", "What kind of day it is, for the estimate of a year; else by its date.")
            .optional(),
        &super::year::KINDS,
    )
}

pub(crate) fn read_surge(section: &Section) -> SurgeEntry {
    section.new_name(Field::new("name", "Name of the surge."));
    SurgeEntry {
        reach: read_reach(section),
        start: read_start(section, Field::new("start", "When it begins, for example \"2019-11-28 18:00\".")),
        ramp: section.span(
            Field::new("ramp", "From nothing to the peak.")
                .within(0.0, 604_800.0)
                .or("5 min", "[EA] S22: a doorbuster's queue is inside six minutes after the doors open"),
        ),
        plateau: section.span(
            Field::new("plateau", "At the peak.")
                .within(0.0, 604_800.0)
                .or("20 min", "[EA] flash crowds hold for 15 to 30 minutes"),
        ),
        decay: section.span(
            Field::new("decay", "Time constant of the way back.")
                .within(0.0, 604_800.0)
                .or("30 min", "[EA] see plateau"),
        ),
        peak: section.number(Field::new("peak", "Factor on customers at the peak.").within(0.0, 100.0)),
        phones: section.number(
            Field::new(
                "phones",
                "Factor on the airtime that phones take in the cells of these stores meanwhile.",
            )
            .within(0.0, 100.0)
            .or("1", "[EA] none unless stated"),
        ),
    }
}

/// The keys `formats`, `regions`, `stores`, `markets`, `providers`, `carriers`.
pub(crate) fn read_reach(section: &Section) -> Reach {
    const ALL: (&str, &str) = ("all", "[EA] every store unless narrowed");
    let selection = |key, doc| section.selection(Field::new(key, doc).or(ALL.0, ALL.1));
    Reach {
        place: section.place,
        formats: selection("formats", "Only stores of these formats."),
        regions: selection("regions", "Only stores in these regions."),
        stores: selection("stores", "Only these stores, by id."),
        markets: selection("markets", "Only stores in these markets."),
        providers: selection("providers", "Only stores whose primary access is from these providers."),
        carriers: selection("carriers", "Only stores whose LTE is of these carriers."),
    }
}

/// An instant with the keys `clock` and `timezone`.
pub(crate) fn read_start(section: &Section, field: Field) -> Option<Start> {
    let at = section.local_time(field);
    let absolute = section.choice(
        Field::new("clock", "Whose clock: each store's own (`local`), or one instant for all (`absolute`).")
            .or("local", "[EA] doors open by local time"),
        &[("local", false), ("absolute", true)],
    );
    let timezone = section.name(Field::new("timezone", "Time zone of an `absolute` instant.").optional());
    if absolute && timezone.is_none() && !section.reader.schema_mode {
        let problem = Problem::new(Code::MissingKey, "an absolute instant needs a `timezone`");
        section.problem("clock", problem.help("add for example timezone = \"America/New_York\""));
    }
    if !absolute && timezone.is_some() && !section.reader.schema_mode {
        let problem = Problem::new(Code::Inconsistent, "a time zone has no meaning with clock = \"local\"");
        section.problem("timezone", problem.help("write clock = \"absolute\", or leave the time zone out"));
    }
    Some(Start { at: at?, timezone })
}
