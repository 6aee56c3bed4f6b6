//! What is in the files of metrics that have one, in the shapes of the published client ([reference]).
//!
//! [reference]: https://learn.microsoft.com/python/api/azureml-core/azureml.core.run(class)

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::MetricType;

/// A metric that is JSON in a file, read and found to be whole.
#[derive(Clone, Debug, PartialEq)]
pub enum MetricReport {
    /// `azureml.v1.confusion_matrix`.
    ConfusionMatrix(ConfusionMatrix),
    /// `azureml.v1.accuracy_table`.
    AccuracyTable(AccuracyTable),
    /// `azureml.v1.residuals`.
    Residuals(Residuals),
    /// `azureml.v1.predictions`.
    Predictions(Predictions),
}

/// How often each class was taken for each.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ConfusionMatrix {
    /// The classes: texts, numbers or truths.
    pub class_labels: Vec<Value>,
    /// A row for each true class, with a count for each that it was taken for.
    pub matrix: Vec<Vec<f64>>,
}

/// Counts for many thresholds.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct AccuracyTable {
    /// The classes: texts, numbers or truths.
    pub class_labels: Vec<Value>,
    /// For each class and each threshold: rightly taken for it, wrongly, rightly not, wrongly not.
    pub probability_tables: Vec<Vec<[f64; 4]>>,
}

/// How often predictions are how far off.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Residuals {
    /// One more than there are counts.
    pub bin_edges: Vec<f64>,
    /// How many are between two edges.
    pub bin_counts: Vec<f64>,
}

/// Predictions for true values.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Predictions {
    /// True values; one more than there are averages.
    pub bin_edges: Vec<f64>,
    /// What was predicted between two edges.
    pub bin_averages: Vec<f64>,
    /// How far predictions are from that.
    pub bin_errors: Vec<f64>,
}

#[derive(Deserialize)]
struct Document<T> {
    data: T,
}

fn data<T: DeserializeOwned>(text: &str, is_whole: impl FnOnce(&T) -> bool) -> Option<T> {
    serde_json::from_str::<Document<T>>(text).ok().map(|document| document.data).filter(is_whole)
}

impl MetricReport {
    /// Whether metrics of this kind are in files that [`MetricReport::read`] reads.
    pub fn is_one(kind: &MetricType) -> bool {
        matches!(
            kind,
            MetricType::ConfusionMatrix
                | MetricType::AccuracyTable
                | MetricType::Residuals
                | MetricType::Predictions
        )
    }

    /// Reads a file; none where it is not what such a metric has.
    pub fn read(kind: &MetricType, text: &str) -> Option<Self> {
        match kind {
            MetricType::ConfusionMatrix => data(text, |read: &ConfusionMatrix| {
                let size = read.class_labels.len();
                size > 0 && read.matrix.len() == size && read.matrix.iter().all(|row| row.len() == size)
            })
            .map(Self::ConfusionMatrix),
            MetricType::AccuracyTable => data(text, |read: &AccuracyTable| {
                !read.class_labels.is_empty() && read.probability_tables.len() == read.class_labels.len()
            })
            .map(Self::AccuracyTable),
            MetricType::Residuals => data(text, |read: &Residuals| {
                !read.bin_counts.is_empty() && read.bin_edges.len() == read.bin_counts.len() + 1
            })
            .map(Self::Residuals),
            MetricType::Predictions => data(text, |read: &Predictions| {
                let count = read.bin_averages.len();
                count > 0 && read.bin_errors.len() == count && read.bin_edges.len() == count + 1
            })
            .map(Self::Predictions),
            _ => None,
        }
    }
}

impl ConfusionMatrix {
    /// How much of its row a count is, from 0 to 1.
    pub fn share(&self, row: usize, column: usize) -> f64 {
        let all: f64 = self.matrix[row].iter().sum();
        if all > 0.0 { self.matrix[row][column] / all } else { 0.0 }
    }

    /// How many were taken for what they are, and how many there are.
    pub fn right(&self) -> (f64, f64) {
        let right = self.matrix.iter().enumerate().map(|(index, row)| row[index]).sum();
        (right, self.matrix.iter().flatten().sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confusion_matrix_has_labels_of_any_kind() {
        let text =
            r#"{"schema_type":"confusion_matrix","data":{"class_labels":["rye",7],"matrix":[[9,1],[2,8]]}}"#;
        let Some(MetricReport::ConfusionMatrix(read)) =
            MetricReport::read(&MetricType::ConfusionMatrix, text)
        else {
            panic!("it is one");
        };
        assert_eq!((read.share(0, 0), read.share(1, 0), read.right()), (0.9, 0.2, (17.0, 20.0)));
    }

    #[test]
    fn what_has_another_shape_is_no_report() {
        for text in [
            "",
            "{}",
            r#"{"data":{"class_labels":["a"],"matrix":[[1,2]]}}"#,
            r#"{"data":{"class_labels":[],"matrix":[]}}"#,
            r#"{"data":{"class_labels":["a"],"probability_tables":[[[1,2,3]]]}}"#,
            r#"{"data":{"bin_edges":[1],"bin_counts":[1]}}"#,
            r#"{"data":{"bin_edges":[1],"bin_averages":[1],"bin_errors":[1]}}"#,
        ] {
            for kind in [
                MetricType::ConfusionMatrix,
                MetricType::AccuracyTable,
                MetricType::Residuals,
                MetricType::Predictions,
                MetricType::Image,
            ] {
                assert_eq!(MetricReport::read(&kind, text), None, "{text}");
            }
        }
    }
}
