// Steps through the words that are marked, copies the citation, and puts words in place of pictures that are gone; without it
// there is a link to the first mark, text to select, and a link around each picture.
"use strict";

(() => {
  const bar = document.getElementById("matches");
  if (!bar) return;
  const total = Number(bar.dataset.total);
  let current = 0;

  // Where the reader came to: after a link to a comment the first step leads to the first match from there on.
  function start(step) {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return step > 0 ? 1 : total;
    let n = 1;
    const before = (mark) => target !== mark && !target.contains(mark)
      && target.compareDocumentPosition(mark) & Node.DOCUMENT_POSITION_PRECEDING;
    while (n <= total && before(document.getElementById(`match-${n}`))) n += 1;
    return step > 0 ? n : n - 1;
  }

  function go(step, focus) {
    document.getElementById(`match-${current}`)?.classList.remove("current");
    const next = current ? current + step : start(step);
    current = ((next - 1 + total) % total) + 1; // after the last comes the first
    const mark = document.getElementById(`match-${current}`);
    for (let fold = mark.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    mark.classList.add("current");
    mark.scrollIntoView({ block: "center" });
    if (focus) {
      mark.tabIndex = -1;
      mark.focus({ preventScroll: true });
    }
    bar.querySelector(".many").hidden = true; // the position says it, too
    const values = { n: current, total };
    const number = new Intl.NumberFormat(document.documentElement.lang);
    bar.querySelector(".position").textContent =
      bar.dataset.position.replace(/\{(n|total)\}/g, (_, name) => number.format(values[name]));
  }

  bar.querySelector(".first").hidden = true;
  bar.querySelector(".steps").hidden = false;
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) go(Number(button.dataset.step), false);
  });

  document.addEventListener("keydown", (event) => {
    const step = { n: 1, p: -1 }[event.key];
    if (!step || !document.querySelector(".keys input").checked || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    event.preventDefault();
    go(step, true);
  });
})();

(() => {
  const citation = document.querySelector(".citation");
  const button = citation?.querySelector("button");
  if (!button) return;
  const text = document.getElementById("citation");
  button.hidden = false;
  button.addEventListener("click", async () => {
    let copied = true;
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch {
      // Browsers have no clipboard for pages without TLS: the selection is copied as the reader would.
      getSelection().selectAllChildren(text);
      copied = document.execCommand("copy");
    }
    citation.querySelector("[role=status]").textContent = button.dataset[copied ? "copied" : "failed"];
  });
})();

(() => {
  // As the page has them where pictures are not shown: the description as a link to the picture, and the copy behind it.
  function replace(picture) {
    const words = picture.closest("a.shown") ?? document.createElement("span");
    if (!words.isConnected) picture.replaceWith(words);
    words.className = "picture";
    words.textContent = picture.dataset.words;
  }

  document.addEventListener("error", (event) => {
    if (event.target.matches?.("img[data-words]")) replace(event.target);
  }, true); // errors do not bubble
  for (const picture of document.querySelectorAll("img[data-words]")) {
    if (picture.complete && !picture.naturalWidth) replace(picture); // before this ran
  }
})();
