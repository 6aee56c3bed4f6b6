//! Filters and orders of run history's lists, in the forms that its client builds.

use std::cmp::Ordering;

use serde_json::Value;

use crate::times;

/// A condition on a document.
#[derive(Debug, PartialEq)]
pub enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Compare {
        field: Field,
        operator: Operator,
        value: String,
    },
    /// `Tags/team ne null or Tags/team eq null`: the odd form in which the client asks whether a key exists.
    Has(Field),
}

/// A field of a document, or a key of its tags or properties.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    name: &'static str,
    key: Option<String>,
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
#[derive(Debug, PartialEq)]
pub struct Order(Vec<(Field, bool)>);

impl Filter {
    /// Reads a filter over documents that have the `known` fields. `None` when it means nothing.
    pub fn parse(text: &str, known: &[&'static str]) -> Option<Filter> {
        let mut words = Words { words: words(text), next: 0, known };
        let filter = words.alternatives()?;
        (words.next == words.words.len()).then_some(filter)
    }

    pub fn fits(&self, document: &Value) -> bool {
        match self {
            Filter::And(left, right) => left.fits(document) && right.fits(document),
            Filter::Or(left, right) => left.fits(document) || right.fits(document),
            Filter::Has(field) => field.of(document).is_some(),
            Filter::Compare { field, operator, value } => {
                let found = field.of(document);
                if value == "null" {
                    return match operator {
                        Operator::Equal => found.is_none(),
                        Operator::NotEqual => found.is_some(),
                        _ => false,
                    };
                }
                let Some(order) = found.and_then(|found| compare(found, value)) else {
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
}

impl Order {
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

    pub fn compare(&self, left: &Value, right: &Value) -> Ordering {
        let orders = self.0.iter().map(|(field, descending)| {
            let order = match (field.of(left), field.of(right)) {
                (Some(left), Some(right)) => compare_values(left, right),
                (left, right) => left.is_some().cmp(&right.is_some()),
            };
            if *descending { order.reverse() } else { order }
        });
        orders.fold(Ordering::Equal, Ordering::then)
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

    fn of<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        let value = &document[self.name];
        let value = self.key.as_ref().map_or(value, |key| &value[key]);
        (!value.is_null()).then_some(value)
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
        (!value.is_empty()).then_some(Filter::Compare { field, operator, value })
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
        && (field, value.as_str(), other_value.as_str()) == (other, "null", "null")
    {
        return Filter::Has(field.clone());
    }
    Filter::Or(Box::new(left), Box::new(right))
}

fn words(text: &str) -> Vec<String> {
    text.replace('(', " ( ").replace(')', " ) ").split_whitespace().map(str::to_owned).collect()
}

/// Compares a document's value with a filter's: as times or numbers where both are, else as text.
fn compare(found: &Value, value: &str) -> Option<Ordering> {
    match found {
        Value::Number(number) => number.as_f64()?.partial_cmp(&value.parse().ok()?),
        Value::Bool(flag) => Some(flag.to_string().as_str().cmp(value.to_ascii_lowercase().as_str())),
        Value::String(found) => match (times::parse(found), times::parse(value)) {
            (Some(found), Some(value)) => Some(found.cmp(&value)),
            _ => Some(found.as_str().cmp(value)),
        },
        _ => None,
    }
}

fn compare_values(left: &Value, right: &Value) -> Ordering {
    match right {
        Value::String(right) => compare(left, right).unwrap_or(Ordering::Equal),
        right => compare(left, &right.to_string()).unwrap_or(Ordering::Equal),
    }
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
