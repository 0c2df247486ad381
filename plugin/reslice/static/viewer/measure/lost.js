/** Changes of which no answer came: the server may have made them, or not. Nothing is made twice, and none is taken for somebody else's. */

import { areAlike, newId } from './records.js';
import { isDeleted, isGone, isTaken, isUnanswered } from './refusals.js';

/**
 * @typedef {import('./records.js').Records} Records
 * @typedef {import('./types.js').Body} Body
 * @typedef {import('./types.js').RecordOf} RecordOf
 * @typedef {import('./undo.js').Step} Step
 * @typedef {'do' | 'undo' | 'redo'} Mode
 * @typedef {{step: Step, mode: Mode, sent: Body | null}} Change step: what is to be taken back if it was made; sent: null of deletions
 */

export class Lost {
  /** @param {Records} records */
  constructor(records) {
    this.records = records;
    /** @type {Map<string, string>} the Id, by what was to be made */
    this.ids = new Map();
    /** @type {Map<string, readonly Change[]>} by their kind and measurement */
    this.changes = new Map();
  }

  /** What is sent again has the Id of the first time: the server makes it once. @param {Body} body @returns {Promise<RecordOf>} */
  async create({ Id: given, ...said }) {
    const key = given ?? JSON.stringify(said);
    const before = this.ids.get(key);
    const id = given ?? before ?? newId();
    try {
      const record = await this.records.create({ Id: id, ...said });
      this.ids.delete(key);
      return record;
    } catch (error) {
      if (isUnanswered(error)) this.ids.set(key, id);
      if (before === undefined || !isTaken(error)) throw error;
    }
    const record = await this.#madeInstead(id, said);
    this.ids.delete(key);
    return record;
  }

  /** It was made when its answer was lost, and is drawn otherwise by now; or it was changed or deleted since, which stays. @param {string} id @param {Body} said */
  async #madeInstead(id, said) {
    const made = await readIfThere(this.records, id);
    return made?.Revision === 1 ? this.records.replace(id, made.Revision, said) : this.records.create({ Id: newId(), ...said });
  }

  /** No answer came to a change. @param {Change} change */
  note(change) {
    const key = keyOf(change.step.kind, change.step.id);
    this.changes.set(key, [...(this.changes.get(key) ?? []), change]);
  }

  /** Another one was answered since. @param {Step['kind']} kind @param {string} id @returns {boolean} whether there was any */
  answered(kind, id) {
    return this.changes.delete(keyOf(kind, id));
  }

  /** Whether what the server holds is what was sent from here. @param {RecordOf} theirs */
  isOurs(theirs) {
    return (this.changes.get(keyOf('edit', theirs.Id)) ?? []).some((change) => isMade(change, theirs));
  }

  /** Those that the list shows to have been made; they aren't kept here any more. @returns {Change[]} */
  takeMade() {
    const made = [...this.changes.entries()].flatMap(([key, changes]) => {
      const its = changes.find((change) => isMade(change, this.records.get(change.step.id)));
      return its ? [{ key, its }] : [];
    });
    for (const { key } of made) this.changes.delete(key);
    return made.map(({ its }) => its);
  }
}

/** @param {Step['kind']} kind @param {string} id */
function keyOf(kind, id) {
  return `${kind} ${id}`;
}

/** @param {Change} change @param {RecordOf | null} now */
function isMade({ step, sent }, now) {
  return sent ? now !== null && now.Revision > step.revision && areAlike(sent, now) : now === null;
}

/** What the server holds by now; null: it was deleted. @param {Records} records @param {string} id @returns {Promise<RecordOf | null>} */
export async function readIfThere(records, id) {
  try {
    return await records.read(id);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** Whether what isn't in the list was deleted: it may be among the entries that can't be read. @param {Records} records @param {string} id */
export async function wasDeleted(records, id) {
  return records.errors.length === 0 || records.read(id).then(() => false, isDeleted);
}
