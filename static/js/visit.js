// The customer's page: keeps the place in the queue, shows what the server says, and calls when it is their turn.

import { back, elsewhere, hear as hearCall, start, stop } from "./callview.js";
import { Line } from "./line.js";

const CALLED = ["connecting", "active"];
const OVER = ["ended", "left", "invited"]; // what a call may be while the session goes on
const MISSED = 2; // calls in a row that nobody answered, after which we ask whether somebody is there

const visit = document.getElementById("visit");
const status = document.getElementById("status");
const mark = document.getElementById("mark");
const call = document.getElementById("call");
const question = document.getElementById("still-there");
let before = ""; // the state that we heard of last
let doorBefore = ""; // whether somebody was there, as we heard last
let missed = 0;

const marks = {
  live: () => show(mark.dataset.live, "good"),
  offline: (why) => show(why || mark.dataset.offline, "warn"),
  lost: (why) => show(why || mark.dataset.lost, "bad"),
  over: () => { mark.hidden = true; },
};

function show(word, kind) {
  mark.textContent = word;
  mark.className = `pill ${kind}`;
}

function hear(message) {
  if (message.type === "elsewhere") giveWay();
  else if (message.type === "state") follow(message);
  else hearCall(message);
}

function follow({ state, html, door }) {
  status.innerHTML = html; // rendered by our own server, nothing in it was typed by anybody
  const called = CALLED.includes(before);
  ask(state);
  // The claim is answered: now with what a broken line may have swallowed, else as soon as the call is there.
  if (state === "connecting") say({ type: call.dataset.state === "connected" ? "connected" : "answering" });
  if (!CALLED.includes(state)) stop();
  else if (!called) start({ polite: true, say }); // and not when we hear late that a call which is over was connected
  document.getElementById("here").hidden = ["ended", "abandoned", "expired"].includes(state);
  document.getElementById("media").hidden = !["waiting", "connecting", "active"].includes(state);
  for (const part of document.querySelectorAll("[data-while]")) {
    part.hidden = !part.dataset.while.split(" ").includes(state);
  }
  tell();
  offer(door);
}

// The server knows whether the session goes on; whether its call does, these two pages alone.
function tell() {
  const place = status.querySelector(".place");
  const over = OVER.includes(call.dataset.state);
  if (before === "active") {
    place.textContent = place.dataset[over ? call.dataset.state : "on"];
    status.querySelector(".after").hidden = !over;
  }
  document.title = `${place.textContent.trim()} · AdminAra`;
}

// Who let calls go by is asked whether they are there, and their place is kept no more until they say so: a page that nobody
// looks at would come back to the front of the queue for ever.
function ask(state) {
  if (before === "connecting" && state === "waiting") missed += 1;
  else if (state === "active") missed = 0;
  before = state;
  question.hidden = state !== "waiting" || missed < MISSED;
}

// When the last member of staff goes, or the desk closes, the form for a message opens by itself, once.
function offer(door) {
  if (doorBefore === "open" && door !== "open") document.getElementById("instead").open = true;
  doorBefore = door;
}

function say(message) {
  line.say(message);
}

// Two pages that take the visit from each other in turn would help nobody: this one keeps still.
function giveWay() {
  visit.hidden = mark.hidden = document.getElementById("media").hidden = true;
  elsewhere();
  line.close();
}

const line = new Line({ token: visit.dataset.token, hear, opened: back, present: () => question.hidden,
  show: (how, why) => marks[how](why) });
call.addEventListener("state", tell);
question.querySelector("button").addEventListener("click", () => {
  missed = 0;
  question.hidden = true;
  line.beat();
});
