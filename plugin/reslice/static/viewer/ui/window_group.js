/** The window: a preset, numbers, black for white, and the unit of PET. */

import { volumeOf } from '../state/view.js';
import { TEXTS } from '../texts.js';
import { element } from '../words.js';
import { AUTOMATIC, OF_THE_FILE } from './actions.js';
import { group, iconButton, listenTo, numberField, press, refuse, tell } from './parts.js';
import { choicesOf, digitOf, knownWindow, shortNumber } from './windows.js';

/**
 * @typedef {import('./actions.js').Actions} Actions
 * @typedef {import('./toolbar.js').Part} Part
 */

const T = TEXTS.ui.window;
const OTHER = '';

/** @param {Actions} actions @returns {Part} */
export function windowGroup(actions) {
  const list = element('select', { 'aria-label': T.preset, title: T.preset });
  const center = numberField(T.center, {}, (value) => actions.setWindow({ center: value }));
  const width = numberField(T.width, { min: '0' }, (value) => actions.setWindow({ width: value }));
  const invert = iconButton('invert', T.invert, 'I', () => actions.invert());
  const suv = suvButton(actions);
  list.addEventListener('change', () => list.value !== OTHER && actions.preset(list.value));
  const fields = [labelled(T.shortCenter, center), labelled(T.shortWidth, width)];
  return {
    element: group('window', TEXTS.ui.groups.window, list, ...fields, invert, suv.element),
    update: () => {
      const isOpen = actions.state.series !== null;
      for (const field of [list, center, width]) field.disabled = !isOpen;
      fill(list, actions);
      const window = actions.app.shownWindow() ?? knownWindow(actions.state);
      tell(center, window ? shortNumber(window.center) : '');
      tell(width, window ? shortNumber(window.width) : '');
      press(invert, actions.state.inverted);
      refuse(invert, isOpen ? '' : TEXTS.ui.refused.closed);
      suv.update();
    },
  };
}

/** @param {string} text @param {HTMLElement} field */
function labelled(text, field) {
  return element('label', {}, element('span', { 'aria-hidden': 'true' }, text), field);
}

/** The choices, made anew only when they are others. @param {HTMLSelectElement} list @param {Actions} actions */
function fill(list, actions) {
  const { state } = actions;
  const names = [OF_THE_FILE, AUTOMATIC, ...choicesOf(state).map((choice) => choice.name)];
  const lines = [OTHER, ...names].map((name) => ({ name, text: lineOf(name, digitOf(state, name)) }));
  const made = lines.map(({ text }) => text).join('\n');
  if (list.dataset.made !== made) {
    list.replaceChildren(...lines.map(({ name, text }) => element('option', { value: name }, text)));
    list.options[0].hidden = true;
    list.dataset.made = made;
  }
  list.value = actions.windowName ?? OTHER;
}

/** @param {string} name @param {number | null} digit */
function lineOf(name, digit) {
  if (name === OTHER) return T.other;
  if (name === OF_THE_FILE) return `${T.ofTheFile} (8)`;
  if (name === AUTOMATIC) return `${T.automatic} (0)`;
  const names = /** @type {Readonly<Record<string, string>>} */ (T.names);
  const text = names[name] ?? name;
  return digit === null ? text : `${text} (${digit})`;
}

/** @param {Actions} actions @returns {Part} */
function suvButton(actions) {
  const button = element('button', { type: 'button', class: 'tool text', 'aria-label': T.suv }, T.shortSuv);
  button.dataset.title = T.suv;
  listenTo(button, () => actions.setUnit(actions.state.unit === 'suv' ? 'stored' : 'suv'));
  const reasons = /** @type {Readonly<Record<string, string>>} */ (T.suvReasons);
  return {
    element: button,
    update: () => {
      const suv = volumeOf(actions.state)?.Suv ?? null;
      button.hidden = suv === null;
      press(button, actions.state.unit === 'suv');
      refuse(button, suv && 'Reason' in suv ? `${T.noSuv} ${reasons[suv.Reason] ?? suv.Reason}` : '');
    },
  };
}
