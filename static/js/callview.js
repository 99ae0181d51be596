// What a page shows of its call: two pictures, a sentence, switches, and what the two write to each other.

import { Call } from "./call.js";
import { offer } from "./devices.js";

const root = document.getElementById("call");
const notice = document.getElementById("elsewhere");
const part = (name) => root.querySelector(`[data-part=${name}]`);
const able = "RTCPeerConnection" in window;
let call = null;
let again = null; // makes the next call

const show = {
  state(name) {
    part("state").textContent = root.dataset[name];
    root.dataset.state = name;
    const gone = ["ended", "left"].includes(name);
    const over = gone || ["invited", "unable"].includes(name);
    for (const control of part("controls").querySelectorAll("button")) control.disabled = over;
    part("again").hidden = !gone && !["failed", "invited"].includes(name);
    if (gone) part("theirs").srcObject = part("ours").srcObject = null;
    part("ours").hidden ||= gone;
    root.dispatchEvent(new Event("state"));
  },
  ours({ stream, screen }) {
    if (part("ours").srcObject !== stream) part("ours").srcObject = stream;
    part("ours").hidden = !stream.getVideoTracks().length;
    root.dataset.own = screen ? "screen" : "camera";
    press("screen", Boolean(screen));
  },
  theirs(stream) {
    if (part("theirs").srcObject === stream) return;
    part("theirs").srcObject = stream;
    // Some browsers play no sound before the page was touched, unless it records: then the video gets a button for it.
    part("theirs").play().catch(({ name }) => { part("theirs").controls = name === "NotAllowedError"; });
  },
  picture: (received) => { root.dataset.picture = received ? "shown" : "none"; },
  frame: (shown) => part("theirs").requestVideoFrameCallback?.(shown),
  trouble(reason) {
    part("trouble").textContent = root.dataset[reason] ?? "";
    part("ask").hidden = !reason || reason === "insecure";
  },
  chat: (open) => { part("chat").hidden = !open; },
  heard: (text) => line(root.dataset.them, text),
};

function line(who, text) {
  const entry = document.createElement("p");
  entry.append(Object.assign(document.createElement("strong"), { textContent: `${who}: ` }), text);
  part("log").append(entry);
  part("log").scrollTop = part("log").scrollHeight;
}

function press(name, pressed) {
  part(name).setAttribute("aria-pressed", String(pressed));
}

export function start({ polite, say }) {
  if (call && !call.over) return;
  root.hidden = false;
  notice.hidden = true;
  root.dataset.picture = "none";
  if (!able) return show.state("unable");
  again = () => start({ polite, say });
  call = new Call({ polite, deadline: Number(root.dataset.deadline), sample: Number(root.dataset.sample), say, show });
  for (const [kind, name] of Object.entries({ audio: "mute", video: "camera" })) press(name, call.media.off.has(kind));
  call.begin();
}

export function stop() {
  call?.end();
  root.hidden = true;
}

// The other side is connected to another page of ours now.
export function elsewhere() {
  stop();
  notice.hidden = false;
}

export const back = () => call?.back();
export const hangUp = () => call && !call.over && call.hangUp();

export function hear(message) {
  if (!call?.over) return call?.hear(message);
  if (message.type === "ready" && !message.reply) show.state("invited");
}

function on(name, pressed) {
  part(name).addEventListener("click", pressed);
}

on("mute", () => press("mute", call.media.toggle("audio")));
on("camera", () => press("camera", call.media.toggle("video")));
on("screen", () => call.share());
on("hangup", hangUp);
on("ask", () => call.prepare());
on("again", () => {
  call.end();
  again();
});
document.getElementById("unable").hidden = able;
part("screen").hidden = !navigator.mediaDevices?.getDisplayMedia;
part("chat").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = part("text");
  if (!field.value.trim()) return;
  call.write(field.value);
  line(root.dataset.us, field.value);
  field.value = "";
});
notice.querySelector("button").addEventListener("click", () => location.reload());
offer(() => call && !call.over && call.prepare());
// A page that is left tells what it knows; should the browser keep it for coming back, it begins anew.
addEventListener("pagehide", () => call?.end());
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
