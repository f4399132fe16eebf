"use strict";
// Adds to a page that works without it: keys, search, zoom. Rows are <details> elements.
const page = document.body;
const rows = [...document.querySelectorAll("main summary")];
const places = new Map(rows.map((row, place) => [row, place]));
const all = Number(page.style.getPropertyValue("--all"));
let view = { from: 0, span: all };
let current = rows[0];

for (const each of document.querySelectorAll("[data-scripted]")) each.hidden = false;
for (const each of rows) each.tabIndex = -1;
if (current) current.tabIndex = 0;

function go(row) {
  if (!row) return;
  current.tabIndex = -1;
  current = row;
  row.tabIndex = 0;
  row.focus();
  row.scrollIntoView({ block: "nearest" });
}

function step(by) {
  for (let place = places.get(current) + by; rows[place]; place += by) {
    if (rows[place].checkVisibility()) return go(rows[place]);
  }
}

// What a row holds: the <details> of the nodes inside it, if it has any.
function inside(row) {
  const own = row.parentElement;
  return own.matches(".inside") ? own : own.parentElement.querySelector(":scope > .inside");
}

function open(row) {
  const inner = inside(row);
  if (inner && !inner.open) inner.open = true;
  else step(1);
}

function close(row) {
  const inner = inside(row);
  if (row.parentElement.matches(".facts") && row.parentElement.open) row.parentElement.open = false;
  else if (inner && inner.open) inner.open = false;
  else {
    const outer = row.closest("ol").closest("li");
    if (outer) go(outer.querySelector("summary"));
  }
}

function look(from, span) {
  span = Math.min(all, Math.max(span, all * 1e-6));
  view = { from: Math.min(Math.max(0, from), all - span), span };
  page.style.setProperty("--from", view.from);
  page.style.setProperty("--span", view.span);
  ticks();
}

function zoom(by) {
  const middle = view.from + view.span / 2;
  look(middle - (view.span * by) / 2, view.span * by);
}

function zoomToRow() {
  const { style } = current.closest("li");
  const start = Number(style.getPropertyValue("--s"));
  const length = Number(style.getPropertyValue("--d"));
  if (style.getPropertyValue("--s")) look(start - length * 0.1, Math.max(length, all * 1e-4) * 1.2);
}

function ticks() {
  const scale = document.querySelector(".scale");
  for (const each of scale.querySelectorAll("b")) each.remove();
  const rough = view.span / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const gap = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
  for (let at = Math.ceil(view.from / gap); at * gap < view.from + view.span; at += 1) {
    const tick = document.createElement("b");
    tick.style.setProperty("--s", at * gap);
    tick.textContent = seconds(at * gap, gap);
    scale.append(tick);
  }
}

function seconds(value, gap) {
  const [unit, name] = gap >= 1 || value === 0 ? [1, "s"] : gap >= 1e-3 ? [1e3, "ms"] : [1e6, "µs"];
  return `${Number((value * unit).toPrecision(9)).toLocaleString("en")} ${name}`;
}

function search(text) {
  const wanted = text.trim().toLowerCase();
  const items = [...document.querySelectorAll("main li")];
  const hits = new Set();
  for (const item of wanted ? items : []) {
    const name = item.querySelector(".name");
    if (!name.textContent.toLowerCase().includes(wanted)) continue;
    for (let each = item; each && !hits.has(each); each = each.parentElement.closest("li")) {
      hits.add(each);
    }
  }
  for (const item of items) {
    item.classList.toggle("miss", Boolean(wanted) && !hits.has(item));
    const inner = item.querySelector(":scope > .inside");
    if (inner && hits.has(item) && inner.querySelector("li:not(.miss)")) inner.open = true;
  }
}

const keys = {
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  ArrowRight: () => open(current),
  ArrowLeft: () => close(current),
  Home: () => go(rows[0]),
  End: () => go(rows.findLast((each) => each.checkVisibility())),
  Escape: () => { current.parentElement.open = false; },
  "+": () => zoom(0.5),
  "=": () => zoom(0.5),
  "-": () => zoom(2),
  "0": () => look(0, all),
  z: zoomToRow,
  "[": () => look(view.from - view.span / 4, view.span),
  "]": () => look(view.from + view.span / 4, view.span),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
  const act = keys[event.key];
  if (!act || !current) return;
  event.preventDefault();
  act();
});
document.addEventListener("focusin", ({ target }) => {
  if (!places.has(target) || target === current) return;
  current.tabIndex = -1;
  current = target;
  target.tabIndex = 0;
});
const acts = { in: () => zoom(0.5), out: () => zoom(2), all: () => look(0, all), row: zoomToRow };
for (const button of document.querySelectorAll("button[data-zoom]")) {
  button.addEventListener("click", acts[button.dataset.zoom]);
}
for (const button of document.querySelectorAll("button[data-open]")) {
  button.addEventListener("click", () => {
    for (const each of document.querySelectorAll(".inside")) each.open = button.dataset.open === "1";
  });
}
document.querySelector("#search").addEventListener("input", ({ target }) => search(target.value));
ticks();
