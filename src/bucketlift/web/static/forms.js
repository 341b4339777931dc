// Forms that the server completes while a person fills them in. See CONTRIBUTING, "Forms".
"use strict";

const CONTROLS = "input, select, textarea";
const KEPT = new Set(["value", "checked", "selected", "open", "style", "aria-expanded"]);

// The state of all controls when a request was sent, by request. What a person changed later is kept.
const states = new WeakMap();
let sent = null;

function state(control) {
  return control.type === "checkbox" || control.type === "radio" ? control.checked : control.value;
}

function isUntouched(control) {
  return !sent || !sent.has(control) || sent.get(control) === state(control);
}

// The names by which an element of the page is found again in the server's answer.
function namesOf(element) {
  const found = new Set();
  for (const each of [element, ...element.querySelectorAll("[id], [name]")]) {
    if (each.id) found.add(`#${each.id}`);
    if (each.name && each.type !== "hidden") found.add(["checkbox", "radio", "submit"].includes(each.type) ? `${each.name}=${each.value}` : each.name);
  }
  return found;
}

function isSame(old, fresh) {
  if (old.tagName !== fresh.tagName || old.type !== fresh.type) return false;
  if (old.id || fresh.id) return old.id === fresh.id;
  const names = namesOf(old), others = namesOf(fresh);
  if (!names.size && !others.size) return old.className === fresh.className && old.getAttribute("name") === fresh.getAttribute("name");
  return [...names].some((name) => others.has(name));
}

function mergeAttributes(old, fresh) {
  const own = (name) => KEPT.has(name) || (name === "hidden" && old.dataset.shownBy);
  for (const { name, value } of fresh.attributes) if (!own(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) if (!own(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
}

function mergeControl(old, fresh) {
  if (old.type === "password" || old.type === "file") return;
  if (old.type !== "hidden" && !isUntouched(old)) return;
  if (old.type === "checkbox" || old.type === "radio") {
    if (old.checked !== fresh.checked) old.checked = fresh.checked;
  } else if (old.value !== fresh.value) old.value = fresh.value;
}

function mergeOptions(old, fresh) {
  if (old.innerHTML === fresh.innerHTML) return;
  const value = old.value;
  old.replaceChildren(...fresh.cloneNode(true).childNodes);
  old.value = value;
}

function mergeChildren(old, fresh, added) {
  const left = new Set(old.children);
  const pairs = [...fresh.childNodes].map((each) => {
    const match = each.nodeType === Node.ELEMENT_NODE ? [...left].find((other) => isSame(other, each)) : undefined;
    left.delete(match);
    return [match, each];
  });
  for (const each of [...old.childNodes]) if (left.has(each) || each.nodeType !== Node.ELEMENT_NODE) each.remove();
  let at = old.firstChild;
  for (const [match, each] of pairs) {
    if (!match) {
      old.insertBefore(each, at);
      if (each.nodeType === Node.ELEMENT_NODE) added.push(each);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else old.insertBefore(match, at);
    merge(match, each, added);
  }
}

// Change `old` into `fresh`. Elements that are in both stay the same elements: they keep the focus, the caret and a press
// of the mouse.
function merge(old, fresh, added) {
  if (old.isEqualNode(fresh) && !old.matches(CONTROLS) && !old.querySelector(CONTROLS)) return;
  mergeAttributes(old, fresh);
  if (old.tagName === "SELECT") mergeOptions(old, fresh);
  if (old.matches(CONTROLS)) mergeControl(old, fresh);
  else mergeChildren(old, fresh, added);
}

htmx.defineExtension("merge", {
  isInlineSwap: (style) => style === "merge",
  handleSwap: (style, target, fragment, settling) => {
    if (style !== "merge") return false;
    const added = [], fresh = fragment.firstElementChild;
    merge(target, fresh, added);
    settling.elts.push(target);
    target.querySelector("[data-focus]")?.focus();
    return added;
  },
});

// A box below a choice selects the choice (`data-selects="NAME=VALUE"`), and another choice clears the boxes.
document.addEventListener("change", ({ target }) => {
  const choice = target.closest("[data-selects]")?.dataset.selects.split("=");
  if (choice && target.checked) target.form.querySelector(`input[name="${choice[0]}"][value="${choice[1]}"]`).checked = true;
  if (target.type !== "radio") return;
  for (const each of target.form?.querySelectorAll(`[data-selects^="${target.name}="]`) ?? []) {
    if (each.dataset.selects === `${target.name}=${target.value}`) continue;
    for (const box of each.querySelectorAll("input[type=checkbox]")) box.checked = false;
  }
});

// While the mouse button is down, the page does not change: a click counts only if press and release are on one element.
let pressed = false;
const waiting = [];

function release() {
  pressed = false;
  for (const each of waiting.splice(0)) each();
}

function swapNow(detail) {
  const words = (detail.swapOverride ?? detail.elt.closest("[hx-swap]")?.getAttribute("hx-swap") ?? "innerHTML").split(" ");
  if (!detail.target.isConnected) return;
  sent = states.get(detail.xhr) ?? null;
  htmx.swap(detail.target, detail.serverResponse, { swapStyle: words[0], swapDelay: 0, settleDelay: 20 },
    { selectOOB: detail.elt.getAttribute("hx-select-oob"), eventInfo: detail, contextElement: detail.elt });
  if (words.includes("show:window:top")) scrollTo(0, 0);
}

document.addEventListener("pointerdown", () => { pressed = true; }, true);
document.addEventListener("pointermove", (event) => { if (pressed && event.buttons === 0) release(); }, true);
for (const each of ["pointerup", "pointercancel"]) document.addEventListener(each, () => setTimeout(release), true);
document.addEventListener("keydown", release, true);
document.addEventListener("change", (event) => { if (event.target.tagName === "SELECT") release(); }, true);
addEventListener("blur", release);

document.addEventListener("htmx:beforeSend", (event) => {
  states.set(event.detail.xhr, new Map([...document.querySelectorAll(CONTROLS)].map((each) => [each, state(each)])));
});
document.addEventListener("htmx:beforeSwap", (event) => {
  sent = states.get(event.detail.xhr) ?? null;
  if (!pressed || !event.detail.shouldSwap || event.detail.xhr.status === 401) return;
  event.detail.shouldSwap = false;
  waiting.push(() => swapNow(event.detail));
});
document.addEventListener("htmx:sseBeforeMessage", (event) => {
  if (!pressed) return;
  event.preventDefault();
  waiting.push(() => htmx.swap(event.target, event.detail.data, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 20 }));
});
