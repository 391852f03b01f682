// Small comforts; every page is complete without them.
"use strict";

document.documentElement.classList.add("js");

// "/" goes to the search box, as readers of many sites expect, unless they are typing already.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const box = document.getElementById("q");
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});

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
