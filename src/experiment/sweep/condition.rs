//! Conditions on points: `lte.dual_sim.attempts <= 3 and payments.timeout < 45 s`.
//!
//! ```text
//! condition  = conjunct { "or" conjunct }
//! conjunct   = negation { "and" negation }
//! negation   = "not" negation | comparison
//! comparison = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]
//! sum        = product { ("+" | "-") product }
//! product    = value { ("*" | "/") value }
//! value      = number [ unit ] | "text" | true | false | name | "(" condition ")"
//! ```
//!
//! A name is the path of a setting, or `stores`. Values are compared in base units, so `90 s` is `1.5 min` and `5 %` is `0.05`; a time
//! is held against times only, money against money, a count against numbers without a unit (a bare `0` against anything). A hyphen
//! between letters belongs to the name; a minus needs blanks around it.

use crate::scenario::quantity::{Dimension, Quantity};

/// A condition that has been read.
#[derive(Clone, PartialEq, Debug)]
pub struct Condition {
    written: String,
    root: Expression,
}

#[derive(Clone, PartialEq, Debug)]
enum Expression {
    Constant(Operand),
    Name(String),
    Not(Box<Expression>),
    Both(Operator, Box<Expression>, Box<Expression>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Operator {
    Or,
    And,
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    Unequal,
    Plus,
    Minus,
    Times,
    Over,
}

#[derive(Clone, PartialEq, Debug)]
enum Operand {
    Number(f64, Dimension),
    Truth(bool),
    Text(String),
}

/// Operators by how tightly they bind, loosest first; longer ones before their beginnings.
const LEVELS: [&[(&str, Operator)]; 5] = [
    &[("or", Operator::Or)],
    &[("and", Operator::And)],
    &[
        ("<=", Operator::AtMost),
        (">=", Operator::AtLeast),
        ("==", Operator::Equal),
        ("!=", Operator::Unequal),
        ("<", Operator::Less),
        (">", Operator::More),
    ],
    &[("+", Operator::Plus), ("-", Operator::Minus)],
    &[("*", Operator::Times), ("/", Operator::Over)],
];
/// The level at which `not` stands, and that of comparisons, which are not chained.
const COMPARISONS: usize = 2;

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// If it is not one; the message says where it stops making sense.
    pub fn parse(written: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: written, depth: 0 };
        let root = parser.level(0).and_then(|root| match parser.rest.trim() {
            "" => Ok(root),
            rest => Err(format!("`{rest}` is left over")),
        });
        let root = root.map_err(|why| format!("failed to read the condition `{written}`: {why}"))?;
        Ok(Condition { written: written.to_owned(), root })
    }

    /// Whether it holds where settings have the values that `setting` gives, as they are written.
    ///
    /// # Errors
    /// If it names what is not there, or compares what cannot be.
    pub fn holds(&self, setting: &dyn Fn(&str) -> Option<String>) -> Result<bool, String> {
        let truth = evaluate(&self.root, setting).and_then(|value| match value {
            Operand::Truth(truth) => Ok(truth),
            Operand::Number(..) | Operand::Text(_) => Err("it is neither true nor false".to_owned()),
        });
        truth.map_err(|why| format!("failed to decide `{}`: {why}", self.written))
    }
}

struct Parser<'t> {
    rest: &'t str,
    depth: u32,
}

impl<'t> Parser<'t> {
    fn level(&mut self, level: usize) -> Result<Expression, String> {
        /// Deeper nesting is no condition that anybody wrote.
        const DEPTH_MAX: u32 = 64;
        if self.depth > DEPTH_MAX {
            return Err("it is nested too deeply".to_owned());
        }
        if level == COMPARISONS && self.takes("not") {
            self.depth += 1;
            let inner = self.level(COMPARISONS);
            self.depth -= 1;
            return Ok(Expression::Not(Box::new(inner?)));
        }
        let Some(operators) = LEVELS.get(level) else { return self.value() };
        let mut left = self.level(level + 1)?;
        while let Some(&(_, operator)) = operators.iter().find(|(word, _)| self.takes(word)) {
            let right = self.level(level + 1)?;
            left = Expression::Both(operator, Box::new(left), Box::new(right));
            if level == COMPARISONS {
                break;
            }
        }
        Ok(left)
    }

    /// Takes `word` if it is next; a word of letters must end there.
    fn takes(&mut self, word: &str) -> bool {
        let Some(rest) = self.rest.trim_start().strip_prefix(word) else { return false };
        if word.starts_with(char::is_alphabetic) && rest.starts_with(of_name) {
            return false;
        }
        self.rest = rest;
        true
    }

    fn value(&mut self) -> Result<Expression, String> {
        self.rest = self.rest.trim_start();
        let Some(first) = self.rest.chars().next() else {
            return Err("something is missing at the end".to_owned());
        };
        if self.takes("(") {
            self.depth += 1;
            let inner = self.level(0)?;
            self.depth -= 1;
            return if self.takes(")") { Ok(inner) } else { Err("a `)` is missing".to_owned()) };
        }
        if first == '"' {
            let inside = &self.rest[1..];
            let end = inside.find('"').ok_or("a `\"` is missing")?;
            self.rest = &inside[end + 1..];
            return Ok(Expression::Constant(operand(&inside[..end])));
        }
        if first.is_ascii_digit() || ".-$€£".contains(first) {
            return self
                .number()
                .map(|(number, dimension)| Expression::Constant(Operand::Number(number, dimension)));
        }
        let name = self.word();
        match name {
            "" => Err(format!("`{}` begins nothing", self.rest)),
            "true" | "false" => Ok(Expression::Constant(Operand::Truth(name == "true"))),
            name => Ok(Expression::Name(name.to_owned())),
        }
    }

    /// A path: letters, digits, `_`, `.`, quoted keys, and hyphens inside.
    fn word(&mut self) -> &'t str {
        let mut end = 0;
        let mut quoted = false;
        for (at, c) in self.rest.char_indices() {
            quoted ^= c == '"';
            if !(quoted || c == '"' || of_name(c)) {
                break;
            }
            end = at + c.len_utf8();
        }
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    /// A number and the unit behind it, in base units, and what it measures.
    fn number(&mut self) -> Result<(f64, Dimension), String> {
        let end =
            self.rest.find(|c: char| c.is_whitespace() || "()<>=!*+/".contains(c)).unwrap_or(self.rest.len());
        let (number, behind) = self.rest.split_at(end);
        let unit_end = behind.trim_start().find(|c: char| !(c.is_alphabetic() || "%/".contains(c)));
        let unit = &behind.trim_start()[..unit_end.unwrap_or(behind.trim_start().len())];
        let with_unit = (!unit.is_empty()).then(|| format!("{number} {unit}"));
        let measure = |text: &str| Quantity::parse(text).and_then(|quantity| quantity.measure());
        if let Some(base) = with_unit.as_deref().and_then(measure) {
            self.rest = &behind.trim_start()[unit.len()..];
            return Ok(base);
        }
        self.rest = behind;
        measure(number).ok_or_else(|| format!("`{number}` is not a number with a unit"))
    }
}

fn of_name(c: char) -> bool {
    c.is_alphanumeric() || "_.-[]".contains(c)
}

/// What is written, as a number if it is one.
fn operand(written: &str) -> Operand {
    match (written, Quantity::parse(written).and_then(|quantity| quantity.measure())) {
        ("true" | "false", _) => Operand::Truth(written == "true"),
        (_, Some((number, dimension))) => Operand::Number(number, dimension),
        (_, None) => Operand::Text(written.trim_matches('"').to_owned()),
    }
}

fn evaluate(expression: &Expression, setting: &dyn Fn(&str) -> Option<String>) -> Result<Operand, String> {
    match expression {
        Expression::Constant(value) => Ok(value.clone()),
        Expression::Name(name) => setting(name).map(|written| operand(&written)).ok_or_else(|| {
            format!("`{name}` is no setting of this scenario; tinsel check --show-resolved lists them")
        }),
        Expression::Not(inner) => match evaluate(inner, setting)? {
            Operand::Truth(truth) => Ok(Operand::Truth(!truth)),
            Operand::Number(..) | Operand::Text(_) => {
                Err("`not` stands before something that is not true or false".to_owned())
            }
        },
        Expression::Both(operator, left, right) => {
            combine(*operator, evaluate(left, setting)?, evaluate(right, setting)?)
        }
    }
}

fn combine(operator: Operator, left: Operand, right: Operand) -> Result<Operand, String> {
    use Operator::{And, AtLeast, AtMost, Equal, Less, Minus, More, Or, Over, Plus, Times, Unequal};
    Ok(match (operator, left, right) {
        (Or, Operand::Truth(left), Operand::Truth(right)) => Operand::Truth(left || right),
        (And, Operand::Truth(left), Operand::Truth(right)) => Operand::Truth(left && right),
        (_, Operand::Number(left, of_left), Operand::Number(right, of_right)) => {
            return numbers(operator, (left, of_left), (right, of_right));
        }
        (Equal, left, right) => Operand::Truth(left == right),
        (Unequal, left, right) => Operand::Truth(left != right),
        (Or | And, left, right) => {
            return Err(format!("{} and {} are not both true or false", left.shown(), right.shown()));
        }
        (Less | AtMost | More | AtLeast | Plus | Minus | Times | Over, left, right) => {
            return Err(format!("{} and {} are not both numbers", left.shown(), right.shown()));
        }
    })
}

/// Two numbers with what they measure; only what measures the same is compared or added.
fn numbers(
    operator: Operator,
    (left, of_left): (f64, Dimension),
    (right, of_right): (f64, Dimension),
) -> Result<Operand, String> {
    use Operator::{And, AtLeast, AtMost, Equal, Less, Minus, More, Or, Over, Plus, Times, Unequal};
    let (plain_left, plain_right) = (of_left == Dimension::Number, of_right == Dimension::Number);
    // Nothing is nothing in every unit.
    let is_alike = of_left == of_right || (plain_left && left == 0.0) || (plain_right && right == 0.0);
    let kept = if plain_left { of_right } else { of_left };
    let shown = || (of_left.shown(left), of_right.shown(right));
    let fits = match operator {
        Or | And => {
            return Err(format!("{} and {} are not both true or false", shown().0, shown().1));
        }
        Less | AtMost | More | AtLeast | Equal | Unequal | Plus | Minus => is_alike,
        Times => plain_left || plain_right,
        Over => plain_right || of_left == of_right,
    };
    if !fits {
        return Err(format!(
            "{} is {}, {} is {}; write the unit of a number, and compare times with times, money with money",
            shown().0,
            of_left.name(),
            shown().1,
            of_right.name()
        ));
    }
    let (number, dimension) = match operator {
        Less => return Ok(Operand::Truth(left < right)),
        AtMost => return Ok(Operand::Truth(left <= right)),
        More => return Ok(Operand::Truth(left > right)),
        AtLeast => return Ok(Operand::Truth(left >= right)),
        Equal => return Ok(Operand::Truth(left == right)),
        Unequal => return Ok(Operand::Truth(left != right)),
        Plus => (left + right, kept),
        Minus => (left - right, kept),
        Times => (left * right, kept),
        Over if plain_right => (left / right, of_left),
        Over | Or | And => (left / right, Dimension::Number),
    };
    if number.is_finite() {
        return Ok(Operand::Number(number, dimension));
    }
    Err(format!("{} and {} make no finite number: is one divided by nothing?", shown().0, shown().1))
}

impl Operand {
    fn shown(&self) -> String {
        match self {
            Operand::Number(number, dimension) => dimension.shown(*number),
            Operand::Truth(truth) => truth.to_string(),
            Operand::Text(text) => format!("`{text}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(name: &str) -> Option<String> {
        let value = match name {
            "lte.backup_slots" => "3",
            "stores" => "5",
            "payments.timeout" => "30 s",
            "profiles.ipsla-fast.interval" => "500 ms",
            "money.lte_device" => "$500",
            "noc.enabled" => "true",
            "payments.decline" => "2 %",
            "fleet.draw.standby" => "warm",
            "formats.\"toy shop\".lanes" => "6",
            _ => return None,
        };
        Some(value.to_owned())
    }

    fn holds(written: &str) -> Result<bool, String> {
        Condition::parse(written)?.holds(&setting)
    }

    #[test]
    fn conditions_are_decided_in_base_units() {
        for written in [
            "lte.backup_slots <= stores",
            "payments.timeout == 0.5 min and payments.timeout < 1 min",
            "profiles.ipsla-fast.interval * 60 == payments.timeout",
            "profiles.ipsla-fast.interval>=0.5s",
            "payments.timeout > 0 and money.lte_device >= 0",
            "payments.timeout / profiles.ipsla-fast.interval == 60",
            "money.lte_device * stores < $10k",
            "noc.enabled and not payments.decline > 0.02",
            "not (noc.enabled and stores > 100) or false",
            "fleet.draw.standby == \"warm\"",
            "fleet.draw.standby != \"cold\"",
            "stores - lte.backup_slots == 2",
            "1 + 2 * 3 == 7",
            "(1 + 2) * 3 == 9",
            "8 / 4 / 2 == 1",
            "formats.\"toy shop\".lanes == 6",
            "payments.timeout - 5 s == \"25 s\"",
        ] {
            assert_eq!(holds(written), Ok(true), "{written}");
            assert_eq!(holds(&format!("not ({written})")), Ok(false), "{written}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        for (written, words) in [
            ("", "missing at the end"),
            ("stores <", "missing at the end"),
            ("(stores < 3", "`)` is missing"),
            ("stores < 3 )", "`)` is left over"),
            ("1 < 2 < 3", "left over"),
            ("lte.slots < 3", "`lte.slots` is no setting"),
            ("fleet.draw.standby < 3", "`warm` and 3 are not both numbers"),
            ("stores", "neither true nor false"),
            ("stores and noc.enabled", "5 and true are not both true or false"),
            ("not stores", "not true or false"),
            ("stores == \"5", "`\"` is missing"),
            ("? < 3", "begins nothing"),
            ("stores < 5x", "not a number with a unit"),
            ("lte.backup_slots <= 5 min", "3 is a number without a unit, 300 s is a time"),
            ("payments.timeout < 45", "30 s is a time, 45 is a number without a unit"),
            ("money.lte_device == 500 s", "500 of money is money, 500 s is a time"),
            ("payments.timeout + money.lte_device > 0", "compare times with times"),
            ("payments.timeout * payments.timeout > 0", "compare times with times"),
            ("1 / payments.timeout > 0", "compare times with times"),
            ("1 / 0 > 3", "1 and 0 make no finite number"),
            ("not (0 / (stores - 5) == 1)", "0 and 0 make no finite number"),
        ] {
            let why = holds(written).expect_err(written);
            assert!(why.contains(words), "{written}: {why}");
        }
        assert!(holds(&"(".repeat(1_000)).is_err() && holds(&"not ".repeat(1_000)).is_err());
    }
}
