// The staff pages' own script: moments in the viewer's zone, the live mark with its fallback, and a few keys.

const POLL = 10_000; // ms between two askings while there is no socket
const LATE = 7_000; // ms without news after which the mark says so

// The viewer's own way of writing dates, as long as it is in the page's language.
const language = document.documentElement.lang;
const locale = navigator.languages.find((spoken) => spoken.startsWith(language.slice(0, 2))) ?? language;
const clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
const calendar = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });

// Today's moments are shown by the clock alone.
export function localise(root) {
  const today = new Date().toDateString();
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    time.title = time.dateTime;
    time.textContent = (moment.toDateString() === today ? clock : calendar).format(moment);
  }
}

// What a push replaces must not take the reader's focus with it.
let focused = "";
function remember() {
  focused = document.activeElement?.id || focused;
}
function restore() {
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  focused = "";
}

class LiveMark {
  constructor(mark) {
    this.mark = mark;
    this.newsAt = Date.now();
    this.socket = null;
    this.wrapper = null;
    this.out = false;
    mark.addEventListener("htmx:wsOpen", (event) => this.opened(event.detail));
    mark.addEventListener("htmx:wsClose", (event) => this.closed(event.detail.event));
    mark.addEventListener("htmx:wsBeforeMessage", () => this.news());
    document.addEventListener("visibilitychange", () => this.turn());
    setInterval(() => this.show(), 1_000);
    setInterval(() => this.poll(), POLL);
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
    this.out ||= event.code === 4403;
    this.show();
  }

  news() {
    this.newsAt = Date.now();
    this.show();
  }

  // Nobody looks at a hidden tab, so nothing is computed for it.
  turn() {
    if (document.hidden && this.open) this.socket.close();
    if (!document.hidden && this.wrapper && !this.out && this.socket.readyState >= WebSocket.CLOSING) this.wrapper.reconnect();
    this.show();
  }

  async poll() {
    if (this.open || document.hidden || this.out) return;
    try {
      const answer = await fetch(this.mark.dataset.poll, { headers: { "HX-Request": "true" } });
      if (answer.redirected || answer.status === 403) this.out = true;
      else if (answer.ok) {
        remember();
        htmx.swap(this.mark.dataset.target, await answer.text(), { swapStyle: "outerHTML" });
        localise(document);
        restore();
        this.news();
      }
    } catch {
      // The network is away: the mark says so, and the next round asks again.
    }
    this.show();
  }

  show() {
    const silent = Date.now() - this.newsAt;
    const { live, delayed, offline, paused, out } = this.mark.dataset;
    if (this.out) this.say("offline", out);
    else if (document.hidden) this.say("", paused);
    else if (this.open && silent < LATE) this.say("live", live);
    else if (silent < LATE + 2 * POLL) this.say("delayed", delayed.replace("{0}", Math.round(silent / 1000)));
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

// Keys: / searches, j and k go through the rows, g and a letter opens a page, ? tells about them.
let going = false;
function pressed(event) {
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

function help() {
  const keys = document.getElementById("keys");
  if (!keys.open) keys.showModal();
  return true;
}

function step(by) {
  const rows = [...document.querySelectorAll(".panel tbody tr, .waterfall .span")];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by]?.querySelector("a, summary, button");
  next?.focus();
  return next;
}

// A link to one span opens what is known of it.
function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target?.classList.contains("span")) target.querySelector("details").open = true;
}

localise(document);
openTarget();
addEventListener("hashchange", openTarget);
document.addEventListener("keydown", pressed);
document.querySelector("#show-keys")?.addEventListener("click", help);
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  remember();
  localise(event.detail.fragment);
});
document.addEventListener("htmx:wsAfterMessage", restore);
const mark = document.getElementById("live");
if (mark) new LiveMark(mark);
