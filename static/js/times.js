// Wait and run times are drawn when somebody comes to see them: most who look at jobs look at the lists alone.

import { localise } from "./moments.js";

const box = document.querySelector("[data-times]");
let seen = false;

async function draw() {
  const answer = await fetch(box.dataset.times, { headers: { "HX-Request": "true" } });
  if (!answer.ok || answer.redirected) return; // the link to them stays
  box.innerHTML = await answer.text();
  localise(box);
}

const tryToDraw = () => draw().catch(() => {}); // the network is away

// Drawn anew with the lists, unless somebody has them open as a table.
document.addEventListener("fresh", () => {
  if (seen && !box.querySelector("details[open]")) tryToDraw();
});

new IntersectionObserver(
  (entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    seen = true;
    tryToDraw();
  },
  { rootMargin: "300px" },
).observe(box);
