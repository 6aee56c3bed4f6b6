//! A directed graph: its nodes in layers, the arrows between them. Each node leads somewhere and says how it is.

pub mod layout;

use leptos::prelude::*;

use crate::components::badge::{StatusBadge, StatusKind};
use crate::components::format::format_duration;
use crate::components::graph::layout::{Arrow, layout};
use crate::components::icon::{Icon, IconName};

/// A node of a [`Graph`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphNode {
    pub name: String,
    /// What is known beside its name; its title.
    pub about: String,
    pub icon: IconName,
    pub href: Option<String>,
    pub state: Option<NodeState>,
    /// When it began and when it was over, in milliseconds since 1970.
    pub span: Option<(i64, Option<i64>)>,
    /// A word about it: "reused".
    pub remark: Option<&'static str>,
}

/// How a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeState {
    pub kind: StatusKind,
    pub plain: String,
    pub word: String,
}

/// A graph, as large as it is; it scrolls in its frame.
#[component]
pub fn Graph(
    /// What it is a graph of.
    #[prop(into)]
    label: String,
    /// As many as there were at first.
    #[prop(into)]
    nodes: Signal<Vec<GraphNode>>,
    /// From which node to which, by their places in the list.
    arrows: Vec<(usize, usize)>,
    #[prop(into)] now: Signal<f64>,
) -> impl IntoView {
    let drawn = layout(nodes.with_untracked(Vec::len), arrows);
    let (width, height) = (drawn.width, drawn.height);
    let lines: Vec<_> = drawn
        .arrows
        .iter()
        .map(|arrow| view! { <path class="line" d=line(arrow)></path><path class="head" d=head(arrow)></path> })
        .collect();
    // From above to below and from left to right, as the keyboard goes through them.
    let mut places: Vec<(usize, (f64, f64))> = drawn.nodes.into_iter().enumerate().collect();
    places.sort_by(|(_, one), (_, other)| one.1.total_cmp(&other.1).then(one.0.total_cmp(&other.0)));
    let items: Vec<_> = places
        .into_iter()
        .map(|(index, (x, y))| {
            let node = Memo::new(move |_| nodes.with(|nodes| nodes.get(index).cloned()));
            let class = move || match node.get().and_then(|node| node.state).map(|state| state.kind) {
                Some(StatusKind::Bad) => "node bad",
                Some(StatusKind::Working) => "node working",
                _ => "node",
            };
            view! {
                <li class=class style:left=rem(x) style:top=rem(y)>
                    {move || node.get().map(|node| view! { <NodeBox node=node now=now/> })}
                </li>
            }
        })
        .collect();

    view! {
        <div class="graph-frame" role="region" aria-label=label tabindex="0">
            <div class="graph" style:width=rem(width) style:height=rem(height)>
                <svg viewBox=format!("0 0 {width} {height}") aria-hidden="true" focusable="false">{lines}</svg>
                <ol>{items}</ol>
            </div>
        </div>
    }
}

#[component]
fn NodeBox(node: GraphNode, now: Signal<f64>) -> impl IntoView {
    let GraphNode { name, about, icon, href, state, span, remark } = node;
    let state = state.map(|state| {
        let kind = state.kind;
        view! { <StatusBadge kind=Signal::stored(kind) plain=state.plain word=state.word/> }
    });
    let lasted = span.map(|(start, end)| {
        move || {
            // The clock is read only for what it changes.
            let end = end.map_or_else(|| now.get(), |end| end as f64);
            format_duration(end - start as f64)
        }
    });
    let inside = view! {
        <span class="name"><Icon name=icon/><bdi>{name}</bdi></span>
        <span class="how">
            {state}
            {remark.map(|remark| view! { <span class="remark">{remark}</span> })}
            {lasted.map(|lasted| view! { <span class="lasted">{lasted}</span> })}
        </span>
    };
    match href {
        Some(href) => view! { <a href=href title=about>{inside}</a> }.into_any(),
        None => view! { <span class="plain-node" title=about>{inside}</span> }.into_any(),
    }
}

/// In the unit that grows with the letters.
fn rem(pixels: f64) -> String {
    format!("{}rem", pixels / 16.0)
}

/// How long the head of an arrow is.
const HEAD: f64 = 6.0;

/// Down each lane in a straight line, and from one to the next in a bow.
fn line(arrow: &Arrow) -> String {
    let mut points = arrow.points.clone();
    // The line ends where the head begins.
    match (arrow.points_up, points.len()) {
        (true, _) => points[0].1 += HEAD,
        (false, count) => points[count - 1].1 -= HEAD,
    }
    let mut path = format!("M{} {}", points[0].0, points[0].1);
    for pair in points.windows(2) {
        let ((from_x, from_y), (x, y)) = (pair[0], pair[1]);
        if from_x == x {
            path.push_str(&format!("V{y}"));
        } else {
            let middle = f64::midpoint(from_y, y);
            path.push_str(&format!("C{from_x} {middle} {x} {middle} {x} {y}"));
        }
    }
    path
}

fn head(arrow: &Arrow) -> String {
    let (end, back) =
        if arrow.points_up { (arrow.points[0], HEAD) } else { (arrow.points[arrow.points.len() - 1], -HEAD) };
    let ((x, y), half) = (end, HEAD / 2.0 + 0.5);
    format!("M{x} {y}L{} {}H{}z", x - half, y + back, x + half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_ends_in_its_head() {
        let arrow = |points_up| Arrow { from: 0, to: 1, points: vec![(10.0, 20.0), (30.0, 60.0)], points_up };
        assert_eq!(line(&arrow(false)), "M10 20C10 37 30 37 30 54");
        assert_eq!(head(&arrow(false)), "M30 60L26.5 54H33.5z");
        assert_eq!(head(&arrow(true)), "M10 20L6.5 26H13.5z");
    }
}
