//! A metric whose values are in a file: a picture, or a report that is drawn.

use azimuth_api::{ArtifactContainer, ConfusionMatrix, MetricReport, MetricType, Residuals};
use futures::future::{AbortHandle, abortable};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::Client;
use crate::components::chart::Chart;
use crate::components::chart::scale::number_in_words;
use crate::components::on_screen::use_was_seen;
use crate::components::panel::{Hint, Loading};
use crate::files::download::read_beginning;
use crate::files::reader::{FileReader, ReadError};
use crate::pages::run::file_failure::FileFailure;
use crate::pages::run::metrics::report::{
    label_text, percent, precision_curves, prediction_lines, right_in_words, roc_curves,
};
use crate::pages::run::outputs::preview::{Preview, PreviewView, load_preview};

/// A larger report is left to its file.
const MOST_REPORT: u64 = 5_000_000;

/// Whether a metric can be shown here: a report, or a picture of pixels. One of lines may be a document with scripts,
/// which is looked at where files are.
pub fn is_shown(kind: &MetricType, path: &str) -> bool {
    let end = path.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    let is_of_pixels = ["png", "jpg", "jpeg", "gif", "webp", "bmp"].contains(&end.as_str());
    MetricReport::is_one(kind) || (*kind == MetricType::Image && is_of_pixels)
}

/// What was read of it.
#[derive(Clone)]
enum Content {
    Picture(Preview),
    Report(MetricReport),
    /// It is not what such a metric has.
    Other,
}

/// The metric, once it is near what the window shows.
#[component]
pub fn MeasuredFile(
    name: String,
    kind: MetricType,
    path: String,
    /// Where the file is shown as a file.
    href: String,
    container: ArtifactContainer,
) -> impl IntoView {
    let section = NodeRef::<html::Section>::new();
    let is_seen = use_was_seen(section);
    let client = expect_context::<Client>();
    let reader = StoredValue::new_local(FileReader::new(client, container, path));
    let content = RwSignal::new(None::<Result<Content, ReadError>>);
    let task = StoredValue::new(None::<AbortHandle>);
    let stop = move || {
        let _ = task.try_update_value(|task| task.take().inspect(AbortHandle::abort));
    };
    let begin = move || {
        stop();
        content.set(None);
        let (reader, kind) = (reader.get_value(), kind.clone());
        let (work, handle) = abortable(async move { load(&reader, &kind).await });
        task.set_value(Some(handle));
        spawn_local(async move {
            if let Ok(loaded) = work.await {
                content.try_set(Some(loaded));
            }
        });
    };
    let begin = Callback::new(move |()| begin());
    Effect::new(move || {
        if is_seen.get() {
            begin.run(());
        }
    });
    on_cleanup(stop);
    let title = name.clone();
    let shown = move || {
        match content.get() {
        None => view! { <Loading what=title.clone()/> }.into_any(),
        Some(Err(error)) => view! {
            <FileFailure error=error what=format!("read {title}") reader=reader on_retry=begin/>
        }
        .into_any(),
        Some(Ok(Content::Picture(preview))) => {
            view! { <PreviewView preview=preview name=title.clone()/> }.into_any()
        }
        Some(Ok(Content::Report(report))) => report_view(report, &title),
        Some(Ok(Content::Other)) => view! {
            <Hint><p>"Its file does not have the shape that such a metric usually has. It can be looked at as a file."</p></Hint>
        }
        .into_any(),
    }
    };

    view! {
        <section class="section measured-file" aria-label=name.clone() node_ref=section>
            <div class="section-title">
                <h2><bdi>{name.clone()}</bdi></h2>
                <a class="button quiet small" href=href aria-label=format!("{name} as a file")>"File"</a>
            </div>
            {shown}
        </section>
    }
}

async fn load(reader: &FileReader, kind: &MetricType) -> Result<Content, ReadError> {
    if !MetricReport::is_one(kind) {
        return Ok(Content::Picture(load_preview(reader).await?));
    }
    let read = read_beginning(reader, MOST_REPORT).await?;
    let text = String::from_utf8_lossy(&read.bytes);
    let report = MetricReport::read(kind, &text).filter(|_| read.is_whole);
    Ok(report.map_or(Content::Other, Content::Report))
}

fn report_view(report: MetricReport, title: &str) -> AnyView {
    let title = title.to_owned();
    match report {
        MetricReport::ConfusionMatrix(matrix) => {
            view! { <ConfusionTable matrix=matrix title=title/> }.into_any()
        }
        MetricReport::AccuracyTable(table) => view! {
            <div class="charts">
                <Chart title=format!("{title}: ROC") series=Signal::stored(roc_curves(&table)) along="FPR"/>
                <Chart title=format!("{title}: precision") series=Signal::stored(precision_curves(&table)) along="recall"/>
            </div>
        }
        .into_any(),
        MetricReport::Residuals(residuals) => view! { <Bins residuals=residuals title=title/> }.into_any(),
        MetricReport::Predictions(predictions) => view! {
            <div class="charts">
                <Chart title=title series=Signal::stored(prediction_lines(&predictions)) along="true"/>
            </div>
        }
        .into_any(),
    }
}

/// Counts on a ground that is stronger the more of its row a count is.
#[component]
fn ConfusionTable(matrix: ConfusionMatrix, title: String) -> impl IntoView {
    let labels: Vec<String> = matrix.class_labels.iter().map(label_text).collect();
    let head: Vec<_> = labels
        .iter()
        .map(|label| view! { <th scope="col" class="number"><bdi>{label.clone()}</bdi></th> })
        .collect();
    let row = |row: usize| {
        let cells: Vec<_> = (0..labels.len())
            .map(|column| {
                let share = matrix.share(row, column);
                let words =
                    format!("{} of {} were taken for {}", percent(share), labels[row], labels[column]);
                // Not so strong that the number could not be read any more.
                let strength = format!("{:.1}%", share * 35.0);
                view! {
                    <td class="number heat" class:right=row == column title=words style:--share=strength>
                        {number_in_words(matrix.matrix[row][column])}
                    </td>
                }
            })
            .collect();
        view! { <tr><th scope="row"><bdi>{labels[row].clone()}</bdi></th>{cells}</tr> }
    };
    let rows: Vec<_> = (0..labels.len()).map(row).collect();
    let summary = right_in_words(&matrix);

    view! {
        {summary.map(|summary| view! { <p class="muted">{summary}". A row for each true class; its columns say what it was taken for."</p> })}
        <div class="chart-table" role="region" tabindex="0" aria-label=format!("Counts of {title}")>
            <table class="table">
                <thead><tr><th scope="col">"True"</th>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// Counts from where to where, as bars with their numbers.
#[component]
fn Bins(residuals: Residuals, title: String) -> impl IntoView {
    let most = residuals.bin_counts.iter().copied().fold(0.0, f64::max);
    let bins = residuals.bin_edges.windows(2).zip(residuals.bin_counts.iter().copied());
    let rows: Vec<_> = bins
        .map(|(ends, count)| {
            let (from, to) = (ends[0], ends[1]);
            let width = if most > 0.0 { count / most * 100.0 } else { 0.0 };
            view! {
                <tr>
                    <th scope="row" class="number">{number_in_words(from)}" to "{number_in_words(to)}</th>
                    <td class="number">{number_in_words(count)}</td>
                    <td class="bar">
                        <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width=width height="8"></rect></svg>
                    </td>
                </tr>
            }
        })
        .collect();

    view! {
        <div class="chart-table" role="region" tabindex="0" aria-label=format!("Counts of {title}")>
            <table class="table">
                <thead><tr><th scope="col" class="number">"Off by"</th><th scope="col" class="number">"Count"</th><td></td></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_of_pixels_and_reports_are_shown_here() {
        assert!(is_shown(&MetricType::Image, "plots/p.PNG"));
        assert!(is_shown(&MetricType::Residuals, "residuals"));
        for (kind, path) in [
            (MetricType::Image, "p.svg"),
            (MetricType::Image, "p.html"),
            (MetricType::Image, "p"),
            (MetricType::Other("x".to_owned()), "p.png"),
        ] {
            assert!(!is_shown(&kind, path), "{path}");
        }
    }
}
