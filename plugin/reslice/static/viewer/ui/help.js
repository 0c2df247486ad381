/** The help sheet: all keys and gestures, from the table that the keyboard uses. */

import { TEXTS } from '../texts.js';
import { element } from '../words.js';
import { KEYS } from './bindings.js';
import { dialog } from './parts.js';
import { askVersion } from './windows.js';

/** @typedef {import('./bindings.js').Binding} Binding */

const T = TEXTS.ui.help;

export class Help {
  constructor() {
    /** @type {HTMLDialogElement | null} */
    this.sheet = null;
  }

  /** Show it, or put it away. */
  toggle() {
    if (this.sheet?.open) return this.sheet.close();
    const hands = [table(T.mouse, T.mouseRows), table(T.touch, T.touchRows)];
    const keys = KEYS.map(({ title, bindings }) => table(title, bindings.map((binding) => [writtenKeys(binding), binding.text])));
    const about = element('p', { class: 'about' }, T.about);
    const sheet = dialog(T.title, element('div', { class: 'columns' }, ...keys, ...hands), about);
    sheet.classList.add('help');
    sheet.addEventListener('keydown', (event) => {
      if (event.key !== '?') return;
      event.preventDefault(); // else the page would open it again
      sheet.close();
    });
    this.sheet = sheet;
    askVersion().then(
      (version) => about.prepend(`${T.product} ${version}. `),
      () => about.prepend(`${T.product}. `),
    );
  }
}

/** `Alt+←`, `R or Space`. @param {Binding} binding */
export function writtenKeys({ keys, held }) {
  const names = /** @type {Readonly<Record<string, string>>} */ (TEXTS.ui.keyNames);
  const written = keys.map((key) => names[key] ?? key.toUpperCase());
  return (held ? `${names[held] ?? held}+` : '') + written.join(TEXTS.ui.or);
}

/** @param {string} title @param {readonly (readonly string[])[]} rows */
function table(title, rows) {
  const lines = rows.map(([what, does]) => element('tr', {}, element('th', { scope: 'row' }, what), element('td', {}, does)));
  return element('table', {}, element('caption', {}, title), element('tbody', {}, ...lines));
}
