// Shows new messages as they come: asks for the page again and takes over its list.
"use strict";

const EVERY = 2000; // milliseconds

const parser = new DOMParser();
let timer = 0;

async function refresh() {
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.ok) {
      take(parser.parseFromString(await answer.text(), "text/html"));
    }
  } catch {
    // The server is being restarted; the next turn finds it again.
  }
  timer = setTimeout(refresh, EVERY);
}

function take(fresh) {
  const found = fresh.getElementById("letters");
  const shown = document.getElementById("letters");
  if (!found || found.dataset.newest === shown.dataset.newest) {
    return;
  }
  shown.replaceWith(document.adoptNode(found));
  const newest = found.querySelector("h2");
  document.getElementById("news").textContent = newest ? `New: ${newest.textContent}` : "Emptied";
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (!document.hidden) {
    refresh();
  }
});
timer = setTimeout(refresh, EVERY);
