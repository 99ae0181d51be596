// Picking rows, and lists that are fresh without a reload. A list in which something is picked or open stands still.

import { localise } from "./moments.js";
import { redraw } from "./times.js";

const EVERY = 10_000; // ms between two askings for the lists, at least
const moving = () => document.getElementById("jobs-live");
const rows = (form) => [...form.querySelectorAll("input[name=item]")];
const picked = (form) => rows(form).filter((row) => row.checked).length;
const still = (list) => [...list.querySelectorAll("[data-picking]")].some(picked) || list.querySelector("details[open]");

// "All that is shown" ticks and unticks every row of its list, and a row that is unticked takes it back.
function tick({ target }) {
  const form = target.closest("[data-picking]");
  if (!form || target.type !== "checkbox") return;
  const all = form.querySelector("[data-all]");
  if (target === all) for (const row of rows(form)) row.checked = all.checked;
  else all.checked = rows(form).every((row) => row.checked);
  const said = form.querySelector("[data-still]");
  const count = picked(form);
  said.textContent = count ? said.dataset.still.replace("{0}", count) : "";
  if (!count) lists.look();
}

// What stands for the same control in the list that comes: a link by its address, a button or a box by its value.
function same(list, control) {
  if (control.hasAttribute("href")) return list.querySelector(`a[href="${CSS.escape(control.getAttribute("href"))}"]`);
  return list.querySelector(`[name="${control.name}"][value="${CSS.escape(control.value)}"]`);
}

function swap(list, fresh) {
  const focused = list.contains(document.activeElement) && document.activeElement;
  const left = list.querySelector(".scroll")?.scrollLeft ?? 0;
  localise(fresh);
  list.replaceWith(fresh);
  fresh.querySelector(".scroll")?.scrollTo(left, 0);
  if (focused) same(fresh, focused)?.focus({ preventScroll: true });
}

class Lists {
  constructor() {
    this.shown = moving().dataset.news;
    this.askedAt = Date.now();
    this.timer = 0;
  }

  // Ask when there is news, so often and no more; a hidden page asks for nothing.
  look() {
    if (this.timer || document.hidden || moving().dataset.news === this.shown) return;
    const due = this.askedAt + EVERY * (1 + Math.random() / 4) - Date.now();
    this.timer = setTimeout(() => this.ask(), Math.max(0, due));
  }

  async ask() {
    this.askedAt = Date.now();
    const news = moving().dataset.news;
    try {
      const answer = await fetch(location.pathname + location.search);
      if (answer.ok && !answer.redirected && this.show(await answer.text())) this.shown = news;
      await redraw();
    } catch {
      // The network is away: the mark says so, and the next news ask again.
    }
    this.timer = 0;
    this.look();
  }

  // Whether every list is as it came.
  show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const lists = [...document.querySelectorAll("[data-fresh]")];
    for (const list of lists) {
      const fresh = page.getElementById(list.id);
      if (fresh && !still(list)) swap(list, fresh);
    }
    return !lists.some(still);
  }
}

const lists = new Lists();
document.addEventListener("change", tick);
document.addEventListener("visibilitychange", () => lists.look());
new MutationObserver(() => lists.look()).observe(moving().parentElement, { childList: true });
