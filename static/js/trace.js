// A trace's page: what a row hides comes when it is opened, more rows when they are scrolled to, and a few keys.
// Everything is also a link, and the address holds what is collapsed.

const list = document.querySelector(".waterfall");
const FRAGMENT = { headers: { "HX-Request": "true" } };

async function fragment(address) {
  const answer = await fetch(address, FRAGMENT);
  if (!answer.ok || answer.redirected) throw new Error(`${answer.status} ${address}`);
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  return template.content;
}

// What is known of a span is asked for once, when its row is first opened.
async function fill(details) {
  const asked = details.querySelector(":scope > p.known:not([aria-busy])");
  if (!details.open || !asked) return;
  asked.setAttribute("aria-busy", "true");
  try {
    asked.replaceWith(await fragment(asked.querySelector("a").href));
  } catch {
    asked.removeAttribute("aria-busy"); // the link is still there, and says what is wrong
  }
}

// The fragment with the rows from `number` on, as the address filters and collapses them.
function rowsFrom(number, here = new URL(location)) {
  here.searchParams.delete("span");
  here.searchParams.set("after", number);
  return fragment(list.dataset.rows + here.search);
}

const near = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && more(), { rootMargin: "800px" });

function watch() {
  near.disconnect();
  const later = list.querySelector(".later");
  if (later) near.observe(later);
}

let loading = false;
async function more() {
  const later = list.querySelector(".later");
  if (loading || !later) return;
  loading = true;
  const link = later.querySelector("a");
  try {
    const after = new URL(link.href).searchParams.get("after");
    const rows = await rowsFrom(after);
    rows.querySelector(".more:not(.later)")?.remove();
    if (later.isConnected) later.replaceWith(rows); // unless a row was collapsed meanwhile
    watch();
  } catch {
    near.disconnect(); // the link is still there
  } finally {
    loading = false;
  }
}

// Collapsing and expanding changes the address, and all rows from the one on are asked for again.
async function turn(row, focused = ".twist") {
  const id = row.id.slice("span-".length);
  const here = new URL(location);
  const closed = new Set((here.searchParams.get("closed") ?? "").split(",").filter(Boolean));
  if (!closed.delete(id)) closed.add(id);
  here.searchParams.delete("closed");
  const rest = here.search;
  if (closed.size) here.search = `${rest ? `${rest}&` : "?"}closed=${[...closed].join(",")}`;
  here.hash = "";
  const rows = await rowsFrom(row.dataset.number, new URL(here));
  rows.querySelector(".more:not(.later)")?.remove();
  while (row.nextSibling) row.nextSibling.remove();
  row.replaceWith(rows);
  history.replaceState(history.state, "", here);
  document.getElementById(row.id)?.querySelector(focused)?.focus();
  watch();
}

function clicked(event) {
  const twist = event.target.closest(".twist");
  if (!twist || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  turn(twist.closest(".span")).catch(() => location.assign(twist.href));
}

// Left closes a row, or goes to the one that it is inside of; right opens it.
function sideways(right) {
  const row = document.activeElement?.closest(".waterfall .span");
  if (!row) return false;
  const twist = row.querySelector(".twist");
  const open = twist?.getAttribute("aria-expanded") === "true";
  if (twist && open !== right) turn(row, "summary").catch(() => location.assign(twist.href));
  else if (!right) outer(row)?.querySelector("summary").focus();
  return true;
}

function outer(row) {
  let above = row.previousElementSibling;
  while (above && !(Number(above.dataset.depth) < Number(row.dataset.depth))) above = above.previousElementSibling;
  return above;
}

function nextCritical() {
  const rows = [...list.querySelectorAll(".span")];
  const at = rows.indexOf(document.activeElement?.closest(".span"));
  const next = rows.slice(at + 1).find((row) => row.classList.contains("critical"));
  const beyond = list.querySelector(".later")?.dataset.critical;
  if (next) next.querySelector("summary").focus();
  else if (beyond) goTo(beyond);
  return true;
}

// The page with a span that is not among the rows here.
function goTo(id) {
  const there = new URL(location);
  there.searchParams.delete("after");
  there.searchParams.set("span", id);
  there.hash = `span-${id}`;
  location.replace(there);
}

function find() {
  document.querySelector("[data-search]").focus();
  return true;
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
  const known = { f: find, c: nextCritical, ArrowLeft: () => sideways(false), ArrowRight: () => sideways(true) };
  if (event.key in known && known[event.key]()) event.preventDefault();
}

// An old link to a span (#span-...) may mean a row of another page.
function seek() {
  const id = location.hash.match(/^#span-([0-9a-f]{16})$/)?.[1];
  if (id && !document.getElementById(`span-${id}`) && new URL(location).searchParams.get("span") !== id) goTo(id);
}

seek();
addEventListener("hashchange", seek);
if (list) {
  list.addEventListener("toggle", (event) => fill(event.target), true);
  list.addEventListener("click", clicked);
  document.addEventListener("keydown", pressed);
  for (const details of list.querySelectorAll("details[open]")) fill(details);
  watch();
}
