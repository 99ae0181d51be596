// The board's own script: a figure's formula opens under the pointer, when its button has the keyboard's focus or is
// pressed, and closes with Escape.

const HOVER = 150; // ms that the pointer rests before a formula opens under it

let resting = 0;
let hovered = null; // whose formula the pointer has opened

function buttons() {
  return document.querySelectorAll(".define");
}

function open(button, shown) {
  button.setAttribute("aria-expanded", String(shown));
}

function closeOthers(kept) {
  for (const button of buttons()) if (button !== kept) open(button, false);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.(".define");
  if (!button && target.closest?.(".formula")) return; // so that it can be marked and copied
  closeOthers(button);
  if (!button) return;
  open(button, hovered === button || button.getAttribute("aria-expanded") !== "true");
  hovered = null;
});

document.addEventListener("mouseover", ({ target }) => {
  const about = target.closest?.(".about");
  clearTimeout(resting);
  if (about?.contains(hovered)) return;
  if (hovered) open(hovered, false);
  hovered = null;
  if (!about) return;
  resting = setTimeout(() => {
    const button = about.querySelector(".define");
    if (button.getAttribute("aria-expanded") === "true") return;
    closeOthers(button);
    open(button, true);
    hovered = button;
  }, HOVER);
});

document.addEventListener("focusin", ({ target }) => {
  closeOthers(target);
  if (target.matches(".define:focus-visible")) open(target, true);
});

document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  clearTimeout(resting);
  hovered = null;
  closeOthers(null);
});
