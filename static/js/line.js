// The page's line to the server: a WebSocket that is opened again when it breaks. What is said meanwhile is told once it
// is back.

const FIRST_PAUSE = 500; // ms before the first attempt to come back
const LONGEST_PAUSE = 15_000;
const MOST_KEPT = 40; // messages, of which the server takes 60 at once
// What is worth nothing later, or is said anew when the line is back.
const FLEETING = new Set(["heartbeat", "ready", "ice"]);
const USELESS = new Set([4400, 4401, 4409, 4410, 4413]); // the server hung up for good: trying again changes nothing
const OVER = 4410;
const MISSED = 3; // beats in a row without an answer, after which the line is dead

export class Line {
  // `hear` gets each message; `opened` is called whenever the line is there; `show` gets how it is: live, offline, over
  // (the session is), lost (for another reason that lasts), and the server's sentence about it, if it said one.
  // `present`: whether somebody looks at the page, as far as it knows.
  constructor({ token, hear, opened = () => {}, show = () => {}, present = () => true }) {
    Object.assign(this, { token, hear, opened, show, present, kept: [], pause: FIRST_PAUSE, closed: false, up: false });
    this.open();
  }

  open() {
    if (this.closed) return;
    const address = new URL("/ws/visit/", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    const on = (event, handler) => socket.addEventListener(event, (what) => socket === this.socket && handler(what));
    on("message", ({ data }) => this.heard(JSON.parse(data)));
    on("open", () => this.send({ type: "hello", token: this.token, present: this.present() }));
    on("close", ({ code, reason }) => this.broken(code, reason));
    this.socket = socket;
    this.heardAt = performance.now();
  }

  heard(message) {
    if (this.closed) return;
    this.heardAt = performance.now();
    if (message.type === "hello") this.welcomed(message);
    else this.hear(message);
  }

  // Only now is it sure that the server has room for us.
  welcomed({ beat_ms: beat }) {
    this.up = true;
    this.pause = FIRST_PAUSE;
    this.beats ??= this.ticking(beat);
    for (const message of this.kept.splice(0)) this.send(message);
    this.show("live");
    this.opened();
  }

  // The server answers each beat. Whoever hears nothing for three hangs up, as a broken network tells neither side.
  ticking(beat) {
    const clock = new Worker(new URL("./beat.js", import.meta.url));
    clock.addEventListener("message", () => {
      if (performance.now() - this.heardAt < MISSED * beat) this.beat();
      else if (this.socket?.readyState < WebSocket.CLOSING) this.drop(); // also where it never opened
    });
    clock.postMessage(beat);
    return clock;
  }

  beat() {
    this.say({ type: "heartbeat", present: this.present() });
  }

  drop() {
    const dead = this.socket;
    this.socket = null; // whose end nobody waits for
    dead.close();
    this.broken();
  }

  broken(code, reason = "") {
    this.up = false;
    if (this.closed) return;
    if (USELESS.has(code)) {
      this.close();
      return this.show(code === OVER ? "over" : "lost", reason);
    }
    this.show("offline", reason);
    // With jitter, so that everybody does not come back in the same instant.
    setTimeout(() => this.open(), this.pause * (0.5 + Math.random()));
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
  }

  say(message) {
    if (this.up && this.socket.readyState === WebSocket.OPEN) this.send(message);
    else if (!FLEETING.has(message.type) && this.kept.length < MOST_KEPT) this.kept.push(message);
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  close() {
    this.closed = true;
    this.beats?.terminate();
    this.socket?.close();
  }
}
