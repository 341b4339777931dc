// A new schedule starts with the user's time zone.
"use strict";

for (const input of document.querySelectorAll("input[data-own-zone]")) {
  const known = new Set(Array.from(input.list?.options ?? [], (option) => option.value));
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!input.value && known.has(own)) {
    input.value = own;
    addEventListener("load", () => document.body.dispatchEvent(new Event("zone-known")));
  }
}
