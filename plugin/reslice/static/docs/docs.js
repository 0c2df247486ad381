// The contract, shown and tried. Whatever comes from it or from a server is put in as text, never as markup.

import { takeToken, withToken } from "../viewer/net/token.js";
import { element } from "../viewer/words.js";
import { addressOf, jsonText } from "./texts.js";
import { trial } from "./trial.js";

/**
 * What this page reads of OpenAPI 3.1: of objects that can also be references, both.
 *
 * @typedef {{description?: string, schema?: Schema, example?: unknown}} Media
 * @typedef {{$ref?: string, type?: string, enum?: string[], default?: unknown, minimum?: number, exclusiveMinimum?: number, maximum?: number}} Schema
 * @typedef {{name: string, in: string, required?: boolean, description: string, schema: Schema, example?: string}} Parameter
 * @typedef {{$ref?: string, description: string, content?: Record<string, Media>, headers?: Record<string, unknown>}} Response
 * @typedef {object} Operation
 * @property {string[]} tags
 * @property {string} summary
 * @property {string} [description]
 * @property {string} operationId
 * @property {Parameter[]} [parameters]
 * @property {{content?: Record<string, Media>}} [requestBody]
 * @property {Record<string, Response>} responses
 *
 * @typedef {{name: string, description: string}} Tag
 * @typedef {object} Contract
 * @property {{version: string, description: string}} info
 * @property {string} openapi
 * @property {{url: string}[]} servers
 * @property {Tag[]} tags
 * @property {Record<string, Record<string, any> & {parameters?: Parameter[]}>} paths an operation for each method
 *
 * @typedef {{method: string, path: string, operation: Operation, parameters: Parameter[]}} Found
 */

const documentUrl = new URL("../openapi.json", import.meta.url);
const METHODS = ["get", "post", "put", "delete"];

/** @param {string} id of an element that the page has */
function place(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

async function start() {
  const state = place("state");
  takeToken();
  try {
    const answer = await fetch(addressOf(documentUrl, given()), { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
    const text = await answer.text();
    linkTo(text);
    show(JSON.parse(text));
    state.textContent = "";
  } catch (problem) {
    state.textContent = `The contract can't be read: ${/** @type {Error} */ (problem).message}`;
    state.className = "problem";
  }
}

// This page takes pass-through parameters only: they go with every request, and so does the token.
function given() {
  return withToken(location.search);
}

// A link with a token would put it back into the address bar and the history: then it leads to what was read.
/** @param {string} text */
function linkTo(text) {
  const link = /** @type {HTMLAnchorElement} */ (place("document"));
  link.href = given().has("token") ? URL.createObjectURL(new Blob([text], { type: "application/json" })) : addressOf(documentUrl, given());
}

/** @param {Contract} contract */
function show(contract) {
  place("version").textContent = `${contract.info.version}, OpenAPI ${contract.openapi}`;
  place("about").textContent = contract.info.description;
  const server = new URL(contract.servers[0].url, documentUrl).href.replace(/\/$/, "");
  for (const tag of contract.tags) {
    place("routes").append(group(contract, tag, server));
  }
  place("search").addEventListener("input", search);
  document.addEventListener("keydown", shortcut);
  openNamed();
  addEventListener("hashchange", openNamed);
}

/** @param {Contract} contract @param {Tag} tag @param {string} server */
function group(contract, tag, server) {
  const id = `group-${tag.name.toLowerCase().replace(/\W+/g, "-")}`;
  const routes = operations(contract).filter((found) => found.operation.tags.includes(tag.name));
  const count = element("span", {}, String(routes.length));
  place("groups").append(element("a", { href: `#${id}` }, tag.name, count));
  const told = element("p", {}, tag.description);
  return element("section", { id }, element("h2", {}, tag.name), told, ...routes.map((r) => route(contract, r, server)));
}

/** @param {Contract} contract @returns {Found[]} */
function operations(contract) {
  return Object.entries(contract.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({
      method: method.toUpperCase(),
      path,
      operation: item[method],
      parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])],
    })),
  );
}

/** @param {Contract} contract @param {Found} found @param {string} server */
function route(contract, found, server) {
  const { method, path, operation } = found;
  const head = element(
    "summary",
    {},
    element("span", { class: "method" }, method),
    element("span", { class: "path" }, path),
    element("span", { class: "told" }, operation.summary),
  );
  const details = element("details", { id: operation.operationId, class: method === "GET" ? "route" : "route writes" }, head);
  details.dataset.words = `${method} ${path} ${operation.summary} ${operation.operationId} ${found.parameters
    .map((parameter) => parameter.name)
    .join(" ")}`.toLowerCase();
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(inside(contract, found, server));
  });
  return details;
}

/** @param {Contract} contract @param {Found} found @param {string} server */
function inside(contract, found, server) {
  const description = found.operation.description ? [element("p", {}, found.operation.description)] : [];
  return element("div", { class: "inside" }, ...description, ...trial(found, server, given()), ...answers(contract, found.operation));
}

/** @param {Contract} contract @param {Operation} operation */
function answers(contract, operation) {
  const rows = Object.entries(operation.responses).map(([status, told]) => {
    const response = resolved(contract, told);
    const media = Object.entries(response.content ?? {});
    const schema = media.map(([, content]) => content.schema).find(Boolean);
    return element(
      "tr",
      {},
      element("td", {}, status),
      element("td", {}, response.description, ...(schema ? [schemaOf(contract, schema)] : [])),
      element("td", { class: "soft" }, media.map(([type]) => type).join(", ")),
      element("td", { class: "soft" }, Object.keys(response.headers ?? {}).join(", ")),
    );
  });
  const names = ["status", "what", "media types", "headers"].map((name) => element("th", { scope: "col" }, name));
  const head = element("thead", {}, element("tr", {}, ...names));
  return [element("h3", {}, "Answers"), element("table", {}, head, element("tbody", {}, ...rows))];
}

/** @param {Contract} contract @param {Schema} schema */
function schemaOf(contract, schema) {
  const name = schema.$ref?.split("/").pop() ?? "schema";
  const details = element("details", { class: "schema" }, element("summary", {}, name));
  details.addEventListener("toggle", () => {
    if (details.children.length === 1) details.append(element("pre", { tabindex: "0" }, jsonText(resolved(contract, schema))));
  });
  return details;
}

/**
 * What a reference leads to; anything else as it is.
 * @template {{$ref?: string}} T
 * @param {Contract} contract @param {T} value @returns {T}
 */
function resolved(contract, value) {
  if (!value.$ref) return value;
  return value.$ref.split("/").slice(1).reduce((part, key) => part[key], /** @type {any} */ (contract));
}

function search() {
  const { value } = /** @type {HTMLInputElement} */ (place("search"));
  const words = value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const details of each("details.route")) {
    details.hidden = !words.every((word) => details.dataset.words?.includes(word));
  }
  let count = 0;
  for (const section of each("main section")) {
    const left = section.querySelectorAll("details.route:not([hidden])").length;
    section.hidden = left === 0;
    count += left;
  }
  place("state").textContent = words.length ? `${count} routes` : "";
}

/** @param {string} selector @returns {NodeListOf<HTMLElement>} */
function each(selector) {
  return document.querySelectorAll(selector);
}

/** @param {KeyboardEvent} event */
function shortcut(event) {
  const box = /** @type {HTMLInputElement} */ (place("search"));
  const isTyping = /** @type {Element} */ (event.target).closest("input, textarea, select");
  if (event.key === "/" && !isTyping) {
    event.preventDefault();
    box.focus();
  }
  if (event.key === "Escape" && event.target === box) {
    box.value = "";
    box.dispatchEvent(new Event("input"));
  }
}

function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named instanceof HTMLDetailsElement && named.matches(".route")) {
    named.open = true;
    named.scrollIntoView();
  }
}

start();
