/** From values to the bytes of the small volume that is looked through, and back. Pure functions. */

import { greyOf } from '../geometry/voi.js';

/**
 * @typedef {import('../types.js').Volume} Volume
 * @typedef {import('../types.js').WindowFacts} WindowFacts
 * @typedef {import('../types.js').GreyWindow} GreyWindow
 * @typedef {import('../types.js').WindowSetting} WindowSetting
 * @typedef {object} Mapping bytes 0 to 255 stand for values from `low` to `high`; 0 is no data, too
 * @property {number} low
 * @property {number} high
 */

/** Air to dense bone: steps of 12 HU, finer than any preset tells apart. */
const HOUNSFIELD = { low: -1024, high: 2000 };
const TOP = 255;
const LOWEST_PART = 0.02;
const HIGHEST_PART = 0.998;
const LEAST_HOUNSFIELD = -150; // fat and lung under everything tell nothing

/** Whether values are Hounsfield units. @param {Volume} volume */
export function isInHounsfield(volume) {
  return volume.Unit === 'HU';
}

/** What to ask for first; null: the server's automatic window tells. @param {Volume} volume @returns {Mapping | null} */
export function firstMapping(volume) {
  return isInHounsfield(volume) ? HOUNSFIELD : null;
}

/**
 * What the automatic window of an answer leads to. Uptake begins at 0, and its hottest spots are what is looked for: they lie
 * above the automatic window's end.
 * @param {WindowFacts} found @param {Volume} volume @param {string} modality @returns {Mapping}
 */
export function mappingOf(found, volume, modality) {
  const [low, high] = [found.Center - found.Width / 2, found.Center + found.Width / 2];
  if (modality !== 'PT') return { low, high };
  const hottest = rangeOf(volume)?.[1] ?? Infinity;
  return { low: 0, high: Math.min(hottest, 2 * high) };
}

/** @param {Volume} volume */
function rangeOf(volume) {
  const { Range: range } = /** @type {Volume & {Range?: readonly [number, number] | null}} */ (volume);
  return range ?? null;
}

/** The query that makes a mapping's bytes. @param {Mapping} mapping */
export function queryOf({ low, high }) {
  return { 'window-center': String((low + high) / 2), 'window-width': String(high - low), 'voi-function': 'LINEAR_EXACT' };
}

/** In another unit, so many of which are one of the stored. @param {Mapping} mapping @param {number} factor @returns {Mapping} */
export function scaled(mapping, factor) {
  return { low: mapping.low * factor, high: mapping.high * factor };
}

/** The value of a part of the bytes' range. @param {Mapping} mapping @param {number} part 0 to 1 */
export function valueOf(mapping, part) {
  return mapping.low + part * (mapping.high - mapping.low);
}

/**
 * The window of a projection's own values: nearly all of them, seen along each axis of the grid. One for all directions, so
 * that turning doesn't flicker, and of the coarsest grid, so that it is the same whoever renders.
 * @param {Uint8Array} bytes @param {readonly number[]} shape slices, rows, columns @param {Mapping} mapping @param {Volume} volume
 * @returns {WindowSetting}
 */
export function automaticWindow(bytes, shape, mapping, volume) {
  const counts = histogramOfProjections(bytes, shape);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const low = quantile(counts, total * LOWEST_PART);
  const high = Math.max(low + 1, quantile(counts, total * HIGHEST_PART));
  const [least, to] = [valueOf(mapping, low / TOP), valueOf(mapping, high / TOP)];
  const from = isInHounsfield(volume) && to > 0 ? Math.max(LEAST_HOUNSFIELD, least) : least;
  return { center: (from + to) / 2, width: to - from, function: 'LINEAR_EXACT' };
}

/** @param {Uint8Array} bytes @param {readonly number[]} shape */
function histogramOfProjections(bytes, [slices, rows, columns]) {
  const highest = [new Uint8Array(rows * columns), new Uint8Array(slices * columns), new Uint8Array(slices * rows)];
  let place = 0;
  for (let s = 0; s < slices; s += 1) {
    for (let r = 0; r < rows; r += 1) {
      for (let c = 0; c < columns; c += 1, place += 1) {
        const byte = bytes[place];
        if (byte > highest[0][r * columns + c]) highest[0][r * columns + c] = byte;
        if (byte > highest[1][s * columns + c]) highest[1][s * columns + c] = byte;
        if (byte > highest[2][s * rows + r]) highest[2][s * rows + r] = byte;
      }
    }
  }
  const counts = new Array(TOP + 1).fill(0);
  for (const projection of highest) projection.forEach((byte) => { counts[byte] += 1; });
  counts[0] = 0; // no data
  return counts;
}

/** The byte below which so many lie. @param {readonly number[]} counts @param {number} many */
function quantile(counts, many) {
  let sum = 0;
  const found = counts.findIndex((count) => (sum += count) > many);
  return found < 0 ? TOP : found;
}

/**
 * Greys (0 to 1) of entries evenly spread over the bytes' range.
 * @param {GreyWindow} window @param {Mapping} mapping @param {number} entries
 */
export function greysOf(window, mapping, entries) {
  return Float32Array.from({ length: entries }, (_, k) => greyOf(valueOf(mapping, k / (entries - 1)), window) / TOP);
}
