//! Lists: their order, their pages, and the opaque tokens that ask for the next one.

use std::cmp::Ordering;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::call::Call;

/// The places of the first `reach` of `count` items in an order; equals stay as they stand. It sorts places for every
/// list, since each sort of something else weighs some kilobytes in the page.
pub fn in_order(count: usize, reach: usize, order: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    let compare = |left: &usize, right: &usize| order(*left, *right).then(left.cmp(right));
    if reach < count {
        places.select_nth_unstable_by(reach, compare);
        places.truncate(reach);
    }
    places.sort_unstable_by(compare);
    places
}

/// A part of a list, and the token for what follows it.
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

/// Cuts a page out of a list; `None` when the token is not one of ours.
pub fn page<T>(items: impl IntoIterator<Item = T>, token: Option<&str>, size: usize) -> Option<Page<T>> {
    let start = match token {
        Some(token) => position(token)?,
        None => 0,
    };
    let mut rest = items.into_iter().skip(start);
    let items: Vec<T> = rest.by_ref().take(size).collect();
    let next = rest.next().map(|_| URL_SAFE_NO_PAD.encode(format!("from {}", start + items.len())));
    Some(Page { items, next })
}

/// How many items from the beginning on decide about a page and whether one follows.
pub fn reach(token: Option<&str>, size: usize) -> usize {
    token.and_then(position).unwrap_or(0).saturating_add(size).saturating_add(1)
}

fn position(token: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    std::str::from_utf8(&bytes).ok()?.strip_prefix("from ")?.parse().ok()
}

/// The address of the next page: the same request with another token.
pub fn next_link(call: &Call<'_>, key: &str, other_names: &[&str], token: &str) -> String {
    let mut link = format!("{}{}?", call.place.origin, call.raw_path);
    for (name, value) in call.query_without(&[other_names, &[key]].concat()) {
        link.push_str(&format!("{}={}&", encoded(name), encoded(value)));
    }
    link.push_str(&format!("{key}={}", encoded(token)));
    link
}

/// What a query's name or value may not hold as it is; `$` stays readable, as in the service's own links.
const RESERVED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'=')
    .add(b'<')
    .add(b'>')
    .add(b'?');

/// Text for a query.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}
