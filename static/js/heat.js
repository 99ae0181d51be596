// The heat map of a name: says what is under the pointer, and opens its traces.

const SVG = "http://www.w3.org/2000/svg";
const SHAPE = { class: "found", fill: "none", stroke: "currentColor", "stroke-width": 2 };

export class Heat {
  constructor(drawing, said) {
    this.drawing = drawing;
    this.said = said;
    const told = drawing.dataset;
    [this.first, this.column, this.columns] = [told.first, told.column, told.columns].map(Number);
    this.bounds = told.bounds.split(" ").map(Number);
    this.words = told.words.split("|");
    this.counts = new Map(told.counted.split(" ").map((cell) => cell.match(/(.*):(.*)/).slice(1)));
    const locale = document.documentElement.lang;
    this.clock = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
    this.number = new Intl.NumberFormat(locale);
    drawing.classList.add("opens");
    drawing.addEventListener("pointermove", (event) => this.point(this.under(event)));
    drawing.addEventListener("pointerleave", () => this.point(null));
    drawing.addEventListener("click", (event) => this.open(this.under(event)));
  }

  // The cell where a pointer is; none where nothing was measured.
  under(event) {
    const box = this.drawing.getBoundingClientRect();
    const rows = this.bounds.length - 1;
    const column = Math.floor(((event.clientX - box.left) / box.width) * this.columns);
    const row = rows - 1 - Math.floor(((event.clientY - box.top) / box.height) * rows);
    const count = this.counts.get(`${column}:${row}`);
    return count ? { column, row, rows, count: Number(count), begin: this.first + column * this.column } : null;
  }

  point(cell) {
    this.frame?.remove();
    this.said.textContent = cell ? this.text(cell) : "";
    if (!cell) return;
    this.frame = this.drawing.appendChild(document.createElementNS(SVG, "rect"));
    const places = { x: cell.column / this.columns, y: 1 - (cell.row + 1) / cell.rows, width: 1 / this.columns, height: 1 / cell.rows };
    for (const [name, part] of Object.entries(places)) this.frame.setAttribute(name, `${part * 100}%`);
    for (const [name, value] of Object.entries(SHAPE)) this.frame.setAttribute(name, value);
  }

  text(cell) {
    const range = `${this.words[cell.row]} – ${this.words[cell.row + 1]}`;
    return `${this.clock.format(new Date(cell.begin * 1000))}: ${range}, ${this.number.format(cell.count)}`;
  }

  open(cell) {
    if (!cell) return;
    const there = new URL(this.drawing.dataset.traces, location.href);
    const asked = { since: cell.begin, until: cell.begin + this.column, least: this.bounds[cell.row], most: this.bounds[cell.row + 1] };
    for (const [name, value] of Object.entries(asked)) there.searchParams.set(name, value);
    location.assign(there);
  }
}

const drawing = document.querySelector(".heat-drawing");
if (drawing) {
  new Heat(drawing, document.querySelector(".heat-said"));
  document.querySelector(".heat-opens").hidden = false;
}
