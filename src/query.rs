//! An operation as reactive data: the last good value, the latest error beside it, and when to ask again.
//!
//! What a query does is written once, over values whose type is erased; only a thin skin knows the type. Every screen
//! asks for something of its own, and a copy of all this for each would weigh more than the screens.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use azimuth_api::{ApiError, NoAnswer, Operation, Paged};
use futures::future::{AbortHandle, LocalBoxFuture, abortable};
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::{Client, Question};
use crate::navigation::Navigation;
use crate::pace::Pace;
use crate::route::Route;
use crate::seen::{Seen, SeenItem};
use crate::session::SessionKind;
use crate::transport::fetch::is_offline;

/// What can be a value: compared, so that an answer that says nothing new changes nothing on the screen.
pub trait Answer: Clone + PartialEq + Send + Sync + 'static {}

impl<T: Clone + PartialEq + Send + Sync + 'static> Answer for T {}

/// What was asked, as it stands. A handle: copies are the same query.
pub struct Query<T> {
    core: Core,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Query<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Query<T> {}

/// Asks an operation, and again whenever what it depends on changes. Stops when its page goes away.
///
/// Asking the same again keeps the value until the new one is there; asking something else begins empty.
pub fn query<O>(operation: impl Fn() -> O + 'static) -> Query<O::Output>
where
    O: Operation + Clone + 'static,
    O::Output: Answer,
{
    let client = expect_context::<Client>();
    let query = Query::new(client);
    query.core.watch(Box::new(move || {
        let operation = operation();
        let question = Question::of(&operation);
        let ask: Ask = Rc::new(move |_| {
            let operation = operation.clone();
            Box::pin(async move { client.ask(&operation).await.map(erased).map(Answered::Anew) })
        });
        Some((question, ask))
    }));
    query
}

/// Asks what takes several operations, beginning with one, as soon as there is one to begin with.
///
/// `ask` gets the value that is known, so that what never changes is not asked for again.
pub fn query_several<O, T, F>(
    first: impl Fn() -> Option<O> + 'static,
    ask: impl Fn(O, Option<T>) -> F + 'static,
) -> Query<T>
where
    O: Operation + Clone + 'static,
    T: Answer,
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let query = Query::new(expect_context::<Client>());
    let ask = Rc::new(ask);
    query.core.watch(Box::new(move || {
        let operation = first()?;
        let question = Question::of(&operation);
        let ask = Rc::clone(&ask);
        let ask: Ask = Rc::new(move |known| {
            let known = known.as_ref().map(typed::<T>).cloned();
            let asking = ask(operation.clone(), known);
            Box::pin(async move { asking.await.map(erased).map(Answered::Anew) })
        });
        Some((question, ask))
    }));
    query
}

impl<T: Answer> Query<T> {
    fn new(client: Client) -> Self {
        Self {
            core: Core::new(|one, other| one.downcast_ref::<T>() == other.downcast_ref::<T>(), client),
            of: PhantomData,
        }
    }

    /// Asks again after the delay that the function gives for a value. Nothing is asked while the tab is hidden.
    pub fn refresh(self, after: impl Fn(&T) -> Option<Duration> + 'static) -> Self {
        self.core.refresh.set_value(Rc::new(move |value| after(typed(value))));
        self
    }

    /// Reads the last good value, and is told of the next.
    pub fn with<R>(self, read: impl FnOnce(Option<&T>) -> R) -> R {
        self.core.value.with(|value| read(value.as_ref().map(typed)))
    }

    /// A copy of the last good value.
    pub fn get(self) -> Option<T> {
        self.with(|value| Some(value?.clone()))
    }

    /// Reads the last good value.
    pub fn with_untracked<R>(self, read: impl FnOnce(Option<&T>) -> R) -> R {
        self.core.value.with_untracked(|value| read(value.as_ref().map(typed)))
    }

    /// The value as it is shown: the last one stays readable while what shows it goes away.
    pub fn shown(self) -> Shown<T> {
        Shown(self)
    }
}

impl<T> Query<T> {
    /// Whether there is a value.
    pub fn has_value(self) -> bool {
        self.core.value.with(Option::is_some)
    }

    /// Why the latest question has no answer.
    pub fn error(self) -> Signal<Option<ApiError>> {
        self.core.error.into()
    }

    /// Whether an answer is awaited.
    pub fn is_loading(self) -> Signal<bool> {
        self.core.loading.into()
    }

    /// When the value came, in milliseconds since 1970.
    pub fn updated(self) -> Signal<Option<f64>> {
        self.core.updated.into()
    }

    /// Whether asking again by itself is paused.
    pub fn paused(self) -> RwSignal<bool> {
        self.core.paused
    }

    /// Until when it asks less often than usual, because the service said that it was too much; the past where it
    /// does not.
    pub fn calm_until(self) -> Signal<f64> {
        self.core.pace.calm_until()
    }

    /// Asks again now.
    pub fn ask_again(self) {
        self.core.asked.update(|count| *count += 1);
    }

    /// The query without its type, for what shows how it goes and not what it holds.
    pub fn progress(self) -> Query<()> {
        Query { core: self.core, of: PhantomData }
    }
}

/// A value that is there. A handle.
pub struct Shown<T>(Query<T>);

impl<T> Clone for Shown<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shown<T> {}

impl<T: Answer> Shown<T> {
    /// Reads it, and is told of the next.
    pub fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        self.0.core.value.track();
        let value = self.0.core.last.get_value().expect("a value is shown only once there is one");
        read(typed(&value))
    }

    /// A copy of it.
    pub fn get(self) -> T {
        self.with(T::clone)
    }
}

impl<T: Answer> From<Shown<T>> for Signal<T> {
    fn from(shown: Shown<T>) -> Self {
        Signal::derive(move || shown.get())
    }
}

type Erased = Arc<dyn Any + Send + Sync>;
type Ask = Rc<dyn Fn(Option<Erased>) -> LocalBoxFuture<'static, Result<Answered, ApiError>>>;
type Refresh = Rc<dyn Fn(&Erased) -> Option<Duration>>;
/// What to ask, once there is something.
type Begin = Box<dyn Fn() -> Option<(Question, Ask)>>;

/// What came of asking.
enum Answered {
    /// The value as it is now.
    Anew(Erased),
    /// The value as it was, and more of it; it goes on at once where still more is wanted.
    More(Erased, bool),
}

fn erased<T: Answer>(value: T) -> Erased {
    Arc::new(value)
}

fn typed<T: Answer>(value: &Erased) -> &T {
    value.downcast_ref().expect("a query holds values of its own type alone")
}

/// A query whose type is erased.
#[derive(Clone, Copy)]
struct Core {
    value: RwSignal<Option<Erased>>,
    /// The value that was there last, also after another question was asked.
    last: StoredValue<Option<Erased>>,
    is_same: fn(&Erased, &Erased) -> bool,
    error: RwSignal<Option<ApiError>>,
    loading: RwSignal<bool>,
    updated: RwSignal<Option<f64>>,
    asked: RwSignal<u32>,
    paused: RwSignal<bool>,
    pace: Pace,
    /// The demo does not.
    needs_network: bool,
    /// When to ask again, from the value alone; none when there is nothing to wait for.
    refresh: StoredValue<Refresh, LocalStorage>,
    /// Whether it is worth asking again by itself.
    can_change: bool,
    task: StoredValue<Option<AbortHandle>, LocalStorage>,
    /// What is asked now.
    question: StoredValue<Option<Question>, LocalStorage>,
}

impl Core {
    fn new(is_same: fn(&Erased, &Erased) -> bool, client: Client) -> Self {
        let core = Self {
            value: RwSignal::new(None),
            last: StoredValue::new(None),
            is_same,
            error: RwSignal::new(None),
            loading: RwSignal::new(true),
            updated: RwSignal::new(None),
            asked: RwSignal::new(0),
            paused: RwSignal::new(false),
            pace: client.pace(),
            needs_network: client.session().is_service(),
            refresh: StoredValue::new_local(Rc::new(|_| None)),
            can_change: client.session().kind() != SessionKind::Export,
            task: StoredValue::new_local(None),
            question: StoredValue::new_local(None),
        };
        if let Some(shown) = use_context::<OnScreen>() {
            shown.add(core);
        }
        core
    }

    /// Starts anew whenever the question changes, and asks the same question again whenever it is told to.
    fn watch(self, begin: Begin) {
        Effect::new(move |previous: Option<Option<(Question, u32, Ask)>>| {
            let asked = self.asked.get();
            let Some((question, ask)) = begin() else {
                self.stop();
                self.forget();
                return None;
            };
            let ask = match previous.flatten() {
                Some((known, count, ask)) if known == question => {
                    if count == asked {
                        return Some((known, count, ask));
                    }
                    // The same question goes on with what it knows of its pages.
                    ask
                }
                _ => {
                    self.forget();
                    ask
                }
            };
            let (task, handle) = abortable(self.keep_asking(Rc::clone(&ask)));
            self.stop();
            self.question.set_value(Some(question.clone()));
            self.task.set_value(Some(handle));
            self.loading.set(true);
            spawn_local(async move {
                let _ = task.await;
            });
            Some((question, asked, ask))
        });
        on_cleanup(move || self.stop());
    }

    fn forget(self) {
        self.value.set(None);
        self.error.set(None);
        self.updated.set(None);
    }

    fn stop(self) {
        // The page may be gone, and its values with it.
        let _ = self.task.try_update_value(|task| {
            if let Some(task) = task.take() {
                task.abort();
            }
        });
    }

    async fn keep_asking(self, ask: Ask) {
        let mut failures = 0;
        loop {
            let (mut waits_for_network, mut asked_to_wait) = (false, None);
            let _ = self.loading.try_set(true);
            let known = self.value.try_get_untracked().flatten();
            match ask(known.clone()).await {
                Ok(Answered::Anew(value)) => {
                    failures = 0;
                    self.updated.try_set(Some(js_sys::Date::now()));
                    self.error.try_set(None);
                    self.put(known, value);
                }
                Ok(Answered::More(value, wants_more)) => {
                    self.put(known, value);
                    if wants_more {
                        continue;
                    }
                }
                Err(error) => {
                    failures += 1;
                    waits_for_network = is_about_the_network(&error);
                    asked_to_wait = error.refusal().and_then(|refusal| refusal.retry_after);
                    self.error.try_set(Some(error));
                }
            }
            self.loading.try_set(false);
            let known = self.value.try_get_untracked().flatten();
            let refresh = self.refresh.try_get_value().filter(|_| self.can_change);
            let wanted = refresh.zip(known).and_then(|(after, value)| after(&value));
            match wanted {
                Some(delay) => {
                    let delay = after_failures(delay.saturating_mul(self.pace.factor()), failures);
                    let least = Duration::from_secs(asked_to_wait.unwrap_or_default().into());
                    sleep(delay.max(least)).await;
                }
                // What only the network kept from coming is asked for as soon as there is one again.
                None if waits_for_network && self.is_cut_off() => {}
                None => return,
            }
            self.until_wanted().await;
        }
    }

    fn put(self, known: Option<Erased>, value: Erased) {
        if !known.is_some_and(|known| (self.is_same)(&known, &value)) {
            let _ = self.last.try_update_value(|last| *last = Some(Arc::clone(&value)));
            self.value.try_set(Some(value));
        }
    }

    fn is_cut_off(self) -> bool {
        self.needs_network && is_offline()
    }

    /// Waits while the tab is hidden, the computer offline, or asking is paused.
    async fn until_wanted(self) {
        while is_hidden() || self.is_cut_off() || self.paused.try_get_untracked().unwrap_or(true) {
            sleep(Duration::from_millis(250)).await;
        }
    }
}

/// A service in trouble is asked less often: twice the delay for each failure in a row, up to two minutes.
fn after_failures(delay: Duration, failures: u32) -> Duration {
    const MOST: Duration = Duration::from_secs(120);
    delay.saturating_mul(2u32.saturating_pow(failures)).min(MOST.max(delay))
}

fn is_about_the_network(error: &ApiError) -> bool {
    matches!(
        error,
        ApiError::Unreachable(
            NoAnswer::Offline | NoAnswer::NoNetwork | NoAnswer::HostDead | NoAnswer::Failed
        )
    )
}

/// Everything that the screen shows of the service.
#[derive(Clone, Copy, Default)]
pub struct OnScreen(RwSignal<Vec<ShownQuery>>);

/// When a query was answered last, what it asks, and what makes it ask again.
#[derive(Clone, Copy)]
struct ShownQuery {
    updated: RwSignal<Option<f64>>,
    asked: RwSignal<u32>,
    question: StoredValue<Option<Question>, LocalStorage>,
}

impl OnScreen {
    /// When the oldest of it came, in milliseconds since 1970; none where nothing did.
    pub fn oldest(self) -> Option<f64> {
        self.0.with(|all| all.iter().filter_map(|query| query.updated.try_get().flatten()).reduce(f64::min))
    }

    /// Asks again what may have changed, by what was asked.
    pub fn ask_again(self, may_have_changed: impl Fn(&Question) -> bool) {
        let concerns = |query: &ShownQuery| {
            query.question.try_with_value(|question| question.as_ref().is_some_and(&may_have_changed))
        };
        let all = self.0.try_get_untracked().unwrap_or_default();
        for query in all.iter().filter(|query| concerns(query) == Some(true)) {
            let _ = query.asked.try_update(|count| *count += 1);
        }
    }

    /// Counts what its owner shows, until that goes away.
    fn add(self, core: Core) {
        let Core { updated, asked, question, .. } = core;
        self.0.update(|all| all.push(ShownQuery { updated, asked, question }));
        on_cleanup(move || {
            let _ = self.0.try_update(|all| all.retain(|known| known.updated != updated));
        });
    }
}

fn is_hidden() -> bool {
    web_sys::window().and_then(|window| window.document()).is_some_and(|document| document.hidden())
}

/// A list, as far as it was loaded.
pub struct Loaded<T> {
    pages: Pages,
    of: PhantomData<fn() -> T>,
}

/// The pages of a list whose type is erased.
#[derive(Clone, Default)]
struct Pages {
    /// Shared with the value before, as far as they are the same.
    pages: Vec<Arc<Vec<Entry>>>,
    has_more: bool,
}

/// An item, its id, and whether it changes by itself.
#[derive(Clone)]
struct Entry {
    id: String,
    changes: bool,
    item: Erased,
}

impl<T> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        Self { pages: self.pages.clone(), of: PhantomData }
    }
}

impl<T: Listed> PartialEq for Loaded<T> {
    fn eq(&self, other: &Self) -> bool {
        self.has_more() == other.has_more() && self.len() == other.len() && self.shared().eq(other.shared())
    }
}

/// An item of a list, kept once however often it is handed on.
pub struct Shared<T>(Arc<T>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl<T: Listed> Loaded<T> {
    /// A list that is there from its beginning to its end.
    pub fn whole(items: Vec<T>) -> Self {
        let entries = items.into_iter().map(|item| entry(item, false)).collect();
        Self { pages: Pages { pages: vec![Arc::new(entries)], has_more: false }, of: PhantomData }
    }

    /// The items, in the service's order.
    pub fn items(&self) -> impl Iterator<Item = &T> {
        self.pages.entries().map(|entry| typed(&entry.item))
    }

    /// The items, to be kept.
    pub fn shared(&self) -> impl Iterator<Item = Shared<T>> {
        let item = |entry: &Entry| Arc::clone(&entry.item).downcast();
        self.pages
            .entries()
            .map(move |entry| Shared(item(entry).expect("a list holds items of its own type alone")))
    }
}

impl<T> Loaded<T> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.pages.pages.iter().map(|page| page.len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the service has more.
    pub fn has_more(&self) -> bool {
        self.pages.has_more
    }
}

fn entry<T: Listed>(item: T, changes: bool) -> Entry {
    Entry { id: item.id(), changes, item: erased(item) }
}

/// Something of a list, told apart by its id.
pub trait Listed: Answer {
    /// An id that stays.
    fn id(&self) -> String;

    /// What the command palette finds from now on, where a list on this page brought it.
    fn seen(&self, _on: &Route) -> Vec<SeenItem> {
        Vec::new()
    }
}

/// A list that grows a page at a time.
pub struct ListQuery<T> {
    query: Query<Loaded<T>>,
    growth: Growth,
}

/// How far a list shall be loaded, and why it is not.
#[derive(Clone, Copy)]
struct Growth {
    /// So many pages.
    wanted: RwSignal<usize>,
    /// Whether the next one is asked for.
    is_asked: RwSignal<bool>,
    /// Why the next one did not come.
    error: RwSignal<Option<ApiError>>,
}

impl Growth {
    fn end(self, error: Option<ApiError>) {
        self.is_asked.try_set(false);
        self.error.try_set(error);
    }
}

impl<T> Clone for ListQuery<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ListQuery<T> {}

/// Asks for a list: its first page, and more when they are wanted.
pub fn list<O>(operation: impl Fn() -> O + 'static) -> ListQuery<O::Item>
where
    O: Paged + 'static,
    O::Item: Listed,
{
    ask_list(operation, |_| false, None)
}

/// The same, where some items change by themselves: a refresh goes as far as the last page that has one.
pub fn list_until<O>(operation: impl Fn() -> O + 'static, changes: fn(&O::Item) -> bool) -> ListQuery<O::Item>
where
    O: Paged + 'static,
    O::Item: Listed,
{
    ask_list(operation, changes, None)
}

/// The same for lists of any length whose new items come first. A refresh asks for the first page, and by their ids
/// for those further down that change: two requests, however much is loaded.
pub fn list_watched<O>(
    operation: impl Fn() -> O + 'static,
    changes: fn(&O::Item) -> bool,
    by_ids: fn(&O, &[String]) -> O,
) -> ListQuery<O::Item>
where
    O: Paged + 'static,
    O::Item: Listed,
{
    ask_list(operation, changes, Some(by_ids))
}

fn ask_list<O>(
    operation: impl Fn() -> O + 'static,
    changes: fn(&O::Item) -> bool,
    by_ids: Option<fn(&O, &[String]) -> O>,
) -> ListQuery<O::Item>
where
    O: Paged + 'static,
    O::Item: Listed,
{
    let client = expect_context::<Client>();
    let query = Query::<Loaded<O::Item>>::new(client);
    let growth =
        Growth { wanted: RwSignal::new(1), is_asked: RwSignal::new(false), error: RwSignal::new(None) };
    let seen = expect_context::<Seen>();
    let page = Rc::new(expect_context::<Navigation>().location().get_untracked());
    let kind = ListKind {
        wrap: |pages| erased(Loaded::<O::Item> { pages, of: PhantomData }),
        unwrap: |value| typed::<Loaded<O::Item>>(value).pages.clone(),
        is_same: |one, other| typed::<O::Item>(one) == typed::<O::Item>(other),
    };
    query.core.watch(Box::new(move || {
        let operation = operation();
        let question = Question::of(&operation);
        let page = Rc::clone(&page);
        let ask_page: AskPage = Rc::new(move |asked| {
            let operation = asked.downcast_ref::<O>().expect("a list asks its own operation").clone();
            let page = Rc::clone(&page);
            Box::pin(async move {
                let answer = client.ask(&operation).await?;
                let items = answer.value.iter().flat_map(|item| item.seen(&page.route)).collect();
                seen.put(page.session, items);
                let next = operation.after(&answer);
                if next.as_ref().is_some_and(|next| Question::of(next) == Question::of(&operation)) {
                    return Err(endless());
                }
                let next = next.map(|next| Rc::new(next) as Rc<dyn Any>);
                let entries = answer.value.into_iter().map(|item| {
                    let changes = changes(&item);
                    entry(item, changes)
                });
                Ok((entries.collect(), next))
            })
        });
        let by_ids = by_ids.map(|by_ids| {
            let operation = operation.clone();
            let by_ids: ByIds = Rc::new(move |ids| Rc::new(by_ids(&operation, ids)));
            by_ids
        });
        Some((question, ask_for_pages(Rc::new(operation), ask_page, by_ids, growth, kind)))
    }));
    ListQuery { query, growth }
}

/// Of a list that is wanted whole. A hundred items to a page, this is more than a page of the browser can hold.
const MOST_PAGES: usize = 5_000;

/// A list that leads from a page to the same page, or does not come to an end.
fn endless() -> ApiError {
    ApiError::Unreadable {
        status: 200,
        reason: "The list does not come to an end: from page to page it leads to the same or to ever more."
            .to_owned(),
        excerpt: String::new(),
    }
}

/// Everything that a list holds, page after page.
///
/// # Errors
/// As [`Client::ask`], and where the list leads to itself or has more pages than any should have.
pub async fn whole_list<O: Paged>(client: Client, first: O) -> Result<Vec<O::Item>, ApiError> {
    whole_list_told(client, first, &|_| ()).await
}

/// The same; `told` hears how many items were read so far.
///
/// # Errors
/// As [`whole_list`].
pub async fn whole_list_told<O: Paged>(
    client: Client,
    first: O,
    told: &dyn Fn(usize),
) -> Result<Vec<O::Item>, ApiError> {
    let mut items = Vec::new();
    let mut operation = first;
    for _ in 0..MOST_PAGES {
        let page = client.ask(&operation).await?;
        let next = operation.after(&page);
        items.extend(page.value);
        told(items.len());
        match next {
            Some(next) if Question::of(&next) == Question::of(&operation) => break,
            Some(next) => operation = next,
            None => return Ok(items),
        }
    }
    Err(endless())
}

/// Asks for one page; gives its items and the operation for the page after it.
type AskPage = Rc<dyn Fn(Rc<dyn Any>) -> LocalBoxFuture<'static, Result<PageAnswer, ApiError>>>;
type PageAnswer = (Vec<Entry>, Option<Rc<dyn Any>>);
/// The operation for items with these ids.
type ByIds = Rc<dyn Fn(&[String]) -> Rc<dyn Any>>;

/// How many items a refresh asks for by their ids; where more change, they take turns.
const WATCHED_AT_ONCE: usize = 40;

/// The way between a list and its pages.
#[derive(Clone, Copy)]
struct ListKind {
    wrap: fn(Pages) -> Erased,
    unwrap: fn(&Erased) -> Pages,
    is_same: fn(&Erased, &Erased) -> bool,
}

fn ask_for_pages(
    first: Rc<dyn Any>,
    ask_page: AskPage,
    by_ids: Option<ByIds>,
    growth: Growth,
    kind: ListKind,
) -> Ask {
    // The operation for each page; the one after the last known page is there if the service has more.
    let operations = Rc::new(RefCell::new(vec![first]));
    let turn = Rc::new(Cell::new(0));
    Rc::new(move |known| {
        let operations = Rc::clone(&operations);
        let ask_page = Rc::clone(&ask_page);
        let by_ids = by_ids.clone();
        let turn = Rc::clone(&turn);
        Box::pin(async move {
            let mut loaded = known.as_ref().map_or(Pages { pages: Vec::new(), has_more: true }, kind.unwrap);
            if loaded.pages.is_empty() {
                // Another question, another list.
                growth.wanted.try_set(1);
                growth.end(None);
            }
            let grows = loaded.is_short_of(growth.wanted.try_get_untracked().unwrap_or(1));
            if let Some(by_ids) = by_ids.filter(|_| !grows) {
                let first = operations.borrow()[0].clone();
                let (entries, next) = ask_page(first).await?;
                let has_more = next.is_some();
                if !loaded.put_first(entries, has_more, kind.is_same) {
                    let mut operations = operations.borrow_mut();
                    operations.truncate(1);
                    operations.extend(next);
                }
                let watched = loaded.watched(turn.get(), WATCHED_AT_ONCE);
                turn.set(turn.get().wrapping_add(WATCHED_AT_ONCE));
                if !watched.is_empty() {
                    let (entries, _) = ask_page(by_ids(&watched)).await?;
                    loaded.put_watched(&watched, entries, kind.is_same);
                }
                return Ok(Answered::Anew((kind.wrap)(loaded)));
            }
            let pages = match grows {
                true => loaded.pages.len()..loaded.pages.len() + 1,
                false => 0..loaded.last_to_change() + 1,
            };
            let is_first = loaded.pages.is_empty();
            for page in pages {
                let operation = operations.borrow().get(page).cloned();
                let Some(operation) = operation else {
                    // Nobody knows the way there, so nobody waits for it.
                    growth.wanted.try_set(loaded.pages.len());
                    break;
                };
                let (entries, next) = match ask_page(operation).await {
                    Ok(answer) => answer,
                    // What is there stays, and what is missing is said where it is missing.
                    Err(error) if grows && !is_first => {
                        growth.wanted.try_set(loaded.pages.len());
                        growth.end(Some(error));
                        return Ok(Answered::More((kind.wrap)(loaded), false));
                    }
                    Err(error) => return Err(error),
                };
                loaded.put(page, entries, next.is_some(), kind.is_same);
                let mut operations = operations.borrow_mut();
                // The way to the pages behind one that is refreshed stays known.
                match next {
                    None => operations.truncate(page + 1),
                    Some(next) if page + 1 < operations.len() => operations[page + 1] = next,
                    Some(next) => operations.push(next),
                }
            }
            if is_first || !grows {
                return Ok(Answered::Anew((kind.wrap)(loaded)));
            }
            let wants_more = loaded.is_short_of(growth.wanted.try_get_untracked().unwrap_or(1));
            if !wants_more {
                growth.end(None);
            }
            Ok(Answered::More((kind.wrap)(loaded), wants_more))
        })
    })
}

impl Pages {
    fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.pages.iter().flat_map(|page| page.iter())
    }

    fn is_short_of(&self, wanted: usize) -> bool {
        self.pages.len() < wanted && self.has_more
    }

    /// How far a refresh goes: to the last page of which something may have changed.
    fn last_to_change(&self) -> usize {
        self.pages.iter().rposition(|page| page.iter().any(|entry| entry.changes)).unwrap_or(0)
    }

    /// Puts the first page of a list whose new items come first before what is known. Whether the pages after it
    /// still follow it; otherwise they are gone, because more came than a page holds.
    fn put_first(
        &mut self,
        mut entries: Vec<Entry>,
        has_more: bool,
        is_same: fn(&Erased, &Erased) -> bool,
    ) -> bool {
        if self.pages.len() < 2 || !has_more {
            self.pages.truncate(1);
            self.put(0, entries, has_more, is_same);
            return false;
        }
        let places: HashMap<&str, usize> =
            self.entries().enumerate().map(|(place, entry)| (entry.id.as_str(), place)).collect();
        let last = entries.iter().filter_map(|entry| places.get(entry.id.as_str())).max().copied();
        let Some(last) = last else {
            self.pages = vec![Arc::new(entries)];
            return false;
        };
        let known: Vec<Entry> = self.entries().take(last + 1).cloned().collect();
        let known: HashMap<&str, &Entry> = known.iter().map(|entry| (entry.id.as_str(), entry)).collect();
        for entry in &mut entries {
            if let Some(known) =
                known.get(entry.id.as_str()).filter(|known| is_same(&known.item, &entry.item))
            {
                *entry = Entry::clone(known);
            }
        }
        // What stood before the last item of the page and is not in it any more is gone; what stood behind it was
        // only pushed down.
        let mut left = last + 1;
        for page in &mut self.pages {
            let gone = left.min(page.len());
            left -= gone;
            if gone > 0 {
                Arc::make_mut(page).drain(..gone);
            }
        }
        let pushed_down = std::mem::replace(&mut self.pages[0], Arc::new(entries));
        if !pushed_down.is_empty() {
            Arc::make_mut(&mut self.pages[1]).splice(0..0, pushed_down.iter().cloned());
        }
        true
    }

    /// The ids of those behind the first page that change by themselves, so many at most, from some turn on.
    fn watched(&self, turn: usize, most: usize) -> Vec<String> {
        let all: Vec<&Entry> =
            self.pages.iter().skip(1).flat_map(|page| page.iter()).filter(|entry| entry.changes).collect();
        let start = if all.len() > most { turn % all.len() } else { 0 };
        all.iter().cycle().skip(start).take(most.min(all.len())).map(|entry| entry.id.clone()).collect()
    }

    /// Puts what came of asking for some ids in its place; what did not come belongs to the list no longer.
    fn put_watched(&mut self, asked: &[String], entries: Vec<Entry>, is_same: fn(&Erased, &Erased) -> bool) {
        let asked: HashSet<&str> = asked.iter().map(String::as_str).collect();
        let mut found: HashMap<String, Entry> =
            entries.into_iter().map(|entry| (entry.id.clone(), entry)).collect();
        for page in self.pages.iter_mut().skip(1) {
            if !page.iter().any(|entry| asked.contains(entry.id.as_str())) {
                continue;
            }
            Arc::make_mut(page).retain_mut(|entry| {
                if !asked.contains(entry.id.as_str()) {
                    return true;
                }
                let Some(new) = found.remove(&entry.id) else { return false };
                if !is_same(&entry.item, &new.item) {
                    *entry = new;
                }
                true
            });
        }
    }

    /// Puts a page in its place. What it holds is taken out of the others: new items push old ones to later pages.
    fn put(
        &mut self,
        place: usize,
        mut entries: Vec<Entry>,
        has_more: bool,
        is_same: fn(&Erased, &Erased) -> bool,
    ) {
        let ids: HashSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
        let mut known = HashMap::new();
        for (index, page) in self.pages.iter_mut().enumerate() {
            let is_here = |entry: &Entry| ids.contains(entry.id.as_str());
            if !page.iter().any(is_here) {
                continue;
            }
            known.extend(
                page.iter().filter(|entry| is_here(entry)).map(|entry| (entry.id.clone(), entry.clone())),
            );
            if index != place {
                Arc::make_mut(page).retain(|entry| !is_here(entry));
            }
        }
        // What did not change stays the same thing, so that it need not be compared again.
        for entry in &mut entries {
            if let Some(known) = known.remove(&entry.id).filter(|known| is_same(&known.item, &entry.item)) {
                *entry = known;
            }
        }
        match self.pages.get_mut(place) {
            Some(page) => *page = Arc::new(entries),
            None => self.pages.push(Arc::new(entries)),
        }
        if !has_more {
            self.pages.truncate(place + 1);
        }
        // What follows a page before the last one is there already.
        if place + 1 == self.pages.len() {
            self.has_more = has_more;
        }
    }
}

impl<T: Listed> ListQuery<T> {
    /// The query below it.
    pub fn query(self) -> Query<Loaded<T>> {
        self.query
    }

    /// Asks again after the delay that the function gives for what is loaded.
    pub fn refresh(self, after: impl Fn(&Loaded<T>) -> Option<Duration> + 'static) -> Self {
        self.query.refresh(after);
        self
    }

    /// Asks for the next page, unless that is under way.
    pub fn more(self) {
        self.grow_by(1);
    }

    /// The same without anybody's press: as one comes to the end of what is there, or where all of it is wanted. What
    /// failed is left to a press on "Try again"; a list that cannot go on would be asked without an end.
    pub fn more_by_itself(self) {
        if self.growth.error.with_untracked(Option::is_none) {
            self.more();
        }
    }

    /// Asks for so many pages more, one after the other.
    pub fn grow_by(self, pages: usize) {
        let (loaded, has_more) = self.query.with_untracked(|loaded| {
            loaded.map_or((0, false), |loaded| (loaded.pages.pages.len(), loaded.has_more()))
        });
        if !has_more || self.growth.is_asked.get_untracked() {
            return;
        }
        self.growth.wanted.set(loaded + pages);
        self.growth.is_asked.set(true);
        self.growth.error.set(None);
        self.query.ask_again();
    }

    /// Asks for no more than is under way.
    pub fn stop_growing(self) {
        self.growth.wanted.set(0);
    }

    /// Whether more is asked for.
    pub fn is_growing(self) -> Signal<bool> {
        self.growth.is_asked.into()
    }

    /// Why the next page did not come.
    pub fn growth_error(self) -> Signal<Option<ApiError>> {
        self.growth.error.into()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Item(u32, bool);

    impl Listed for Item {
        fn id(&self) -> String {
            self.0.to_string()
        }
    }

    fn entries(items: &[Item]) -> Vec<Entry> {
        items.iter().map(|item| entry(item.clone(), item.1)).collect()
    }

    fn loaded(pages: &[&[Item]], has_more: bool) -> Pages {
        Pages { pages: pages.iter().map(|page| Arc::new(entries(page))).collect(), has_more }
    }

    fn is_same(one: &Erased, other: &Erased) -> bool {
        typed::<Item>(one) == typed::<Item>(other)
    }

    #[test]
    fn a_page_is_missing_only_where_the_service_has_more() {
        assert!(loaded(&[], true).is_short_of(1));
        assert!(loaded(&[&[Item(1, true)]], true).is_short_of(2));
        assert!(!loaded(&[&[Item(1, true)]], false).is_short_of(2));
    }

    #[test]
    fn a_refresh_goes_as_far_as_something_changes() {
        let all = loaded(&[&[Item(1, false)], &[Item(2, true)], &[Item(3, false)]], true);
        assert_eq!(all.last_to_change(), 1);
        assert_eq!(loaded(&[&[Item(1, false)]], false).last_to_change(), 0);
    }

    /// Asks for pages of a list of three, of which the first changes, until so many are there.
    fn three_pages() -> (Growth, impl FnMut(usize) -> (usize, bool)) {
        let growth =
            Growth { wanted: RwSignal::new(1), is_asked: RwSignal::new(false), error: RwSignal::new(None) };
        let ask_page: AskPage = Rc::new(|page| {
            let page = *page.downcast_ref::<u32>().expect("a page is asked for by its number");
            let next = (page < 2).then(|| Rc::new(page + 1) as Rc<dyn Any>);
            Box::pin(async move { Ok((entries(&[Item(page, page == 0)]), next)) })
        });
        let kind = ListKind {
            wrap: |pages| erased(Loaded::<Item> { pages, of: PhantomData }),
            unwrap: |value| typed::<Loaded<Item>>(value).pages.clone(),
            is_same,
        };
        let ask = ask_for_pages(Rc::new(0_u32), ask_page, None, growth, kind);
        let mut known = None;
        let ask_once = move |wanted: usize| {
            growth.wanted.set(wanted);
            let answer = ask(known.clone()).now_or_never().expect("every page is there at once");
            let (value, wants_more) = match answer.unwrap_or_else(|_| panic!("no page fails")) {
                Answered::Anew(value) => (value, false),
                Answered::More(value, wants_more) => (value, wants_more),
            };
            let count = typed::<Loaded<Item>>(&value).len();
            known = Some(value);
            (count, wants_more)
        };
        (growth, ask_once)
    }

    #[test]
    fn a_list_grows_on_after_its_beginning_was_refreshed() {
        let owner = Owner::new();
        owner.with(|| {
            let (_, mut ask) = three_pages();
            assert_eq!([ask(1), ask(2)], [(1, false), (2, false)]);
            assert_eq!(ask(2), (2, false), "a refresh");
            assert_eq!(ask(3), (3, false));
        });
    }

    #[test]
    fn a_list_that_is_whole_stays_whole_when_its_beginning_is_refreshed() {
        let owner = Owner::new();
        owner.with(|| {
            let (growth, mut ask) = three_pages();
            assert_eq!([ask(1), ask(2), ask(3)], [(1, false), (2, false), (3, false)]);
            assert_eq!(ask(3), (3, false), "a refresh");
            assert_eq!(ask(4), (3, false), "nobody goes on asking for what is not there");
            assert_eq!(growth.wanted.get_untracked(), 4);
        });
    }

    #[test]
    fn what_did_not_change_stays_the_same_thing() {
        let mut all = loaded(&[&[Item(2, false), Item(1, true)]], false);
        let before = all.clone();
        all.put(0, entries(&[Item(2, false), Item(1, false)]), false, is_same);
        let is_kept: Vec<bool> = before
            .entries()
            .zip(all.entries())
            .map(|(one, other)| Arc::ptr_eq(&one.item, &other.item))
            .collect();
        assert_eq!(is_kept, [true, false]);
    }

    #[test]
    fn an_item_that_moved_to_another_page_is_not_there_twice() {
        let mut all = loaded(&[&[Item(3, false), Item(2, false)], &[Item(1, false)]], true);
        all.put(0, entries(&[Item(4, false), Item(3, false)]), true, is_same);
        all.put(1, entries(&[Item(2, false), Item(1, false)]), false, is_same);
        let list = Loaded::<Item> { pages: all, of: PhantomData };
        assert_eq!(list.items().map(|item| item.0).collect::<Vec<_>>(), [4, 3, 2, 1]);
    }

    fn ids(pages: &Pages) -> Vec<Vec<u32>> {
        let ids = |page: &Arc<Vec<Entry>>| page.iter().map(|entry| typed::<Item>(&entry.item).0).collect();
        pages.pages.iter().map(ids).collect()
    }

    fn numbers(numbers: &[u32]) -> Vec<Entry> {
        entries(&numbers.iter().map(|number| Item(*number, false)).collect::<Vec<_>>())
    }

    fn three_loaded_pages() -> Pages {
        let pages = [&[6, 5][..], &[4, 3], &[2, 1]].map(|page| Arc::new(numbers(page)));
        Pages { pages: pages.into(), has_more: true }
    }

    #[test]
    fn new_items_push_the_others_down_and_none_is_lost() {
        let mut all = three_loaded_pages();
        assert!(all.put_first(numbers(&[7, 6]), true, is_same));
        assert_eq!(ids(&all), [vec![7, 6], vec![5, 4, 3], vec![2, 1]]);
        assert!(all.put_first(numbers(&[7, 6]), true, is_same));
        assert_eq!(ids(&all), [vec![7, 6], vec![5, 4, 3], vec![2, 1]]);
    }

    #[test]
    fn what_left_the_list_between_others_is_gone() {
        let mut all = three_loaded_pages();
        assert!(all.put_first(numbers(&[6, 4]), true, is_same));
        assert_eq!(ids(&all), [vec![6, 4], vec![3], vec![2, 1]]);
    }

    #[test]
    fn more_new_items_than_a_page_holds_begin_the_list_anew() {
        let mut all = three_loaded_pages();
        assert!(!all.put_first(numbers(&[9, 8]), true, is_same));
        assert_eq!(ids(&all), [vec![9, 8]]);
        let mut all = three_loaded_pages();
        assert!(!all.put_first(numbers(&[6, 5]), false, is_same));
        assert_eq!((ids(&all), all.has_more), (vec![vec![6, 5]], false));
    }

    #[test]
    fn those_that_change_are_watched_wherever_they_are_and_take_turns() {
        let changing = |number| Item(number, true);
        let mut all =
            loaded(&[&[changing(5)], &[changing(4), Item(3, false)], &[changing(2), changing(1)]], true);
        assert_eq!(all.watched(0, 10), ["4", "2", "1"]);
        assert_eq!(all.watched(2, 2), ["1", "4"]);
        let asked = ["4".to_owned(), "2".to_owned()];
        all.put_watched(&asked, entries(&[Item(4, false)]), is_same);
        assert_eq!(ids(&all), [vec![5], vec![4, 3], vec![1]]);
        assert_eq!(all.watched(0, 10), ["1"]);
    }

    #[test]
    fn a_list_is_the_same_only_with_the_same_items() {
        let list = |number| Loaded::whole(vec![Item(number, false)]);
        assert!(list(1) == list(1));
        assert!(list(1) != list(2));
    }

    #[test]
    fn a_service_in_trouble_is_asked_less_often() {
        let delay = Duration::from_secs(5);
        let delays: Vec<_> = [0, 1, 2, 10].map(|failures| after_failures(delay, failures).as_secs()).into();
        assert_eq!(delays, [5, 10, 20, 120]);
    }
}
