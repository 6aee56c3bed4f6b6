//! The order of a table, as it stands in the address: `name` rises, `-name` falls.

use std::cmp::Ordering;

use azimuth_api::Timestamp;
use leptos::prelude::*;

use crate::components::format::lower_case;
use crate::components::table::{Direction, SortHeader};

/// By which column, and which end first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    pub column: String,
    pub direction: Direction,
}

impl Sort {
    /// Reads `name` or `-name`; none from nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let (column, direction) = match text.strip_prefix('-') {
            Some(column) => (column, Direction::Descending),
            None => (text, Direction::Ascending),
        };
        (!column.is_empty()).then(|| Self { column: column.to_owned(), direction })
    }

    /// As it stands in the address.
    pub fn text(&self) -> String {
        match self.direction {
            Direction::Ascending => self.column.clone(),
            Direction::Descending => format!("-{}", self.column),
        }
    }

    /// What a click on the head of a column asks for: the other way round, or `first` for another column.
    pub fn clicked(&self, column: &str, first: Direction) -> Self {
        let direction = match self.direction {
            _ if self.column != column => first,
            Direction::Ascending => Direction::Descending,
            Direction::Descending => Direction::Ascending,
        };
        Self { column: column.to_owned(), direction }
    }
}

/// What a row is sorted by. A row that has nothing there comes last, whichever end comes first.
#[derive(Clone, Debug, PartialEq)]
pub enum SortKey {
    Missing,
    Number(f64),
    /// Compared without case.
    Text(String),
}

impl SortKey {
    /// Of a text; an empty one is missing.
    pub fn text(text: &str) -> Self {
        if text.is_empty() { Self::Missing } else { Self::Text(lower_case(text)) }
    }

    /// Of a time, if there is one.
    pub fn time(time: Option<Timestamp>) -> Self {
        time.map_or(Self::Missing, |time| Self::Number(time.unix_milliseconds() as f64))
    }

    /// Of an amount, if there is one.
    pub fn number(number: Option<impl Into<f64>>) -> Self {
        number.map_or(Self::Missing, |number| Self::Number(number.into()))
    }

    fn compare(&self, other: &Self, direction: Direction) -> Ordering {
        let ordering = match (self, other) {
            (Self::Missing, Self::Missing) => return Ordering::Equal,
            (Self::Missing, _) => return Ordering::Greater,
            (_, Self::Missing) => return Ordering::Less,
            (Self::Number(one), Self::Number(other)) => one.total_cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        };
        match direction {
            Direction::Ascending => ordering,
            Direction::Descending => ordering.reverse(),
        }
    }
}

/// The items in their order. Those that are equal stay as the service has them.
pub fn arranged<'a, T: Clone + 'a>(
    items: impl Iterator<Item = &'a T>,
    sort: &Sort,
    key: impl Fn(&T, &str) -> SortKey,
) -> Vec<T> {
    let items: Vec<&T> = items.collect();
    let keys = items.iter().map(|item| key(item, &sort.column)).collect();
    order(keys, sort.direction).into_iter().map(|place| items[place].clone()).collect()
}

/// The places of the keys, sorted. Apart from [`arranged`], so that it is there once and not once for every type.
fn order(keys: Vec<SortKey>, direction: Direction) -> Vec<usize> {
    let mut keys: Vec<(usize, SortKey)> = keys.into_iter().enumerate().collect();
    keys.sort_by(|(_, one), (_, other)| one.compare(other, direction));
    keys.into_iter().map(|(place, _)| place).collect()
}

/// The order that a table has now, and the way to another. A handle.
#[derive(Clone, Copy)]
pub struct Sorting {
    text: Signal<String>,
    usual: &'static str,
    on_sort: Callback<String>,
}

impl Sorting {
    /// `text` is what the address says and `usual` the order without it; `on_sort` gets what the address shall say,
    /// nothing for the usual order.
    pub fn new(text: Signal<String>, usual: &'static str, on_sort: Callback<String>) -> Self {
        Self { text, usual, on_sort }
    }

    /// The order that the table has now.
    pub fn get(self) -> Sort {
        self.text.with(|text| self.read(text))
    }

    /// Which way the table is sorted by a column, if it is.
    pub fn direction_of(self, column: &str) -> Option<Direction> {
        let sort = self.get();
        (sort.column == column).then_some(sort.direction)
    }

    /// The head of a column was pressed; `first` is which end a first press puts first.
    pub fn press(self, column: &str, first: Direction) {
        let next = self.text.with_untracked(|text| self.read(text)).clicked(column, first).text();
        self.on_sort.run(if next == self.usual { String::new() } else { next });
    }

    fn read(self, text: &str) -> Sort {
        Sort::parse(text)
            .or_else(|| Sort::parse(self.usual))
            .unwrap_or(Sort { column: String::new(), direction: Direction::Ascending })
    }
}

/// The head of a column that is sorted by, as [`Sorting`] has it.
#[component]
pub fn SortColumn(
    sorting: Sorting,
    /// Its name in the address.
    column: &'static str,
    label: &'static str,
    /// Which end a first click puts first: the newest, the most.
    #[prop(default = Direction::Ascending)]
    first: Direction,
    #[prop(optional)] number: bool,
) -> impl IntoView {
    let sort = Memo::new(move |_| sorting.direction_of(column));
    let on_sort = move |()| sorting.press(column, first);

    view! { <SortHeader label=label sort=sort on_sort=on_sort number=number/> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_back_as_it_was_written() {
        for text in ["name", "-created"] {
            assert_eq!(Sort::parse(text).unwrap().text(), text);
        }
        assert_eq!((Sort::parse(""), Sort::parse("-")), (None, None));
    }

    #[test]
    fn a_second_click_turns_the_order_round() {
        let sort = Sort::parse("-created").unwrap();
        assert_eq!(sort.clicked("created", Direction::Descending).text(), "created");
        assert_eq!(sort.clicked("name", Direction::Ascending).text(), "name");
        assert_eq!(sort.clicked("size", Direction::Descending).text(), "-size");
    }

    #[test]
    fn rows_with_nothing_to_sort_by_come_last_either_way() {
        let items = [Some(2.0), None, Some(10.0), Some(1.0)];
        let by = |text: &str| {
            arranged(items.iter(), &Sort::parse(text).unwrap(), |item, _| SortKey::number(*item))
        };
        assert_eq!(by("x"), [Some(1.0), Some(2.0), Some(10.0), None]);
        assert_eq!(by("-x"), [Some(10.0), Some(2.0), Some(1.0), None]);
    }

    #[test]
    fn texts_are_sorted_without_case_and_equal_rows_stay_in_place() {
        let items = [("b", 1), ("A", 2), ("B", 3)];
        let sorted = arranged(items.iter(), &Sort::parse("x").unwrap(), |(name, _), _| SortKey::text(name));
        assert_eq!(sorted, [("A", 2), ("b", 1), ("B", 3)]);
    }
}
