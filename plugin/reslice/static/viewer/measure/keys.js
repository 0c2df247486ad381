/** Keys of measurements: Ctrl+Z, Ctrl+Shift+Z, Delete, Esc. Text fields and dialogs keep theirs. */

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

/** Ctrl+Z or, to do it again, Ctrl+Shift+Z. @param {KeyboardEvent} event */
function isStep(event) {
  return (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'z';
}

/** @param {Acts} acts */
export function watchKeys(acts) {
  document.addEventListener('keydown', (event) => {
    if (isTyping(event)) return;
    if (isStep(event)) {
      event.preventDefault();
      if (!event.repeat) (event.shiftKey ? acts.redo : acts.undo)(); // a key that is held does it once
    } else if (acts.draw(event)) event.preventDefault();
    else if (event.key === 'Delete' && !event.repeat && acts.remove()) event.preventDefault();
    else if (event.key === 'Escape') acts.leave();
  });
}
