//! Filters and orders of run history's lists, in the forms that its client builds.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;
use time::OffsetDateTime;

use crate::times;

/// A condition on an item of a list.
#[derive(Debug, PartialEq)]
pub enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Compare {
        field: Field,
        operator: Operator,
        value: Literal,
    },
    /// `Tags/team ne null or Tags/team eq null`: the odd form in which the client asks whether a key exists.
    Has(Field),
}

/// A field of a document, or a key of its tags or properties.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub name: &'static str,
    pub key: Option<String>,
}

/// What has fields: a document, or what one is going to be made from.
pub trait Fields {
    /// What is in a field; nothing where the document has no such field, or `null`.
    fn fact(&self, field: &Field) -> Option<Fact<'_>>;
}

/// What is in a field, as far as it can be compared.
#[derive(Debug, PartialEq)]
pub enum Fact<'a> {
    Text(Cow<'a, str>),
    Time(OffsetDateTime),
    Number(f64),
    Flag(bool),
    /// An object or a list.
    Other,
}

/// A value in a filter, read in every way that it can be.
#[derive(Debug, PartialEq)]
pub struct Literal {
    text: String,
    time: Option<OffsetDateTime>,
    number: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// Fields in the order of importance, with whether the greatest comes first.
#[derive(Clone, Debug, PartialEq)]
pub struct Order(Vec<(Field, bool)>);

impl Filter {
    /// Reads a filter over documents that have the `known` fields. `None` when it means nothing.
    pub fn parse(text: &str, known: &[&'static str]) -> Option<Filter> {
        let mut words = Words { words: words(text), next: 0, known };
        let filter = words.alternatives()?;
        (words.next == words.words.len()).then_some(filter)
    }

    pub fn fits(&self, item: &dyn Fields) -> bool {
        match self {
            Filter::And(left, right) => left.fits(item) && right.fits(item),
            Filter::Or(left, right) => left.fits(item) || right.fits(item),
            Filter::Has(field) => item.fact(field).is_some(),
            Filter::Compare { field, operator, value } => {
                let found = item.fact(field);
                if value.is_null() {
                    return match operator {
                        Operator::Equal => found.is_none(),
                        Operator::NotEqual => found.is_some(),
                        _ => false,
                    };
                }
                let Some(order) = found.and_then(|found| value.compare(&found)) else {
                    return *operator == Operator::NotEqual;
                };
                match operator {
                    Operator::Equal => order.is_eq(),
                    Operator::NotEqual => order.is_ne(),
                    Operator::Greater => order.is_gt(),
                    Operator::GreaterOrEqual => order.is_ge(),
                    Operator::Less => order.is_lt(),
                    Operator::LessOrEqual => order.is_le(),
                }
            }
        }
    }

    /// The only values that a field has in what fits, where the filter names them.
    pub fn only_values_of(&self, name: &str) -> Option<Vec<&str>> {
        match self {
            Filter::And(left, right) => left.only_values_of(name).or_else(|| right.only_values_of(name)),
            Filter::Or(left, right) => {
                let mut values = left.only_values_of(name)?;
                values.extend(right.only_values_of(name)?);
                Some(values)
            }
            Filter::Compare { field, operator: Operator::Equal, value } => {
                (field.name == name && !value.is_null()).then(|| vec![value.text.as_str()])
            }
            _ => None,
        }
    }
}

impl Order {
    /// By one field.
    pub fn of(name: &'static str, descending: bool) -> Order {
        Order(vec![(Field { name, key: None }, descending)])
    }

    /// Reads `StartTimeUtc desc, RunId`.
    pub fn parse(text: &str, known: &[&'static str]) -> Option<Order> {
        let fields = text.split(',').map(|part| {
            let mut words = part.split_whitespace();
            let field = Field::parse(words.next()?, known)?;
            let descending = match words.next() {
                None => false,
                Some(word) if word.eq_ignore_ascii_case("asc") => false,
                Some(word) if word.eq_ignore_ascii_case("desc") => true,
                Some(_) => return None,
            };
            words.next().is_none().then_some((field, descending))
        });
        Some(Order(fields.collect::<Option<_>>()?))
    }

    pub fn compare(&self, left: &dyn Fields, right: &dyn Fields) -> Ordering {
        self.compare_keys(&self.key(left), &self.key(right))
    }

    /// What an item's place in this order follows from.
    pub fn key<'a>(&self, item: &'a dyn Fields) -> Vec<Option<Fact<'a>>> {
        self.0.iter().map(|(field, _)| item.fact(field)).collect()
    }

    pub fn compare_keys(&self, left: &[Option<Fact<'_>>], right: &[Option<Fact<'_>>]) -> Ordering {
        let orders = left.iter().zip(right).zip(&self.0).map(|((left, right), (_, descending))| {
            let order = match (left, right) {
                (Some(left), Some(right)) => left.compare(right),
                (left, right) => left.is_some().cmp(&right.is_some()),
            };
            if *descending { order.reverse() } else { order }
        });
        orders.fold(Ordering::Equal, Ordering::then)
    }

    /// The same order from its end.
    pub fn reversed(&self) -> Order {
        Order(self.0.iter().map(|(field, descending)| (field.clone(), !descending)).collect())
    }
}

impl Field {
    fn parse(text: &str, known: &[&'static str]) -> Option<Field> {
        let (name, key) = match text.split_once('/') {
            Some((name, key)) => (name, Some(key.to_owned())),
            None => (text, None),
        };
        let name = known.iter().find(|known| known.eq_ignore_ascii_case(name))?;
        let is_map = matches!(*name, "tags" | "properties");
        (is_map == key.is_some()).then_some(Field { name, key })
    }

    /// Whether the service writes times into it.
    fn is_time(&self) -> bool {
        self.name.ends_with("Utc")
    }
}

impl Fields for Value {
    fn fact(&self, field: &Field) -> Option<Fact<'_>> {
        let value = &self[field.name];
        Some(match field.key.as_ref().map_or(value, |key| &value[key]) {
            Value::Null => return None,
            Value::Bool(flag) => Fact::Flag(*flag),
            Value::Number(number) => Fact::Number(number.as_f64().unwrap_or_default()),
            Value::String(text) => match times::parse(text).filter(|_| field.is_time()) {
                Some(time) => Fact::Time(time),
                None => Fact::Text(text.into()),
            },
            Value::Array(_) | Value::Object(_) => Fact::Other,
        })
    }
}

impl Fact<'_> {
    /// Facts of different kinds have no order.
    fn compare(&self, other: &Fact<'_>) -> Ordering {
        match (self, other) {
            (Fact::Text(left), Fact::Text(right)) => left.cmp(right),
            (Fact::Time(left), Fact::Time(right)) => left.cmp(right),
            (Fact::Number(left), Fact::Number(right)) => left.total_cmp(right),
            (Fact::Flag(left), Fact::Flag(right)) => left.cmp(right),
            _ => Ordering::Equal,
        }
    }
}

impl Literal {
    fn new(text: String) -> Literal {
        Literal { time: times::parse(&text), number: text.parse().ok(), text }
    }

    fn is_null(&self) -> bool {
        self.text == "null"
    }

    /// How a document's value stands to this one. A time that is written otherwise has no order.
    fn compare(&self, found: &Fact<'_>) -> Option<Ordering> {
        match found {
            Fact::Text(text) => Some(text.as_ref().cmp(&self.text)),
            Fact::Time(time) => Some(time.cmp(&self.time?)),
            Fact::Number(number) => number.partial_cmp(&self.number?),
            Fact::Flag(flag) => Some(flag.to_string().as_str().cmp(self.text.to_ascii_lowercase().as_str())),
            Fact::Other => None,
        }
    }
}

/// The words of a filter that are still to be read.
struct Words<'a> {
    words: Vec<String>,
    next: usize,
    known: &'a [&'static str],
}

impl Words<'_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.next).map(String::as_str)
    }

    fn take(&mut self, word: &str) -> bool {
        let taken = self.peek().is_some_and(|next| next.eq_ignore_ascii_case(word));
        self.next += usize::from(taken);
        taken
    }

    fn alternatives(&mut self) -> Option<Filter> {
        let mut filter = self.conditions()?;
        while self.take("or") {
            let other = self.conditions()?;
            filter = either(filter, other);
        }
        Some(filter)
    }

    fn conditions(&mut self) -> Option<Filter> {
        let mut filter = self.condition()?;
        while self.take("and") {
            filter = Filter::And(Box::new(filter), Box::new(self.condition()?));
        }
        Some(filter)
    }

    fn condition(&mut self) -> Option<Filter> {
        if self.take("(") {
            let filter = self.alternatives()?;
            return self.take(")").then_some(filter);
        }
        let field = Field::parse(self.peek()?, self.known)?;
        self.next += 1;
        let operator = Operator::parse(self.peek()?)?;
        self.next += 1;
        // Values are not quoted; they end where the condition does.
        let mut value = Vec::new();
        while let Some(word) = self.peek() {
            if word == "("
                || word == ")"
                || word.eq_ignore_ascii_case("and")
                || word.eq_ignore_ascii_case("or")
            {
                break;
            }
            value.push(word.to_owned());
            self.next += 1;
        }
        let value = value.join(" ");
        // Guess: quotes, which OData has, are taken too.
        let value =
            value.strip_prefix('\'').and_then(|value| value.strip_suffix('\'')).unwrap_or(&value).to_owned();
        (!value.is_empty()).then_some(Filter::Compare { field, operator, value: Literal::new(value) })
    }
}

impl Operator {
    fn parse(word: &str) -> Option<Operator> {
        match word.to_ascii_lowercase().as_str() {
            "eq" => Some(Operator::Equal),
            "ne" => Some(Operator::NotEqual),
            "gt" => Some(Operator::Greater),
            "ge" => Some(Operator::GreaterOrEqual),
            "lt" => Some(Operator::Less),
            "le" => Some(Operator::LessOrEqual),
            _ => None,
        }
    }
}

fn either(left: Filter, right: Filter) -> Filter {
    if let (
        Filter::Compare { field, operator: Operator::NotEqual, value },
        Filter::Compare { field: other, operator: Operator::Equal, value: other_value },
    ) = (&left, &right)
        && field == other
        && value.is_null()
        && other_value.is_null()
    {
        return Filter::Has(field.clone());
    }
    Filter::Or(Box::new(left), Box::new(right))
}

fn words(text: &str) -> Vec<String> {
    text.replace('(', " ( ").replace(')', " ) ").split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KNOWN: &[&str] = &["status", "runId", "parentRunId", "createdUtc", "tags", "runNumber"];

    #[track_caller]
    fn check(filter: &str, fits: bool) {
        let run = json!({
            "status": "Running",
            "runId": "brave_oven_12",
            "parentRunId": null,
            "createdUtc": "2026-05-28T20:26:40.0000000+00:00",
            "tags": { "team": "deep learning", "shop": "harbour" },
            "runNumber": 12,
        });
        let filter = Filter::parse(filter, KNOWN).expect("the filter is good");
        assert_eq!(filter.fits(&run), fits, "{filter:?}");
    }

    #[test]
    fn every_form_that_the_client_builds_is_read() {
        check("(Status eq Running)", true);
        check("Status eq Completed", false);
        check("(ParentRunId eq null)", true);
        check("(Tags/shop eq harbour)", true);
        check("Tags/team eq deep learning and Status eq Running", true);
        check("(CreatedUtc ge 2026-05-28T20:26:40)", true);
        check("CreatedUtc gt 2026-05-29", false);
        check("RunId eq a or RunId eq brave_oven_12", true);
        check("RunNumber gt 9", true);
    }

    #[test]
    fn a_key_is_looked_for_whatever_its_value() {
        check("(Tags/shop ne null or Tags/shop eq null)", true);
        check("(Tags/none ne null or Tags/none eq null)", false);
        check("(Status eq Running) and (Tags/none ne null or Tags/none eq null)", false);
    }

    #[test]
    fn and_binds_closer_than_or() {
        check("Status eq Running or Status eq Failed and RunId eq none", true);
        check("(Status eq Running or Status eq Failed) and RunId eq none", false);
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for text in [
            "",
            "Status",
            "Status is Running",
            "Colour eq red",
            "(Status eq Running",
            "Status eq Running )",
            "Status eq",
            "Tags eq x",
            "Status/key eq x",
            "and",
        ] {
            assert_eq!(Filter::parse(text, KNOWN), None, "{text}");
        }
    }

    #[test]
    fn orders_go_by_several_fields() {
        let order = Order::parse("Status desc, RunNumber", KNOWN).expect("the order is good");
        let mut runs = [
            json!({ "status": "Failed", "runNumber": 10 }),
            json!({ "status": "Running", "runNumber": 9 }),
            json!({ "status": "Failed", "runNumber": 9 }),
            json!({ "status": null, "runNumber": 1 }),
        ];
        runs.sort_by(|left, right| order.compare(left, right));
        let numbers: Vec<_> =
            runs.iter().map(|run| (run["status"].as_str(), run["runNumber"].as_u64())).collect();
        let expected = [
            (Some("Running"), Some(9)),
            (Some("Failed"), Some(9)),
            (Some("Failed"), Some(10)),
            (None, Some(1)),
        ];
        assert_eq!(numbers, expected);
        assert_eq!(Order::parse("Status sideways", KNOWN), None);
    }
}
