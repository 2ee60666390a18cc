// Draws a chart that compares named things: a table whose figures are also bars, so that eyes and screen readers get the same.

import { h } from "./dom.js";
import { amount, lang, measure } from "./words.js";

/** Draw a chart with labels: a row for each, and a column of bars on a scale of its own for each series. */
export function drawComparison(chart) {
  const title = lang() === "zh" ? chart.title_zh : chart.title;
  const columns = Object.entries(chart.series).map(([name, values]) => ({ name, values, unit: chart.units?.[name] ?? chart.unit, most: Math.max(...values, 0) }));
  const names = lang() === "zh" ? chart.labels_zh : chart.labels;
  return h(
    "figure", { class: "chart" }, h("figcaption", {}, h("strong", {}, title)),
    h(
      "table", { class: "compared", "aria-label": title },
      h("thead", {}, h("tr", {}, h("td"), columns.map(heading))),
      h("tbody", {}, names.map((name, row) => h("tr", {}, h("th", { scope: "row" }, name), columns.map((column) => cell(column, column.values[row]))))),
    ),
  );
}

const heading = ({ name, unit }) => h("th", { scope: "col" }, measure(name, unit));

/** A bar with its figure at the end; a dash where nothing is known. */
function cell({ name, unit, most }, value) {
  const bar = h("span", { class: `bar ${name}` });
  bar.style.width = `${most ? (100 * (value ?? 0)) / most : 0}%`;
  return h("td", {}, h("div", {}, bar, h("span", {}, value === null ? "–" : amount(value, unit))));
}
