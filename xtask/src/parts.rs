//! The wasm of the page as several files, of which the first screen needs one.
//!
//! The page's code marks what may be loaded later (`src/parts.rs`). Trunk knows nothing of that, so this does over what
//! Trunk did with the wasm: the splitter takes it apart, wasm-bindgen works on the first file alone, and the splitter's
//! loader becomes a piece of wasm-bindgen's script, which saves the browser a request that it would learn of late.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::page::{self, read, read_text};
use crate::{process, tools};

/// What each of the named parts needs loaded, in files of the site.
pub type Parts = BTreeMap<String, Vec<String>>;

/// The files of the page's own wasm.
pub struct SplitWasm {
    /// Name of the script.
    pub script: String,
    /// Name of the file that the page starts with.
    pub wasm: String,
    pub parts: Parts,
}

/// The parts in the order in which they are likely to be loaded.
const IN_ORDER: [&str; 8] =
    ["service", "subscriptions", "failures", "lists", "workspace", "submit", "palette", "about"];

/// The module that the first file asks for what loads the others.
const LOADER: &str = "./__wasm_split.js";

/// Splits what cargo built and writes the files into the folder of the site.
pub fn split(built: &Path, site: &Path) -> Result<SplitWasm, String> {
    let work = process::target_folder().join("split");
    let bound = work.join("bound");
    if work.exists() {
        fs::remove_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
    }
    process::run(
        tools::tool("wasm-split-cli").args(["--target", "web", "--out-name", "azimuth"]).args([built, &work]),
    )?;
    let mut bindgen = tools::tool("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--no-demangle"]);
    bindgen.args(["--out-name", "azimuth", "--out-dir"]).arg(&bound).arg(work.join("azimuth.wasm"));
    process::run(&mut bindgen)?;

    let mut loader = read_text(&work.join(LOADER))?;
    let needed = needed_modules(&loader)?;
    let mut files = BTreeMap::new();
    for (part, modules) in owned_modules(&needed) {
        let mut file = WASM_HEADER.to_vec();
        for module in &modules {
            let code = without_custom_sections(&read(&work.join(format!("{module}.wasm")))?)?;
            push_custom_section(&mut file, module, &code);
        }
        let name = page::write_hashed(site, &format!("azimuth-{part}"), "wasm", &file)?;
        for module in modules {
            let fetched = format!("fetch(new URL(\"./{module}.wasm\", import.meta.url))");
            loader = loader.replace(&fetched, &format!("moduleIn(\"./{name}\", \"{module}\")"));
            files.insert(module, name.clone());
        }
    }
    let files_of = |modules: Vec<String>| {
        let mut names: Vec<String> = modules.iter().map(|module| files[module].clone()).collect();
        names.sort();
        names.dedup();
        names
    };
    let parts = needed.into_iter().map(|(part, modules)| (part, files_of(modules))).collect();
    let script = with_loader(&read_text(&bound.join("azimuth.js"))?, &loader)?;
    let wasm = without_custom_sections(&read(&bound.join("azimuth_bg.wasm"))?)?;
    Ok(SplitWasm {
        script: page::write_hashed(site, "azimuth", "js", script.as_bytes())?,
        wasm: page::write_hashed(site, "azimuth", "wasm", &wasm)?,
        parts,
    })
}

/// Which modules each part needs, by the loader that the splitter wrote: those that it shares with others, then its own.
fn needed_modules(loader: &str) -> Result<BTreeMap<String, Vec<String>>, String> {
    let mut parts = BTreeMap::new();
    for definition in loader.split("\nexport const __wasm_split_load_").skip(1) {
        let (name, rest) = definition.split_once(" = ").unwrap_or_default();
        let shared = rest.rsplit_once('[').and_then(|(_, list)| list.split_once("])")).unwrap_or_default().0;
        let mut modules: Vec<String> =
            shared.split(", ").filter_map(|name| name.strip_prefix("__")).map(str::to_owned).collect();
        // A part all of whose code is shared has no module of its own.
        let own = format!("split_{name}");
        if rest.contains(&own) {
            modules.push(own);
        }
        if name.is_empty() || modules.is_empty() {
            return Err(unexpected("how a part is loaded"));
        }
        parts.insert(name.to_owned(), modules);
    }
    if parts.is_empty() { Err(unexpected("no part")) } else { Ok(parts) }
}

/// Which modules are in the file of each part. The splitter makes a module of what each set of parts shares, dozens of
/// small ones; each goes to the first part that needs it, in the order in which parts are likely to be loaded.
fn owned_modules(needed: &BTreeMap<String, Vec<String>>) -> Vec<(&str, Vec<String>)> {
    let place = |part: &str| IN_ORDER.iter().position(|one| *one == part).unwrap_or(IN_ORDER.len());
    let mut parts: Vec<&str> = needed.keys().map(String::as_str).collect();
    parts.sort_by_key(|part| place(part));
    let mut taken = BTreeSet::new();
    let mut owned = Vec::new();
    for part in parts {
        let modules = needed[part].iter().filter(|module| taken.insert((*module).clone())).cloned().collect();
        owned.push((part, modules));
    }
    owned
}

/// wasm-bindgen's script with the splitter's loader in it instead of beside it.
fn with_loader(script: &str, loader: &str) -> Result<String, String> {
    let mut imports = Vec::new();
    let mut joined = String::new();
    for line in script.lines() {
        if let Some(import) = line.strip_prefix("import * as ").filter(|import| import.contains(LOADER)) {
            imports.push(import.split(' ').next().unwrap_or_default());
        } else {
            joined.push_str(line);
            joined.push('\n');
        }
    }
    let mut functions = Vec::new();
    for line in loader.lines().filter(|line| !line.starts_with("import { initSync } from ")) {
        let line = match line.strip_prefix("export const ") {
            Some(definition) => {
                functions.push(definition.split(' ').next().unwrap_or_default());
                format!("const {definition}")
            }
            None => line.replace("instantiateStreaming(src, imports)", "instantiate(await src, imports)"),
        };
        joined.push_str(&line);
        joined.push('\n');
    }
    if imports.is_empty() || functions.is_empty() || !joined.contains("instantiate(await src") {
        return Err(unexpected("a script without a loader"));
    }
    joined.push_str(MODULE_IN);
    for import in imports {
        joined.push_str(&format!("const {import} = {{ {} }};\n", functions.join(", ")));
    }
    Ok(joined)
}

/// A file is a wasm with nothing but modules in it, as custom sections, so that servers compress it and know its type.
const MODULE_IN: &str = "\
const files = new Map();
function loadedFile(name) {
    let file = files.get(name);
    if (file === undefined) {
        file = loadFile(name);
        file.catch(() => files.delete(name));
        files.set(name, file);
    }
    return file;
}
async function loadFile(name) {
    const response = await fetch(new URL(name, import.meta.url));
    if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
    return WebAssembly.compile(await response.arrayBuffer());
}
async function moduleIn(name, section) {
    return WebAssembly.Module.customSections(await loadedFile(name), section)[0];
}
";

const WASM_HEADER: &[u8] = b"\0asm\x01\0\0\0";
const CUSTOM_SECTION: u8 = 0;

fn push_custom_section(wasm: &mut Vec<u8>, name: &str, content: &[u8]) {
    let mut section = Vec::new();
    push_unsigned(&mut section, name.len());
    section.extend_from_slice(name.as_bytes());
    section.extend_from_slice(content);
    wasm.push(CUSTOM_SECTION);
    push_unsigned(wasm, section.len());
    wasm.extend_from_slice(&section);
}

/// Writes a number as wasm does, seven bits to a byte.
fn push_unsigned(bytes: &mut Vec<u8>, mut value: usize) {
    while value > 0x7f {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn unexpected(what: &str) -> String {
    format!("the splitter wrote something else than xtask/src/parts.rs expects: {what}.")
}

/// A wasm without names, relocations and notes of its makers.
pub fn without_custom_sections(wasm: &[u8]) -> Result<Vec<u8>, String> {
    let cut_off = || "a wasm that was cut off.".to_owned();
    let (header, mut rest) = wasm.split_at_checked(WASM_HEADER.len()).ok_or_else(cut_off)?;
    let mut kept = header.to_vec();
    while let Some((&section, after)) = rest.split_first() {
        let (size, bytes_of_size) = unsigned(after).ok_or_else(cut_off)?;
        let (whole, next) = rest.split_at_checked(1 + bytes_of_size + size).ok_or_else(cut_off)?;
        if section != CUSTOM_SECTION {
            kept.extend_from_slice(whole);
        }
        rest = next;
    }
    Ok(kept)
}

/// A number as wasm writes it, and in how many bytes.
fn unsigned(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPLIT: &str = r#"import { initSync } from "./azimuth.js";
let sharedImports = undefined;
/* about, lists */
const __chunk_5 = makeLoad(() => {
    const src = fetch(new URL("./chunk_5.wasm", import.meta.url));
    return async (imports) => (WebAssembly.instantiateStreaming(src, imports));
}
, []);
export const __wasm_split_load_lists = wrapAsyncCb(makeLoad(() => {
    const src = fetch(new URL("./split_lists.wasm", import.meta.url));
    return async (imports) => (WebAssembly.instantiateStreaming(src, imports));
}
, [__chunk_5]));
export const __wasm_split_load_about = wrapAsyncCb(makeLoad(() => async (_imp) => ({}), [__chunk_5]));
"#;

    #[test]
    fn a_part_needs_what_it_shares_and_its_own_file_if_it_has_one() {
        let parts = needed_modules(SPLIT).expect("the loader is like the splitter's");
        assert_eq!(parts["lists"], ["chunk_5", "split_lists"]);
        assert_eq!(parts["about"], ["chunk_5"]);
    }

    #[test]
    fn what_parts_share_is_in_the_file_of_the_one_that_is_loaded_first() {
        let needed = needed_modules(SPLIT).expect("the loader is like the splitter's");
        let own = |name: &str| vec![name.to_owned()];
        let lists = ("lists", vec!["chunk_5".to_owned(), "split_lists".to_owned()]);
        assert_eq!(owned_modules(&needed), [lists.clone(), ("about", Vec::new())]);
        let more = BTreeMap::from([("service".to_owned(), own("chunk_5")), ("lists".to_owned(), lists.1)]);
        assert_eq!(owned_modules(&more), [("service", own("chunk_5")), ("lists", own("split_lists"))]);
    }

    #[test]
    fn a_file_holds_modules_as_sections() {
        let mut file = WASM_HEADER.to_vec();
        push_custom_section(&mut file, "chunk_5", &[7; 300]);
        assert_eq!(file[8..11], [0, 0xb4, 0x02]);
        assert_eq!(file[11..19], *b"\x07chunk_5");
        assert_eq!(file.len(), 19 + 300);
        assert_eq!(without_custom_sections(&file), Ok(WASM_HEADER.to_vec()));
    }

    #[test]
    fn the_loader_stands_in_the_script_that_asks_for_it() {
        let script = "import * as import1 from \"./__wasm_split.js\"\nimport * as import2 from \"./__wasm_split.js\"\nstart();\n";
        let joined = with_loader(script, SPLIT).expect("both are like the tools'");
        assert!(joined.starts_with("start();\n"), "{joined}");
        assert!(
            !joined.contains("import *") && !joined.contains("import {") && !joined.contains("export"),
            "{joined}"
        );
        assert!(joined.contains("const __wasm_split_load_lists = "), "{joined}");
        assert!(joined.contains("WebAssembly.instantiate(await src, imports)"), "{joined}");
        let functions = "{ __wasm_split_load_lists, __wasm_split_load_about };";
        assert!(
            joined.ends_with(&format!("const import1 = {functions}\nconst import2 = {functions}\n")),
            "{joined}"
        );
    }

    #[test]
    fn a_loader_of_another_shape_is_refused() {
        assert!(needed_modules("export function load() {}").is_err());
        assert!(with_loader("start();\n", SPLIT).is_err());
        assert!(with_loader("import * as import1 from \"./__wasm_split.js\"\n", "load();").is_err());
    }

    #[test]
    fn custom_sections_go_and_the_others_stay_as_they_are() {
        let header = b"\0asm\x01\0\0\0";
        let code = [10, 0x82, 0x00, 7, 7];
        let custom = [0, 2, 1, b'n'];
        let whole = [&header[..], &custom, &code, &custom].concat();
        assert_eq!(without_custom_sections(&whole), Ok([&header[..], &code].concat()));
        assert!(without_custom_sections(&whole[..whole.len() - 1]).is_err());
        assert!(without_custom_sections(b"\0asm").is_err());
    }
}
