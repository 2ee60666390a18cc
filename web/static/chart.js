// Draws a chart (series of numbers along days) as SVG with legend, axes, and a reading at the pointer or the arrow keys.

import { drawComparison } from "./compare.js";
import { h, s } from "./dom.js";
import { hideTip, showTip } from "./tip.js";
import { amount, day, lang, measure, number, seriesName, unitName, word } from "./words.js";

const WIDE = 720;
const NARROW = 380; // on a small screen fewer units of length, so that the letters stay readable
const HEIGHT = 260;
const EDGE = { left: 46, right: 14, top: 12, bottom: 28 };
const TWO_AXES = { ...EDGE, right: 46, top: 32 }; // room for the figures at the right, and for what each axis measures above
const SMALL = matchMedia("(max-width: 560px)");
const DAY = 86_400_000;

/** Pairs of quantiles that make a band, the widest first so that narrower ones lie on top. */
const BANDS = [["p2_5", "p97_5", "band95"], ["p10", "p90", "band80"]];
const KNOWN = ["history", "p50", "mean", "projected_stock", "without_order", "without_transfer", "without_markdown", "changed", "reorder_point", "safety_stock", "p10", "p90", "price", "price_now"];
const STEPS = ["price"]; // holds for a whole day, and jumps between days

/** Draw a chart. */
export function drawChart(chart) {
  if (chart.labels?.length) return drawComparison(chart);
  const title = lang() === "zh" ? chart.title_zh : chart.title;
  const parts = partsOf(chart);
  const apart = parts.lines.filter((line) => line.unit !== chart.unit);
  const near = { ...parts, lines: parts.lines.filter((line) => line.unit === chart.unit) };
  const scale = scaleOf(chart.days, mostOf(near), 0, parts.bars !== null, apart.length ? TWO_AXES : EDGE);
  const measured = apart.length ? measure(apart[0].name, apart[0].unit) : null;
  const right = apart.length ? besideOf(scale, mostOf({ bands: [], bars: null, lines: apart })) : null;
  const cursor = cursorLine(scale);
  const svg = s(
    "svg", { viewBox: `0 0 ${scale.width} ${HEIGHT}`, role: "img", tabindex: 0, "aria-label": `${title} (${[unitName(chart.unit), measured].filter(Boolean).join(", ")}). ${spanOf(chart.days)}. ${word("chartHint")}` },
    yAxis(scale), right ? [axisName(unitName(chart.unit)), rightAxis(right, apart[0].kind, measured)] : null, xAxis(chart, scale), parts.bands.map((band) => drawBand(band, scale)),
    parts.bars ? drawBars(parts.bars, scale) : null, near.lines.map((line) => drawLine(line, scale)), apart.map((line) => drawLine(line, right)), cursor,
  );
  readings(svg, cursor, chart, parts, scale);
  return h(
    "figure", { class: "chart" }, h("figcaption", {}, h("strong", {}, title), right ? null : h("span", {}, unitName(chart.unit))), svg,
    legendList(legend(parts)), Object.keys(chart.parts ?? {}).length > 1 ? drawParts(chart) : null,
  );
}

const cursorLine = (scale) => s("g", { class: "cursor", visibility: "hidden" }, s("line", { y1: scale.edge.top, y2: HEIGHT - EDGE.bottom }));
const spanOf = (days) => (days.length ? `${day(days[0])} – ${day(days.at(-1))}` : "");
const legendList = (entries) => h("ul", { class: "legend" }, entries.map(([kind, name]) => h("li", {}, h("span", { class: `swatch ${kind}` }), name)));

/** What a forecast is made of, day by day: parts that add up, stacked upwards, and downwards where they take away. */
function drawParts(chart) {
  const names = Object.keys(chart.parts);
  const first = chart.days.findIndex((_, position) => names.some((name) => chart.parts[name][position] !== null));
  const days = chart.days.slice(first);
  const lines = names.map((name) => ({ name, values: chart.parts[name].slice(first), kind: name, unit: chart.unit }));
  const stacks = days.map((_, position) => stack(lines, position));
  const ends = stacks.flat().flatMap((block) => [block.from, block.to]);
  const scale = scaleOf(days, Math.max(...ends), Math.min(0, ...ends), true);
  const cursor = cursorLine(scale);
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
  const bars = names.length === 1 && names[0] === "history" && !bands.length ? { name: "history", values: left.history, unit: chart.unit } : null;
  let free = 0;
  const lines = bars ? [] : names.map((name) => ({ name, values: left[name], unit: chart.units?.[name] ?? chart.unit, kind: KNOWN.includes(name) ? name : `other${free++ % 4}` }));
  return { bands, bars, lines };
}

function mostOf(parts) {
  const all = [...parts.bands.flatMap((band) => band.high), ...(parts.bars?.values ?? []), ...parts.lines.flatMap((line) => line.values)];
  return Math.max(1e-9, ...all.filter((value) => value !== null));
}

/** Places of days and values; `bars` need room beside the first and the last. */
function scaleOf(days, most, least, bars, edge = EDGE) {
  const ticks = niceTicks(Math.max(1e-9, most), least);
  const times = days.map((iso) => Date.parse(`${iso}T00:00:00Z`));
  const pad = bars ? (times.at(-1) - times[0] || DAY) / Math.max(1, times.length - 1) / 2 : 0;
  const [first, last] = [times[0] - pad, times.at(-1) + pad];
  const width = SMALL.matches ? NARROW : WIDE;
  const inner = width - edge.left - edge.right;
  return {
    ticks,
    times,
    width,
    edge,
    x: (position) => edge.left + (inner * (times[position] - first)) / (last - first || 1),
    y: heightOf(ticks, edge),
    step: inner / Math.max(1, times.length),
  };
}

/** Places of values in another unit, from 0, whose ticks lie on the same lines. */
function besideOf(scale, most) {
  const step = niceStep(most / (scale.ticks.length - 1));
  const ticks = scale.ticks.map((_, count) => count * step);
  return { ...scale, ticks, y: heightOf(ticks, scale.edge) };
}

const heightOf = (ticks, edge) => (value) => HEIGHT - edge.bottom - ((HEIGHT - edge.top - edge.bottom) * (value - ticks[0])) / (ticks.at(-1) - ticks[0]);

function niceStep(rough) {
  const size = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * size).find((each) => each >= rough * (1 - 1e-9));
}

function niceTicks(most, least) {
  const step = niceStep((most - least) / 4);
  const [low, high] = [Math.floor(least / step + 1e-9), Math.ceil(most / step - 1e-9)];
  return Array.from({ length: high - low + 1 }, (_, count) => (low + count) * step);
}

function yAxis(scale) {
  return s("g", { class: "axis" }, scale.ticks.map((tick) => [
    s("line", { x1: scale.edge.left, x2: scale.width - scale.edge.right, y1: scale.y(tick), y2: scale.y(tick), class: tick ? "grid" : "base" }),
    s("text", { x: scale.edge.left - 8, y: scale.y(tick), "text-anchor": "end", "dominant-baseline": "middle" }, number(tick)),
  ]));
}

const axisName = (name) => s("g", { class: "axis" }, s("text", { x: 0, y: 13 }, name));

/** The axis of what is measured in another unit, in the colour of its line. */
function rightAxis(scale, kind, name) {
  return s(
    "g", { class: `axis own ${kind}` }, s("text", { x: scale.width, y: 13, "text-anchor": "end" }, name),
    scale.ticks.map((tick) => s("text", { x: scale.width - scale.edge.right + 8, y: scale.y(tick), "dominant-baseline": "middle" }, number(tick))),
  );
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
  return runs(line.values.map((value) => value !== null)).map((run) => {
    const points = run.map((position) => [scale.x(position), scale.y(line.values[position])]);
    return s("path", { class: `line ${line.kind}`, d: path(STEPS.includes(line.name) ? stairs(points) : points) });
  });
}

/** Points as levels that hold around each of them and change halfway to the next. */
function stairs(points) {
  return points.flatMap(([x, y], at) => [[((points[at - 1]?.[0] ?? x) + x) / 2, y], [(x + (points[at + 1]?.[0] ?? x)) / 2, y]]);
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
      .map((line) => row(seriesName(line.name), amount(line.values[at], line.unit)));
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
