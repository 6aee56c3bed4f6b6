//! What a run that sorts breads leaves behind: a tree of files of every kind.

use crate::checksum::checksum;
use crate::content::Content;

/// The files, by path. `accuracy` is what the run got to.
pub fn tree(run: &str, accuracy: f64) -> Vec<(&'static str, Content)> {
    let filled = |text: &str| text.replace("RUN", run).replace("ACCURACY", &accuracy.to_string());
    vec![
        ("outputs/bread-eye/weights.bin", noise(run, 16_384).into()),
        ("outputs/bread-eye/labels.txt", "sourdough\nrye\nbagel\nbaguette\nbrioche\n".into()),
        ("outputs/bread-eye/.complete", "".into()),
        ("outputs/config.json", filled(include_str!("leftovers/config.json")).into()),
        ("outputs/look.ipynb", filled(include_str!("leftovers/look.ipynb")).into()),
        // Quotes, commas and ends of lines within cells, and what a spreadsheet would take for a formula.
        ("outputs/predictions/mistakes.csv", include_str!("leftovers/mistakes.csv").into()),
        // Five megabytes.
        (
            "outputs/predictions/every_photo.txt",
            Content::Lines { count: 52_429, line: crate::sorting::photo },
        ),
        (
            "outputs/predictions/by shop/Bäckerei am Hafen & Söhne (100 %).csv",
            "day,loaves\nMonday,214\n".into(),
        ),
        ("outputs/report.html", REPORT.into()),
        ("outputs/breads.svg", DRAWING.into()),
        ("logs/training/epochs.log", "epoch 1 saved\nepoch 20 saved\nlast epoch saved\n".into()),
    ]
}

/// A model as a script would pickle it: bytes that are no text.
pub fn pickle(run: &str) -> Vec<u8> {
    let mut bytes = b"\x80\x03csklearn.linear_model\nRidge\nq\x00)\x81q\x01}q\x02(X\x05\x00\x00\x00".to_vec();
    bytes.extend(noise(run, 2_048));
    bytes.extend(b"ub.");
    bytes
}

fn noise(seed: &str, length: usize) -> Vec<u8> {
    (0..length / 8).flat_map(|index| checksum(&format!("{seed} byte {index}")).to_le_bytes()).collect()
}

const REPORT: &str = "<!doctype html>\n<title>Report</title>\n<h1>Bread eye</h1>\n\
    <script>document.title = 'this must not run'</script>\n";

const DRAWING: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 40 20\">\n  \
    <ellipse cx=\"20\" cy=\"10\" rx=\"18\" ry=\"8\" fill=\"#c98a3b\"/>\n  \
    <script>document.title = 'this must not run'</script>\n</svg>\n";
