// Used by every page: times in the user's zone, the theme switch, copy buttons.
"use strict";

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const second = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
const DAY = 86400000;
const zone = new Intl.DateTimeFormat(undefined, { timeZoneName: "short" });

function zoneAt(time) {
  return zone.formatToParts(time).find((part) => part.type === "timeZoneName").value;
}

// "5 minutes ago" or "in 3 hours", within a day from now.
function distance(time) {
  const minutes = Math.round((time - Date.now()) / 60000);
  if (Math.abs(minutes) < 1) return "now";
  return Math.abs(minutes) < 60 ? relative.format(minutes, "minute") : relative.format(Math.round(minutes / 60), "hour");
}

function showTimes(within) {
  for (const each of within.querySelectorAll("time[datetime]")) {
    const time = new Date(each.dateTime);
    const exact = `${("seconds" in each.dataset ? second : moment).format(time)} ${zoneAt(time)}`;
    const isNear = "near" in each.dataset && Math.abs(time - Date.now()) < DAY;
    each.title = isNear ? exact : each.dateTime;
    each.textContent = isNear ? distance(time) : exact;
  }
}

function switchTheme() {
  const root = document.documentElement;
  root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.bsTheme);
}

function setTheme(theme) {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.bsTheme = theme === "system" ? system : theme;
  if (theme === "system") localStorage.removeItem("theme");
  else localStorage.setItem("theme", theme);
}

async function copy(button) {
  const from = document.querySelector(button.dataset.copy);
  await navigator.clipboard.writeText((from.value ?? from.textContent).trim());
  const before = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = before; }, 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.hasAttribute("data-theme-switch")) switchTheme();
  if (button?.dataset.chooseTheme) setTheme(button.dataset.chooseTheme);
  if (button?.dataset.copy) copy(button);
});
document.addEventListener("htmx:afterSwap", (event) => showTimes(event.target));
document.addEventListener("htmx:oobAfterSwap", (event) => showTimes(event.target));
document.addEventListener("htmx:sseMessage", (event) => showTimes(event.target));
showTimes(document);
setInterval(() => showTimes(document), 60000);
document.addEventListener("htmx:load", (event) => showTimes(event.target));
// What was done goes away by itself, but not while a person points at it or reads it by keys.
for (const each of document.querySelectorAll("[data-toast]")) {
  const timer = setInterval(() => {
    if (each.matches(":hover, :focus-within")) return;
    clearInterval(timer);
    each.remove();
  }, 8000);
}
