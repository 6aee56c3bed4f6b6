//! What a run measures and leaves that learns to tell breads apart on photos.

use std::rc::Rc;

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::checksum::fraction;
use crate::measured::{Kind, Measured};
use crate::picture::{BERRY, CRUST, INK, Picture};
use crate::run_progress::Moment;
use crate::state::{Run, Work};

const BREADS: [&str; 5] = ["sourdough", "rye", "bagel", "baguette", "brioche"];

/// How many photos of each bread there are to test with.
const PHOTOS: f64 = 120.0;

/// The round after which a run that diverges has no numbers any more; the one before has one that is too large.
const LAST_GOOD_ROUND: usize = 6;

/// A run that sorts breads, as far as it is.
pub struct Sorter {
    seed: String,
    rounds: usize,
    done: usize,
    skill: f64,
    diverges: bool,
}

impl Sorter {
    pub fn of(run: &Run, moment: &Moment) -> Option<Rc<Sorter>> {
        let Work::Sorting { rounds, skill, diverges } = run.work else { return None };
        let done = (f64::from(rounds) * moment.work_done) as usize;
        let done = if diverges { done.min(LAST_GOOD_ROUND + 3) } else { done };
        Some(Rc::new(Sorter { seed: run.id().to_owned(), rounds: rounds as usize, done, skill, diverges }))
    }

    fn noise(&self, what: &str, round: usize) -> f64 {
        fraction(&format!("{} {what} {round}", self.seed)) - 0.5
    }

    /// A number after a round; rounds count from nought here, as cells do.
    fn value(&self, what: &str, round: usize) -> Value {
        if self.diverges && round >= LAST_GOOD_ROUND && what != "learning_rate" {
            // Guess: numbers that JSON does not have come as text.
            return if round == LAST_GOOD_ROUND { "Infinity" } else { "NaN" }.into();
        }
        let progress = (round + 1) as f64 / self.rounds.max(1) as f64;
        let rise = 1.0 - (-6.0 * progress).exp();
        let trained = 0.2 + (self.skill + 0.04 - 0.2) * rise;
        let tested = 0.2 + (self.skill - 0.2) * rise;
        let number = match what {
            "accuracy" => (trained + 0.02 * self.noise(what, round)).min(1.0),
            "val_accuracy" => (tested + 0.05 * self.noise(what, round)).min(1.0),
            "loss" => -trained.ln() + 0.02 * self.noise(what, round).abs(),
            "val_loss" => -tested.ln() + 0.12 * self.noise(what, round).abs(),
            "learning_rate" => {
                0.01 * 0.5_f64.powi(i32::try_from(round * 8 / self.rounds.max(1)).unwrap_or(0))
            }
            _ => 4.0 * (1.0 - 0.9 * rise) + self.noise(what, round).abs(),
        };
        rounded(number, 5).into()
    }

    /// What the script prints: in colours, and with a bar that is drawn over again.
    pub fn write_log(&self, log: &mut String) {
        log.push_str("\u{1b}[1mFound 3 000 photos of 5 breads\u{1b}[0m\n");
        for round in 0..self.done {
            let number = |what: &str| self.value(what, round).to_string().trim_matches('"').to_owned();
            let (loss, accuracy) = (number("val_loss"), number("val_accuracy"));
            for (filled, percent) in [(4, 25), (8, 50), (12, 75), (16, 100)] {
                let bar = "#".repeat(filled) + &"-".repeat(16 - filled);
                log.push_str(&format!("\r  [{bar}] {percent:>3}%"));
            }
            let colour = if accuracy.starts_with(['I', 'N']) { 31 } else { 32 };
            log.push_str(&format!(
                "\nepoch {:>4}/{}  \u{1b}[36mloss {loss}\u{1b}[0m  \u{1b}[{colour}maccuracy {accuracy}\u{1b}[0m\n",
                round + 1,
                self.rounds
            ));
            if round == 2 {
                log.push_str("\u{1b}[33;1mWARNING\u{1b}[0m: 14 photos are upside down and were turned\n");
            }
        }
    }

    /// Every kind of metric that there is.
    pub fn metrics(self: &Rc<Sorter>, run: &Run, moment: &Moment, metrics: &mut Vec<Measured>) {
        let Some(started) = moment.started else { return };
        if self.done > 0 {
            for name in ["accuracy", "val_accuracy", "loss", "val_loss", "learning_rate", "gradient_norm"] {
                let sorter = Rc::clone(self);
                let value = move |round| sorter.value(name, round);
                metrics.push(Measured::numbers(run, name, started, self.done, value));
            }
        }
        if moment.status != "Completed" {
            return;
        }
        let when = moment.ended.unwrap_or(started);
        self.summary(run, when, metrics);
        let seconds = Kind { name: "epoch_seconds", kind: "list", columns: &[("epoch_seconds", "float")] };
        let sorter = Rc::clone(self);
        metrics.push(Measured::new(
            run,
            &seconds,
            when,
            self.rounds,
            move |round| json!({ "epoch_seconds": rounded(11.0 + 3.0 * sorter.noise("seconds", round), 2) }),
        ));
        let recall = Kind {
            name: "recall_by_bread",
            kind: "table",
            columns: &[("bread", "string"), ("photos", "int"), ("recall", "float")],
        };
        let matrix = self.matrix();
        let rows = BREADS.iter().enumerate().map(|(index, bread)| {
            let recall = rounded(matrix[index][index] / PHOTOS, 4);
            json!({ "bread": bread, "photos": PHOTOS as u32, "recall": recall })
        });
        metrics.push(Measured::rows(run, &recall, when, rows.collect()));
        let curve = Kind {
            name: "precision_recall",
            kind: "table",
            columns: &[("recall", "float"), ("precision", "float")],
        };
        let points = (0..=20).map(|step| {
            let recall = f64::from(step) / 20.0;
            let precision = 1.0 - (1.0 - self.skill) * recall.powi(3) * 2.5;
            json!({ "recall": recall, "precision": rounded(precision.max(0.2), 4) })
        });
        metrics.push(Measured::rows(run, &curve, when, points.collect()));
        for name in ["confusion_matrix", "accuracy_table"] {
            metrics.push(Measured::file(run, name, name, when, name));
        }
        metrics.push(Measured::file(run, "wrong_ones", "image", when, "wrong_ones.png"));
    }

    /// Values of every type.
    fn summary(&self, run: &Run, when: OffsetDateTime, metrics: &mut Vec<Measured>) {
        let accuracy = self.matrix().iter().enumerate().map(|(index, row)| row[index]).sum::<f64>();
        let accuracy = rounded(accuracy / (PHOTOS * BREADS.len() as f64), 4);
        metrics.push(Measured::value(run, "test_accuracy", "float", when, accuracy.into()));
        metrics.push(Measured::value(run, "parameters", "int", when, 23_512_130.into()));
        let network = format!("bread-eye, {} rounds", self.rounds);
        metrics.push(Measured::value(run, "network", "string", when, network.into()));
        metrics.push(Measured::value(run, "stopped_early", "bool", when, (self.rounds < 50).into()));
        // The numbers of a bread without a photo are none.
        metrics.push(Measured::value(run, "pretzel_recall", "float", when, "NaN".into()));
    }

    /// Photos by the bread that they show and the bread that was seen.
    fn matrix(&self) -> Vec<Vec<f64>> {
        let row = |shown: usize| {
            let right = PHOTOS * (self.skill + 0.06 * self.noise("right", shown)).min(1.0);
            let right = right.round();
            let mut wrong = PHOTOS - right;
            let mut row = vec![0.0; BREADS.len()];
            row[shown] = right;
            let others: Vec<usize> = (0..BREADS.len()).filter(|bread| *bread != shown).collect();
            for (place, bread) in others.iter().enumerate() {
                let share = if place + 1 == others.len() {
                    wrong
                } else {
                    (wrong * fraction(&format!("{} {shown} as {bread}", self.seed))).round()
                };
                row[*bread] = share;
                wrong -= share;
            }
            row
        };
        (0..BREADS.len()).map(row).collect()
    }

    /// The files that metrics name; the shapes are those of the published client's reference.
    pub fn files(&self) -> [(&'static str, Vec<u8>); 3] {
        let matrix: Vec<Vec<u32>> =
            self.matrix().iter().map(|row| row.iter().map(|photos| *photos as u32).collect()).collect();
        let matrix = json!({
            "schema_type": "confusion_matrix",
            "schema_version": "v1",
            "data": { "class_labels": BREADS, "matrix": matrix },
        });
        let thresholds: Vec<f64> = (0..=10).map(|step| f64::from(step) / 10.0).collect();
        let tables: Vec<Vec<[u32; 4]>> = (0..BREADS.len())
            .map(|bread| thresholds.iter().map(|threshold| self.counts(bread, *threshold)).collect())
            .collect();
        let table = json!({
            "schema_type": "accuracy_table",
            "schema_version": "v1",
            "data": {
                "probability_tables": tables,
                "percentile_tables": tables,
                "probability_thresholds": thresholds,
                "percentile_thresholds": thresholds,
                "class_labels": BREADS,
            },
        });
        [
            ("confusion_matrix", matrix.to_string().into_bytes()),
            ("accuracy_table", table.to_string().into_bytes()),
            ("wrong_ones.png", self.wrong_ones()),
        ]
    }

    /// Right and wrong hits, then right and wrong misses, when a bread is seen from a probability on.
    fn counts(&self, bread: usize, threshold: f64) -> [u32; 4] {
        let others = PHOTOS * (BREADS.len() - 1) as f64;
        let skill = (self.skill + 0.04 * self.noise("table", bread)).min(0.99);
        let hits = (PHOTOS * (1.0 - threshold.powf(8.0 * skill))).round();
        let wrong_hits = (others * (1.0 - threshold).powf(8.0 * skill)).round();
        [hits, wrong_hits, others - wrong_hits, PHOTOS - hits].map(|count| count as u32)
    }

    /// Loaves in rows; those that were taken for something else have a frame.
    fn wrong_ones(&self) -> Vec<u8> {
        let mut picture = Picture::new(240, 160);
        for place in 0..24 {
            let corner = (place % 6 * 40, place / 6 * 40);
            if fraction(&format!("{} photo {place}", self.seed)) > self.skill {
                picture.fill((corner.0 + 2, corner.1 + 2), (36, 36), BERRY);
                picture.fill((corner.0 + 4, corner.1 + 4), (32, 32), 0);
            }
            let height = 12 + (14.0 * fraction(&format!("{} loaf {place}", self.seed))) as usize;
            let top = corner.1 + (40 - height) / 2;
            picture.oval((corner.0 + 7, top), (26, height), INK);
            picture.oval((corner.0 + 8, top + 1), (24, height - 2), CRUST);
        }
        picture.png()
    }
}

/// A line about one of very many photos.
pub fn photo(number: usize) -> String {
    let bread = BREADS[number * 7 % BREADS.len()];
    format!(
        "till/{:02}/{number:06}.jpg  {bread:<10} {:.3}",
        number % 31 + 1,
        0.5 + (number % 499) as f64 / 1e3
    )
}

fn rounded(number: f64, digits: i32) -> f64 {
    let factor = 10_f64.powi(digits);
    (number * factor).round() / factor
}
