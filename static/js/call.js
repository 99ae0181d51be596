// A call between two pages: perfect negotiation (https://w3c.github.io/webrtc-pc/#perfect-negotiation-example) over the
// socket that each page has with the server. The staff's page is the impolite one and begins; a page that comes back
// after a reload names itself anew, and both begin again.

import { Attempt } from "./attempt.js";

export class Call {
  // `deadline`: ms in which a connection must come about, for the browser itself may never say that it did not.
  constructor({ polite, deadline, say, show }) {
    const id = crypto.randomUUID().slice(0, 8);
    Object.assign(this, { polite, deadline, say, show, id, steps: Promise.resolve(), over: false });
  }

  async begin() {
    this.show.state("asking");
    this.media = await this.capture();
    if (this.over) return this.stopMedia();
    this.show.ours(this.media);
    this.show.state("waiting");
    this.say({ type: "ready", id: this.id, reply: false });
  }

  // Camera and microphone, or what there is of them: without either one can still see, hear and write.
  async capture() {
    for (const wanted of [{ audio: true, video: true }, { audio: true }]) {
      try {
        return await navigator.mediaDevices.getUserMedia(wanted);
      } catch (error) {
        this.show.refused(error.name);
      }
    }
    return new MediaStream();
  }

  // Messages are worked off one after the other, but for the servers, which one of them waits for.
  hear(message) {
    if (message.type === "ice") this.gotServers?.(message.servers);
    else this.steps = this.steps.then(() => this.follow(message)).catch((error) => console.warn("call:", error));
  }

  async follow(message) {
    if (!this.media || this.over) return;
    if (message.type === "ready") {
      if (!message.reply) this.say({ type: "ready", id: this.id, reply: true });
      if (this.peer !== message.id) await this.connect(message.id);
    } else if (message.type === "away") this.note(true);
    else if (message.id === this.peer) await this.heed(message); // and not from a page that has been reloaded since
  }

  async heed(message) {
    this.note(false);
    if (message.type === "description") await this.describe(message.description);
    else if (message.type === "candidate") await this.candidate(message.candidate);
    else if (message.type === "bye") this.end("peer_left");
  }

  // Whether the other page's line is down: if it stays so, that is why no connection came about.
  note(away) {
    if (this.attempt) this.attempt.peerAway = away;
  }

  async connect(peer) {
    this.leave("peer_left");
    this.peer = peer;
    this.show.state("connecting");
    setTimeout(() => this.peer === peer && this.giveUp(), this.deadline);
    this.say({ type: "ice" });
    this.iceServers = await new Promise((resolve) => { this.gotServers = resolve; });
    if (!this.polite) this.open(); // the polite side does so with the offer: from it the server counts too
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
    this.makingOffer = this.ignoreOffer = this.told = false;
    pc.ontrack = ({ streams, track }) => this.show.theirs(streams[0] ?? new MediaStream([track]));
    pc.onicecandidate = ({ candidate }) => candidate && this.say({ type: "candidate", id: this.id, candidate });
    pc.onnegotiationneeded = () => this.offer(pc);
    pc.onconnectionstatechange = () => this.changed(pc);
    this.chat = pc.createDataChannel("chat", { negotiated: true, id: 0 });
    this.chat.onopen = () => this.show.chat(true);
    this.chat.onmessage = ({ data }) => this.show.heard(String(data).slice(0, 2000));
    for (const kind of ["audio", "video"]) {
      const track = this.media.getTracks().find((each) => each.kind === kind);
      if (track) pc.addTrack(track, this.media);
      else if (!this.polite) pc.addTransceiver(kind, { direction: "recvonly" });
    }
  }

  async offer(pc) {
    if (this.polite && !pc.remoteDescription) return; // the other side begins
    try {
      this.makingOffer = true;
      await pc.setLocalDescription();
      this.say({ type: "description", id: this.id, description: pc.localDescription });
    } finally {
      this.makingOffer = false;
    }
  }

  async describe(description) {
    if (!this.pc && description.type === "offer") this.open();
    if (!this.pc) return;
    const collision = description.type === "offer" && (this.makingOffer || this.pc.signalingState !== "stable");
    this.ignoreOffer = !this.polite && collision;
    if (this.ignoreOffer) return;
    await this.pc.setRemoteDescription(description);
    if (description.type === "offer") {
      await this.pc.setLocalDescription();
      this.say({ type: "description", id: this.id, description: this.pc.localDescription });
    }
  }

  async candidate(candidate) {
    try {
      await this.pc.addIceCandidate(candidate);
    } catch (error) {
      if (!this.ignoreOffer) throw error;
    }
  }

  changed(pc) {
    if (pc !== this.pc) return;
    if (pc.connectionState === "failed") {
      this.show.state("failed");
      pc.restartIce();
    } else if (pc.connectionState === "disconnected") this.show.state("interrupted");
    else if (pc.connectionState === "connected") {
      this.show.state("connected");
      if (this.told) return;
      this.told = true;
      if (this.polite) this.say({ type: "connected" });
      this.attempt.awaitFrame(this.show.frame);
    }
  }

  write(text) {
    this.chat.send(text);
  }

  // Switches what we send; false when there is nothing to switch.
  toggle(kind) {
    const track = this.media?.getTracks().find((each) => each.kind === kind);
    if (track) track.enabled = !track.enabled;
    return Boolean(track?.enabled);
  }

  hangUp() {
    this.say({ type: "bye", id: this.id });
    this.end();
  }

  end(failure) {
    if (this.over) return;
    this.over = true;
    this.leave(failure);
    this.stopMedia();
    this.show.state("ended");
    this.show.chat(false);
  }

  leave(failure) {
    this.attempt?.stop(failure);
    this.pc?.close();
    this.pc = this.attempt = null;
  }

  stopMedia() {
    for (const track of this.media?.getTracks() ?? []) track.stop();
  }
}
