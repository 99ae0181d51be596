// The scatter of traces: what a rectangle is drawn around is listed alone, and what lies around a click.

const SVG = "http://www.w3.org/2000/svg";
const LEAST = 6; // px that a pointer has to move before it draws
const AROUND = { x: 0.02, y: 0.05 }; // shares of the field on each side of a click

const within = (value) => Math.min(Math.max(value, 0), 1);

// The numbers at the field's ends, and the share of the way between them where a pointer is: 0 left and above.
function share(field, event) {
  const box = field.getBoundingClientRect();
  return { x: within((event.clientX - box.left) / box.width), y: within((event.clientY - box.top) / box.height) };
}

// The address of what lies between two corners, the other filters kept.
export function address(here, ends, one, other) {
  const there = new URL(here);
  const [left, right] = [one.x, other.x].sort((a, b) => a - b);
  const [above, below] = [one.y, other.y].sort((a, b) => a - b);
  const at = (part) => ends.since + part * (ends.until - ends.since);
  const ms = (part) => ends.most * (ends.least / ends.most) ** part;
  for (const name of ["before", "window"]) there.searchParams.delete(name);
  there.searchParams.set("since", Math.floor(at(left)));
  there.searchParams.set("until", Math.ceil(at(right)));
  there.searchParams.set("least", Number(ms(below).toPrecision(3)));
  there.searchParams.set("most", Number(ms(above).toPrecision(3)));
  return there;
}

function beside(place, sign) {
  return { x: within(place.x + sign * AROUND.x), y: within(place.y + sign * AROUND.y) };
}

class Zoom {
  constructor(field) {
    this.field = field;
    this.ends = Object.fromEntries(["since", "until", "least", "most"].map((name) => [name, Number(field.dataset[name])]));
    field.classList.add("zooms");
    field.addEventListener("pointerdown", (event) => this.begin(event));
    field.addEventListener("dragstart", (event) => event.preventDefault()); // or a point's link would be dragged
    addEventListener("pointermove", (event) => this.move(event));
    addEventListener("pointerup", (event) => this.end(event));
    addEventListener("pointercancel", () => this.forget());
    addEventListener("keydown", (event) => event.key === "Escape" && this.forget());
    field.addEventListener("click", (event) => this.drew && event.preventDefault());
  }

  begin(event) {
    this.drew = false;
    if (event.button !== 0 || event.pointerType === "touch") return;
    this.from = { ...share(this.field, event), left: event.clientX, top: event.clientY };
  }

  move(event) {
    if (!this.from) return;
    const far = Math.hypot(event.clientX - this.from.left, event.clientY - this.from.top);
    if (!this.drew && far < LEAST) return;
    this.drew = true;
    this.draw(share(this.field, event));
  }

  draw(to) {
    this.chosen ??= this.field.appendChild(document.createElementNS(SVG, "rect"));
    const [x, y] = [Math.min(this.from.x, to.x), Math.min(this.from.y, to.y)];
    const shape = { x, y, width: Math.abs(this.from.x - to.x), height: Math.abs(this.from.y - to.y) };
    for (const [name, part] of Object.entries(shape)) this.chosen.setAttribute(name, `${part * 100}%`);
    for (const [name, value] of Object.entries({ class: "chosen", fill: "currentColor", "fill-opacity": 0.15, stroke: "currentColor" })) {
      this.chosen.setAttribute(name, value);
    }
  }

  end(event) {
    const [from, to] = [this.from, share(this.field, event)];
    if (from && this.drew) this.show(from, to);
    else if (from && !event.target.closest("a")) this.show(beside(to, -1), beside(to, 1));
    this.forget();
  }

  show(one, other) {
    location.assign(address(location.href, this.ends, one, other));
  }

  forget() {
    this.from = null;
    this.chosen?.remove();
    this.chosen = null;
  }
}

const field = document.querySelector(".scatter .field");
if (field) {
  new Zoom(field);
  document.querySelector(".scatter .zooming").hidden = false;
}
