// Forms of loads, conditions and transforms: send the form when a choice changes the rest of it. See CONTRIBUTING, "Forms".
"use strict";

function look(form, doing) {
  htmx.ajax("POST", form.action, { source: form, target: form, values: { do: doing }, swap: "merge" });
}

function showRelated() {
  for (const each of document.querySelectorAll("[data-shown-by]")) {
    const [name, value] = each.dataset.shownBy.split("=");
    each.hidden = !value.split(" ").includes(new FormData(each.closest("form")).get(name));
  }
}

function chooseDestination(name) {
  const choice = document.querySelector("#to");
  if (!choice) { location.reload(); return; }
  if (![...choice.options].some((option) => option.value === name)) choice.add(new Option(name, name));
  choice.value = name;
  look(choice.form, "look");
}

document.addEventListener("change", (event) => {
  if (event.target.dataset.do) look(event.target.form, event.target.dataset.do);
  showRelated();
});
document.addEventListener("htmx:afterSettle", showRelated);
document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-choose]");
  if (chosen) chooseDestination(chosen.dataset.choose);
});
showRelated();
