/** What was done to measurements, and can be taken back. Pure: it says what to do, and does nothing. */

/**
 * @typedef {import('./types.js').Body} Body
 * @typedef {object} Step
 * @property {'create' | 'delete' | 'edit'} kind what was done
 * @property {string} id of the measurement
 * @property {number} revision that our last change of it has left
 * @property {Body} [body] what it was before (of `delete` and `edit`)
 * @property {Partial<Body>} [patch] changes that weren't saved when it was deleted
 */

export class Undo {
  constructor() {
    /** @type {Step[]} */
    this.steps = [];
  }

  get size() {
    return this.steps.length;
  }

  /** @param {Step} step */
  push(step) {
    this.steps.push(step);
    this.touch(step.id, step.revision);
  }

  /** The last step, which is no longer kept. @returns {Step | null} */
  pop() {
    return this.steps.pop() ?? null;
  }

  /** We have changed a measurement again: earlier steps go back from there. @param {string} id @param {number} revision */
  touch(id, revision) {
    this.steps = this.steps.map((step) => (step.id === id ? { ...step, revision } : step));
  }

  /** A deleted measurement came back as another one. @param {string} from @param {string} to @param {number} revision */
  rename(from, to, revision) {
    this.steps = this.steps.map((step) => (step.id === from ? { ...step, id: to, revision } : step));
  }

  /** The last step of this kind was done without a word. @param {Step['kind']} kind @param {string} id */
  drop(kind, id) {
    const at = this.steps.map((step) => step.kind === kind && step.id === id).lastIndexOf(true);
    this.steps = this.steps.filter((_, k) => k !== at);
  }

  clear() {
    this.steps = [];
  }
}
