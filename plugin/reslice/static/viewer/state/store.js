/** One value that is replaced, never changed, and those who want to know. */

/**
 * @template T
 */
export class Store {
  /** @param {T} initial */
  constructor(initial) {
    this.value = initial;
    /** @type {Set<(now: T, before: T) => void>} */
    this.listeners = new Set();
  }

  /** @returns {T} */
  get() {
    return this.value;
  }

  /**
   * Replace some keys.
   * @param {Partial<T>} patch
   */
  set(patch) {
    const before = this.value;
    const keys = /** @type {(keyof T)[]} */ (Object.keys(patch));
    if (keys.every((key) => Object.is(before[key], patch[key]))) return;
    this.value = { ...before, ...patch };
    for (const listener of [...this.listeners]) listener(this.value, before);
  }

  /**
   * Call after each change; the answer ends it.
   * @param {(now: T, before: T) => void} listener
   * @returns {() => void}
   */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Call when one of some keys has changed; the answer ends it.
   * @param {readonly (keyof T)[]} keys
   * @param {(now: T, before: T) => void} listener
   */
  when(keys, listener) {
    return this.subscribe((now, before) => {
      if (keys.some((key) => !Object.is(now[key], before[key]))) listener(now, before);
    });
  }
}
