// Forms of loads and conditions: submit the form when a choice changes the rest of it.
"use strict";

function submitBy(form, doing) {
  const button = form.querySelector(`button[name=do][value="${doing}"]`);
  button?.click();
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
  submitBy(choice.form, "look");
}

document.addEventListener("change", (event) => {
  if (event.target.dataset.do) submitBy(event.target.form, event.target.dataset.do);
  showRelated();
});
document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-choose]");
  if (chosen) chooseDestination(chosen.dataset.choose);
});
document.addEventListener("htmx:afterSwap", showRelated);
