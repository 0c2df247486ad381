/** The form of one measurement: its words and codes, a volume's range, and what was computed. */

import { TEXTS } from '../texts.js';
import { element, entryOf } from '../words.js';
import { FINDINGS, SITES, isSameCode } from './codes.js';
import { isPlaced } from './mapping.js';
import { inWords } from './values.js';

/**
 * @typedef {import('./types.js').Code} Code
 * @typedef {import('./types.js').Geometry} Geometry
 * @typedef {import('./types.js').RecordOf} RecordOf
 * @typedef {import('./types.js').Value} Value
 * @typedef {Partial<import('./types.js').Body>} Patch
 * @typedef {object} Acts
 * @property {(patch: Patch) => void} edit something was changed, and isn't kept yet
 * @property {() => void} save
 * @property {() => void} discard
 * @property {() => void} remove
 * @property {() => RecordOf} current the record as it is by now, with the changes that aren't kept yet
 */

const OTHER = 'other';
const CONNECTIVITIES = [6, 18, 26];

/** @param {RecordOf} record with the changes that aren't kept yet @param {Acts} acts */
export function formOf(record, acts) {
  const { measure } = TEXTS;
  const label = element('input', { type: 'text', maxlength: '256', dir: 'auto', name: 'label' });
  label.value = record.Label ?? '';
  label.addEventListener('input', () => acts.edit({ Label: label.value }));
  const description = element('textarea', { rows: '2', maxlength: '4096', dir: 'auto', name: 'description' });
  description.value = record.Description ?? '';
  description.addEventListener('input', () => acts.edit({ Description: description.value }));
  const save = element('button', { type: 'submit', class: 'save' }, measure.save);
  description.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault(); // a long line that is folded, as records hold it
    if (!save.disabled) form.requestSubmit(save);
  });
  const discard = button(measure.discard, acts.discard, 'discard');
  const form = element(
    'form', { class: 'measurement' },
    field(measure.label, label), field(measure.description, description),
    codeField(measure.finding, FINDINGS, record.Finding, (Finding) => acts.edit({ Finding })),
    codeField(measure.site, SITES, record.Site, (Site) => acts.edit({ Site })),
    ...regionFields(record, acts),
    element('p', { class: 'actions' }, save, discard, button(measure.delete, acts.remove, 'delete')),
    statistics(record),
  );
  form.addEventListener('input', (event) => inOneLine(event.target), true); // before anybody reads it
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    acts.save();
  });
  if (!isPlaced(record)) lock(form);
  return form;
}

/** Pasted breaks and tabs become spaces: texts of records hold none. @param {EventTarget | null} typed */
function inOneLine(typed) {
  if (!(typed instanceof HTMLTextAreaElement) && !(typed instanceof HTMLInputElement && typed.type === 'text')) return;
  const plain = typed.value.replace(/\p{Cc}/gu, ' ');
  if (plain === typed.value) return;
  const [from, to] = [typed.selectionStart, typed.selectionEnd];
  typed.value = plain;
  typed.setSelectionRange(from, to);
}

/** The server can't measure it anew, so it keeps it as it came. @param {HTMLFormElement} form */
function lock(form) {
  fieldsOf(form).filter((one) => !one.classList.contains('delete')).forEach((one) => one.setAttribute('disabled', ''));
  form.prepend(element('p', { class: 'note' }, TEXTS.measure.unplaced));
}

/** Whether something in it is no value yet: a code without its meaning, a range without a number. @param {HTMLFormElement} form */
export function isHalfTyped(form) {
  return fieldsOf(form).some(({ disabled, validity }) => !disabled && !validity.valid);
}

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement | HTMLButtonElement} Field */

/** @param {HTMLFormElement} form @returns {Field[]} */
function fieldsOf(form) {
  return [...form.querySelectorAll('input, textarea, select, button')].map((one) => /** @type {Field} */ (one));
}

/** What is half typed goes on in a form that was made anew. @param {HTMLFormElement} form @param {HTMLFormElement} before */
export function goOnTyping(form, before) {
  const [from, to] = [before, form].map((one) => [...one.querySelectorAll('.code, .bounds')].map(inputsOf));
  from.forEach((typed, k) => {
    if (typed.length !== to[k]?.length || typed.every(({ disabled, validity }) => disabled || validity.valid)) return;
    to[k].forEach((input, j) => {
      input.value = typed[j].value;
      input.dispatchEvent(new Event('change'));
    });
    to[k].at(-1)?.dispatchEvent(new Event('input', { bubbles: true }));
  });
}

/** @param {Element} group */
function inputsOf(group) {
  return [...group.querySelectorAll('input, select')].map((one) => /** @type {HTMLInputElement | HTMLSelectElement} */ (one));
}

/** Which field of a form has the focus, and where in it somebody writes. @param {HTMLFormElement} form */
export function focusIn(form) {
  const index = fieldsOf(form).findIndex((one) => one === document.activeElement);
  const at = fieldsOf(form)[index];
  if (!at) return null;
  const isText = at instanceof HTMLTextAreaElement || (at instanceof HTMLInputElement && at.type === 'text');
  return { index, selection: isText ? /** @type {const} */ ([at.selectionStart ?? 0, at.selectionEnd ?? 0]) : null };
}

/** The same in a form that was made anew. @param {HTMLFormElement} form @param {NonNullable<ReturnType<typeof focusIn>>} at */
export function focusOn(form, { index, selection }) {
  const at = fieldsOf(form)[index];
  at?.focus();
  if (selection && (at instanceof HTMLTextAreaElement || at instanceof HTMLInputElement)) at.setSelectionRange(...selection);
}

/** @param {string} title @param {HTMLElement} control */
function field(title, control) {
  return element('label', {}, element('span', {}, title), control);
}

/** @param {string} text @param {() => void} act @param {string} kind */
function button(text, act, kind) {
  const made = element('button', { type: 'button', class: kind }, text);
  made.addEventListener('click', act);
  return made;
}

/**
 * A concept of those that are asked for often, or any other.
 * @param {string} title @param {readonly Code[]} usual @param {Code | undefined} code @param {(code: Code | undefined) => void} edit
 */
function codeField(title, usual, code, edit) {
  const { measure } = TEXTS;
  const select = element('select', { 'aria-label': title }, element('option', { value: '' }, measure.unspecified));
  usual.forEach((one, k) => select.append(element('option', { value: String(k) }, one.Meaning)));
  select.append(element('option', { value: OTHER }, measure.other));
  const at = usual.findIndex((one) => isSameCode(code, one));
  select.value = !code ? '' : at < 0 ? OTHER : String(at);
  const own = ownCode(title, at < 0 ? code : undefined, edit);
  const hide = () => {
    own.hidden = select.value !== OTHER;
    for (const input of own.querySelectorAll('input')) input.disabled = own.hidden; // what isn't seen is asked for by nobody
  };
  hide();
  select.addEventListener('change', () => {
    hide();
    if (select.value !== OTHER) edit(usual[Number(select.value || -1)]);
  });
  return element('div', { class: 'code' }, field(title, select), own);
}

/** @param {string} title @param {Code | undefined} code @param {(code: Code | undefined) => void} edit */
function ownCode(title, code, edit) {
  const { measure } = TEXTS;
  const names = /** @type {const} */ ([['Scheme', measure.scheme, '16'], ['Code', measure.code, '64'], ['Meaning', measure.meaning, '64']]);
  const inputs = names.map(([key, text, longest]) => {
    const input = element('input', { type: 'text', placeholder: text, 'aria-label': `${title}: ${text}`, maxlength: longest });
    input.value = code?.[key] ?? '';
    return input;
  });
  const group = element('div', { class: 'own-code' }, ...inputs);
  group.addEventListener('input', () => {
    const [scheme, value, meaning] = inputs.map((input) => input.value.trim());
    const isWhole = Boolean(scheme && value && meaning);
    inputs.forEach((input) => input.setCustomValidity(isWhole || !(scheme || value || meaning) ? '' : measure.codeHint));
    if (isWhole) edit({ Scheme: scheme, Code: value, Meaning: meaning });
    else if (!(scheme || value || meaning)) edit(undefined);
  });
  return group;
}

/** @param {RecordOf} record @param {Acts} acts @returns {HTMLElement[]} */
function regionFields(record, acts) {
  const { measure } = TEXTS;
  const range = isPlaced(record) && record.Geometry.Range;
  if (!range) return [];
  const bounds = range.map((bound, k) => {
    const input = element('input', { type: 'number', step: 'any', required: '', 'aria-label': `${measure.range}: ${[measure.low, measure.high][k]}` });
    input.value = String(bound);
    return input;
  });
  const tool = choice(measure.what, { region: measure.reached, threshold: measure.threshold }, record.Tool);
  if (!record.Geometry.Seed) tool.querySelector('option[value="region"]')?.setAttribute('disabled', '');
  const neighbours = choice(measure.connectivity, Object.fromEntries(CONNECTIVITIES.map((n) => [n, String(n)])), String(record.Geometry.Connectivity ?? 6));
  const group = element(
    'fieldset', {}, element('legend', {}, measure.range), element('div', { class: 'bounds' }, ...bounds), field(measure.what, tool), field(measure.connectivity, neighbours),
  );
  group.addEventListener('input', () => {
    const [low, high] = bounds.map((input) => input.valueAsNumber);
    neighbours.disabled = tool.value === 'threshold';
    if (!Number.isFinite(low) || !Number.isFinite(high)) return;
    const { Space, Shape, Points, Polygons, Seed = record.Geometry.Seed } = acts.current().Geometry; // moved meanwhile
    const grown = tool.value === 'region' ? { Seed, Connectivity: Number(neighbours.value) } : {};
    acts.edit({ Tool: tool.value, Geometry: { Space, Shape, Points, Polygons, ...grown, Range: [low, high] } });
  });
  neighbours.disabled = tool.value === 'threshold';
  return [group];
}

/** @param {string} title @param {Readonly<Record<string, string>>} texts by value @param {string} value */
function choice(title, texts, value) {
  const select = element('select', { 'aria-label': title });
  for (const [key, text] of Object.entries(texts)) select.append(element('option', { value: key }, text));
  select.value = value;
  return select;
}

/** All that was computed, and how far it can be believed. @param {RecordOf} record */
function statistics(record) {
  const { measure } = TEXTS;
  const rows = record.Values.map((value) => [entryOf(measure.values, value.Name) ?? value.Name, value]);
  const list = element('dl', {}, ...rows.map(([name, value]) => pair(String(name), dataOf(/** @type {Value} */ (value)))));
  const { Warning: warning } = record.Calibration ?? {};
  const notes = [...(record.Stale ? [measure.staleLong] : []), ...(warning ? [warning] : [])];
  const made = pair(measure.author, document.createTextNode(record.Author));
  const dates = [[measure.created, record.CreatedAt], ...(record.UpdatedAt === record.CreatedAt ? [] : [[measure.changed, record.UpdatedAt]])];
  list.append(made, ...dates.map(([title, at]) => pair(title, element('time', { datetime: at }, new Date(at).toLocaleString()))));
  return element('div', { class: 'facts' }, ...notes.map((note) => element('p', { class: 'reason' }, note)), list);
}

/** @param {string} title @param {Node} value */
function pair(title, value) {
  return element('div', {}, element('dt', {}, title), element('dd', { dir: 'auto' }, value));
}

/** A value in few digits, with all of them beneath. @param {Value} value */
export function dataOf(value) {
  return element('data', { value: String(value.Value), title: `${value.Value} ${value.Unit}` }, inWords(value));
}
