// A checkbox that selects all checkboxes of its form, and the number selected.
"use strict";

function boxes(form, name) {
  return [...form.querySelectorAll(`input[type="checkbox"][name="${name}"]`)];
}

document.addEventListener("change", (event) => {
  const form = event.target.form, all = form?.querySelector("[data-choose]");
  if (!all) return;
  const each = boxes(form, all.dataset.choose);
  if (event.target === all) each.forEach((box) => { box.checked = all.checked; });
  const chosen = each.filter((box) => box.checked).length;
  all.checked = chosen > 0 && chosen === each.length;
  all.indeterminate = chosen > 0 && chosen < each.length;
  const counter = form.querySelector("[data-chosen]");
  if (counter) counter.textContent = chosen ? `${chosen} selected` : "";
});
