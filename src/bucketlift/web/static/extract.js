// The extract wizard: show inputs that belong to a choice, and shorten a sample before upload.

const RELATED = "[data-shown-by]";

function chosen(form, name) {
  const values = new FormData(form).getAll(name);
  return values.filter((each) => typeof each === "string");
}

function showRelated() {
  for (const each of document.querySelectorAll(RELATED)) {
    const [name, values] = each.dataset.shownBy.split("=");
    const wanted = values.split(",");
    each.hidden = !chosen(each.closest("form"), name).some((value) => wanted.includes(value));
  }
}

// Only the beginning is needed. Cut at a line end: an incomplete last line would be an error.
async function cut(file) {
  const bytes = new Uint8Array(await file.slice(0, 1000000).arrayBuffer());
  const line = bytes.lastIndexOf(10) + 1 || bytes.length;
  return new File([bytes.slice(0, isWide(bytes) ? line + (line % 2) : line)], file.name, { type: file.type });
}

function isWide(bytes) {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

async function ready(input, file) {
  if (!file) return;
  document.querySelector("#sample_size").value = file.size;
  const list = new DataTransfer();
  list.items.add(file.size > Number(input.dataset.largest) ? await cut(file) : file);
  input.files = list.files;
  htmx.trigger(input, "sample-ready");
}

function overZone(event) {
  const zone = event.target.closest?.("[data-drop]");
  if (zone) event.preventDefault();
  for (const each of document.querySelectorAll("[data-drop]")) each.classList.toggle("dropping", each === zone);
  return zone;
}

// Show only the fields whose name contains the text. What is typed in hidden fields is kept and sent.
function plain(text) {
  return text.normalize("NFKC").toLocaleLowerCase();
}

function filterFields() {
  const area = document.querySelector("[data-filters]");
  if (!area) return;
  area.hidden = false;
  const wanted = plain(area.querySelector("input").value.trim());
  const rows = [...document.querySelectorAll(`${area.dataset.filters} [data-field]`)];
  for (const row of rows) row.hidden = !plain(row.dataset.field).includes(wanted);
  const shown = rows.filter((row) => !row.hidden).length;
  area.querySelector("[role=status]").textContent = wanted ? `${shown} of ${rows.length} fields` : `${rows.length} fields`;
}

// The search is no part of the form: it stores nothing, and it does not update the preview.
document.addEventListener(
  "input",
  (event) => {
    if (event.target.id !== "field-search") return;
    event.stopPropagation();
    filterFields();
  },
  true,
);
document.addEventListener("keydown", (event) => {
  if (event.target.id === "field-search" && event.key === "Enter") event.preventDefault();
});
document.addEventListener("dragover", overZone);
document.addEventListener("dragleave", (event) => {
  event.target.closest?.("[data-drop]")?.classList.remove("dropping");
});
document.addEventListener("drop", (event) => {
  const zone = overZone(event);
  zone?.classList.remove("dropping");
  if (zone) ready(document.querySelector(zone.dataset.drop), event.dataTransfer?.files[0]);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("input[type=file][data-largest]")) ready(event.target, event.target.files[0]);
  showRelated();
});
// The server has the sample now, so the form does not send it again.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.matches("input[type=file][data-largest]") && event.detail.xhr.status) event.target.value = "";
});
document.addEventListener("htmx:afterSwap", () => {
  showRelated();
  filterFields();
});
showRelated();
filterFields();
