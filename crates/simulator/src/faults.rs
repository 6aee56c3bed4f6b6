//! Faults that are asked for: what goes wrong on the way, at which request.

use std::time::Duration;

use serde_json::Value;

use crate::failures::Failure;

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answered with this status and nothing else.
    Status(u16),
    /// The connection ends before the service sees the request.
    DropBefore,
    /// The service does its work, and the connection ends before the answer.
    DropAfter,
    /// The answer comes later.
    Delay(Duration),
    /// Answered with this text, as a gateway in between might.
    Body(String),
    /// As if the failure's name stood in the path.
    Failure(Failure),
}

/// Rules that are asked in order; the first that matches decides.
#[derive(Clone, Debug, Default)]
pub struct FaultPlan {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    pattern: String,
    skip: u64,
    /// `None` for always.
    times: Option<u64>,
    fault: Fault,
}

impl FaultPlan {
    /// Reads a plan: `[{"match": "GET */runs/*", "skip": 2, "times": 1, "do": "status 503"}]`. `skip` is 0 and
    /// `times` is 1 where they are missing; 0 times means always.
    pub fn parse(json: &str) -> Result<FaultPlan, String> {
        let plan: Value =
            serde_json::from_str(json).map_err(|error| format!("the plan is not JSON: {error}"))?;
        let rules = plan.as_array().ok_or("the plan is not a list")?;
        let rules = rules.iter().enumerate().map(|(index, rule)| {
            Rule::parse(rule).map_err(|problem| format!("rule {}: {problem}", index + 1))
        });
        Ok(FaultPlan { rules: rules.collect::<Result<_, _>>()? })
    }

    /// What would happen to the next request with this method and path, without counting it.
    pub fn peek(&self, method: &str, path: &str) -> Option<Fault> {
        self.clone().next(method, path)
    }

    /// What happens to the next request with this method and path, if anything.
    pub fn next(&mut self, method: &str, path: &str) -> Option<Fault> {
        let request = format!("{method} {path}");
        for rule in self.rules.iter_mut().filter(|rule| matches(&rule.pattern, &request)) {
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            match &mut rule.times {
                Some(0) => continue,
                Some(times) => *times -= 1,
                None => {}
            }
            return Some(rule.fault.clone());
        }
        None
    }
}

impl Rule {
    fn parse(rule: &Value) -> Result<Rule, String> {
        let fields = rule.as_object().ok_or("is not an object")?;
        if let Some(unknown) =
            fields.keys().find(|key| !["match", "skip", "times", "do"].contains(&key.as_str()))
        {
            return Err(format!("does not know '{unknown}'"));
        }
        let text = |name: &str| rule[name].as_str().ok_or(format!("'{name}' is not a text"));
        let number = |name: &str, default| match &rule[name] {
            Value::Null => Ok(default),
            value => value.as_u64().ok_or(format!("'{name}' is not a number")),
        };
        let times = number("times", 1)?;
        Ok(Rule {
            pattern: text("match")?.to_owned(),
            skip: number("skip", 0)?,
            times: (times > 0).then_some(times),
            fault: Fault::parse(text("do")?)?,
        })
    }
}

impl Fault {
    fn parse(text: &str) -> Result<Fault, String> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        match word {
            "status" => match rest.parse() {
                Ok(status @ 100..=599) => Ok(Fault::Status(status)),
                _ => Err(format!("'{rest}' is not a status")),
            },
            "drop-before" if rest.is_empty() => Ok(Fault::DropBefore),
            "drop-after" if rest.is_empty() => Ok(Fault::DropAfter),
            "delay" => match rest.parse() {
                Ok(milliseconds) => Ok(Fault::Delay(Duration::from_millis(milliseconds))),
                Err(_) => Err(format!("'{rest}' is not a number of milliseconds")),
            },
            "body" => Ok(Fault::Body(rest.to_owned())),
            _ => Failure::named(text)
                .map(Fault::Failure)
                .ok_or_else(|| format!("does not know how to do '{text}'")),
        }
    }
}

/// Whether a text fits a pattern, in which `*` stands for any characters.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => {
            let Some(rest) = text.strip_prefix(before) else { return false };
            rest.char_indices()
                .map(|(index, _)| index)
                .chain([rest.len()])
                .any(|index| matches(after, &rest[index..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(json: &str) -> FaultPlan {
        FaultPlan::parse(json).expect("the plan is good")
    }

    #[test]
    fn a_rule_skips_and_ends() {
        let mut plan = plan(r#"[{"match": "GET */runs/*", "skip": 2, "times": 2, "do": "status 503"}]"#);
        let mut faults = Vec::new();
        for _ in 0..6 {
            assert_eq!(plan.next("POST", "/a/runs/b"), None);
            faults.push(plan.next("GET", "/a/runs/b").is_some());
        }
        assert_eq!(faults, [false, false, true, true, false, false]);
    }

    #[test]
    fn a_rule_holds_once_unless_it_says_always() {
        let mut plan = plan(r#"[{"match": "*", "times": 0, "do": "drop-after"}]"#);
        assert!((0..5).all(|_| plan.next("GET", "/") == Some(Fault::DropAfter)));
        let mut plan = self::plan(r#"[{"match": "GET /", "do": "drop-before"}]"#);
        assert_eq!(plan.next("GET", "/"), Some(Fault::DropBefore));
        assert_eq!(plan.next("GET", "/"), None);
    }

    #[test]
    fn every_fault_can_be_asked_for() {
        let check = |text: &str, fault| {
            assert_eq!(plan(&format!(r#"[{{"match": "*", "do": "{text}"}}]"#)).next("GET", "/"), Some(fault));
        };
        check("status 429", Fault::Status(429));
        check("delay 5000", Fault::Delay(Duration::from_secs(5)));
        check("body <h1>Bad gateway</h1>", Fault::Body("<h1>Bad gateway</h1>".to_owned()));
        for name in Failure::names() {
            check(name, Fault::Failure(Failure::named(name).expect("it is a name")));
        }
    }

    #[test]
    fn looking_at_a_plan_counts_nothing() {
        let mut plan = plan(r#"[{"match": "*", "do": "fail-cors"}]"#);
        for _ in 0..3 {
            assert_eq!(plan.peek("GET", "/"), Some(Fault::Failure(Failure::Cors)));
        }
        assert_eq!(plan.next("GET", "/"), Some(Fault::Failure(Failure::Cors)));
        assert_eq!(plan.peek("GET", "/"), None);
    }

    #[test]
    fn a_plan_that_means_nothing_is_refused() {
        for bad in [
            "x",
            "{}",
            "[1]",
            r#"[{"do": "drop-after"}]"#,
            r#"[{"match": "*"}]"#,
            r#"[{"match": "*", "do": "explode"}]"#,
            r#"[{"match": "*", "do": "status 99"}]"#,
            r#"[{"match": "*", "do": "delay soon"}]"#,
            r#"[{"match": "*", "do": "drop-after", "often": 3}]"#,
        ] {
            assert!(FaultPlan::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn stars_stand_for_anything() {
        assert!(matches("GET */runs/*/details", "GET /a/b/runs/c/details"));
        assert!(!matches("GET */runs/*/details", "GET /a/b/runs/c"));
        assert!(!matches("GET /a", "GET /a/b"));
    }
}
