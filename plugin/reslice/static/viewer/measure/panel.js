/** The list of a study's measurements: choosing, changing and deleting them; files; taking back. */

import { TEXTS } from '../texts.js';
import { element } from '../words.js';
import { filesBox, iconButton } from './buttons.js';
import { dataOf, focusIn, focusOn, formOf, goOnTyping, isHalfTyped } from './form.js';
import { iconOf } from './icons.js';
import { isMoved } from './items.js';
import { kindInWords } from './told.js';
import { principal } from './values.js';

/**
 * @typedef {import('./desk.js').Desk} Desk
 * @typedef {import('./types.js').RecordOf} RecordOf
 * @typedef {{item: HTMLLIElement, key: string, form: HTMLFormElement | null, formKey: string}} Entry
 * @typedef {{isSelected: boolean, isUnsaved: boolean, unsaved: string | null}} Condition
 * @typedef {object} OwnActs
 * @property {(record: RecordOf) => void} choose
 * @property {(record: RecordOf) => string} where it lies, in words
 * @property {(record: RecordOf) => string | null} unsaved the number of a shape that isn't kept as it is drawn
 * @property {(id: string) => Promise<unknown>} save
 * @property {(record: RecordOf) => void} remove
 * @property {() => void} undo
 * @property {() => void} redo
 * @typedef {OwnActs & import('./buttons.js').Filing} Acts
 */

export class Panel {
  /** @param {HTMLElement} place @param {Desk} desk @param {Acts} acts */
  constructor(place, desk, acts) {
    const { measure } = TEXTS;
    this.place = place;
    this.desk = desk;
    this.acts = acts;
    /** @type {Map<Desk, Map<string, Entry>>} what is half typed stays while another study is looked at */
    this.known = new Map();
    this.heading = element('h2', { tabindex: '-1' }, measure.title);
    this.undo = iconButton('undo', measure.undo, acts.undo, { title: `${measure.undo} (Ctrl+Z)`, 'aria-keyshortcuts': 'Control+Z' });
    this.redo = iconButton('redo', measure.redo, acts.redo, { title: `${measure.redo} (Ctrl+Shift+Z)`, 'aria-keyshortcuts': 'Control+Shift+Z Control+Y' });
    this.list = element('ol', { 'aria-label': measure.list });
    this.none = element('p', { class: 'quiet' }, measure.none);
    this.told = element('div', { class: 'told', role: 'status' });
    this.live = element('p', { class: 'live', role: 'status' });
    place.replaceChildren(
      element('div', { class: 'head' }, this.heading, this.undo, this.redo), this.told, this.none, this.list, filesBox(acts), this.live,
    );
    this.list.addEventListener('keydown', (event) => this.#walk(event));
  }

  /** Of the study that is open. @returns {Map<string, Entry>} */
  get entries() {
    const entries = this.known.get(this.desk) ?? new Map();
    this.known.set(this.desk, entries);
    return entries;
  }

  /** Whether a form holds what is no value yet, and so is kept nowhere else. */
  get isHalfTyped() {
    return [...this.known.values()].some((entries) => [...entries.values()].some(({ form }) => form !== null && isHalfTyped(form)));
  }

  /** Said to those who listen rather than look. @param {string} text */
  announce(text) {
    this.live.textContent = text;
  }

  /** What became of an import or a report. @param {readonly string[]} lines */
  tell(lines) {
    this.told.replaceChildren(...lines.map((line) => element('p', { dir: 'auto' }, line)));
  }

  render() {
    const { records, undoing, redoing } = this.desk;
    this.place.hidden = records.study === null;
    this.heading.textContent = `${TEXTS.measure.title} (${records.all.length})`;
    this.#enable(undoing.size > 0, redoing.size > 0);
    this.none.hidden = records.all.length > 0;
    const { errors } = records;
    this.none.textContent = errors.length > 0 ? TEXTS.measure.errors(errors.length) : TEXTS.measure.none;
    this.none.hidden &&= errors.length === 0;
    const items = records.all.map((record) => this.#entry(record).item);
    for (const id of [...this.entries.keys()]) if (!records.get(id)) this.entries.delete(id);
    if (items.length !== this.list.children.length || items.some((item, k) => item !== this.list.children[k])) this.#put(items);
  }

  /** A button that is switched off loses the focus: the other one gets it, or the heading. @param {boolean} canUndo @param {boolean} canRedo */
  #enable(canUndo, canRedo) {
    const focused = document.activeElement;
    const isKept = (/** @type {HTMLElement} */ button) => this.desk.underWay > 0 && button === focused; // what it has begun isn't over
    this.redo.disabled = !canRedo && !isKept(this.redo);
    this.undo.disabled = !canUndo && !isKept(this.undo);
    const isLost = [this.undo, this.redo].some((button) => button === focused && button.disabled);
    if (isLost) (canUndo ? this.undo : canRedo ? this.redo : this.heading).focus();
  }

  /** Moving an element takes the focus from it: it is given back, and that of one that is gone to the next. @param {readonly HTMLElement[]} items */
  #put(items) {
    const focused = document.activeElement;
    const at = [...this.list.children].findIndex((item) => item.contains(focused));
    this.list.replaceChildren(...items);
    if (at < 0 || !(focused instanceof HTMLElement)) return;
    if (this.list.contains(focused)) focused.focus();
    else (headIn(items[Math.min(at, items.length - 1)]) ?? this.heading).focus();
  }

  /** @param {RecordOf} record */
  #entry(record) {
    const entry = this.entries.get(record.Id) ?? { item: element('li', { 'data-id': record.Id }), key: '', form: null, formKey: '' };
    this.entries.set(record.Id, entry);
    const isSelected = this.desk.selected === record.Id;
    const pending = this.desk.pending.get(record.Id);
    const unsaved = this.acts.unsaved(record);
    const key = JSON.stringify([record.Revision, record.Stale, this.acts.where(record), isSelected, Boolean(pending), unsaved]);
    if (key !== entry.key) this.#head(entry, record, { isSelected, isUnsaved: Boolean(pending), unsaved });
    entry.key = key;
    this.#form(entry, record, isSelected);
    this.#tellState(entry, Boolean(pending));
    entry.form?.querySelector('.facts')?.classList.toggle('outdated', isMoved(record.Id, this.desk));
    return entry;
  }

  /** @param {Entry} entry @param {RecordOf} record @param {Condition} condition */
  #head(entry, record, condition) {
    const before = headIn(entry.item);
    const hadFocus = before !== null && before === document.activeElement;
    const head = headOf(record, this.acts.where(record), condition);
    head.addEventListener('click', () => this.acts.choose(record));
    before?.remove();
    entry.item.prepend(head);
    if (hadFocus) head.focus();
  }

  /** The form stays while somebody writes in it, and is made anew once the record is another. @param {Entry} entry @param {RecordOf} record @param {boolean} isSelected */
  #form(entry, record, isSelected) {
    const formKey = `${record.Revision} ${record.Stale}`;
    const before = entry.form;
    const isKept = before !== null && entry.formKey === formKey;
    if (!isSelected) {
      before?.remove();
      if (before && !isHalfTyped(before)) entry.form = null;
    } else if (!isKept || before.parentNode !== entry.item) {
      this.#putForm(entry, isKept ? before : this.#newForm(entry, record));
      entry.formKey = formKey;
    }
  }

  /** @param {Entry} entry @param {HTMLFormElement} form */
  #putForm(entry, form) {
    const before = entry.form;
    const at = before && focusIn(before);
    before?.remove();
    entry.form = form;
    if (before && before !== form) goOnTyping(form, before);
    entry.item.append(form);
    if (at) focusOn(form, at);
  }

  /** @param {Entry} entry @param {RecordOf} record */
  #newForm(entry, record) {
    const current = () => this.desk.shown(this.desk.records.get(record.Id) ?? record);
    const form = formOf(current(), {
      current,
      edit: (patch) => this.desk.edit(record, patch),
      save: () => this.#save(record.Id),
      discard: () => this.discard(record.Id),
      remove: () => this.acts.remove(record),
    });
    form.addEventListener('input', () => this.#tellState(entry, this.desk.pending.has(record.Id)));
    return form;
  }

  /** Once all is kept the focus is on the entry again, unless it has gone elsewhere meanwhile. @param {string} id */
  async #save(id) {
    const { desk } = this;
    await this.acts.save(id);
    const isLeft = document.activeElement === document.body || this.hasFocus(id);
    if (desk === this.desk && isLeft && !desk.pending.has(id)) this.#focusHead(desk.selected ?? id);
  }

  /** @param {string} id */
  discard(id) {
    const entry = this.entries.get(id);
    entry?.form?.remove();
    if (entry) entry.form = null; // it is made anew, of what is kept
    this.desk.discard(id);
    this.desk.select(id);
    this.render();
    this.#focusHead(id);
  }

  /** @param {string} id */
  #focusHead(id) {
    headIn(this.entries.get(id)?.item)?.focus();
  }

  /** @param {Entry} entry @param {boolean} isUnsaved */
  #tellState({ form }, isUnsaved) {
    const isTouched = isUnsaved || (form !== null && isHalfTyped(form));
    const [save, discard] = ['save', 'discard'].map((kind) => form?.querySelector(`button.${kind}`));
    if (save instanceof HTMLButtonElement) save.disabled = !isTouched;
    if (discard instanceof HTMLButtonElement) discard.hidden = !isTouched;
  }

  /** Up and down between measurements. @param {KeyboardEvent} event */
  #walk(event) {
    const heads = [...this.list.querySelectorAll('button.choose')];
    const at = heads.indexOf(/** @type {Element} */ (document.activeElement));
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = by === undefined || at < 0 ? undefined : heads[at + by];
    if (!(next instanceof HTMLElement)) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus();
  }

  /** @param {string} id */
  hasFocus(id) {
    return this.entries.get(id)?.item.contains(document.activeElement) ?? false;
  }

  /** Bring the chosen one into sight. */
  reveal() {
    const entry = this.desk.selected ? this.entries.get(this.desk.selected) : null;
    entry?.item.scrollIntoView({ block: 'nearest' });
  }
}

/** @param {Element | undefined} item @returns {HTMLElement | null} */
function headIn(item) {
  return item?.querySelector('button.choose') ?? null;
}

/** @param {RecordOf} record @param {string} where @param {Condition} condition */
function headOf(record, where, { isSelected, isUnsaved, unsaved }) {
  const { measure } = TEXTS;
  const kept = principal(record.Values);
  const value = unsaved === null ? kept && dataOf(kept) : element('span', { class: 'value' }, unsaved);
  const notes = [...(record.Stale ? [measure.stale] : []), ...(isUnsaved ? [measure.notSaved] : [])];
  const kind = kindInWords(record);
  const head = element(
    'button', { type: 'button', class: 'choose', 'aria-pressed': String(isSelected), 'aria-expanded': String(isSelected) },
    element('span', { class: 'title', dir: 'auto' }, record.Label || kind),
    ...(value ? [value] : []),
    element('span', { class: 'quiet' }, record.Label ? kind : '', record.Label && where ? ' · ' : '', element('span', { class: 'where' }, where)),
    ...notes.map((note) => element('span', { class: 'note' }, note)),
  );
  head.prepend(iconOf(record.Tool));
  return head;
}
