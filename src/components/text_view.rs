//! A long text of which only the rows that can be seen are in the page: a log, a file. It can be searched, wrapped, and
//! followed while it grows.

pub mod ansi;
pub mod layout;
pub mod long_text;
pub mod search;

use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::{ev, html};
use web_sys::KeyboardEvent;

use crate::components::icon::{Icon, IconName};
use crate::components::next_frame::NextFrame;
use crate::components::text_view::ansi::{Colour, Span, TextStyle, columns};
use crate::components::text_view::layout::{Layout, Row, Window};
use crate::components::text_view::long_text::LongText;
use crate::components::text_view::search::Search;

/// Rows that are there above and below those that can be seen.
const SPARE_ROWS: f64 = 24.0;
/// How many lines are searched before the page gets to do something else.
const LINES_AT_ONCE: usize = 20_000;
/// How far back a colour is looked for that goes on from line to line.
const STYLE_LINES: usize = 40;

/// What of a text is shown. A handle.
#[derive(Clone, Copy)]
pub struct TextPlace {
    /// Whether it stays at the end while the text grows.
    pub follow: RwSignal<bool>,
    /// The line that is marked, and gone to when it is set. From 0.
    pub line: RwSignal<Option<usize>>,
}

impl TextPlace {
    /// At the beginning, with no line marked.
    pub fn new() -> Self {
        Self { follow: RwSignal::new(false), line: RwSignal::new(None) }
    }
}

impl Default for TextPlace {
    fn default() -> Self {
        Self::new()
    }
}

/// A row as it stands in the page. It is made anew when anything of this changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct RowKey {
    row: Row,
    /// Rises when lines are numbered, wrapped or marked otherwise.
    stamp: u32,
    /// Of the last line, which may grow.
    length: usize,
}

/// The text, with its tools above it.
#[component]
pub fn TextView(
    /// What it is.
    #[prop(into)]
    label: Signal<String>,
    text: RwSignal<LongText>,
    place: TextPlace,
    /// Whether its first line is the first of all, so that lines have numbers.
    #[prop(into, default = true.into())]
    is_numbered: Signal<bool>,
    /// Gets the line whose number was pressed.
    #[prop(optional, into)]
    on_line: Option<Callback<usize>>,
    /// More tools.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let frame = NodeRef::<html::Div>::new();
    let ruler = NodeRef::<html::Span>::new();
    let wraps = RwSignal::new(false);
    let layout = RwSignal::new(Layout::default());
    let stamp = RwSignal::new(0u32);
    let top = RwSignal::new(0.0);
    let view_height = RwSignal::new(480.0);
    let row_height = RwSignal::new(20.0);
    let fitting = RwSignal::new(80usize);
    let search = RwSignal::new(Search::default());
    let current = RwSignal::new(None::<usize>);
    let window = Memo::new(move |_| Window {
        rows: layout.with(Layout::rows),
        row_height: row_height.get(),
        view_height: view_height.get(),
    });

    let next_frame = NextFrame::here();
    let measure = move || {
        let (Some(frame), Some(ruler)) = (frame.get_untracked(), ruler.get_untracked()) else { return };
        let height = f64::from(ruler.offset_height());
        if height > 0.0 {
            row_height.set(height);
            view_height.set(f64::from(frame.client_height()));
            // The ruler has a hundred characters.
            let character = f64::from(ruler.offset_width()) / 100.0;
            let gutter = character * 9.0;
            let columns = ((f64::from(frame.client_width()) - gutter) / character).floor() as usize;
            if columns != fitting.get_untracked() {
                fitting.set(columns);
            }
        }
    };
    frame.on_load(move |_| {
        next_frame.run(measure);
    });
    let listener = window_event_listener(ev::resize, move |_| measure());
    on_cleanup(move || listener.remove());

    let scroll_to = move |top: f64| {
        if let Some(frame) = frame.get_untracked() {
            frame.set_scroll_top(top.round() as i32);
        }
    };
    let go_to_line = move |line: usize| {
        next_frame.run(move || {
            let row = layout.with_untracked(|layout| layout.first_row(line)) as f64;
            let window = window.get_untracked();
            scroll_to(window.top_of((row - window.seen() / 3.0).max(0.0)));
        });
    };

    // The rows follow the text, and what is seen stays where it is when something is put before it.
    Effect::new(move |known: Option<usize>| {
        let columns = wraps.get().then(|| fitting.get());
        let risen = text.with(|text| {
            let grows =
                layout.with_untracked(|layout| layout.columns() == columns && known == Some(text.risen()));
            layout
                .update(|layout| if grows { layout.grow(text) } else { *layout = Layout::of(text, columns) });
            if !grows {
                stamp.update(|stamp| *stamp += 1);
            }
            text.risen()
        });
        if let Some(added) = known.map(|known| risen - known).filter(|added| *added > 0) {
            let row = window.with_untracked(|window| window.row_at(top.get_untracked()));
            let shift = layout.with_untracked(|layout| layout.first_row(added)) as f64;
            place.line.update_untracked(|line| *line = line.map(|line| line + added));
            next_frame.run(move || scroll_to(window.get_untracked().top_of(row + shift)));
        }
        risen
    });
    Effect::new(move || {
        layout.track();
        view_height.track();
        if place.follow.get() {
            next_frame.run(move || {
                if place.follow.get_untracked() {
                    scroll_to(f64::from(i32::MAX));
                }
            });
        }
    });
    Effect::new(move || {
        if let Some(line) = place.line.get() {
            stamp.update(|stamp| *stamp += 1);
            place.follow.set(false);
            go_to_line(line);
        }
    });
    let on_scroll = move |_| {
        let Some(frame) = frame.get_untracked() else { return };
        let now = f64::from(frame.scroll_top());
        // Whoever scrolls up wants to read, and not to be taken back to the end.
        if now < top.get_untracked() - 1.0 && place.follow.get_untracked() {
            place.follow.set(false);
        }
        top.set(now);
    };

    let shown = Memo::new(move |_| {
        let window = window.get();
        let first = window.row_at(top.get());
        let begin = (first - SPARE_ROWS).max(0.0).floor();
        let end = (first + window.seen() + SPARE_ROWS).ceil().min(window.rows as f64);
        // The block lies so that the row at the upper edge is exactly there.
        let offset = (top.get() + (begin - first) * window.row_height).max(0.0);
        let stamp = stamp.get();
        let keys = text.with(|text| {
            let last = text.line_count().saturating_sub(1);
            let key = |row| {
                let row = layout.with_untracked(|layout| layout.row(row));
                let length = if row.line == last { text.line(last).len() } else { 0 };
                RowKey { row, stamp, length }
            };
            (begin as usize..end as usize).map(key).collect::<Vec<_>>()
        });
        (offset, keys)
    });
    let row_view = move |key: RowKey| {
        let line = key.row.line;
        let columns = layout.with_untracked(Layout::columns);
        let (pieces, left_out) = text.with_untracked(|text| {
            search.with_untracked(|search| pieces(text, key.row, columns, search, current.get_untracked()))
        });
        let number = (key.row.part == 0 && is_numbered.get_untracked()).then(|| (line + 1).to_string());
        let is_chosen = place.line.get_untracked() == Some(line);
        let pieces: Vec<_> = pieces.into_iter().map(piece_view).collect();
        let choose = move |_| {
            if let Some(on_line) = on_line {
                on_line.run(line);
            }
        };
        view! {
            <div class="text-row" class:chosen=is_chosen>
                <span class="number" class:link=on_line.is_some() on:click=choose>{number}</span>
                <span class="words">{pieces}{(left_out > 0).then(|| view! {
                    <span class="muted">{format!(" … {left_out} more bytes, in the whole file")}</span>
                })}</span>
            </div>
        }
    };

    view! {
        <div class="text-view">
            <div class="toolbar">
                <SearchTools text=text search=search current=current
                    from_line=Callback::new(move |()| {
                        let row = window.with_untracked(|window| window.row_at(top.get_untracked()));
                        layout.with_untracked(|layout| layout.row(row as usize).line)
                    })
                    on_found=Callback::new(move |line| {
                        stamp.update(|stamp| *stamp += 1);
                        if let Some(line) = line {
                            place.follow.set(false);
                            go_to_line(line);
                        }
                    })
                />
                <label class="choice">
                    <input type="checkbox" prop:checked=wraps on:change:target=move |event| wraps.set(event.target().checked())/>
                    "Wrap lines"
                </label>
                {children.map(|children| children())}
            </div>
            <div class="text-frame" role="region" aria-label=label tabindex="0" node_ref=frame on:scroll=on_scroll>
                <span class="ruler" aria-hidden="true" node_ref=ruler>{"0".repeat(100)}</span>
                <div class="text-height" style:block-size=move || format!("{}px", window.get().height())></div>
                <div class="text-rows" style:translate=move || format!("0 {}px", shown.with(|(offset, _)| *offset))>
                    <For each=move || shown.with(|(_, keys)| keys.clone()) key=|key| *key children=row_view/>
                </div>
            </div>
        </div>
    }
}

/// A field to search with, how much was found, and the way from one to the next.
#[component]
fn SearchTools(
    text: RwSignal<LongText>,
    search: RwSignal<Search>,
    /// Which of the matches was gone to.
    current: RwSignal<Option<usize>>,
    /// The first line that can be seen.
    from_line: Callback<(), usize>,
    /// Told of what changed, and where to go.
    on_found: Callback<Option<usize>>,
) -> impl IntoView {
    let words = RwSignal::new(String::new());
    let round = StoredValue::new(0u32);
    let risen = StoredValue::new(0usize);
    let go_to = move |index: usize| {
        current.set(Some(index));
        on_found.run(
            search.with_untracked(|search| search.matches().get(index).map(|found| found.line as usize)),
        );
    };
    // In parts, so that a long text does not stop the page.
    let go_on = move || {
        round.update_value(|round| *round += 1);
        let this = round.get_value();
        spawn_local(async move {
            let is_current = move || round.try_get_value() == Some(this);
            while is_current()
                && text.with_untracked(|text| search.with_untracked(|search| !search.is_done(text)))
            {
                text.with_untracked(|text| search.update(|search| search.advance(text, LINES_AT_ONCE)));
                if current.get_untracked().is_none() {
                    let from = from_line.run(());
                    let is_over =
                        text.with_untracked(|text| search.with_untracked(|search| search.is_done(text)));
                    let behind = search.with_untracked(|search| {
                        let found = search.first_from(from)?;
                        (is_over || search.matches()[found].line as usize >= from).then_some(found)
                    });
                    if let Some(index) = behind {
                        go_to(index);
                    }
                }
                sleep(Duration::ZERO).await;
            }
            if is_current() {
                on_found.run(None);
            }
        });
    };
    let begin = move |words: &str| {
        search.set(Search::of(words));
        current.set(None);
        on_found.run(None);
        go_on();
    };
    Effect::new(move || {
        let now = text.with(LongText::risen);
        if search.with_untracked(Search::is_empty) {
            risen.set_value(now);
        } else if now != risen.get_value() {
            risen.set_value(now);
            begin(&words.get_untracked());
        } else {
            search.update(Search::text_has_grown);
            go_on();
        }
    });
    let step = move |back: bool| {
        let count = search.with_untracked(|search| search.matches().len());
        if count > 0 {
            let next = match current.get_untracked() {
                None => 0,
                Some(index) if back => (index + count - 1) % count,
                Some(index) => (index + 1) % count,
            };
            go_to(next);
        }
    };
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            step(event.shift_key());
        }
        "Escape" if !words.get_untracked().is_empty() => {
            event.prevent_default();
            words.set(String::new());
            begin("");
        }
        _ => {}
    };
    let count = move || {
        let (found, is_cut) = search.with(|search| (search.matches().len(), search.is_cut()));
        let is_done = text.with_untracked(|text| search.with_untracked(|search| search.is_done(text)));
        let more = if is_cut { "+" } else { "" };
        match (words.with(String::is_empty), found, current.get()) {
            (true, ..) => String::new(),
            (_, 0, _) if is_done => "not found".to_owned(),
            (_, 0, _) => "searching…".to_owned(),
            (_, found, Some(index)) => format!("{} of {found}{more}", index + 1),
            (_, found, None) => format!("{found}{more}"),
        }
    };
    let has_none = Memo::new(move |_| search.with(|search| search.matches().is_empty()));

    view! {
        <div class="filter text-search">
            <div class="box">
                <Icon name=IconName::Search/>
                <input
                    class="input"
                    type="search"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-label="Search in the text"
                    placeholder="Search"
                    prop:value=words
                    on:input:target=move |event| {
                        words.set(event.target().value());
                        begin(&words.get_untracked());
                    }
                    on:keydown=on_key
                />
            </div>
            <span class="count" role="status">{count}</span>
            <Show when=move || !has_none.get()>
                <button type="button" class="button small" on:click=move |_| step(true)>"Previous"</button>
                <button type="button" class="button small" on:click=move |_| step(false)>"Next"</button>
            </Show>
        </div>
    }
}

/// Text of a row that looks the same throughout.
#[derive(Clone, Debug, PartialEq, Eq)]
struct TextPiece {
    text: String,
    style: TextStyle,
    /// Whether it was searched for, and gone to.
    found: Option<bool>,
}

fn piece_view(piece: TextPiece) -> AnyView {
    let class = classes(piece.style);
    match piece.found {
        Some(is_current) => {
            view! { <mark class=class class:current=is_current>{piece.text}</mark> }.into_any()
        }
        None if class.is_empty() => piece.text.into_any(),
        None => view! { <span class=class>{piece.text}</span> }.into_any(),
    }
}

fn classes(style: TextStyle) -> String {
    let mut classes: Vec<&str> = Vec::new();
    let (colour, background) =
        if style.is_inverse { (style.background, style.colour) } else { (style.colour, style.background) };
    if background.is_some() || style.is_inverse {
        // Its text has the colour of the page, which is readable on each of them.
        classes.push("ansi-filled");
        classes.extend(background.map(Colour::word));
    } else if let Some(colour) = colour {
        classes.push(colour.word());
    }
    let marks = [
        (style.is_bold, "bold"),
        (style.is_faint, "faint"),
        (style.is_italic, "italic"),
        (style.is_underlined, "underlined"),
        (style.is_struck, "struck"),
    ];
    classes.extend(marks.into_iter().filter(|(is_so, _)| *is_so).map(|(_, class)| class));
    classes.join(" ")
}

/// What is in a row, and how many bytes of its line are not shown at all.
fn pieces(
    text: &LongText,
    row: Row,
    columns: Option<usize>,
    search: &Search,
    current: Option<usize>,
) -> (Vec<TextPiece>, usize) {
    let (line, left_out) = text.visible_line(row.line);
    let (spans, _) = ansi::shown(&line, style_before(text, row.line));
    let marks: Vec<(usize, usize, bool)> = search
        .in_line(row.line)
        .map(|(index, found)| (found.from as usize, found.to as usize, Some(index) == current))
        .collect();
    let whole = marked(spans, &marks);
    match columns {
        Some(columns) => {
            let (part, is_last) = wrapped(whole, row.part, columns);
            (part, if is_last { left_out } else { 0 })
        }
        None => (whole, left_out),
    }
}

/// The style that goes on from the lines before.
fn style_before(text: &LongText, line: usize) -> TextStyle {
    let before = (line.saturating_sub(STYLE_LINES)..line).rev();
    let lines = before.map(|index| text.visible_line(index).0);
    lines
        .into_iter()
        .find(|line| line.contains(&0x1b))
        .map(|line| ansi::shown(&line, TextStyle::default()).1)
        .unwrap_or_default()
}

/// Cuts text where something was found in it.
fn marked(spans: Vec<Span>, marks: &[(usize, usize, bool)]) -> Vec<TextPiece> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    for span in spans {
        let end = begin + span.text.len();
        let mut at = begin;
        let mut add = |from: usize, to: usize, found| {
            if from < to {
                let text = span.text[from - begin..to - begin].to_owned();
                pieces.push(TextPiece { text, style: span.style, found });
            }
        };
        for (from, to, is_current) in marks.iter().copied().filter(|(from, to, _)| *from < end && *to > begin)
        {
            add(at, from.max(begin), None);
            add(from.max(begin), to.min(end), Some(is_current));
            at = to.min(end);
        }
        add(at, end, None);
        begin = end;
    }
    pieces
}

/// One row of a line that is wrapped, and whether it is the last.
fn wrapped(pieces: Vec<TextPiece>, part: usize, columns_of_row: usize) -> (Vec<TextPiece>, bool) {
    let mut kept: Vec<TextPiece> = Vec::new();
    let mut column = 0;
    let mut is_last = true;
    for piece in pieces {
        let mut text = String::new();
        for character in piece.text.chars() {
            let row = column / columns_of_row;
            column += columns(character);
            if row == part {
                text.push(character);
            } else if row > part {
                is_last = false;
            }
        }
        if !text.is_empty() {
            kept.push(TextPiece { text, ..piece });
        }
    }
    (kept, is_last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pieces: &[TextPiece]) -> Vec<(&str, Option<bool>)> {
        pieces.iter().map(|piece| (piece.text.as_str(), piece.found)).collect()
    }

    fn found(text: &LongText, words: &str) -> Search {
        let mut search = Search::of(words);
        search.advance(text, 1_000);
        search
    }

    #[test]
    fn what_was_found_is_marked_across_colours() {
        let text = LongText::of(b"a lo\x1b[31mss b loss");
        let (pieces, _) = pieces(&text, Row { line: 0, part: 0 }, None, &found(&text, "loss"), Some(1));
        assert_eq!(
            texts(&pieces),
            [("a ", None), ("lo", Some(false)), ("ss", Some(false)), (" b ", None), ("loss", Some(true))]
        );
        assert_eq!(classes(pieces[2].style), "red");
    }

    #[test]
    fn a_wrapped_line_is_cut_into_its_rows() {
        let text = LongText::of("12345678ab日本cdef".as_bytes());
        let none = Search::default();
        let row = |part| {
            let (pieces, _) = pieces(&text, Row { line: 0, part }, Some(8), &none, None);
            pieces.into_iter().map(|piece| piece.text).collect::<String>()
        };
        assert_eq!([row(0), row(1), row(2)], ["12345678", "ab日本cd", "ef"]);
        assert_eq!(Layout::of(&text, Some(8)).rows(), 3);
    }

    #[test]
    fn a_colour_goes_on_from_line_to_line() {
        let text = LongText::of(b"\x1b[31mbegin\nmiddle\nend\x1b[0m\nafter");
        let style = |line| pieces(&text, Row { line, part: 0 }, None, &Search::default(), None).0[0].style;
        assert_eq!(classes(style(1)), "red");
        assert_eq!(classes(style(2)), "red");
        assert_eq!(classes(style(3)), "");
    }

    #[test]
    fn a_filled_background_keeps_its_text_readable() {
        let style = |sequence: &str| {
            let line = format!("\u{1b}[{sequence}mx");
            classes(ansi::shown(line.as_bytes(), TextStyle::default()).0[0].style)
        };
        assert_eq!(style("31;43"), "ansi-filled yellow");
        assert_eq!(style("31;7"), "ansi-filled red");
        assert_eq!(style("1;4;32"), "green bold underlined");
        assert_eq!(style("7"), "ansi-filled");
    }
}
