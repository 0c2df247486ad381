/** Buttons of the list, and that those which take their time can't be pressed twice. */

import { TEXTS } from '../texts.js';
import { element } from '../words.js';
import { FORMATS } from './files.js';
import { iconOf } from './icons.js';

/**
 * @typedef {import('./files.js').Format} Format
 * @typedef {{download: (format: Format) => Promise<unknown>, report: () => Promise<unknown>, takeOver: (file: Blob) => Promise<unknown>}} Filing
 */

/** @param {string} text @param {() => unknown} act @param {Readonly<Record<string, string>>} [attributes] */
export function button(text, act, attributes = {}) {
  const made = element('button', { type: 'button', ...attributes }, text);
  made.addEventListener('click', act);
  return made;
}

/** @param {string} picture @param {string} label @param {() => unknown} act @param {Readonly<Record<string, string>>} attributes */
export function iconButton(picture, label, act, attributes) {
  const made = button('', act, { 'aria-label': label, ...attributes });
  made.append(iconOf(picture));
  return made;
}

/**
 * Presses count again once it is done. The button isn't `disabled`, which would take the focus from it.
 * @param {HTMLElement} made @param {() => Promise<unknown>} act
 */
export async function whileBusy(made, act) {
  if (isBusy(made)) return;
  const set = (/** @type {boolean} */ value) => ['aria-busy', 'aria-disabled'].forEach((name) => made.setAttribute(name, String(value)));
  set(true);
  try {
    await act();
  } finally {
    set(false);
  }
}

/** @param {HTMLElement} made */
function isBusy(made) {
  return made.getAttribute('aria-busy') === 'true';
}

/** @param {string} text @param {() => Promise<unknown>} act @param {Readonly<Record<string, string>>} [attributes] */
function patient(text, act, attributes) {
  const made = button(text, () => whileBusy(made, act), attributes);
  return made;
}

/** Measurements out and in. @param {Filing} acts */
export function filesBox(acts) {
  const { measure } = TEXTS;
  const exports = FORMATS.map((format) => {
    const name = measure.exports[format];
    return patient(name, () => acts.download(format), { 'aria-label': `${measure.export}: ${name}` });
  });
  const input = element('input', { type: 'file', accept: '.json,.dcm,application/json,application/dicom', 'aria-label': measure.import, hidden: '' });
  const choose = button(measure.import, () => !isBusy(choose) && input.click());
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    if (file) whileBusy(choose, () => acts.takeOver(file));
    input.value = '';
  });
  const row = element('p', { class: 'exports' }, ...exports);
  const others = element('p', {}, choose, input, patient(measure.report, acts.report));
  return element('details', { class: 'files' }, element('summary', {}, measure.files), row, others);
}
