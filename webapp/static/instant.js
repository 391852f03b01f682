// Results without a page load: links and forms that lead to the search page fetch it and put its content in place of what is
// shown. The address stays in step, so that every page can be kept and passed on, and whatever fails is loaded as ever.
"use strict";

(() => {
  if (!document.querySelector(".results")) return;
  let shown = location.pathname + location.search;
  let running = null; // the request under way; a newer one ends it
  const live = document.createElement("p");
  live.className = "hidden";
  live.setAttribute("role", "status");
  document.body.append(live);

  const isSearch = (url) => url.origin === location.origin && url.pathname === "/" && !url.searchParams.has("url");

  // What makes a control the same one on the next page, though its address and its count have changed.
  const identity = (element) =>
    [
      element.tagName,
      element.name,
      element.type === "checkbox" ? element.value : "",
      element.closest("fieldset, nav, section, form")?.className,
      (element.getAttribute("aria-label") ?? element.querySelector(".label")?.textContent ?? element.textContent).trim(),
    ].join("\n");
  // Where a control went that is no longer what it was: the row of the same value, else the one in its place.
  function successor(focused) {
    const group = focused.closest("fieldset, nav");
    const row = focused.closest("li");
    if (!group || !row) return () => null;
    const place = [...group.querySelectorAll("li")].indexOf(row);
    const label = row.querySelector(".label")?.textContent;
    return () => {
      const same = [...document.querySelectorAll("main fieldset, main nav")].find((one) => one.className === group.className);
      const rows = [...(same?.querySelectorAll("li") ?? [])];
      const next = rows.find((one) => label && one.querySelector(".label")?.textContent === label) ?? rows[place] ?? rows.at(-1);
      const control = next?.querySelector("a, [aria-current]");
      if (control && control.tabIndex < 0) control.tabIndex = -1; // what is chosen is no link, but keeps the focus
      return control;
    };
  }
  const folds = (root) => [...root.querySelectorAll("details")];
  const foldName = (fold) => `${fold.closest("fieldset")?.className} ${fold.className}`;

  // `top` is where to go when the page has come: "page", "results", or undefined to stay.
  async function show(url, { push, top }) {
    running?.abort();
    const asked = document.getElementById("q").value;
    const request = (running = new AbortController());
    document.querySelector(".results").setAttribute("aria-busy", "true");
    let next;
    try {
      const response = await fetch(url, { signal: request.signal });
      const known = response.ok && !response.redirected && isSearch(new URL(response.url));
      next = known && new DOMParser().parseFromString(await response.text(), "text/html");
    } catch (error) {
      if (error.name === "AbortError") return;
    }
    if (running !== request) return;
    running = null;
    if (!next || !next.querySelector(".results")) return location.assign(url);
    if (push) {
      history.replaceState({ y: scrollY }, "");
      history.pushState(null, "", url);
    }
    shown = location.pathname + location.search;
    place(next, top, asked);
    if (!push) scrollTo(0, history.state?.y ?? 0);
  }

  // The page that came, in place of the one that is there: open folds stay open, and the focus on the same control.
  // What was typed since it was `asked` for stays.
  function place(next, top, asked) {
    const focused = document.activeElement;
    const inside = focused !== document.body && focused.closest("main");
    const wanted = inside && identity(focused);
    const follow = inside && successor(focused);
    const open = new Set(folds(document).filter((fold) => fold.open).map(foldName));
    for (const fold of folds(next)) if (fold.matches(".timeline-toggle") && open.has(foldName(fold))) fold.open = true;
    document.title = next.title;
    document.querySelector("main").replaceWith(next.querySelector("main"));
    const here = new Set([...next.querySelectorAll(".places [aria-current]")].map((link) => link.href));
    for (const link of document.querySelectorAll(".places a")) {
      if (here.has(link.href)) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const box = document.querySelector("form.search");
    const nextBox = next.querySelector("form.search");
    for (const field of box.querySelectorAll("input[type=hidden]")) field.remove();
    box.append(...nextBox.querySelectorAll("input[type=hidden]"));
    if (box.elements.q.value === asked) box.elements.q.value = nextBox.elements.q.value;
    live.textContent = document.getElementById("summary")?.textContent ?? "";
    const heading = document.querySelector(".results");
    if (top) {
      heading.focus({ preventScroll: true });
      if (top === "page") scrollTo(0, 0);
      else heading.scrollIntoView();
    } else if (inside) {
      const same = [...document.querySelectorAll("main a, main input, main button, main summary, main select")];
      (same.find((element) => identity(element) === wanted) ?? follow() ?? heading).focus({ preventScroll: true });
    }
    document.dispatchEvent(new Event("backfile:shown"));
  }

  // What is chosen in the sheet of a phone closes it.
  const sheetOpen = () => Boolean(document.querySelector(".filters-toggle")?.open);

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const modified = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || modified || event.defaultPrevented || link.hasAttribute("target") || link.hasAttribute("download")) return;
    const url = new URL(link.getAttribute("href"), location); // a bar's link is SVG: its href is no string
    if (!isSearch(url) || (url.hash && url.pathname + url.search === shown)) return;
    event.preventDefault();
    show(url.href, { push: true, top: link.closest(".paging") || sheetOpen() ? "results" : undefined });
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const url = new URL(form.action);
    if (event.defaultPrevented || form.method !== "get" || !isSearch(url)) return;
    event.preventDefault();
    url.search = new URLSearchParams([...new FormData(form, event.submitter)].filter(([, value]) => value));
    // A new search is left for its results, so that the next Tab is among them; "/" comes back.
    show(url.href, { push: true, top: form.matches(".search") ? "page" : sheetOpen() ? "results" : undefined });
  });

  // Where one was on each page of the history, for going back to it and forth.
  let resting = 0;
  addEventListener("scroll", () => {
    clearTimeout(resting);
    resting = setTimeout(() => running || history.replaceState({ y: scrollY }, ""), 100);
  });

  addEventListener("popstate", () => {
    if (location.pathname + location.search !== shown) show(location.href, { push: false });
  });
})();
