// The parameters of a route as a form: what it would send as a curl line, and what comes back.

import { element } from "../viewer/words.js";
import { addressOf, jsonText } from "./texts.js";

/**
 * @typedef {import("./docs.js").Found} Found
 * @typedef {import("./docs.js").Parameter} Parameter
 * @typedef {import("./docs.js").Schema} Schema
 * @typedef {{parameter: Parameter, input: HTMLInputElement | HTMLSelectElement}} Field
 * @typedef {object} Request what is to be sent, and how curl says it
 * @property {string} method
 * @property {string} url
 * @property {string} told the same without a secret
 * @property {Record<string, string>} headers
 * @property {string | undefined} body
 * @property {string[]} file where curl puts what is no text
 */

const LONGEST_JSON = 200_000;
const PATH_LEVELS = new Set(["patients", "studies", "series", "instances"]);

/**
 * The form of a route, and the place for what it answers.
 * @param {Found} found @param {string} server @param {URLSearchParams} given
 */
export function trial(found, server, given) {
  /** @type {Field[]} */
  const fields = found.parameters.map((parameter) => ({ parameter, input: inputOf(found, parameter, server, given) }));
  const accept = acceptOf(found);
  if (accept) fields.push(accept);
  const media = Object.entries(found.operation.requestBody?.content ?? {});
  const body = media.length ? element("textarea", { spellcheck: "false", "aria-label": "Body" }) : null;
  if (body) body.value = media[0][1].example === undefined ? "" : jsonText(media[0][1].example);
  const line = element("pre", { tabindex: "0" });
  const refresh = () => (line.textContent = curl(requestOf(found, fields, body, server, given)));
  const form = element("form", {}, ...table(fields), ...bodyPart(media, body), ...commandPart(line), ...sendPart(found));
  const answer = element("div", { class: "answer", "aria-live": "polite" });
  form.addEventListener("input", refresh);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(requestOf(found, fields, body, server, given), answer);
  });
  refresh();
  return [form, answer];
}

/** @param {Field[]} fields */
function table(fields) {
  if (!fields.length) return [];
  const hasDefaults = fields.some(({ parameter }) => parameter.schema.default !== undefined);
  const titles = ["name", "what it takes", ...(hasDefaults ? ["default"] : []), "value"];
  const names = titles.map((name) => element("th", { scope: "col" }, name));
  const rows = fields.map(({ parameter, input }) =>
    element(
      "tr",
      {},
      element("td", {}, parameter.name, element("span", { class: "where" }, whereOf(parameter))),
      element("td", {}, parameter.description, element("span", { class: "where" }, limitsOf(parameter.schema))),
      ...(hasDefaults ? [element("td", { class: "soft" }, String(parameter.schema.default ?? ""))] : []),
      element("td", {}, input),
    ),
  );
  return [
    element("h3", {}, "Parameters"),
    element("table", {}, element("thead", {}, element("tr", {}, ...names)), element("tbody", {}, ...rows)),
  ];
}

/** @param {Parameter} parameter */
function whereOf(parameter) {
  return parameter.in === "query" && !parameter.required ? "" : `${parameter.in}${parameter.required ? ", needed" : ""}`;
}

/** @param {Schema} schema */
function limitsOf(schema) {
  const limits = [
    schema.enum ? schema.enum.join(", ") : schema.type,
    schema.minimum === undefined ? "" : `≥ ${schema.minimum}`,
    schema.exclusiveMinimum === undefined ? "" : `> ${schema.exclusiveMinimum}`,
    schema.maximum === undefined || schema.maximum === 999999999 ? "" : `≤ ${schema.maximum}`,
  ];
  return limits.filter(Boolean).join(" ");
}

/** @param {Found} found @param {Parameter} parameter @param {string} server @param {URLSearchParams} given */
function inputOf(found, parameter, server, given) {
  const label = { "aria-label": parameter.name, name: parameter.name };
  const choices = parameter.schema.enum ?? (parameter.schema.type === "boolean" ? ["true", "false"] : null);
  if (choices) {
    const empty = parameter.required ? [] : [element("option", { value: "" }, "")];
    const select = element("select", label, ...empty, ...choices.map((choice) => element("option", {}, choice)));
    if (parameter.required) select.value = parameter.example ?? choices[0];
    return select;
  }
  const input = element("input", { ...label, type: "text", autocomplete: "off", spellcheck: "false" });
  const example = String(parameter.example ?? "");
  input.placeholder = example;
  input.required = parameter.in === "path"; // the browser asks for it before anything is sent
  const level = found.path.split("/")[1];
  if (parameter.name === "id" && PATH_LEVELS.has(level)) suggestIds(input, level, server, given);
  else if (parameter.required) input.value = example;
  return input;
}

/**
 * The first identifiers that the server knows; it is asked when somebody wants to fill in the field.
 * @param {HTMLInputElement} input @param {string} level @param {string} server @param {URLSearchParams} given
 */
function suggestIds(input, level, server, given) {
  const list = element("datalist", { id: `ids-${level}-${Math.random().toString(36).slice(2)}` });
  input.setAttribute("list", list.id);
  input.after(list);
  input.addEventListener(
    "focus",
    async () => {
      const query = new URLSearchParams(given);
      query.set("since", "0");
      query.set("limit", "20");
      const answer = await fetch(addressOf(`${server}/${level}`, query));
      if (!answer.ok) return;
      input.parentElement?.append(list);
      const ids = /** @type {string[]} */ (await answer.json());
      list.append(...ids.map((id) => element("option", { value: id })));
    },
    { once: true },
  );
}

/** @param {Found} found @returns {Field | null} */
function acceptOf(found) {
  const types = Object.keys(found.operation.responses["200"]?.content ?? {});
  if (types.length < 2 || found.method !== "GET" || !found.operation.responses["406"]) return null;
  const parameter = { name: "Accept", in: "header", required: false, description: "The media types that are liked", schema: { type: "string" } };
  const empty = element("option", { value: "" }, "");
  const options = types.map((type) => element("option", {}, type));
  return { parameter, input: element("select", { "aria-label": "Accept", name: "Accept" }, empty, ...options) };
}

/** @param {[string, unknown][]} media @param {HTMLTextAreaElement | null} body */
function bodyPart(media, body) {
  return body ? [element("h3", {}, `Body (${media.map(([type]) => type).join(", ")})`), body] : [];
}

/** @param {HTMLElement} line */
function commandPart(line) {
  const copy = element("button", { type: "button" }, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(line.textContent ?? "");
      copy.textContent = "Copied";
    } catch {
      getSelection()?.selectAllChildren(line); // pages without HTTPS may not write there: the user can
      copy.textContent = "Selected";
    }
    setTimeout(() => (copy.textContent = "Copy"), 1500);
  });
  return [element("h3", {}, "With curl"), element("div", { class: "line" }, line, copy)];
}

/** @param {Found} found */
function sendPart(found) {
  const text = found.method === "GET" ? "Send" : `Send ${found.method}: this changes the server`;
  const harmless = found.method === "POST" && found.path.endsWith("/compute");
  return [element("button", { type: "submit", class: "send" }, harmless ? "Send POST" : text)];
}

/**
 * @param {Found} found @param {Field[]} fields @param {HTMLTextAreaElement | null} body @param {string} server
 * @param {URLSearchParams} given @returns {Request}
 */
function requestOf(found, fields, body, server, given) {
  const { path, query, headers } = filledIn(found, fields, given);
  const url = addressOf(server + path, query);
  if (query.has("token")) query.set("token", "..."); // what is copied and passed on holds no secret
  const told = addressOf(server + path, query);
  const formats = found.parameters.find((parameter) => parameter.name === "format")?.schema.enum ?? []; // the usual one first
  const file = fileOf(found, path, query.get("format") ?? headers.Accept ?? formats[0]);
  return { method: found.method, url, told, headers, body: body ? body.value : undefined, file };
}

/** @param {Found} found @param {Field[]} fields @param {URLSearchParams} given */
function filledIn(found, fields, given) {
  const query = new URLSearchParams(given);
  /** @type {Record<string, string>} */
  const headers = {};
  let path = found.path;
  for (const { parameter, input } of fields) {
    const value = input.value.trim();
    if (value === "") continue;
    if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (parameter.in === "query") query.set(parameter.name, value);
    else if (parameter.in === "header") headers[parameter.name] = value;
  }
  return { path, query, headers };
}

/**
 * A name for what is no text: the server gives one, or the path and the media type do.
 * @param {Found} found @param {string} path @param {string | undefined} form
 */
function fileOf(found, path, form) {
  const told = found.operation.responses["200"] ?? {};
  const types = Object.keys(told.content ?? {});
  if (told.headers?.["Content-Disposition"]) return ["-OJ"];
  if (!types.length || /json|text|html/.test(types[0])) return [];
  const suffix = lastPart(form || types[0]).replace("octet-stream", "raw").replace("x-", "");
  return ["-o", `${lastPart(path)}.${suffix}`];
}

/** @param {string} text */
function lastPart(text) {
  return text.slice(text.lastIndexOf("/") + 1);
}

/** @param {Request} request */
function curl(request) {
  const quoted = (/** @type {string} */ text) => `'${text.replaceAll("'", "'\\''")}'`;
  const words = ["curl"];
  if (request.method !== "GET" && !(request.method === "POST" && request.body)) words.push("-X", request.method);
  for (const [name, value] of Object.entries(request.headers)) words.push("-H", quoted(`${name}: ${value}`));
  if (request.body) words.push("-H", "'Content-Type: application/json'", "-d", quoted(request.body.replace(/\n\s*/g, " ")));
  words.push(quoted(request.told));
  return [...words, ...request.file].join(" ");
}

/** @param {Request} request @param {HTMLElement} place */
async function send(request, place) {
  place.replaceChildren(element("p", { class: "soft" }, "Asked…"));
  const started = performance.now();
  try {
    const headers = request.body ? { ...request.headers, "Content-Type": "application/json" } : request.headers;
    const answer = await fetch(request.url, { method: request.method, headers, body: request.body || undefined, cache: "no-store" });
    const content = await answer.blob();
    const took = Math.round(performance.now() - started);
    place.replaceChildren(...(await shown(answer, content, took)));
  } catch (problem) {
    place.replaceChildren(element("p", { class: "status bad" }, `No answer: ${/** @type {Error} */ (problem).message}`));
  }
}

/** @param {Response} answer @param {Blob} content @param {number} took ms */
async function shown(answer, content, took) {
  const kind = answer.ok || answer.status === 304 ? "good" : "bad";
  const status = element("p", { class: `status ${kind}` }, `${answer.status} ${answer.statusText}, ${content.size} bytes, ${took} ms`);
  const told = [...answer.headers].filter(([name]) => /^(reslice-|content-type|etag|retry-after|content-disposition)/.test(name));
  const list = element("dl", {}, ...told.flatMap(([name, value]) => [element("dt", {}, headerName(name)), element("dd", {}, value)]));
  return [status, list, ...(await bodyOf(answer, content))];
}

/** @param {string} name */
function headerName(name) {
  return name === "etag" ? "ETag" : name.replace(/(^|-)(\w)/g, (all) => all.toUpperCase());
}

/** @param {Response} answer @param {Blob} content */
async function bodyOf(answer, content) {
  const type = answer.headers.get("Content-Type") ?? "";
  if (!content.size) return [];
  if (type.startsWith("application/json")) return [element("pre", { tabindex: "0" }, pretty(await content.text()))];
  if (type.startsWith("text/")) return [element("pre", { tabindex: "0" }, (await content.text()).slice(0, LONGEST_JSON))];
  const url = URL.createObjectURL(content);
  if (type.startsWith("image/")) return [element("img", { src: url, alt: "The picture that was answered" })];
  return [element("a", { href: url, download: "answer" }, `Save ${content.size} bytes`)];
}

/** @param {string} text */
function pretty(text) {
  try {
    const found = jsonText(JSON.parse(text));
    return found.length > LONGEST_JSON ? `${found.slice(0, LONGEST_JSON)}\n…` : found;
  } catch {
    return text;
  }
}
