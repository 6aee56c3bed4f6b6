//! The rows of a table of any length. Of a long one only what is near the screen is in the page; gaps stand for the
//! rest.
//!
//! It works with a table that scrolls in its frame and with one that scrolls with the page. What has the focus stays
//! in the page, wherever one scrolls, and what one looks at stays where it is when rows come and go above it.

mod heights;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;
use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;
use leptos::reactive::owner::Owner;
use leptos::tachys::view::any_view::AnyViewState;
use leptos::tachys::view::{Mountable, Render};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{
    Element, Event, EventTarget, FocusOptions, HtmlElement, HtmlInputElement, KeyboardEvent, Node,
};

use crate::components::rows::heights::{Change, Heights};

/// So many rows are all in the page, which spares short tables the work.
const ALL: usize = 60;

/// How far beyond the screen rows are in the page already.
const AHEAD: f64 = 160.0;

/// As many go on paper.
const PRINTED: usize = 1_000;

/// A list that grows as one comes to its end; given as a context to the tables of its page.
#[derive(Clone, Copy)]
pub struct Growing {
    /// The end is near.
    pub more: Callback<()>,
    /// Whether there is more, so that nobody says how many there are.
    pub has_more: Signal<bool>,
    /// Filter and order: with another one, the table is looked at from its top.
    pub arrangement: Signal<String>,
    /// How many came above what one looks at; the table counts them, and forgets them at its top.
    pub arrived: RwSignal<usize>,
}

/// The `<tbody>` of a table.
#[component]
pub fn Rows<T, K, V>(
    /// All of them.
    #[prop(into)]
    each: Signal<Vec<T>>,
    /// What tells them apart. A row stays for as long as its key, and is told of what changes.
    key: fn(&T) -> K,
    /// The `<tr>` of one.
    children: impl Fn(Signal<T>) -> V + 'static,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    K: Eq + Hash + 'static,
    V: IntoView + 'static,
{
    let items = Rc::new(RefCell::new(Rc::new(Vec::<T>::new())));
    let owner = Owner::current().unwrap_or_default();
    let build = {
        let items = Rc::clone(&items);
        move |index: usize| {
            let owner = owner.child();
            let item = items.borrow()[index].clone();
            let (signal, state) = owner.with(|| {
                let signal = RwSignal::new(item);
                let view = untrack(|| children(signal.into()).into_any());
                (signal, view.build())
            });
            let items = Rc::clone(&items);
            let tell = move |index: usize| {
                let items = items.borrow();
                if signal.with_untracked(|known| *known != items[index]) {
                    signal.set(items[index].clone());
                }
            };
            Row { owner, state, tell: Box::new(tell) }
        }
    };
    let follow = move |body: &Body| {
        let new = Rc::new(each.get());
        let old = items.replace(Rc::clone(&new));
        let change = Change::between(&old, &new, |one, other| one == other || key(one) == key(other));
        let middle = change.prefix..change.len - change.suffix;
        let places: HashMap<K, usize> = match old.len() == change.prefix + change.suffix {
            true => HashMap::new(),
            false => middle.map(|index| (key(&new[index]), index)).collect(),
        };
        untrack(|| body.replace(&change, |index| places.get(&key(&old[index])).copied()));
    };
    rows(Box::new(build), Box::new(follow))
}

type Build = Box<dyn Fn(usize) -> Row>;
type Follow = Box<dyn Fn(&Body)>;

/// What does not depend on the type of the items.
fn rows(build: Build, follow: Follow) -> AnyView {
    let growing = use_context::<Growing>();
    let body = Body(Rc::new(Table {
        state: RefCell::new(State::default()),
        build,
        element: RefCell::new(None),
        growing,
        is_printed: Cell::new(false),
    }));
    let node = NodeRef::<html::Tbody>::new();
    Effect::new({
        let body = body.clone();
        move |known: Option<Option<String>>| {
            let arrangement = growing.map(|growing| growing.arrangement.get());
            if known.is_some_and(|known| known != arrangement) {
                untrack(|| body.to_top());
            }
            arrangement
        }
    });
    Effect::new({
        let body = body.clone();
        move |_| {
            let Some(element) = node.get() else { return };
            *body.0.element.borrow_mut() = Some(element.unchecked_into());
            follow(&body);
        }
    });
    Effect::new({
        let body = body.clone();
        move |_| {
            let Some(growing) = growing else { return };
            growing.has_more.get();
            body.count();
        }
    });
    body.listen();
    let on_key = {
        let body = StoredValue::new_local(body.clone());
        move |event: KeyboardEvent| body.with_value(|body| body.press(&event))
    };
    let on_focus = {
        let body = StoredValue::new_local(body.clone());
        move |_: web_sys::FocusEvent| body.with_value(Body::follow_focus)
    };
    let body = StoredValue::new_local(body);
    on_cleanup(move || body.with_value(Body::clear));

    view! { <tbody node_ref=node on:keydown=on_key on:focusin=on_focus on:focusout=on_focus></tbody> }
        .into_any()
}

/// A row as it was drawn.
struct Row {
    owner: Owner,
    state: AnyViewState,
    /// Tells it what its item is now.
    tell: Box<dyn Fn(usize)>,
}

/// A row in the page.
struct Mounted {
    index: usize,
    row: Row,
    element: HtmlElement,
    /// Which row it is said to be, counted with the head; 0 where nothing is said.
    counted: usize,
    /// What stands for the rows that are missing above it.
    gap: Option<Gap>,
}

#[derive(Default)]
struct State {
    heights: Heights,
    /// In the order of their indices.
    mounted: Vec<Mounted>,
    /// What stands for the rows that are missing at the end.
    tail: Option<Gap>,
    /// Where the row with the focus is.
    focused: Option<usize>,
    /// The first row that one sees, and how far below the upper edge it begins.
    seen: Option<(usize, f64)>,
}

/// Rows that are not there, as high as they would be.
struct Gap {
    row: HtmlElement,
    cell: HtmlElement,
    height: f64,
}

impl Gap {
    fn new() -> Self {
        let create = |name| -> HtmlElement {
            document().create_element(name).expect("the name is one of an element").unchecked_into()
        };
        let (row, cell) = (create("tr"), create("td"));
        let _ = row.set_attribute("aria-hidden", "true");
        row.set_class_name("gap");
        let _ = row.append_child(&cell);
        Self { row, cell, height: 0.0 }
    }

    fn set(&mut self, height: f64) {
        if self.height != height {
            self.height = height;
            let _ = self.cell.style().set_property("height", &format!("{height}px"));
        }
    }
}

/// Puts a gap of a height before a node, or takes it away.
fn put_gap(gap: &mut Option<Gap>, height: f64, body: &Element, before: Option<&Node>) {
    if height <= 0.0 {
        if let Some(gap) = gap.take() {
            gap.row.remove();
        }
        return;
    }
    let gap = gap.get_or_insert_with(|| {
        let gap = Gap::new();
        let _ = body.insert_before(&gap.row, before);
        gap
    });
    gap.set(height);
}

struct Table {
    state: RefCell<State>,
    build: Build,
    element: RefCell<Option<HtmlElement>>,
    growing: Option<Growing>,
    is_printed: Cell<bool>,
}

/// The body of a table. A handle.
#[derive(Clone)]
struct Body(Rc<Table>);

/// What of the page can be seen of a table, in its coordinates.
struct View {
    top: f64,
    bottom: f64,
    /// How much of it a head covers that stays.
    head: f64,
    /// What is scrolled.
    scroller: Element,
}

impl Body {
    fn element(&self) -> Option<HtmlElement> {
        self.0.element.borrow().clone()
    }

    /// Other rows; `place` says where one between those that stayed is now.
    fn replace(&self, change: &Change, place: impl Fn(usize) -> Option<usize>) {
        let Some(element) = self.element() else { return };
        let mut lost_focus = None;
        let arrived;
        let keeps_place = {
            let mut state = self.0.state.borrow_mut();
            let State { heights, mounted, focused, seen, .. } = &mut *state;
            let old_len = heights.len();
            let new_place = |index: usize| match index {
                index if index < change.prefix => Some(index),
                index if index >= old_len - change.suffix => Some(index + change.len - old_len),
                index => place(index),
            };
            let places: Vec<Option<usize>> = mounted.iter().map(|row| new_place(row.index)).collect();
            // Rows that only moved apart are the same list; others are another order of it.
            let is_same_order = places.iter().flatten().is_sorted();
            let was_focused = focused.take();
            for (row, place) in std::mem::take(mounted).into_iter().zip(places) {
                match place.filter(|_| is_same_order) {
                    Some(place) => {
                        if was_focused == Some(row.index) {
                            *focused = Some(place);
                        }
                        mounted.push(Mounted { index: place, ..row });
                    }
                    None => {
                        if was_focused == Some(row.index) {
                            lost_focus = place.or(Some(row.index));
                        }
                        remove(row);
                    }
                }
            }
            heights.replace(change);
            let above = seen.and_then(|(index, _)| Some(new_place(index)?.saturating_sub(index)));
            arrived = above.filter(|_| is_same_order && old_len > 0).unwrap_or(0);
            *seen = seen.and_then(|(index, offset)| Some((new_place(index)?, offset)));
            for row in mounted {
                (row.row.tell)(row.index);
            }
            is_same_order && old_len > 0
        };
        let is_scrolled = self
            .view(&element)
            .is_some_and(|view| element.get_bounding_client_rect().top() < view.top + view.head - 1.0);
        let has_focus = self.0.state.borrow().focused.is_some();
        if let Some(growing) = self.0.growing.filter(|_| is_scrolled && arrived > 0) {
            growing.arrived.update(|count| *count += arrived);
        }
        self.update(keeps_place && (is_scrolled || has_focus));
        if let Some(index) = lost_focus {
            let last = self.0.state.borrow().heights.len().checked_sub(1);
            if let Some(last) = last {
                self.go_to(index.min(last), 0);
            }
        }
    }

    /// Puts what is near the screen into the page, and takes the rest out.
    fn update(&self, keeps_place: bool) {
        let Some(element) = self.element() else { return };
        let Some(view) = self.view(&element) else { return };
        self.update_in(&element, &view, keeps_place);
        // The first rows may have made their frame higher.
        if let Some(grown) = self.view(&element).filter(|grown| grown.bottom - view.bottom > AHEAD / 2.0) {
            self.update_in(&element, &grown, false);
        }
    }

    fn update_in(&self, element: &HtmlElement, view: &View, keeps_place: bool) {
        let Ok(mut state) = self.0.state.try_borrow_mut() else { return };
        let count = state.heights.len();
        let body_top = element.get_bounding_client_rect().top();
        if !keeps_place {
            state.seen = state.first_seen(view);
        }
        let offset = match state.seen.filter(|_| keeps_place) {
            Some((index, offset)) => state.heights.sum(0..index) - offset,
            None => view.top - body_top,
        };
        let range = if self.0.is_printed.get() {
            0..count.min(PRINTED)
        } else if count <= ALL {
            0..count
        } else {
            state.heights.window(offset - AHEAD, offset + view.bottom - view.top + AHEAD)
        };
        self.mount(&mut state, element, range.clone());
        // Before anything is measured: what is written after it makes the browser do its work twice a frame.
        self.count_in(element, &mut state);
        state.settle(element);
        if freeze(element, count > ALL && !self.0.is_printed.get(), &state) {
            state.heights.forget();
        }
        if state.measure() {
            state.settle(element);
        }
        // Rows above may be higher than they were thought to be, and new ones may have come.
        if let Some((index, wanted)) = state.seen
            && let Some(row) = state.mounted.iter().find(|row| row.index == index)
        {
            let moved = row.element.get_bounding_client_rect().top() - view.top - wanted;
            if moved.abs() >= 1.0 {
                view.scroller.set_scroll_top(view.scroller.scroll_top() + moved.round() as i32);
            }
        }
        state.seen = state.first_seen(view);
        let is_at_top = state.seen.is_none_or(|(index, _)| index == 0);
        drop(state);
        if let Some(growing) =
            self.0.growing.filter(|growing| is_at_top && growing.arrived.get_untracked() > 0)
        {
            growing.arrived.set(0);
        }
        let is_near_the_end = range.end + range.len() >= count;
        if is_near_the_end
            && count > 0
            && !self.0.is_printed.get()
            && let Some(growing) = self.0.growing.filter(|growing| growing.has_more.get_untracked())
        {
            growing.more.run(());
        }
    }

    /// Draws the rows that are missing in a range, and removes those outside, except the one with the focus.
    fn mount(&self, state: &mut State, element: &Element, range: Range<usize>) {
        let focused = state.focused;
        let is_wanted = |index: usize| range.contains(&index) || focused == Some(index);
        let (stays, goes): (Vec<_>, Vec<_>) =
            std::mem::take(&mut state.mounted).into_iter().partition(|row| is_wanted(row.index));
        goes.into_iter().for_each(remove);
        let mut missing: Vec<usize> = range.clone().collect();
        missing.extend(focused.filter(|index| !range.contains(index) && *index < state.heights.len()));
        missing.sort_unstable();
        let mut stays = stays.into_iter().peekable();
        for index in missing {
            if let Some(row) = stays.next_if(|row| row.index == index) {
                state.mounted.push(row);
                continue;
            }
            let mut row = (self.0.build)(index);
            let next = stays.peek().map(|row| row.gap.as_ref().map_or(&row.element, |gap| &gap.row));
            let next: Option<&Node> = next.or(state.tail.as_ref().map(|gap| &gap.row)).map(AsRef::as_ref);
            row.state.mount(element, next);
            let drawn = row.state.elements().into_iter().next();
            let drawn = drawn.expect("a row draws its <tr>").unchecked_into();
            state.mounted.push(Mounted { index, row, element: drawn, counted: 0, gap: None });
        }
    }

    /// Says to those who cannot see the gaps how many rows there are, and which ones these are.
    fn count(&self) {
        let Some(element) = self.element() else { return };
        if let Ok(mut state) = self.0.state.try_borrow_mut() {
            self.count_in(&element, &mut state);
        }
    }

    fn count_in(&self, element: &Element, state: &mut State) {
        let Ok(Some(table)) = element.closest("table") else { return };
        let has_more = self.0.growing.is_some_and(|growing| growing.has_more.get_untracked());
        let is_whole = state.mounted.len() == state.heights.len() && !has_more;
        let set = |element: &Element, name: &str, value: Option<String>| {
            if element.get_attribute(name) != value {
                let _ = match value {
                    Some(value) => element.set_attribute(name, &value),
                    None => element.remove_attribute(name),
                };
            }
        };
        // The head is the first row; -1 says that nobody knows how many there are.
        let all = if has_more { "-1".to_owned() } else { (state.heights.len() + 1).to_string() };
        set(&table, "aria-rowcount", (!is_whole).then_some(all));
        for row in &mut state.mounted {
            let counted = if is_whole { 0 } else { row.index + 2 };
            if row.counted != counted {
                row.counted = counted;
                set(&row.element, "aria-rowindex", (!is_whole).then(|| counted.to_string()));
            }
        }
    }

    /// What can be seen of the table now.
    fn view(&self, element: &Element) -> Option<View> {
        let window = web_sys::window()?;
        let height = window.inner_height().ok()?.as_f64()?;
        let frame = element.closest(".table-frame").ok().flatten();
        let style = |element: &Element, name: &str| {
            let style = window.get_computed_style(element).ok().flatten()?;
            style.get_property_value(name).ok()
        };
        let frame = frame.filter(|frame| style(frame, "overflow-y").is_some_and(|word| word != "visible"));
        let table = element.closest("table").ok()??;
        let heads =
            ["thead", "thead th"].into_iter().filter_map(|name| table.query_selector(name).ok().flatten());
        let mut heads = heads.filter(|head| style(head, "position").is_some_and(|word| word == "sticky"));
        let head = heads.next().map_or(0.0, |head| head.get_bounding_client_rect().height());
        let has_frame = frame.as_ref().is_some_and(|frame| frame.scroll_height() > frame.client_height());
        match frame {
            Some(frame) => {
                let edge = frame.get_bounding_client_rect();
                let scroller = if has_frame { frame } else { document().document_element()? };
                Some(View { top: edge.top().max(0.0), bottom: edge.bottom().min(height), head, scroller })
            }
            None => {
                Some(View { top: 0.0, bottom: height, head: 0.0, scroller: document().document_element()? })
            }
        }
    }

    /// Shows the first row, if something above the table is not what one looks at.
    fn to_top(&self) {
        let Some(element) = self.element() else { return };
        let Some(view) = self.view(&element) else { return };
        let above = element.get_bounding_client_rect().top() - view.top - view.head;
        if above < 0.0 {
            view.scroller.set_scroll_top(view.scroller.scroll_top() + above.floor() as i32);
        }
        self.update(false);
    }

    /// Brings a row onto the screen and the focus to the control of that place in it.
    fn go_to(&self, index: usize, control: usize) {
        let Some(element) = self.element() else { return };
        let Some(view) = self.view(&element) else { return };
        let (above, height) = {
            let state = self.0.state.borrow();
            let above = element.get_bounding_client_rect().top() + state.heights.sum(0..index);
            (above, state.heights.sum(index..index + 1))
        };
        let (too_high, too_low) = (above - view.top - view.head, above + height - view.bottom);
        let by = if too_high < 0.0 { too_high } else { too_low.max(0.0) };
        if by != 0.0 {
            view.scroller.set_scroll_top(view.scroller.scroll_top() + by.round() as i32);
            self.update(false);
        }
        let row = {
            let state = self.0.state.borrow();
            state.mounted.iter().find(|row| row.index == index).map(|row| row.element.clone())
        };
        let Some(row) = row else { return };
        let controls = controls(&row);
        if let Some(control) = controls.get(control).or(controls.first()) {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = control.focus_with_options(&options);
        }
    }

    /// Keys that go from row to row, where a control of a row has the focus and does not take them itself.
    fn press(&self, event: &KeyboardEvent) {
        if event.default_prevented()
            || event.ctrl_key()
            || event.meta_key()
            || event.alt_key()
            || event.shift_key()
        {
            return;
        }
        let Some(target) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else {
            return;
        };
        let takes_text =
            target.dyn_ref::<HtmlInputElement>().is_some_and(|input| input.type_() != "checkbox");
        if takes_text || matches!(target.tag_name().as_str(), "SELECT" | "TEXTAREA") {
            return;
        }
        let Some((index, row)) = self.row_of(&target) else { return };
        let Some(view) = self.element().and_then(|element| self.view(&element)) else { return };
        let last = self.0.state.borrow().heights.len().saturating_sub(1);
        let page = {
            let state = self.0.state.borrow();
            let height = state.heights.sum(index..index + 1).max(1.0);
            (((view.bottom - view.top - view.head) / height) as usize).max(2) - 1
        };
        let controls = controls(&row);
        let control = controls.iter().position(|control| **control == *target).unwrap_or(0);
        let (index, control) = match event.key().as_str() {
            "ArrowDown" | "j" => (index.saturating_add(1).min(last), control),
            "ArrowUp" | "k" => (index.saturating_sub(1), control),
            "PageDown" => (index.saturating_add(page).min(last), control),
            "PageUp" => (index.saturating_sub(page), control),
            "Home" => (0, control),
            "End" => (last, control),
            "ArrowRight" if controls.len() > 1 => (index, (control + 1).min(controls.len() - 1)),
            "ArrowLeft" if controls.len() > 1 => (index, control.saturating_sub(1)),
            _ => return,
        };
        event.prevent_default();
        self.go_to(index, control);
    }

    /// The row that an element stands in.
    fn row_of(&self, target: &Element) -> Option<(usize, HtmlElement)> {
        let state = self.0.state.try_borrow().ok()?;
        let row = state.mounted.iter().find(|row| row.element.contains(Some(target)))?;
        Some((row.index, row.element.clone()))
    }

    /// Remembers which row has the focus.
    fn follow_focus(&self) {
        let focused = document().active_element().and_then(|target| Some(self.row_of(&target)?.0));
        if let Ok(mut state) = self.0.state.try_borrow_mut() {
            state.focused = focused;
        }
    }

    /// Follows scrolling, the size of the window, and printing, until its owner goes away.
    fn listen(&self) {
        let scrolls = {
            let body = self.clone();
            move |event: Event| {
                let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
                let element = body.element();
                // The page or a box around the table; not one elsewhere.
                if target.zip(element).is_some_and(|(target, element)| target.contains(Some(&element))) {
                    body.update(false);
                }
            }
        };
        let resizes = {
            let body = self.clone();
            move |_| body.draw_anew()
        };
        let print = |is_printed: bool| {
            let body = self.clone();
            move |_| {
                body.0.is_printed.set(is_printed);
                body.draw_anew();
            }
        };
        let target: EventTarget = window().into();
        // Scrolling of a box does not bubble, so it is caught on its way down.
        on_event(&target, "scroll", true, scrolls);
        on_event(&target, "resize", false, resizes);
        on_event(&target, "beforeprint", false, print(true));
        on_event(&target, "afterprint", false, print(false));
    }

    /// Measures again: the rows are drawn in another way.
    fn draw_anew(&self) {
        let Some(element) = self.element() else { return };
        {
            let Ok(mut state) = self.0.state.try_borrow_mut() else { return };
            freeze(&element, false, &state);
            state.heights.forget();
            state.measure();
        }
        self.update(true);
    }

    fn clear(&self) {
        if let Ok(mut state) = self.0.state.try_borrow_mut() {
            std::mem::take(&mut state.mounted).into_iter().for_each(remove);
        }
    }
}

impl State {
    /// Makes the gaps as high as the rows that they stand for.
    fn settle(&mut self, body: &Element) {
        let mut next = 0;
        for row in &mut self.mounted {
            let height = self.heights.sum(next..row.index);
            put_gap(&mut row.gap, height, body, Some(&row.element));
            next = row.index + 1;
        }
        put_gap(&mut self.tail, self.heights.sum(next..self.heights.len()), body, None);
    }

    /// Measures the rows that nobody measured; whether that moves anything.
    fn measure(&mut self) -> bool {
        let new = self.mounted.iter().filter(|row| self.heights.is_unknown(row.index));
        let measured: Vec<(usize, f64)> =
            new.map(|row| (row.index, row.element.get_bounding_client_rect().height())).collect();
        self.heights.measured(&measured)
    }

    fn first_seen(&self, view: &View) -> Option<(usize, f64)> {
        self.mounted.iter().find_map(|row| {
            let edge = row.element.get_bounding_client_rect();
            (edge.bottom() > view.top + view.head).then(|| (row.index, edge.top() - view.top))
        })
    }
}

fn remove(mut mounted: Mounted) {
    if let Some(gap) = mounted.gap {
        gap.row.remove();
    }
    mounted.row.state.unmount();
    drop(mounted.row.state);
    mounted.row.owner.cleanup();
}

/// What of a row can have the focus, in order.
fn controls(row: &Element) -> Vec<HtmlElement> {
    let Ok(found) = row.query_selector_all("a[href], button, input") else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
}

/// Columns would change their widths with the rows that are in the page: a long table keeps those of its first ones.
/// Whether something changed.
fn freeze(body: &Element, is_long: bool, state: &State) -> bool {
    let Ok(Some(table)) = body.closest("table:not(.fixed)") else { return false };
    let is_frozen = table.class_list().contains("frozen");
    let Ok(heads) = table.query_selector_all("thead th") else { return false };
    let heads = || (0..heads.length()).filter_map(|index| heads.item(index)?.dyn_into::<HtmlElement>().ok());
    if is_frozen && !is_long {
        let _ = table.class_list().remove_1("frozen");
        for head in heads() {
            let _ = head.style().remove_property("width");
        }
        return true;
    }
    // Where rows are stacked there are no columns.
    let style = window().get_computed_style(body).ok().flatten();
    let is_table = style
        .and_then(|style| style.get_property_value("display").ok())
        .is_some_and(|word| word == "table-row-group");
    if is_frozen || !is_long || !is_table || state.mounted.is_empty() {
        return false;
    }
    let widths = roomy(heads().map(|head| head.get_bounding_client_rect().width()).collect());
    for (head, width) in heads().zip(widths) {
        let _ = head.style().set_property("width", &format!("{width}px"));
    }
    let _ = table.class_list().add_1("frozen");
    true
}

/// A date has to fit in each column, whatever the first rows have there; the widest gives what that takes.
fn roomy(mut widths: Vec<f64>) -> Vec<f64> {
    const DATE: f64 = 116.0;
    let wanted: f64 = widths.iter().map(|width| (DATE - width).max(0.0)).sum();
    let Some(widest) = (0..widths.len()).max_by(|one, other| widths[*one].total_cmp(&widths[*other])) else {
        return widths;
    };
    if widths[widest] - wanted > 2.0 * DATE {
        widths[widest] -= wanted;
        widths.iter_mut().for_each(|width| *width = width.max(DATE));
    }
    widths
}

fn on_event(
    target: &EventTarget,
    name: &'static str,
    on_its_way_down: bool,
    act: impl FnMut(Event) + 'static,
) {
    let act = Closure::<dyn FnMut(Event)>::new(act);
    let listener = act.as_ref().unchecked_ref();
    let _ = target.add_event_listener_with_callback_and_bool(name, listener, on_its_way_down);
    let kept = StoredValue::new_local((target.clone(), act));
    on_cleanup(move || {
        kept.with_value(|(target, act)| {
            let listener = act.as_ref().unchecked_ref();
            let _ = target.remove_event_listener_with_callback_and_bool(name, listener, on_its_way_down);
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_column_gives_room_for_dates_in_the_others() {
        assert_eq!(roomy(vec![600.0, 80.0, 200.0]), [564.0, 116.0, 200.0]);
        assert_eq!(roomy(vec![240.0, 80.0]), [240.0, 80.0]);
        assert_eq!(roomy(Vec::new()), Vec::<f64>::new());
    }
}
