// Keys: / searches, j and k go through the rows, g and a letter opens a page, ? tells about them.

let going = false;

export function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
  const { key } = event;
  const went = going && goTo(key);
  going = key === "g";
  const known = { "/": search, "?": help, j: () => step(1), k: () => step(-1) };
  if (went || (key in known && known[key]())) event.preventDefault();
}

function goTo(key) {
  const link = document.querySelector(`a[data-key="${CSS.escape(key)}"]`);
  link?.click();
  return link;
}

function search() {
  const field = document.querySelector("[data-search]");
  field?.focus();
  return field;
}

export function help() {
  const keys = document.getElementById("keys");
  if (keys && !keys.open) keys.showModal();
  return keys;
}

function step(by) {
  const rows = [...document.querySelectorAll(".panel tbody tr, .panel .alert, .waterfall .span")].filter(stop);
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
  if (next) stop(next).focus();
  return next;
}

// Where a row takes the focus, if it can be seen.
function stop(row) {
  return row.checkVisibility() && row.querySelector("a, summary, button");
}
