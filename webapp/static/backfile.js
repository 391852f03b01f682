// Small comforts; every page is complete without them.
"use strict";

document.documentElement.classList.add("js");

{
  // Single keys can be turned off, as they may be in the way of speech input (WCAG 2.1.4); the choice is remembered.
  const keys = document.querySelector(".keys input");
  keys.parentElement.hidden = false;
  try { keys.checked = localStorage.getItem("backfile.keys") !== "off"; } catch { /* storage may be forbidden */ }
  keys.addEventListener("change", () => {
    try { localStorage.setItem("backfile.keys", keys.checked ? "on" : "off"); } catch { /* as said */ }
  });

  // "/" goes to the search box, as readers of many sites expect, unless they are typing already.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || !keys.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const box = document.getElementById("q");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}

// A ticked box beside the results applies at once; in the sheet of a phone, which covers them, several are ticked and applied.
document.addEventListener("change", (event) => {
  const beside = matchMedia("(min-width: 52rem)").matches;
  if (beside && event.target.matches(".filters input[type=checkbox]")) event.target.form.requestSubmit();
});

// Empty fields stay out of the address.
document.addEventListener("submit", (event) => {
  const empty = [...event.target.elements].filter((field) => field.name && !field.value);
  for (const field of empty) field.disabled = true;
  // The page may come back from the browser's cache: its fields must work again.
  setTimeout(() => empty.forEach((field) => (field.disabled = false)));
});
