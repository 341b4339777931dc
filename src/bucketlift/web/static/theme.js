// Light or dark, before anything is drawn: what the reader chose, else what the system says.
"use strict";

const chosen = localStorage.getItem("theme");
const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
document.documentElement.dataset.bsTheme = chosen ?? system;
