// The console's own script: lets the waits run between two pushes, by the server's clock, and keeps the line to the
// customer in hand.

import { back, elsewhere, hangUp, hear, start, stop } from "./callview.js";
import { Line } from "./line.js";

const LEAVING = 10_000; // ms that the page which follows a pressed button may take to come

let line = null;
let session = ""; // whose line it is
let pressedAt = -Infinity;

let told = ""; // the server's time in the last push, in seconds since the epoch
let ahead = 0; // the server's clock less ours, in seconds

function clock(seconds) {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function tick() {
  const now = document.getElementById("figures").dataset.now;
  if (now !== told) {
    told = now;
    ahead = Number(now) - performance.now() / 1000;
  }
  const seconds = ahead + performance.now() / 1000;
  for (const wait of document.querySelectorAll("[data-since]")) {
    wait.textContent = clock(Math.max(0, Math.floor(seconds - Number(wait.dataset.since))));
  }
}

// A page that is about to be replaced leaves the call to the one that follows: else the customer would be called twice.
const leaving = () => performance.now() - pressedAt < LEAVING;

function follow() {
  const { session: inHand = "", token } = document.getElementById("mine").dataset;
  if (inHand === session || (inHand && leaving())) return;
  session = inHand;
  stop();
  line?.close();
  line = session ? new Line({ token, hear: heard, opened: back }) : null;
  if (line) start({ polite: false, say: (message) => line?.say(message) });
}

function heard(message) {
  if (message.type === "elsewhere") giveWay();
  else hear(message);
}

// Another console of ours has the line now: this one does not open it again for the customer in hand.
function giveWay() {
  elsewhere();
  line.close();
  line = null;
}

function news() {
  tick();
  follow();
}

document.getElementById("act").addEventListener("submit", ({ submitter }) => {
  pressedAt = performance.now();
  if (["end", "requeue"].includes(submitter?.id)) hangUp(); // so that the customer's page tells of the call while it can
});
news();
setInterval(news, 1_000);
document.addEventListener("htmx:wsAfterMessage", news);
