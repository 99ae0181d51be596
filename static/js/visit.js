// The customer's page: keeps the place in the queue, shows what the server says, and comes back after a broken line.

import { elsewhere, hear as hearCall, start, stop } from "./callview.js";

const FIRST_PAUSE = 500; // ms before the first attempt to come back
const LONGEST_PAUSE = 15_000;
const USELESS = new Set([4400, 4401, 4410, 4413]); // the server hung up for good: trying again changes nothing

const visit = document.getElementById("visit");
const status = document.getElementById("status");
const mark = document.getElementById("mark");
const call = document.getElementById("call");
let socket = null;
let pause = FIRST_PAUSE;
let displaced = false; // by the same visit in another tab or on another device

function say(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function show(word, kind) {
  mark.textContent = word;
  mark.className = `pill ${kind}`;
}

function hear({ data }) {
  const message = JSON.parse(data);
  if (message.type === "elsewhere") return giveWay();
  if (message.type !== "state") return hearCall(message);
  status.innerHTML = message.html; // rendered by our own server, nothing in it was typed by anybody
  document.title = `${status.querySelector(".place").textContent.trim()} · AdminAra`;
  // The claim is answered: now with what a broken line may have swallowed, else as soon as the call is there.
  if (message.state === "connecting") say({ type: call.dataset.state === "connected" ? "connected" : "answering" });
  if (["connecting", "active"].includes(message.state)) start({ polite: true, say });
  else stop();
  document.getElementById("here").hidden = ["ended", "abandoned", "expired"].includes(message.state);
}

// Two pages that take the visit from each other in turn would help nobody: this one keeps still.
function giveWay() {
  displaced = true;
  visit.hidden = mark.hidden = true;
  elsewhere();
  socket.close();
}

function open() {
  const address = new URL("/ws/visit/", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  socket = new WebSocket(address);
  socket.addEventListener("message", hear);
  socket.addEventListener("open", () => {
    say({ type: "hello", token: visit.dataset.token });
    show(mark.dataset.live, "good");
    pause = FIRST_PAUSE;
  });
  socket.addEventListener("close", ({ code }) => {
    if (displaced) return;
    if (USELESS.has(code)) {
      if (code !== 4410) show(mark.dataset.lost, "bad");
      else mark.hidden = true;
      return;
    }
    show(mark.dataset.offline, "warn");
    // With jitter, so that everybody does not come back in the same instant.
    setTimeout(open, pause * (0.5 + Math.random()));
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  });
}

open();
const clock = new Worker(visit.dataset.clock);
clock.addEventListener("message", () => say({ type: "heartbeat" }));
clock.postMessage(Number(visit.dataset.beat));
