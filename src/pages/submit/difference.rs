//! What is different between two texts, line by line.

use leptos::prelude::*;

/// A line of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Only the old text has it.
    Removed(&'a str),
    /// Only the new text has it.
    Added(&'a str),
    /// Both have it, however it is indented.
    Same(&'a str),
    /// So many more that both have.
    Unchanged(usize),
}

/// How many unchanged lines are shown around a change.
const AROUND: usize = 1;

/// More pairs of lines than this are not compared: all of the old text is then removed and all of the new one added.
const MOST_PAIRS: usize = 1_000_000;

/// How the new text comes of the old one.
pub fn difference<'a>(old: &'a str, new: &'a str) -> Vec<Line<'a>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let is_same = |one: usize, other: usize| old[one].trim() == new[other].trim();
    let start = (0..old.len().min(new.len())).take_while(|line| is_same(*line, *line)).count();
    let left = old.len().min(new.len()) - start;
    let end = (1..=left).take_while(|line| is_same(old.len() - line, new.len() - line)).count();
    let (height, width) = (old.len() - start - end, new.len() - start - end);

    // How many lines the rest of the one text has in common with the rest of the other.
    let common = (height * width <= MOST_PAIRS).then(|| {
        let mut common = vec![vec![0_u32; width + 1]; height + 1];
        for one in (0..height).rev() {
            for other in (0..width).rev() {
                common[one][other] = if is_same(start + one, start + other) {
                    common[one + 1][other + 1] + 1
                } else {
                    common[one + 1][other].max(common[one][other + 1])
                };
            }
        }
        common
    });
    let mut lines: Vec<Line<'a>> = new[..start].iter().map(|line| Line::Same(line)).collect();
    let (mut one, mut other) = (0, 0);
    while one < height || other < width {
        let keeps = |common: &Vec<Vec<u32>>| common[one + 1][other] >= common[one][other + 1];
        if one < height && other < width && common.is_some() && is_same(start + one, start + other) {
            lines.push(Line::Same(new[start + other]));
            (one, other) = (one + 1, other + 1);
        } else if one < height && (other == width || common.as_ref().is_none_or(keeps)) {
            lines.push(Line::Removed(old[start + one]));
            one += 1;
        } else {
            lines.push(Line::Added(new[start + other]));
            other += 1;
        }
    }
    lines.extend(new[new.len() - end..].iter().map(|line| Line::Same(line)));
    folded(lines)
}

/// The lines with those that both texts have left out, except around a change.
fn folded(lines: Vec<Line<'_>>) -> Vec<Line<'_>> {
    let is_near = |place: usize| {
        let around = place.saturating_sub(AROUND)..(place + AROUND + 1).min(lines.len());
        lines[around].iter().any(|line| !matches!(line, Line::Same(_)))
    };
    // One line is as short as the word that it is left out.
    let is_shown = |place: usize| {
        is_near(place) || (place > 0 && is_near(place - 1) && place + 1 < lines.len() && is_near(place + 1))
    };
    let mut folded = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        match folded.last_mut() {
            _ if is_shown(place) => folded.push(line.clone()),
            Some(Line::Unchanged(count)) => *count += 1,
            _ => folded.push(Line::Unchanged(1)),
        }
    }
    folded
}

/// A difference as it is read: a sign, and for those who do not see it a word.
#[component]
pub fn Difference(old: String, new: String) -> impl IntoView {
    let rows: Vec<_> = difference(&old, &new)
        .into_iter()
        .map(|line| {
            let (class, sign, word, text) = match line {
                Line::Removed(text) => ("removed", "−", "Removed: ", text.to_owned()),
                Line::Added(text) => ("added", "+", "Added: ", text.to_owned()),
                Line::Same(text) => ("", "", "", text.to_owned()),
                Line::Unchanged(1) => ("unchanged", "", "", "1 line as it was".to_owned()),
                Line::Unchanged(count) => ("unchanged", "", "", format!("{count} lines as they were")),
            };
            view! {
                <li class=class>
                    <span class="sign" aria-hidden="true">{sign}</span>
                    <span><span class="visually-hidden">{word}</span>{text}</span>
                </li>
            }
        })
        .collect();

    view! { <div class="difference" role="region" aria-label="Difference" tabindex="0"><ol>{rows}</ol></div> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_both_have_are_told_from_the_others() {
        let lines = difference("a\nb\nc\nd", "a\nc\nx\nd");
        assert_eq!(
            lines,
            [Line::Same("a"), Line::Removed("b"), Line::Same("c"), Line::Added("x"), Line::Same("d")]
        );
        assert_eq!(difference("a", "a"), [Line::Unchanged(1)]);
        assert_eq!(difference("", "a"), [Line::Added("a")]);
        assert_eq!(difference("a", ""), [Line::Removed("a")]);
        assert_eq!(difference("a\na\na", "a\na"), [Line::Unchanged(1), Line::Same("a"), Line::Removed("a")]);
    }

    #[test]
    fn what_is_far_from_a_change_is_folded() {
        let old: Vec<String> = (0..100).map(|line| format!("line {line}")).collect();
        let mut new = old.clone();
        new[50] = "changed".to_owned();
        let (old, new) = (old.join("\n"), new.join("\n"));
        assert_eq!(
            difference(&old, &new),
            [
                Line::Unchanged(49),
                Line::Same("line 49"),
                Line::Removed("line 50"),
                Line::Added("changed"),
                Line::Same("line 51"),
                Line::Unchanged(48),
            ]
        );
        let lines = difference("a\n1\n2\n3\nb", "A\n1\n2\n3\nB");
        assert!(!lines.iter().any(|line| matches!(line, Line::Unchanged(_))), "{lines:?}");
    }

    #[test]
    fn what_is_indented_alone_is_the_same() {
        let lines = difference("{\n  \"a\": 1\n}", "{\n  \"b\": {\n    \"a\": 1\n  }\n}");
        assert_eq!(
            lines,
            [
                Line::Same("{"),
                Line::Added("  \"b\": {"),
                Line::Same("    \"a\": 1"),
                Line::Added("  }"),
                Line::Same("}")
            ]
        );
    }

    #[test]
    fn texts_that_are_too_long_to_compare_are_told_apart_whole() {
        let text = |word: &str| (0..1_500).map(|line| format!("{word}{line}\n")).collect::<String>();
        let (old, new) = (text("a"), text("b"));
        let lines = difference(&old, &new);
        assert_eq!(lines.len(), 3_000);
        assert_eq!((&lines[0], &lines[1_500]), (&Line::Removed("a0"), &Line::Added("b0")));
    }
}
