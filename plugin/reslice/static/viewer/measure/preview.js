/** Numbers of what isn't kept yet: the server's, one request at a time, the last one wins. */

import { Refused } from '../net/server.js';
import { difference } from './shapes.js';
import { isSimple } from './simple.js';
import { preview } from './values.js';

/**
 * @typedef {import('./records.js').Records} Records
 * @typedef {import('./types.js').Body} Body
 * @typedef {import('./types.js').Value} Value
 * @typedef {{values: readonly Value[], isExact: boolean, refusal: string}} Told
 */

const STILL = 1e-6;

/** What is said, without its Id: that makes no difference to its numbers. @param {Body} body */
function keyOf(body) {
  return JSON.stringify({ ...body, Id: undefined });
}

/** Whether a shape can be one: hands that rest make none, and asking in vain makes errors in the browser's log. @param {Body} body */
function isSound({ Tool: tool, Geometry: { Points: points = [] } }) {
  const ring = tool === 'polygon' || tool === 'rectangle' ? [...points, points[0]] : points;
  const steps = ring.slice(1).map((point, k) => Math.hypot(...difference(point, ring[k])));
  const isCobb = tool === 'cobb';
  return steps.every((step, k) => step > STILL || (isCobb && k === 1)) && (tool !== 'polygon' || isSimple(points));
}

export class Preview {
  /** @param {Records} records @param {() => void} changed */
  constructor(records, changed) {
    this.records = records;
    this.changed = changed;
    /** @type {{key: string, values: readonly Value[], refusal: string}} */
    this.known = { key: '', values: [], refusal: '' };
    /** @type {Body | null} */
    this.next = null;
    this.isAsking = false;
  }

  /**
   * What is known of a body now; what isn't is asked for.
   * @param {Body} body @param {readonly [number, number] | null | undefined} spacing @returns {Told}
   */
  of(body, spacing) {
    const key = keyOf(body);
    if (key === this.known.key) return { values: this.known.values, isExact: true, refusal: this.known.refusal };
    if (!isSound(body)) return { values: [], isExact: false, refusal: '' };
    this.next = body;
    if (!this.isAsking) this.#ask();
    return { values: preview(body, spacing), isExact: false, refusal: '' };
  }

  async #ask() {
    this.isAsking = true;
    while (this.next) {
      const body = this.next;
      this.next = null;
      this.known = { key: keyOf(body), ...(await this.#answer({ ...body, Id: undefined })) };
      this.changed();
    }
    this.isAsking = false;
  }

  /** @param {Body} body */
  async #answer(body) {
    try {
      return { values: (await this.records.compute(body)).Values, refusal: '' };
    } catch (error) {
      return { values: [], refusal: error instanceof Refused && error.status > 0 ? error.message : '' };
    }
  }
}
