//! The first page of an export, for people: links to all its files, without script and without anything from elsewhere.

use crate::export::journal::Beginning;

/// Light and dark, by themselves.
const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1f24;background:#fff}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin:2rem 0 .5rem;overflow-wrap:anywhere}h3{font-size:1rem;margin:1rem 0 .25rem;overflow-wrap:anywhere}\
ul{margin:0;padding-left:1.25rem}li{overflow-wrap:anywhere}a{color:#0a5cad}p{margin:.5rem 0}\
@media(prefers-color-scheme:dark){body{color:#e3e6ea;background:#14171b}a{color:#7db7f5}}";

/// What is told before the list.
pub struct Heading<'a> {
    pub beginning: &'a Beginning,
    /// When it was done.
    pub day: &'a str,
    pub files: usize,
    pub missing: usize,
    pub notes: &'a [String],
}

/// Up to the list.
pub fn head(heading: &Heading<'_>) -> String {
    let workspace = &heading.beginning.selection.workspace;
    let name = escaped(workspace.name.as_str());
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Export of {name}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>Export of {name}</h1>\n\
         <p>Workspace <strong>{name}</strong> in resource group {}, subscription {}. Made on {}: {} files, {} things missing.</p>\n",
        escaped(workspace.resource_group.as_str()),
        escaped(workspace.subscription.as_str()),
        escaped(heading.day),
        heading.files,
        heading.missing,
    );
    page.push_str(
        "<p>Each document is as the service sent it. <a href=\"manifest.json\">manifest.json</a> lists every request, every file \
         with its SHA-256, and what is missing and why.</p>\n",
    );
    for note in heading.notes {
        page.push_str(&format!("<p>{}</p>\n", escaped(note)));
    }
    page
}

/// Links to files, a heading for each folder. Paths come in order.
#[derive(Debug, Default)]
pub struct Links {
    folders: Vec<String>,
    is_open: bool,
}

impl Links {
    /// The link to the next file.
    pub fn next(&mut self, path: &str) -> String {
        let mut names: Vec<&str> = path.split('/').collect();
        let name = names.pop().unwrap_or_default();
        // What a run wrote stands with the run.
        let depth = match names.as_slice() {
            ["experiments", _, "runs", ..] => 4.min(names.len()),
            _ => names.len(),
        };
        let inside = names[depth..].iter().copied().chain([name]).collect::<Vec<_>>().join("/");
        let folders: Vec<String> = names[..depth].iter().map(|name| (*name).to_owned()).collect();
        let mut out = String::new();
        if folders != self.folders || !self.is_open {
            if self.is_open {
                out.push_str("</ul>\n");
            }
            let level = if folders.len() > 2 { 3 } else { 2 };
            let words = match folders.as_slice() {
                [] => "Of the whole".to_owned(),
                folders => folders.join(" / "),
            };
            out.push_str(&format!("<h{level}>{}</h{level}>\n<ul>\n", escaped(&words)));
            self.folders = folders;
            self.is_open = true;
        }
        out.push_str(&format!("<li><a href=\"{}\">{}</a></li>\n", address(path), escaped(&inside)));
        out
    }

    /// What ends the page.
    pub fn end(&self) -> &'static str {
        if self.is_open { "</ul>\n</body>\n</html>\n" } else { "</body>\n</html>\n" }
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

/// A path as a link: always below this page, whatever its first name looks like.
fn address(path: &str) -> String {
    let names = path.split('/').map(|name| azimuth_api::Path::new([name]).as_str().to_owned());
    format!(".{}", names.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text_and_links_stay_inside() {
        let mut links = Links::default();
        let page = links.next("experiments/a&b <i>/experiment.json")
            + &links.next("experiments/a&b <i>/runs/r_1/run.json")
            + &links.next("experiments/a&b <i>/runs/r_1/files/outputs/x y.txt")
            + &links.next("models/javascript:alert(1).json")
            + links.end();
        assert!(!page.contains("<i>"), "{page}");
        assert!(page.contains("<h2>experiments / a&amp;b &lt;i&gt;</h2>"), "{page}");
        assert!(page.contains("<a href=\"./experiments/a%26b%20%3Ci%3E/runs/r_1/files/outputs/x%20y.txt\">files/outputs/x y.txt</a>"), "{page}");
        assert!(page.contains("href=\"./models/javascript%3Aalert%281%29.json\""), "{page}");
        assert_eq!(page.matches("<ul>").count(), page.matches("</ul>").count());
        assert_eq!(page.matches("<h3>").count(), 1);
    }
}
