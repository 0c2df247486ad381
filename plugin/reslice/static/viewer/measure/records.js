/** The measurements of a study as the server holds them, and every change of them. */

import { Refused, ask, askJson, send } from '../net/server.js';
import { TEXTS } from '../texts.js';

/**
 * @typedef {import('./types.js').Body} Body
 * @typedef {import('./types.js').RecordOf} RecordOf
 * @typedef {{Created: readonly string[], Existing: readonly string[], Skipped: readonly {Reason: string, Details: string}[], Warnings: readonly {Details?: string}[]}} Imported
 * @typedef {{Instance: string, Count: number, Skipped: readonly {Reason: string, Details: string}[]}} Reported
 */

const SAID = /** @type {const} */ ([
  'Type', 'Tool', 'Series', 'Volume', 'Image', 'Plane', 'Geometry', 'Label', 'Description', 'Finding', 'Site',
]);
const JSON_TYPE = { 'Content-Type': 'application/json' };
const PAGE = 2000;

/** What a client may say again of a record; the volume of an image is found by the server. @param {Body} record @returns {Body} */
export function bodyOf(record) {
  const told = SAID.filter((key) => record[key] !== undefined && record[key] !== null);
  const said = told.filter((key) => !(key === 'Volume' && record.Image)).map((key) => [key, record[key]]);
  return /** @type {Body} */ (Object.fromEntries(said));
}

/** Whether a record says what a body says. @param {Body} body @param {Body} record */
export function areAlike(body, record) {
  return areSame(bodyOf(body), bodyOf(record));
}

/** @param {unknown} one @param {unknown} other */
export function areSame(one, other) {
  return canonical(one) === canonical(other);
}

/** The same text for the same things, in whichever order; what is empty isn't said. @param {unknown} value @returns {string} */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const said = Object.entries(value).filter(([, part]) => part !== undefined && part !== null && part !== '');
  return `{${said.map(([key, part]) => `${key}:${canonical(part)}`).sort().join()}}`;
}

/** A random UUID; `crypto.randomUUID` is only there where the page came by HTTPS. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40; // version 4 (RFC 9562)
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-');
}

/** Those of one study: a late answer never gets into the list of another one. */
export class Records {
  /** @param {string | null} study */
  constructor(study) {
    this.study = study;
    /** @type {readonly RecordOf[]} */
    this.all = [];
    /** @type {readonly Readonly<Record<string, unknown>>[]} */
    this.errors = [];
    /** @type {Set<() => unknown>} */
    this.listeners = new Set();
    this.isRead = false; // whether the list is the server's
    this.readings = 0;
    this.changes = 0; // of ours: a list that was asked for before may not know them
  }

  /** Call after each change of the list. @param {() => unknown} listener */
  onChange(listener) {
    this.listeners.add(listener);
  }

  /** @param {string} id */
  get(id) {
    return this.all.find((record) => record.Id === id) ?? null;
  }

  /** How many each series has. @returns {Map<string, number>} */
  counts() {
    const counts = new Map();
    for (const { Series: series } of this.all) if (series) counts.set(series, (counts.get(series) ?? 0) + 1);
    return counts;
  }

  /** Read the list anew; of several readings the last one counts, and one that a change of ours has met is read again. */
  async refresh() {
    if (this.study === null) return;
    const mine = (this.readings += 1);
    let changes = this.changes;
    let told = await askJson(this.#path(), { limit: String(PAGE) });
    while (mine === this.readings && changes !== this.changes) {
      changes = this.changes;
      told = await askJson(this.#path(), { limit: String(PAGE) });
    }
    if (mine !== this.readings) return;
    this.isRead = true;
    this.#put(told.Measurements, told.Errors);
  }

  /** @param {string} id @returns {Promise<RecordOf>} */
  read(id) {
    return askJson(this.#path(id));
  }

  /** A body with an Id of its own may be sent again if no answer came. @param {Body} body @returns {Promise<RecordOf>} */
  async create(body) {
    return this.#keep(await send('POST', this.#path(), { headers: JSON_TYPE, body: JSON.stringify(body) }));
  }

  /** @param {string} id @param {number} revision the one that was seen @param {Body} body @returns {Promise<RecordOf>} */
  async replace(id, revision, body) {
    const headers = { ...JSON_TYPE, 'If-Match': `"${revision}"` };
    return this.#keep(await send('PUT', this.#path(id), { headers, body: JSON.stringify(body) }));
  }

  /** @param {string} id @param {number} revision */
  async remove(id, revision) {
    await send('DELETE', this.#path(id), { headers: { 'If-Match': `"${revision}"` } });
    this.forget(id);
  }

  /** It is no longer there. @param {string} id */
  forget(id) {
    this.changes += 1; // a list that is under way may still hold it
    this.#put(this.all.filter((record) => record.Id !== id), this.errors);
  }

  /** Numbers for what isn't kept. @param {Body} body @param {AbortSignal} [signal] @returns {Promise<RecordOf>} */
  async compute(body, signal) {
    return (await send('POST', this.#path('compute'), { headers: JSON_TYPE, body: JSON.stringify(body), signal })).json();
  }

  /** @param {string} format @returns {Promise<Blob>} */
  async exported(format) {
    return (await ask(this.#path('export'), { format })).blob();
  }

  /** @param {Blob} file @returns {Promise<Imported>} */
  async imported(file) {
    const headers = { 'Content-Type': 'application/octet-stream' };
    return (await send('POST', this.#path('import'), { headers, body: file })).json();
  }

  /** Write the report into the study. @returns {Promise<Reported>} */
  async report() {
    return (await send('POST', this.#path('report'))).json();
  }

  /** What the server has answered is what it holds. @param {Response} answer @returns {Promise<RecordOf>} */
  async #keep(answer) {
    const record = await answer.json().catch(() => {
      throw new Refused(0, TEXTS.measure.cutOff);
    });
    return this.keep(record);
  }

  /** This is what the server holds. @param {RecordOf} record */
  keep(record) {
    this.changes += 1; // a list that is under way may be older
    const others = this.all.filter((one) => one.Id !== record.Id);
    const was = this.all.findIndex((one) => one.Id === record.Id);
    this.#put(was < 0 ? [...this.all, record] : [...others.slice(0, was), record, ...others.slice(was)], this.errors);
    return record;
  }

  /** @param {readonly RecordOf[]} all @param {readonly Readonly<Record<string, unknown>>[]} errors */
  #put(all, errors) {
    this.all = all;
    this.errors = errors;
    for (const listener of this.listeners) listener();
  }

  /** @param {string} [rest] */
  #path(rest) {
    const path = `studies/${encodeURIComponent(this.study ?? '')}/measurements`;
    return rest === undefined ? path : `${path}/${encodeURIComponent(rest)}`;
  }
}
