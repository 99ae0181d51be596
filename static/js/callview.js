// What a page shows of its call: two pictures, a sentence, switches, and what the two write to each other.

import { Call } from "./call.js";

const root = document.getElementById("call");
const notice = document.getElementById("elsewhere");
const part = (name) => root.querySelector(`[data-part=${name}]`);
let call = null;

const show = {
  state(name) {
    part("state").textContent = root.dataset[name];
    root.dataset.state = name;
    for (const control of root.querySelectorAll("button[data-part]")) control.disabled = name === "ended";
  },
  ours: (stream) => { part("ours").srcObject = stream; },
  theirs: (stream) => { if (part("theirs").srcObject !== stream) part("theirs").srcObject = stream; },
  frame: (shown) => part("theirs").requestVideoFrameCallback?.(shown),
  refused(error) {
    part("trouble").textContent = root.dataset[{ NotAllowedError: "denied", NotFoundError: "missing" }[error] ?? "busy"];
  },
  chat: (open) => { part("chat").hidden = !open; },
  heard: (text) => line(root.dataset.them, text),
};

function line(who, text) {
  const entry = document.createElement("p");
  entry.append(Object.assign(document.createElement("strong"), { textContent: `${who}: ` }), text);
  part("log").append(entry);
  entry.scrollIntoView({ block: "nearest" });
}

function press(kind, button) {
  button.setAttribute("aria-pressed", String(!call.toggle(kind)));
}

export function start({ polite, say }) {
  if (call && !call.over) return;
  root.hidden = false;
  notice.hidden = true;
  part("trouble").textContent = "";
  call = new Call({ polite, deadline: Number(root.dataset.deadline), say, show });
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

export const hear = (message) => call?.hear(message);

notice.querySelector("button").addEventListener("click", () => location.reload());
part("mute").addEventListener("click", ({ currentTarget }) => press("audio", currentTarget));
part("camera").addEventListener("click", ({ currentTarget }) => press("video", currentTarget));
part("hangup").addEventListener("click", () => call.hangUp());
part("chat").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = part("text");
  if (!field.value.trim()) return;
  call.write(field.value);
  line(root.dataset.us, field.value);
  field.value = "";
});
