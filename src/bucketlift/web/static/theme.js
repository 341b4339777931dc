// Set light or dark before the page is drawn: the user's choice, else the system setting.
"use strict";

const chosen = localStorage.getItem("theme");
const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
document.documentElement.dataset.bsTheme = chosen ?? system;
