//! Where the nodes of a directed graph stand and how its arrows run, in layers from the top down.
//!
//! The layers are the longest ways from the top, so every arrow goes down. An arrow that passes layers gets a lane of
//! its own in each, so it never runs through a node. Everything depends on the graph alone: the same graph is always
//! drawn the same.

use std::collections::BTreeSet;

/// The size of a node, and the room around it, in pixels of a page whose letters have 16.
pub const NODE_WIDTH: f64 = 208.0;
pub const NODE_HEIGHT: f64 = 56.0;
const BESIDE: f64 = 24.0;
const BELOW: f64 = 40.0;
/// What an arrow takes that passes a layer.
const LANE: f64 = 8.0;
const MARGIN: f64 = 4.0;

/// How often the order in the layers, and then the places, are improved. More changes nothing that one would see.
const ORDERINGS: usize = 12;
const PLACINGS: usize = 8;
/// How much more a lane than a node insists on being straight.
const STRAIGHT: f64 = 8.0;

/// A graph that was drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// The upper left corner of each node.
    pub nodes: Vec<(f64, f64)>,
    pub arrows: Vec<Arrow>,
    pub width: f64,
    pub height: f64,
}

/// An arrow from a node to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrow {
    pub from: usize,
    pub to: usize,
    /// From above to below. An arrow that goes round in a circle points to its upper end.
    pub points: Vec<(f64, f64)>,
    pub points_up: bool,
}

/// A node, or an arrow that passes a layer.
struct Vertex {
    layer: usize,
    width: f64,
    above: Vec<usize>,
    below: Vec<usize>,
}

/// Draws so many nodes with these arrows between them. Arrows to where no node is are left out, and so are second ones.
pub fn layout(nodes: usize, arrows: impl IntoIterator<Item = (usize, usize)>) -> Layout {
    let arrows: BTreeSet<(usize, usize)> =
        arrows.into_iter().filter(|(from, to)| from != to && *from < nodes && *to < nodes).collect();
    let ranks = ranks(nodes, &arrows);
    // Where the graph goes round in a circle, one of its arrows points up.
    let downward: Vec<(usize, usize)> = arrows
        .iter()
        .map(|(from, to)| if ranks[*from] < ranks[*to] { (*from, *to) } else { (*to, *from) })
        .collect();
    let layers = layers(&ranks, &downward);

    let mut vertices: Vec<Vertex> = layers
        .iter()
        .map(|layer| Vertex { layer: *layer, width: NODE_WIDTH, above: Vec::new(), below: Vec::new() })
        .collect();
    let ways: Vec<Vec<usize>> = downward.iter().map(|(from, to)| way(&mut vertices, *from, *to)).collect();
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); layers.iter().max().map_or(0, |last| last + 1)];
    for (index, vertex) in vertices.iter().enumerate() {
        rows[vertex.layer].push(index);
    }
    order(&mut rows, &vertices);
    let centres = places(&rows, &vertices);

    let top = |layer: usize| MARGIN + layer as f64 * (NODE_HEIGHT + BELOW);
    let points = |way: &[usize]| {
        let (first, last) = (way[0], way[way.len() - 1]);
        let mut points = vec![(centres[first], top(vertices[first].layer) + NODE_HEIGHT)];
        for passed in &way[1..way.len() - 1] {
            let above = top(vertices[*passed].layer);
            points.extend([(centres[*passed], above), (centres[*passed], above + NODE_HEIGHT)]);
        }
        points.push((centres[last], top(vertices[last].layer)));
        points
    };
    let right = vertices.iter().zip(&centres).map(|(vertex, centre)| centre + vertex.width / 2.0);
    Layout {
        nodes: (0..nodes).map(|node| (centres[node] - NODE_WIDTH / 2.0, top(layers[node]))).collect(),
        arrows: arrows
            .iter()
            .zip(&ways)
            .map(|((from, to), way)| Arrow {
                from: *from,
                to: *to,
                points: points(way),
                points_up: ranks[*from] > ranks[*to],
            })
            .collect(),
        width: right.fold(0.0, f64::max) + MARGIN,
        height: if rows.is_empty() { 0.0 } else { top(rows.len() - 1) + NODE_HEIGHT + MARGIN },
    }
}

/// The nodes in an order in which every arrow goes on; in a circle the first node of the list begins.
fn ranks(nodes: usize, arrows: &BTreeSet<(usize, usize)>) -> Vec<usize> {
    let mut waits_for = vec![0_usize; nodes];
    for (_, to) in arrows {
        waits_for[*to] += 1;
    }
    let mut left: BTreeSet<usize> = (0..nodes).collect();
    let mut ranks = vec![0; nodes];
    for rank in 0..nodes {
        let free = left.iter().find(|node| waits_for[**node] == 0).or_else(|| left.first()).copied();
        let Some(node) = free else { break };
        left.remove(&node);
        ranks[node] = rank;
        for (_, to) in arrows.range((node, 0)..(node + 1, 0)) {
            waits_for[*to] = waits_for[*to].saturating_sub(1);
        }
    }
    ranks
}

/// The layer of each node: right below the lowest that comes before it; what comes first stands right above what it
/// goes to.
fn layers(ranks: &[usize], downward: &[(usize, usize)]) -> Vec<usize> {
    let mut by_rank: Vec<&(usize, usize)> = downward.iter().collect();
    by_rank.sort_by_key(|(from, to)| (ranks[*from], ranks[*to]));
    let mut layers = vec![0_usize; ranks.len()];
    for (from, to) in by_rank {
        layers[*to] = layers[*to].max(layers[*from] + 1);
    }
    let known = layers.clone();
    for (node, layer) in layers.iter_mut().enumerate() {
        let is_first = downward.iter().all(|(_, to)| *to != node);
        let next = downward.iter().filter(|(from, _)| *from == node).map(|(_, to)| known[*to]).min();
        if let (true, Some(next)) = (is_first, next) {
            *layer = next.saturating_sub(1);
        }
    }
    layers
}

/// Joins two nodes, by way of a lane in each layer between them.
fn way(vertices: &mut Vec<Vertex>, from: usize, to: usize) -> Vec<usize> {
    let mut way = vec![from];
    for layer in vertices[from].layer + 1..vertices[to].layer {
        way.push(vertices.len());
        vertices.push(Vertex { layer, width: LANE, above: Vec::new(), below: Vec::new() });
    }
    way.push(to);
    for pair in way.windows(2) {
        vertices[pair[0]].below.push(pair[1]);
        vertices[pair[1]].above.push(pair[0]);
    }
    way
}

/// Orders each layer so that few arrows cross: each vertex goes to the middle of those that it is joined to.
fn order(rows: &mut Vec<Vec<usize>>, vertices: &[Vertex]) {
    let mut best = (crossings(rows, vertices), rows.clone());
    for round in 0..ORDERINGS {
        let is_downward = round % 2 == 0;
        let count = rows.len();
        for step in 1..count {
            let row = if is_downward { step } else { count - 1 - step };
            let beside = positions(&rows[if is_downward { row - 1 } else { row + 1 }], vertices.len());
            let mut keyed: Vec<(f64, usize)> = rows[row]
                .iter()
                .enumerate()
                .map(|(place, index)| {
                    let joined = if is_downward { &vertices[*index].above } else { &vertices[*index].below };
                    let middle = mean(joined.iter().map(|other| beside[*other] as f64));
                    (middle.unwrap_or(place as f64), *index)
                })
                .collect();
            keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
            rows[row] = keyed.into_iter().map(|(_, index)| index).collect();
        }
        let crossed = crossings(rows, vertices);
        if crossed < best.0 {
            best = (crossed, rows.clone());
        }
        if best.0 == 0 {
            break;
        }
    }
    *rows = best.1;
}

fn positions(row: &[usize], vertices: usize) -> Vec<usize> {
    let mut positions = vec![0; vertices];
    for (place, index) in row.iter().enumerate() {
        positions[*index] = place;
    }
    positions
}

/// How often arrows cross.
fn crossings(rows: &[Vec<usize>], vertices: &[Vertex]) -> usize {
    let mut count = 0;
    for pair in rows.windows(2) {
        let below = positions(&pair[1], vertices.len());
        let mut ends: Vec<usize> = Vec::new();
        for index in &pair[0] {
            let mut own: Vec<usize> = vertices[*index].below.iter().map(|other| below[*other]).collect();
            count += own.iter().map(|end| ends.iter().filter(|known| *known > end).count()).sum::<usize>();
            ends.append(&mut own);
        }
    }
    count
}

/// The middle of each vertex: near the middle of those that it is joined to, without touching its neighbours.
fn places(rows: &[Vec<usize>], vertices: &[Vertex]) -> Vec<f64> {
    let mut centres = vec![0.0; vertices.len()];
    for row in rows {
        let wanted = vec![(0.0, 1.0); row.len()];
        for (index, centre) in row.iter().zip(spread(&wanted, &widths(row, vertices))) {
            centres[*index] = centre;
        }
    }
    let count = rows.len();
    for round in 0..PLACINGS {
        let is_downward = round % 2 == 0;
        for step in 0..count {
            let row = &rows[if is_downward { step } else { count - 1 - step }];
            let wanted: Vec<(f64, f64)> = row
                .iter()
                .map(|index| {
                    let vertex = &vertices[*index];
                    // The last rounds look both ways, so that a node stands between what it gets and what it gives.
                    let looks_both_ways = round + 2 >= PLACINGS;
                    let above = vertex.above.iter().filter(|_| is_downward || looks_both_ways);
                    let below = vertex.below.iter().filter(|_| !is_downward || looks_both_ways);
                    let middle = mean(above.chain(below).map(|other| centres[*other]));
                    let weight = if vertex.width == LANE { STRAIGHT } else { 1.0 };
                    (middle.unwrap_or(centres[*index]), weight)
                })
                .collect();
            for (index, centre) in row.iter().zip(spread(&wanted, &widths(row, vertices))) {
                centres[*index] = centre;
            }
        }
    }
    let left = vertices.iter().zip(&centres).map(|(vertex, centre)| centre - vertex.width / 2.0);
    let left = left.fold(f64::INFINITY, f64::min);
    centres.iter().map(|centre| (centre - left + MARGIN).round()).collect()
}

fn widths(row: &[usize], vertices: &[Vertex]) -> Vec<f64> {
    row.iter().map(|index| vertices[*index].width).collect()
}

/// The middles nearest to those that are wanted, each with its weight, in this order and without touching: the least
/// squares, by pooling those that would overlap.
fn spread(wanted: &[(f64, f64)], widths: &[f64]) -> Vec<f64> {
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(wanted.len());
    for (place, width) in widths.iter().enumerate() {
        if place > 0 {
            offset += (widths[place - 1] + width) / 2.0 + BESIDE;
        }
        offsets.push(offset);
    }
    // Each pool: where its first would stand, its weight, how many it has.
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for ((middle, weight), offset) in wanted.iter().zip(&offsets) {
        let mut pool = (middle - offset, *weight, 1);
        while let Some(before) = pools.pop_if(|before| before.0 > pool.0) {
            let weight = before.1 + pool.1;
            pool = ((before.0 * before.1 + pool.0 * pool.1) / weight, weight, before.2 + pool.2);
        }
        pools.push(pool);
    }
    let starts = pools.iter().flat_map(|pool| std::iter::repeat_n(pool.0, pool.2));
    starts.zip(offsets).map(|(start, offset)| start + offset).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Arrows between so many nodes, the same ones for the same seed.
    fn tangled(nodes: usize, arrows: usize, mut seed: u64) -> Vec<(usize, usize)> {
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        (0..arrows)
            .map(|_| {
                let from = next(nodes - 1);
                (from, from + 1 + next((nodes - from - 1).min(25)))
            })
            .collect()
    }

    fn overlap(one: (f64, f64), other: (f64, f64)) -> bool {
        (one.0 - other.0).abs() < NODE_WIDTH && (one.1 - other.1).abs() < NODE_HEIGHT
    }

    fn check(nodes: usize, arrows: &[(usize, usize)]) -> Layout {
        let drawn = layout(nodes, arrows.iter().copied());
        assert_eq!(drawn, layout(nodes, arrows.iter().copied()), "the same graph is drawn the same");
        for (index, node) in drawn.nodes.iter().enumerate() {
            assert!(node.0 >= 0.0 && node.0 + NODE_WIDTH <= drawn.width, "{node:?} of {}", drawn.width);
            assert!(node.1 >= 0.0 && node.1 + NODE_HEIGHT <= drawn.height, "{node:?} of {}", drawn.height);
            for other in &drawn.nodes[index + 1..] {
                assert!(!overlap(*node, *other), "{node:?} and {other:?}");
            }
        }
        for arrow in &drawn.arrows {
            for pair in arrow.points.windows(2) {
                assert!(pair[0].1 < pair[1].1, "{arrow:?} goes down");
                // The bends between layers have no node beside them; the straight parts run beside nodes.
                for (x, y) in drawn.nodes.iter().copied() {
                    let is_beside = pair[0].1 < y + NODE_HEIGHT && pair[1].1 > y;
                    let is_through = pair[0].0 > x && pair[0].0 < x + NODE_WIDTH;
                    assert!(!(is_beside && is_through), "{arrow:?} through the node at {x}, {y}");
                }
            }
        }
        drawn
    }

    #[test]
    fn nothing_touches_and_every_arrow_goes_down() {
        check(0, &[]);
        check(1, &[]);
        check(3, &[]);
        check(4, &[(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)]);
        check(9, &[(0, 2), (1, 3), (2, 3), (3, 4), (3, 5), (4, 6), (5, 6), (6, 7), (6, 8)]);
        for seed in 0..5 {
            check(40, &tangled(40, 60, seed));
        }
    }

    #[test]
    fn two_hundred_nodes_are_drawn_too() {
        let drawn = check(200, &tangled(200, 320, 7));
        assert!(drawn.arrows.iter().all(|arrow| !arrow.points_up));
        assert!(drawn.arrows.len() > 300);
    }

    #[test]
    fn a_chain_is_straight() {
        let drawn = check(5, &[(0, 1), (1, 2), (2, 3), (3, 4)]);
        assert!(drawn.nodes.iter().all(|(x, _)| *x == drawn.nodes[0].0), "{drawn:?}");
    }

    #[test]
    fn a_node_stands_between_those_that_it_joins() {
        let drawn = check(4, &[(0, 1), (0, 2), (1, 3), (2, 3)]);
        let middle = (drawn.nodes[1].0 + drawn.nodes[2].0) / 2.0;
        assert_eq!((drawn.nodes[0].0, drawn.nodes[3].0), (middle, middle));
    }

    #[test]
    fn arrows_that_need_not_cross_do_not() {
        // The lower layer in the order of the list would make all three cross.
        let arrows = [(0, 5), (1, 4), (2, 3)];
        let drawn = check(6, &arrows);
        for (from, to) in arrows {
            assert_eq!(drawn.nodes[from].0, drawn.nodes[to].0);
        }
    }

    #[test]
    fn data_stands_right_above_what_reads_it() {
        let drawn = check(4, &[(0, 1), (1, 2), (3, 2)]);
        assert_eq!(drawn.nodes[3].1, drawn.nodes[1].1);
    }

    #[test]
    fn a_graph_that_goes_round_in_a_circle_is_drawn_with_an_arrow_that_points_up() {
        let drawn = check(3, &[(0, 1), (1, 2), (2, 0), (1, 1), (0, 9)]);
        let up: Vec<_> =
            drawn.arrows.iter().filter(|arrow| arrow.points_up).map(|arrow| (arrow.from, arrow.to)).collect();
        assert_eq!(up, [(2, 0)]);
        assert_eq!(drawn.arrows.len(), 3);
    }
}
