// Suggestions under the search box: an editable combobox with a list box, as the ARIA Authoring Practices describe it
// (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/). Enter searches for what is typed unless an option was moved to.
"use strict";

(() => {
  const box = document.getElementById("q");
  if (!box) return;
  // Long enough for a quick typist to go on, short enough not to be noticed.
  const PAUSE = 120;
  const words = JSON.parse(box.dataset.words);
  const list = Object.assign(document.createElement("div"), { id: "suggestions", className: "suggestions", hidden: true });
  const live = Object.assign(document.createElement("p"), { className: "hidden" });
  live.setAttribute("role", "status");
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words.suggestions);
  box.after(list, live);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) box.setAttribute(name, value);

  let timer = 0;
  let running = null;
  const options = () => [...list.querySelectorAll("[role=option]")];
  const active = () => list.querySelector("[aria-selected=true]");

  function close() {
    clearTimeout(timer);
    running?.abort();
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  function move(option) {
    active()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) box.setAttribute("aria-activedescendant", option.id);
    else box.removeAttribute("aria-activedescendant");
  }

  function choose(option) {
    close();
    if (option.dataset.kind !== "word") return location.assign(option.dataset.path);
    box.value = option.dataset.text;
    box.form.requestSubmit();
  }

  function item(completion, number) {
    const option = document.createElement("div");
    option.id = `suggestion-${number}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    Object.assign(option.dataset, { kind: completion.kind, path: completion.path, text: completion.text });
    const text = Object.assign(document.createElement("span"), { textContent: completion.text, dir: "auto" });
    option.append(text);
    if (completion.kind !== "title" && completion.count !== null) {
      const count = Object.assign(document.createElement("span"), { className: "count" });
      count.textContent = completion.count.toLocaleString(document.documentElement.lang);
      option.append(count);
    }
    return option;
  }

  function open(completions) {
    const groups = new Map();
    completions.forEach((completion, number) => {
      const kind = completion.kind;
      if (!groups.has(kind)) {
        const group = document.createElement("div");
        const title = Object.assign(document.createElement("div"), { className: "kind", textContent: words[kind], id: `kind-${kind}` });
        group.setAttribute("role", "group");
        group.setAttribute("aria-labelledby", title.id);
        title.setAttribute("role", "presentation");
        group.append(title);
        groups.set(kind, group);
      }
      groups.get(kind).append(item(completion, number));
    });
    list.replaceChildren(...groups.values());
    list.hidden = !completions.length;
    box.setAttribute("aria-expanded", String(!list.hidden));
    box.removeAttribute("aria-activedescendant");
    live.textContent = completions.length ? words.many.replace("{n}", completions.length) : "";
  }

  async function ask() {
    running?.abort();
    const request = (running = new AbortController());
    try {
      const answer = await fetch(`/api/v1/suggest?${new URLSearchParams({ q: box.value })}`, { signal: request.signal });
      const { completions } = answer.ok ? await answer.json() : { completions: [] };
      if (running === request && document.activeElement === box) open(completions);
    } catch {
      // Overtaken, or the server is away: the box works without.
    }
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    if (box.value.trim().length < 2) return close();
    timer = setTimeout(ask, PAUSE);
  });
  box.addEventListener("keydown", (event) => {
    const all = options();
    if (event.isComposing) return; // these keys are the input method's
    if (event.key === "Escape" && !list.hidden) event.preventDefault(), close();
    else if (event.key === "Enter") list.hidden || !active() ? close() : (event.preventDefault(), choose(active()));
    else if (event.key === "Tab") close();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden || !all.length) return box.value.trim().length >= 2 && list.hidden ? ask() : undefined;
      event.preventDefault();
      clearTimeout(timer);
      running?.abort(); // a late answer must not take away the list that one is in
      const step = event.key === "ArrowDown" ? 1 : -1;
      const at = all.indexOf(active()) + (active() ? step : step > 0 ? 1 : 0);
      move(at < 0 || at >= all.length ? (step > 0 ? all[0] : all.at(-1)) : all[at]);
    } else if ((event.key === "Home" || event.key === "End") && active()) move(null);
  });
  box.addEventListener("blur", () => setTimeout(close));
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
  box.form.addEventListener("submit", close);
})();
