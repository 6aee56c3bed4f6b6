//! Several questions of one kind, a few at a time.

use std::time::Duration;

use azimuth_api::{ApiError, Operation};
use leptos::prelude::*;

use crate::query::{Answer, Query, query};

/// How many wait for their answer at a time.
const AT_ONCE: usize = 4;

/// What a question of [`several`] is told apart by.
pub trait Key: Answer {}

impl<K: Answer> Key for K {}

/// The questions that were asked so far, in their order. A handle.
pub struct Several<K: Key, T: 'static> {
    asked: RwSignal<Vec<(K, Query<T>)>>,
}

impl<K: Key, T> Clone for Several<K, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Key, T> Copy for Several<K, T> {}

/// Asks for each of what is wanted, in this order. What was asked once stays, and is asked again after the delay that
/// `after` gives for its answer.
pub fn several<K, O>(
    wanted: Signal<Vec<K>>,
    operation: impl Fn(&K) -> O + 'static,
    after: fn(&O::Output) -> Option<Duration>,
) -> Several<K, O::Output>
where
    K: Key,
    O: Operation + Clone + 'static,
    O::Output: Answer,
{
    let asked = RwSignal::new(Vec::<(K, Query<O::Output>)>::new());
    // What is made in an effect lives until that runs again; these live as long as who asks.
    let owner = Owner::current().expect("whoever asks has an owner");
    Effect::new(move || {
        let next: Vec<K> = asked.with(|asked| {
            let waiting = asked.iter().filter(|(_, query)| is_waiting(*query)).count();
            let is_new = |key: &&K| !asked.iter().any(|(known, _)| known == *key);
            wanted.with(|wanted| {
                wanted.iter().filter(is_new).take(AT_ONCE.saturating_sub(waiting)).cloned().collect()
            })
        });
        if next.is_empty() {
            return;
        }
        let made = owner.with(|| {
            let ask = |key: K| {
                let operation = operation(&key);
                (key, query(move || operation.clone()).refresh(after))
            };
            next.into_iter().map(ask).collect::<Vec<_>>()
        });
        asked.update(|asked| asked.extend(made));
    });
    Several { asked }
}

fn is_waiting<T: 'static>(query: Query<T>) -> bool {
    !query.has_value() && query.error().with(Option::is_none)
}

impl<K: Key, T: Answer> Several<K, T> {
    /// What was answered.
    pub fn answers(self) -> Vec<(K, T)> {
        self.asked
            .with(|asked| asked.iter().filter_map(|(key, query)| Some((key.clone(), query.get()?))).collect())
    }

    /// What was asked for in vain.
    pub fn failures(self) -> Vec<(K, ApiError)> {
        self.asked.with(|asked| {
            asked.iter().filter_map(|(key, query)| Some((key.clone(), query.error().get()?))).collect()
        })
    }

    /// How many of these were answered, or asked for in vain.
    pub fn done(self, of: &[K]) -> usize {
        self.asked
            .with(|asked| asked.iter().filter(|(key, query)| !is_waiting(*query) && of.contains(key)).count())
    }

    /// Asks again for what was asked for in vain.
    pub fn ask_failed_again(self) {
        for (_, query) in self.asked.get_untracked() {
            if query.error().with_untracked(Option::is_some) {
                query.ask_again();
            }
        }
    }

    /// Asks for everything again.
    pub fn ask_again(self) {
        for (_, query) in self.asked.get_untracked() {
            query.ask_again();
        }
    }
}
