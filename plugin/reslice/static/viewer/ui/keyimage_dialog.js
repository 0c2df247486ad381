/** Asks what a key image is to hold, and shows it before it is saved. */

import { TEXTS } from '../texts.js';
import { element } from '../words.js';
import { fileNameOf, keyImage } from './keyimage.js';
import { dialog } from './parts.js';

/**
 * @typedef {import('../types.js').App} App
 * @typedef {import('../types.js').Pane} Pane
 */

const T = TEXTS.ui.keyImage;

/** @param {App} app @param {Pane} pane */
export function askToSave(app, pane) {
  if (!pane.snapshot()) return app.say(T.nothing, 'problem');
  const preview = element('img', { alt: T.preview });
  const labels = choice(T.labels, true);
  const crosshair = choice(T.crosshair, false);
  const patient = choice(T.patient, false);
  const save = element('a', { class: 'button', download: fileNameOf(pane), role: 'button' }, T.save);
  const problem = element('p', { class: 'problem', role: 'alert' });
  const sheet = dialog(T.title, element('p', { class: 'choices' }, labels.line, ...(pane.overlay.querySelector('.crosshair') ? [crosshair.line] : []), patient.line, save), problem, preview);
  sheet.classList.add('key-image');
  let turn = 0;
  const make = async () => {
    const mine = (turn += 1);
    forget(save);
    preview.classList.add('old'); // it stays until there is another, so that nothing jumps
    try {
      const made = await keyImage(app, pane, { labels: labels.field.checked, patient: patient.field.checked, crosshair: crosshair.field.checked });
      if (mine === turn && sheet.open) offer(save, preview, made);
      problem.textContent = '';
    } catch (error) {
      if (mine === turn) problem.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  for (const field of [labels.field, crosshair.field, patient.field]) field.addEventListener('change', make);
  sheet.addEventListener('close', () => forget(save));
  return make();
}

/** @param {string} text @param {boolean} isOn */
function choice(text, isOn) {
  const field = element('input', { type: 'checkbox' });
  field.checked = isOn;
  return { field, line: element('label', {}, field, ` ${text}`) };
}

/** @param {HTMLAnchorElement} save @param {HTMLImageElement} preview @param {Blob} made */
function offer(save, preview, made) {
  save.href = URL.createObjectURL(made);
  preview.src = save.href;
  preview.classList.remove('old');
}

/** What was made with other choices can't be saved any more. @param {HTMLAnchorElement} save */
function forget(save) {
  if (save.href) URL.revokeObjectURL(save.href);
  save.removeAttribute('href');
}
