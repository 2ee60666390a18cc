// One turn of the conversation on the page: the question, the steps, the answer, and what belongs to it.

import { converse, Trouble } from "./api.js";
import { citationButton, prose } from "./answer.js";
import { draftCard, Steps, troubleLine } from "./cards.js";
import { drawChart } from "./chart.js";
import { h } from "./dom.js";
import { openPassage } from "./panel.js";
import { word } from "./words.js";

/** A question with its answer, as elements and as data that can be kept. */
export class Turn {
  /** Show the question; `again` asks it once more after trouble. */
  constructor(question, again) {
    this.question = question;
    this.again = again;
    this.text = "";
    this.answer = null;
    this.steps = new Steps();
    this.body = h("div", { class: "prose" });
    this.extras = h("div", { class: "extras" });
    this.waiting = h("p", { class: "waiting" }, h("span", {}, word("working")), h("small", {}));
    this.reply = h("div", { class: "reply" }, this.steps.element, this.body, this.waiting, this.extras);
    this.element = h("article", { class: "turn" }, h("div", { class: "asked" }, h("span", { class: "said" }, `${word("you")}: `), question), this.reply);
  }

  /** Ask the server; resolves to the thread that the answer belongs to, or "" where there is none. */
  async run(thread, signal, grown) {
    let name = thread;
    try {
      await converse(this.question, thread, (chunk) => {
        name = chunk.parstock?.thread ?? name;
        this.hear(chunk);
        grown();
      }, signal);
    } catch (error) {
      this.fail(error);
      if (error instanceof Trouble && error.status === 401) throw error;
    } finally {
      this.waiting.remove();
      this.steps.stop();
    }
    return this.answer ? name : thread;
  }

  /** Say what a part of the server is still waiting for; "" where it is ready. */
  waitFor(what) {
    this.waiting.lastChild.textContent = what;
  }

  /** Take in one chunk of the stream. */
  hear(chunk) {
    const told = chunk.parstock;
    const piece = chunk.choices[0]?.delta.content;
    if (piece) {
      this.waiting.remove();
      this.text += piece;
      this.body.replaceChildren(...prose(this.text));
    }
    if (told?.event === "tool_call") this.steps.begin(told.name, told.arguments);
    if (told?.event === "tool_result") this.steps.end(told.name, told.ok, told.error, told.facts);
    if (told?.event === "done") this.finish(told);
  }

  /** The answer is whole: facts are underlined, and citations, charts and drafts shown. */
  finish(answer) {
    this.answer = answer;
    this.steps.settle(answer.calls);
    this.reply.lang = answer.lang;
    this.draw();
  }

  /** Draw what is known of the answer again, in the language of the page. */
  draw() {
    const answer = this.answer;
    if (!answer) return;
    this.body.replaceChildren(...prose(this.text, answer, openPassage));
    const unnamed = answer.citations.filter((citation) => !this.text.includes(citation.id));
    this.extras.replaceChildren(
      ...(unnamed.length ? [h("p", { class: "sources" }, `${word("sources")}: `, unnamed.map((citation) => citationButton(citation, openPassage)))] : []),
      ...answer.charts.map(drawChart),
      ...answer.proposals.map(draftCard),
    );
  }

  /** Say in one line what went wrong. */
  fail(error) {
    const message = error.name === "AbortError" ? word("stopped") : error.message;
    this.extras.replaceChildren(troubleLine(message, this.again));
  }

  /** What is needed to show the turn again. */
  kept() {
    return this.answer && { question: this.question, text: this.text, answer: this.answer };
  }

  /** Show a turn that was kept. */
  static of(kept, again) {
    const turn = new Turn(kept.question, again);
    turn.waiting.remove();
    turn.text = kept.text;
    for (const call of kept.answer.calls) {
      turn.steps.begin(call.name, call.arguments);
      const facts = kept.answer.facts.filter((fact) => fact.id.startsWith(`${call.id}.`)).map((fact) => (kept.answer.lang === "zh" ? fact.zh : fact.en));
      turn.steps.end(call.name, !call.error, call.error, facts);
    }
    turn.finish(kept.answer);
    return turn;
  }
}
