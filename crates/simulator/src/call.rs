//! A request, taken apart once.

use std::borrow::Cow;

use http::{HeaderMap, Method, Request};
use percent_encoding::percent_decode_str;
use time::OffsetDateTime;

use crate::hosts::Place;

/// One request at one service.
pub struct Call<'a> {
    pub place: Place,
    pub method: &'a Method,
    /// Decoded; empty segments are dropped, since a trailing slash and `//subscriptions` are taken (tried with
    /// published client packages).
    pub segments: Vec<String>,
    query: Vec<(String, String)>,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    pub now: OffsetDateTime,
    /// The how-manieth request of this simulator: the seed of request ids.
    pub number: u64,
    /// The path as it was sent.
    pub raw_path: &'a str,
    /// Path and query as they were sent.
    pub target: &'a str,
}

impl<'a> Call<'a> {
    pub fn read(request: &'a Request<Vec<u8>>, place: Place, number: u64, now: OffsetDateTime) -> Call<'a> {
        Call {
            segments: place.path.split('/').filter(|segment| !segment.is_empty()).map(decoded).collect(),
            place,
            method: request.method(),
            query: pairs(request.uri().query().unwrap_or_default()),
            headers: request.headers(),
            body: request.body(),
            now,
            number,
            raw_path: request.uri().path(),
            target: request.uri().path_and_query().map_or("/", |target| target.as_str()),
        }
    }

    /// The segments, for matching.
    pub fn path(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// A parameter of the query. Names are compared without case, as the service does.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All values of a parameter that may repeat.
    pub fn queries<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b str> {
        self.query
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The query without some parameters, as pairs.
    pub fn query_without<'b>(&'b self, names: &'b [&str]) -> impl Iterator<Item = (&'b str, &'b str)> {
        self.query
            .iter()
            .filter(move |(key, _)| !names.iter().any(|name| key.eq_ignore_ascii_case(name)))
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The media type of the body, without parameters.
    pub fn content_type(&self) -> Option<&str> {
        self.header("content-type").and_then(|value| value.split(';').next()).map(str::trim)
    }
}

/// The pairs of a query or a form: `+` is a blank in both.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(&key.replace('+', " ")), decoded(&value.replace('+', " ")))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    match percent_decode_str(text).decode_utf8_lossy() {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    }
}
