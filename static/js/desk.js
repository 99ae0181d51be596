// The console's own script: lets the waits run between two pushes, by the server's clock, and keeps the line to the
// customer in hand.

import { elsewhere, hear, start, stop } from "./callview.js";

const PAUSE = 1_000; // ms before the line is opened again

let socket = null;
let session = ""; // whose line it is

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

function say(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function line() {
  const { session: inHand = "", token } = document.getElementById("mine").dataset;
  if (inHand === session) return;
  session = inHand;
  socket?.close();
  stop();
  if (session) open(session, token);
}

function open(whose, token) {
  const address = new URL("/ws/visit/", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const mine = new WebSocket(address);
  socket = mine;
  mine.addEventListener("open", () => {
    say({ type: "hello", token });
    start({ polite: false, say });
  });
  mine.addEventListener("message", ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "elsewhere") giveWay();
    else hear(message);
  });
  mine.addEventListener("close", () => setTimeout(() => whose === session && mine === socket && open(whose, token), PAUSE));
}

// Another console of ours has the line now: this one does not open it again for the customer in hand.
function giveWay() {
  elsewhere();
  socket.close();
  socket = null;
}

function news() {
  tick();
  line();
}

news();
setInterval(news, 1_000);
document.addEventListener("htmx:wsAfterMessage", news);
