//! A run definition as a text that is changed in one place at a time: what is not changed stays letter by letter.

use std::ops::Range;

use serde_json::Value;

use crate::definition::{DefinitionError, RunDefinition};

/// A run definition, and where in its text everything stands.
///
/// Paths begin inside `configuration`. Keys are found in any case, as the service does, except those that their writer
/// names: variables, data references, and all of a conda specification.
#[derive(Clone, Debug, PartialEq)]
pub struct DefinitionDocument {
    text: String,
    root: Node,
    style: Style,
}

/// A value of the text.
#[derive(Clone, Debug, PartialEq)]
struct Node {
    span: Range<usize>,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Object(Vec<Member>),
    Array(Vec<Node>),
    Scalar,
}

#[derive(Clone, Debug, PartialEq)]
struct Member {
    name: String,
    /// Where its name begins, quotes and all.
    start: usize,
    value: Node,
}

/// How the text is written, so that what is added looks like the rest.
#[derive(Clone, Debug, PartialEq)]
struct Style {
    /// What one step to the right is; empty where all stands in one line.
    step: String,
    line_end: &'static str,
    /// Between a name and its value.
    colon: &'static str,
    /// Between two values of one line.
    comma: &'static str,
    is_pascal_case: bool,
}

/// The order in which fields are added. Where a name stands in several objects it has the same neighbours in all.
const ORDER: [&str; 53] = [
    "name",
    "version",
    "channels",
    "script",
    "arguments",
    "sourceDirectoryDataStore",
    "framework",
    "communicator",
    "target",
    "jobName",
    "maxRunDurationSeconds",
    "nodeCount",
    "python",
    "interpreterPath",
    "userManagedDependencies",
    "condaDependencies",
    "baseCondaEnvironment",
    "environment",
    "environmentVariables",
    "docker",
    "enabled",
    "baseImage",
    "baseDockerfile",
    "baseImageRegistry",
    "address",
    "username",
    "password",
    "sharedVolumes",
    "dependencies",
    "dataReferences",
    "dataStoreName",
    "mode",
    "pathOnDataStore",
    "pathOnCompute",
    "overwrite",
    "history",
    "outputCollection",
    "directoriesToWatch",
    "configuration",
    "spark",
    "repositories",
    "packages",
    "group",
    "artifact",
    "precachePackages",
    "tensorflow",
    "workerCount",
    "parameterServerCount",
    "mpi",
    "processCountPerNode",
    "hdi",
    "yarnDeployMode",
    "inferencingStackVersion",
];

impl DefinitionDocument {
    /// Reads a text.
    ///
    /// # Errors
    /// As [`RunDefinition::parse`].
    pub fn parse(text: &str) -> Result<Self, DefinitionError> {
        RunDefinition::parse(text)?;
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let root = Reader { text, at: start }.value();
        let style = Style::of(text, &root);
        Ok(Self { text: text.to_owned(), root, style })
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value at a path; null says nothing.
    pub fn get(&self, path: &[&str]) -> Option<Value> {
        let value = self.read(self.find(path)?);
        (!value.is_null()).then_some(value)
    }

    /// The names of an object, in the order of the text.
    pub fn names(&self, path: &[&str]) -> Vec<String> {
        match self.find(path).map(|node| &node.kind) {
            Some(Kind::Object(members)) => members.iter().map(|member| member.name.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// The text with another value at a path. None where a value on the way there is no object, which would be lost.
    pub fn with(&self, path: &[&str], value: &Value) -> Option<String> {
        let mut node = self.configuration()?;
        for (depth, name) in path.iter().enumerate() {
            let (rest, above) = (&path[depth + 1..], &path[..depth]);
            match &node.kind {
                Kind::Object(members) => match find_member(members, name, is_named_by_writer(above)) {
                    Some(place) => node = &members[place].value,
                    None => {
                        let value = self.nested(&path[..=depth], rest, value);
                        return Some(self.with_member(
                            node,
                            members,
                            &self.spelled(members, above, name),
                            &value,
                        ));
                    }
                },
                Kind::Scalar if self.read(node).is_null() => {
                    let value = self.nested(above, &path[depth..], value);
                    return Some(self.with_value(node, &value));
                }
                _ => return None,
            }
        }
        Some(if self.read(node) == *value { self.text.clone() } else { self.with_value(node, value) })
    }

    /// The text without the value at a path, nor the objects that would be empty then.
    pub fn without(&self, path: &[&str]) -> String {
        let mut path = path;
        loop {
            let Some((name, above)) = path.split_last() else { return self.text.clone() };
            let Some(Node { kind: Kind::Object(members), .. }) = self.find(above) else {
                return self.text.clone();
            };
            let Some(place) = find_member(members, name, is_named_by_writer(above)) else {
                return self.text.clone();
            };
            if let ([_], false) = (members.as_slice(), above.is_empty()) {
                path = above;
                continue;
            }
            let member = &members[place];
            let range = match (place.checked_sub(1), members.get(place + 1)) {
                (Some(before), _) => members[before].value.span.end..member.value.span.end,
                (None, Some(next)) => member.start..next.start,
                (None, None) => {
                    let node = self.configuration().map_or(0..0, |node| node.span.clone());
                    return self.replaced(node, "{}");
                }
            };
            return self.replaced(range, "");
        }
    }

    /// The text with another name for what is at a path. None where there is one of that name, or nothing to name.
    pub fn renamed(&self, path: &[&str], name: &str) -> Option<String> {
        let (old, above) = path.split_last()?;
        let Kind::Object(members) = &self.find(above)?.kind else { return None };
        if members.iter().any(|member| member.name == name) {
            return None;
        }
        let member = &members[find_member(members, old, is_named_by_writer(above))?];
        let end = self.text[member.start..member.value.span.start].rfind('"')? + member.start + 1;
        Some(self.replaced(member.start..end, &Value::from(name).to_string()))
    }

    /// The text with other values for some that are neither lists nor objects nor null. `other` gets the names that lead
    /// to one, from the top of the document, and the value.
    pub fn with_scalars(&self, mut other: impl FnMut(&[&str], &Value) -> Option<Value>) -> String {
        let mut changes = Vec::new();
        self.visit(&self.root, &mut Vec::new(), &mut |path, node, value| {
            if let Some(value) = other(path, value) {
                changes.push((node.span.clone(), value.to_string()));
            }
        });
        let mut text = self.text.clone();
        for (span, value) in changes.into_iter().rev() {
            text.replace_range(span, &value);
        }
        text
    }

    fn visit<'a>(
        &'a self,
        node: &'a Node,
        path: &mut Vec<&'a str>,
        see: &mut dyn FnMut(&[&str], &Node, &Value),
    ) {
        match &node.kind {
            Kind::Object(members) => {
                for member in members {
                    path.push(&member.name);
                    self.visit(&member.value, path, see);
                    path.pop();
                }
            }
            Kind::Array(items) => items.iter().for_each(|item| self.visit(item, path, see)),
            Kind::Scalar => match self.read(node) {
                Value::Null => {}
                value => see(path, node, &value),
            },
        }
    }

    fn configuration(&self) -> Option<&Node> {
        let Kind::Object(members) = &self.root.kind else { return None };
        Some(&members[find_member(members, "configuration", false)?].value)
    }

    fn find(&self, path: &[&str]) -> Option<&Node> {
        let mut node = self.configuration()?;
        for (depth, name) in path.iter().enumerate() {
            let Kind::Object(members) = &node.kind else { return None };
            node = &members[find_member(members, name, is_named_by_writer(&path[..depth]))?].value;
        }
        Some(node)
    }

    fn read(&self, node: &Node) -> Value {
        serde_json::from_str(&self.text[node.span.clone()]).unwrap_or_default()
    }

    /// A value inside the objects that lead to it from `above`.
    fn nested(&self, above: &[&str], path: &[&str], value: &Value) -> Value {
        let Some((name, rest)) = path.split_first() else { return value.clone() };
        let within: Vec<&str> = above.iter().chain([name]).copied().collect();
        let inner = self.nested(&within, rest, value);
        Value::Object([(self.spelled(&[], above, name), inner)].into_iter().collect())
    }

    /// A name as names beside it are written.
    fn spelled(&self, beside: &[Member], above: &[&str], name: &str) -> String {
        if is_named_by_writer(above) {
            return name.to_owned();
        }
        let is_pascal_case = match beside.first().and_then(|member| member.name.chars().next()) {
            Some(first) => first.is_ascii_uppercase(),
            None => self.style.is_pascal_case,
        };
        let mut letters = name.chars();
        match letters.next() {
            Some(first) if is_pascal_case => first.to_ascii_uppercase().to_string() + letters.as_str(),
            _ => name.to_owned(),
        }
    }

    fn with_value(&self, node: &Node, value: &Value) -> String {
        let old = &self.text[node.span.clone()];
        // A list in one line stays in one.
        let is_in_line = matches!(&node.kind, Kind::Array(items) if !items.is_empty()) && !old.contains('\n');
        let written = self.style.written(value, self.indent(node.span.start), is_in_line);
        self.replaced(node.span.clone(), &written)
    }

    fn with_member(&self, object: &Node, members: &[Member], name: &str, value: &Value) -> String {
        let style = &self.style;
        let Some(first) = members.first() else {
            let inner = [(name.to_owned(), value.clone())].into_iter().collect();
            let written = style.written(&Value::Object(inner), self.indent(object.span.start), false);
            return self.replaced(object.span.clone(), &written);
        };
        let lead = &self.text[object.span.start + 1..first.start];
        let is_in_line = !lead.contains('\n');
        let value = style.written(value, self.indent(first.start), is_in_line);
        let member = format!("{}{}{value}", Value::from(name), style.colon);
        let lead = if is_in_line { style.comma.trim_start_matches(',') } else { lead };
        let rank = |name: &str| ORDER.iter().position(|known| known.eq_ignore_ascii_case(name));
        let own = rank(name);
        let is_before =
            |member: &Member| own.is_none() || rank(&member.name).is_some_and(|other| Some(other) < own);
        let is_behind = |member: &Member| rank(&member.name).is_some_and(|other| Some(other) > own);
        match members.iter().rposition(is_before) {
            None if own.is_some() && members.iter().any(is_behind) => {
                self.replaced(first.start..first.start, &format!("{member},{lead}"))
            }
            before => {
                let end = members[before.unwrap_or(members.len() - 1)].value.span.end;
                self.replaced(end..end, &format!(",{lead}{member}"))
            }
        }
    }

    /// The blanks that the line of a place begins with.
    fn indent(&self, place: usize) -> &str {
        let line = self.text[..place].rfind('\n').map_or(0, |end| end + 1);
        let rest = self.text[line..].trim_start_matches('\u{feff}');
        &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()]
    }

    fn replaced(&self, range: Range<usize>, with: &str) -> String {
        [&self.text[..range.start], with, &self.text[range.end..]].concat()
    }
}

impl Style {
    fn of(text: &str, root: &Node) -> Self {
        let members = match &root.kind {
            Kind::Object(members) => members.as_slice(),
            _ => &[],
        };
        let first = members.first();
        let lead = first.map_or("", |first| &text[root.span.start + 1..first.start]);
        let has_blank = first.is_none_or(|first| {
            let name = text[first.start..first.value.span.start].trim_end();
            name.len() < first.value.span.start - first.start
        });
        let configuration = find_member(members, "configuration", false).map(|place| &members[place]);
        Self {
            step: lead.rsplit_once('\n').map_or(String::new(), |(_, step)| step.to_owned()),
            line_end: if lead.contains("\r\n") { "\r\n" } else { "\n" },
            colon: if has_blank { ": " } else { ":" },
            comma: if has_blank { ", " } else { "," },
            is_pascal_case: configuration.is_some_and(|member| member.name.starts_with(char::is_uppercase)),
        }
    }

    /// A value as this text would have it, in a line that begins with `indent`.
    fn written(&self, value: &Value, indent: &str, is_in_line: bool) -> String {
        let (open, parts, close): (_, Vec<String>, _) = match value {
            Value::Array(items) if !items.is_empty() => {
                let inner = format!("{indent}{}", self.step);
                ("[", items.iter().map(|item| self.written(item, &inner, is_in_line)).collect(), "]")
            }
            Value::Object(fields) if !fields.is_empty() => {
                let inner = format!("{indent}{}", self.step);
                let part = |(name, value): (&String, &Value)| {
                    let value = self.written(value, &inner, is_in_line);
                    format!("{}{}{value}", Value::from(name.as_str()), self.colon)
                };
                ("{", fields.iter().map(part).collect(), "}")
            }
            value => return value.to_string(),
        };
        if is_in_line || self.step.is_empty() {
            return format!("{open}{}{close}", parts.join(self.comma));
        }
        let line = format!("{}{indent}", self.line_end);
        let parts = parts.join(&format!(",{line}{}", self.step));
        format!("{open}{line}{}{parts}{line}{close}", self.step)
    }
}

/// Whether what is inside has names of its writer's choice.
fn is_named_by_writer(above: &[&str]) -> bool {
    above.contains(&"condaDependencies")
        || matches!(above, [.., "environmentVariables" | "dataReferences"] | ["spark", "configuration"])
}

/// Where a member is. Of several that are the same to the service the first of the alphabet counts, and of those that
/// are the same letter by letter the last, as for [`RunDefinition`].
fn find_member(members: &[Member], name: &str, is_exact: bool) -> Option<usize> {
    let is_it = |member: &Member| {
        if is_exact { member.name == name } else { member.name.eq_ignore_ascii_case(name) }
    };
    let places = (0..members.len()).filter(|place| is_it(&members[*place]));
    places.min_by_key(|place| (&members[*place].name, std::cmp::Reverse(*place)))
}

/// Reads a text that is known to be JSON.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> u8 {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        self.text.as_bytes().get(self.at).copied().unwrap_or_default()
    }

    fn value(&mut self) -> Node {
        let first = self.next();
        let start = self.at;
        let kind = match first {
            b'{' => Kind::Object(self.list(b'}', |reader| {
                let start = reader.at;
                reader.string();
                let name = serde_json::from_str(&reader.text[start..reader.at]).unwrap_or_default();
                reader.next();
                reader.at += 1;
                Member { name, start, value: reader.value() }
            })),
            b'[' => Kind::Array(self.list(b']', Self::value)),
            b'"' => {
                self.string();
                Kind::Scalar
            }
            _ => {
                let rest = &self.text[start..];
                let is_end = |letter: char| letter.is_ascii_whitespace() || ",]}".contains(letter);
                self.at += rest.find(is_end).unwrap_or(rest.len());
                Kind::Scalar
            }
        };
        Node { span: start..self.at, kind }
    }

    fn list<T>(&mut self, end: u8, item: impl Fn(&mut Self) -> T) -> Vec<T> {
        let mut items = Vec::new();
        self.at += 1;
        while self.at < self.text.len() {
            match self.next() {
                b',' => self.at += 1,
                found if found == end => {
                    self.at += 1;
                    break;
                }
                _ => items.push(item(self)),
            }
        }
        items
    }

    fn string(&mut self) {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while self.at < bytes.len() && bytes[self.at] != b'"' {
            self.at += if bytes[self.at] == b'\\' { 2 } else { 1 };
        }
        self.at = (self.at + 1).min(bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ARTICLE: &str = include_str!("../../../simulator/samples/execution_startrun_definition.json");
    const SPECIFICATION: &str =
        include_str!("../../../simulator/samples/execution_startrun_definition_camelcase.json");

    fn document(text: &str) -> DefinitionDocument {
        DefinitionDocument::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn with(text: &str, path: &[&str], value: Value) -> String {
        let changed = document(text).with(path, &value).expect("it can be set");
        assert_eq!(document(&changed).get(path), Some(value), "{changed}");
        changed
    }

    #[test]
    fn a_change_leaves_the_rest_letter_by_letter() {
        for text in [ARTICLE, SPECIFICATION] {
            let changed = with(text, &["target"], json!("gpu-cluster"));
            assert_eq!(changed, text.replace("cpu-compute", "gpu-cluster"));
            assert_eq!(document(text).with(&["target"], &json!("cpu-compute")).as_deref(), Some(text));
            let changed = with(text, &["environment", "python", "condaDependencies", "name"], json!("e"));
            assert_eq!(changed, text.replace("project_environment", "e"));
            let changed = with(text, &["arguments"], json!(["234", "-v"]));
            assert_eq!(changed, text.replace("\"234\"\n", "\"234\",\n      \"-v\"\n"));
        }
    }

    #[test]
    fn what_is_added_is_written_as_the_rest_and_stands_where_it_belongs() {
        let changed = with(ARTICLE, &["mpi", "processCountPerNode"], json!(2));
        let expected = "\"OutputCollection\": true\n    },\n    \"Mpi\": {\n      \"ProcessCountPerNode\": 2\n    }\n  }\n}";
        assert!(changed.trim_end().ends_with(expected), "{changed}");
        let changed = with(SPECIFICATION, &["environment", "environmentVariables", "SHOP"], json!("harbour"));
        let expected = "      },\n      \"environmentVariables\": {\n        \"SHOP\": \"harbour\"\n      },\n      \"docker\"";
        assert!(changed.contains(expected), "{changed}");
        let changed = with(SPECIFICATION, &["dataReferences", "Loaves", "mode"], json!("Mount"));
        let expected =
            "\"dataReferences\": {\n      \"Loaves\": {\n        \"mode\": \"Mount\"\n      }\n    },";
        assert!(changed.contains(expected), "{changed}");
        // It goes where it was, not to the end.
        let script = with(&document(ARTICLE).without(&["script"]), &["script"], json!("hello.py"));
        assert_eq!(script, ARTICLE);
        let nodes = with(&document(ARTICLE).without(&["nodeCount"]), &["nodeCount"], json!(1));
        assert_eq!(nodes, ARTICLE);
    }

    #[test]
    fn a_text_in_one_line_stays_in_one() {
        let text = r#"{"Configuration":{"Script":"a.py","Arguments":["1"]}}"#;
        assert_eq!(
            with(text, &["target"], json!("c")),
            r#"{"Configuration":{"Script":"a.py","Arguments":["1"],"Target":"c"}}"#
        );
        assert_eq!(
            with(text, &["docker", "arguments"], json!(["a", "b"])),
            r#"{"Configuration":{"Script":"a.py","Arguments":["1"],"Docker":{"Arguments":["a","b"]}}}"#
        );
        let text = "{\n\t\"configuration\": { \"script\": \"a.py\", \"arguments\": [\"1\"] }\n}";
        assert_eq!(
            with(text, &["arguments"], json!(["1", "2"])),
            "{\n\t\"configuration\": { \"script\": \"a.py\", \"arguments\": [\"1\", \"2\"] }\n}"
        );
        assert_eq!(
            with("{\r\n\t\"configuration\": {}\r\n}", &["script"], json!("a.py")),
            "{\r\n\t\"configuration\": {\r\n\t\t\"script\": \"a.py\"\r\n\t}\r\n}"
        );
        assert_eq!(
            with("{\"configuration\":{}}", &["script"], json!("a")),
            "{\"configuration\":{\"script\":\"a\"}}"
        );
    }

    #[test]
    fn what_is_taken_away_leaves_nothing_behind() {
        let image = ["environment", "docker", "baseImage"];
        let changed = document(ARTICLE).without(&image);
        assert!(!changed.contains("Docker"), "{changed}");
        assert!(changed.contains("          ]\n        }\n      }\n    },\n    \"History\""), "{changed}");
        assert_eq!(document(&changed).without(&image), changed);
        let changed =
            document(r#"{"configuration":{"a":1,"script":"x","b":2},"runType":"r"}"#).without(&["script"]);
        assert_eq!(changed, r#"{"configuration":{"a":1,"b":2},"runType":"r"}"#);
        let changed = document(r#"{"configuration":{"script":"x", "b":2}}"#).without(&["script"]);
        assert_eq!(changed, r#"{"configuration":{"b":2}}"#);
        assert_eq!(
            document(r#"{"configuration":{"script":"x"}}"#).without(&["script"]),
            r#"{"configuration":{}}"#
        );
    }

    #[test]
    fn null_is_filled_and_what_is_no_object_is_not_lost() {
        let text = r#"{"configuration":{"mpi":null,"docker":"x"}}"#;
        assert_eq!(
            with(text, &["mpi", "processCountPerNode"], json!(1)),
            r#"{"configuration":{"mpi":{"processCountPerNode":1},"docker":"x"}}"#
        );
        assert_eq!(document(text).with(&["docker", "baseImage"], &json!("i")), None);
        assert_eq!(document(text).get(&["mpi"]), None);
    }

    #[test]
    fn names_that_their_writer_chose_keep_their_case() {
        let text = r#"{"Configuration":{"Environment":{"EnvironmentVariables":{"path":"a","PATH":"b"}}}}"#;
        let path = |name| ["environment", "environmentVariables", name];
        assert_eq!(document(text).get(&path("PATH")), Some(json!("b")));
        assert_eq!(document(text).get(&path("Path")), None);
        assert_eq!(document(text).names(&["environment", "environmentVariables"]), ["path", "PATH"]);
        assert_eq!(with(text, &path("Path"), json!("c")), text.replace("\"b\"}", "\"b\",\"Path\":\"c\"}"));
        assert_eq!(document(text).renamed(&path("path"), "SHOP"), Some(text.replace("\"path\"", "\"SHOP\"")));
        assert_eq!(document(text).renamed(&path("path"), "PATH"), None);
        // The fields of a data reference are the service's again.
        let text = r#"{"Configuration":{"DataReferences":{"loaves":{"Mode":"Mount"}}}}"#;
        let mode = ["dataReferences", "loaves", "mode"];
        assert_eq!(with(text, &mode, json!("Upload")), text.replace("Mount", "Upload"));
    }

    #[test]
    fn the_value_that_is_changed_is_the_one_that_is_read() {
        for text in [
            r#"{"configuration":{"script":"a","Script":"b","script":"c"},"Configuration":{"script":"d"}}"#,
            r#"{"configuration":{"script":"a","script":"c"}}"#,
            r#"{"configuration":{"sCRIPT":"a","script":"b \"}{\" \\"}}"#,
        ] {
            let read = RunDefinition::parse(text).unwrap().script;
            assert_eq!(document(text).get(&["script"]), read.map(Value::from), "{text}");
            let changed = with(text, &["script"], json!("new"));
            assert_eq!(RunDefinition::parse(&changed).unwrap().script.as_deref(), Some("new"));
        }
    }

    #[test]
    fn single_values_are_replaced_where_they_stand() {
        let text = "\u{feff}{\"configuration\": {\"arguments\": [\"a\", \"é\"], \"n\": 1, \"x\": null}, \"b\": true}";
        let mut seen = Vec::new();
        let changed = document(text).with_scalars(|path, value| {
            seen.push(format!("{} {value}", path.join(".")));
            (value == &json!("é") || value == &json!(true)).then(|| json!("-"))
        });
        assert_eq!(changed, text.replace("\"é\"", "\"-\"").replace("true", "\"-\""));
        assert_eq!(
            seen,
            ["configuration.arguments \"a\"", "configuration.arguments \"é\"", "configuration.n 1", "b true"]
        );
    }
}
