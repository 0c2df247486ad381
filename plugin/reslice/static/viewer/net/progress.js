/** How far the server has come with a volume. */

import { askJson } from './server.js';

const PAUSE_MS = 500;

/**
 * Tell the part (0 to 1) now and then, until it is there or nobody wants to know.
 * @param {string} series @param {number} volume @param {AbortSignal} signal @param {(part: number) => void} tell
 */
export async function readProgress(series, volume, signal, tell) {
  while (!signal.aborted) {
    try {
      const told = await askJson(`series/${encodeURIComponent(series)}/volumes/${volume}`, {}, { signal });
      tell(told.Progress);
      if (told.Status === 'ready') return;
    } catch {
      return; // the panes tell what is wrong
    }
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE_MS);
    });
  }
}
