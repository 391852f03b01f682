// Light or dark as the reader chose, before the page is painted; without a choice, or without this script, as the system prefers.
"use strict";

{
  const KEY = "backfile.theme";
  const root = document.documentElement;
  // Storage may be forbidden: then the choice holds for this page.
  const remembered = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const remember = (choice) => { try { localStorage.setItem(KEY, choice); } catch { /* as said */ } };

  const show = (choice) => {
    const known = choice === "light" || choice === "dark";
    if (known) root.dataset.theme = choice;
    else delete root.dataset.theme;
    for (const button of document.querySelectorAll(".theme button")) {
      button.setAttribute("aria-pressed", String(button.value === (known ? choice : "auto")));
    }
  };

  show(remembered());
  document.addEventListener("DOMContentLoaded", () => {
    show(remembered());
    const control = document.querySelector(".theme");
    control.hidden = false;
    control.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      remember(button.value);
      show(button.value);
    });
  });
  // Another tab of this site changed it.
  addEventListener("storage", (event) => { if (event.key === KEY) show(event.newValue); });
}
