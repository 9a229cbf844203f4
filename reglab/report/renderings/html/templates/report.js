"use strict";
const search = document.getElementById("search");
const choice = document.getElementById("outcome");
const rows = [...document.querySelectorAll("#index li")];
const count = document.getElementById("count");
function filter() {
  const words = search.value.trim().toLowerCase();
  let shown = 0;
  for (const row of rows) {
    const fits = (!words || row.textContent.toLowerCase().includes(words)) && (!choice.value || row.dataset.outcome === choice.value);
    row.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  count.textContent = `${shown} of ${rows.length}`;
}
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let each = target; each; each = each.parentElement) {
    if (each.tagName === "DETAILS") { each.open = true; }
  }
  if (target) { target.scrollIntoView(); }
}
if (search) {
  document.getElementById("filter").hidden = false;
  search.addEventListener("input", filter);
  choice.addEventListener("change", filter);
  filter();
}
addEventListener("hashchange", reveal);
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
reveal();
