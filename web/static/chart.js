// Draws a chart (series of numbers along days) as SVG with legend, axes, and a reading at the pointer or the arrow keys.

import { h, s } from "./dom.js";
import { hideTip, showTip } from "./tip.js";
import { day, lang, number, seriesName, unitName, word } from "./words.js";

const WIDE = 720;
const NARROW = 380; // on a small screen fewer units of length, so that the letters stay readable
const HEIGHT = 260;
const EDGE = { left: 46, right: 14, top: 12, bottom: 28 };
const SMALL = matchMedia("(max-width: 560px)");
const DAY = 86_400_000;

/** Pairs of quantiles that make a band, the widest first so that narrower ones lie on top. */
const BANDS = [["p2_5", "p97_5", "band95"], ["p10", "p90", "band80"]];
const KNOWN = ["history", "p50", "mean", "projected_stock", "without_order", "changed", "reorder_point", "safety_stock", "p10", "p90"];

/** Draw a chart. */
export function drawChart(chart) {
  const title = lang() === "zh" ? chart.title_zh : chart.title;
  const parts = partsOf(chart);
  const scale = scaleOf(chart.days, mostOf(parts), 0, parts.bars !== null);
  const cursor = cursorLine();
  const svg = s(
    "svg", { viewBox: `0 0 ${scale.width} ${HEIGHT}`, role: "img", tabindex: 0, "aria-label": `${title} (${unitName(chart.unit)}). ${spanOf(chart.days)}. ${word("chartHint")}` },
    yAxis(scale), xAxis(chart, scale), parts.bands.map((band) => drawBand(band, scale)),
    parts.bars ? drawBars(parts.bars, scale) : null, parts.lines.map((line) => drawLine(line, scale)), cursor,
  );
  readings(svg, cursor, chart, parts, scale);
  return h(
    "figure", { class: "chart" }, h("figcaption", {}, h("strong", {}, title), h("span", {}, unitName(chart.unit))), svg,
    legendList(legend(parts)), Object.keys(chart.parts ?? {}).length > 1 ? drawParts(chart) : null,
  );
}

const cursorLine = () => s("g", { class: "cursor", visibility: "hidden" }, s("line", { y1: EDGE.top, y2: HEIGHT - EDGE.bottom }));
const spanOf = (days) => (days.length ? `${day(days[0])} – ${day(days.at(-1))}` : "");
const legendList = (entries) => h("ul", { class: "legend" }, entries.map(([kind, name]) => h("li", {}, h("span", { class: `swatch ${kind}` }), name)));

/** What a forecast is made of, day by day: parts that add up, stacked upwards, and downwards where they take away. */
function drawParts(chart) {
  const names = Object.keys(chart.parts);
  const first = chart.days.findIndex((_, position) => names.some((name) => chart.parts[name][position] !== null));
  const days = chart.days.slice(first);
  const lines = names.map((name) => ({ name, values: chart.parts[name].slice(first), kind: name }));
  const stacks = days.map((_, position) => stack(lines, position));
  const ends = stacks.flat().flatMap((block) => [block.from, block.to]);
  const scale = scaleOf(days, Math.max(...ends), Math.min(0, ...ends), true);
  const cursor = cursorLine();
  const totals = lines.map((line) => `${seriesName(line.name)} ${number(line.values.reduce((sum, value) => sum + (value ?? 0), 0))}`);
  const svg = s(
    "svg", { viewBox: `0 0 ${scale.width} ${HEIGHT}`, role: "img", tabindex: 0, "aria-label": `${word("parts")}: ${totals.join(", ")}. ${spanOf(days)}. ${word("chartHint")}` },
    yAxis(scale), xAxis({ days }, scale), stacks.map((blocks, position) => drawStack(blocks, position, scale)), cursor,
  );
  readings(svg, cursor, { days }, { bars: null, bands: [], lines }, scale);
  return h("details", { class: "parts" }, h("summary", {}, word("parts")), svg, legendList(lines.map((line) => [`bar ${line.kind}`, seriesName(line.name)])));
}

/** Blocks of one day: each begins where the last one of its sign ended. */
function stack(lines, position) {
  const end = { up: 0, down: 0 };
  return lines.flatMap((line) => {
    const value = line.values[position];
    if (!value) return [];
    const side = value > 0 ? "up" : "down";
    const from = end[side];
    end[side] += value;
    return [{ kind: line.kind, from, to: end[side] }];
  });
}

function drawStack(blocks, position, scale) {
  const width = Math.max(1, 0.72 * scale.step);
  return blocks.map(({ kind, from, to }) => s("rect", {
    class: `part ${kind}`, x: scale.x(position) - width / 2, y: scale.y(Math.max(from, to)), width, height: Math.abs(scale.y(from) - scale.y(to)),
  }));
}

/** Sort the series into bands, bars and lines. */
function partsOf(chart) {
  const left = { ...chart.series };
  const bands = [];
  for (const [low, high, name] of BANDS) {
    if (!left[low] || !left[high]) continue;
    bands.push({ name, low: left[low], high: left[high] });
    delete left[low];
    delete left[high];
  }
  if (left.p50) delete left.mean;
  const names = Object.keys(left);
  const bars = names.length === 1 && names[0] === "history" && !bands.length ? { name: "history", values: left.history } : null;
  let free = 0;
  const lines = bars ? [] : names.map((name) => ({ name, values: left[name], kind: KNOWN.includes(name) ? name : `other${free++ % 4}` }));
  return { bands, bars, lines };
}

function mostOf(parts) {
  const all = [...parts.bands.flatMap((band) => band.high), ...(parts.bars?.values ?? []), ...parts.lines.flatMap((line) => line.values)];
  return Math.max(1e-9, ...all.filter((value) => value !== null));
}

/** Places of days and values; `bars` need room beside the first and the last. */
function scaleOf(days, most, least, bars) {
  const ticks = niceTicks(Math.max(1e-9, most), least);
  const times = days.map((iso) => Date.parse(`${iso}T00:00:00Z`));
  const pad = bars ? (times.at(-1) - times[0] || DAY) / Math.max(1, times.length - 1) / 2 : 0;
  const [first, last] = [times[0] - pad, times.at(-1) + pad];
  const width = SMALL.matches ? NARROW : WIDE;
  const inner = { width: width - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };
  return {
    ticks,
    times,
    width,
    x: (position) => EDGE.left + (inner.width * (times[position] - first)) / (last - first || 1),
    y: (value) => HEIGHT - EDGE.bottom - (inner.height * (value - ticks[0])) / (ticks.at(-1) - ticks[0]),
    step: inner.width / Math.max(1, times.length),
  };
}

function niceTicks(most, least) {
  const rough = (most - least) / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * size).find((each) => each >= rough);
  const [low, high] = [Math.floor(least / step + 1e-9), Math.ceil(most / step - 1e-9)];
  return Array.from({ length: high - low + 1 }, (_, count) => (low + count) * step);
}

function yAxis(scale) {
  return s("g", { class: "axis" }, scale.ticks.map((tick) => [
    s("line", { x1: EDGE.left, x2: scale.width - EDGE.right, y1: scale.y(tick), y2: scale.y(tick), class: tick ? "grid" : "base" }),
    s("text", { x: EDGE.left - 8, y: scale.y(tick), "text-anchor": "end", "dominant-baseline": "middle" }, number(tick)),
  ]));
}

function xAxis(chart, scale) {
  const count = chart.days.length;
  const wanted = Math.min(scale.width === NARROW ? 4 : 6, count);
  const positions = [...new Set(Array.from({ length: wanted }, (_, tick) => Math.round((tick * (count - 1)) / Math.max(1, wanted - 1))))];
  return s("g", { class: "axis" }, positions.map((position, tick) => {
    const anchor = chart.days.length < 3 || (tick && tick < positions.length - 1) ? "middle" : tick ? "end" : "start";
    return s("text", { x: scale.x(position), y: HEIGHT - 8, "text-anchor": anchor }, day(chart.days[position], true));
  }));
}

/** Runs of known values: [[position, ...], ...]; a gap is left where nothing is known. */
function runs(known) {
  const found = [];
  let run = null;
  known.forEach((is, position) => {
    if (!is) run = null;
    else if (run) run.push(position);
    else found.push((run = [position]));
  });
  return found;
}

const path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

function drawBand(band, scale) {
  const known = band.low.map((value, position) => value !== null && band.high[position] !== null);
  return runs(known).map((run) => {
    const upper = run.map((position) => [scale.x(position), scale.y(band.high[position])]);
    const lower = run.map((position) => [scale.x(position), scale.y(band.low[position])]).reverse();
    return s("path", { class: `band ${band.name}`, d: `${path([...upper, ...lower])}Z` });
  });
}

function drawLine(line, scale) {
  return runs(line.values.map((value) => value !== null)).map((run) =>
    s("path", { class: `line ${line.kind}`, d: path(run.map((position) => [scale.x(position), scale.y(line.values[position])])) }));
}

function drawBars(bars, scale) {
  const width = Math.max(1, 0.72 * scale.step);
  return bars.values.map((value, position) => (value === null ? null : s("rect", {
    class: "bar", x: scale.x(position) - width / 2, y: scale.y(value), width, height: Math.max(0, scale.y(0) - scale.y(value)), rx: Math.min(2, width / 3),
  })));
}

function legend(parts) {
  const lines = parts.lines.map((line) => [line.kind, seriesName(line.name)]);
  const bars = parts.bars ? [["bar", seriesName("history")]] : [];
  return [...bars, ...lines, ...[...parts.bands].reverse().map((band) => [`band ${band.name}`, seriesName(band.name)])];
}

function readings(svg, cursor, chart, parts, scale) {
  let at = chart.days.length - 1;
  const show = (position) => {
    at = Math.min(Math.max(0, position), chart.days.length - 1);
    cursor.setAttribute("visibility", "visible");
    cursor.setAttribute("transform", `translate(${scale.x(at).toFixed(1)} 0)`);
    const box = svg.getBoundingClientRect();
    const rows = [...(parts.bars ? [parts.bars] : []), ...parts.lines]
      .filter((line) => line.values[at] !== null && line.values[at] !== undefined)
      .map((line) => row(seriesName(line.name), number(line.values[at])));
    const ranges = parts.bands.filter((band) => band.low[at] !== null).reverse().map((band) => row(seriesName(band.name), `${number(band.low[at])} – ${number(band.high[at])}`));
    showTip([h("strong", {}, day(chart.days[at])), ...rows, ...ranges], box.left + (scale.x(at) * box.width) / scale.width, box.top + 8);
  };
  const hide = () => {
    cursor.setAttribute("visibility", "hidden");
    hideTip();
  };
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) * scale.width) / box.width;
    const distance = scale.times.map((_, position) => Math.abs(scale.x(position) - x));
    show(distance.indexOf(Math.min(...distance)));
  });
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("blur", hide);
  svg.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    show(at + move);
  });
}

const row = (name, value) => h("span", { class: "reading" }, h("span", {}, name), h("b", {}, value));
