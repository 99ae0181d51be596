// Picking rows.

import { look } from "./fresh.js";

const rows = (form) => [...form.querySelectorAll("input[name=item]")];

// "All that is shown" ticks and unticks every row of its list, and a row that is unticked takes it back.
function tick({ target }) {
  const form = target.closest("[data-picking]");
  if (!form || target.type !== "checkbox") return;
  const all = form.querySelector("[data-all]");
  if (target === all) for (const row of rows(form)) row.checked = all.checked;
  else all.checked = rows(form).every((row) => row.checked);
  const said = form.querySelector("[data-still]");
  const count = rows(form).filter((row) => row.checked).length;
  said.textContent = count ? said.dataset.still.replace("{0}", count) : "";
  if (!count) look();
}

document.addEventListener("change", tick);
