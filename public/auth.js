// Takes the authority's answer out of the address and the history, and hands it to the page beside this one.
(() => {
  "use strict";

  if (window.top !== window.self) return;
  const answer = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  try {
    if (answer.includes("state=")) sessionStorage.setItem("aml.auth.response", answer);
  } catch {
    // Without storage the page cannot know of any sign-in, and says so when the next one begins.
  }
  location.replace("./");
})();
