//! Paths and queries, built from parts so that names are always encoded.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// RFC 3986's unreserved characters stand as they are; everything else is encoded.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `$` also stands, because the service's own parameters begin with it (`$filter`).
const QUERY: &AsciiSet = &SEGMENT.remove(b'$');

/// The path of a request, from its segments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(String);

impl Path {
    /// A path of these segments, each encoded.
    pub fn new<'a>(segments: impl IntoIterator<Item = &'a str>) -> Self {
        Self(String::new()).join(segments)
    }

    /// The path with more segments.
    pub fn join<'a>(mut self, segments: impl IntoIterator<Item = &'a str>) -> Self {
        for segment in segments {
            self.0.push('/');
            // A browser folds `.` and `..` away, encoded or not. No name in Azure is one of them; encoded twice
            // they stay one segment, and the service says that there is no such thing.
            if matches!(segment, "." | "..") {
                self.0.push_str(&segment.replace('.', "%252E"));
            } else {
                self.0.extend(utf8_percent_encode(segment, SEGMENT));
            }
        }
        self
    }

    /// The path with a verb of run history, such as `…/runs:query`. The colon is literal there.
    pub fn verb(mut self, verb: &'static str) -> Self {
        self.0.push(':');
        self.0.push_str(verb);
        self
    }

    /// As it stands in an address, from the first `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The query of a request, or the fields of a form: names and values, in order.
///
/// Its `Debug` has the names alone, because a value may be a secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl fmt::Debug for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Query {
    /// No parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only `api-version`.
    pub fn version(version: &str) -> Self {
        Self::new().with("api-version", version)
    }

    /// One more parameter.
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.0.push((name.to_owned(), value.to_string()));
        self
    }

    /// One more parameter, if there is a value.
    pub fn maybe(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// With the parameters of another behind its own.
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Encoded, without `?`; also the body of an `application/x-www-form-urlencoded` request.
    pub fn encoded(&self) -> String {
        let pairs: Vec<String> = self
            .0
            .iter()
            .map(|(name, value)| {
                format!("{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, SEGMENT))
            })
            .collect();
        pairs.join("&")
    }

    /// Whether there are no parameters.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_wherever_they_stand() {
        assert_eq!(
            Path::new(["a b", "c/d", "e%f", "ü", "m:1", "#?"]).as_str(),
            "/a%20b/c%2Fd/e%25f/%C3%BC/m%3A1/%23%3F"
        );
    }

    #[test]
    fn dot_segments_cannot_climb_out_of_a_path() {
        assert_eq!(Path::new(["a", "..", "b"]).as_str(), "/a/%252E%252E/b");
        assert_eq!(Path::new(["a", "."]).as_str(), "/a/%252E");
        assert_eq!(Path::new(["v1.0", "a..b"]).as_str(), "/v1.0/a..b");
    }

    #[test]
    fn a_verb_keeps_its_colon() {
        assert_eq!(
            Path::new(["experiments", "a:b", "runs"]).verb("query").as_str(),
            "/experiments/a%3Ab/runs:query"
        );
    }

    #[test]
    fn values_of_a_query_are_encoded() {
        let query =
            Query::new().with("$filter", "Tags/team eq a&b").maybe("$top", Some(5)).maybe("x", None::<&str>);
        assert_eq!(query.encoded(), "$filter=Tags%2Fteam%20eq%20a%26b&$top=5");
        assert_eq!(Query::new().with("s", "~ + / =").encoded(), "s=~%20%2B%20%2F%20%3D");
    }
}
