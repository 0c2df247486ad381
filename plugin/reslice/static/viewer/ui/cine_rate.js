/** How fast cine begins: as the file says, or as people have said for this series. */

import { askJson } from '../net/server.js';
import { EMPTY } from '../state/view.js';

/**
 * @typedef {import('../types.js').App} App
 * @typedef {import('../types.js').Frame} Frame
 */

export const LEAST_RATE = 1;
export const MOST_RATE = 60;
const SECOND = 1000;
const CREDIBLE = { least: 0.1, most: 1000 }; // pictures a second that something was taken with
const HUNDREDTH = 100;

/** @param {number} rate */
export function withinLimits(rate) {
  return Math.min(MOST_RATE, Math.max(LEAST_RATE, rate));
}

/**
 * What a file says of itself, within the limits: the rate to show it at, else how fast it was taken; null: nothing that can
 * be believed.
 * @param {unknown} tags by their names, as texts
 */
export function rateIn(tags) {
  const told = /** @type {Record<string, unknown>} */ (tags ?? {});
  const rates = [numberIn(told.RecommendedDisplayFrameRate), numberIn(told.CineRate), SECOND / numberIn(told.FrameTime)];
  const rate = rates.find((one) => one >= CREDIBLE.least && one <= CREDIBLE.most);
  return rate === undefined ? null : withinLimits(Math.round(HUNDREDTH * rate) / HUNDREDTH);
}

/** NaN of what isn't one number. @param {unknown} text */
function numberIn(text) {
  return typeof text === 'string' && text.trim() !== '' ? Number(text) : NaN;
}

/** The instance that all frames of a clip lie in; null: they lie in several, or there is nothing to play. @param {readonly Frame[]} frames */
export function clipOf(frames) {
  const [first, ...rest] = frames;
  return rest.length > 0 && rest.every((frame) => frame.Instance === first.Instance) ? first.Instance : null;
}

/** The rates of the series that have been looked at. */
export class Rates {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    /** @type {Map<string, number>} by series */
    this.chosen = new Map();
    /** @type {Map<string, number | null>} by series; null: not known, or not yet */
    this.told = new Map();
    app.store.when(['series', 'volume'], () => this.#apply());
  }

  /** People want another. @param {number} rate */
  choose(rate) {
    const { series } = this.app.store.get();
    if (series) this.chosen.set(series, withinLimits(rate));
    this.#apply();
  }

  /** Ask the file once. @param {readonly Frame[]} frames of the stack that is shown */
  async learn(frames) {
    const { series, volume } = this.app.store.get();
    const instance = clipOf(frames);
    if (!series || volume !== null || !instance || this.told.has(series)) return;
    this.told.set(series, null);
    const tags = await askJson(`instances/${encodeURIComponent(instance)}/simplified-tags`).catch(() => null); // then it's the usual one
    this.told.set(series, rateIn(tags));
    this.#apply();
  }

  #apply() {
    const { series, volume } = this.app.store.get();
    const told = volume === null ? this.told.get(series ?? '') : null;
    this.app.store.set({ rate: this.chosen.get(series ?? '') ?? told ?? EMPTY.rate });
  }
}
