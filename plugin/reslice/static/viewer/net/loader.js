/** One pane's requests: of those wanted while one is under way only the last is made, and what is stale is given up. */

import { held, isSlow, keyOf, readNumbers, readPreview } from './pictures.js';

/**
 * @typedef {import('./pictures.js').Picture} Picture
 * @typedef {import('./pictures.js').Address} Address
 * @typedef {object} Wanted
 * @property {Address} numbers
 * @property {Address | null} preview small and fast; null: none
 * @property {number} bytes what the numbers will take
 * @property {readonly Address[]} next numbers that will be wanted soon
 */

export class Loader {
  /**
   * @param {(picture: Picture, wanted: Wanted) => void} deliver
   * @param {(error: Error & {status?: number}) => void} refuse
   */
  constructor(deliver, refuse) {
    this.deliver = deliver;
    this.refuse = refuse;
    /** @type {Wanted | null} */
    this.wanted = null;
    this.isBusy = false;
    this.isEnded = false;
    this.aborter = new AbortController();
    this.ahead = new AbortController();
    /** @type {string | null} what is being read ahead */
    this.aheadOf = null;
    /** @type {Promise<unknown>} */
    this.readingAhead = Promise.resolve();
    /** @type {string | null} what the numbers under way are of */
    this.underWay = null;
  }

  /** Whether something is asked for and hasn't come. */
  get isWaiting() {
    return this.isBusy || this.wanted !== null;
  }

  /** @param {Wanted} wanted */
  want(wanted) {
    const key = keyOf(wanted.numbers);
    if (this.aheadOf !== key) this.ahead.abort();
    const here = held(key);
    if (here) {
      this.wanted = null;
      this.aborter.abort(); // whatever is under way would come after it, and stay
      this.deliver(here, wanted);
      this.#lookAhead(wanted);
      return;
    }
    this.wanted = wanted;
    if (isSlow(wanted.bytes)) this.#giveUp(key);
    if (!this.isBusy) this.#work();
  }

  end() {
    this.isEnded = true;
    this.wanted = null;
    this.aborter.abort();
    this.ahead.abort();
  }

  /** Numbers of something else need not come any more. @param {string} key */
  #giveUp(key) {
    if (this.underWay === null || this.underWay === key) return;
    this.aborter.abort();
  }

  async #work() {
    this.isBusy = true;
    while (this.wanted && !this.isEnded) {
      const wanted = this.wanted;
      this.wanted = null;
      this.aborter = new AbortController();
      try {
        await this.#load(wanted);
      } catch (error) {
        const reason = /** @type {Error} */ (error);
        if (reason.name !== 'AbortError' && !this.aborter.signal.aborted && !this.wanted) this.refuse(reason);
      }
    }
    this.isBusy = false;
  }

  /** @param {Wanted} wanted */
  async #load(wanted) {
    const { signal } = this.aborter;
    if (this.aheadOf === keyOf(wanted.numbers)) await this.readingAhead;
    if (signal.aborted) return;
    const here = held(keyOf(wanted.numbers));
    if (here) {
      this.deliver(here, wanted);
      if (!this.wanted) this.#lookAhead(wanted);
      return;
    }
    if (wanted.preview && isSlow(wanted.bytes)) {
      const preview = await readPreview(wanted.preview, signal).catch(() => null); // whatever is wrong, the numbers tell
      if (signal.aborted) return; // while it was decoded
      if (preview) this.deliver(preview, wanted);
      if (this.wanted) return;
    }
    this.underWay = keyOf(wanted.numbers);
    try {
      const picture = await readNumbers(wanted.numbers, signal);
      if (signal.aborted) return;
      this.deliver(picture, wanted);
    } finally {
      this.underWay = null;
    }
    if (!this.wanted) this.#lookAhead(wanted);
  }

  /** Neighbours, one after the other, as long as nothing else is wanted. @param {Wanted} wanted */
  async #lookAhead(wanted) {
    if (isSlow(wanted.bytes)) return;
    const mine = new AbortController();
    this.ahead = mine;
    for (const address of wanted.next) {
      if (mine.signal.aborted || this.isBusy && this.wanted) return;
      if (held(keyOf(address))) continue;
      this.aheadOf = keyOf(address);
      this.readingAhead = readNumbers(address, mine.signal).catch(() => mine.abort());
      await this.readingAhead;
      if (this.ahead === mine) this.aheadOf = null;
    }
  }
}
