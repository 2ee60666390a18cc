// Shows /openapi.json as a page.

import { byId, h } from "./dom.js";

const described = (text) => (text ? h("p", {}, text) : null);

function route(path, method, operation, components) {
  const body = operation.requestBody?.content?.["application/json"]?.schema;
  const parameters = operation.parameters ?? [];
  return h(
    "details", { class: "route" },
    h("summary", {}, h("span", { class: `method ${method}` }, method.toUpperCase()), h("code", {}, path), h("span", {}, operation.summary ?? "")),
    described(operation.description),
    parameters.length ? h("dl", {}, parameters.map((each) => [h("dt", {}, h("code", {}, each.name), ` (${each.in}${each.required ? ", required" : ""})`), h("dd", {}, each.description ?? "")])) : null,
    body ? h("pre", {}, JSON.stringify(resolved(body, components), null, 2)) : null,
  );
}

/** A schema with its references filled in. */
function resolved(schema, components, depth = 0) {
  if (Array.isArray(schema)) return schema.map((each) => resolved(each, components, depth));
  if (schema === null || typeof schema !== "object" || depth > 6) return schema;
  if (schema.$ref) return resolved(components.schemas[schema.$ref.split("/").pop()], components, depth + 1);
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== "title").map(([name, value]) => [name, resolved(value, components, depth)]));
}

const openapi = await (await fetch("/openapi.json")).json();
byId("routes").replaceChildren(
  h("p", {}, openapi.info.description, " Every route under /v1 takes ", h("code", {}, "Authorization: Bearer KEY"), "; errors are problem details (RFC 9457)."),
  ...Object.entries(openapi.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => route(path, method, operation, openapi.components ?? {}))),
);
