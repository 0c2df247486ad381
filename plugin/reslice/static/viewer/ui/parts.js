/** Buttons, fields and dialogs as the toolbar has them. */

import { TEXTS } from '../texts.js';
import { element } from '../words.js';
import { icon } from './icons.js';

const BRIEFLY_MS = 4000;

/** Said, and gone after a while unless something else has been said. @param {import('../types.js').App} app @param {string} text */
export function brief(app, text) {
  app.say(text);
  setTimeout(() => {
    if (document.getElementById('status')?.textContent === text) app.say('');
  }, BRIEFLY_MS);
}

/**
 * A button with an icon.
 * @param {string} picture @param {string} label @param {string} key '' without one @param {() => unknown} act
 */
export function iconButton(picture, label, key, act) {
  const title = key ? `${label} (${key})` : label;
  const made = element('button', { type: 'button', class: 'tool', 'aria-label': label, title }, icon(picture));
  if (key) made.setAttribute('aria-keyshortcuts', key);
  made.dataset.title = title;
  listenTo(made, act);
  return made;
}

/** A press is told: of a button that is off, as `refused`. @param {HTMLButtonElement} made @param {() => unknown} act */
export function listenTo(made, act) {
  made.addEventListener('click', () => {
    if (made.getAttribute('aria-disabled') === 'true') made.dispatchEvent(new CustomEvent('refused', { bubbles: true }));
    else act();
  });
}

/** Off, with a reason that can be read; '' is on. @param {HTMLButtonElement} made @param {string} reason */
export function refuse(made, reason) {
  made.setAttribute('aria-disabled', String(reason !== ''));
  made.title = reason ? `${made.dataset.title}: ${reason}` : made.dataset.title ?? '';
}

/** @param {HTMLButtonElement} made @param {boolean} isPressed */
export function press(made, isPressed) {
  made.setAttribute('aria-pressed', String(isPressed));
}

/** Another icon on a button. @param {HTMLButtonElement} made @param {string} picture @param {string} label @param {string} key */
export function relabel(made, picture, label, key) {
  if (made.getAttribute('aria-label') === label) return;
  made.replaceChildren(icon(picture));
  made.setAttribute('aria-label', label);
  made.dataset.title = key ? `${label} (${key})` : label;
  made.title = made.dataset.title;
}

/**
 * A field for a number: `commit` gets each number that the reader means; anything else goes back to what it was.
 * @param {string} label @param {{min?: string, max?: string}} limits @param {(value: number) => unknown} commit
 */
export function numberField(label, limits, commit) {
  const field = element('input', { type: 'number', step: 'any', 'aria-label': label, title: label, ...limits });
  field.addEventListener('change', async () => {
    const value = field.valueAsNumber;
    if (Number.isFinite(value) && field.validity.valid) await commit(value);
    field.value = field.dataset.shown ?? ''; // what was refused must not stay
  });
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') field.value = field.dataset.shown ?? '';
  });
  return field;
}

/** What a field says, unless somebody is writing in it. @param {HTMLInputElement} field @param {string} text */
export function tell(field, text) {
  const isWriting = document.activeElement === field && field.value !== field.dataset.shown;
  field.dataset.shown = text;
  if (!isWriting) field.value = text;
}

/** @param {string} name @param {string} label @param {(Node | string)[]} children */
export function group(name, label, ...children) {
  return element('div', { role: 'group', class: `group ${name}`, 'aria-label': label }, ...children);
}

/**
 * An open dialog with a title and a button that closes it; closed, it is gone.
 * @param {string} title @param {(Node | string)[]} children
 */
export function dialog(title, ...children) {
  const close = element('button', { type: 'button', class: 'close' }, TEXTS.ui.close);
  const made = element('dialog', { class: 'sheet', 'aria-label': title }, element('h2', {}, title), ...children, element('p', { class: 'buttons' }, close));
  close.addEventListener('click', () => made.close());
  made.addEventListener('close', () => made.remove());
  made.addEventListener('click', (event) => event.target === made && made.close()); // beside it
  document.body.append(made);
  made.showModal();
  made.scrollTop = 0; // what has the focus may stand at its end
  return made;
}
