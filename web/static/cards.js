// What surrounds an answer: the steps that led to it, drafts, and lines of trouble.

import { h } from "./dom.js";
import { day, duration, fieldName, number, toolName, word } from "./words.js";

const SHOWN = ["item", "quantity", "supplier_name", "warehouse", "from_warehouse", "to_warehouse", "unit_cost", "cost", "placed_on", "due_on"];
const ISO = /^\d{4}-\d\d-\d\d$/;

/** The list of tool calls of one answer, growing while it is made. */
export class Steps {
  constructor() {
    this.element = h("ol", { class: "steps", hidden: true });
    this.rows = [];
  }

  /** A tool was called. */
  begin(name, callArguments) {
    const time = h("span", { class: "time" });
    const facts = h("ul", { class: "found" });
    const summary = h(
      "summary", {}, h("span", { class: "mark", "aria-hidden": "true" }), h("span", { class: "tool" }, toolName(name)),
      h("span", { class: "arguments" }, Object.entries(callArguments).map(([key, value]) => chip(key, value))), time,
    );
    const element = h("li", { class: "running" }, h("details", {}, summary, facts));
    const row = { name, element, facts, time, begun: performance.now(), done: false };
    row.clock = setInterval(() => (time.textContent = duration(performance.now() - row.begun)), 100);
    this.rows.push(row);
    this.element.append(element);
    this.element.hidden = false;
  }

  /** A tool gave its result, or failed. */
  end(name, ok, error, facts) {
    const row = this.rows.find((each) => !each.done && each.name === name);
    if (!row) return;
    row.done = true;
    clearInterval(row.clock);
    row.time.textContent = duration(performance.now() - row.begun);
    row.element.className = ok ? "done" : "failed";
    row.facts.append(...(ok ? facts : [error]).map((text) => h("li", {}, text)));
    if (!row.facts.children.length) row.facts.append(h("li", {}, word("noFacts")));
  }

  /** The answer is whole: the server's own times replace those of the page. */
  settle(calls) {
    const ran = this.rows.filter((row) => row.done);
    calls.forEach((call, position) => {
      if (ran[position]) ran[position].time.textContent = duration(call.milliseconds);
    });
    this.stop();
  }

  /** Nothing more will come. */
  stop() {
    for (const row of this.rows) {
      clearInterval(row.clock);
      if (!row.done) row.element.className = "failed";
    }
  }
}

function chip(key, value) {
  const shown = typeof value === "number" ? number(value) : typeof value === "string" ? value : JSON.stringify(value);
  return h("span", { class: "chip" }, h("span", { class: "key" }, fieldName(key)), " ", shown);
}

/** A draft as a card. */
export function draftCard(proposal) {
  const { payload } = proposal;
  const rows = SHOWN.filter((key) => payload[key] !== undefined && payload[key] !== "" && payload[key] !== null);
  return h(
    "article", { class: "draft", "data-id": proposal.id },
    h("header", {}, h("h3", {}, `${word(proposal.kind)} `, h("code", {}, proposal.id)), h("span", { class: `state is-${proposal.state}` }, word(proposal.state))),
    payload.name ? h("p", { class: "what" }, payload.name) : null,
    h("dl", {}, rows.map((key) => h("div", {}, h("dt", {}, fieldName(key)), h("dd", {}, shown(key, payload))))),
    payload.warnings?.length ? h("p", { class: "mind" }, `${word("warning")}: ${payload.warnings.map(fieldName).join(", ")}`) : null,
  );
}

function shown(key, payload) {
  const value = payload[key];
  if (typeof value === "string" && ISO.test(value)) return day(value);
  if (typeof value !== "number") return String(value);
  return key.endsWith("cost") && payload.currency ? `${payload.currency} ${value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}` : number(value);
}

/** One clear line about what went wrong, with a button to try again. */
export function troubleLine(message, again) {
  const button = again ? h("button", { type: "button", class: "quiet", onclick: again }, word("again")) : null;
  return h("p", { class: "trouble", role: "alert" }, h("span", {}, message), button);
}
