/** What a measurement is, in words. Pure. */

import { TEXTS } from '../texts.js';
import { entryOf } from '../words.js';

/** @param {string} tool */
export function toolInWords(tool) {
  return entryOf(TEXTS.measure.tools, tool) ?? tool;
}
