// One small floating note, shown beside whatever the pointer or the keyboard is on.

import { byId } from "./dom.js";

const GAP = 8;

/** Let `element` show the nodes of `content()` while it is hovered or focused. */
export function explainOn(element, content) {
  const show = () => {
    element.setAttribute("aria-describedby", "tip");
    const box = element.getClientRects()[0];
    showTip(content(), box.left + box.width / 2, box.top, box.bottom);
  };
  element.addEventListener("pointerenter", show);
  element.addEventListener("focus", show);
  element.addEventListener("pointerleave", hideTip);
  element.addEventListener("blur", hideTip);
}

/** Show nodes above (or, where there is no room, below) a place on the screen. */
export function showTip(nodes, x, top, bottom = top) {
  const tip = byId("tip");
  tip.replaceChildren(...nodes);
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.min(Math.max(GAP, x - width / 2), document.documentElement.clientWidth - width - GAP);
  tip.style.left = `${left}px`;
  tip.style.top = `${top - height - GAP < 0 ? bottom + GAP : top - height - GAP}px`;
}

/** Hide it. */
export function hideTip() {
  byId("tip").hidden = true;
}

document.addEventListener("keydown", (event) => event.key === "Escape" && hideTip());
document.addEventListener("scroll", hideTip, { passive: true, capture: true });
