//! Points over a parameter: one for each trial, the best ones marked. A table beside it says the same.

use leptos::html;
use leptos::prelude::*;

use crate::components::chart::scale::{Scale, number_in_words, with_room};
use crate::components::next_frame::NextFrame;

const HEIGHT: f64 = 280.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 36.0;
/// Until the page knows how wide it is.
const USUAL_WIDTH: f64 = 640.0;

/// A point.
#[derive(Clone, Debug, PartialEq)]
pub struct Dot {
    /// What it is, for whoever points at it.
    pub title: String,
    pub x: Position,
    pub y: f64,
    pub is_best: bool,
    /// Whether it is still moving.
    pub is_open: bool,
}

/// Where a point stands from left to right.
#[derive(Clone, Debug, PartialEq)]
pub enum Position {
    Number(f64),
    /// One of a few words.
    Word(String),
}

/// The points; what lies under them is told by `label`.
#[component]
pub fn Scatter(
    /// What it shows, in a sentence: it is a picture to whoever does not see it.
    #[prop(into)]
    label: Signal<String>,
    #[prop(into)] dots: Signal<Vec<Dot>>,
    /// Whether steps to the right multiply.
    #[prop(into)]
    is_logarithmic: Signal<bool>,
    #[prop(into)] x_name: Signal<String>,
    #[prop(into)] y_name: Signal<String>,
) -> impl IntoView {
    let area = NodeRef::<html::Div>::new();
    let width = RwSignal::new(USUAL_WIDTH);
    let next_frame = NextFrame::here();
    let measure = move || {
        if let Some(area) = area.get_untracked() {
            let found = f64::from(area.client_width());
            if found > 0.0 {
                width.set(found);
            }
        }
    };
    Effect::new(move || {
        area.track();
        next_frame.run(measure);
    });
    let listener = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || listener.remove());
    let drawn = Memo::new(move |_| dots.with(|dots| placed(dots, is_logarithmic.get(), width.get())));

    let content = move || {
        drawn.with(|drawn| {
            let Some(drawn) = drawn else { return ().into_any() };
            let lines: Vec<_> = drawn
                .rows
                .iter()
                .map(|(y, words)| {
                    let right = width.get() - RIGHT;
                    view! {
                        <line class="grid" x1=LEFT x2=right y1=*y y2=*y/>
                        <text class="tick" x=LEFT - 8.0 y=*y + 4.0 text-anchor="end">{words.clone()}</text>
                    }
                })
                .collect();
            let columns: Vec<_> = drawn
                .columns
                .iter()
                .map(|(x, words)| view! { <text class="tick" x=*x y=HEIGHT - BOTTOM + 18.0 text-anchor="middle">{words.clone()}</text> })
                .collect();
            let marks: Vec<_> = drawn
                .dots
                .iter()
                .map(|mark| {
                    let class = match (mark.is_best, mark.is_open) {
                        (true, _) => "mark best",
                        (false, true) => "mark open",
                        (false, false) => "mark",
                    };
                    let radius = if mark.is_best { 7 } else { 5 };
                    view! { <circle class=class cx=mark.x cy=mark.y r=radius><title>{mark.title.clone()}</title></circle> }
                })
                .collect();
            view! {
                {lines}
                <line class="axis" x1=LEFT x2=width.get() - RIGHT y1=HEIGHT - BOTTOM y2=HEIGHT - BOTTOM/>
                {columns}
                {marks}
            }
            .into_any()
        })
    };

    view! {
        <figure class="scatter">
            <figcaption class="muted small"><bdi>{y_name}</bdi>" over "<bdi>{x_name}</bdi></figcaption>
            <div class="area" node_ref=area>
                <svg width=move || width.get() height=HEIGHT role="img" aria-label=label>{content}</svg>
            </div>
        </figure>
    }
}

/// What is drawn, in pixels.
#[derive(Clone, Debug, PartialEq)]
struct Drawn {
    rows: Vec<(f64, String)>,
    columns: Vec<(f64, String)>,
    dots: Vec<Mark>,
}

#[derive(Clone, Debug, PartialEq)]
struct Mark {
    x: f64,
    y: f64,
    title: String,
    is_best: bool,
    is_open: bool,
}

fn placed(dots: &[Dot], is_logarithmic: bool, width: f64) -> Option<Drawn> {
    let heights = dots.iter().map(|dot| dot.y).filter(|y| y.is_finite());
    let (least, most) = heights.fold(None, |known: Option<(f64, f64)>, y| {
        Some(known.map_or((y, y), |(least, most)| (least.min(y), most.max(y))))
    })?;
    let (from, to) = with_room((least, most), false);
    let y = Scale { from, to, begin: HEIGHT - BOTTOM, end: TOP, is_logarithmic: false };
    let rows = y.ticks(5).into_iter().map(|tick| (y.place(tick), number_in_words(tick))).collect();

    let mut words: Vec<&str> = dots
        .iter()
        .filter_map(|dot| match &dot.x {
            Position::Word(word) => Some(word.as_str()),
            Position::Number(_) => None,
        })
        .collect();
    words.sort_unstable();
    words.dedup();
    let numbers: Vec<f64> = dots
        .iter()
        .filter_map(|dot| match dot.x {
            Position::Number(number) if number.is_finite() => Some(number),
            _ => None,
        })
        .collect();
    // Words among numbers, and the other way round: then everything is a word.
    let as_words = !words.is_empty();
    let mut names: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    if as_words {
        names.extend(numbers.iter().map(|number| number_in_words(*number)));
        names.sort_unstable();
        names.dedup();
    }
    let is_logarithmic = is_logarithmic && numbers.iter().all(|number| *number > 0.0);
    let (least, most) = numbers.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), number| {
        (least.min(*number), most.max(*number))
    });
    let (from, to) = with_room((least, most), is_logarithmic);
    let x = Scale { from, to, begin: LEFT, end: width - RIGHT, is_logarithmic };
    let column =
        |place: usize| LEFT + (width - RIGHT - LEFT) * (place as f64 + 0.5) / names.len().max(1) as f64;
    let place_of = |position: &Position| -> f64 {
        let word = match position {
            Position::Number(number) if !as_words => return x.place(*number),
            Position::Number(number) => number_in_words(*number),
            Position::Word(word) => word.clone(),
        };
        names.iter().position(|name| *name == word).map_or(f64::NAN, column)
    };
    let columns = if as_words {
        names.iter().enumerate().map(|(place, name)| (column(place), name.clone())).collect()
    } else if numbers.is_empty() {
        Vec::new()
    } else {
        let ticks = x.ticks(((width / 110.0) as usize).max(4));
        ticks.into_iter().map(|tick| (x.place(tick), number_in_words(tick))).collect()
    };
    let mut marks: Vec<Mark> = dots
        .iter()
        .map(|dot| Mark {
            x: place_of(&dot.x),
            y: y.place(dot.y),
            title: dot.title.clone(),
            is_best: dot.is_best,
            is_open: dot.is_open,
        })
        .filter(|mark| mark.x.is_finite() && mark.y.is_finite())
        .collect();
    // The best lies on top.
    marks.sort_by_key(|mark| mark.is_best);
    Some(Drawn { rows, columns, dots: marks })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(x: Position, y: f64) -> Dot {
        Dot { title: String::new(), x, y, is_best: false, is_open: false }
    }

    #[test]
    fn numbers_stand_in_their_order_and_inside() {
        let dots: Vec<Dot> = [0.001, 0.01, 0.1].iter().map(|x| dot(Position::Number(*x), 10.0 - x)).collect();
        let drawn = placed(&dots, true, 600.0).unwrap();
        let places: Vec<f64> = drawn.dots.iter().map(|mark| mark.x).collect();
        assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{places:?}");
        // Steps that multiply by the same are as wide.
        assert!(((places[1] - places[0]) - (places[2] - places[1])).abs() < 1e-6);
        for mark in &drawn.dots {
            assert!(mark.x >= LEFT && mark.x <= 600.0 - RIGHT && mark.y >= TOP && mark.y <= HEIGHT - BOTTOM);
        }
    }

    #[test]
    fn words_have_a_column_each() {
        let word = |word: &str| Position::Word(word.to_owned());
        let dots = [dot(word("b"), 1.0), dot(word("a"), 2.0), dot(word("b"), 3.0)];
        let drawn = placed(&dots, false, 600.0).unwrap();
        assert_eq!(drawn.columns.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(drawn.dots[0].x, drawn.dots[2].x);
    }

    #[test]
    fn what_has_no_place_is_left_out() {
        let dots = [dot(Position::Number(1.0), f64::NAN), dot(Position::Number(2.0), 1.0)];
        assert_eq!(placed(&dots, false, 600.0).unwrap().dots.len(), 1);
        assert_eq!(placed(&dots[..1], false, 600.0), None);
    }
}
