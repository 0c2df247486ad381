/** What series hold, as the server tells it. */

import { askJson } from './server.js';

/** @param {string} series @returns {Promise<import('../types.js').Held>} */
export function seriesHeld(series) {
  return askJson(`series/${encodeURIComponent(series)}/volumes`);
}

/** @param {string} series @returns {Promise<readonly import('../types.js').Frame[]>} */
export async function framesOf(series) {
  return (await askJson(`series/${encodeURIComponent(series)}/slices`)).Slices;
}
