// Starts the page: theme, framing, Trusted Types, config.json, the narrow content policy, and last the wasm.
// A classic script on purpose: it runs before the first paint, which a module would not.
(() => {
  "use strict";

  const { js, wasm, simulatorJs, simulatorWasm } = document.currentScript.dataset;

  // Hosts that the page may talk to in each cloud. The wasm holds the exact rule for where a token may go;
  // this list is the browser's own, coarser fence around it.
  const CLOUDS = {
    public: [
      "https://login.microsoftonline.com",
      "https://management.azure.com",
      "https://*.api.azureml.ms",
      "https://*.experiments.azureml.net",
      "https://*.modelmanagement.azureml.net",
      "https://*.aether.ms",
    ],
    usgov: [
      "https://login.microsoftonline.us",
      "https://management.usgovcloudapi.net",
      "https://*.api.ml.azure.us",
      "https://*.experiments.ml.azure.us",
      "https://*.modelmanagement.azureml.us",
    ],
    china: [
      "https://login.partner.microsoftonline.cn",
      "https://management.chinacloudapi.cn",
      "https://*.api.ml.azure.cn",
      "https://*.experiments.ml.azure.cn",
      "https://*.modelmanagement.ml.azure.cn",
    ],
  };

  function setTheme() {
    try {
      const theme = localStorage.getItem("azimuth.theme");
      if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    } catch {
      // Storage may be refused; then the system's theme holds.
    }
  }

  // Leptos puts its constant markup through innerHTML, so Trusted Types need a default policy. It lets that markup
  // through and refuses what could run or redirect. For scripts and their addresses there is none, so no text becomes
  // one: not even the address of a file that others have put on this origin.
  function addTrustedTypes() {
    const refused = /<\s*(script|iframe|object|embed|base|link|meta)|[\s"'/]on\w+\s*=|javascript:/i;
    window.trustedTypes?.createPolicy("default", {
      createHTML(html) {
        if (refused.test(html)) throw new TypeError("Markup that could run was refused.");
        return html;
      },
    });
  }

  // 404 means that nobody configured anything; every other answer has to be JSON.
  async function readSettings() {
    try {
      const response = await fetch("config.json", { cache: "no-store", credentials: "omit", redirect: "error" });
      if (response.status === 404) return { text: "{}", fault: null };
      if (!response.ok) return { text: null, fault: `config.json: the server answered ${response.status}.` };
      const text = await response.text();
      try {
        JSON.parse(text);
      } catch (error) {
        return { text: null, fault: `config.json is not JSON: ${error.message}` };
      }
      return { text, fault: null };
    } catch (error) {
      return { text: null, fault: `config.json could not be read: ${error.message}` };
    }
  }

  // Origins only, written exactly, without wildcards or anything that would end a directive.
  // What is left out here is named as a fault by the wasm, which checks every field.
  function isOrigin(value) {
    if (typeof value !== "string" || !/^https?:\/\/[a-z0-9.-]+(:\d+)?$/.test(value)) return false;
    try {
      return new URL(value).origin === value && (value.startsWith("https:") || isLoopback(value));
    } catch {
      return false;
    }
  }

  function isLoopback(origin) {
    return /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/.test(origin);
  }

  function list(value) {
    return Array.isArray(value) ? value : [];
  }

  function cloudHosts(cloud) {
    if (typeof cloud === "string") return Object.hasOwn(CLOUDS, cloud) ? CLOUDS[cloud] : [];
    if (cloud === null || typeof cloud !== "object") return [];
    return [cloud.login, cloud.management, ...list(cloud.services)].filter(
      (value) => isOrigin(value) && (isLoopback(value) || value === location.origin),
    );
  }

  function narrowPolicy({ text }) {
    const settings = text === null ? null : JSON.parse(text);
    if (settings === null || typeof settings !== "object") return "connect-src 'self'";
    const extra = [settings.relay, ...list(settings.dataOrigins)].filter(isOrigin);
    const hosts = new Set([...cloudHosts(settings.cloud ?? "public"), ...extra]);
    return ["connect-src 'self'", ...hosts].join(" ");
  }

  function addPolicy(policy) {
    const meta = document.createElement("meta");
    meta.httpEquiv = "Content-Security-Policy";
    meta.content = policy;
    document.head.append(meta);
  }

  function documentParsed() {
    if (document.readyState !== "loading") return Promise.resolve();
    return new Promise((done) => document.addEventListener("DOMContentLoaded", done, { once: true }));
  }

  // When the first words are on the screen. A tab that is hidden paints nothing, and goes on.
  const painted = new Promise((done) => {
    new PerformanceObserver(done).observe({ type: "paint", buffered: true });
    setTimeout(done, 500);
  });

  // Asked for beside the settings, which have to be read before it is started.
  async function prepareWasm() {
    await painted;
    const link = document.createElement("link");
    Object.assign(link, { rel: "preload", as: "fetch", type: "application/wasm", crossOrigin: "anonymous", href: wasm });
    document.head.append(link);
  }

  async function say(text, details) {
    await documentParsed();
    const line = document.getElementById("boot-text");
    line.textContent = text;
    line.setAttribute("role", "alert");
    if (!details) return;
    const more = document.createElement("pre");
    more.textContent = details;
    line.after(more);
  }

  // The demo's service is a module of its own, so that nobody else has to load it.
  async function loadSimulator() {
    const module = await import(new URL(simulatorJs, document.baseURI));
    await module.default({ module_or_path: new URL(simulatorWasm, document.baseURI) });
    return new module.PageSimulator(Date.now());
  }

  async function start() {
    const settings = await readSettings();
    const policy = narrowPolicy(settings);
    addPolicy(policy);
    globalThis.azimuthSettings = Object.freeze({ ...settings, policy });
    globalThis.azimuthSimulator = loadSimulator;
    const app = await import(new URL(js, document.baseURI));
    await documentParsed();
    await painted;
    await app.default({ module_or_path: new URL(wasm, document.baseURI) });
    document.getElementById("boot")?.remove();
  }

  setTheme();
  if (window.top !== window.self) {
    say("Azimuth does not run inside another page. Open it in a tab of its own.");
    return;
  }
  addTrustedTypes();
  prepareWasm();
  start().catch((error) =>
    say("Azimuth could not start. Reload the page; if that does not help, try a current browser.", String(error)),
  );
})();
