// Picking rows: "all that is shown" ticks and unticks every row of its list, and a row that is unticked takes it back.

for (const form of document.querySelectorAll("[data-picking]")) {
  const all = form.querySelector("[data-all]");
  const rows = [...form.querySelectorAll("input[name=item]")];
  all?.addEventListener("change", () => rows.forEach((row) => (row.checked = all.checked)));
  for (const row of rows) row.addEventListener("change", () => all && (all.checked = rows.every((one) => one.checked)));
}
