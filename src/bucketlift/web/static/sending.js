// What a person typed is kept if the server does not answer or the session has ended. See CONTRIBUTING, "Forms".
"use strict";

const signedInAs = document.body.dataset.user;
const PATIENCE = 10000;
// The hidden inputs that are restored in every form: the version of the draft, and the key of a form that makes something.
const RESTORED = new Set(["number", "form"]);
let asked = 0;

function place() {
  return location.pathname + location.search;
}

function alerts() {
  return document.querySelector("#alerts");
}

function show(template) {
  const shown = document.querySelector(template).content.cloneNode(true);
  for (const each of shown.querySelectorAll("[data-sign-in]")) each.href = `/sign-in?next=${encodeURIComponent(place())}`;
  alerts().replaceChildren(shown);
}

function pathOf(form) {
  return new URL(form.getAttribute("action") ?? "", location.href).pathname;
}

function isKept(control) {
  const isSecret = control.type === "password" || control.dataset.secret !== undefined;
  return control.name && control.name !== "csrf" && !control.disabled && !isSecret && !["file", "submit", "button"].includes(control.type);
}

function isTyped(control) {
  return isKept(control) && control.type !== "hidden";
}

function isMerged(form) {
  return form.getAttribute("hx-swap")?.startsWith("merge") ?? false;
}

// In a form that the server completes, hidden inputs are a part of what was typed. In other forms they come from the page.
function restoredIn(form) {
  return [...form.elements].filter((each) => isTyped(each) || (isKept(each) && (RESTORED.has(each.name) || isMerged(form))));
}

// The forms in which a person can type. A form with only a button has nothing to keep.
function typedForms() {
  return [...document.forms].filter((form) => form.method === "post" && form.closest("main") && [...form.elements].some(isTyped));
}

// The hidden inputs that say which object a form changes, as names and values. `number` and `form` are the same for all objects.
function objectOf(form) {
  const hidden = [...form.elements].filter((each) => isKept(each) && each.type === "hidden" && !RESTORED.has(each.name));
  return hidden.map((each) => [each.name, each.value]);
}

// Keep what is typed in all forms of the page, without secrets, in this tab of the browser.
function keepForms() {
  if (!signedInAs) return;
  const kept = typedForms().map((form) => {
    const controls = restoredIn(form).filter((each) => each.checked || !["checkbox", "radio"].includes(each.type));
    return { path: pathOf(form), object: objectOf(form), values: controls.map((each) => [each.name, each.value]) };
  });
  sessionStorage.setItem(`kept ${place()}`, JSON.stringify({ user: signedInAs, kept }));
}

function forgetForms() {
  sessionStorage.removeItem(`kept ${place()}`);
}

function fill(form, values) {
  const left = new Map();
  for (const [name, value] of values) left.set(name, [...(left.get(name) ?? []), value]);
  for (const control of restoredIn(form)) {
    const here = left.get(control.name) ?? [];
    if (control.type === "checkbox" || control.type === "radio") control.checked = here.includes(control.value);
    else if (here.length) control.value = here.shift();
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

// The server makes the form from what was typed: it may have more rows than the empty form.
async function fillByServer(form, values) {
  const body = new FormData();
  for (const [name, value] of values) body.append(name, value);
  body.append("do", "look");
  const token = JSON.parse(document.body.getAttribute("hx-headers"));
  const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { "HX-Request": "true", ...token } });
  if (answer.ok) htmx.swap(form, await answer.text(), { swapStyle: "merge", swapDelay: 0, settleDelay: 20 }, { contextElement: form });
  const number = values.find(([name]) => name === "number"), control = form.elements.namedItem("number");
  if (number && control) control.value = number[1];
}

// An input that only one of the two has does not say another object.
function isSameObject(inputs, others) {
  const known = new Map(others);
  return inputs.every(([name, value]) => !known.has(name) || known.get(name) === value);
}

async function restoreForms() {
  const found = JSON.parse(sessionStorage.getItem(`kept ${place()}`) ?? "null");
  if (!found || found.user !== signedInAs) return;
  forgetForms();
  const left = new Set(typedForms());
  for (const { path, object, values } of found.kept) {
    const form = [...left].find((each) => pathOf(each) === path && (isMerged(each) || isSameObject(objectOf(each), object)));
    if (!form) continue;
    left.delete(form);
    if (isMerged(form)) await fillByServer(form, values);
    else fill(form, values);
  }
  show("#input-is-back");
}

// Ask until the server answers again; then remove the warning, and complete the forms.
async function askAgain() {
  const turn = ++asked;
  while (turn === asked) {
    await new Promise((done) => { setTimeout(done, 3000); });
    const status = await ask();
    if (turn !== asked || !status) continue;
    asked++;
    if (status === 401 && signedInAs) show("#session-ended");
    else alerts().replaceChildren();
    for (const form of document.querySelectorAll(".stale")) {
      form.classList.remove("stale");
      form.querySelector("[data-do]")?.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}

async function ask() {
  try {
    return (await fetch("/me/session", { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(PATIENCE), cache: "no-store" })).status;
  } catch {
    return 0;
  }
}

function noAnswer(form) {
  keepForms();
  form?.classList.add("stale");
  show("#no-answer");
  askAgain();
}

function sessionEnded() {
  asked++;
  keepForms();
  show("#session-ended");
}

// A form that replaces the page is sent only if the server answers: else the browser would show its own error page.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post") || event.defaultPrevented) return;
  if (form.dataset.asked === "yes") { delete form.dataset.asked; return; }
  event.preventDefault();
  if (form.dataset.asked) return;
  form.dataset.asked = "now";
  const submitter = event.submitter, status = await ask();
  delete form.dataset.asked;
  if (!status) noAnswer(form);
  else if (status === 401 && signedInAs) sessionEnded();
  else {
    forgetForms();
    form.dataset.asked = "yes";
    form.requestSubmit(submitter);
  }
});

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.getAttribute("hx-swap")?.startsWith("merge")) event.detail.timeout = 3 * PATIENCE;
});
for (const each of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(each, (event) => noAnswer(event.detail.elt.closest("form") ?? event.target.closest("form")));
}
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status !== 401) return;
  event.detail.shouldSwap = false;
  sessionEnded();
});
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.xhr.status === 401 || event.detail.xhr.status >= 500) return;
  asked++;
  for (const each of document.querySelectorAll("#alerts [data-until-answer]")) each.remove();
  for (const each of document.querySelectorAll(".stale")) each.classList.remove("stale");
});
if (signedInAs) restoreForms();
