/** Keys of measurements: Ctrl+Z, Ctrl+Shift+Z or Ctrl+Y, Delete, Esc. Text fields and dialogs keep theirs. */

/**
 * @typedef {object} Acts
 * @property {() => void} undo
 * @property {() => void} redo
 * @property {() => boolean} remove whether there was something to remove
 * @property {() => void} leave
 * @property {(event: KeyboardEvent) => boolean} draw whether a tool has used the key
 */

const FIELDS = 'input:not([type="range"]):not([type="checkbox"]):not([type="radio"]), textarea, select, dialog, [contenteditable]';

/** Whether somebody writes, or answers a question. @param {KeyboardEvent} event */
export function isTyping(event) {
  return event.target instanceof Element && (event.target.closest(FIELDS) !== null || document.querySelector('dialog[open]') !== null);
}

/** Ctrl+Z takes back; Ctrl+Shift+Z and Ctrl+Y do it again. @param {KeyboardEvent} event @returns {'undo' | 'redo' | null} */
export function stepOf({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  if (!(ctrlKey || metaKey) || altKey) return null;
  if (key.toLowerCase() === 'z') return shiftKey ? 'redo' : 'undo';
  return key.toLowerCase() === 'y' && !shiftKey ? 'redo' : null;
}

/** @param {Acts} acts */
export function watchKeys(acts) {
  document.addEventListener('keydown', (event) => {
    if (isTyping(event)) return;
    const step = stepOf(event);
    if (step) {
      event.preventDefault();
      if (!event.repeat) acts[step](); // a key that is held does it once
    } else if (acts.draw(event)) event.preventDefault();
    else if (event.key === 'Delete' && !event.repeat && acts.remove()) event.preventDefault();
    else if (event.key === 'Escape') acts.leave();
  });
}
