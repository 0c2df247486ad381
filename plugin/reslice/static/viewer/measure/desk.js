/** What is done with measurements: made, chosen, changed, deleted, taken back; and that nobody's work is lost on the way. */

import { Lost, readIfThere, wasDeleted } from './lost.js';
import { areAlike, bodyOf } from './records.js';
import { isGone, isStale, isUnanswered } from './refusals.js';
import { Undo } from './undo.js';

/**
 * @typedef {import('./records.js').Records} Records
 * @typedef {import('./types.js').Body} Body
 * @typedef {import('./types.js').RecordOf} RecordOf
 * @typedef {import('./undo.js').Step} Step
 * @typedef {Partial<Body>} Patch
 * @typedef {{base: RecordOf, patch: Patch}} Pending what was changed here and isn't kept yet; base: what was seen
 * @typedef {'theirs' | 'mine' | 'both' | 'edit'} Choice
 * @typedef {object} Questions
 * @property {(mine: Body, theirs: RecordOf) => Promise<Choice>} changed somebody else has changed what we change
 * @property {(theirs: RecordOf) => Promise<Choice>} changedBeforeDeletion somebody else has changed what we delete
 * @property {(mine: Body, isShown: boolean) => Promise<Choice>} gone somebody else has deleted what we change; isShown: it can still be edited
 * @property {(error: unknown) => void} failed something that nobody waits for
 */

export class Desk {
  /** @param {Records} records @param {Questions} questions */
  constructor(records, questions) {
    this.records = records;
    this.questions = questions;
    this.undoing = new Undo();
    this.redoing = new Undo();
    /** @type {Map<string, Pending>} */
    this.pending = new Map();
    /** @type {string | null} */
    this.selected = null;
    /** @type {import('./lost.js').Mode} */
    this.mode = 'do';
    /** @type {'saved' | Choice} what became of our last change */
    this.outcome = 'saved';
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    /** @type {Promise<unknown>} */
    this.last = Promise.resolve();
    this.underWay = 0; // changes that wait for their turn, an answer or a decision
    this.lost = new Lost(records);
    records.onChange(() => {
      this.#settle();
      this.#changed();
      if (this.underWay === 0) this.#askForGone();
    });
  }

  /** @param {() => void} listener */
  onChange(listener) {
    this.listeners.add(listener);
  }

  #changed() {
    for (const listener of this.listeners) listener();
  }

  /** One after the other: a change never meets another of ours. @template T @param {() => Promise<T>} what @returns {Promise<T>} */
  #inTurn(what) {
    const next = this.last.then(what);
    this.underWay += 1;
    this.last = next.catch(() => undefined).then(() => {
      this.underWay -= 1;
      this.#settle();
      this.#changed();
    });
    this.#changed();
    return next;
  }

  /** Whether something would be lost with this page. */
  get hasWork() {
    return this.pending.size > 0 || this.underWay > 0;
  }

  /** @param {string | null} id */
  select(id) {
    if (id === this.selected) return;
    this.selected = id;
    this.#changed();
  }

  /** What is to be shown of a record: with the changes that aren't kept yet. @param {RecordOf} record @returns {RecordOf} */
  shown(record) {
    return { ...record, ...this.pending.get(record.Id)?.patch };
  }

  /** Remember a change that isn't kept yet. @param {RecordOf} record @param {Patch} patch */
  edit(record, patch) {
    const before = this.pending.get(record.Id) ?? { base: this.records.get(record.Id) ?? record, patch: {} };
    this.pending.set(record.Id, { base: before.base, patch: { ...before.patch, ...patch } });
    this.#changed();
  }

  /** Forget changes that aren't kept. @param {string} id @param {readonly string[]} [keys] */
  discard(id, keys) {
    const before = this.pending.get(id);
    if (!before) return this.#changed(); // what is half typed is no change, and is given up all the same
    const left = Object.entries(before.patch).filter(([key]) => keys && !keys.includes(key));
    if (left.length > 0) this.pending.set(id, { ...before, patch: Object.fromEntries(left) });
    else this.pending.delete(id);
    this.#changed();
  }

  /** @param {Body} body @returns {Promise<RecordOf>} */
  create(body) {
    return this.#inTurn(() => this.#create(body));
  }

  /** @param {Body} body */
  async #create(body) {
    const record = await this.lost.create(body);
    this.#note({ kind: 'create', id: record.Id, revision: record.Revision });
    this.select(record.Id);
    return record;
  }

  /** What was drawn and made without an answer has turned up in the list. @param {RecordOf} record */
  found(record) {
    this.lost.ids.delete(record.Id);
    this.#note({ kind: 'create', id: record.Id, revision: record.Revision });
    this.select(record.Id);
  }

  /**
   * Keep what was changed. Throws Refused; the changes are still there then.
   * @param {string} id @param {readonly string[]} [keys] of the body, if not all
   * @returns {Promise<boolean>} whether nothing is left to be kept
   */
  save(id, keys) {
    return this.#inTurn(async () => {
      const pending = this.pending.get(id);
      if (!pending) return true;
      const patch = Object.fromEntries(Object.entries(pending.patch).filter(([key]) => !keys || keys.includes(key)));
      const mine = { ...bodyOf(pending.base), ...patch };
      const isDone = await this.#replace(id, pending.base.Revision, mine, bodyOf(pending.base));
      if (isDone) this.#rebase(id, patch);
      return isDone;
    });
  }

  /**
   * What is left to be kept is now a change of what the server holds: also what was changed again while it was being kept.
   * @param {string} id @param {Patch} kept
   */
  #rebase(id, kept) {
    const pending = this.pending.get(id);
    const base = this.records.get(id);
    if (!pending) return;
    const sent = Object.entries(kept).filter(([key, value]) => Object.is(value, pending.patch[/** @type {keyof Body} */ (key)]));
    if (base) this.pending.set(id, { ...pending, base });
    this.discard(id, base ? sent.map(([key]) => key) : undefined);
  }

  /**
   * @param {string} id @param {number} revision the one that was seen @param {Body} mine @param {Body} before for taking it back
   * @returns {Promise<boolean>} false: nothing is decided
   */
  async #replace(id, revision, mine, before) {
    try {
      return this.#isKept(await this.records.replace(id, revision, mine), before);
    } catch (error) {
      if (isUnanswered(error)) this.lost.note({ step: { kind: 'edit', id, revision, body: before }, mode: this.mode, sent: mine });
      if (isGone(error)) return this.#gone(id, mine);
      if (!isStale(error)) throw error;
    }
    const theirs = await readIfThere(this.records, id);
    if (!theirs) return this.#gone(id, mine);
    if (areAlike(mine, theirs)) { // ours, whose answer was lost
      this.records.keep(theirs);
      return this.#isKept(theirs, before);
    }
    if (this.lost.isOurs(theirs)) return this.#replace(id, theirs.Revision, mine, before);
    const choice = await this.questions.changed(mine, theirs);
    this.outcome = choice;
    if (choice === 'mine') return this.#replace(id, theirs.Revision, mine, bodyOf(theirs));
    if (choice === 'both') await this.#create(mine);
    if (choice !== 'edit') this.pending.delete(id);
    await this.records.refresh();
    return choice !== 'edit';
  }

  /** @param {RecordOf} record @param {Body} before for taking it back */
  #isKept(record, before) {
    this.lost.answered('edit', record.Id);
    this.#note({ kind: 'edit', id: record.Id, revision: record.Revision, body: before });
    this.outcome = 'saved';
    return true;
  }

  /** @param {string} id @param {Body} mine @param {boolean} [isShown] @returns {Promise<boolean>} */
  async #gone(id, mine, isShown = true) {
    const choice = await this.questions.gone(mine, isShown);
    this.outcome = choice;
    if (choice === 'edit') return false;
    if (choice === 'both') {
      const record = await this.#create(mine);
      this.#rename(id, record);
    }
    this.pending.delete(id);
    this.records.forget(id);
    return true;
  }

  /** Of what others have deleted the list shows nothing any more: what was typed there would never be seen again. */
  #askForGone() {
    for (const id of this.pending.keys()) {
      if (!this.records.get(id)) this.#inTurn(() => this.#askFor(id)).catch(this.questions.failed);
    }
  }

  /** @param {string} id */
  async #askFor(id) {
    const pending = this.pending.get(id);
    if (!pending || this.records.get(id) || !(await wasDeleted(this.records, id))) return;
    await this.#gone(id, { ...bodyOf(pending.base), ...pending.patch }, false);
  }

  /** What was changed without an answer has turned up in the list: it can be taken back like everything else. */
  #settle() {
    if (this.underWay > 0 || !this.records.isRead) return;
    for (const { step, mode, sent } of this.lost.takeMade()) {
      const now = this.records.get(step.id);
      if (mode !== 'do') (mode === 'undo' ? this.undoing : this.redoing).drop(now ? 'edit' : 'create', step.id);
      this.#note({ ...step, revision: now?.Revision ?? step.revision }, mode);
      if (now && sent) this.#rebase(step.id, sent);
      else this.#forget(step.id);
    }
  }

  /** @param {RecordOf} record as it was seen @returns {Promise<boolean>} whether it is gone */
  remove(record) {
    return this.#inTurn(() => this.#remove(record.Id, record.Revision, bodyOf(record)));
  }

  /**
   * @param {string} id @param {number} revision @param {Body} kept what it was, to bring it back
   * @returns {Promise<boolean>}
   */
  async #remove(id, revision, kept) {
    /** @type {Step} */
    const step = { kind: 'delete', id, revision, body: kept, patch: this.pending.get(id)?.patch };
    try {
      await this.records.remove(id, revision);
      this.lost.answered('delete', id);
    } catch (error) {
      if (isUnanswered(error)) this.lost.note({ step, mode: this.mode, sent: null });
      if (!isGone(error) || !this.lost.answered('delete', id)) return this.#notRemoved(id, error);
    }
    this.#note(step);
    return this.#forget(id);
  }

  /** @param {string} id @param {unknown} error why */
  async #notRemoved(id, error) {
    if (!isStale(error) && !isGone(error)) throw error;
    const theirs = isGone(error) ? null : await readIfThere(this.records, id);
    if (!theirs) return this.#forget(id);
    const choice = this.lost.isOurs(theirs) ? 'mine' : await this.questions.changedBeforeDeletion(theirs);
    if (choice === 'mine') return this.#remove(id, theirs.Revision, bodyOf(theirs));
    await this.records.refresh();
    return false;
  }

  /** @param {string} id */
  #forget(id) {
    this.pending.delete(id);
    if (this.selected === id) this.selected = null;
    this.records.forget(id);
    return true;
  }

  /** It is another record by now. @param {string} id @param {RecordOf} record */
  #rename(id, record) {
    for (const steps of [this.undoing, this.redoing]) steps.rename(id, record.Id, record.Revision);
  }

  /** Something was done, which can be taken back; a taking back can be as well. @param {Step} step @param {import('./lost.js').Mode} [mode] */
  #note(step, mode = this.mode) {
    if (mode === 'do') this.redoing.clear();
    const [its, other] = mode === 'undo' ? [this.redoing, this.undoing] : [this.undoing, this.redoing];
    its.push(step);
    other.touch(step.id, step.revision);
  }

  /** Take back what was done last. Throws Refused; it can be tried again then. @returns {Promise<Step['kind'] | null>} null: nothing was */
  undo() {
    return this.#inTurn(() => this.#step('undo', this.undoing));
  }

  /** Do again what was taken back last. @returns {Promise<Step['kind'] | null>} */
  redo() {
    return this.#inTurn(() => this.#step('redo', this.redoing));
  }

  /** @param {'undo' | 'redo'} mode @param {Undo} steps */
  async #step(mode, steps) {
    const step = steps.pop();
    if (!step) return null;
    let isDone = false;
    this.mode = mode;
    try {
      isDone = await this.#takeBack(step);
    } finally {
      this.mode = 'do';
      if (!isDone) steps.push(step);
    }
    return isDone ? step.kind : null;
  }

  /** @param {Step} step @returns {Promise<boolean>} */
  async #takeBack({ kind, id, revision, body, patch }) {
    const now = kind === 'delete' ? null : this.records.get(id) ?? (await readIfThere(this.records, id));
    if (kind === 'create') return now ? this.#remove(id, revision, bodyOf(now)) : this.#forget(id);
    if (kind === 'edit' && body) {
      const isDone = await this.#replace(id, revision, body, now ? bodyOf(now) : body);
      if (isDone) this.#rebase(id, {}); // what is typed there meanwhile
      return isDone;
    }
    const record = await this.#create(/** @type {Body} */ (body));
    this.#rename(id, record);
    if (patch) this.edit(record, patch);
    return true;
  }
}
