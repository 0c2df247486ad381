/** Numbers of a pane as people read them. */

import { TEXTS } from '../texts.js';
import { directionLetters, placeInWords } from '../words.js';

/** @typedef {import('../types.js').WindowSetting} WindowSetting */

const WHOLE_FROM = 10;
const SMALL = 0.1;

/** @param {number} value */
export function number(value) {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return String(Math.round(value));
  if (Math.abs(value) < SMALL) return value.toPrecision(2);
  return String(Number(value.toFixed(Math.abs(value) >= WHOLE_FROM ? 1 : 2)));
}

/** @param {WindowSetting | null} window */
export function windowInWords(window) {
  if (!window) return '';
  const { center, width, function: name, invert } = window;
  const shape = name === 'SIGMOID' ? [TEXTS.panes.sigmoid] : [];
  return [TEXTS.panes.window(number(center), number(width)), ...shape, ...(invert ? [TEXTS.panes.inverted] : [])].join(' · ');
}

/** @param {number | null} value @param {string} unit */
export function valueInWords(value, unit) {
  return value === null ? TEXTS.panes.outside : `${number(value)}${unit === '1' ? '' : ` ${unit}`}`;
}

/** @param {readonly number[]} point LPS mm */
export function pointInWords(point) {
  return point.map((part, axis) => placeInWords(part, axis).replace(' mm', '')).join('  ');
}

/** @param {readonly number[]} direction LPS */
export function directionInWords(direction) {
  return directionLetters([...direction]);
}
