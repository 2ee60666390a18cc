// The side panel: the passage behind a citation, or the drafts that wait.

import { get } from "./api.js";
import { draftCard, troubleLine } from "./cards.js";
import { byId, h } from "./dom.js";
import { word } from "./words.js";

let opener = null;

/** Show the passage that a citation names. */
export async function openPassage(citation) {
  await show(word("passage"), async () => {
    const passage = await get(`/v1/citations/${encodeURIComponent(citation.id)}`);
    return [
      h("p", { class: "kind" }, word(passage.kind), " · ", h("code", {}, passage.id)),
      h("h3", {}, passage.title),
      h("blockquote", { lang: passage.lang }, passage.text.split(/\n{2,}/).map((part) => h("p", {}, part))),
    ];
  });
}

/** Show all drafts, newest first. */
export async function openDrafts() {
  await show(word("draftsTitle"), async () => {
    const { data } = await get("/v1/proposals");
    return data.length ? data.map(draftCard) : [h("p", { class: "empty" }, word("noDrafts"))];
  });
}

async function show(title, load) {
  const panel = byId("panel");
  opener = document.activeElement;
  const body = h("div", { class: "body", "aria-busy": "true" }, `${word("working")} …`);
  const close = h("button", { type: "button", class: "quiet", "aria-label": word("close"), onclick: closePanel }, "✕");
  panel.replaceChildren(h("header", {}, h("h2", { id: "panel-title" }, title), close), body);
  panel.hidden = false;
  panel.focus();
  try {
    body.replaceChildren(...(await load()));
  } catch (error) {
    body.replaceChildren(troubleLine(error.message));
  }
  body.removeAttribute("aria-busy");
}

/** Hide the panel and go back to where it was opened from. */
export function closePanel() {
  byId("panel").hidden = true;
  opener?.focus();
}

document.addEventListener("keydown", (event) => event.key === "Escape" && !byId("panel").hidden && closePanel());
