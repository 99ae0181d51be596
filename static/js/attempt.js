// One attempt to connect: one RTCPeerConnection, timed from its making to the first picture, and one report of it.
// Times are milliseconds of this page's clock; names are those of W3C webrtc-stats. No address is ever reported.

const GLANCE = 250; // ms between two looks for what arrived, where no call tells it: a hidden page, sound alone

export class Attempt {
  // `deadline`: ms until the attempt is decided, whatever the browser says. `tell` gets the report, once.
  constructor({ id, iceServers, deadline, tell }) {
    Object.assign(this, { id, tell, over: false, at: {}, peerAway: false, turnRefused: false });
    this.began = performance.now();
    const pc = new RTCPeerConnection({ iceServers });
    this.pc = pc;
    this.timer = setTimeout(() => this.decide(), deadline);
    const marks = { signalingState: ["stable"], iceGatheringState: ["gathering", "complete"],
      iceConnectionState: ["checking", "connected"], connectionState: ["connected"] };
    for (const [name, states] of Object.entries(marks)) {
      const note = () => states.includes(pc[name]) && this.mark(`${name} ${pc[name]}`);
      pc.addEventListener(`${name.toLowerCase()}change`, note);
    }
    pc.addEventListener("icecandidateerror", ({ errorCode }) => { this.turnRefused ||= errorCode === 401; });
  }

  mark(name) {
    this.at[name] ??= performance.now();
  }

  get connected() {
    return "connectionState connected" in this.at;
  }

  receives(kind) {
    return this.pc.getTransceivers().some(({ receiver, currentDirection }) =>
      receiver.track.kind === kind && /recv/.test(currentDirection));
  }

  // Called when connected. `onFrame` takes what is to be called with the next picture shown.
  awaitFrame(onFrame) {
    this.awaited = ["video", "audio"].find((kind) => this.receives(kind));
    if (!this.awaited) return this.decide();
    if (this.awaited === "video") onFrame(() => this.framed());
    this.glances = setInterval(() => this.glance(), GLANCE);
  }

  async glance() {
    const arrived = [...(await this.pc.getStats()).values()].some(({ type, kind, framesDecoded, packetsReceived }) =>
      type === "inbound-rtp" && kind === this.awaited && (kind === "video" ? framesDecoded : packetsReceived) > 0);
    if (arrived) this.framed();
  }

  framed() {
    if (this.over) return;
    this.mark("frame");
    this.decide();
  }

  // With the first frame, or at the deadline.
  async decide() {
    if (!this.close()) return;
    const stats = [...(await this.pc.getStats()).values()];
    const failure = this.failure(stats);
    this.tell({ ...this.times(), ...pairOf(stats), result: failure ? "failed" : "connected", failure });
  }

  // Before it was decided: somebody ended the call, or the other side's page has been reloaded.
  stop(failure = "") {
    if (!this.close()) return;
    const result = this.connected ? "connected" : failure ? "failed" : "stopped";
    this.tell({ ...this.times(), result, failure: result === "failed" ? failure : "" });
  }

  close() {
    if (this.over) return false;
    clearTimeout(this.timer);
    clearInterval(this.glances);
    this.over = true;
    return true;
  }

  failure(stats) {
    const some = (kind) => stats.some(({ type }) => type === kind);
    if (this.connected) return this.awaited && !("frame" in this.at) ? "no_media" : "";
    if (this.peerAway) return "peer_left";
    if ("iceConnectionState connected" in this.at) return "dtls";
    if (this.turnRefused) return "turn_refused";
    return some("local-candidate") && some("remote-candidate") ? "ice" : "no_candidates";
  }

  times() {
    const { began, at } = this;
    const between = (from, to) => (from <= to ? to - from : null); // also null when either is not known
    const ice = at["iceConnectionState connected"];
    return {
      type: "report",
      attempt: this.id,
      age_ms: performance.now() - began,
      signalling_ms: between(began, at["signalingState stable"]),
      gathering_ms: between(at["iceGatheringState gathering"], at["iceGatheringState complete"]),
      ice_ms: between(at["iceConnectionState checking"], ice),
      dtls_ms: between(ice, at["connectionState connected"]),
      connection_time_ms: between(began, at["connectionState connected"]),
      first_frame_ms: between(began, at.frame),
    };
  }
}

// What is told of the pair of candidates in use: kinds and protocol.
function pairOf(stats) {
  const found = (id) => stats.find((each) => each.id === id);
  const transport = stats.find(({ type, selectedCandidatePairId }) => type === "transport" && selectedCandidatePairId);
  const pair = found(transport?.selectedCandidatePairId);
  const [local, remote] = [found(pair?.localCandidateId), found(pair?.remoteCandidateId)];
  if (!local || !remote) return {};
  return {
    local_candidate: local.candidateType,
    remote_candidate: remote.candidateType,
    protocol: local.relayProtocol ?? local.protocol,
  };
}
