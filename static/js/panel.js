// What every staff page does: moments in the viewer's zone, the live mark where there is one, and a few keys.

import { help, pressed } from "./keys.js";
import { LiveMark, remember, restore } from "./livemark.js";
import { localise } from "./moments.js";

// A link to one span opens what is known of it.
function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target?.classList.contains("span")) target.querySelector("details").open = true;
}

localise(document);
openTarget();
// A narrow screen has no room for all tabs: the one that is open is among those that show.
const tab = document.querySelector(".tabs [aria-current]");
tab?.parentElement.scrollTo(tab.offsetLeft - tab.parentElement.offsetLeft - 40, 0);
addEventListener("hashchange", openTarget);
document.addEventListener("keydown", pressed);
document.querySelector("#show-keys")?.addEventListener("click", help);
document.addEventListener("htmx:wsBeforeMessage", remember);
document.addEventListener("htmx:oobBeforeSwap", (event) => localise(event.detail.fragment));
document.addEventListener("htmx:wsAfterMessage", restore);
document.addEventListener("htmx:afterSwap", (event) => localise(event.target));
const mark = document.getElementById("live");
if (mark) new LiveMark(mark);
