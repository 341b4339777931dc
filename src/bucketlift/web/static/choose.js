// A checkbox that selects all checkboxes of its form, the number selected, and buttons that need a selection.
"use strict";

function boxes(form, name) {
  return [...form.querySelectorAll(`input[type="checkbox"][name="${name}"]`)];
}

function update(form) {
  const all = form.querySelector("[data-choose]"), each = boxes(form, all.dataset.choose);
  const chosen = each.filter((box) => box.checked);
  all.checked = chosen.length > 0 && chosen.length === each.length;
  all.indeterminate = chosen.length > 0 && chosen.length < each.length;
  const counter = form.querySelector("[data-chosen]");
  if (counter) counter.textContent = chosen.length ? `${chosen.length} selected` : "";
  for (const button of form.querySelectorAll("[data-needs-chosen]")) {
    // A box without offers can be used with every button.
    button.disabled = !chosen.some((box) => (box.dataset.offers ?? button.value).split(" ").includes(button.value));
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.form, all = form?.querySelector("[data-choose]");
  if (!all) return;
  if (event.target === all) boxes(form, all.dataset.choose).forEach((box) => { box.checked = all.checked; });
  update(form);
});

// Browsers restore checkboxes when a person comes back to the page.
addEventListener("pageshow", () => {
  document.querySelectorAll("[data-choose]").forEach((all) => update(all.form));
});
