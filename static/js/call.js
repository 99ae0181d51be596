// A call between two pages: perfect negotiation (https://w3c.github.io/webrtc-pc/#perfect-negotiation-example) over the
// line that each page has with the server. The staff's page is the impolite one and begins; a page that comes back
// after a reload names itself anew, and both begin again.

import { Attempt } from "./attempt.js";
import { Media } from "./media.js";
import { Quality } from "./quality.js";

export class Call {
  // `deadline`: ms in which a connection must come about, for the browser itself may never say that it did not.
  // `sample`: ms between two looks at how good it is.
  constructor({ polite, deadline, sample, say, show }) {
    const id = crypto.getRandomValues(new Uint32Array(1))[0].toString(16); // randomUUID is for https only
    Object.assign(this, { polite, deadline, sample, say, show, id, steps: Promise.resolve(), over: false, ready: false });
    this.reasons = new Set(); // told to the server, why camera or microphone are not there
    this.media = new Media({ refused: (reason) => this.refused(reason), changed: () => this.prepare() });
  }

  event(kind, amount) {
    this.say({ type: "event", kind, amount });
  }

  begin() {
    this.show.state("asking");
    return this.prepare();
  }

  // Opens camera and microphone, or what there is of them: without either one can still see, hear and write. Later again,
  // when the user wants others.
  async prepare() {
    this.show.trouble("");
    if (!(await this.media.adjust())) return;
    if (this.over) return this.media.stop();
    this.show.ours(this.media);
    if (this.ready) return this.send();
    this.ready = true;
    this.show.state("waiting");
    this.sayReady();
  }

  refused(reason) {
    this.show.trouble(reason);
    const kind = { missing: "media_missing", busy: "media_busy", insecure: "media_insecure" }[reason] ?? "media_denied";
    if (!this.reasons.has(kind)) this.event(kind);
    this.reasons.add(kind);
  }

  sayReady(reply = false) {
    this.say({ type: "ready", id: this.id, reply });
  }

  // The line is back. Meanwhile the other page may have been another, and what was asked for is not answered any more.
  back() {
    if (this.over) return;
    this.broken = true;
    if (this.gotServers) this.say({ type: "ice" });
    if (this.ready) this.sayReady();
  }

  // Messages are worked off one after the other, but for the servers, which one of them waits for.
  hear(message) {
    if (message.type === "ice") this.gotServers?.(message.servers);
    else this.next(() => this.follow(message));
  }

  next(step) {
    this.steps = this.steps.then(step).catch((error) => console.warn("call:", error));
  }

  async follow(message) {
    if (!this.ready || this.over) return;
    if (message.type === "ready") {
      this.note(false);
      if (!message.reply) this.sayReady(true);
      if (this.peer !== message.id) await this.connect(message.id);
      else if (this.broken && !this.polite) await this.repeat();
    } else if (message.type === "away") this.note(true);
    else if (message.id === this.peer) await this.heed(message); // and not from a page that has been reloaded since
  }

  async heed(message) {
    this.note(false);
    if (message.type === "description") await this.describe(message.description);
    else if (message.type === "candidate") await this.candidate(message.candidate);
    else if (message.type === "bye") this.end("left");
  }

  // A line was down: what was said may not have been heard. An offer made anew has all that is known of the way by now.
  async repeat() {
    this.broken = false;
    if (this.pc && this.pc.connectionState !== "connected") await this.offer(this.pc);
  }

  // Whether the other page's line is down: if it stays so, that is why no connection came about.
  note(away) {
    this.broken ||= away;
    if (this.attempt) this.attempt.peerAway = away;
  }

  async connect(peer) {
    this.leave("peer_left");
    this.peer = peer;
    this.broken = false;
    this.show.state("connecting");
    setTimeout(() => this.peer === peer && this.giveUp(), this.deadline);
    this.iceServers = await this.servers();
    if (!this.polite) this.open(); // the polite side does so with the offer: from it the server counts too
  }

  async servers() {
    this.say({ type: "ice" });
    const servers = await new Promise((resolve) => { this.gotServers = resolve; });
    this.gotServers = null;
    return servers;
  }

  giveUp() {
    if (!this.over && !this.attempt?.connected) this.show.state("failed");
  }

  open() {
    if (this.over) return;
    const id = (this.polite ? [this.id, this.peer] : [this.peer, this.id]).join("-");
    this.attempt = new Attempt({ id, iceServers: this.iceServers, deadline: this.deadline, tell: this.say });
    const { pc } = this.attempt;
    this.pc = pc;
    this.makingOffer = this.ignoreOffer = this.met = false;
    pc.ontrack = ({ streams, track }) => this.show.theirs(streams[0] ?? new MediaStream([track]));
    pc.onicecandidate = ({ candidate }) => candidate && this.say({ type: "candidate", id: this.id, candidate });
    pc.onnegotiationneeded = () => this.offer(pc).catch((error) => console.warn("call:", error));
    pc.onsignalingstatechange = () => pc.signalingState === "stable" && this.show.picture(this.attempt.receives("video"));
    pc.onconnectionstatechange = () => this.changed(pc);
    this.chat = pc.createDataChannel("chat", { negotiated: true, id: 0 });
    this.chat.onopen = () => this.show.chat(true);
    this.chat.onmessage = ({ data }) => this.show.heard(String(data).slice(0, 2000));
    this.equip(pc);
  }

  // What there is to send goes in before anything is negotiated: no step of that then waits for it. The impolite side makes
  // room for both kinds; of the polite one's tracks each takes the room that the offer has for it.
  equip(pc) {
    for (const kind of ["audio", "video"]) {
      const track = this.media.track(kind);
      if (track) pc.addTrack(track, this.media.stream);
      else if (!this.polite) pc.addTransceiver(kind, { direction: "recvonly" });
    }
  }

  equipped(pc) {
    return pc.getTransceivers().every(({ sender, receiver }) => sender.track === this.media.track(receiver.track.kind));
  }

  // Sends what there is now. Where a direction changes by that, the browser asks for a negotiation.
  async send() {
    await Promise.all((this.pc?.getTransceivers() ?? []).map((transceiver) => {
      const track = this.media.track(transceiver.receiver.track.kind);
      transceiver.direction = track ? "sendrecv" : "recvonly";
      transceiver.sender.setStreams?.(this.media.stream);
      return transceiver.sender.replaceTrack(track);
    }));
  }

  async offer(pc) {
    if (this.polite && !pc.remoteDescription) return; // the other side begins
    try {
      this.makingOffer = true;
      await pc.setLocalDescription();
      if (pc === this.pc) this.say({ type: "description", id: this.id, description: pc.localDescription });
    } finally {
      this.makingOffer = false;
    }
  }

  async describe(description) {
    if (!this.pc && description.type === "offer") this.open();
    const { pc } = this;
    if (!pc) return;
    const collision = description.type === "offer" && (this.makingOffer || pc.signalingState !== "stable");
    this.ignoreOffer = !this.polite && collision;
    if (this.ignoreOffer) return;
    if (description.type === "offer" && lost(pc)) await this.renewServers(pc);
    await pc.setRemoteDescription(description);
    if (description.type === "offer") {
      if (!this.equipped(pc)) await this.send();
      await pc.setLocalDescription();
      this.say({ type: "description", id: this.id, description: pc.localDescription });
    }
  }

  async candidate(candidate) {
    try {
      await this.pc?.addIceCandidate(candidate);
    } catch (error) {
      if (!this.ignoreOffer) throw error;
    }
  }

  changed(pc) {
    if (pc !== this.pc) return;
    const state = pc.connectionState;
    if (state === "failed") this.next(() => this.restart(pc));
    if (state === "connected") this.meet();
    if (!this.met || !lost(pc)) return;
    this.show.state("interrupted");
    if (state === "disconnected") this.event("interrupted");
  }

  meet() {
    this.show.state("connected");
    if (this.met) return;
    this.met = true;
    if (this.polite) this.say({ type: "connected" });
    this.attempt.awaitFrame(this.show.frame);
    this.quality = new Quality({ pc: this.pc, attempt: this.attempt.id, every: this.sample, tell: this.say });
  }

  // Both sides look for a way anew; should both offer it at once, the impolite one's offer goes through.
  async restart(pc) {
    await this.renewServers(pc);
    if (pc !== this.pc || pc.connectionState !== "failed") return;
    this.event("restarted");
    pc.restartIce();
  }

  // The relay's credentials live for minutes only.
  async renewServers(pc) {
    const iceServers = await this.servers();
    if (pc === this.pc) pc.setConfiguration({ ...pc.getConfiguration(), iceServers });
  }

  write(text) {
    this.chat.send(text);
    this.event("chat", 1);
  }

  // Shows the screen in the camera's place, or ends that.
  async share() {
    if (this.media.screen) this.media.unshare();
    else if (await this.media.share(() => this.share())) this.event("screen_shared");
    if (this.over) return this.media.stop();
    this.show.ours(this.media);
    await this.send();
  }

  hangUp() {
    this.say({ type: "bye", id: this.id });
    this.end();
  }

  // `how`: "ended" by us, or the other side has "left".
  end(how = "ended") {
    if (this.over) return;
    this.over = true;
    this.leave();
    this.media.stop();
    this.show.state(how);
    this.show.chat(false);
  }

  // `failure`: why the attempt, if it has not connected yet, came to nothing; none when somebody wanted its end.
  leave(failure) {
    this.attempt?.stop(failure);
    this.quality?.stop();
    this.pc?.close();
    this.pc = this.attempt = this.quality = null;
  }
}

function lost(pc) {
  return ["failed", "disconnected"].includes(pc.connectionState);
}
