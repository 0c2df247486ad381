/** The list of a study's measurements: choosing, changing and deleting them; files; taking back. */

import { TEXTS } from '../texts.js';
import { element } from '../words.js';
import { button, filesBox } from './buttons.js';
import { dataOf, formOf } from './form.js';
import { iconOf } from './icons.js';
import { toolInWords } from './told.js';
import { principal } from './values.js';

/**
 * @typedef {import('./desk.js').Desk} Desk
 * @typedef {import('./types.js').RecordOf} RecordOf
 * @typedef {{item: HTMLLIElement, key: string, form: HTMLFormElement | null, formKey: string}} Entry
 * @typedef {object} OwnActs
 * @property {(record: RecordOf) => void} choose
 * @property {(id: string) => void} save
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
    /** @type {Map<string, Entry>} */
    this.entries = new Map();
    this.discards = 0;
    this.heading = element('h2', {}, measure.title);
    this.undo = button(measure.undo, acts.undo, { title: `${measure.undo} (Ctrl+Z)`, 'aria-keyshortcuts': 'Control+Z' });
    this.redo = button(measure.redo, acts.redo, { title: `${measure.redo} (Ctrl+Shift+Z)`, 'aria-keyshortcuts': 'Control+Shift+Z Control+Y' });
    this.list = element('ol', { 'aria-label': measure.list });
    this.none = element('p', { class: 'quiet' }, measure.none);
    this.told = element('div', { class: 'told', role: 'status' });
    this.live = element('p', { class: 'live', role: 'status' });
    place.replaceChildren(
      element('div', { class: 'head' }, this.heading, this.undo, this.redo), this.told, this.none, this.list, filesBox(acts), this.live,
    );
    this.list.addEventListener('keydown', (event) => this.#walk(event));
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

  /** A button that is switched off loses the focus: the other one gets it. @param {boolean} canUndo @param {boolean} canRedo */
  #enable(canUndo, canRedo) {
    const focused = document.activeElement;
    this.redo.disabled = !canRedo;
    this.undo.disabled = !canUndo;
    if (focused === this.undo && !canUndo) this.redo.focus();
    if (focused === this.redo && !canRedo) this.undo.focus();
  }

  /** Moving an element takes the focus from it: it is given back. @param {readonly HTMLElement[]} items */
  #put(items) {
    const focused = document.activeElement;
    this.list.replaceChildren(...items);
    if (focused instanceof HTMLElement && this.list.contains(focused)) focused.focus();
  }

  /** @param {RecordOf} record */
  #entry(record) {
    const entry = this.entries.get(record.Id) ?? { item: element('li', { 'data-id': record.Id }), key: '', form: null, formKey: '' };
    this.entries.set(record.Id, entry);
    const isSelected = this.desk.selected === record.Id;
    const pending = this.desk.pending.get(record.Id);
    const key = JSON.stringify([record.Revision, record.Stale, isSelected, Boolean(pending)]);
    if (key !== entry.key) this.#head(entry, record, isSelected, Boolean(pending));
    entry.key = key;
    this.#form(entry, record, isSelected);
    this.#tellState(entry, Boolean(pending));
    return entry;
  }

  /** @param {Entry} entry @param {RecordOf} record @param {boolean} isSelected @param {boolean} isUnsaved */
  #head(entry, record, isSelected, isUnsaved) {
    const hadFocus = entry.item.querySelector('button.choose') === document.activeElement;
    const head = headOf(record, isSelected, isUnsaved);
    head.addEventListener('click', () => this.acts.choose(record));
    entry.item.querySelector('button.choose')?.remove();
    entry.item.prepend(head);
    if (hadFocus) head.focus();
  }

  /** The form stays while somebody writes in it, and is made anew once the record is another. @param {Entry} entry @param {RecordOf} record @param {boolean} isSelected */
  #form(entry, record, isSelected) {
    const formKey = isSelected ? `${record.Revision} ${record.Stale} ${this.discards}` : '';
    if (formKey === entry.formKey) return;
    entry.formKey = formKey;
    entry.form?.remove();
    const current = () => this.desk.shown(this.desk.records.get(record.Id) ?? record);
    entry.form = isSelected ? formOf(current(), {
      current,
      edit: (patch) => this.desk.edit(record, patch),
      save: () => this.acts.save(record.Id),
      discard: () => this.discard(record.Id),
      remove: () => this.acts.remove(record),
    }) : null;
    if (entry.form) entry.item.append(entry.form);
  }

  /** @param {string} id */
  discard(id) {
    this.discards += 1; // the form shows again what is kept
    this.desk.discard(id);
    this.desk.select(id);
  }

  /** @param {Entry} entry @param {boolean} isUnsaved */
  #tellState({ form }, isUnsaved) {
    const [save, discard] = ['save', 'discard'].map((kind) => form?.querySelector(`button.${kind}`));
    if (save instanceof HTMLButtonElement) save.disabled = !isUnsaved;
    if (discard instanceof HTMLButtonElement) discard.hidden = !isUnsaved;
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

/** @param {RecordOf} record @param {boolean} isSelected @param {boolean} isUnsaved */
function headOf(record, isSelected, isUnsaved) {
  const { measure } = TEXTS;
  const value = principal(record.Values);
  const source = record.Source ?? {};
  const index = typeof source.SliceIndex === 'number' ? [measure.slice(source.SliceIndex + 1)] : [];
  const notes = [...(record.Stale ? [measure.stale] : []), ...(isUnsaved ? [measure.notSaved] : [])];
  const kind = toolInWords(record.Tool);
  const head = element(
    'button', { type: 'button', class: 'choose', 'aria-pressed': String(isSelected), 'aria-expanded': String(isSelected) },
    element('span', { class: 'title', dir: 'auto' }, record.Label || kind),
    ...(value ? [dataOf(value)] : []),
    element('span', { class: 'quiet' }, [...(record.Label ? [kind] : []), ...index].join(' · ')),
    ...notes.map((note) => element('span', { class: 'note' }, note)),
  );
  head.prepend(iconOf(record.Tool));
  return head;
}
