//! What a run that sorts breads leaves behind: a tree of files of every kind.

use serde_json::json;

use crate::checksum::checksum;
use crate::content::Content;

/// The files, by path. `accuracy` is what the run got to.
pub fn tree(run: &str, accuracy: f64) -> Vec<(&'static str, Content)> {
    vec![
        ("outputs/bread-eye/weights.bin", noise(run, 65_536).into()),
        ("outputs/bread-eye/labels.txt", "sourdough\nrye\nbagel\nbaguette\nbrioche\n".into()),
        ("outputs/bread-eye/.complete", "".into()),
        ("outputs/config.json", config(accuracy).into()),
        ("outputs/look.ipynb", notebook(run, accuracy).into()),
        ("outputs/predictions/mistakes.csv", MISTAKES.into()),
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

fn config(accuracy: f64) -> String {
    let config = json!({
        "network": { "layers": [64, 128, 256, 512], "dropout": 0.2, "pretrained": true },
        "photos": { "folder": "till-camera", "size": [224, 224], "turned": [-15, 15] },
        "accuracy": accuracy,
        "notes": null,
    });
    config.to_string()
}

fn notebook(run: &str, accuracy: f64) -> String {
    let code = |number: u32, source: serde_json::Value, outputs: serde_json::Value| {
        json!({
            "cell_type": "code",
            "execution_count": number,
            "metadata": {},
            "source": source,
            "outputs": outputs,
        })
    };
    let words = json!(["# Which breads are taken for others?\n", "\n", format!("Looks at run `{run}`.")]);
    let printed =
        json!([{ "output_type": "stream", "name": "stdout", "text": [format!("accuracy {accuracy}\n")] }]);
    let table = json!([{
        "output_type": "execute_result",
        "execution_count": 2,
        "metadata": {},
        "data": {
            "text/plain": ["        rye  bagel\n", "rye     112      3\n", "bagel     5    109"],
            "text/html": ["<table><script>alert('never')</script><tr><td>112</td></tr></table>"],
        },
    }]);
    let wrong = json!([{
        "output_type": "error",
        "ename": "KeyError",
        "evalue": "'pretzel'",
        "traceback": ["\u{1b}[0;31mKeyError\u{1b}[0m: 'pretzel'"],
    }]);
    let notebook = json!({
        "nbformat": 4,
        "nbformat_minor": 4,
        "metadata": { "kernelspec": { "name": "python3", "display_name": "Python 3", "language": "python" } },
        "cells": [
            { "cell_type": "markdown", "metadata": {}, "source": words },
            code(1, json!(["import look\n", "print('accuracy', look.accuracy())"]), printed),
            code(2, json!(["look.matrix(['rye', 'bagel'])"]), table),
            code(3, json!(["look.matrix(['pretzel'])"]), wrong),
        ],
    });
    notebook.to_string()
}

/// Quotes, commas and ends of lines within cells, and what a spreadsheet would take for a formula.
const MISTAKES: &str = "photo,shown,seen,note\r\n\
    till/03/000412.jpg,rye,sourdough,\"dark, and from above\"\r\n\
    till/07/001203.jpg,bagel,brioche,\"the label says \"\"bagle\"\"\"\r\n\
    till/11/002044.jpg,baguette,rye,\"cut in two\nand half in the bag\"\r\n\
    till/19/003310.jpg,brioche,bagel,=1+1\r\n\
    till/28/004999.jpg,sourdough,,\r\n";

const REPORT: &str = "<!doctype html>\n<title>Report</title>\n<h1>Bread eye</h1>\n\
    <script>document.title = 'this must not run'</script>\n";

const DRAWING: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 40 20\">\n  \
    <ellipse cx=\"20\" cy=\"10\" rx=\"18\" ry=\"8\" fill=\"#c98a3b\"/>\n  \
    <script>document.title = 'this must not run'</script>\n</svg>\n";
