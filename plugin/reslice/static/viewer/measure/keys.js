/** Keys of measurements: Ctrl+Z, Delete, Esc. Text fields and dialogs keep theirs. */

/**
 * @typedef {object} Acts
 * @property {() => void} undo
 * @property {() => boolean} remove whether there was something to remove
 * @property {() => void} leave
 * @property {(event: KeyboardEvent) => boolean} draw whether a tool has used the key
 */

const FIELDS = 'input:not([type="range"]):not([type="checkbox"]):not([type="radio"]), textarea, select, dialog, [contenteditable]';

/** Whether somebody writes, or answers a question. @param {KeyboardEvent} event */
export function isTyping(event) {
  return event.target instanceof Element && (event.target.closest(FIELDS) !== null || document.querySelector('dialog[open]') !== null);
}

/** @param {Acts} acts */
export function watchKeys(acts) {
  document.addEventListener('keydown', (event) => {
    if (isTyping(event)) return;
    const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'z';
    if (isUndo) {
      event.preventDefault();
      acts.undo();
    } else if (acts.draw(event)) event.preventDefault();
    else if (event.key === 'Delete' && acts.remove()) event.preventDefault();
    else if (event.key === 'Escape') acts.leave();
  });
}
