//! What a page is like for people who do not use it with a mouse, on a wide screen, in bright light.

use std::fs;
use std::sync::OnceLock;

use serde_json::Value;

use crate::page::Page;
use crate::stage::workspace;

/// All rules of WCAG 2.0, 2.1 and 2.2 up to AA that a program can judge, and what is good practice beside them.
const JUDGE: &str = "
const done = arguments[arguments.length - 1];
const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] }).then(
  ({ violations, passes }) => done({
    passed: passes.length,
    violations: violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\\s+/g, ' ')}`)),
  }),
  (error) => done({ passed: 0, violations: [String(error)] }),
);";

/// What has the focus: its name, and whether that can be seen.
const FOCUS: &str = "
const element = document.activeElement;
const ring = (one) => {
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
};
// The input of a drop zone lies over it and is not to be seen; the zone has the ring.
const box = element.closest('.drop-zone') ?? element;
return { name: nameOf(element), tag: element.localName, isVisible: ring(box) };";

/// Where the focus is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Focus {
    /// The accessible name of what has it.
    pub name: String,
    /// `a`, `button`, `h1`, …
    pub tag: String,
    /// Whether a ring is drawn around it.
    pub is_visible: bool,
}

impl Page {
    /// What axe finds wrong on the page as it is now.
    pub async fn violations(&self) -> Vec<String> {
        let is_there = self.evaluate("return typeof axe === 'object';").await;
        if is_there != true {
            self.evaluate(axe()).await;
        }
        let found = self.client().execute_async(JUDGE, Vec::new()).await.expect("axe judges the page");
        assert_ne!(found["passed"], 0, "axe tried nothing: {found}");
        let violations = found["violations"].as_array().cloned().unwrap_or_default();
        violations.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Makes the window as large as a screen, in CSS pixels.
    pub async fn set_viewport(&self, width: u32, height: u32) {
        self.instruments().set_viewport(width, height).await;
    }

    /// Asks for less motion, as the system's settings do.
    pub async fn prefer_reduced_motion(&self) {
        self.instruments().prefer_reduced_motion().await;
    }

    /// Shows the page as it is printed.
    pub async fn show_as_printed(&self) {
        self.instruments().show_as_printed().await;
        self.evaluate("window.dispatchEvent(new Event('beforeprint'));").await;
    }

    /// What has the focus.
    pub async fn focus(&self) -> Focus {
        let found = self.ask(FOCUS, Vec::new()).await;
        Focus {
            name: found["name"].as_str().unwrap_or_default().to_owned(),
            tag: found["tag"].as_str().unwrap_or_default().to_owned(),
            is_visible: found["isVisible"] == true,
        }
    }

    /// Waits until something of this tag and name has the focus.
    pub async fn expect_focus(&self, tag: &str, name: &str) {
        self.wait(&format!("the focus on {tag} \"{name}\""), async || {
            let focus = self.focus().await;
            focus.tag == tag && focus.name == name
        })
        .await;
    }
}

fn axe() -> &'static str {
    static AXE: OnceLock<String> = OnceLock::new();
    AXE.get_or_init(|| {
        let path = workspace().join("target/tools/axe/node_modules/axe-core/axe.min.js");
        fs::read_to_string(&path).unwrap_or_else(|error| {
            panic!("{}: {error}. `cargo xtask test` installs it.", path.display());
        })
    })
}
