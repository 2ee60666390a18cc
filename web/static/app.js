// The chat page: puts the parts together and keeps the conversation of this tab.

import { hasKey, keepKey, readiness, takeKey } from "./api.js";
import { troubleLine } from "./cards.js";
import { byId, h } from "./dom.js";
import { closePanel, openDrafts } from "./panel.js";
import { Turn } from "./talk.js";
import { examples, lang, partName, percent, speak, word } from "./words.js";

const TALK = "parstock.talk";
const LANGUAGE = "parstock.language";
const MOST_KEPT = 20;
const FIELD = byId("question");

let thread = null;
let turns = [];
let running = null;
let nextLook = 0;

/** Write every word of the page in the chosen language. */
function translate() {
  document.documentElement.lang = lang() === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  byId("language").textContent = word("other");
  byId("language").lang = lang() === "zh" ? "en" : "zh-CN";
  FIELD.placeholder = word("ask");
  FIELD.setAttribute("aria-label", word("ask"));
  byId("send").textContent = word(running ? "stop" : "send");
  for (const turn of turns) turn.draw();
  welcome();
  showReadiness();
}

/** The empty page: what can be asked; or, without a key, how to get in. */
function welcome(trouble = "") {
  const room = byId("welcome");
  room.hidden = hasKey() && turns.length > 0;
  if (!hasKey()) {
    room.replaceChildren(keyForm(trouble));
    return;
  }
  const columns = [lang(), lang() === "zh" ? "en" : "zh"].map((each) =>
    h("div", { lang: each }, examples(each).map((question) => h("button", { type: "button", class: "example", onclick: () => ask(question) }, question))));
  room.replaceChildren(h("h2", {}, word("greeting")), h("p", {}, word("tagline")), h("h3", {}, word("examples")), h("div", { class: "examples" }, columns));
}

function keyForm(trouble) {
  const field = h("input", { type: "password", autocomplete: "off", required: true, "aria-label": word("keyLabel"), placeholder: "par_…" });
  const use = (event) => {
    event.preventDefault();
    keepKey(field.value.trim());
    translate();
    FIELD.focus();
  };
  const form = h("form", { class: "unlock", onsubmit: use }, field, h("button", { type: "submit" }, word("keyUse")));
  return h("div", {}, h("h2", {}, word("keyTitle")), h("p", {}, word("keyHint")), form, trouble ? troubleLine(trouble) : null);
}

/** Ask a question and show the answer as it is made. */
async function ask(question) {
  if (running || !hasKey()) return;
  running = new AbortController();
  const turn = new Turn(question, () => retry(turn));
  turns.push(turn);
  byId("welcome").hidden = true;
  byId("talk").append(turn.element);
  byId("send").textContent = word("stop");
  showReadiness();
  turn.element.scrollIntoView({ block: "start" });
  try {
    thread = await turn.run(thread, running.signal, follow);
  } catch (error) {
    keepKey("");
    welcome(error.message);
  }
  running = null;
  byId("send").textContent = word("send");
  follow();
  keep();
}

function retry(turn) {
  turns = turns.filter((each) => each !== turn);
  turn.element.remove();
  ask(turn.question);
}

/** Stay at the end of the page while the answer grows, until its question is at the top or the reader has scrolled up. */
function follow() {
  const page = document.documentElement;
  const below = page.scrollHeight - page.scrollTop - page.clientHeight;
  const above = turns.at(-1).element.getBoundingClientRect().top - parseFloat(getComputedStyle(page).scrollPaddingTop);
  if (below < 160 && above > 0) page.scrollTop += Math.min(below, above);
}

function keep() {
  const kept = turns.map((turn) => turn.kept()).filter(Boolean).slice(-MOST_KEPT);
  try {
    sessionStorage.setItem(TALK, JSON.stringify({ thread, turns: kept }));
  } catch {
    sessionStorage.removeItem(TALK); // more than the browser keeps: the conversation lives on until the page is closed
  }
}

function restore() {
  const kept = JSON.parse(sessionStorage.getItem(TALK) ?? "null");
  if (!kept) return;
  thread = kept.thread;
  turns = kept.turns.map((each) => Turn.of(each));
  byId("talk").append(...turns.map((turn) => turn.element));
}

function begin() {
  running?.abort();
  thread = null;
  turns = [];
  sessionStorage.removeItem(TALK);
  byId("talk").replaceChildren();
  closePanel();
  welcome();
  FIELD.focus();
}

/** Say whether the server is ready, and look again while it is not. */
async function showReadiness() {
  const status = byId("status");
  let state = "unreachable";
  let title = word("unreachable");
  try {
    const parts = await readiness();
    const waiting = Object.entries(parts).filter(([, part]) => part.state && part.state !== "ready");
    const failed = waiting.some(([, part]) => part.state === "failed");
    state = !waiting.length ? "ready" : failed ? "notReady" : "starting";
    title = waiting.map(([name, part]) => `${partName(name)}: ${part.state === "failed" ? part.reason : part.share ? percent(part.share) : word("starting")}`).join("\n");
  } catch {
    // the server does not answer; the dot says so
  }
  status.className = state;
  status.textContent = state === "ready" ? "" : word(state === "unreachable" ? "notReady" : state);
  status.title = title;
  turns.at(-1)?.waitFor(state === "starting" ? title : "");
  clearTimeout(nextLook);
  nextLook = state === "ready" ? 0 : setTimeout(showReadiness, state === "starting" ? 1000 : 3000);
}

function grow() {
  FIELD.style.height = "auto";
  FIELD.style.height = `${Math.min(FIELD.scrollHeight, 200)}px`;
}

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if (running) {
    running.abort();
    return;
  }
  const question = FIELD.value.trim();
  if (!question || !hasKey()) return;
  FIELD.value = "";
  grow();
  ask(question);
});
FIELD.addEventListener("input", grow);
FIELD.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || running) return;
  event.preventDefault();
  byId("composer").requestSubmit();
});
byId("send").addEventListener("click", (event) => {
  if (!running) return;
  event.preventDefault(); // stopping needs no question
  running.abort();
});
byId("new").addEventListener("click", begin);
byId("drafts").addEventListener("click", openDrafts);
byId("language").addEventListener("click", () => {
  speak(lang() === "zh" ? "en" : "zh");
  localStorage.setItem(LANGUAGE, lang());
  translate();
});

takeKey();
speak(localStorage.getItem(LANGUAGE) ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en"));
restore();
translate();
