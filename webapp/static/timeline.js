// A range dragged over the timeline with the mouse becomes the dates of the search: it fills the form below and sends it.
// Escape gives up. Touch scrolls as ever; keyboards have the bars and the fields.
"use strict";

(() => {
  let drag = null;
  let dragged = false; // the click that ends a drag is no click on a bar

  const slots = (chart) => [...chart.querySelectorAll("[data-since]")];
  const slotAt = (chart, x) => {
    const box = chart.getBoundingClientRect();
    const count = chart.viewBox.baseVal.width / 10; // of few bars, some of the chart is empty
    return Math.min(slots(chart).length - 1, Math.max(0, Math.floor(((x - box.left) / box.width) * count)));
  };
  const paint = (chart, first, last) => {
    const shade = chart.querySelector(".dragged");
    shade.setAttribute("x", first * 10);
    shade.setAttribute("width", (last - first + 1) * 10);
  };
  const stop = () => {
    drag?.chart.querySelector(".dragged").setAttribute("width", 0);
    drag?.chart.classList.remove("dragging");
    drag = null;
  };

  document.addEventListener("pointerdown", (event) => {
    dragged = false;
    const chart = event.target.closest?.(".timeline .bars");
    if (!chart || event.button !== 0 || event.pointerType === "touch") return;
    drag = { chart, x: event.clientX, from: slotAt(chart, event.clientX), moved: false };
  });
  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    // Hands tremble: fewer pixels are a click.
    if (Math.abs(event.clientX - drag.x) > 5) drag.moved = true;
    if (!drag.moved) return;
    drag.chart.classList.add("dragging");
    const at = slotAt(drag.chart, event.clientX);
    paint(drag.chart, Math.min(at, drag.from), Math.max(at, drag.from));
  });
  document.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const { chart, from, moved } = drag;
    const at = slotAt(chart, event.clientX);
    stop();
    if (!moved) return;
    dragged = true;
    const all = slots(chart);
    const form = chart.closest(".timeline").querySelector("form");
    form.elements.from.value = all[Math.min(at, from)].dataset.since;
    form.elements.to.value = all[Math.max(at, from)].dataset.until;
    form.requestSubmit();
  });
  document.addEventListener("pointercancel", stop);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drag) return;
    stop();
    dragged = true;
  });
  document.addEventListener("dragstart", (event) => {
    if (event.target.closest?.(".timeline .bars")) event.preventDefault();
  });
  document.addEventListener(
    "click",
    (event) => {
      if (!dragged) return;
      dragged = false;
      if (!event.target.closest?.(".timeline .bars")) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
})();
