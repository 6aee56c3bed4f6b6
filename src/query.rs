//! An operation as reactive data: the last good value, the latest error beside it, and when to ask again.

use std::rc::Rc;
use std::time::Duration;

use azimuth_api::{ApiError, Operation, Paged};
use futures::future::{AbortHandle, LocalBoxFuture, abortable};
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::Client;

/// What was asked, as it stands. A handle: copies are the same query.
pub struct Query<T: Send + Sync + 'static> {
    value: RwSignal<Option<T>>,
    error: RwSignal<Option<ApiError>>,
    loading: RwSignal<bool>,
    updated: RwSignal<Option<f64>>,
    asked: RwSignal<u32>,
    paused: RwSignal<bool>,
    refresh: StoredValue<Refresh<T>>,
    task: StoredValue<Option<AbortHandle>, LocalStorage>,
}

/// When to ask again, from the value alone; none when there is nothing to wait for.
type Refresh<T> = fn(&T) -> Option<Duration>;

impl<T: Send + Sync + 'static> Clone for Query<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Query<T> {}

/// Asks an operation, and again whenever what it depends on changes. Stops when its page goes away.
///
/// Asking the same again keeps the value until the new one is there; asking something else begins empty.
pub fn query<O>(operation: impl Fn() -> O + Send + Sync + 'static) -> Query<O::Output>
where
    O: Operation + Clone + PartialEq + Send + Sync + 'static,
    O::Output: Clone + Send + Sync + 'static,
{
    let client = expect_context::<Client>();
    let query = Query::new();
    query.watch(operation, move |operation: O| {
        Rc::new(move |_| {
            let operation = operation.clone();
            Box::pin(async move { client.ask(&operation).await })
        })
    });
    query
}

impl<T: Send + Sync + 'static> Query<T> {
    fn new() -> Self {
        Self {
            value: RwSignal::new(None),
            error: RwSignal::new(None),
            loading: RwSignal::new(true),
            updated: RwSignal::new(None),
            asked: RwSignal::new(0),
            paused: RwSignal::new(false),
            refresh: StoredValue::new(|_| None),
            task: StoredValue::new_local(None),
        }
    }

    /// Asks again after the delay that the function gives for a value. Nothing is asked while the tab is hidden.
    pub fn refresh(self, after: fn(&T) -> Option<Duration>) -> Self {
        self.refresh.set_value(after);
        self
    }

    /// The last good value.
    pub fn value(self) -> RwSignal<Option<T>> {
        self.value
    }

    /// Why the latest question has no answer.
    pub fn error(self) -> Signal<Option<ApiError>> {
        self.error.into()
    }

    /// Whether an answer is awaited.
    pub fn is_loading(self) -> Signal<bool> {
        self.loading.into()
    }

    /// When the value came, in milliseconds since 1970.
    pub fn updated(self) -> Signal<Option<f64>> {
        self.updated.into()
    }

    /// Whether asking again by itself is paused.
    pub fn paused(self) -> RwSignal<bool> {
        self.paused
    }

    /// Asks again now.
    pub fn ask_again(self) {
        self.asked.update(|count| *count += 1);
    }
}

type Ask<T> = Rc<dyn Fn(Option<T>) -> LocalBoxFuture<'static, Result<T, ApiError>>>;

impl<T: Clone + Send + Sync + 'static> Query<T> {
    /// Starts anew whenever the question changes, and asks the same question again whenever it is told to.
    fn watch<Q>(self, question: impl Fn() -> Q + Send + Sync + 'static, ask: impl Fn(Q) -> Ask<T> + 'static)
    where
        Q: Clone + PartialEq + Send + Sync + 'static,
    {
        let question = Memo::new(move |_| question());
        Effect::new(move |previous: Option<Q>| {
            let question = question.get();
            self.asked.track();
            if previous.as_ref() != Some(&question) {
                self.value.set(None);
                self.error.set(None);
                self.updated.set(None);
            }
            let (task, handle) = abortable(self.keep_asking(ask(question.clone())));
            self.stop();
            self.task.set_value(Some(handle));
            self.loading.set(true);
            spawn_local(async move {
                let _ = task.await;
            });
            question
        });
        on_cleanup(move || self.stop());
    }

    fn stop(self) {
        // The page may be gone, and its values with it.
        let _ = self.task.try_update_value(|task| {
            if let Some(task) = task.take() {
                task.abort();
            }
        });
    }

    async fn keep_asking(self, ask: Ask<T>) {
        let mut failures = 0;
        loop {
            let _ = self.loading.try_set(true);
            let known = self.value.try_get_untracked().flatten();
            match ask(known).await {
                Ok(value) => {
                    failures = 0;
                    self.updated.try_set(Some(js_sys::Date::now()));
                    self.error.try_set(None);
                    self.value.try_set(Some(value));
                }
                Err(error) => {
                    failures += 1;
                    self.error.try_set(Some(error));
                }
            }
            self.loading.try_set(false);
            let refresh = self.refresh.try_get_value();
            let wanted = self.value.try_with_untracked(|value| {
                value.as_ref().zip(refresh).and_then(|(value, after)| after(value))
            });
            let Some(delay) = wanted.flatten() else { return };
            sleep(after_failures(delay, failures)).await;
            self.until_wanted().await;
        }
    }

    /// Waits while the tab is hidden or asking is paused.
    async fn until_wanted(self) {
        while is_hidden() || self.paused.try_get_untracked().unwrap_or(true) {
            sleep(Duration::from_millis(250)).await;
        }
    }
}

/// A service in trouble is asked less often: twice the delay for each failure in a row, up to two minutes.
fn after_failures(delay: Duration, failures: u32) -> Duration {
    const MOST: Duration = Duration::from_secs(120);
    delay.saturating_mul(2u32.saturating_pow(failures)).min(MOST.max(delay))
}

fn is_hidden() -> bool {
    web_sys::window().and_then(|window| window.document()).is_some_and(|document| document.hidden())
}

/// A list, as far as it was loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded<T> {
    pages: Vec<Vec<T>>,
    has_more: bool,
}

impl<T> Loaded<T> {
    /// A list that is there from its beginning to its end.
    pub fn whole(items: Vec<T>) -> Self {
        Self { pages: vec![items], has_more: false }
    }

    /// The items, in the service's order.
    pub fn items(&self) -> impl Iterator<Item = &T> {
        self.pages.iter().flatten()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.pages.iter().map(Vec::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the service has more.
    pub fn has_more(&self) -> bool {
        self.has_more
    }
}

/// Something of a list, told apart by its id.
pub trait Listed: Clone + Send + Sync + 'static {
    /// An id that stays.
    fn id(&self) -> String;
}

/// A list that grows a page at a time.
pub struct ListQuery<T: Send + Sync + 'static> {
    query: Query<Loaded<T>>,
    wanted: RwSignal<usize>,
}

impl<T: Send + Sync + 'static> Clone for ListQuery<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for ListQuery<T> {}

/// Asks for a list: its first page, and more when they are wanted.
pub fn list<O>(operation: impl Fn() -> O + Send + Sync + 'static) -> ListQuery<O::Item>
where
    O: Paged + PartialEq + Send + Sync + 'static,
    O::Item: Listed,
{
    list_until(operation, |_| false)
}

/// The same, where some items change by themselves: a refresh goes as far as the last page that has one.
pub fn list_until<O>(
    operation: impl Fn() -> O + Send + Sync + 'static,
    changes: fn(&O::Item) -> bool,
) -> ListQuery<O::Item>
where
    O: Paged + PartialEq + Send + Sync + 'static,
    O::Item: Listed,
{
    let client = expect_context::<Client>();
    let query = Query::new();
    let wanted = RwSignal::new(1);
    query.watch(operation, move |operation: O| {
        wanted.set(1);
        // The question for each page; the one after the last known page is there if the service has more.
        let questions = Rc::new(std::cell::RefCell::new(vec![operation]));
        Rc::new(move |known: Option<Loaded<O::Item>>| {
            let questions = Rc::clone(&questions);
            Box::pin(async move {
                let wanted = wanted.try_get_untracked().unwrap_or(1);
                let mut loaded = known.unwrap_or(Loaded { pages: Vec::new(), has_more: true });
                let (first, last) = pages_to_ask(&loaded, wanted, changes);
                for page in first..last {
                    let question = questions.borrow().get(page).cloned();
                    let Some(question) = question else { break };
                    let answer = client.ask(&question).await?;
                    let next = question.after(&answer);
                    let mut questions = questions.borrow_mut();
                    questions.truncate(page + 1);
                    loaded.has_more = next.is_some();
                    questions.extend(next);
                    drop(questions);
                    loaded.put(page, answer.value);
                    if !loaded.has_more {
                        loaded.pages.truncate(page + 1);
                    }
                }
                Ok(loaded)
            })
        })
    });
    ListQuery { query, wanted }
}

/// From which page to which (exclusive): the missing ones, or, if none is missing, those that may have changed.
fn pages_to_ask<T>(loaded: &Loaded<T>, wanted: usize, changes: fn(&T) -> bool) -> (usize, usize) {
    if loaded.pages.len() < wanted && loaded.has_more {
        return (loaded.pages.len(), wanted);
    }
    let last = loaded.pages.iter().rposition(|page| page.iter().any(changes)).unwrap_or(0);
    (0, last + 1)
}

impl<T: Listed> Loaded<T> {
    /// Puts a page in its place. What it holds is taken out of the others: new items push old ones to later pages.
    fn put(&mut self, place: usize, items: Vec<T>) {
        let ids: std::collections::HashSet<String> = items.iter().map(Listed::id).collect();
        for (index, page) in self.pages.iter_mut().enumerate() {
            if index != place {
                page.retain(|item| !ids.contains(&item.id()));
            }
        }
        match self.pages.get_mut(place) {
            Some(page) => *page = items,
            None => self.pages.push(items),
        }
    }
}

impl<T: Listed> ListQuery<T> {
    /// The query below it.
    pub fn query(self) -> Query<Loaded<T>> {
        self.query
    }

    /// Asks again after the delay that the function gives for what is loaded.
    pub fn refresh(self, after: fn(&Loaded<T>) -> Option<Duration>) -> Self {
        self.query.refresh(after);
        self
    }

    /// Asks for the next page.
    pub fn more(self) {
        let loaded =
            self.query.value.with_untracked(|value| value.as_ref().map_or(0, |loaded| loaded.pages.len()));
        self.wanted.set(loaded + 1);
        self.query.ask_again();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Item(u32, bool);

    impl Listed for Item {
        fn id(&self) -> String {
            self.0.to_string()
        }
    }

    fn loaded(pages: &[&[Item]], has_more: bool) -> Loaded<Item> {
        Loaded { pages: pages.iter().map(|page| page.to_vec()).collect(), has_more }
    }

    fn changes(item: &Item) -> bool {
        item.1
    }

    #[test]
    fn a_missing_page_is_asked_for_alone() {
        assert_eq!(pages_to_ask(&loaded(&[], true), 1, changes), (0, 1));
        assert_eq!(pages_to_ask(&loaded(&[&[Item(1, true)]], true), 2, changes), (1, 2));
    }

    #[test]
    fn a_refresh_goes_as_far_as_something_changes() {
        let still = Item(1, false);
        let moving = Item(2, true);
        let all = loaded(&[&[still.clone()], &[moving], &[still]], true);
        assert_eq!(pages_to_ask(&all, 3, changes), (0, 2));
        assert_eq!(pages_to_ask(&loaded(&[&[Item(1, false)]], false), 2, changes), (0, 1));
    }

    #[test]
    fn an_item_that_moved_to_another_page_is_not_there_twice() {
        let mut all = loaded(&[&[Item(3, false), Item(2, false)], &[Item(1, false)]], false);
        all.put(0, vec![Item(4, false), Item(3, false)]);
        all.put(1, vec![Item(2, false), Item(1, false)]);
        assert_eq!(all.items().map(|item| item.0).collect::<Vec<_>>(), [4, 3, 2, 1]);
    }

    #[test]
    fn a_service_in_trouble_is_asked_less_often() {
        let delay = Duration::from_secs(5);
        let delays: Vec<_> = [0, 1, 2, 10].map(|failures| after_failures(delay, failures).as_secs()).into();
        assert_eq!(delays, [5, 10, 20, 120]);
    }
}
