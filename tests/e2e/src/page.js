// Finds things in a page as a person or a screen reader would name them. Runs inside the page, as the beginning of
// each script that the tests send there.

const SELECTORS = {
  alert: "[role=alert]",
  button: "button, [role=button], input[type=submit], input[type=button], summary",
  cell: "td, th, [role=cell], [role=gridcell], [role=columnheader], [role=rowheader]",
  checkbox: "input[type=checkbox], [role=checkbox], [role=switch]",
  dialog: "dialog, [role=dialog], [role=alertdialog]",
  field:
    "input:not([type=hidden], [type=checkbox], [type=radio], [type=submit], [type=button]), textarea, select, " +
    "[role=textbox], [role=searchbox], [role=combobox]",
  group: "fieldset, [role=group], [role=radiogroup]",
  heading: "h1, h2, h3, h4, h5, h6, [role=heading]",
  link: "a[href], [role=link]",
  listitem: "li, [role=listitem]",
  navigation: "nav, [role=navigation]",
  option: "option, [role=option]",
  progressbar: "progress, [role=progressbar]",
  radio: "input[type=radio], [role=radio]",
  region: "section[aria-label], section[aria-labelledby], [role=region]",
  row: "tr, [role=row]",
  status: "output, [role=status]",
  tab: "[role=tab]",
  table: "table, [role=table], [role=grid]",
};
const CONTROLS = "input, textarea, select, button, output";

const plain = (text) => (text ?? "").replace(/\s+/g, " ").trim();

function textOf(element, without) {
  const copy = element.cloneNode(true);
  for (const hidden of copy.querySelectorAll(`[aria-hidden=true], [hidden], script, style${without}`)) hidden.remove();
  return plain(copy.textContent);
}

// A short form of the accessible name computation: what our pages use of it.
function nameOf(element) {
  const ids = element.getAttribute("aria-labelledby");
  if (ids) {
    const parts = ids.split(/\s+/).map((id) => document.getElementById(id));
    return plain(parts.map((part) => (part ? textOf(part, "") : "")).join(" "));
  }
  const label = plain(element.getAttribute("aria-label"));
  if (label) return label;
  if (element.labels?.length) {
    return plain([...element.labels].map((one) => textOf(one, `, ${CONTROLS}`)).join(" "));
  }
  if (element.matches("fieldset")) return textOf(element.querySelector("legend") ?? element, `, ${CONTROLS}`);
  if (element.matches("table")) {
    const caption = element.querySelector("caption");
    return caption ? textOf(caption, "") : "";
  }
  if (element.matches("input[type=submit], input[type=button]")) return plain(element.value);
  if (element.matches("input, textarea, select")) return plain(element.title || element.placeholder);
  return textOf(element, "") || plain(element.title);
}

function isVisible(element) {
  // A file input may be hidden behind its drop zone and is still what a file is given to.
  if (element.matches("input[type=file]")) return true;
  return element.checkVisibility({ visibilityProperty: true }) && !element.closest("[aria-hidden=true], [inert]");
}

// While a modal dialog is open, nothing behind it can be reached.
function top() {
  return [...document.querySelectorAll(":modal")].at(-1) ?? document.body;
}

function matching(place, role, name) {
  const selector = SELECTORS[role];
  if (!selector) throw new Error(`The tests know no role "${role}".`);
  const all = [...place.querySelectorAll(selector)].filter(isVisible);
  if (place.matches(selector)) all.unshift(place);
  return name === null ? all : all.filter((element) => nameOf(element) === name);
}

// The one place that `scopes`, pairs of role and name, lead to; null while it is not there.
function place(scopes) {
  let current = top();
  for (const [role, name] of scopes) {
    // A document that is just beginning has no body.
    if (!current) return null;
    const found = matching(current, role, name);
    if (found.length !== 1) return null;
    current = found[0];
  }
  return current;
}

function find(scopes, role, name) {
  const inside = place(scopes);
  const found = inside ? matching(inside, role, name) : [];
  const [first] = found;
  const isDisabled = Boolean(first) && (first.matches(":disabled") || first.getAttribute("aria-disabled") === "true");
  return { count: found.length, element: first ?? null, isDisabled };
}

function visibleText(scopes) {
  return plain(place(scopes)?.innerText);
}

function names(scopes, role) {
  const inside = place(scopes);
  return inside ? matching(inside, role, null).map(nameOf) : [];
}

function describe() {
  const list = (role) => names([], role).filter(Boolean).slice(0, 40).map((name) => `"${name}"`).join(", ");
  const lines = [`address: ${location.href}`, `title: ${document.title}`];
  for (const role of ["heading", "alert", "dialog", "group", "button", "field", "link"]) {
    lines.push(`${role}s: ${list(role)}`);
  }
  lines.push(`text: ${plain(document.body.innerText).slice(0, 1500)}`);
  return lines.join("\n  ");
}
