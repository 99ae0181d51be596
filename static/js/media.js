// What this page sends: camera and microphone, as far as they are wanted and the browser gives them, or the screen.

import { list, wanted } from "./devices.js";

const KINDS = ["audio", "video"];

export class Media {
  // `refused` gets the reason why something that was wanted is not there; `changed` is called when what is sent ended.
  constructor({ refused, changed }) {
    Object.assign(this, { refused, changed, devices: {}, screen: null, off: new Set(), round: 0 });
    this.stream = new MediaStream(); // what is sent now, in one stream that sound and picture belong together
  }

  track(kind) {
    return (kind === "video" && this.screen) || this.devices[kind] || null;
  }

  // Opens what is wanted and closes what is not. False when a newer call of this has overtaken.
  async adjust() {
    const [round, wants] = [++this.round, wanted()];
    for (const kind of KINDS) if (!fits(this.devices[kind], wants[kind])) this.drop(kind);
    await this.ask(wants, round);
    if (round !== this.round) return false;
    this.gather();
    list();
    return true;
  }

  // In one question; where not all is to be had, for each alone.
  async ask(wants, round) {
    const lacking = () => KINDS.filter((kind) => wants[kind] && !this.devices[kind]);
    const all = lacking();
    for (const kinds of all.length > 1 ? [all, ...all.map((kind) => [kind])] : [all]) {
      const asked = kinds.filter((kind) => lacking().includes(kind));
      if (!asked.length) continue;
      const reason = await this.open(asked, wants, round);
      if (round !== this.round) return;
      if (reason) this.refused(reason);
      if (reason === "dismissed" || reason === "insecure") return; // asking again would be a nuisance, or useless
    }
  }

  // The reason why not, or nothing.
  async open(kinds, wants, round) {
    if (!navigator.mediaDevices) return "insecure";
    try {
      const constraints = Object.fromEntries(kinds.map((kind) => [kind, wants[kind]]));
      const stream = await navigator.mediaDevices.getUserMedia(constraints);
      for (const track of stream.getTracks()) this.keep(track, round);
    } catch (error) {
      // The chosen device is not there any more: then any.
      if (error.name === "OverconstrainedError") return this.open(kinds, { audio: true, video: true }, round);
      return why(error, kinds);
    }
  }

  keep(track, round) {
    if (round !== this.round) return track.stop();
    track.enabled = !this.off.has(track.kind);
    track.addEventListener("ended", () => this.devices[track.kind] === track && this.changed());
    this.devices[track.kind] = track;
  }

  drop(kind) {
    this.devices[kind]?.stop();
    delete this.devices[kind];
  }

  gather() {
    const [now, before] = [KINDS.map((kind) => this.track(kind)).filter(Boolean), this.stream.getTracks()];
    for (const track of before) if (!now.includes(track)) this.stream.removeTrack(track);
    for (const track of now) if (!before.includes(track)) this.stream.addTrack(track);
  }

  // Switches microphone or camera. Returns whether it is off now.
  toggle(kind) {
    if (!this.off.delete(kind)) this.off.add(kind);
    if (this.devices[kind]) this.devices[kind].enabled = !this.off.has(kind);
    return this.off.has(kind);
  }

  // Takes the screen, or what the user chooses of it, for the camera until `ended`. False when there is nothing to show.
  async share(ended) {
    try {
      [this.screen] = (await navigator.mediaDevices.getDisplayMedia({ video: true })).getVideoTracks();
    } catch (error) {
      console.info("screen:", error.name); // mostly somebody who thought better of it; the browser tells the rest
      return false;
    }
    this.screen.addEventListener("ended", ended);
    this.gather();
    return true;
  }

  unshare() {
    this.screen?.stop();
    this.screen = null;
    this.gather();
  }

  stop() {
    this.round += 1;
    this.unshare();
    KINDS.forEach((kind) => this.drop(kind));
  }
}

function fits(track, wish) {
  if (!track || !wish || track.readyState === "ended") return false;
  return wish === true || track.getSettings().deviceId === wish.deviceId.exact;
}

// What getUserMedia's error means to a person (https://w3c.github.io/mediacapture-main/#dom-mediadevices-getusermedia).
async function why({ name, message }, kinds) {
  if (name === "NotFoundError") return "missing";
  if (name !== "NotAllowedError" && name !== "SecurityError") return "busy";
  if (/system/i.test(message)) return "system"; // as Chromium says when the operating system forbids it
  const states = await Promise.all(kinds.map((kind) => permission(kind === "audio" ? "microphone" : "camera")));
  return states.includes("prompt") && !states.includes("denied") ? "dismissed" : "denied"; // may be asked again, or not
}

async function permission(name) {
  try {
    return (await navigator.permissions.query({ name })).state;
  } catch {
    return "unknown"; // a browser that does not tell
  }
}
