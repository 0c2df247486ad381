/** The keyboard: one listener for the whole page. */

import { bindingOf } from './bindings.js';

/**
 * @typedef {import('../types.js').App} App
 * @typedef {import('./actions.js').Actions} Actions
 */

const TEXT = 'input:not([type="range"], [type="radio"], [type="checkbox"], [type="button"]), textarea, select, [contenteditable]';
const OF_ARROWS = 'input, [role="slider"], [role="radiogroup"], [role="listbox"], [role="tree"], [role="menu"]';
const PRESSED = 'button, summary, a[href], input, [role="button"]';
const PRESSES = ['Enter', ' '];

/**
 * Listen; the answer ends it.
 * @param {App} app @param {Actions} actions
 */
export function startKeys(app, actions) {
  const listener = (/** @type {KeyboardEvent} */ event) => {
    if (isOthers(event) || app.store.get().series === null) return;
    if (used(app, actions, event)) event.preventDefault();
  };
  document.addEventListener('keydown', listener);
  return () => document.removeEventListener('keydown', listener);
}

/** Whether a key belongs to a text, a field, a button, a dialog or the browser. @param {KeyboardEvent} event */
function isOthers(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.isComposing) return true;
  if (document.querySelector('dialog[open]')) return true;
  const at = event.target instanceof Element ? event.target : document.body;
  return at.closest(TEXT) !== null || (PRESSES.includes(event.key) && at.closest(PRESSED) !== null);
}

/** @param {App} app @param {Actions} actions @param {KeyboardEvent} event @returns {boolean} whether it was used */
function used(app, actions, event) {
  const at = event.target instanceof Element ? event.target : document.body;
  const [tool, pane] = [app.tools.get(app.store.get().tool), actions.pane];
  if (pane && tool?.key && at.closest(OF_ARROWS) === null && tool.key(pane, event)) return true;
  const binding = bindingOf(event.key, event.altKey, event.shiftKey);
  if (!binding?.run || (binding.moves && at.closest(OF_ARROWS) !== null)) return false;
  binding.run(actions, event);
  return true;
}
