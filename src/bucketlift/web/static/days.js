// The chart of files and rows per day. The table next to it shows the same data.
"use strict";

const HALF_DAY = 43200;

// A canvas cannot use CSS variables, so the browser resolves them to a colour.
function colour(place, name) {
  place.style.color = `var(${name})`;
  const resolved = getComputedStyle(place).color;
  place.style.color = "";
  return resolved;
}

// A point on each day that has such runs.
function marks(label, stroke) {
  return { label, scale: "runs", stroke, paths: () => null, points: { show: true, size: 9, fill: stroke }, value: (_, found) => found ?? 0 };
}

function drawn(place, data) {
  const quiet = colour(place, "--tblr-body-color"), line = colour(place, "--tblr-border-color");
  const axis = { stroke: quiet, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
  const short = new Intl.NumberFormat(undefined, { notation: "compact" });
  const values = (_, found) => found.map((each) => short.format(each));
  const bars = uPlot.paths.bars({ size: [0.7, 40] });
  return new uPlot({
    width: place.clientWidth,
    height: 220,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    cursor: { drag: { x: false, y: false } },
    scales: { x: { time: true, range: (_, first, last) => [first - HALF_DAY, last + HALF_DAY] }, runs: { range: (_, __, most) => [0, Math.max(1, most)] }, files: { range: (_, __, most) => [0, Math.max(1, most)] }, rows: { range: (_, __, most) => [0, Math.max(1, most)] } },
    axes: [
      axis,
      { ...axis, scale: "rows", values, label: "Rows", size: 60 },
      { ...axis, scale: "files", values, label: "Files", side: 1, size: 60, grid: { show: false } },
    ],
    series: [
      { label: "Day", value: "{YYYY}-{MM}-{DD}" },
      { label: "Rows", scale: "rows", stroke: colour(place, "--tblr-primary"), fill: colour(place, "--tblr-primary"), paths: bars, points: { show: false } },
      { label: "Files", scale: "files", stroke: colour(place, "--tblr-orange"), width: 2, points: { show: true, size: 5 } },
      marks("Runs with issues", colour(place, "--tblr-yellow")),
      marks("Failed runs", colour(place, "--tblr-red")),
    ],
  }, [data.days, data.rows, data.files, data.with_issues, data.failed], place);
}

for (const place of document.querySelectorAll("[data-days]")) {
  fetch(place.dataset.days, { headers: { Accept: "application/json" } })
    .then((answer) => answer.json())
    .then((data) => {
      let chart = drawn(place, data);
      const again = () => { chart.destroy(); chart = drawn(place, data); };
      new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: 220 })).observe(place);
      new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
    });
}
