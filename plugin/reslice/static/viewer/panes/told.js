/** Numbers of a pane as people read them. */

import { settingOf } from '../state/view.js';
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

/**
 * The window that a picture is seen through: previews have been windowed by the server.
 * @param {import('../net/pictures.js').Picture} picture @param {WindowSetting | null} window of numbers @param {boolean} inverted
 */
export function windowInWords(picture, window, inverted) {
  const isPreview = !picture.values && picture.window !== null;
  const shown = isPreview ? settingOf(/** @type {import('../types.js').WindowFacts} */ (picture.window)) : window;
  if (!shown) return '';
  const shape = shown.function === 'SIGMOID' ? [TEXTS.panes.sigmoid] : [];
  const isTurned = isPreview ? picture.window?.Invert !== picture.isInverted : inverted;
  return [TEXTS.panes.window(number(shown.center), number(shown.width)), ...shape, ...(isTurned ? [TEXTS.panes.inverted] : [])].join(' · ');
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
