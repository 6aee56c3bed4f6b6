//! One metric of a run: what is said of it, and its values, made when they are asked for.

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::checksum::guid;
use crate::state::{Run, text};
use crate::times::stamp;

/// A metric whose cells are not made yet.
pub struct Measured {
    /// The document without cells.
    head: Value,
    pub count: usize,
    cell: Box<dyn Fn(usize) -> Value>,
}

/// What a metric is called and what kind it is of.
pub struct Kind<'a> {
    pub name: &'a str,
    /// The last part of `azureml.v1.…`.
    pub kind: &'a str,
    /// Names and types of its columns.
    pub columns: &'a [(&'a str, &'a str)],
}

/// A sweep's table of the best trial so far, as the service logs it on the parent.
pub fn best_trial(run: &Run, created: OffsetDateTime, rows: Vec<Value>) -> Value {
    let kind = Kind {
        name: "best_child_by_primary_metric",
        kind: "table",
        columns: &[
            ("metric_name", "string"),
            ("timestamp", "string"),
            ("run_id", "string"),
            ("metric_value", "float"),
            ("final", "bool"),
        ],
    };
    Measured::rows(run, &kind, created, rows).whole()
}

impl Measured {
    /// A metric with `count` cells.
    pub fn new(
        run: &Run,
        kind: &Kind<'_>,
        created: OffsetDateTime,
        count: usize,
        cell: impl Fn(usize) -> Value + 'static,
    ) -> Measured {
        let properties: Vec<Value> = kind
            .columns
            .iter()
            .map(|(name, kind)| json!({ "propertyId": name, "name": name, "type": kind }))
            .collect();
        let head = json!({
            "runId": run.id(),
            "metricId": guid(&format!("metric {} of {}", kind.name, run.id())),
            "dataContainerId": run.document["dataContainerId"],
            "metricType": format!("azureml.v1.{}", kind.kind),
            "createdUtc": stamp(created),
            "name": kind.name,
            "description": "",
            "label": null,
            "numCells": count,
            "dataLocation": null,
            "cells": [],
            "schema": { "numProperties": properties.len(), "properties": properties },
        });
        Measured { head, count, cell: Box::new(cell) }
    }

    /// Values that were logged one after the other under one name.
    pub fn numbers(
        run: &Run,
        name: &'static str,
        created: OffsetDateTime,
        count: usize,
        value: impl Fn(usize) -> Value + 'static,
    ) -> Measured {
        let kind = Kind { name, kind: "scalar", columns: &[(name, "float")] };
        Measured::new(run, &kind, created, count, move |index| json!({ name: value(index) }))
    }

    /// One value, of a type.
    pub fn value(
        run: &Run,
        name: &'static str,
        kind: &str,
        created: OffsetDateTime,
        value: Value,
    ) -> Measured {
        let kind = Kind { name, kind: "scalar", columns: &[(name, kind)] };
        Measured::new(run, &kind, created, 1, move |_| json!({ name: value }))
    }

    /// Rows.
    pub fn rows(run: &Run, kind: &Kind<'_>, created: OffsetDateTime, rows: Vec<Value>) -> Measured {
        Measured::new(run, kind, created, rows.len(), move |index| rows[index].clone())
    }

    /// A metric whose data is a file of the run. Guess: that it has neither cells nor columns.
    pub fn file(run: &Run, name: &str, kind: &str, created: OffsetDateTime, path: &str) -> Measured {
        let mut measured =
            Measured::new(run, &Kind { name, kind, columns: &[] }, created, 0, |_| Value::Null);
        let container = text(&run.document, "dataContainerId");
        measured.head["dataLocation"] = format!("aml://artifactId/ExperimentRun/{container}/{path}").into();
        measured
    }

    /// A metric that a client sent.
    pub fn sent(mut document: Value) -> Measured {
        let cells = match document["cells"].take() {
            Value::Array(cells) => cells,
            _ => Vec::new(),
        };
        document["cells"] = json!([]);
        Measured { head: document, count: cells.len(), cell: Box::new(move |index| cells[index].clone()) }
    }

    /// The document without cells, to be filtered.
    pub fn head(&self) -> &Value {
        &self.head
    }

    /// Whether its cells were logged one by one, and the service merged them.
    pub fn is_merged(&self) -> bool {
        self.head["metricType"] == "azureml.v1.scalar" && self.count > 1
    }

    /// The document with all cells.
    pub fn whole(&self) -> Value {
        let mut document = self.head.clone();
        document["cells"] = (0..self.count).map(&self.cell).collect();
        document
    }

    /// One of the values that were logged under this name, as a metric.
    pub fn one(&self, index: usize) -> Value {
        let mut document = self.head.clone();
        document["metricId"] = guid(&format!("{} {index}", text(&self.head, "metricId"))).into();
        document["cells"] = json!([(self.cell)(index)]);
        document["numCells"] = 1.into();
        document
    }
}
