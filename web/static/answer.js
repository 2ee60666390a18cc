// Turns the text of an answer into elements: paragraphs and lists, facts underlined, citations as buttons.

import { h } from "./dom.js";
import { explainOn } from "./tip.js";
import { day, unitName, word } from "./words.js";

const LONGEST_UNBROKEN = 20; // a figure is not broken over lines, a long name is
const MONTHS = "January February March April May June July August September October November December".split(" ");
const UNIT_WORDS = { units: /^\s*(units?|件|个)/, days: /^\s*(days?|天|日)/, "%": /^\s*(%|％|percent)/, "units a day": /^\s*(units?|件)/ };

/** Elements of a text; `answer` brings facts and citations once it is whole. */
export function prose(text, answer = null, openCitation = null) {
  const clean = text.replace(/\*\*|`/g, "").replace(/^#+\s+/gm, "");
  const marks = answer ? [...citationMarks(clean, answer.citations, openCitation), ...factMarks(clean, answer)] : [];
  const inline = inliner(clean, apart(marks));
  const blocks = [];
  let list = null;
  let lines = null;
  let start = 0;
  for (const line of clean.split("\n")) {
    const from = start;
    start += line.length + 1;
    const item = /^\s*(?:[-*•]|\d+[.)])\s+/.exec(line);
    if (!line.trim()) {
      list = lines = null;
    } else if (item) {
      if (!list) blocks.push((list = h("ul")));
      list.append(h("li", {}, inline(from + item[0].length, from + line.length)));
      lines = null;
    } else {
      const nodes = inline(from, from + line.length);
      if (lines) lines.append(h("br"), ...nodes);
      else blocks.push((lines = isHeading(line, clean[start], clean[start - 1]) ? h("h3", {}, nodes) : h("p", {}, nodes)));
      if (lines.tagName === "H3") lines = null;
      list = null;
    }
  }
  return blocks;
}

/** A short line without a full stop above more text names what follows. */
function isHeading(line, next, end) {
  return end === "\n" && next !== undefined && next !== "\n" && line.length < 40 && !/[.!?。！？:：;；,，]$/.test(line.trim());
}

function inliner(text, marks) {
  return (from, to) => {
    const nodes = [];
    let at = from;
    for (const mark of marks) {
      if (mark.start < at || mark.end > to) continue;
      nodes.push(text.slice(at, mark.start), mark.make(text.slice(mark.start, mark.end)));
      at = mark.end;
    }
    nodes.push(text.slice(at, to));
    return nodes;
  };
}

/** Marks that do not overlap, in order; those given first win. */
function apart(marks) {
  const kept = [];
  for (const mark of marks) if (kept.every((other) => mark.end <= other.start || mark.start >= other.end)) kept.push(mark);
  return kept.sort((a, b) => a.start - b.start);
}

function citationMarks(text, citations, open) {
  const marks = [];
  for (const citation of [...citations].sort((a, b) => b.id.length - a.id.length)) {
    const pattern = new RegExp(`\\[${escaped(citation.id)}\\]|(?<![\\w#.-])${escaped(citation.id)}(?![\\w#-]|\\.\\w)`, "g");
    for (const found of text.matchAll(pattern)) {
      marks.push({ start: found.index, end: found.index + found[0].length, make: () => citationButton(citation, open) });
    }
  }
  return marks;
}

/** A button that opens the passage behind a citation. */
export function citationButton(citation, open) {
  return h("button", { type: "button", class: "cite", title: citation.title, onclick: () => open(citation) }, citation.id);
}

function factMarks(text, answer) {
  const marks = [];
  const free = (start, end) => marks.every((mark) => end <= mark.start || start >= mark.end);
  const take = (start, end, fact) => {
    if (fact.unit && text.slice(start - fact.unit.length - 1, start) === `${fact.unit} `) start -= fact.unit.length + 1; // GBP 5
    if (fact.unit === "%") end += /^\s*[%％]/.exec(text.slice(end))?.[0].length ?? 0;
    if (free(start, end)) marks.push({ start, end, make: (shown) => factSpan(shown, fact, answer.lang) });
  };
  const elsewhere = [];
  for (const fact of answer.facts) {
    if (fact.unit === "quote") continue;
    const sentence = sentenceOf(fact, answer.lang);
    const at = sentence ? text.indexOf(sentence) : -1;
    if (at < 0) elsewhere.push(fact);
    else for (const [start, end] of places(sentence, fact).slice(0, 1)) take(at + start, at + end, fact);
  }
  for (const fact of elsewhere) {
    const found = places(text, fact).find(([start, end]) => free(start, end) && telling(text, start, end, fact));
    if (found) take(...found, fact);
  }
  return marks;
}

const sentenceOf = (fact, lang) => (lang === "zh" ? fact.zh || fact.en : fact.en || fact.zh);

/** Whether a number outside its own sentence can only mean this fact: it is long, or its unit follows. */
function telling(text, start, end, fact) {
  return end - start >= 3 || UNIT_WORDS[fact.unit]?.test(text.slice(end));
}

/** Where a fact's value stands in a text, as it may be written: [[start, end], ...], the most exact writing first. */
function places(text, fact) {
  const found = [];
  for (const written of writings(fact.value)) {
    const pattern = new RegExp(`(?<![\\d.,\\w])${escaped(written)}(?![\\d\\w%]|[.,]\\d)|(?<![\\d.,])${escaped(written)}(?=[%％])`, "gu");
    const bare = /[^\x00-\x7f]/.test(written) ? new RegExp(escaped(written), "gu") : pattern;
    for (const match of text.matchAll(bare)) found.push([match.index, match.index + match[0].length]);
  }
  return found;
}

function writings(value) {
  if (typeof value === "number") {
    const size = Math.abs(value);
    const plain = [3, 2, 1, 0].map((places) => size.toFixed(places));
    const short = plain.map((text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text));
    return [...new Set([...plain, ...short].flatMap((text) => [text.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ","), text]))];
  }
  const date = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value);
  if (!date) return value ? [value] : [];
  const [year, month, dayOfMonth] = date.slice(1).map(Number);
  return [value, `${dayOfMonth} ${MONTHS[month - 1]} ${year}`, `${dayOfMonth} ${MONTHS[month - 1]}`, `${year}年${month}月${dayOfMonth}日`, `${month}月${dayOfMonth}日`];
}

function factSpan(shown, fact, lang) {
  const span = h("span", { class: shown.length > LONGEST_UNBROKEN ? "fact" : "fact whole", tabindex: 0 }, shown);
  explainOn(span, () => [
    h("strong", {}, valueOf(fact)),
    h("span", { class: "sentence" }, sentenceOf(fact, lang)),
    h("span", { class: "source" }, `${word("source")}: ${fact.source}`),
  ]);
  return span;
}

function valueOf(fact) {
  if (fact.unit === "date") return day(fact.value);
  const shown = typeof fact.value === "number" ? new Intl.NumberFormat("en", { maximumFractionDigits: 4 }).format(fact.value) : fact.value;
  return ["", "name", "code", "quote"].includes(fact.unit) ? shown : `${shown} ${unitName(fact.unit)}`;
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
