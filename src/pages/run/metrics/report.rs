//! Reports as curves.

use azimuth_api::{AccuracyTable, ConfusionMatrix, Predictions};
use serde_json::Value;

use crate::components::chart::Series;
use crate::components::chart::scale::number_in_words;

/// For each class, how many of it are found at the price of how many that are not of it.
pub fn roc_curves(table: &AccuracyTable) -> Vec<Series> {
    curves(table, |[hits, false_hits, rest, misses]| {
        (false_hits / (false_hits + rest), hits / (hits + misses))
    })
}

/// For each class, how many of those that are taken for it are of it, over how many of it are found.
pub fn precision_curves(table: &AccuracyTable) -> Vec<Series> {
    curves(table, |[hits, false_hits, _, misses]| (hits / (hits + misses), hits / (hits + false_hits)))
}

fn curves(table: &AccuracyTable, point: fn(&[f64; 4]) -> (f64, f64)) -> Vec<Series> {
    let curve = |(counts, label): (&Vec<[f64; 4]>, &Value)| {
        // Where nothing is taken for a class there is no number.
        let mut points: Vec<(f64, f64)> =
            counts.iter().map(point).filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
        points.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
        Series { name: label_text(label), points: points.into() }
    };
    table.probability_tables.iter().zip(&table.class_labels).map(curve).collect()
}

/// What was predicted, with its error on both sides, beside what is true.
pub fn prediction_lines(predictions: &Predictions) -> Vec<Series> {
    let line = |name: &str, value: fn((f64, f64, f64)) -> f64| {
        let bins =
            predictions.bin_edges.windows(2).zip(&predictions.bin_averages).zip(&predictions.bin_errors);
        let points = bins.map(|((ends, average), error)| {
            let middle = (ends[0] + ends[1]) / 2.0;
            (middle, value((middle, *average, *error)))
        });
        Series { name: name.to_owned(), points: points.collect() }
    };
    vec![
        line("predicted", |(_, average, _)| average),
        line("true", |(middle, _, _)| middle),
        line("predicted and its error", |(_, average, error)| average + error),
        line("predicted less its error", |(_, average, error)| average - error),
    ]
}

/// The name of a class.
pub fn label_text(label: &Value) -> String {
    label.as_str().map_or_else(|| label.to_string(), str::to_owned)
}

/// `94 % of 600 right`.
pub fn right_in_words(matrix: &ConfusionMatrix) -> Option<String> {
    let (right, all) = matrix.right();
    (all > 0.0).then(|| format!("{} of {} right", percent(right / all), number_in_words(all)))
}

/// `94.1 %`.
pub fn percent(share: f64) -> String {
    format!("{} %", number_in_words((share * 1_000.0).round() / 10.0))
}

#[cfg(test)]
mod tests {
    use azimuth_api::{MetricReport, MetricType};

    use super::*;

    #[test]
    fn an_accuracy_table_becomes_two_curves_for_each_class() {
        let text =
            r#"{"data":{"class_labels":[7],"probability_tables":[[[10,10,0,0],[8,2,8,2],[0,0,10,10]]]}}"#;
        let Some(MetricReport::AccuracyTable(table)) = MetricReport::read(&MetricType::AccuracyTable, text)
        else {
            panic!("it is one");
        };
        let roc = roc_curves(&table);
        assert_eq!(
            (roc[0].name.as_str(), &roc[0].points[..]),
            ("7", &[(0.0, 0.0), (0.2, 0.8), (1.0, 1.0)][..])
        );
        assert_eq!(precision_curves(&table)[0].points[..], [(0.8, 0.8), (1.0, 0.5)]);
    }

    #[test]
    fn predictions_have_their_error_on_both_sides() {
        let predictions = Predictions {
            bin_edges: vec![0.0, 2.0, 4.0],
            bin_averages: vec![1.5, 3.0],
            bin_errors: vec![0.5, 1.0],
        };
        let lines = prediction_lines(&predictions);
        let values: Vec<f64> = lines.iter().map(|line| line.points[0].1).collect();
        assert_eq!((values.as_slice(), lines[0].points[1].0), (&[1.5, 1.0, 2.0, 1.0][..], 3.0));
    }

    #[test]
    fn what_is_right_is_said_in_words() {
        let matrix = ConfusionMatrix {
            class_labels: vec!["a".into(), 7.into()],
            matrix: vec![vec![9.0, 1.0], vec![2.0, 8.0]],
        };
        assert_eq!(right_in_words(&matrix).as_deref(), Some("85 % of 20 right"));
        let empty = ConfusionMatrix { class_labels: vec!["a".into()], matrix: vec![vec![0.0]] };
        assert_eq!(right_in_words(&empty), None);
    }
}
