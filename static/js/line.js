// The page's line to the server: a WebSocket that is opened again when it breaks. What is said meanwhile is told once it
// is back.

const FIRST_PAUSE = 500; // ms before the first attempt to come back
const LONGEST_PAUSE = 15_000;
const MOST_KEPT = 40; // messages, of which the server takes 60 at once
// What is worth nothing later, or is said anew when the line is back.
const FLEETING = new Set(["heartbeat", "ready", "ice"]);
const USELESS = new Set([4400, 4401, 4410, 4413]); // the server hung up for good: trying again changes nothing
const OVER = 4410;

export class Line {
  // `hear` gets each message; `opened` is called whenever the line is there; `show` gets how it is: live, offline, over
  // (the session is), lost (for another reason that lasts).
  constructor({ token, hear, opened = () => {}, show = () => {} }) {
    Object.assign(this, { token, hear, opened, show, kept: [], pause: FIRST_PAUSE, closed: false });
    this.open();
  }

  open() {
    if (this.closed) return;
    const address = new URL("/ws/visit/", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.socket = new WebSocket(address);
    this.socket.addEventListener("message", ({ data }) => this.closed || this.hear(JSON.parse(data)));
    this.socket.addEventListener("open", () => this.greet());
    this.socket.addEventListener("close", ({ code }) => this.broken(code));
  }

  greet() {
    this.pause = FIRST_PAUSE;
    this.send({ type: "hello", token: this.token });
    for (const message of this.kept.splice(0)) this.send(message);
    this.show("live");
    this.opened();
  }

  broken(code) {
    if (this.closed) return;
    this.closed = USELESS.has(code);
    if (this.closed) return this.show(code === OVER ? "over" : "lost");
    this.show("offline");
    // With jitter, so that everybody does not come back in the same instant.
    setTimeout(() => this.open(), this.pause * (0.5 + Math.random()));
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
  }

  say(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.send(message);
    else if (!FLEETING.has(message.type) && this.kept.length < MOST_KEPT) this.kept.push(message);
  }

  send(message) {
    this.socket.send(JSON.stringify(message));
  }

  close() {
    this.closed = true;
    this.socket.close();
  }
}
