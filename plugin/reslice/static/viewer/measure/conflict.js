/** Two people at one measurement: what each has made of it, and the question what is to stay. */

import { TEXTS } from '../texts.js';
import { element } from '../words.js';
import { bodyOf } from './records.js';
import { linesBeside } from './values.js';

/**
 * @typedef {import('./desk.js').Choice} Choice
 * @typedef {import('./types.js').Body} Body
 * @typedef {import('./types.js').RecordOf} RecordOf
 * @typedef {keyof typeof TEXTS.measure.fields} Field
 * @typedef {{field: string, mine: string, theirs: string, differs: boolean}} Row
 */

const SHOWN = /** @type {readonly Field[]} */ (['Label', 'Description', 'Finding', 'Site', 'Tool', 'Geometry', 'Image', 'Plane', 'Volume']);
/** @type {readonly Field[]} */
const WORDS = ['Label', 'Description', 'Finding', 'Site', 'Tool'];
const DIGITS = 2;

/** What is said on both sides; where it lies only if that differs. @param {Body} mine @param {RecordOf} theirs @returns {Row[]} */
export function rowsOf(mine, theirs) {
  const other = bodyOf(theirs);
  return SHOWN.map((name) => {
    const sides = [mine, other].map((body) => /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (body))[name]);
    const differs = JSON.stringify(sides[0] ?? '') !== JSON.stringify(sides[1] ?? '');
    return { name, field: TEXTS.measure.fields[name], mine: told(sides[0]), theirs: told(sides[1]), differs };
  }).filter((row) => (row.mine !== '' || row.theirs !== '') && (row.differs || WORDS.includes(row.name)));
}

/** @param {unknown} value @returns {string} */
function told(value) {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return String(Number(value.toFixed(DIGITS)));
  if (Array.isArray(value)) return value.every((part) => typeof part === 'number') ? `(${value.map(told).join(', ')})` : value.map(told).join(' ');
  if (typeof value !== 'object') return String(value);
  if ('Meaning' in value) return String(value.Meaning);
  return Object.entries(value).map(([key, part]) => `${key} ${told(part)}`).join('; ');
}

/** @param {Body} mine @param {RecordOf} theirs @returns {Promise<Choice>} */
export function askWhichStays(mine, theirs) {
  const { conflict } = TEXTS.measure;
  const row = (/** @type {Row} */ { field, mine: own, theirs: other, differs }) => element(
    'tr', differs ? { class: 'differs' } : {},
    element('th', { scope: 'row' }, field, ...(differs ? [element('small', {}, ` (${conflict.differs})`)] : [])),
    element('td', { dir: 'auto' }, own), element('td', { dir: 'auto' }, other),
  );
  const head = [conflict.field, conflict.mine, conflict.theirs].map((text) => element('th', { scope: 'col' }, text));
  const rows = rowsOf(mine, theirs).map(row);
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...rows));
  return ask(conflict.title, [element('p', {}, conflict.text), table, element('p', {}, `${conflict.theirs}: ${whoOf(theirs)}. ${valuesOf(theirs)}`)], [
    ['theirs', conflict.theirsKept], ['mine', conflict.replace], ['both', conflict.both], ['edit', conflict.edit],
  ]);
}

/** @param {RecordOf} theirs @returns {Promise<Choice>} */
export function askBeforeDeletion(theirs) {
  const { conflict } = TEXTS.measure;
  const lines = rowsOf(bodyOf(theirs), theirs).map((row) => element('li', { dir: 'auto' }, `${row.field}: ${row.theirs}`));
  const list = element('ul', {}, ...lines, element('li', {}, valuesOf(theirs)));
  return ask(conflict.deletion, [element('p', {}, conflict.deletionText, ' ', whoOf(theirs)), list], [
    ['theirs', conflict.theirsKept], ['mine', conflict.deleteAnyway],
  ]);
}

/** @param {Body} mine @param {boolean} isShown whether it can be edited; else it has to be decided now @returns {Promise<Choice>} */
export function askWhenGone(mine, isShown) {
  const { conflict } = TEXTS.measure;
  const text = [conflict.deletedText, mine.Label ? ` ${mine.Label}` : ''];
  return ask(conflict.deleted, [element('p', { dir: 'auto' }, ...text)], [
    ['both', conflict.saveNew], ['theirs', conflict.letGo], ...(isShown ? [/** @type {const} */ (['edit', conflict.edit])] : []),
  ], !isShown);
}

/** @param {RecordOf} record */
function whoOf({ Author: author, UpdatedBy: by, UpdatedAt: at }) {
  return `${by ?? author}, ${new Date(at).toLocaleString()}`;
}

/** @param {RecordOf} record */
function valuesOf({ Values: values }) {
  return linesBeside(values).join(', ');
}

/**
 * A question; Esc leaves all as it is, where that may be.
 * @param {string} title @param {readonly Node[]} content @param {readonly (readonly [Choice, string])[]} choices @param {boolean} [isUrgent] @returns {Promise<Choice>}
 */
function ask(title, content, choices, isUrgent = false) {
  const buttons = choices.map(([choice, text]) => element('button', { type: 'submit', value: choice, class: choice }, text));
  const form = element('form', { method: 'dialog' }, element('h2', { id: 'conflict-title' }, title), ...content, element('p', { class: 'choices' }, ...buttons));
  const dialog = element('dialog', { class: 'conflict', 'aria-labelledby': 'conflict-title' }, form);
  if (isUrgent) dialog.addEventListener('cancel', (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(/** @type {Choice} */ (dialog.returnValue || 'edit'));
    });
  });
}
