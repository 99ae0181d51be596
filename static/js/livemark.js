// The mark that says how fresh a page is: live, delayed, offline or paused. Without a socket it has the page asked for.

import { localise } from "./moments.js";

const POLL = 10_000; // ms between two askings while there is no socket, on average: not all pages at the same moment
const SLOWEST = 80_000; // ms on average, after several that brought nothing
const LATE = 7_000; // ms without news after which the mark says so
const SIGNED_OUT = 4403;

// What a push replaces must not take the reader's focus with it, nor close what they opened, nor scroll a table back.
let focused = "";
const unfolded = new Set();
const scrolled = new Map();
export function remember() {
  focused = document.activeElement?.id || focused;
  for (const details of document.querySelectorAll("details[id][open]")) unfolded.add(details.id);
  for (const box of document.querySelectorAll(".scroll[id]")) scrolled.set(box.id, box.scrollLeft);
}
export function restore() {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  unfolded.clear();
  for (const [id, left] of scrolled) document.getElementById(id)?.scrollTo(left, 0);
  scrolled.clear();
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  focused = "";
}

export class LiveMark {
  constructor(mark) {
    this.mark = mark;
    this.newsAt = Date.now();
    this.pause = POLL;
    this.socket = null;
    this.wrapper = null;
    this.out = false; // nobody may watch any more
    this.away = false; // the server did not answer when it was asked
    mark.addEventListener("htmx:wsOpen", (event) => this.opened(event.detail));
    mark.addEventListener("htmx:wsClose", (event) => this.closed(event.detail.event));
    mark.addEventListener("htmx:wsBeforeMessage", () => this.news());
    document.addEventListener("visibilitychange", () => this.turn());
    setInterval(() => this.show(), 1_000);
    this.pollLater();
  }

  get open() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  opened({ event, socketWrapper }) {
    this.socket = event.target;
    this.wrapper = socketWrapper;
    this.news();
    this.turn();
  }

  closed(event) {
    this.out ||= event.code === SIGNED_OUT;
    this.show();
  }

  news() {
    this.newsAt = Date.now();
    this.pause = POLL;
    this.away = false;
    this.show();
  }

  // Nobody looks at a hidden tab, so nothing is computed for it.
  turn() {
    if (document.hidden && this.open) this.socket.close();
    if (!document.hidden && this.wrapper && !this.out && this.socket.readyState >= WebSocket.CLOSING) this.wrapper.reconnect();
    this.show();
  }

  pollLater() {
    setTimeout(() => this.poll().finally(() => this.pollLater()), this.pause * (0.5 + Math.random()));
  }

  async poll() {
    if (this.open || document.hidden || this.out) return;
    try {
      const answer = await fetch(this.mark.dataset.poll, { headers: { "HX-Request": "true" } });
      if (answer.redirected || answer.status === 403) this.out = true;
      else if (answer.ok) this.swap(await answer.text());
      else this.failed();
    } catch {
      this.failed(); // the network or the server is away
    }
    this.show();
  }

  failed() {
    this.away = true;
    this.pause = Math.min(this.pause * 2, SLOWEST);
  }

  swap(html) {
    remember();
    htmx.swap(this.mark.dataset.target, html, { swapStyle: "outerHTML" });
    localise(document);
    restore();
    this.news();
  }

  show() {
    const silent = Date.now() - this.newsAt;
    const { live, delayed, offline, paused, out } = this.mark.dataset;
    if (this.out) this.say("offline", out);
    else if (document.hidden) this.say("", paused);
    else if (this.open && silent < LATE) this.say("live", live);
    else if (!this.away && silent < LATE + 2 * POLL) this.say("delayed", delayed.replace("{0}", Math.round(silent / 1000)));
    else this.say("offline", offline);
  }

  say(state, words) {
    if (this.mark.textContent !== words) this.mark.textContent = words;
    if (this.state === state) return;
    this.mark.classList.remove("live", "delayed", "offline");
    if (state) this.mark.classList.add(state);
    if (this.state !== undefined) document.getElementById("live-said").textContent = words;
    this.state = state;
  }
}
