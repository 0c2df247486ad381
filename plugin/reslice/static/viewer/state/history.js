/** Keeps the page's address at the state, so that a reload or a copied address shows the same. */

import { queryOf } from './url.js';

const PAUSE_MS = 300;

/** @param {import('./store.js').Store<import('../types.js').ViewerState>} store */
export function keepAddress(store) {
  let timer = 0;
  store.subscribe((state) => {
    clearTimeout(timer);
    if (!state.series) return;
    timer = window.setTimeout(() => {
      window.history.replaceState(window.history.state, '', `index.html?${queryOf(store.get())}`);
    }, PAUSE_MS);
  });
}
