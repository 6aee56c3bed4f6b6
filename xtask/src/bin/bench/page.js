// What the measuring asks of the page. Things are found by their roles and names, as people find them.
globalThis.bench = (() => {
  const marks = {};
  const all = (selector) => [...document.querySelectorAll(selector)];
  const named = (selector, name) => all(selector).find((element) => element.textContent.trim() === name);
  const field = (name) => all('input').find((input) =>
    input.getAttribute('aria-label') === name
    || [...(input.labels ?? [])].some((label) => label.textContent.trim().startsWith(name)));
  // Rows that lead to a run; not the places of those that are loading.
  const rows = () => all('main table tbody tr').filter((row) => row.querySelector('a[href]'));
  const events = { signIn: () => named('button', 'Use token'), rows: () => rows().length > 0 };
  const look = () => {
    for (const [name, is] of Object.entries(events)) {
      // After the frame in which it is seen has been drawn.
      if (!(name in marks) && is()) { marks[name] = null; setTimeout(() => { marks[name] = performance.now(); }); }
    }
    if (Object.keys(marks).length < Object.keys(events).length) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  const until = (is) => new Promise((resolve, reject) => {
    const begin = performance.now();
    const ask = () => {
      if (is()) setTimeout(() => resolve(performance.now() - begin));
      else if (performance.now() - begin > 20000) reject(new Error(`waited in vain: ${is}`));
      else requestAnimationFrame(ask);
    };
    ask();
  });
  const put = (input, text) => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, text);
    input.dispatchEvent(new Event('input', { bubbles: true }));
  };
  return {
    marks,
    rows,
    until,
    // From the token that is handed in to the first row, in milliseconds.
    async signIn(token) {
      await until(() => field('Access token'));
      put(field('Access token'), token);
      const begin = performance.now();
      named('button', 'Use token').click();
      await until(() => typeof marks.rows === 'number');
      return { signIn: marks.signIn, rows: marks.rows - begin };
    },
    focusFilter() { field('Filter').focus(); },
    texts: () => rows().map((row) => row.textContent),
    // How many rows the page says that it has.
    count: () => all('main span').map((element) => element.textContent.trim())
      .find((text) => /^[\d,.]+ .*loaded/.test(text)) ?? 'all',
    toTop() {
      for (const element of all('*')) if (element.scrollTop > 0) element.scrollTop = 0;
      scrollTo(0, 0);
    },
    middleOfTable() {
      const box = document.querySelector('main table tbody').getBoundingClientRect();
      return { x: box.left + box.width / 2, y: Math.max(box.top, 0) + 80 };
    },
    nodes() {
      const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
      let count = 1;
      while (walker.nextNode()) count += 1;
      return { nodes: count, elements: all('*').length, rows: rows().length };
    },
    // Times between frames, until it is called again.
    frames: (() => {
      let times = null;
      return () => {
        if (times) { const seen = times; times = null; return seen; }
        times = [];
        const mine = times;
        const frame = (time) => { if (times === mine) { mine.push(time); requestAnimationFrame(frame); } };
        requestAnimationFrame(frame);
        return null;
      };
    })(),
  };
})();
