//! The runs of an experiment: those that are kept one by one, and those that a rule makes when they are asked for.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::filter::{Fact, Field, Fields};
use crate::state::{Run, text};

/// Runs in the order of their creation, oldest first.
#[derive(Default)]
pub struct Runs {
    rule: Option<Box<dyn Rule + Send>>,
    /// Runs of the rule that somebody changed, by their places.
    changed: BTreeMap<usize, Run>,
    kept: Vec<Run>,
}

/// Runs that follow from their places, so that a great many take no room. All are over, and older than any that is
/// kept.
pub trait Rule {
    fn count(&self) -> usize;

    /// The run at a place, oldest first.
    fn run(&self, place: usize) -> Run;

    /// The place of the run with an id.
    fn place(&self, id: &str) -> Option<usize>;

    /// A field of the run at a place, without making its document.
    fn fact(&self, place: usize, field: &Field) -> Option<Fact<'_>>;

    /// Shows every text that names a host.
    fn each_document(&mut self, visit: &dyn Fn(&mut Value));
}

/// An item of a list, whose document may not be made yet.
pub enum Item<'a> {
    Document(Value),
    Ruled(&'a dyn Rule, usize),
}

impl Item<'_> {
    pub fn document(self) -> Value {
        match self {
            Item::Document(document) => document,
            Item::Ruled(rule, place) => rule.run(place).document,
        }
    }
}

impl Fields for Item<'_> {
    fn fact(&self, field: &Field) -> Option<Fact<'_>> {
        match self {
            Item::Document(document) => document.fact(field),
            Item::Ruled(rule, place) => rule.fact(*place, field),
        }
    }
}

impl Runs {
    /// Runs that a rule makes, and none beside them.
    #[cfg(feature = "full")]
    pub fn ruled(rule: impl Rule + Send + 'static) -> Runs {
        Runs { rule: Some(Box::new(rule)), ..Runs::default() }
    }

    pub fn len(&self) -> usize {
        self.ruled_count() + self.kept.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn ruled_count(&self) -> usize {
        self.rule.as_ref().map_or(0, |rule| rule.count())
    }

    /// Takes a run in, at its place by creation.
    pub fn push(&mut self, run: Run) {
        let created = |run: &Run| text(&run.document, "createdUtc").to_owned();
        let place = self.kept.partition_point(|other| created(other) <= created(&run));
        self.kept.insert(place, run);
    }

    /// The runs that are kept. Every run that is not over is among them.
    pub fn kept(&self) -> impl Iterator<Item = &Run> {
        self.kept.iter()
    }

    /// The same, to be changed.
    pub fn kept_mut(&mut self) -> impl Iterator<Item = &mut Run> {
        self.kept.iter_mut()
    }

    /// The runs with some ids, or every run, made one after the other.
    pub fn iter(&self, ids: Option<&[&str]>) -> impl Iterator<Item = Cow<'_, Run>> {
        let ruled = self.places(ids).into_iter().filter_map(|place| self.at(place));
        ruled.chain(self.kept.iter().filter(move |run| is_among(ids, run)).map(Cow::Borrowed))
    }

    pub fn find(&self, id: &str) -> Option<Cow<'_, Run>> {
        if let Some(place) = self.rule.as_deref().and_then(|rule| rule.place(id)) {
            return self.at(place);
        }
        self.kept.iter().find(|run| run.id() == id).map(Cow::Borrowed)
    }

    /// The run with an id, to be changed: from then on it is kept.
    pub fn find_mut(&mut self, id: &str) -> Option<&mut Run> {
        if let Some(rule) = self.rule.as_deref()
            && let Some(place) = rule.place(id)
        {
            return Some(self.changed.entry(place).or_insert_with(|| rule.run(place)));
        }
        self.kept.iter_mut().find(|run| run.id() == id)
    }

    /// The run of the rule at a place, as it is after changes.
    fn at(&self, place: usize) -> Option<Cow<'_, Run>> {
        let changed = self.changed.get(&place).map(Cow::Borrowed);
        changed.or_else(|| Some(Cow::Owned(self.rule.as_deref()?.run(place))))
    }

    /// The places at the rule, in their order.
    fn places(&self, ids: Option<&[&str]>) -> Vec<usize> {
        let Some(rule) = self.rule.as_deref() else { return Vec::new() };
        let Some(ids) = ids else { return (0..rule.count()).collect() };
        let places: BTreeSet<usize> = ids.iter().filter_map(|id| rule.place(id)).collect();
        places.into_iter().collect()
    }

    /// The runs as items of a list, newest first; `ids` says which alone are looked at. `document` writes one that is
    /// kept.
    pub fn items(&self, ids: Option<&[&str]>, document: &dyn Fn(&Run) -> Value) -> Vec<Item<'_>> {
        let kept = self.kept.iter().rev().filter(|run| is_among(ids, run));
        let mut items: Vec<Item<'_>> = kept.map(|run| Item::Document(document(run))).collect();
        let Some(rule) = self.rule.as_deref() else { return items };
        items.extend(self.places(ids).into_iter().rev().map(|place| match self.changed.get(&place) {
            Some(run) => Item::Document(document(run)),
            None => Item::Ruled(rule, place),
        }));
        items
    }

    /// Visits every document that there is.
    pub fn each_document(&mut self, visit: &dyn Fn(&mut Value)) {
        if let Some(rule) = &mut self.rule {
            rule.each_document(visit);
        }
        self.changed.values_mut().chain(&mut self.kept).for_each(|run| visit(&mut run.document));
    }
}

fn is_among(ids: Option<&[&str]>, run: &Run) -> bool {
    ids.is_none_or(|ids| ids.contains(&run.id()))
}

impl FromIterator<Run> for Runs {
    fn from_iter<T: IntoIterator<Item = Run>>(runs: T) -> Runs {
        let mut all = Runs::default();
        runs.into_iter().for_each(|run| all.push(run));
        all
    }
}
