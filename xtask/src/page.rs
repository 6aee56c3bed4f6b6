//! `index.html` as Trunk left it, made to name the files that the site gets in the end.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::Hasher;
use std::path::Path;

/// The page and its folder.
pub struct Page<'site> {
    site: &'site Path,
    html: String,
}

impl<'site> Page<'site> {
    pub fn read(site: &'site Path) -> Result<Self, String> {
        Ok(Self { site, html: read_text(&site.join("index.html"))? })
    }

    /// Names a file otherwise wherever the page names it, and removes it under its former name.
    pub fn replace(&mut self, name: &str, new_name: &str) -> Result<(), String> {
        let (reference, new_reference) = (format!("./{name}"), format!("./{new_name}"));
        if !self.html.contains(&reference) {
            return Err(format!("index.html does not name {name}."));
        }
        self.html = self.html.replace(&reference, &new_reference);
        remove(&self.site.join(name))
    }

    /// Names a file after its content, so that it may be kept for ever.
    pub fn name_by_content(&mut self, name: &str, content: &[u8]) -> Result<(), String> {
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let new_name = write_hashed(self.site, stem, extension, content)?;
        self.replace(name, &new_name)
    }

    /// One style sheet in place of all, in their order: one request, and it compresses better.
    pub fn join_style_sheets(&mut self) -> Result<(), String> {
        let mut html = String::new();
        let mut styles = String::new();
        let mut place = None;
        let mut rest = self.html.as_str();
        while let Some((before, tag, after)) = next_link(rest) {
            html.push_str(before);
            rest = after;
            match style_sheet(tag) {
                Some(name) => {
                    let path = self.site.join(name);
                    styles.push_str(&read_text(&path)?);
                    remove(&path)?;
                    place.get_or_insert(html.len());
                }
                None => html.push_str(tag),
            }
        }
        html.push_str(rest);
        let place = place.ok_or("index.html names no style sheet.")?;
        let name = write_hashed(self.site, "style", "css", styles.as_bytes())?;
        html.insert_str(place, &format!("<link rel=stylesheet href=./{name}>"));
        self.html = html;
        Ok(())
    }

    pub fn write(self) -> Result<(), String> {
        write(&self.site.join("index.html"), self.html.as_bytes())
    }
}

/// What stands before the next link element, its tag, and what stands after it.
fn next_link(html: &str) -> Option<(&str, &str, &str)> {
    let start = html.find("<link ")?;
    let end = start + html[start..].find('>')? + 1;
    Some((&html[..start], &html[start..end], &html[end..]))
}

/// The file that a link to a style sheet names.
fn style_sheet(tag: &str) -> Option<&str> {
    let attributes = || tag.trim_start_matches("<link ").trim_end_matches('>').split_ascii_whitespace();
    let value = |name: &str| {
        attributes()
            .find_map(|attribute| Some(attribute.strip_prefix(name)?.strip_prefix('=')?.trim_matches('"')))
    };
    if value("rel") == Some("stylesheet") { value("href")?.strip_prefix("./") } else { None }
}

/// Writes a file that is named after its content, and says how.
pub fn write_hashed(folder: &Path, stem: &str, extension: &str, content: &[u8]) -> Result<String, String> {
    let mut hasher = DefaultHasher::new();
    hasher.write(content);
    let name = format!("{stem}-{:016x}.{extension}", hasher.finish());
    write(&folder.join(&name), content)?;
    Ok(name)
}

pub fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

pub fn read_text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

pub fn write(path: &Path, content: &[u8]) -> Result<(), String> {
    fs::write(path, content).map_err(|error| format!("{}: {error}", path.display()))
}

fn remove(path: &Path) -> Result<(), String> {
    fs::remove_file(path).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that goes away with the test.
    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("azimuth-xtask-{name}-{}", std::process::id()));
            fs::create_dir_all(&folder).expect("a temporary folder can be made");
            Self(folder)
        }

        fn file(&self, name: &str, content: &str) {
            write(&self.0.join(name), content.as_bytes()).expect("a temporary folder can be written to");
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn style_sheets_are_joined_in_their_order_and_other_links_stay() {
        let folder = Folder::new("style");
        folder.file("b.css", "b{}");
        folder.file("a.css", "a{}");
        folder.file(
            "index.html",
            "<link href=favicon.svg rel=icon><link href=./b.css rel=stylesheet><link rel=\"stylesheet\" href=\"./a.css\"><link href=./a.js rel=modulepreload>",
        );
        let mut page = Page::read(&folder.0).expect("it is there");
        page.join_style_sheets().expect("there are two");
        let (before, rest) = page.html.split_once("<link rel=stylesheet href=./").expect("one is left");
        let (name, after) = rest.split_once('>').expect("it ends");
        assert_eq!(before, "<link href=favicon.svg rel=icon>");
        assert_eq!(after, "<link href=./a.js rel=modulepreload>");
        assert_eq!(read_text(&folder.0.join(name)).as_deref(), Ok("b{}a{}"));
        assert!(!folder.0.join("a.css").exists());
    }

    #[test]
    fn a_file_has_its_new_name_wherever_the_page_names_it() {
        let folder = Folder::new("name");
        folder.file("boot.js", "start()");
        folder.file("index.html", "<script src=./boot.js></script><link href=./boot.js>");
        let mut page = Page::read(&folder.0).expect("it is there");
        page.name_by_content("boot.js", b"start()").expect("the page names it");
        assert_eq!(page.html.matches("./boot-").count(), 2, "{}", page.html);
        assert!(!folder.0.join("boot.js").exists());
        assert!(page.name_by_content("other.js", b"").is_err());
    }

    #[test]
    fn the_name_of_a_file_changes_with_its_content() {
        let folder = Folder::new("hash");
        let name = |content: &[u8]| write_hashed(&folder.0, "one", "js", content).expect("it can be written");
        assert_eq!(name(b"1"), name(b"1"));
        assert_ne!(name(b"1"), name(b"2"));
    }
}
