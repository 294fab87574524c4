//! What a run is held to.

/// One condition.
#[derive(Clone, PartialEq, Debug)]
pub struct Threshold {
    /// Name of a metric of the summary, perhaps with its group and a dot before it.
    pub metric: String,
    /// What the fleet is grouped by (`region` or `format`) and which part is meant; `None` = all of it.
    pub part: Option<(String, String)>,
    /// What of the metric.
    pub statistic: Statistic,
    /// How it has to stand to the limit.
    pub relation: Relation,
    /// The limit.
    pub limit: Limit,
    /// As written: metric and condition.
    pub text: String,
    /// File and line.
    pub place: String,
}

/// What of a metric is meant: which of the summary's metrics that begin with its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Statistic {
    /// The metric of that very name.
    Value,
    /// Its `_share`.
    Share,
    /// Its `_count`.
    Count,
    /// Its `_max`.
    Max,
    /// Its `_p50`.
    P50,
    /// Its `_p95`.
    P95,
    /// Its `_p99`.
    P99,
}

impl Statistic {
    /// What the metric's name ends in.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Statistic::Value => "",
            Statistic::Share => "_share",
            Statistic::Count => "_count",
            Statistic::Max => "_max",
            Statistic::P50 => "_p50",
            Statistic::P95 => "_p95",
            Statistic::P99 => "_p99",
        }
    }
}

/// How a quantity has to stand to its limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

/// A limit and what it counts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Limit {
    /// Seconds.
    Time(f64),
    /// In the scenario's currency.
    Money(f64),
    /// Of one.
    Share(f64),
    /// Bytes.
    Bytes(f64),
    /// Whatever the metric counts.
    Number(f64),
}
