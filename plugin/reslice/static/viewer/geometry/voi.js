/** From values to greys, as the server does it (PS3.3 C.11.2.1.2 and C.11.2.1.3). */

/**
 * @typedef {import('../types.js').GreyWindow} GreyWindow
 * @typedef {import('../types.js').WindowSetting} WindowSetting
 * @typedef {readonly [number, number] | null} Padding values that are no data, both included
 */

const WHITE = 255;
const VALUES = 65536;
const LOWEST = -32768;
const SAME = 1e-6;
export const OPAQUE = 0xff000000;

/**
 * Whether a window can be used: LINEAR needs a width of at least 1, the others more than 0.
 * @param {WindowSetting} window
 */
export function isValid(window) {
  const { center, width } = window;
  return Number.isFinite(center) && Number.isFinite(width) && (window.function === 'LINEAR' ? width >= 1 : width > 0);
}

/** Whether two windows make the same greys. @param {WindowSetting} a @param {WindowSetting} b */
export function areAlike(a, b) {
  const near = (/** @type {number} */ one, /** @type {number} */ other) => Math.abs(one - other) <= SAME * Math.max(1, Math.abs(one));
  return a.function === b.function && near(a.center, b.center) && near(a.width, b.width);
}

/**
 * A window for values multiplied by a factor. LINEAR's half a unit is made for whole numbers, so it becomes LINEAR_EXACT.
 * @param {WindowSetting} window @param {number} factor @returns {WindowSetting}
 */
export function scaledWindow(window, factor) {
  if (factor === 1) return window;
  const name = window.function === 'LINEAR' ? 'LINEAR_EXACT' : window.function;
  return { ...window, center: window.center * factor, width: window.width * factor, function: name };
}

/**
 * The grey (0 to 255) of a value; NaN is no data, black whatever the window.
 * @param {number} value @param {GreyWindow} window
 */
export function greyOf(value, window) {
  if (Number.isNaN(value)) return 0;
  const grey = Math.round(WHITE * partOf(value, window));
  return window.invert ? WHITE - grey : grey;
}

/** @param {number} value @param {WindowSetting} window @returns {number} 0 to 1 */
function partOf(value, { center, width, function: name }) {
  if (name === 'SIGMOID') return 1 / (1 + Math.exp((-4 * (value - center)) / width));
  const [middle, range] = name === 'LINEAR' ? [center - 0.5, width - 1] : [center, width];
  if (range <= 0) return value > middle ? 1 : 0; // a threshold (LINEAR of width 1)
  return Math.min(1, Math.max(0, (value - middle) / range + 0.5));
}

/**
 * Pixels (little-endian RGBA) of all 16-bit values, that of value v at v + 32768.
 * @param {GreyWindow} window @param {number | null} noData @param {Padding} padding
 */
export function tableOf(window, noData, padding) {
  const table = new Uint32Array(VALUES);
  for (let k = 0; k < VALUES; k += 1) table[k] = pixelOf(greyOf(k + LOWEST, window));
  if (noData !== null) table[noData - LOWEST] = OPAQUE;
  if (padding) table.fill(OPAQUE, Math.max(0, padding[0] - LOWEST), Math.min(VALUES, padding[1] - LOWEST + 1));
  return table;
}

/** @param {number} grey */
function pixelOf(grey) {
  return (OPAQUE | (grey << 16) | (grey << 8) | grey) >>> 0;
}

/**
 * Put 16-bit values through a table.
 * @param {Int16Array} values @param {Uint32Array} table @param {Uint32Array} pixels
 */
export function paintWhole(values, table, pixels) {
  for (let k = 0; k < values.length; k += 1) pixels[k] = table[values[k] - LOWEST];
}

/**
 * Put float values through a window; NaN and padding are black.
 * @param {Float32Array} values @param {GreyWindow} window @param {Padding} padding @param {Uint32Array} pixels
 */
export function paintFloat(values, window, padding, pixels) {
  const greys = new Uint32Array(WHITE + 1);
  for (let grey = 0; grey <= WHITE; grey += 1) greys[grey] = pixelOf(grey);
  const [low, high] = padding ?? [Infinity, -Infinity];
  for (let k = 0; k < values.length; k += 1) {
    const value = values[k];
    pixels[k] = value >= low && value <= high ? OPAQUE : greys[greyOf(value, window)];
  }
}

/**
 * Pixels of colours: three bytes each.
 * @param {Uint8Array} colours @param {Uint32Array} pixels
 */
export function paintColour(colours, pixels) {
  for (let k = 0; k < pixels.length; k += 1) {
    pixels[k] = (OPAQUE | (colours[3 * k + 2] << 16) | (colours[3 * k + 1] << 8) | colours[3 * k]) >>> 0;
  }
}
