// How good a connected call is: every `every` ms what came and went since the look before, told to the server.
// Names and counters are those of W3C webrtc-stats. A hidden tab's timers are late by up to a second, as long as it has
// a connection; the span that is told is the one that was.

const LEAST = 2_000; // ms: a shorter span, at the end of a call, says too little
const LONGEST = 60_000; // ms: the machine slept, and nobody saw the call

export class Quality {
  constructor({ pc, attempt, every, tell }) {
    Object.assign(this, { pc, attempt, tell, before: null, steps: Promise.resolve() });
    this.look();
    this.timer = setInterval(() => this.look(), every);
  }

  look() {
    const [at, stats] = [performance.now(), this.pc.getStats()];
    this.steps = this.steps.then(async () => this.compare({ at, stats: await stats }))
      .catch((error) => console.warn("quality:", error));
  }

  compare(now) {
    const { before, attempt } = this;
    this.before = now;
    const span = now.at - before?.at;
    if (!(span >= LEAST && span <= LONGEST)) return;
    this.tell({
      type: "quality", attempt, span_s: Math.round(span / 1000),
      get ago_ms() { return performance.now() - now.at; }, // when it is said: the line may be down until then
      ...difference(before.stats, now.stats, span),
    });
  }

  // Before the connection is closed, which then has nothing to tell any more.
  stop() {
    clearInterval(this.timer);
    this.look();
  }
}

function difference(before, after, span) {
  const some = (type, kind) =>
    [...after.values()].filter((each) => each.type === type && (!kind || each.kind === kind));
  // What counters of some kind rose by. They may fall, as lost packets that arrive late do: that is no rise.
  const rise = (type, name, kind) => some(type, kind).reduce(
    (sum, each) => sum + Math.max(0, (each[name] ?? 0) - (before.get(each.id)?.[name] ?? 0)), 0);
  const [lost, received] = [rise("inbound-rtp", "packetsLost"), rise("inbound-rtp", "packetsReceived")];
  const kbps = (type, name) => (rise(type, name) * 8) / span; // bits in a millisecond
  // Sound first: people bear a picture that trembles, and the limits of ITU-T Y.1541 are those of speech.
  const heard = [...some("inbound-rtp", "audio"), ...some("inbound-rtp", "video")].find(({ jitter }) => jitter >= 0);
  const counted = some("inbound-rtp", "video").some(({ freezeCount }) => freezeCount >= 0);
  return {
    round_trip_ms: inMs(selectedPair(after)?.currentRoundTripTime),
    jitter_ms: inMs(heard?.jitter),
    loss_ratio: lost + received ? lost / (lost + received) : null,
    freezes: counted ? rise("inbound-rtp", "freezeCount", "video") : null,
    received_kbps: kbps("inbound-rtp", "bytesReceived"),
    sent_kbps: kbps("outbound-rtp", "bytesSent"),
  };
}

function selectedPair(stats) {
  const transport = [...stats.values()].find(({ selectedCandidatePairId: id }) => id);
  return stats.get(transport?.selectedCandidatePairId);
}

function inMs(seconds) {
  return seconds === undefined ? null : seconds * 1000;
}
