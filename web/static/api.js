// Talks to the server: the key, JSON requests, and the event stream of an answer.

import { word } from "./words.js";

const KEY = "parstock.key";

/** Something that went wrong, with a message to show. */
export class Trouble extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

/** Take the key out of the address (`#key=...`), where there is one, and keep it for this tab. */
export function takeKey() {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (!given) return;
  keepKey(given);
  history.replaceState(null, "", location.pathname + location.search);
}

/** Keep a key for this tab. */
export const keepKey = (key) => sessionStorage.setItem(KEY, key);

/** Whether there is a key. */
export const hasKey = () => Boolean(sessionStorage.getItem(KEY));

/** Ask the server for JSON. */
export async function get(path) {
  return (await request(path, {})).json();
}

/** Whether the server is ready: its parts by name. */
export async function readiness() {
  const response = await fetch("/readyz");
  return response.json();
}

/** Ask a question; calls `heard` with every chunk as it comes. */
export async function converse(question, thread, heard, signal) {
  const body = { model: "parstock", stream: true, messages: [{ role: "user", content: question }], parstock: { thread } };
  const response = await request("/v1/chat/completions", { method: "POST", signal, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  for await (const data of events(response)) {
    if (data === "[DONE]") return;
    const chunk = JSON.parse(data);
    if (chunk.error) throw new Trouble(chunk.error.message);
    heard(chunk);
  }
  throw new Trouble(word("cut"));
}

async function request(path, options) {
  let response;
  try {
    const headers = { ...options.headers, Authorization: `Bearer ${sessionStorage.getItem(KEY) ?? ""}` };
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Trouble(word("unreachable"));
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new Trouble(problem.detail ?? `${response.status} ${response.statusText}`, response.status);
}

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    let piece;
    try {
      piece = await reader.read();
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Trouble(word("cut"));
    }
    if (piece.done) return;
    const parts = (rest + piece.value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) if (part.startsWith("data: ")) yield part.slice(6);
  }
}
