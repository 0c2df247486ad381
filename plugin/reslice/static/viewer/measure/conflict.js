/** Two people at one measurement: what each has made of it, and the question what is to stay. */

import { pointInWords } from '../panes/told.js';
import { TEXTS } from '../texts.js';
import { element } from '../words.js';
import { areSame, bodyOf } from './records.js';
import { toolInWords, whereInWords } from './told.js';
import { linesBeside, preview } from './values.js';

/**
 * @typedef {import('./desk.js').Choice} Choice
 * @typedef {import('./mapping.js').Scene} Scene
 * @typedef {import('./records.js').Records} Records
 * @typedef {import('./types.js').Body} Body
 * @typedef {import('./types.js').Geometry} Geometry
 * @typedef {import('./types.js').Place} Place
 * @typedef {import('./types.js').RecordOf} RecordOf
 * @typedef {keyof typeof TEXTS.measure.fields} Field
 * @typedef {{name: Field, field: string, mine: string, theirs: string, differs: boolean}} Row
 */

const SHOWN = /** @type {readonly Exclude<Field, 'Values'>[]} */ (['Label', 'Description', 'Finding', 'Site', 'Tool', 'Geometry', 'Image', 'Plane', 'Volume']);
/** @type {readonly Field[]} */
const WORDS = ['Label', 'Description', 'Finding', 'Site', 'Tool'];
const MOST_PLACES = 8;
/** @type {Scene} */
const NOWHERE = { series: null, volume: null, frames: [] };

/** @param {Records} records @param {() => Scene} scene @returns {Omit<import('./desk.js').Questions, 'failed'>} */
export function questionsAbout(records, scene) {
  return { changed: (mine, theirs) => askWhichStays(mine, theirs, records, scene()), changedBeforeDeletion: askBeforeDeletion, gone: askWhenGone };
}

/** What is said on both sides; where it lies only if that differs. @param {Body} mine @param {RecordOf} theirs @param {Scene} [scene] @returns {Row[]} */
export function rowsOf(mine, theirs, scene = NOWHERE) {
  const other = bodyOf(theirs);
  return SHOWN.map((name) => {
    const differs = !areSame(mine[name] ?? '', other[name] ?? '');
    return { name, field: TEXTS.measure.fields[name], mine: told(name, mine, scene), theirs: told(name, other, scene), differs };
  }).filter((row) => (row.mine !== '' || row.theirs !== '') && (row.differs || WORDS.includes(row.name)));
}

/** @param {Exclude<Field, 'Values'>} name @param {Body} body @param {Scene} scene @returns {string} */
function told(name, body, scene) {
  const value = body[name];
  if (value === undefined || value === null) return '';
  if (name === 'Geometry') return geometryInWords(body.Geometry);
  if (name === 'Tool') return toolInWords(body.Tool);
  if (name === 'Plane') return whereInWords(body, scene);
  if (name === 'Image') return whereInWords(body, scene) || String(body.Image?.Instance);
  return typeof value === 'object' && 'Meaning' in value ? value.Meaning : String(value);
}

/** Its places, of many the first ones, and what else makes it. @param {Geometry} geometry */
function geometryInWords({ Space: space, Points: points = [], Polygons: polygons = [], Radius: radius, Range: range, Seed: seed, Connectivity: connectivity }) {
  const { measure } = TEXTS;
  const place = (/** @type {Place} */ at) => (space === 'pixel' ? measure.pixel(...pixelOf(at)) : pointInWords(at));
  const places = [...points, ...polygons.flat()].map(place);
  return [
    ...places.slice(0, MOST_PLACES), ...(places.length > MOST_PLACES ? [measure.unknown] : []),
    ...(radius === undefined ? [] : [measure.radius(radius)]),
    ...(seed ? [measure.seed(place(seed))] : []),
    ...(range ? [`${measure.range}: ${range.join(` ${measure.unknown} `)}`] : []),
    ...(connectivity === undefined ? [] : [`${measure.connectivity}: ${connectivity}`]),
  ].join('; ');
}

/** @param {Place} at @returns {[number, number]} */
function pixelOf([column, row]) {
  return [Number(column.toFixed(1)), Number(row.toFixed(1))];
}

/** @param {Body} mine @param {RecordOf} theirs @param {Records} records @param {Scene} scene @returns {Promise<Choice>} */
function askWhichStays(mine, theirs, records, scene) {
  const { conflict } = TEXTS.measure;
  const head = [conflict.field, conflict.mine, conflict.theirs].map((text) => element('th', { scope: 'col' }, text));
  const rows = rowsOf(mine, theirs, scene);
  const values = valuesRow(mine, theirs, rows.some(({ name, differs }) => differs && (name === 'Tool' || !WORDS.includes(name))), records);
  const body = element('tbody', {}, ...rows.map((row) => rowOf(row, row.mine)), ...values);
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...head)), body);
  return ask(conflict.title, [element('p', {}, conflict.text), table, element('p', {}, `${conflict.theirs}: ${whoOf(theirs)}`)], [
    ['theirs', conflict.theirsKept], ['mine', conflict.replace], ['both', conflict.both], ['edit', conflict.edit],
  ]);
}

/** @param {Omit<Row, 'name' | 'mine'>} row @param {string | Node} own */
function rowOf({ field, theirs, differs }, own) {
  return element(
    'tr', differs ? { class: 'differs' } : {},
    element('th', { scope: 'row' }, field, ...(differs ? [element('small', {}, ` (${TEXTS.measure.conflict.differs})`)] : [])),
    element('td', { dir: 'auto' }, own), element('td', { dir: 'auto' }, theirs),
  );
}

/** The numbers of both. Those of what was moved are the page's own until the server has answered. @param {Body} mine @param {RecordOf} theirs @param {boolean} differs @param {Records} records */
function valuesRow(mine, theirs, differs, records) {
  const others = valuesOf(theirs.Values);
  const about = preview(mine, theirs.Calibration?.Spacing).map((value) => TEXTS.measure.about(valuesOf([value])));
  const own = element('span', {}, differs ? about[0] ?? TEXTS.measure.unknown : others);
  if (differs) records.compute(mine).then(({ Values: values }) => (own.textContent = valuesOf(values)), () => undefined); // what is known stays
  return others === '' && !differs ? [] : [rowOf({ field: TEXTS.measure.fields.Values, theirs: others, differs }, own)];
}

/** @param {RecordOf} theirs @returns {Promise<Choice>} */
function askBeforeDeletion(theirs) {
  const { conflict } = TEXTS.measure;
  const lines = rowsOf(bodyOf(theirs), theirs).map((row) => element('li', { dir: 'auto' }, `${row.field}: ${row.theirs}`));
  const list = element('ul', {}, ...lines, element('li', {}, valuesOf(theirs.Values)));
  return ask(conflict.deletion, [element('p', {}, conflict.deletionText, ' ', whoOf(theirs)), list], [
    ['theirs', conflict.theirsKept], ['mine', conflict.deleteAnyway],
  ]);
}

/** @param {Body} mine @param {boolean} isShown whether it can be edited; else it has to be decided now @returns {Promise<Choice>} */
function askWhenGone(mine, isShown) {
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

/** @param {readonly import('./types.js').Value[]} values */
function valuesOf(values) {
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
