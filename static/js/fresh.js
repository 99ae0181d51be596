// Lists that are fresh without a reload: what moves all the time says when there is news, and then the page is asked for
// again. A list in which something is picked or open stands still.

import { localise } from "./moments.js";

const EVERY = 10_000; // ms between two askings for the lists, at least
const moving = () => document.querySelector("[data-news]");
const still = (list) => list.querySelector("[data-picking] input[name=item]:checked, details[open]");

// What stands for the same control in the list that comes: by its id, a link by its address, a button or a box by its value.
function same(list, control) {
  if (control.id) return list.querySelector(`#${CSS.escape(control.id)}`);
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
      document.dispatchEvent(new Event("fresh"));
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
export const look = () => lists.look();
document.addEventListener("visibilitychange", look);
new MutationObserver(look).observe(moving().parentElement, { childList: true });
