//! Names as people really give them: very long, from right to left, full of tags.

use azimuth_e2e::{Stage, journey};
use serde_json::{Value, json};

use crate::sign_in::sign_in;
use crate::tour::BAKERY;
use crate::wire;

/// What stands beside the screen, and what is cut with no way to read the rest of it.
const LOST: &str = "
const lost = [];
const wide = document.documentElement.scrollWidth - innerWidth;
if (wide > 0) lost.push(`${wide} px beside the screen`);
for (const element of document.querySelectorAll('main *, .trail *')) {
  const { overflowX, textOverflow } = getComputedStyle(element);
  const isCut = overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1;
  const isScrolled = ['auto', 'scroll'].includes(overflowX);
  const hasTitle = element.closest('[title]') || element.querySelector('[title]');
  if (isCut && !isScrolled && !(textOverflow === 'ellipsis' && hasTitle)) {
    lost.push(`${element.localName}.${element.className}: ${element.textContent.slice(0, 60)}`);
  }
}
return lost;";

#[test]
fn long_and_right_to_left_names_stay_on_the_screen_and_can_be_read() {
    journey(Stage::azure(), async |page| {
        let run = "r".repeat(100);
        let tags = json!({
            "team": "bakery",
            "a-very-long-name-of-a-tag-that-goes-on-and-on": "and a value of it that goes on and on for ever and ever",
            "مفتاح": "قيمة طويلة جدا من اليمين إلى اليسار",
            "empty": "",
            "last": "1",
        });
        let document = json!({
            "runId": run, "status": "Completed", "tags": tags, "target": "a-compute-with-a-rather-long-name-too",
            "description": "تشغيل تجريبي طويل (2026)",
        });
        let experiment = "an-experiment-with-a-name-that-goes-on-and-on-".repeat(3);
        let in_workspace =
            |part: &str| format!("{}/{part}", BAKERY.history_of("").split("/experiments/").next().unwrap());
        let simulator = page.simulator();
        wire::change(simulator, "POST", &in_workspace(&format!("experiments/{experiment}")), &json!({}));
        let path = in_workspace(&format!("experiments/{experiment}/runs/{run}"));
        wire::change(simulator, "PATCH", &path, &document);

        page.open("#/").await;
        sign_in(&page).await;
        page.expect_heading("Subscriptions").await;
        let runs = format!("experiments/{experiment}");
        for (part, words) in [
            ("experiments", "an-experiment-with-a-name"),
            (runs.as_str(), "a-compute-with-a-rather-long-name-too"),
            (&format!("{runs}/runs/{run}"), "تشغيل تجريبي"),
        ] {
            for (width, height) in [(1440, 900), (1100, 800), (390, 844)] {
                page.set_viewport(width, height).await;
                page.open(&BAKERY.address(part)).await;
                page.expect_text(words).await;
                let mut told = Value::Null;
                page.wait(&format!("nothing of \"{part}\" to be lost at {width} px"), async || {
                    let lost = page.evaluate(LOST).await;
                    let is_whole = lost.as_array().is_some_and(Vec::is_empty);
                    if !is_whole && told != lost {
                        eprintln!("{part}, {width} px: {lost}");
                        told = lost;
                    }
                    is_whole
                })
                .await;
            }
        }
    });
}
